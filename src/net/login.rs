//! A user's name and password for one daemon, as HTTP's Basic and Digest want them (RFC 7617 and 7616).
//!
//! monerod's `--rpc-login` takes Digest alone, with MD5: that is no protection against who listens, but it is what it takes.

use std::fmt::Write;

use http::HeaderValue;
use md5::{Digest, Md5};
use parking_lot::Mutex;

use crate::config::Password;

/// Who is to be told to a daemon that asks.
pub(crate) struct Login {
    user: String,
    password: Password,
    challenge: Mutex<Option<Challenge>>,
}

/// What a daemon wants a digest of.
#[derive(Debug, Clone)]
struct Challenge {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    has_qop: bool,
    is_session: bool,
    used: u32,
}

impl Login {
    /// A login as it is configured: `user:password`.
    pub(crate) fn new(login: &Password) -> Self {
        let (user, password) = login.0.split_once(':').unwrap_or((&login.0, ""));
        Self { user: user.into(), password: Password(password.into()), challenge: Mutex::default() }
    }

    /// What to say with a request: a digest where the daemon has asked for one; `None` until it has asked for anything.
    pub(crate) fn authorization(&self, method: &str, path: &str, random: u64) -> Option<HeaderValue> {
        let mut challenge = self.challenge.lock();
        let challenge = challenge.as_mut()?;
        challenge.used += 1;
        let header = self.digest(challenge, method, path, random);
        secret(&header)
    }

    /// What to say to a daemon that did not let a request in; `None` where there is nothing that would change its mind.
    pub(crate) fn answer<'a>(
        &self,
        challenges: impl Iterator<Item = &'a HeaderValue>,
        method: &str,
        path: &str,
        random: u64,
    ) -> Option<HeaderValue> {
        let challenges: Vec<_> = challenges.filter_map(|value| value.to_str().ok()).collect();
        let found = challenges.iter().find_map(|text| Challenge::parse(text));
        if let Some(challenge) = found {
            *self.challenge.lock() = Some(challenge);
            return self.authorization(method, path, random);
        }
        let wants_basic = challenges.iter().any(|text| text.trim_start().to_ascii_lowercase().starts_with("basic"));
        wants_basic.then(|| secret(&format!("Basic {}", base64(&format!("{}:{}", self.user, self.password.0)))))?
    }

    fn digest(&self, challenge: &Challenge, method: &str, path: &str, random: u64) -> String {
        let Challenge { realm, nonce, opaque, has_qop, is_session, used } = challenge;
        let (user, count, cnonce) = (&self.user, format!("{used:08x}"), format!("{random:016x}"));
        let mut secret = md5(&format!("{user}:{realm}:{}", self.password.0));
        if *is_session {
            secret = md5(&format!("{secret}:{nonce}:{cnonce}"));
        }
        let request = md5(&format!("{method}:{path}"));
        let response = match has_qop {
            true => md5(&format!("{secret}:{nonce}:{count}:{cnonce}:auth:{request}")),
            false => md5(&format!("{secret}:{nonce}:{request}")),
        };
        let algorithm = if *is_session { "MD5-sess" } else { "MD5" };
        let mut header = format!(
            "Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{path}\", algorithm={algorithm}, \
             response=\"{response}\""
        );
        if *has_qop {
            let _ = write!(header, ", qop=auth, nc={count}, cnonce=\"{cnonce}\"");
        }
        if let Some(opaque) = opaque {
            let _ = write!(header, ", opaque=\"{opaque}\"");
        }
        header
    }
}

impl Challenge {
    /// A challenge that can be met: MD5, and the plain form of authentication or none.
    fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.trim().split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("digest") {
            return None;
        }
        let members = members(rest);
        let member =
            |name: &str| members.iter().find(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone());
        let algorithm = member("algorithm").unwrap_or_else(|| "MD5".into());
        let is_session = algorithm.eq_ignore_ascii_case("MD5-sess");
        if !is_session && !algorithm.eq_ignore_ascii_case("MD5") {
            return None;
        }
        let qop = member("qop");
        let has_qop = qop.is_some();
        if qop.is_some_and(|qop| !qop.split(',').any(|it| it.trim() == "auth")) {
            return None;
        }
        let (realm, nonce) = (member("realm")?, member("nonce")?);
        Some(Self { realm, nonce, opaque: member("opaque"), has_qop, is_session, used: 0 })
    }
}

/// `name=value` pairs with commas between them; values may be quoted.
fn members(text: &str) -> Vec<(String, String)> {
    let mut members = vec![];
    let mut rest = text;
    while let Some((name, value)) = rest.split_once('=') {
        let value = value.trim_start();
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => value.split_once(',').map_or((value, ""), |(value, after)| (value.trim_end(), after)),
        };
        members.push((name.trim_matches([' ', ',', '\t']).to_owned(), value.to_owned()));
        rest = after;
    }
    members
}

fn md5(text: &str) -> String {
    let mut hex = String::with_capacity(32);
    for byte in Md5::digest(text.as_bytes()) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// RFC 4648.
fn base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for three in text.as_bytes().chunks(3) {
        let bits = (0..3).fold(0, |bits, place| bits << 8 | u32::from(three.get(place).copied().unwrap_or(0)));
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place) & 63) as usize];
            encoded.push(if place <= three.len() { char::from(digit) } else { '=' });
        }
    }
    encoded
}

/// A header that no log shows; `None` where the text cannot be one.
fn secret(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
#[path = "tests/login.rs"]
mod tests;
