//! What a caller decides about a comparison.

use crate::policy::Policy;

/// What to compare, and what a change must be to count.
#[derive(Debug, Clone, PartialEq)]
pub struct CompareOptions {
    /// The policy.
    pub policy: Policy,
    /// Whether to compute every metric instead of the usual ones.
    pub all_metrics: bool,
    /// Only columns whose names match one of these globs (`*`, `?`).
    pub columns: Option<Vec<String>>,
    /// No columns whose names match one of these globs.
    pub exclude: Vec<String>,
    /// Threads to use; the result does not depend on it.
    pub n_threads: usize,
}

impl Default for CompareOptions {
    fn default() -> Self {
        Self { policy: Policy::default(), all_metrics: false, columns: None, exclude: Vec::new(), n_threads: 1 }
    }
}

impl CompareOptions {
    pub(super) fn wants(&self, name: &str) -> bool {
        let matches = |globs: &[String]| globs.iter().any(|glob| matches_glob(glob.as_bytes(), name.as_bytes()));
        self.columns.as_ref().is_none_or(|globs| matches(globs)) && !matches(&self.exclude)
    }
}

/// Whether `text` matches a glob of `*` (any bytes) and `?` (one byte). Linear in the product of the lengths.
fn matches_glob(glob: &[u8], text: &[u8]) -> bool {
    let (mut g, mut t, mut star, mut mark) = (0, 0, None, 0);
    while t < text.len() {
        if g < glob.len() && (glob[g] == b'?' || glob[g] == text[t]) && glob[g] != b'*' {
            (g, t) = (g + 1, t + 1);
        } else if glob.get(g) == Some(&b'*') {
            (star, mark) = (Some(g), t);
            g += 1;
        } else if let Some(at) = star {
            mark += 1;
            (g, t) = (at + 1, mark);
        } else {
            return false;
        }
    }
    glob[g..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    #[rstest]
    #[case("*", "anything", true)]
    #[case("a*c", "abbc", true)]
    #[case("a?c", "abc", true)]
    #[case("a?c", "ac", false)]
    #[case("*_id", "user_id", true)]
    #[case("id", "user_id", false)]
    #[case("**a*b**", "xxaxxbxx", true)]
    fn globs_match_whole_names(#[case] glob: &str, #[case] name: &str, #[case] expected: bool) {
        assert_eq!(super::matches_glob(glob.as_bytes(), name.as_bytes()), expected);
    }
}
