//! Laying settings over each other: flags > environment > project file > user file > defaults.

use drift::policy::{ColumnOverride, Policy};
use drift::read::ParseOptions;
use drift::schema::ColumnHint;
use drift::verdict::Verdict;

use crate::config::file::{ColumnSection, ConfigFile, FailOn, InputSection, OutputSection, PolicySection, TypeSection};
use crate::flags::PolicyFlags;

/// What one layer lacks is taken from the layer below it.
pub trait Over {
    /// `self`, completed by `below`.
    #[must_use]
    fn over(self, below: Self) -> Self;
}

/// Completes every field from the layer below.
macro_rules! fields_over {
    ($name:ident: $($field:ident),+ $(,)?) => {
        impl Over for $name {
            fn over(self, below: Self) -> Self {
                Self { $($field: self.$field.or(below.$field)),+ }
            }
        }
    };
}

fields_over!(PolicySection: preset, alpha, min_rows, fail_on, missing, dataset, method, floor, floor_nulls, floor_invalid,
    floor_unseen, warning_from);
fields_over!(TypeSection: method, floor, floor_nulls, floor_invalid, floor_unseen, warning_from, weight, critical);
fields_over!(ColumnSection: r#type, role, method, floor, floor_nulls, floor_invalid, floor_unseen, warning_from,
    weight, critical);
fields_over!(InputSection: exact_limit, strict, format);
fields_over!(OutputSection: format, color);
fields_over!(ParseOptions: encoding, delimiter, quote, header, skip_lines, header_line, comment, max_unreadable_rows,
    max_invalid_cells, rename, null_markers, decimal, thousands, trim_numeric, ragged,
    time_format, numeric_coerce);

impl<K: Ord, V: Over + Default> Over for std::collections::BTreeMap<K, V> {
    fn over(mut self, below: Self) -> Self {
        for (key, value) in below {
            let mine = self.remove(&key).unwrap_or_default();
            self.insert(key, mine.over(value));
        }
        self
    }
}

impl Over for ConfigFile {
    fn over(self, below: Self) -> Self {
        Self {
            policy: self.policy.over(below.policy),
            types: self.types.over(below.types),
            columns: self.columns.over(below.columns),
            parse: self.parse.over(below.parse),
            input: self.input.over(below.input),
            output: self.output.over(below.output),
        }
    }
}

/// The policy that flags laid over configuration give.
pub fn policy(flags: &PolicyFlags, config: &ConfigFile) -> Policy {
    let section = &config.policy;
    let mut policy = Policy::preset(flags.policy.or(section.preset).unwrap_or_default());
    if let Some(alpha) = flags.alpha.or(section.alpha.map(|rate| rate.0)) {
        policy.alpha = alpha;
    }
    if let Some(min_rows) = flags.min_rows.or(section.min_rows) {
        policy.min_rows = min_rows;
    }
    if let Some(rule) = section.dataset {
        policy.dataset = rule;
    }
    if let Some(fail_on) = flags.fail_on.or(section.fail_on) {
        policy.fail_on = match fail_on {
            FailOn::Drifted => Some(Verdict::Drifted),
            FailOn::Warning => Some(Verdict::Warning),
            FailOn::NotCompared => Some(Verdict::NotCompared),
            FailOn::Never => None,
        };
    }
    if let Some(missing) = flags.missing.or(section.missing) {
        policy.missing = missing;
    }
    policy.all = ColumnOverride {
        method: section.method,
        floor: section.floor.map(|floor| floor.0),
        floor_nulls: section.floor_nulls.map(|floor| floor.0),
        floor_invalid: section.floor_invalid.map(|floor| floor.0),
        floor_unseen: section.floor_unseen.map(|floor| floor.0),
        warning_from: section.warning_from.map(|part| part.0),
        weight: None,
        critical: None,
    };
    policy.types = config.types.iter().map(|(kind, section)| (*kind, type_override(section))).collect();
    for (name, section) in &config.columns {
        let over = column_override(section);
        if over != ColumnOverride::default() {
            policy.columns.insert(name.clone(), over);
        }
    }
    for (column, floor) in &flags.floors {
        match column {
            None => policy.all.floor = Some(*floor),
            Some(column) => policy.columns.entry(column.clone()).or_default().floor = Some(*floor),
        }
    }
    for column in &flags.critical {
        policy.columns.entry(column.clone()).or_default().critical = Some(true);
    }
    for (column, weight) in &flags.weights {
        policy.columns.entry(column.clone()).or_default().weight = Some(*weight);
    }
    policy
}

/// What configuration says of columns' types and roles.
pub fn hints(config: &ConfigFile) -> Vec<ColumnHint> {
    let told = config.columns.iter().filter(|(_, section)| section.r#type.is_some() || section.role.is_some());
    told.map(|(name, section)| ColumnHint {
        name: name.clone(),
        index: None,
        r#type: section.r#type,
        role: section.role,
    })
    .collect()
}

/// Hints of an upper layer over those of a lower one, joined by name and position.
pub fn hints_over(upper: Vec<ColumnHint>, mut lower: Vec<ColumnHint>) -> Vec<ColumnHint> {
    for hint in upper {
        let mut is_known = false;
        let same = |known: &&mut ColumnHint| {
            known.name == hint.name && (hint.index.is_none() || known.index.is_none() || known.index == hint.index)
        };
        for known in lower.iter_mut().filter(same) {
            is_known = true;
            known.index = known.index.or(hint.index);
            known.r#type = hint.r#type.or(known.r#type);
            known.role = hint.role.or(known.role);
        }
        if !is_known {
            lower.push(hint);
        }
    }
    lower
}

fn type_override(section: &TypeSection) -> ColumnOverride {
    ColumnOverride {
        method: section.method,
        floor: section.floor.map(|floor| floor.0),
        floor_nulls: section.floor_nulls.map(|floor| floor.0),
        floor_invalid: section.floor_invalid.map(|floor| floor.0),
        floor_unseen: section.floor_unseen.map(|floor| floor.0),
        warning_from: section.warning_from.map(|part| part.0),
        weight: section.weight.map(|weight| weight.0),
        critical: section.critical,
    }
}

fn column_override(section: &ColumnSection) -> ColumnOverride {
    ColumnOverride {
        method: section.method,
        floor: section.floor.map(|floor| floor.0),
        floor_nulls: section.floor_nulls.map(|floor| floor.0),
        floor_invalid: section.floor_invalid.map(|floor| floor.0),
        floor_unseen: section.floor_unseen.map(|floor| floor.0),
        warning_from: section.warning_from.map(|part| part.0),
        weight: section.weight.map(|weight| weight.0),
        critical: section.critical,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use drift::policy::{DatasetRule, Preset};
    use drift::schema::{ColumnType, Role};

    fn file(text: &str) -> ConfigFile {
        toml::from_str(text).expect("the test's own file is valid")
    }

    #[test]
    fn an_upper_file_wins_key_by_key() {
        let project = file("[policy]\nalpha = 0.01\n[columns.age]\nfloor = 0.2\n[parse]\ndecimal = ','");
        let user = file(
            "[policy]\nalpha = 0.1\nmin_rows = 7\n[columns.age]\nfloor = 0.9\nrole = 'target'\n[output]\ncolor = 'never'",
        );
        let policy = policy(&PolicyFlags::default(), &project.clone().over(user.clone()));
        assert_eq!((policy.alpha, policy.min_rows), (0.01, 7));
        assert_eq!(policy.columns["age"].floor, Some(0.2));
        let both = project.over(user);
        assert_eq!(both.columns["age"].role, Some(Role::Target));
        assert_eq!(both.parse.decimal, Some(','));
    }

    #[test]
    fn flags_win_over_files() {
        let config =
            file("[policy]\npreset = 'psi'\nalpha = 0.2\nfail_on = 'never'\nfloor = 0.3\n[columns.a]\nweight = 2");
        let flags = PolicyFlags {
            policy: Some(Preset::Strict),
            alpha: Some(0.01),
            fail_on: Some(FailOn::Warning),
            floors: vec![(None, 0.15), (Some("a".into()), 0.5)],
            critical: vec!["b".into()],
            ..PolicyFlags::default()
        };
        let policy = policy(&flags, &config);
        assert_eq!(policy.preset, Preset::Strict);
        assert_eq!((policy.alpha, policy.fail_on), (0.01, Some(Verdict::Warning)));
        assert_eq!(policy.all.floor, Some(0.15));
        assert_eq!((policy.columns["a"].floor, policy.columns["a"].weight), (Some(0.5), Some(2.0)));
        assert_eq!(policy.columns["b"].critical, Some(true));
    }

    #[test]
    fn the_preset_decides_what_nobody_set() {
        let strict = policy(&PolicyFlags::default(), &file("policy.preset = 'strict'"));
        assert_eq!(strict, Policy::preset(Preset::Strict));
        let never = policy(&PolicyFlags::default(), &file("policy.fail_on = 'never'"));
        assert_eq!(never.fail_on, None);
    }

    #[test]
    fn a_dataset_rule_is_a_word_or_a_table() {
        let rule = |text: &str| file(&format!("policy.dataset = {text}")).policy.dataset;
        assert_eq!(rule("'any_column'"), Some(DatasetRule::AnyColumn));
        assert_eq!(rule("{ rule = 'critical' }"), Some(DatasetRule::Critical));
        assert_eq!(rule("{ rule = 'share', share = 0.3 }"), Some(DatasetRule::Share { share: 0.3 }));
    }

    #[test]
    fn hints_of_flags_lie_over_those_of_files() {
        let hint = |name: &str, index, kind, role| ColumnHint { name: name.into(), index, r#type: kind, role };
        let lower =
            vec![hint("a", Some(0), Some(ColumnType::Numeric), None), hint("a", Some(1), Some(ColumnType::Text), None)];
        let upper = vec![hint("a", Some(1), None, Some(Role::Id)), hint("b", None, Some(ColumnType::Id), None)];
        let all = hints_over(upper, lower);
        assert_eq!(all.len(), 3);
        assert_eq!((all[0].role, all[1].role), (None, Some(Role::Id)));
        assert_eq!(all[1].r#type, Some(ColumnType::Text));
    }
}
