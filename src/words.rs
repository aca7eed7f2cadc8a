//! Text from other programs, made safe to read, and for logs and pages.

use std::borrow::Cow;

/// Bytes as text. What is no UTF-8 in them is replaced, as JavaScript does: it may be in a part that nobody looks at.
pub fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    // The look that replaces takes its time over each byte.
    str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// The same of bytes that nobody else needs.
pub fn into_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// The text as one line of printable ASCII of at most `max` characters, so that it can be logged and shown
/// wherever it came from.
pub fn one_line(text: &str, max: usize) -> String {
    // Nearly every text is that already.
    if text.len() <= max && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.into();
    }
    let printable = |letter: char| if matches!(letter, ' '..='~') { letter } else { '?' };
    text.chars().take(max).map(printable).collect()
}
