//! Who may ask. Pure: headers in, a verdict out.

use std::net::IpAddr;

use hyper::{
    HeaderMap, StatusCode,
    header::{AUTHORIZATION, HOST, ORIGIN},
};
use ring::digest::{SHA256, digest};

use super::request::Rejected;
use crate::config::Password;

/// Where a client came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entrance {
    /// At the port of the pool's own processes, which only this machine reaches.
    Private,
    /// At the port that is configured.
    Public,
}

/// What a client has to show.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Access {
    /// Whether only this machine reaches the port that is configured.
    pub(super) is_local: bool,
    /// What opens that port: as the password of Basic, for any user, or as a Bearer token.
    pub(super) password: Option<Password>,
}

impl Access {
    /// Whether a request with these headers may be asked; says whether it came with a password that is the gateway's.
    pub(super) fn check(&self, entrance: Entrance, headers: &HeaderMap) -> Result<bool, Rejected> {
        let is_local = self.is_local || entrance == Entrance::Private;
        // Only browsers say so, on behalf of a page that nobody asked for.
        if headers.contains_key(ORIGIN) {
            return Err(Rejected {
                status: StatusCode::FORBIDDEN,
                why: "the gateway does not answer web pages (requests with an Origin header)",
            });
        }
        // A page can have its own host name lead to this machine, but not hide the name.
        if is_local && headers.get_all(HOST).iter().any(|host| !is_this_machine(host.as_bytes())) {
            return Err(Rejected {
                status: StatusCode::FORBIDDEN,
                why: "the gateway answers only requests whose Host header names this machine",
            });
        }
        match self.password.as_ref().filter(|_| entrance == Entrance::Public) {
            Some(password) if is_shown(headers, password) => Ok(true),
            Some(_) => {
                Err(Rejected { status: StatusCode::UNAUTHORIZED, why: "this port needs the gateway's password" })
            }
            None => Ok(false),
        }
    }
}

fn is_this_machine(host: &[u8]) -> bool {
    // Nearly all say this one, which need not be read as an address.
    if host.strip_prefix(b"127.0.0.1:").is_some_and(|port| port.iter().all(u8::is_ascii_digit)) {
        return true;
    }
    let Ok(host) = std::str::from_utf8(host) else { return false };
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name.is_empty() || name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|it| it.is_loopback())
}

fn is_shown(headers: &HeaderMap, password: &Password) -> bool {
    let shown = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some((scheme, rest)) = shown.and_then(|shown| shown.trim().split_once(' ')) else { return false };
    let given = match scheme.to_ascii_lowercase().as_str() {
        "bearer" => Some(rest.trim().as_bytes().to_vec()),
        "basic" => password_in(rest.trim()),
        _ => None,
    };
    // The time that comparing digests takes tells nothing of what the password is.
    let digest = |bytes: &[u8]| digest(&SHA256, bytes);
    given.is_some_and(|given| digest(&given).as_ref() == digest(password.0.as_bytes()).as_ref())
}

/// The password in what Basic says: `user:password` in base64.
fn password_in(encoded: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for letter in encoded.trim_end_matches('=').bytes() {
        bits = bits << 6 | u32::from(digit(letter)?);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    let colon = bytes.iter().position(|byte| *byte == b':')?;
    Some(bytes.split_off(colon + 1))
}

fn digit(letter: u8) -> Option<u8> {
    Some(match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

#[cfg(test)]
#[path = "tests/access.rs"]
mod tests;
