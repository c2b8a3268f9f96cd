//! The receipt of a report: what it was made from.

use crate::compare::CompareOptions;
use crate::profile::Profile;
use crate::receipt::digest;
use crate::report::{Receipt, Report};

/// The receipt of a report that is complete but for it; `profiles` are the hashes of the two.
#[inline(never)]
pub(super) fn receipt(
    report: &Report,
    (reference, current): (&Profile, &Profile),
    profiles: &(String, String),
    options: &CompareOptions,
) -> Receipt {
    let mut receipt = Receipt {
        engine: env!("CARGO_PKG_VERSION").to_owned(),
        seed: 0,
        reference_input: reference.input_hash.clone(),
        current_input: current.input_hash.clone(),
        reference_profile: profiles.0.clone(),
        current_profile: profiles.1.clone(),
        options: reference.options.clone(),
        all_metrics: options.all_metrics,
        columns: options.columns.clone(),
        exclude: options.exclude.clone(),
        digest: String::new(),
    };
    let complete = Report { receipt: receipt.clone(), ..report.clone() };
    receipt.digest = digest(&complete);
    receipt
}
