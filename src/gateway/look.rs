//! A look for a block in one daemon's chain.

use std::{sync::Arc, time::Duration};

use tokio::time::timeout;

use super::{
    body::{self, LONGEST_READ},
    lanes::Lane,
    request::Asking,
    shared::Shared,
};
use crate::{
    consensus::block::Height,
    routing::{Who, blob::Marks, header::Header, reply::Envelope, sight::Sight},
    words::text_of,
};

/// What a daemon's chain shows of a block, and the height of the block's parent where that was not known.
pub(super) async fn look(
    shared: &Arc<Shared>,
    daemon: &Who,
    marks: &Marks,
    height: Option<Height>,
) -> (Sight, Option<Height>) {
    let Some(top) = header(shared, daemon, "getlastblockheader", "{}").await else { return (Sight::Silent, None) };
    let parent = if marks.build_on(top.hash) { Some(top.height) } else { None };
    let parent = match height {
        Some(height) => height.below(1),
        None if parent.is_some() => parent,
        None => parent_height(shared, daemon, marks).await,
    };
    let at = parent.map(Height::next);
    let sight = |header: &Header| Sight::of(header, marks, at);
    match at {
        Some(at) if top.height > at => {
            let header = header_at(shared, daemon, at).await;
            (header.map_or(Sight::Silent, |header| sight(&header)), parent)
        }
        _ => (sight(&top), parent),
    }
}

async fn parent_height(shared: &Arc<Shared>, daemon: &Who, marks: &Marks) -> Option<Height> {
    for hash in marks.parents() {
        let found = header(shared, daemon, "getblockheaderbyhash", &format!(r#"{{"hash":"{hash}"}}"#)).await;
        if let Some(header) = found.filter(|header| header.hash == hash) {
            return Some(header.height);
        }
    }
    None
}

/// The header at a height. Some forks of the old daemons count blocks from 1 in this one call, which the height in their answer gives away.
pub(super) async fn header_at(shared: &Arc<Shared>, daemon: &Who, height: Height) -> Option<Header> {
    for asked in [height, height.next()] {
        let params = format!(r#"{{"height":{asked}}}"#);
        let header = header(shared, daemon, "getblockheaderbyheight", &params).await?;
        if header.height == height {
            return Some(header);
        }
    }
    None
}

async fn header(shared: &Arc<Shared>, daemon: &Who, method: &str, params: &str) -> Option<Header> {
    let read = async {
        let upstream = shared.upstream(daemon);
        if !upstream.turns().insist(LOOK_TURN).await {
            return None;
        }
        let answer = upstream.send(&Asking::call(method, params), Lane::Block, true).await.ok()?;
        let bytes = body::collect(answer.response.into_body(), LONGEST_READ).await.ok()?;
        answer.lease.end();
        Envelope::of(&text_of(&bytes))?.header()
    };
    timeout(LOOK_LIMIT, read).await.ok().flatten()
}

/// For one header. A submission waits for a second; what comes later still counts for its next decision, and a block that is followed has time.
const LOOK_LIMIT: Duration = Duration::from_secs(5);
/// How long a look waits for its turn at a daemon that limits how often it is asked; then it is sent nonetheless. A look that takes a second is none.
const LOOK_TURN: Duration = Duration::from_millis(800);
