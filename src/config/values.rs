//! Reads the single values of the configuration.

use std::{net::IpAddr, ops::RangeInclusive, time::Duration};

use hyper::{Uri, http::uri::Authority};
use serde_json::Value;

use super::{host, report::BadValue};

/// true or false.
pub(super) fn flag(value: &Value) -> Result<bool, BadValue> {
    value.as_bool().ok_or_else(|| BadValue::not("true or false"))
}

/// A port, also as a string of digits, as some pools write it.
pub(super) fn port(value: &Value) -> Result<u16, BadValue> {
    let port = match value {
        Value::String(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok(),
        Value::String(_) => None,
        number => whole(number),
    };
    port.filter(|&port| port != 0).ok_or_else(|| BadValue::not("a port (1 to 65535)"))
}

/// A port, or 0 for one that the system chooses.
pub(super) fn port_or_none(value: &Value) -> Result<u16, BadValue> {
    if value.as_u64() == Some(0) { Ok(0) } else { port(value).map_err(|_| BadValue::not("a port (0 to 65535)")) }
}

/// An address to listen at.
pub(super) fn address(value: &Value) -> Result<IpAddr, BadValue> {
    let host = value.as_str().ok_or_else(|| BadValue::not(ADDRESS))?;
    let host = if host == "localhost" { "127.0.0.1" } else { host };
    host.parse().map_err(|_| BadValue::not(ADDRESS))
}

const ADDRESS: &str = "an IP address of this machine";

/// A user's name and password, with a colon between them.
pub(super) fn user_and_password(value: &Value) -> Result<String, BadValue> {
    let is_login = |text: &String| text.split_once(':').is_some_and(|(user, _)| !user.is_empty()) && is_printable(text);
    text(value).ok().filter(is_login).ok_or_else(|| BadValue::not("a text like \"user:password\""))
}

fn is_printable(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

/// A whole number in `range`.
pub(super) fn count(range: RangeInclusive<u16>) -> impl Fn(&Value) -> Result<u16, BadValue> {
    move |value| {
        let (least, most) = (range.start(), range.end());
        let count = whole(value).filter(|count| range.contains(count));
        count.ok_or_else(|| BadValue::not(format!("a whole number from {least} to {most}")))
    }
}

/// A duration in milliseconds; fractions are fine.
pub(super) fn milliseconds(range: RangeInclusive<f64>) -> impl Fn(&Value) -> Result<Duration, BadValue> {
    duration(range, "milliseconds", 1000.0)
}

/// A duration in seconds; fractions are fine.
pub(super) fn seconds(range: RangeInclusive<f64>) -> impl Fn(&Value) -> Result<Duration, BadValue> {
    duration(range, "seconds", 1.0)
}

/// What `parse` reads, or false for `None`.
pub(super) fn or_false<T>(
    parse: impl Fn(&Value) -> Result<T, BadValue>,
) -> impl Fn(&Value) -> Result<Option<T>, BadValue> {
    move |value| match value {
        Value::Bool(false) => Ok(None),
        other => parse(other).map(Some).map_err(|bad| BadValue::not(format!("{}, or false", bad.expected))),
    }
}

/// What `parse` reads, of which no text shows more than its kind: it is a secret, or has one in it.
pub(super) fn hidden<T>(parse: impl Fn(&Value) -> Result<T, BadValue>) -> impl Fn(&Value) -> Result<T, BadValue> {
    move |value| parse(value).map_err(BadValue::hidden)
}

/// One of several words.
pub(super) fn choice<T: Copy>(words: &[(&str, T)]) -> impl Fn(&Value) -> Result<T, BadValue> {
    move |value| {
        let chosen = words.iter().find(|(word, _)| value.as_str() == Some(word));
        let names = || words.iter().map(|(word, _)| format!("{word:?}")).collect::<Vec<_>>().join(" or ");
        chosen.map(|&(_, meaning)| meaning).ok_or_else(|| BadValue::not(names()))
    }
}

/// A host, in the form that hosts are compared and stored in.
pub(super) fn host(value: &Value) -> Result<String, BadValue> {
    value.as_str().ok_or_else(|| BadValue::not(host::EXPECTED)).and_then(host::parse)
}

/// Whether only this machine can reach what listens there.
pub(super) fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A string that is not empty: an empty password keeps nobody out.
pub(super) fn secret(value: &Value) -> Result<String, BadValue> {
    text(value).ok().filter(|text| !text.is_empty()).ok_or_else(|| BadValue::not("a text of one character or more"))
}

/// Any string.
pub(super) fn text(value: &Value) -> Result<String, BadValue> {
    value.as_str().map(str::to_owned).ok_or_else(|| BadValue::not("a string"))
}

/// The URL of a web server.
pub(super) fn web_url(value: &Value) -> Result<Uri, BadValue> {
    let url = value.as_str().and_then(|text| text.parse::<Uri>().ok());
    url.filter(is_web).ok_or_else(|| BadValue::not("an http or https URL"))
}

/// Nothing passes here that Node.js, which calls it, could not read.
fn is_web(url: &Uri) -> bool {
    let is_served = |authority: &Authority| {
        let host = authority.host();
        host::parse(host).is_ok() && (authority.as_str().ends_with(host) || authority.port_u16().is_some())
    };
    matches!(url.scheme_str(), Some("http" | "https")) && url.authority().is_some_and(is_served)
}

/// The range must be of durations that neither overflow nor are negative.
fn duration(range: RangeInclusive<f64>, unit: &str, per_second: f64) -> impl Fn(&Value) -> Result<Duration, BadValue> {
    move |value| {
        let (least, most) = (range.start(), range.end());
        let number = value.as_f64().filter(|number| range.contains(number));
        let duration = number.and_then(|number| Duration::try_from_secs_f64(number / per_second).ok());
        duration.ok_or_else(|| BadValue::not(format!("a number of {unit} from {least} to {most}")))
    }
}

/// A whole number, also where it is written as 3.0: JavaScript knows no difference.
fn whole(value: &Value) -> Option<u16> {
    let range = 0.0..=f64::from(u16::MAX);
    let number = value.as_f64().filter(|number| number.fract() == 0.0 && range.contains(number))?;
    // Whole and in range, so nothing is cut off.
    Some(number as u16)
}
