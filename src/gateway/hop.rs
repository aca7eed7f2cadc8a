//! Headers that concern one connection and not the message (RFC 9110, 7.6.1): they end at the gateway.

use hyper::{
    HeaderMap,
    header::{CONNECTION, HeaderName, HeaderValue},
};

/// Takes away those headers, those that a `Connection` header names, and these.
pub(super) fn strip(headers: &mut HeaderMap, is_one_of_these: impl Fn(&str) -> bool) {
    // Nearly every value is one of the options alone.
    if headers.iter().any(|(name, value)| name == CONNECTION && !is_option(value.as_bytes())) {
        strip_named(headers);
    }
    // A message has few headers: to look at each of them costs less than to look for all that might be there.
    let ends = |name: &&HeaderName| is_of_a_connection(name.as_str()) || is_one_of_these(name.as_str());
    while let Some(name) = headers.keys().find(ends).cloned() {
        headers.remove(name);
    }
}

fn strip_named(headers: &mut HeaderMap) {
    let named: Vec<_> = headers.get_all(CONNECTION).iter().flat_map(names_in).take(MOST_NAMED).collect();
    for name in named {
        headers.remove(name);
    }
}

fn is_of_a_connection(name: &str) -> bool {
    matches!(name, "connection" | "keep-alive" | "te" | "trailer" | "transfer-encoding" | "upgrade")
}

fn names_in(value: &HeaderValue) -> impl Iterator<Item = HeaderName> {
    let names = value.to_str().unwrap_or_default().split(',').map(str::trim);
    names.filter(|name| !is_option(name.as_bytes())).flat_map(str::parse)
}

fn is_option(name: &[u8]) -> bool {
    OPTIONS.iter().any(|it| name.eq_ignore_ascii_case(it))
}

/// What `Connection` nearly always says. The first is no header, and the second is one of those above.
const OPTIONS: [&[u8]; 2] = [b"close", b"keep-alive"];
/// Nobody who means it names more; whoever names thousands wants to keep the gateway busy.
const MOST_NAMED: usize = 32;

#[cfg(test)]
#[path = "tests/hop.rs"]
mod tests;
