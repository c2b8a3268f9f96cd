//! What the page asks of workers: each verb, the workers that answer it, and the fields of its argument.
//!
//! The other side is JavaScript (`public/engine`), which no compiler holds against this table; a test does.

/// Something that a worker does when it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    /// Takes the compiled module.
    Start,
    /// A reader: takes its ends of channels to other workers.
    Connect,
    /// A reader: leads an input.
    Read,
    /// A reader with Parquet: counts rows and finds columns of times.
    Survey,
    /// A reader with Parquet: cuts an input in two.
    Split,
    /// The session: two inputs are coming.
    Expect,
    /// The session: compares what has come.
    Compare,
    /// The session: judges again under other settings.
    Judge,
    /// The session: takes a saved report.
    Load,
    /// The session: the report in a format.
    Render,
    /// The session: what stands in the open row of a column.
    Panel,
    /// The session: the small chart of a column.
    Mini,
}

impl Verb {
    /// The word in messages.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Connect => "connect",
            Self::Read => "read",
            Self::Survey => "survey",
            Self::Split => "split",
            Self::Expect => "expect",
            Self::Compare => "compare",
            Self::Judge => "judge",
            Self::Load => "load",
            Self::Render => "render",
            Self::Panel => "panel",
            Self::Mini => "mini",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fs, path::Path};

    use rstest::rstest;

    use super::*;
    use crate::analyze::engine::call::FailureKind;

    type Calls = BTreeMap<String, Vec<String>>;

    fn script(name: &str) -> String {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../public/engine").join(name);
        fs::read_to_string(path).expect("a script of the engine")
    }

    /// The calls that a script serves, each with the fields that it takes out of its argument.
    fn served(script: &str) -> Calls {
        let (_, rest) = script.split_once("serve(\n").expect("it serves calls");
        let mut lines = rest.lines();
        let indent = |line: &str| line.len() - line.trim_start().len();
        let opening = lines.next().expect("the object of calls");
        assert_eq!(opening.trim(), "{");
        let inside = indent(opening) + 2;
        let calls = lines.take_while(|line| indent(line) >= inside || line.trim().is_empty());
        calls
            .filter(|line| indent(line) == inside && line.trim().starts_with(char::is_alphabetic))
            .map(|line| {
                let line = line.trim().trim_start_matches("async ");
                let name: String = line.chars().take_while(|letter| letter.is_alphanumeric()).collect();
                let rest = line[name.len()..].trim_start_matches(": ");
                let fields = rest.strip_prefix("({ ").and_then(|rest| rest.split_once(" }")).map(|(fields, _)| fields);
                let fields = fields.into_iter().flat_map(|fields| fields.split(", ")).map(str::to_owned).collect();
                (name, fields)
            })
            .collect()
    }

    /// What the page calls, with the fields that it sends.
    fn called(calls: &[(Verb, &[&str])]) -> Calls {
        let owned = |fields: &[&str]| fields.iter().map(|field| (*field).to_owned()).collect();
        calls.iter().map(|(verb, fields)| (verb.as_str().to_owned(), owned(fields))).collect()
    }

    #[rstest]
    #[case::a_reader("reader-worker.js", &[
        (Verb::Start, &[][..]),
        (Verb::Connect, &["session", "toHelpers", "toLeaders"]),
        (Verb::Read, &[]),
        (Verb::Survey, &["name", "blob"]),
        (Verb::Split, &["name", "blob", "column", "at"]),
    ])]
    #[case::the_session("session-worker.js", &[
        (Verb::Start, &[][..]),
        (Verb::Expect, &["names", "settings", "nReaders"]),
        (Verb::Compare, &["settings"]),
        (Verb::Judge, &["settings"]),
        (Verb::Load, &["json"]),
        (Verb::Render, &["format"]),
        (Verb::Panel, &["position"]),
        (Verb::Mini, &["position"]),
    ])]
    fn the_page_and_its_workers_speak_of_the_same(#[case] name: &str, #[case] calls: &[(Verb, &[&str])]) {
        assert_eq!(served(&script(name)), called(calls));
    }

    #[test]
    fn what_a_reader_leads_with_has_the_fields_that_the_page_sends() {
        assert!(script("reader-worker.js").contains("async function lead({ side, name, blob, options }, tell)"));
        assert!(script("reader-worker.js").contains("read: lead,"));
    }

    #[test]
    fn a_worker_names_the_kinds_of_failure_that_the_page_knows() {
        let script = script("answer.js");
        let (_, kind) = script.split_once("function kind(").expect("it names kinds");
        let kind = kind.split("\n}\n").next().expect("its end");
        let words: Vec<&str> = kind.split('"').skip(1).step_by(2).filter(|word| !word.ends_with("Error")).collect();
        assert!(words.len() >= 3, "{words:?}");
        for word in words {
            assert!(FailureKind::from_word(word).is_some(), "{word}");
        }
    }

    #[test]
    fn a_script_that_serves_another_verb_is_seen() {
        let changed = script("session-worker.js").replace("judge: (", "weigh: (");
        assert!(!served(&changed).contains_key("judge") && served(&changed).contains_key("weigh"));
    }
}
