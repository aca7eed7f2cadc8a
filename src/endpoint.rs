//! Which daemon is meant, and where the pool reaches it.

use std::fmt;

use serde::Serialize;

/// A daemon's place in the configuration: the primary is 0, the others follow in the order they are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DaemonId(pub usize);

impl DaemonId {
    /// The daemon that the pool's own `daemon` block names.
    pub const PRIMARY: Self = Self(0);

    /// Whether this is the pool's own daemon.
    pub fn is_primary(self) -> bool {
        self == Self::PRIMARY
    }
}

/// Where the pool sends its requests.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Endpoint {
    /// A host name or an address; an IPv6 address without brackets. Lower case.
    pub host: String,
    /// The daemon's RPC port.
    pub port: u16,
    /// Whether requests go over https.
    pub tls: bool,
}

impl Endpoint {
    /// The URL that request paths are appended to, without a slash at the end.
    pub fn base_url(&self) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://{self}")
    }
}

/// `host:port` as operators write it, an IPv6 address in brackets.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, .. } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

#[cfg(test)]
#[path = "tests/endpoint.rs"]
mod tests;
