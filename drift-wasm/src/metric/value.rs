//! What a metric answers.

use serde::{Deserialize, Serialize};

/// One metric of one column. A *distance* grows with drift, a *p-value* shrinks: the field's name says which it is.
///
/// A number that is not defined is absent, and `undefined` says why; NaN and infinities never occur.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// How far apart the two sides are, 0 for no difference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance: Option<f64>,
    /// A test statistic that is no distance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistic: Option<f64>,
    /// Probability of at least this much difference when nothing changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p_value: Option<f64>,
    /// Degrees of freedom of the test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub degrees_of_freedom: Option<f64>,
    /// Certified half-width of `distance` when it was computed from a compacted sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub half_width: Option<f64>,
    /// What else to know: the branch taken, the category that causes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Why a number is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undefined: Option<String>,
}

impl Metric {
    /// A distance; not finite becomes undefined.
    pub fn distance(distance: f64) -> Self {
        Self { distance: Some(distance), ..Self::default() }.checked()
    }

    /// A test with a distance as its statistic.
    pub fn distance_test(distance: f64, p_value: f64) -> Self {
        Self { distance: Some(distance), p_value: Some(p_value), ..Self::default() }.checked()
    }

    /// A test with a statistic that is no distance.
    pub fn test(statistic: f64, p_value: f64) -> Self {
        Self { statistic: Some(statistic), p_value: Some(p_value), ..Self::default() }.checked()
    }

    /// No number, and why.
    pub fn undefined(reason: impl Into<String>) -> Self {
        Self { undefined: Some(reason.into()), ..Self::default() }
    }

    /// Adds the degrees of freedom.
    #[must_use]
    pub fn with_degrees_of_freedom(mut self, degrees_of_freedom: f64) -> Self {
        self.degrees_of_freedom = Some(degrees_of_freedom);
        self.checked()
    }

    /// Adds a certified half-width; 0 is left out.
    #[must_use]
    pub fn with_half_width(mut self, half_width: f64) -> Self {
        self.half_width = (half_width > 0.0).then_some(half_width);
        self.checked()
    }

    /// Adds a detail.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    fn checked(mut self) -> Self {
        let overflow = |value: Option<f64>| value.is_some_and(|value| !value.is_finite());
        let fields = [self.distance, self.statistic, self.p_value, self.degrees_of_freedom, self.half_width];
        if fields.into_iter().any(overflow) {
            for field in [
                &mut self.distance,
                &mut self.statistic,
                &mut self.p_value,
                &mut self.degrees_of_freedom,
                &mut self.half_width,
            ] {
                if overflow(*field) {
                    *field = None;
                }
            }
            self.undefined = Some("the number exceeds the range of a double".to_owned());
        }
        self.p_value = self.p_value.map(|p| p.clamp(0.0, 1.0));
        self
    }
}
