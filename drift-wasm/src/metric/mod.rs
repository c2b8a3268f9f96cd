//! Metrics: one file a measure, with its formula, limits and source.
//!
//! [`numeric`] and [`categorical`] give a column's metrics by name, [`MetricId::doc`] what each of them means.

mod anderson_darling;
mod calibrated;
mod chance;
mod chi_square;
mod cramer_von_mises;
mod divergence;
mod docs;
mod ecdf;
mod epps_singleton;
pub mod evidently;
mod fisher;
mod id;
mod kolmogorov;
mod ks;
mod mann_whitney;
mod proportion;
mod repeats;
mod set;
pub mod special;
mod t_test;
mod unseen;
mod value;

pub use anderson_darling::anderson_darling;
pub use calibrated::chi_square_calibrated;
pub use chance::{beyond_chance, n_common, sampling_error};
pub use chi_square::{chi_square, chi_square_yates, cramers_v, g_test};
pub use cramer_von_mises::{cramer_von_mises, cramer_von_mises_series};
pub use divergence::{hellinger, jensen_shannon, l_infinity, psi, psi_textbook, total_variation};
pub use docs::{Direction, MetricDoc, MetricKind, Range, all as docs, doc};
pub use ecdf::{
    EcdfDistances, ecdf_distances, energy_distance, wasserstein, wasserstein_of, wasserstein_scaled,
    wasserstein_scaled_of,
};
pub use epps_singleton::epps_singleton;
pub use fisher::fisher_exact;
pub use id::MetricId;
pub use ks::{ks, ks_asymptotic, ks_of, ks_p_asymptotic};
pub use mann_whitney::{mann_whitney, mann_whitney_asymptotic};
pub use proportion::{two_proportion, two_proportion_z};
pub use repeats::{Frequencies, duplicate_share, duplicate_share_estimated};
pub use set::{Metrics, categorical, numeric, numeric_of, psi_textbook_numeric};
pub use t_test::{student_t, welch_t};
pub use unseen::{Unseen, unseen_share};
pub use value::Metric;

/// Why nothing can be computed when a side is empty.
fn empty_reason(is_reference: bool) -> &'static str {
    if is_reference { "the reference side has no value" } else { "the current side has no value" }
}
