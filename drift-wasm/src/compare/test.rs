//! A test before its verdict is known.

use crate::report::{Measure, Subject, Test};
use crate::verdict::{Verdict, severity};

/// A test whose q-value and verdict are still open.
pub(super) fn open_test(subject: Subject, metric: Measure, effect: f64, floor: f64, p_value: f64) -> Test {
    Test {
        subject,
        metric,
        effect,
        floor,
        p_value: Some(p_value),
        q_value: None,
        sampling_error: None,
        half_width: None,
        could_flip: false,
        verdict: Verdict::Stable,
        severity: severity(effect, floor),
    }
}
