//! What is wrong with a single value.

/// Why a value does not do. The texts continue after the value.
#[derive(Debug)]
pub(super) struct Slip {
    /// What is wrong, where more can be said than that the value is not the expected one: "has a scheme".
    what: Option<&'static str>,
    /// What is expected: "a port (1 to 65535)".
    pub expected: String,
}

impl Slip {
    /// The value is not what is expected.
    pub fn not(expected: impl Into<String>) -> Self {
        Self { what: None, expected: expected.into() }
    }

    /// The value has a fault that has a name.
    pub fn fault(what: &'static str, expected: impl Into<String>) -> Self {
        Self { what: Some(what), expected: expected.into() }
    }

    /// The sentence about the value that is shown as `shown`.
    pub fn about(&self, shown: &str) -> String {
        match self.what {
            None => format!("{shown} is not {}", self.expected),
            Some(what) => format!("{shown} {what}; expected {}", self.expected),
        }
    }
}
