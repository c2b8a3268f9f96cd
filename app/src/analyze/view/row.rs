//! One column as its row shows it.

use drift::{
    format::{number, p_value, percent},
    policy::Method,
    report::Subject,
    schema::ColumnType,
    verdict::Verdict,
};
use serde::Deserialize;

/// The part of a column's report that its row needs.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Row {
    /// Column name.
    pub name: String,
    /// Position in the reference.
    pub index: usize,
    /// Type it was compared as.
    pub r#type: ColumnType,
    /// Its verdict.
    pub verdict: Verdict,
    /// 0–1, 0.5 is the floor; absent when not judged.
    #[serde(default)]
    pub severity: Option<f64>,
    /// A few words for a table cell.
    pub what_changed: String,
    /// The tests behind the verdict.
    pub tests: Vec<Test>,
    /// What it was held to.
    pub policy: Rule,
    /// What Evidently says of it.
    #[serde(default)]
    pub evidently: Option<Evidently>,
    /// Rows and nulls of the reference.
    pub reference: Nulls,
    /// Rows and nulls of current.
    pub current: Nulls,
}

/// A test behind a verdict.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Test {
    /// What it looked at.
    pub subject: Subject,
    /// The metric behind it.
    pub metric: String,
    /// The change, in the metric's unit.
    pub effect: f64,
    /// What the effect is held to.
    pub floor: f64,
    /// Absent when the rule is a bare threshold.
    #[serde(default)]
    pub p_value: Option<f64>,
    /// Its own verdict.
    pub verdict: Verdict,
    /// 0–1, 0.5 is the floor.
    pub severity: f64,
}

/// What a column was held to.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Rule {
    /// How its values are compared.
    pub method: Method,
}

/// What Evidently's preset says of a column.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Evidently {
    /// Distance or p-value.
    #[serde(default)]
    pub score: Option<f64>,
    /// What the score is held to.
    #[serde(default)]
    pub threshold: Option<f64>,
}

/// How many rows of one side are null.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Nulls {
    /// Rows.
    pub n_rows: u64,
    /// Nulls among them.
    pub n_null: u64,
}

impl Nulls {
    /// Share of nulls, 0–1.
    pub fn share(self) -> f64 {
        if self.n_rows == 0 { 0.0 } else { self.n_null as f64 / self.n_rows as f64 }
    }
}

/// An effect as a row shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// Short name of what was measured: `D`, `nulls`.
    pub name: String,
    /// Its value in words.
    pub value: String,
    /// What it is held to, in words.
    pub floor: String,
    /// Value over floor.
    pub times: f64,
}

impl Row {
    /// The test that made the verdict: the most severe of those that say the same.
    pub fn deciding(&self) -> Option<&Test> {
        let agrees = |test: &Test| test.verdict == self.verdict;
        self.tests.iter().max_by(|a, b| agrees(a).cmp(&agrees(b)).then(a.severity.total_cmp(&b.severity)))
    }

    /// The effect behind the verdict; absent when the column was not judged.
    pub fn effect(&self) -> Option<Effect> {
        let test = self.deciding().filter(|_| self.severity.is_some())?;
        let times = if test.floor > 0.0 { test.effect / test.floor } else { f64::INFINITY };
        if let Some((score, threshold)) = self.evidently_score(test) {
            let is_p_value = test.metric.ends_with("p_value");
            return Some(Effect {
                name: test.metric.replace(" p_value", " p").replace(" (normed)", "").replace(" distance", ""),
                value: if is_p_value { p_value(score) } else { decimals(score) },
                floor: number(threshold),
                times,
            });
        }
        let is_share = test.subject != Subject::Values;
        Some(Effect {
            name: short(&test.metric).to_owned(),
            value: if is_share { percent(test.effect) } else { decimals(test.effect) },
            floor: if is_share { percent(test.floor) } else { number(test.floor) },
            times,
        })
    }

    fn evidently_score(&self, test: &Test) -> Option<(f64, f64)> {
        let said = self.evidently.as_ref().filter(|_| self.policy.method == Method::Evidently)?;
        (test.subject == Subject::Values).then(|| said.score.zip(said.threshold)).flatten()
    }

    /// Whether the change of nulls alone is drift.
    pub fn nulls_drifted(&self) -> bool {
        self.tests.iter().any(|test| test.subject == Subject::Nulls && test.verdict == Verdict::Drifted)
    }

    /// What it can be seen as instead; the engine says no where it cannot.
    pub fn glyph(&self) -> &'static str {
        match self.r#type {
            ColumnType::Numeric => "#",
            ColumnType::Categorical => "A",
            ColumnType::Boolean => "B",
            ColumnType::Datetime => "T",
            ColumnType::Text => "¶",
            ColumnType::Id => "@",
            ColumnType::Empty => "∅",
        }
    }
}

fn decimals(value: f64) -> String {
    if value < 10.0 { format!("{value:.3}") } else { number(value) }
}

fn short(metric: &str) -> &str {
    match metric {
        "ks" => "D",
        "total_variation" => "TVD",
        "psi" => "PSI",
        "hour_mix" => "hours",
        "length_mix" => "length",
        "null_share" => "nulls",
        "invalid_share" => "invalid",
        "unseen_share" => "unseen",
        "infinite_share" => "infinite",
        other => other,
    }
}
