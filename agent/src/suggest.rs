//! "Did you mean": names near a name that is not there.

/// The most names suggested at once.
const MOST: usize = 3;

/// Names among `candidates` that `word` may have meant, nearest first.
pub fn near<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let lower = word.to_lowercase();
    let mut scored: Vec<(f64, &str)> = candidates
        .into_iter()
        .map(|candidate| {
            let other = candidate.to_lowercase();
            let mut score = strsim::jaro_winkler(&lower, &other);
            if other.len() > 2 && lower.len() > 2 && (other.contains(&lower) || lower.contains(&other)) {
                score = score.max(0.9);
            }
            (score, candidate)
        })
        .filter(|(score, _)| *score >= 0.8)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    scored.dedup_by(|a, b| a.1 == b.1);
    let best = scored.first().map_or(0.0, |(score, _)| *score);
    scored.retain(|(score, _)| *score >= best - 0.05);
    scored.truncate(MOST);
    scored.into_iter().map(|(_, name)| name).collect()
}

/// "did you mean `age`?", or nothing when no name is near.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let names = near(word, candidates);
    (!names.is_empty()).then(|| format!("did you mean {}?", alternatives(&names)))
}

/// "`a`", "`a` or `b`", "`a`, `b` or `c`".
pub fn alternatives(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised() {
        assert_eq!(near("agee", ["income", "age", "region"]), ["age"]);
        assert_eq!(near("evidentley", ["default", "psi", "evidently", "strict"]), ["evidently"]);
        assert!(near("zebra", ["income", "age"]).is_empty());
    }

    #[test]
    fn alternatives_read_as_a_sentence() {
        assert_eq!(alternatives(&["a"]), "`a`");
        assert_eq!(alternatives(&["a", "b", "c"]), "`a`, `b` or `c`");
        assert_eq!(did_you_mean("x", []), None);
    }
}
