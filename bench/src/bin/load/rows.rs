//! Made-up rows of 20 columns: 12 numeric, 6 of labels, one of truth values, one of times; nulls in some.

use std::fmt::Write;

use jiff::{Timestamp, Unit};
use rand_distr::{Distribution, Exp, LogNormal, Normal, Poisson, StudentT, Uniform, Zipf};
use rand_pcg::{Pcg64Mcg, rand_core::SeedableRng};

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Csv,
    Ndjson,
}

/// The columns, with their types in PostgreSQL.
pub const COLUMNS: [(&str, &str); 20] = [
    ("normal", "double precision"),
    ("shifted", "double precision"),
    ("price", "double precision"),
    ("exponential", "double precision"),
    ("uniform", "double precision"),
    ("gamma", "double precision"),
    ("two_modes", "double precision"),
    ("heavy_tails", "double precision"),
    ("count", "bigint"),
    ("wide_integer", "bigint"),
    ("often_null", "double precision"),
    ("often_zero", "double precision"),
    ("two_labels", "text"),
    ("five_labels", "text"),
    ("quoted_labels", "text"),
    ("hundreds_of_labels", "text"),
    ("thousands_of_labels", "text"),
    ("many_labels", "text"),
    ("flag", "boolean"),
    ("time", "timestamptz"),
];

/// Rows that are the same for the same seed, but for their times.
pub struct Rows {
    random: Pcg64Mcg,
    now: Timestamp,
}

enum Value {
    Null,
    Bare(String),
    Text(String),
}

impl Rows {
    /// Rows of the hour before `now`.
    pub fn new(seed: u64, now: Timestamp) -> Self {
        Self { random: Pcg64Mcg::seed_from_u64(seed), now }
    }

    /// `n` rows as the body of a request: CSV with its header, or one object a line.
    pub fn text(&mut self, format: Format, n: usize) -> String {
        let mut text = String::new();
        if format == Format::Csv {
            text += &COLUMNS.map(|(name, _)| name).join(",");
            text.push('\n');
        }
        for _ in 0..n {
            let row = self.row();
            match format {
                Format::Csv => csv(&mut text, &row),
                Format::Ndjson => ndjson(&mut text, &row),
            }
            text.push('\n');
        }
        text
    }

    fn draw<T>(&mut self, from: &impl Distribution<T>) -> T {
        from.sample(&mut self.random)
    }

    fn share(&mut self) -> f64 {
        self.draw(&rand_distr::StandardUniform)
    }

    fn row(&mut self) -> [Value; 20] {
        let sound = "constant parameters that the distribution takes";
        let number = |value: f64, decimals: usize| Value::Bare(format!("{value:.decimals$}"));
        let normal = |mean, deviation| Normal::new(mean, deviation).expect(sound);
        let mode = if self.share() < 0.3 { normal(6.0, 0.7) } else { normal(-1.0, 1.2) };
        let spend = if self.share() < 0.6 { 0.0 } else { self.draw(&Exp::new(0.04).expect(sound)) };
        let label = |n: f64, what: &str| Value::Text(format!("{what}{n:05}"));
        let ago = jiff::SignedDuration::from_secs_f64(self.share() * 3600.0);
        let time = (self.now - ago).round(Unit::Second).unwrap_or(self.now);
        [
            number(self.draw(&normal(0.0, 1.0)), 6),
            number(self.draw(&normal(100.0, 20.0)), 4),
            number(self.draw(&LogNormal::new(3.0, 0.8).expect(sound)), 2),
            number(self.draw(&Exp::new(1.0 / 3.0).expect(sound)), 15),
            number(self.draw(&Uniform::new(-1000.0, 1000.0).expect(sound)), 3),
            number(self.draw(&rand_distr::Gamma::new(2.0, 1.5).expect(sound)), 5),
            number(self.draw(&mode), 4),
            number(self.draw(&StudentT::new(3.0).expect(sound)), 15),
            number(self.draw(&Poisson::new(4.0).expect(sound)), 0),
            number(self.share() * 1e9, 0),
            if self.share() < 0.2 { Value::Null } else { number(self.draw(&normal(50.0, 12.0)), 2) },
            if self.share() < 0.01 { Value::Null } else { number(spend, 2) },
            Value::Text(if self.share() < 0.5 { "yes" } else { "no" }.to_owned()),
            Value::Text(["bronze", "silver", "gold", "platinum", "none"][(self.share() * 5.0) as usize].to_owned()),
            Value::Text(format!("Region {:02}, North", (self.share() * 20.0) as u32)),
            if self.share() < 0.03 { Value::Null } else { label((self.share() * 200.0).floor(), "sku-") },
            label(self.draw(&Zipf::new(2_000.0, 1.1).expect(sound)), "city_"),
            label(self.draw(&Zipf::new(10_000.0, 1.1).expect(sound)), "user-agent/"),
            Value::Bare((self.share() < 0.1).to_string()),
            Value::Text(time.to_string()),
        ]
    }
}

fn csv(text: &mut String, row: &[Value]) {
    for (index, value) in row.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        match value {
            Value::Null => {}
            Value::Text(label) if label.contains(',') => write!(text, "\"{label}\"").expect("memory takes all"),
            Value::Bare(value) | Value::Text(value) => text.push_str(value),
        }
    }
}

fn ndjson(text: &mut String, row: &[Value]) {
    for (index, (value, (name, _))) in row.iter().zip(COLUMNS).enumerate() {
        text.push(if index == 0 { '{' } else { ',' });
        match value {
            Value::Null => write!(text, "\"{name}\":null"),
            Value::Bare(value) => write!(text, "\"{name}\":{value}"),
            Value::Text(label) => write!(text, "\"{name}\":\"{label}\""),
        }
        .expect("memory takes all");
    }
    text.push('}');
}
