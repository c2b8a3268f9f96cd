//! How a command ends: exit codes, and failures that say what to do.

use std::error::Error;
use std::process::ExitCode;

use drift::report::Report;
use drift::verdict::Verdict;
use drift::{Refusal, RefusalKind};

/// The exit codes that scripts rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Nothing at or above `--fail-on`; a receipt that holds.
    Clean,
    /// Drift; a receipt that does not hold.
    Drift,
    /// Usage or configuration.
    Usage,
    /// An input that cannot be read or compared, an output that cannot be written.
    Input,
    /// The server, the network or the credentials.
    Server,
    /// A defect in this program.
    Bug,
    /// Ended by Ctrl-C.
    Interrupted,
}

impl Exit {
    /// The number the process ends with.
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Drift => 1,
            Self::Usage => 2,
            Self::Input => 3,
            Self::Server => 4,
            Self::Bug => 101,
            Self::Interrupted => 130,
        }
    }

    /// What a report means to a caller under its policy.
    ///
    /// A dataset that could not be evaluated is never clean unless nothing is to fail: silence is not health.
    pub fn of_report(report: &Report) -> Self {
        let Some(fail_on) = report.policy.fail_on else {
            return Self::Clean;
        };
        match report.verdict {
            _ if report.reference.n_rows == 0 || report.current.n_rows == 0 => Self::Input,
            _ if fail_on == Verdict::NotCompared && report.counts.n_not_compared > 0 => Self::Drift,
            Verdict::Drifted => Self::Drift,
            Verdict::Warning if fail_on == Verdict::Warning => Self::Drift,
            Verdict::Error | Verdict::NotCompared => Self::Input,
            Verdict::Warning | Verdict::Stable | Verdict::InsufficientData => Self::Clean,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why a command could not do what it was asked.
#[derive(Debug)]
pub struct Failure {
    /// The code to end with.
    pub exit: Exit,
    /// What happened, without a full stop.
    pub message: String,
    /// Why, outermost first: what the system or a library said.
    pub causes: Vec<String>,
    /// What to do about it, a line each.
    pub help: Vec<String>,
    /// What the engine refused an input for, when it was the engine.
    pub refused: Option<RefusalKind>,
}

impl Failure {
    /// A mistake in flags or configuration.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// A file that cannot be read, written or compared.
    pub fn input(message: impl Into<String>) -> Self {
        Self::new(Exit::Input, message)
    }

    /// A server that cannot be reached or refuses.
    pub fn server(message: impl Into<String>) -> Self {
        Self::new(Exit::Server, message)
    }

    /// A failure without help.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), causes: Vec::new(), help: Vec::new(), refused: None }
    }

    /// Adds an error and what caused it.
    #[must_use]
    pub fn caused_by(mut self, error: &(dyn Error + 'static)) -> Self {
        self.causes.extend(causes(error));
        self
    }

    /// Message and causes in one line.
    pub fn line(&self) -> String {
        in_one_line(&self.message, &self.causes)
    }

    /// Adds a line of help; an empty one is left out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        let help = help.into();
        if !help.is_empty() {
            self.help.push(help);
        }
        self
    }
}

/// A message and its causes in one line.
pub fn in_one_line(message: &str, causes: &[String]) -> String {
    std::iter::once(message).chain(causes.iter().map(String::as_str)).collect::<Vec<_>>().join(": ")
}

/// What an error says, then each of its causes that adds something.
pub fn causes(error: &(dyn Error + 'static)) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        next = error.source();
        let text = error.to_string();
        // Many errors repeat their cause in their own message.
        if !text.is_empty() && !said.last().is_some_and(|last| last.contains(&text)) {
            said.push(text);
        }
    }
    said
}

impl From<drift::Error> for Failure {
    fn from(error: drift::Error) -> Self {
        let refusal = *error.0;
        let exit = match refusal.kind {
            RefusalKind::InvalidOption => Exit::Usage,
            RefusalKind::Empty
            | RefusalKind::UnsupportedFormat
            | RefusalKind::MalformedInput
            | RefusalKind::MalformedParquet
            | RefusalKind::MalformedProfile
            | RefusalKind::MalformedReport
            | RefusalKind::TooManyRows
            | RefusalKind::TooManyColumns
            | RefusalKind::TooManyValues
            | RefusalKind::CellTooLong
            | RefusalKind::RecordTooLong
            | RefusalKind::JsonTooDeep
            | RefusalKind::ParquetLimit
            | RefusalKind::DecompressedTooLarge
            | RefusalKind::InvalidColumnName
            | RefusalKind::NotComparable
            | RefusalKind::Io
            | RefusalKind::Cancelled => Exit::Input,
        };
        let help = refusal.mend.clone();
        let refused = Some(refusal.kind);
        let message = Refusal { mend: String::new(), ..refusal }.to_string();
        Self { refused, ..Self::new(exit, message) }.help(help)
    }
}

/// Result of everything a command does.
pub type Outcome<T = Exit> = Result<T, Failure>;

#[cfg(test)]
mod tests {
    use std::fmt;
    use std::io;

    use super::*;

    /// An error with a cause.
    #[derive(Debug)]
    struct Outer(&'static str, io::Error);

    impl fmt::Display for Outer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Outer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.1)
        }
    }

    #[test]
    fn each_cause_is_said_once_outermost_first() {
        let failure = |text| Failure::input("cannot read a.csv").caused_by(&Outer(text, io::Error::other("no route")));
        assert_eq!(failure("it broke off").causes, ["it broke off", "no route"]);
        assert_eq!(failure("it broke off").line(), "cannot read a.csv: it broke off: no route");
        assert_eq!(failure("it broke off: no route").causes, ["it broke off: no route"]);
    }
}
