//! Profiles: mergeable, deterministic summaries of columns.

mod block;
mod builder;
mod categories;
mod cell_reader;
mod codec;
mod column;
mod facts;
mod hll;
mod pieces;
mod quantiles;
mod respell;
mod sample;
mod shape;
mod sort;
mod table;
mod tokens;
mod values;

pub use block::{BlockBuilder, BlockProfile};
pub use builder::ColumnBuilder;
pub(crate) use builder::LISTED_FINDINGS;
pub use categories::{Categories, Contingency};
pub use cell_reader::CellReader;
pub use codec::{MAGIC, VERSION};
pub use column::{CellCounts, ColumnProfile, TypedColumn};
pub use facts::{ALPHABET, ROW_ALPHABET, TextFacts, TimeFacts, length_label};
pub use pieces::{Assembly, Ending, Piece, Pieces};
pub(crate) use respell::respell;
pub(crate) use sample::compensated_sum;
pub use sample::{Moments, Runs, Sample, pooled_runs};
pub use shape::{Shapes, shape};
pub use table::{Profile, ProfileBuilder};
pub(crate) use tokens::Tokens;
