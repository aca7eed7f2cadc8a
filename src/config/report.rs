//! What reading a configuration has found.

use thiserror::Error;

use super::Config;

/// Every mistake found in a configuration; displayed as one text with a line for each.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}", as_text(mistakes))]
pub struct ConfigError {
    /// One sentence each: the member by its path, the value as far as it may be shown, and what is expected.
    pub mistakes: Vec<String>,
}

impl ConfigError {
    /// The text is no JSON at all, or is nested deeper than any configuration (128 levels).
    pub(super) fn not_json(error: serde_json::Error) -> Self {
        Self { mistakes: vec![format!("the configuration is not readable JSON: {error}")] }
    }
}

fn as_text(mistakes: &[String]) -> String {
    let title = match mistakes.len() {
        1 => "1 mistake in the configuration:".to_owned(),
        count => format!("{count} mistakes in the configuration:"),
    };
    mistakes.iter().fold(title, |text, mistake| text + "\n- " + mistake)
}

/// Mistakes and warnings in the order they were found.
#[derive(Debug, Default)]
pub(super) struct Report {
    mistakes: Vec<String>,
    warnings: Vec<String>,
}

impl Report {
    pub fn mistake(&mut self, text: String) {
        self.mistakes.push(text);
    }

    pub fn warn(&mut self, text: String) {
        self.warnings.push(text);
    }

    /// The configuration with its warnings if there was no mistake. Values that stand in for bad ones end here.
    pub fn into_result(self, config: Option<Config>) -> Result<Config, ConfigError> {
        match config {
            Some(config) if self.mistakes.is_empty() => Ok(Config { warnings: self.warnings, ..config }),
            _ => Err(ConfigError { mistakes: self.mistakes }),
        }
    }
}

/// Why a value does not do. The texts continue after the value.
#[derive(Debug)]
pub(super) struct BadValue {
    /// What is wrong, where more can be said than that the value is not the expected one: "has a scheme".
    what: Option<&'static str>,
    /// What is expected: "a port (1 to 65535)".
    pub expected: String,
    /// Whether the value may be somebody's secret, so that it is told by its kind alone.
    pub is_secret: bool,
}

impl BadValue {
    /// The value is not what is expected.
    pub fn not(expected: impl Into<String>) -> Self {
        Self { what: None, expected: expected.into(), is_secret: false }
    }

    /// The value has a fault that has a name.
    pub fn fault(what: &'static str, expected: impl Into<String>) -> Self {
        Self { what: Some(what), expected: expected.into(), is_secret: false }
    }

    /// The same of a value that is a secret.
    pub fn hidden(self) -> Self {
        Self { is_secret: true, ..self }
    }

    /// The sentence about the value that is shown as `shown`.
    pub fn about(&self, shown: &str) -> String {
        match self.what {
            None => format!("{shown} is not {}", self.expected),
            Some(what) => format!("{shown} {what}; expected {}", self.expected),
        }
    }
}
