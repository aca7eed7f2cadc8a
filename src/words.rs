//! Text from other programs, made safe for logs and pages.

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
