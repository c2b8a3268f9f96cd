//! What is simulated: which columns, how many rows, what change, how often.

use crate::population::{Change, Family};

/// Pairs of population and change whose power is measured.
pub const CHANGES: &[(Family, Change)] = &[
    (Family::Normal, Change::Shift),
    (Family::Normal, Change::Scale),
    (Family::Normal, Change::Shape),
    (Family::Normal, Change::Tail),
    (Family::Heavy, Change::Shift),
    (Family::Heavy, Change::Tail),
    (Family::Counts, Change::Shift),
    (Family::Nulls, Change::Shift),
    (Family::Nulls, Change::NullSurge),
    (Family::Boolean, Change::Mix),
    (Family::FewLabels, Change::Mix),
    (Family::FewLabels, Change::NewLabel),
    (Family::ManyLabels, Change::Mix),
];

/// True effects, in floors.
pub const EFFECTS: [f64; 5] = [0.5, 1.0, 1.5, 2.0, 3.0];
/// From this effect on, in floors, a change must be found as often as the best honest peer finds it.
pub const MUST_BE_FOUND: f64 = 1.5;

/// The columns of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Columns {
    /// One column.
    One(Family),
    /// Ten normal columns.
    TenNormal,
    /// Twenty columns of all families.
    TwentyMixed,
}

impl Columns {
    /// The family of each column.
    pub fn families(self) -> Vec<Family> {
        match self {
            Self::One(family) => vec![family],
            Self::TenNormal => vec![Family::Normal; 10],
            Self::TwentyMixed => Family::ALL.iter().copied().cycle().take(20).collect(),
        }
    }

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::One(family) => family.name(),
            Self::TenNormal => "10 columns, normal",
            Self::TwentyMixed => "20 columns, mixed",
        }
    }
}

/// One cell of a table: a comparison that is made many times.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scenario {
    /// The columns.
    pub columns: Columns,
    /// The change, with its true effect in floors; `None` for unchanged data.
    pub change: Option<(Change, f64)>,
    /// Rows of the reference.
    pub n_reference: usize,
    /// Rows of the current side.
    pub n_current: usize,
    /// Comparisons.
    pub n_repeats: u64,
}

impl Scenario {
    /// The same, `times` as often.
    pub fn repeated(self, times: u64) -> Self {
        Self { n_repeats: self.n_repeats * times, ..self }
    }
}

/// Unchanged data, then changed data.
pub fn all(is_quick: bool) -> Vec<Scenario> {
    let mut all = unchanged(is_quick);
    all.extend(changed(is_quick));
    all
}

/// Rows of reference and current, and how often one column can be compared at that size.
fn sizes(is_quick: bool) -> Vec<(usize, usize, u64)> {
    let equal: &[(usize, u64)] = if is_quick {
        &[(30, 800), (100, 800), (200, 800), (300, 800), (1000, 800), (3000, 400), (10_000, 100)]
    } else {
        &[
            (30, 2500),
            (100, 2500),
            (200, 2500),
            (300, 2500),
            (1000, 2000),
            (3000, 1000),
            (10_000, 300),
            (100_000, 100),
            (1_000_000, 200),
        ]
    };
    let mut sizes: Vec<(usize, usize, u64)> = equal.iter().map(|(n, repeats)| (*n, *n, *repeats)).collect();
    // A large reference and a small batch, and the other way round.
    sizes.extend(equal.iter().filter(|(n, _)| *n >= 300).map(|(n, repeats)| (*n, n / 10, *repeats)));
    sizes.extend(equal.iter().filter(|(n, _)| (300..=10_000).contains(n)).map(|(n, repeats)| (n / 10, *n, *repeats)));
    sizes
}

fn unchanged(is_quick: bool) -> Vec<Scenario> {
    let mut scenarios = Vec::new();
    let mut add = |columns: Columns, (n_reference, n_current, n_repeats): (usize, usize, u64)| {
        scenarios.push(Scenario { columns, change: None, n_reference, n_current, n_repeats });
    };
    for size in sizes(is_quick) {
        let (n, m, repeats) = size;
        let is_huge = n.max(m) >= 1_000_000;
        for family in Family::ALL {
            // At a million rows one family of each kind says it all.
            let is_kept = matches!(family, Family::Normal | Family::Counts | Family::FewLabels | Family::ManyLabels);
            if is_kept || !is_huge {
                add(Columns::One(family), size);
            }
        }
        if !is_huge {
            // From about 1,000 rows on the floor leaves no false alarm to count.
            let repeats = if n.min(m) <= 300 { repeats } else { (repeats / 4).max(100) };
            add(Columns::TenNormal, (n, m, repeats));
            add(Columns::TwentyMixed, (n, m, repeats));
        }
    }
    scenarios
}

fn changed(is_quick: bool) -> Vec<Scenario> {
    let mut scenarios = Vec::new();
    for (n_reference, n_current, _) in sizes(is_quick) {
        if n_reference.max(n_current) > 100_000 || n_reference < n_current {
            continue;
        }
        for (family, change) in CHANGES {
            for effect in EFFECTS {
                let n_repeats = match n_reference {
                    ..=1000 => 300,
                    1001..=10_000 => 100,
                    _ if effect > MUST_BE_FOUND => continue,
                    _ => 40,
                };
                scenarios.push(Scenario {
                    columns: Columns::One(*family),
                    change: Some((*change, effect)),
                    n_reference,
                    n_current,
                    n_repeats: if is_quick { (n_repeats / 5).max(20) } else { n_repeats },
                });
            }
        }
    }
    scenarios
}
