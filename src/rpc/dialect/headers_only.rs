//! What answers header calls over JSON-RPC and shows no node info: bytecoind 3, and daemons behind proxies that let no info
//! through. The tip's header is all that is known of it.

use super::{Dialect, Header, Info, NoHeader, Reply, Which, json_rpc};
use crate::consensus::{block::Height, observation::Failure};

#[derive(Debug)]
pub(super) struct HeadersOnly;

impl Dialect for HeadersOnly {
    fn family(&self) -> &'static str {
        "headers-only"
    }

    fn question(&self) -> &'static str {
        json_rpc::LAST_HEADER
    }

    fn info(&self, reply: &Reply) -> Result<Info, Failure> {
        match json_rpc::header(Which::Last, reply) {
            Ok(Header { height, .. }) => Ok(bare(Some(height))),
            Err(NoHeader::Busy) => Ok(bare(None)),
            Err(NoHeader::Failed(failure)) => Err(failure),
        }
    }
}

/// Without a height it is busy.
fn bare(height: Option<Height>) -> Info {
    Info {
        height,
        tip: None,
        network_height: None,
        incoming: None,
        outgoing: None,
        upgrade: None,
        version: None,
        busy: height.is_none(),
        borrowed: false,
    }
}
