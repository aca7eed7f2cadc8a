//! Hosts as operators write them.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::report::BadValue;

/// What a host has to be.
pub(super) const EXPECTED: &str = "a host name or an IP address, and nothing else";

/// The longest name in the DNS.
const LONGEST: usize = 253;
/// The longest part between two dots.
const LONGEST_LABEL: usize = 63;

/// The host in the form that hosts are compared and stored in: lower case, an IPv6
/// address without brackets and in its short form.
pub(super) fn parse(text: &str) -> Result<String, BadValue> {
    if let Some(what) = fault(text) {
        return Err(BadValue::fault(what, EXPECTED));
    }
    if let Some(address) = ipv6(text) {
        return Ok(address.to_string());
    }
    if text.contains([':', '[', ']']) {
        return Err(after_colon(text));
    }
    name_or_ipv4(text).ok_or_else(|| BadValue::not(EXPECTED))
}

/// What is in the text that does not belong in a host, by name, so that the operator sees what to take out.
fn fault(text: &str) -> Option<&'static str> {
    match text {
        "" => Some("is empty"),
        _ if text.len() > 4 * LONGEST || text.chars().count() > LONGEST => Some("is longer than 253 characters"),
        _ if text.contains(|char: char| char.is_whitespace() || char.is_control()) => Some("has white space in it"),
        // Every resolver makes something else of them; in Punycode they are plain.
        _ if !text.is_ascii() => Some("has letters beyond ASCII in it"),
        _ if text.contains("://") => Some("has a scheme in it"),
        _ if text.contains('@') => Some("has a user name in it"),
        _ if text.contains(['/', '\\']) => Some("has a path in it"),
        _ if text.contains(['?', '#']) => Some("has a query in it"),
        _ => None,
    }
}

/// With or without brackets.
fn ipv6(text: &str) -> Option<Ipv6Addr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok()
}

/// A text with a colon that is no IPv6 address: a host with its port, or nothing that can be named.
fn after_colon(text: &str) -> BadValue {
    let has_port = text.rsplit_once(':').is_some_and(|(host, port)| {
        let is_host = host.ends_with(']') || !(host.is_empty() || host.contains(':'));
        is_host && port.bytes().all(|byte| byte.is_ascii_digit())
    });
    if has_port { BadValue::fault("has a port in it", EXPECTED) } else { BadValue::not(EXPECTED) }
}

/// A name or an address that every resolver understands as this one does.
fn name_or_ipv4(text: &str) -> Option<String> {
    // Some take 127.1, 0x7f000001 and 11898 for addresses: the last is a slip, and the others are read differently elsewhere.
    let is_understood = !ends_in_number(text) || text.parse::<Ipv4Addr>().is_ok();
    (is_understood && is_dns_name(text)).then(|| text.to_ascii_lowercase())
}

/// Whether it would be taken for an IPv4 address (<https://url.spec.whatwg.org/#ends-in-a-number-checker>).
fn ends_in_number(text: &str) -> bool {
    let last = text.strip_suffix('.').unwrap_or(text).rsplit('.').next().unwrap_or_default();
    let hex = last.strip_prefix("0x").or_else(|| last.strip_prefix("0X"));
    match hex {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

/// Letters, digits, hyphens within and (for container names) underscores; a dot at the end is fine.
fn is_dns_name(host: &str) -> bool {
    let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let is_framed = |label: &str| label.starts_with('-') || label.ends_with('-');
    let is_long = |label: &str| label.is_empty() || label.len() > LONGEST_LABEL;
    let label = |label: &str| !is_long(label) && !is_framed(label) && label.bytes().all(is_fine);
    host.len() <= LONGEST && host.strip_suffix('.').unwrap_or(host).split('.').all(label)
}

#[cfg(test)]
#[path = "tests/host.rs"]
mod tests;
