//! Light, dark, or as the system has it.

/// The cookie that remembers the choice; absent for [`Theme::Auto`].
pub const COOKIE: &str = "driftsiren_theme";

/// Which colours a page has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system has it.
    #[default]
    Auto,
    Light,
    Dark,
}

impl Theme {
    /// The word in cookies, forms and `data-theme`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme of a word; what is not known is as the system has it.
    pub fn from_word(word: &str) -> Self {
        match word {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::Auto,
        }
    }

    /// The one after it, as the button goes round.
    pub fn next(self) -> Self {
        match self {
            Self::Auto => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::Auto,
        }
    }

    /// The cookie that remembers it for a year, or forgets.
    pub fn cookie(self) -> String {
        let age = if self == Self::Auto { 0 } else { 31_536_000 };
        format!("{COOKIE}={}; Path=/; Max-Age={age}; SameSite=Lax", self.as_str())
    }
}
