//! The requests of one poll, in their order.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use super::{
    dialect::{self, Dialect, Header, Info, NoHeader, Recognition, Reply, Request, Which},
    http::{Answered, Http},
    tip::TipReply,
    unfinished::Unfinished,
    walk::{Defect, Walk},
};
use crate::{
    consensus::{
        block::{BlockHash, Height},
        observation::{Failure, FailureKind, Window},
        peers::Peer,
    },
    net::failure,
};

/// One poll's talk with a daemon.
pub(super) struct Exchange<'a> {
    http: &'a mut Http,
    unfinished: &'a mut Unfinished,
    tip: &'a mut TipReply,
    /// From when on it takes the next turn, and leaves none to the gateway's requests.
    due: Instant,
    /// Nothing that has to wait for its turn beyond this is asked.
    until: Instant,
    /// From when on the walk is content with the smallest window: a daemon far away would otherwise never answer
    /// all of it within the time limit.
    hurry_at: Instant,
    /// Who answered last.
    pub(super) peer: Option<SocketAddr>,
    /// Whether it ended because the daemon limits how often it is asked.
    pub(super) is_limited: bool,
}

impl<'a> Exchange<'a> {
    /// Requests that are over within `limit`, but for the last one.
    pub(super) fn new(
        http: &'a mut Http,
        unfinished: &'a mut Unfinished,
        tip: &'a mut TipReply,
        started: Instant,
        limit: Duration,
    ) -> Self {
        let (hurry_at, until) = (started + limit / 2, started + limit - limit / 4);
        let due = started + limit / 4;
        Self { http, unfinished, tip, due, until, hurry_at, peer: None, is_limited: false }
    }

    /// Connections that were made so far.
    pub(super) fn connections(&self) -> u64 {
        self.http.connections
    }

    /// The daemon's info, and its dialect where it was not known.
    pub(super) async fn info(
        &mut self,
        known: Option<&'static dyn Dialect>,
    ) -> Result<(&'static dyn Dialect, Info), Failure> {
        let Some(dialect) = known else { return self.recognise().await };
        if let Some(info) = self.unfinished.info(Instant::now()) {
            return Ok((dialect, info));
        }
        let reply = self.send(&dialect.info_request()).await?;
        let info = match dialect.info(&reply) {
            Ok(info) => info,
            Err(failure) => return Err(self.looked_into(failure, &reply).await),
        };
        self.unfinished.keep_info(Instant::now(), &info);
        Ok((dialect, info))
    }

    async fn recognise(&mut self) -> Result<(&'static dyn Dialect, Info), Failure> {
        loop {
            let question = self.unfinished.question();
            let reply = self.send(&dialect::request_for(question)).await?;
            let is_web_page = dialect::is_web_page(&reply);
            self.unfinished.note_web_page(is_web_page);
            match dialect::recognise(question, &reply) {
                Ok(Recognition::AskNext(next)) => self.unfinished.ask_next(next),
                Ok(Recognition::Known(dialect, info)) => {
                    self.unfinished.keep_info(Instant::now(), &info);
                    return Ok((dialect, info));
                }
                // A status at the last question says less than the pages at those before it.
                Err(failure)
                    if is_web_page || (failure.kind == FailureKind::HttpStatus && self.unfinished.met_web_page()) =>
                {
                    return Err(failure::web_page());
                }
                Err(failure) => {
                    let failure = self.looked_into(failure, &reply).await;
                    return Err(self.named(failure).await);
                }
            }
        }
    }

    /// The same failure, or that its database is damaged: a TurtleCoind that cannot tell of itself then does not find its top block either (seen on 0.28.3,
    /// after two blocks had come for one height).
    async fn looked_into(&mut self, failure: Failure, info: &Reply) -> Failure {
        if !dialect::tells_of_an_exception(info) {
            return failure;
        }
        match self.header(dialect::OF_ANY_FAMILY, Which::Last).await {
            Err(NoHeader::Failed(damaged)) if damaged.kind == FailureKind::Damaged => damaged,
            _ => failure,
        }
    }

    /// The same failure with the software's name, where it has a call to be known by.
    async fn named(&mut self, failure: Failure) -> Failure {
        if failure.kind != FailureKind::Unsupported {
            return failure;
        }
        for (call, software) in dialect::NAMED_BY_CALLS {
            match self.send(&dialect::request_for(call)).await {
                Ok(reply) if dialect::has_result(&reply) => return failure::unsupported(Some(software)),
                Ok(_) => {}
                Err(_) => break,
            }
        }
        failure
    }

    /// Whether the daemon's tip is the window's. Another header that it shows instead is asked for no second time in this poll.
    pub(super) async fn is_at(&mut self, dialect: &dyn Dialect, window: &Window) -> Result<bool, Failure> {
        match self.header(dialect, Which::Last).await {
            Ok(tip) => {
                let known = window.blocks.first().map(|block| block.hash);
                Ok(tip.height == window.height && Some(tip.hash) == known)
            }
            Err(NoHeader::Busy) => Ok(false),
            Err(NoHeader::Failed(failure)) => Err(failure),
        }
    }

    /// The daemon's window, joined to the one of the poll before where they meet.
    ///
    /// The genesis block is asked for where it is not known, and again where the windows do not meet: then
    /// nothing shows that it is still the same daemon that answers.
    pub(super) async fn window(
        &mut self,
        dialect: &dyn Dialect,
        genesis: &mut Option<Option<BlockHash>>,
        before: Option<&Window>,
    ) -> Result<Window, NoHeader> {
        let tip = self.header(dialect, Which::Last).await?;
        // Without a window nothing was seen yet that could be another daemon's.
        let was_known = genesis.is_some() && before.is_some();
        let first = match *genesis {
            Some(genesis) => genesis,
            None => *genesis.insert(self.genesis(dialect, &tip).await?),
        };
        let before = before.filter(|window| window.genesis == first);
        let walk = self.walk(dialect, &tip, before).await?;
        if !walk.joined() && was_known {
            *genesis = None;
            *genesis = Some(self.genesis(dialect, &tip).await?);
        }
        let first = genesis.unwrap_or(first);
        walk.finish(first).map_err(|defect| refused(dialect, Which::Last, defect))
    }

    async fn walk<'w>(
        &mut self,
        dialect: &dyn Dialect,
        tip: &Header,
        before: Option<&'w Window>,
    ) -> Result<Walk<'w>, NoHeader> {
        let mut walk = Walk::new(tip, before);
        while let Some((_, hash)) = walk.wants(self.unfinished.turns.are_slow() || Instant::now() >= self.hurry_at) {
            let which = Which::Of(hash);
            let header = match self.header(dialect, which).await {
                Ok(header) => header,
                // What is wanted beyond the smallest window is a help, not a duty. But half a busy daemon's answers prove nothing.
                Err(NoHeader::Failed(_)) if walk.suffices() => break,
                Err(error) => return Err(error),
            };
            walk.add(&header).map_err(|defect| match defect {
                Defect::Doubled(words) if dialect.counts_heights_alike() => failure::damaged(words).into(),
                Defect::Doubled(words) | Defect::Other(words) => refused(dialect, which, words),
            })?;
        }
        Ok(walk)
    }

    /// The first block, where the daemon shows it. Some forks of the old daemons count blocks from 1 in this one call, or do
    /// not know it: that is no reason not to watch them.
    async fn genesis(&mut self, dialect: &dyn Dialect, tip: &Header) -> Result<Option<BlockHash>, NoHeader> {
        if tip.height == Height::GENESIS {
            return Ok(Some(tip.hash));
        }
        match self.header(dialect, Which::At(Height::GENESIS)).await {
            Ok(header) => Ok((header.height == Height::GENESIS).then_some(header.hash)),
            Err(NoHeader::Failed(failure)) if failure.kind == FailureKind::InvalidReply => Ok(None),
            // So TurtleCoind and some others say that they have no such call.
            Err(NoHeader::Failed(failure)) if failure == failure::http_status(NOT_FOUND) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The hash of the block at a height. Some forks of the old daemons count blocks from 1 in this one call, which the
    /// height in their answer gives away.
    pub(super) async fn hash_at(
        &mut self,
        dialect: &dyn Dialect,
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
    pub(super) async fn peers(&mut self, dialect: &dyn Dialect) -> Result<Vec<Peer>, Failure> {
        let request = dialect.peers_request().ok_or_else(|| failure::invalid_reply("lists no connections"))?;
        let reply = self.send(&request).await?;
        dialect.peers(&reply)
    }

    async fn header(&mut self, dialect: &dyn Dialect, which: Which) -> Result<Header, NoHeader> {
        if let Some(header) = self.unfinished.header(Instant::now(), which) {
            return Ok(header);
        }
        let reply = self.send(&dialect.header_request(which)).await?;
        let read = |reply: &Reply| dialect.header(which, reply);
        let header = if which == Which::Last { self.tip.header(reply, read)? } else { read(&reply)? };
        self.unfinished.keep_header(Instant::now(), which, &header);
        Ok(header)
    }

    /// The reply to a request that waits for its turn, and is sent again where it came too soon and there is time for it.
    async fn send(&mut self, request: &Request) -> Result<Reply, Failure> {
        loop {
            self.turn().await?;
            let sent = Instant::now();
            let Answered { reply, retry_after, peer } = self.http.send(request).await?;
            self.peer = Some(peer);
            let status = reply.status;
            if !matches!(status, TOO_MANY_REQUESTS | UNAVAILABLE) {
                return Ok(reply);
            }
            let is_certain = status == TOO_MANY_REQUESTS || retry_after.is_some();
            self.unfinished.turns.refuse(sent, retry_after, is_certain);
            self.unfinished.limit = Some((status, is_certain));
            // Behind a proxy there may be no daemon at all, which is to be found at once.
            if !is_certain {
                return Err(self.limited());
            }
        }
    }

    async fn turn(&mut self) -> Result<(), Failure> {
        if self.unfinished.turns.poll(self.due, self.until).await { Ok(()) } else { Err(self.limited()) }
    }

    fn limited(&mut self) -> Failure {
        self.is_limited = true;
        let (status, is_certain) = self.unfinished.limit.unwrap_or((TOO_MANY_REQUESTS, true));
        failure::limited(status, is_certain, self.unfinished.turns.gap())
    }
}

const NOT_FOUND: u16 = 404;
const TOO_MANY_REQUESTS: u16 = 429;
const UNAVAILABLE: u16 = 503;

fn refused(dialect: &dyn Dialect, which: Which, defect: String) -> NoHeader {
    let request = dialect.header_request(which);
    NoHeader::Failed(failure::invalid_reply(format_args!("{request}: {defect}")))
}
