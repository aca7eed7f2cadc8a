//! The requests of one poll, in their order.

use std::{net::SocketAddr, time::Instant};

use super::{
    dialect::{self, Dialect, Header, Info, NoHeader, Recognition, Reply, Request, Which},
    failure,
    http::Http,
    walk::Walk,
};
use crate::consensus::{
    block::{BlockHash, Height},
    observation::{Failure, FailureKind, Window},
    peers::Peer,
};

/// One poll's talk with a daemon.
pub(super) struct Exchange<'a> {
    http: &'a mut Http,
    /// From when on the walk is content with the smallest window: a daemon far away would otherwise never answer
    /// all of it within the time limit.
    hurry_at: Instant,
    /// Who answered last.
    pub(super) peer: Option<SocketAddr>,
}

impl<'a> Exchange<'a> {
    pub(super) fn new(http: &'a mut Http, hurry_at: Instant) -> Self {
        Self { http, hurry_at, peer: None }
    }

    /// The daemon's info, and its dialect where it was not known.
    pub(super) async fn info(&mut self, known: Option<Dialect>) -> Result<(Dialect, Info), Failure> {
        let Some(dialect) = known else { return self.recognise().await };
        let reply = self.send(&dialect.info_request()).await?;
        Ok((dialect, dialect.info(&reply)?))
    }

    async fn recognise(&mut self) -> Result<(Dialect, Info), Failure> {
        let mut path = dialect::FIRST_PATH;
        loop {
            let reply = self.send(&Request::get(path)).await?;
            match dialect::recognise(path, &reply)? {
                Recognition::AskNext(next) => path = next,
                Recognition::Known(dialect, info) => return Ok((dialect, info)),
            }
        }
    }

    /// The daemon's window, joined to the one of the poll before where they meet.
    ///
    /// The genesis block is asked for where it is not known, and again where the windows do not meet: then
    /// nothing shows that it is still the same daemon that answers.
    pub(super) async fn window(
        &mut self,
        dialect: Dialect,
        genesis: Option<Option<BlockHash>>,
        before: Option<&Window>,
    ) -> Result<Window, NoHeader> {
        let tip = self.header(dialect, Which::Last).await?;
        let first = match genesis {
            Some(genesis) => genesis,
            None => self.genesis(dialect, &tip).await?,
        };
        let before = before.filter(|window| window.genesis == first);
        let walk = self.walk(dialect, &tip, before).await?;
        let first = if walk.joined() || genesis.is_none() { first } else { self.genesis(dialect, &tip).await? };
        walk.finish(first).map_err(|defect| refused(dialect, Which::Last, defect))
    }

    async fn walk<'w>(
        &mut self,
        dialect: Dialect,
        tip: &Header,
        before: Option<&'w Window>,
    ) -> Result<Walk<'w>, NoHeader> {
        let mut walk = Walk::new(tip, before);
        while let Some((_, hash)) = walk.wants(Instant::now() >= self.hurry_at) {
            let which = Which::Of(hash);
            let header = match self.header(dialect, which).await {
                Ok(header) => header,
                // What is wanted beyond the smallest window is a help, not a duty.
                Err(_) if walk.suffices() => break,
                Err(error) => return Err(error),
            };
            walk.add(&header).map_err(|defect| refused(dialect, which, defect))?;
        }
        Ok(walk)
    }

    /// The first block, where the daemon shows it. Some forks of the old daemons count blocks from 1 in this one call, or do
    /// not know it: that is no reason not to watch them.
    async fn genesis(&mut self, dialect: Dialect, tip: &Header) -> Result<Option<BlockHash>, NoHeader> {
        if tip.height == Height::GENESIS {
            return Ok(Some(tip.hash));
        }
        match self.header(dialect, Which::At(Height::GENESIS)).await {
            Ok(header) => Ok((header.height == Height::GENESIS).then_some(header.hash)),
            Err(NoHeader::Failed(failure)) if failure.kind == FailureKind::InvalidReply => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The hash of the block at a height. Some forks of the old daemons count blocks from 1 in this one call, which the
    /// height in their answer gives away.
    pub(super) async fn hash_at(
        &mut self,
        dialect: Dialect,
        height: Height,
        counts_from_one: &mut bool,
    ) -> Result<BlockHash, NoHeader> {
        let which = |from_one: bool| Which::At(if from_one { height.next() } else { height });
        let mut header = self.header(dialect, which(*counts_from_one)).await?;
        if header.height != height {
            *counts_from_one = !*counts_from_one;
            header = self.header(dialect, which(*counts_from_one)).await?;
        }
        if header.height == height {
            return Ok(header.hash);
        }
        let defect = format!("\"height\" is {}, not the one asked for", header.height);
        Err(refused(dialect, which(*counts_from_one), defect))
    }

    /// The daemon's connections.
    pub(super) async fn peers(&mut self, dialect: Dialect) -> Result<Vec<Peer>, Failure> {
        let request = dialect.peers_request().ok_or_else(|| failure::invalid_reply("lists no connections"))?;
        let reply = self.send(&request).await?;
        dialect.peers(&reply)
    }

    async fn header(&mut self, dialect: Dialect, which: Which) -> Result<Header, NoHeader> {
        let reply = self.send(&dialect.header_request(which)).await?;
        dialect.header(which, &reply)
    }

    async fn send(&mut self, request: &Request) -> Result<Reply, Failure> {
        let answer = self.http.send(request).await?;
        self.peer = Some(answer.peer);
        Ok(answer.reply)
    }
}

fn refused(dialect: Dialect, which: Which, defect: String) -> NoHeader {
    let request = dialect.header_request(which);
    NoHeader::Failed(failure::invalid_reply(format_args!("{request}: {defect}")))
}
