//! Members of a JSON object that nobody vouches for, looked at one by one: whatever is in the others is skipped, however deep.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::blob::is_hex;

/// A member not looked at yet; `None` where it is missing or null.
pub(super) type Raw<'a> = Option<&'a RawValue>;

/// The members of an object that `T` names; `None` for anything but an object. A list would do for serde, its items taken for the
/// members in their order.
pub(super) fn object<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    if text.trim_ascii_start().starts_with('{') { serde_json::from_str(text).ok() } else { None }
}

/// The members of an object inside another one.
pub(super) fn inner<'a, T: Deserialize<'a>>(raw: Raw<'a>) -> Option<T> {
    object(raw?.get())
}

/// A string.
pub(super) fn text(raw: Raw) -> Option<String> {
    serde_json::from_str(raw?.get()).ok()
}

/// A string of hex digits, without a copy of it, unless it is written with escapes.
pub(super) fn hex<'a>(raw: Raw<'a>) -> Option<Cow<'a, str>> {
    let written = raw?.get().strip_prefix('"')?.strip_suffix('"')?;
    if is_hex(written) {
        return Some(Cow::Borrowed(written));
    }
    let text = text(raw).filter(|_| written.contains('\\'))?;
    is_hex(&text).then_some(Cow::Owned(text))
}

/// A whole number that is not negative, also where it is written as a string.
pub(super) fn number(raw: Raw) -> Option<u64> {
    unquoted(raw?).parse().ok()
}

fn unquoted(raw: &RawValue) -> &str {
    let written = raw.get();
    written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(written)
}

/// Whether it is a whole number above 0, of any size, also where it is written as a string.
pub(super) fn is_positive(raw: Raw) -> bool {
    let written = raw.map_or("", unquoted).as_bytes();
    written.iter().all(u8::is_ascii_digit) && written.iter().any(|digit| *digit != b'0')
}

/// A whole number, such as the code of an error.
pub(super) fn code(raw: Raw) -> Option<i64> {
    raw?.get().parse().ok()
}

/// Whether JavaScript takes a value for true: an error that it does not is none to a pool.
pub(super) fn is_truthy(raw: Raw) -> bool {
    raw.is_some_and(|raw| !matches!(raw.get(), "false" | "0" | "\"\"" | "null"))
}
