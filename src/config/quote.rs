//! Shows values of the configuration in texts: short, printable, and without secrets.

use serde_json::Value;

/// The longest part of a text that is shown, in characters.
const LONGEST: usize = 60;
const CUT: &str = "…";

/// The value as it is shown in a mistake.
pub(super) fn quote(value: &Value) -> String {
    match value {
        Value::String(text) => format!("\"{}\"", cut(&without_secrets(text))),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => kind(value).to_owned(),
    }
}

/// What kind of value it is, for those that are not shown.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A member's name as it is shown in a path.
pub(super) fn name(given: &str) -> String {
    cut(given)
}

/// Whoever has a URL's user part may log in, and whoever has a webhook's path may write to it: neither is shown.
fn without_secrets(text: &str) -> String {
    let (user, rest) = match text.rsplit_once('@') {
        Some((_, rest)) => ("…@", rest),
        None => ("", text),
    };
    let host = rest.find("://").map_or(0, |scheme| scheme + 3);
    match rest[host..].find(['/', '?', '#']) {
        Some(end) if host + end + 1 < rest.len() => format!("{user}{}{CUT}", &rest[..=host + end]),
        _ => format!("{user}{rest}"),
    }
}

/// At most `LONGEST` characters, and those that a terminal would act upon escaped.
fn cut(text: &str) -> String {
    let mut shown: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push_str(CUT);
    }
    shown
}

#[cfg(test)]
#[path = "tests/quote.rs"]
mod tests;
