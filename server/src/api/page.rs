//! Lists that come in pages.

use std::str::FromStr;

use drift::wire::Page;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    limits,
    problem::{ApiError, ApiResult},
};

/// Which page of a list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Entries on the page, 50 when left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u64>,
    /// `next_cursor` of the page before.
    #[param(min_length = 1)]
    cursor: Option<String>,
}

impl PageQuery {
    /// Where the page begins, and how many entries it has.
    pub fn read<T: FromStr>(&self) -> ApiResult<(Option<T>, u64)> {
        let limit = self.limit();
        if !(1..=limits::LONGEST_PAGE).contains(&limit) {
            let detail = format!("a page has 1 to {} entries", limits::LONGEST_PAGE);
            return Err(ApiError::field("/limit", detail));
        }
        let refuse = || ApiError::field("/cursor", "not a cursor of this list");
        let cursor = match self.cursor.as_deref() {
            // Names are cursors of some lists, and no name is empty.
            Some("") => return Err(refuse()),
            cursor => cursor.map(str::parse).transpose().map_err(|_| refuse())?,
        };
        Ok((cursor, limit))
    }

    fn limit(&self) -> u64 {
        self.limit.unwrap_or(limits::PAGE)
    }

    /// The page made of one entry more than it shows, if there are so many.
    pub fn page<E, B>(&self, mut entries: Vec<E>, cursor: impl Fn(&E) -> String, body: impl Fn(E) -> B) -> Page<B> {
        let n = usize::try_from(self.limit()).unwrap_or(usize::MAX);
        let has_more = entries.len() > n;
        entries.truncate(n);
        let next_cursor = entries.last().filter(|_| has_more).map(cursor);
        Page { data: entries.into_iter().map(body).collect(), next_cursor }
    }
}
