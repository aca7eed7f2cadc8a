//! Requests and replies, without the way they travel.

use std::{borrow::Cow, fmt};

use super::failure;
use crate::consensus::observation::Failure;

/// A request to a daemon. Shown as people know it: `GET /info`, `getlastblockheader`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// A GET of this path.
    Get(Cow<'static, str>),
    /// A JSON-RPC call.
    Call {
        /// The method's name.
        method: &'static str,
        /// Its parameters, as JSON.
        params: String,
    },
}

impl Request {
    /// A GET of this path.
    pub fn get(path: impl Into<Cow<'static, str>>) -> Self {
        Self::Get(path.into())
    }

    /// The path on the daemon.
    pub fn path(&self) -> &str {
        match self {
            Self::Get(path) => path,
            Self::Call { .. } => "/json_rpc",
        }
    }

    /// The body to post; `None` for a GET.
    pub fn body(&self) -> Option<String> {
        match self {
            Self::Get(_) => None,
            Self::Call { method, params } => {
                Some(format!(r#"{{"jsonrpc":"2.0","id":"0","method":"{method}","params":{params}}}"#))
            }
        }
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Get(path) => write!(f, "GET {path}"),
            Self::Call { method, .. } => f.write_str(method),
        }
    }
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body as text; empty where the status says enough.
    pub body: String,
}

impl Reply {
    /// Whether bodies that come with this status are read: 500 is how some old daemons say that they are busy; what comes with
    /// 401 is read so that the login goes over the same connection, whose number the challenge may be for.
    pub fn has_meaning(status: u16) -> bool {
        matches!(status, 200 | 401 | 500)
    }

    /// The body of a reply with status 200; a failure with any other.
    pub(super) fn body_if_ok(&self) -> Result<&str, Failure> {
        if self.status == 200 { Ok(&self.body) } else { Err(failure::http_status(self.status)) }
    }
}
