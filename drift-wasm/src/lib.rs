//! The drift engine: has the data changed, how sure is it, what changed, and why.
//!
//! Rows become a [`profile::Profile`] ([`read`]), two profiles are compared into a [`report::Report`] ([`compare`]), and a
//! report is shown ([`render`]). No clock, no file, no network: callers hand in bytes and values, and the same values give
//! the same report, bit for bit, natively and in a browser.
//!
//! ```
//! use drift::compare::{CompareOptions, compare};
//! use drift::read::{ReadOptions, profile_bytes};
//! use drift::render::{Format, RenderOptions, render};
//! use drift::verdict::Verdict;
//!
//! // Rows as text, one column; any bytes of CSV, JSON or Parquet are read the same way.
//! let rows = |first: u32| (first..first + 200).fold("price\n".to_owned(), |text, price| text + &format!("{price}.5\n"));
//! let profile = |name: &str, first| profile_bytes(name, rows(first).as_bytes(), &ReadOptions::new(name));
//!
//! let reference = profile("last week", 100)?;
//! assert_eq!((reference.n_rows, reference.columns[0].name.as_str()), (200, "price"));
//!
//! let report = compare(&reference, &profile("this week", 180)?, &CompareOptions::default())?;
//! assert_eq!(report.verdict, Verdict::Drifted);
//! assert_eq!(report.sentence, "1 of 1 column drifted");
//!
//! let text = render(&report, Format::Markdown, &RenderOptions::default());
//! assert!(text.contains("price"));
//! # Ok::<(), drift::Error>(())
//! ```
//!
//! What cannot be read is refused, with what was found, what was expected and how to fix it:
//!
//! ```
//! use drift::read::{ReadOptions, profile_bytes};
//! use drift::RefusalKind;
//!
//! let refused = profile_bytes("empty.csv", b"", &ReadOptions::new("empty.csv")).expect_err("there is nothing to read");
//! assert_eq!(refused.0.kind, RefusalKind::Empty);
//! assert_eq!(refused.0.file.as_deref(), Some("empty.csv"));
//! ```
#![cfg_attr(not(target_arch = "wasm32"), warn(missing_docs))]

pub mod bins;
pub mod bounded;
mod cell;
pub mod compare;
mod encoding;
pub mod error;
pub mod explain;
pub mod finding;
pub mod format;
pub mod infer;
pub mod metric;
pub mod monitor;
pub mod options;
mod parallel;
pub mod policy;
mod power;
pub mod profile;
pub mod read;
pub mod receipt;
pub mod remark;
pub mod render;
pub mod report;
pub mod schema;
pub mod verdict;
#[allow(missing_docs, reason = "fields of the HTTP API read in its document, with their bodies")]
pub mod wire;
#[cfg(all(target_arch = "wasm32", any(feature = "reader", feature = "session")))]
pub mod worker;

pub use error::{Error, Refusal, RefusalKind, Result};
