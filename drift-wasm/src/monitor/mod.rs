//! Monitoring: what is unusual for this stream, window after window, and when that opens an alert.
//!
//! Each closed window of a dataset is compared with a reference made of earlier windows, which gives one [`Effect`] per
//! column and [`Channel`]. [`History::fold`] takes these effects in the order of the windows and says for each how far
//! it lies outside what this channel usually does (`z`), how much smaller excesses have added up (`evidence`), and
//! whether that crosses a line which the dataset's own past would cross about once in a given number of windows.
//!
//! Everything here is a function of values: the same effects in the same order give the same [`Judgement`]s, whether
//! they come live, replayed from a file, or folded again after rows arrived late. Sums run in stored order; logarithms
//! and exponentials come from `libm`, so a server and a browser agree to the last bit.
//!
//! ```
//! use drift::monitor::{Cadence, Channel, Effect, History, Rule, WindowEffects};
//!
//! let rule = Rule::new(Cadence::Day);
//! let mut history = History::default();
//! for day in 0..40_i64 {
//!     // The null share of `age` jumps on the last day.
//!     let effect = if day == 39 { 0.9 } else { 0.01 };
//!     let window = WindowEffects::new(day * 86_400).column("age", [(Channel::Null, Effect::new(effect, day == 39))]);
//!     let judged = history.fold(&window, &rule);
//!     assert_eq!(judged.opened.len(), usize::from(day == 39));
//! }
//! ```

mod cadence;
mod channel;
mod history;
mod judgement;
mod limit;
mod reference;
mod rule;

pub use cadence::{Cadence, Constants};
pub use channel::{Channel, Effect, WindowEffects};
pub use history::History;
pub use judgement::{ChannelJudgement, ColumnJudgement, Judgement, Opened, OpenedBy, Resolved, ResolvedReason, Usual};
pub use limit::{Level, Line};
pub use reference::{JoinedWindow, choose_reference};
pub use rule::{AlertsPer1000Windows, ColumnRule, Rule, RuleError};
