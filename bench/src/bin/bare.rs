//! The limit of `cargo xtask bench ingest`: a handler that parses the rows of a request into counts, and does nothing
//! else. No key, no limit, no profile, no disk.
//!
//! `/visitor` counts while serde reads, without building anything; `/tree` builds each row as a `serde_json::Map`
//! first, as handlers usually do.

use std::{borrow::Cow, collections::HashMap, fmt};

use axum::{Json, Router, body::Bytes, extract::DefaultBodyLimit, http::StatusCode, routing::post};
use serde::{
    Serialize,
    de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};
use tokio::net::TcpListener;

/// Cells of one column by kind.
#[derive(Clone, Copy, Default, Serialize)]
struct Counts {
    n_nulls: u64,
    n_booleans: u64,
    n_numbers: u64,
    n_texts: u64,
    n_others: u64,
}

#[derive(Default, Serialize)]
struct Answer {
    n_rows: u64,
    columns: HashMap<String, Counts>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let router = Router::new()
        .route("/visitor", post(|body: Bytes| async move { count(&body, with_visitor) }))
        .route("/tree", post(|body: Bytes| async move { count(&body, with_tree) }))
        .layer(DefaultBodyLimit::disable());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, router).await?)
}

type Count = fn(&[u8], &mut HashMap<String, Counts>) -> serde_json::Result<()>;

fn count(body: &[u8], row: Count) -> Result<Json<Answer>, (StatusCode, String)> {
    let mut answer = Answer::default();
    for line in body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        row(line, &mut answer.columns).map_err(|error| (StatusCode::UNPROCESSABLE_ENTITY, error.to_string()))?;
        answer.n_rows += 1;
    }
    Ok(Json(answer))
}

fn with_tree(line: &[u8], columns: &mut HashMap<String, Counts>) -> serde_json::Result<()> {
    let row: Map<String, Value> = serde_json::from_slice(line)?;
    for (name, value) in row {
        let counts = columns.entry(name).or_default();
        match value {
            Value::Null => counts.n_nulls += 1,
            Value::Bool(_) => counts.n_booleans += 1,
            Value::Number(_) => counts.n_numbers += 1,
            Value::String(_) => counts.n_texts += 1,
            Value::Array(_) | Value::Object(_) => counts.n_others += 1,
        }
    }
    Ok(())
}

fn with_visitor(line: &[u8], columns: &mut HashMap<String, Counts>) -> serde_json::Result<()> {
    let mut reader = serde_json::Deserializer::from_slice(line);
    reader.deserialize_map(Row(columns))?;
    reader.end()
}

struct Row<'a>(&'a mut HashMap<String, Counts>);

impl<'de> Visitor<'de> for Row<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Name(name)) = map.next_key()? {
            if let Some(counts) = self.0.get_mut(&*name) {
                map.next_value_seed(Cell(counts))?;
            } else {
                let mut counts = Counts::default();
                map.next_value_seed(Cell(&mut counts))?;
                self.0.insert(name.into_owned(), counts);
            }
        }
        Ok(())
    }
}

/// A name, borrowed where it has no escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrowing;

        impl<'de> Visitor<'de> for Borrowing {
            type Value = Cow<'de, str>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(text))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Cow::Owned(text.to_owned()))
            }
        }

        deserializer.deserialize_str(Borrowing).map(Name)
    }
}

struct Cell<'a>(&'a mut Counts);

impl<'de> DeserializeSeed<'de> for Cell<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Cell<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.0.n_nulls += 1;
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        self.0.n_booleans += 1;
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.0.n_numbers += 1;
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        self.0.n_numbers += 1;
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        self.0.n_numbers += 1;
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        self.0.n_texts += 1;
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        self.0.n_others += 1;
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        self.0.n_others += 1;
        Ok(())
    }
}
