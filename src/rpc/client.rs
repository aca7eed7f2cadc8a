//! What is kept of a daemon between two polls.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::task::JoinHandle;
use tracing::info;

use super::{
    dialect::{Dialect, Info, NoHeader},
    exchange::Exchange,
    http::Http,
    tip::TipReply,
    turns::Turns,
    unfinished::Unfinished,
};
use crate::{
    config::DaemonConfig,
    consensus::{
        block::{BlockHash, Height},
        observation::{Failure, Observation, View, Window},
        peers::Peer,
    },
    endpoint::Endpoint,
    net::{
        Login, Lookup, failure,
        resolver::{LookupResult, Resolver, has_moved},
    },
};

/// How often the name of a daemon is looked up while its connection works. A moved daemon whose old address
/// still answers is followed within this time and two polls.
const LOOKUP_INTERVAL: Duration = Duration::from_secs(30);

/// How long a daemon that limits how often it is asked is waited for besides, at least.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Watches one daemon over one connection, which is kept from poll to poll until [`Client::let_go`].
///
/// Between two polls it remembers how to speak to the daemon, and the blocks of its last good poll.
pub struct Client {
    endpoint: Endpoint,
    /// Whether the host is a name, which may move, and no address.
    is_named: bool,
    timeout: Duration,
    login: Option<Arc<Login>>,
    resolver: Resolver,
    lookup_interval: Duration,
    connection: Option<NamedConnection>,
    known: Known,
    unfinished: Unfinished,
    tip: TipReply,
    /// How old its last view may be while a limit keeps the daemon from showing another one.
    freshness: Duration,
    /// When it last showed a view.
    seen: Option<Instant>,
    is_spared: bool,
}

/// What is known of the daemon.
#[derive(Debug, Default)]
struct Known {
    dialect: Option<&'static dyn Dialect>,
    /// The first block, once it has been asked for; `Some(None)` where the daemon does not show it.
    genesis: Option<Option<BlockHash>>,
    window: Option<Window>,
    /// Whether the last poll got it from header calls: the next one may do without them.
    is_shown: bool,
    /// What the last poll saw, where all was in order and the info does not show the tip: the next one may do without the info. Beside it the
    /// number of the connection: over another one it may be a daemon that was started anew.
    whole: Option<(u64, Observation)>,
    /// Whether the daemon counts blocks from 1 where it is asked for the one at a height, as some forks of the old ones do.
    counts_from_one: bool,
}

/// What a talk with a daemon came to.
struct Talk<T> {
    result: Result<T, NoHeader>,
    /// Whether it had to end because the daemon limits how often it is asked.
    is_limited: bool,
}

/// The connection in use and what is known of its address.
struct NamedConnection {
    http: Http,
    address: Option<IpAddr>,
    looked_up: Instant,
    lookup: Option<JoinHandle<LookupResult>>,
}

impl Client {
    /// A client for the daemon at this endpoint, with this time limit for a whole poll. It connects when it first
    /// polls.
    pub fn new(endpoint: Endpoint, timeout: Duration) -> Self {
        Self::with_resolver(endpoint, timeout, Resolver::shared(), LOOKUP_INTERVAL)
    }

    /// A client for a daemon as it is configured: with its login, where it has one.
    pub fn of(daemon: &DaemonConfig, timeout: Duration) -> Self {
        let login = daemon.login.as_ref().map(|login| Arc::new(Login::new(login)));
        Self { login, ..Self::new(daemon.endpoint.clone(), timeout) }
    }

    /// The same, which holds no limit of requests against the daemon while its last view is younger than this; see [`Self::is_spared`].
    pub fn with_freshness(self, freshness: Duration) -> Self {
        Self { freshness, ..self }
    }

    /// A client that looks host names up by other means or at other times.
    pub fn with_lookup(
        endpoint: Endpoint,
        timeout: Duration,
        lookup: Arc<dyn Lookup>,
        lookup_interval: Duration,
    ) -> Self {
        Self::with_resolver(endpoint, timeout, Resolver::new(lookup), lookup_interval)
    }

    fn with_resolver(endpoint: Endpoint, timeout: Duration, resolver: Resolver, lookup_interval: Duration) -> Self {
        let is_named = endpoint.host.parse::<IpAddr>().is_err();
        let (connection, known, unfinished) = (None, Known::default(), Unfinished::new(Turns::of(&endpoint)));
        let (tip, login) = (TipReply::default(), None);
        let (freshness, seen, is_spared) = (Duration::ZERO, None, false);
        Self {
            endpoint,
            is_named,
            timeout,
            login,
            resolver,
            lookup_interval,
            connection,
            known,
            unfinished,
            tip,
            freshness,
            seen,
            is_spared,
        }
    }

    /// What the daemon shows now, in one try.
    ///
    /// Two requests where one block came, and every other time where none did: in between one, which shows that the tip is the same; two each time over
    /// new connections. After a failure the daemon is recognised anew, as another
    /// one may come up in its place; the blocks it showed stay known. One that limits how often it is asked is given twice the time, and
    /// the next try goes on where this one had to end.
    pub async fn poll(&mut self) -> Result<Observation, Failure> {
        self.poll_within(self.timeout, true).await
    }

    /// The same within a shorter time; a daemon that limits how often it is asked is given the configured one nonetheless. Where it may not be short,
    /// the daemon's info is looked at in any case.
    pub async fn poll_within(&mut self, limit: Duration, may_be_short: bool) -> Result<Observation, Failure> {
        if !may_be_short {
            self.known.whole = None;
        }
        let limit = if self.unfinished.turns.are_slow() { self.limit() } else { limit.min(self.timeout) };
        let observed = tokio::time::timeout(limit, self.observe(limit)).await;
        let outcome = observed.unwrap_or_else(|_| Talk::failed(self.late(limit)));
        self.end(&outcome);
        if outcome.result.is_ok() {
            self.seen = Some(Instant::now());
        }
        self.is_spared = outcome.is_limited && self.unfinished.is_certain() && self.is_view_young();
        outcome.result.map_err(|error| match error {
            NoHeader::Failed(failure) => failure,
            NoHeader::Busy => failure::invalid_reply("the core is busy"),
        })
    }

    /// Whether the last poll failed for nothing but a limit of requests, while the view before it is still young enough to be judged by: that
    /// says nothing against the daemon.
    pub fn is_spared(&self) -> bool {
        self.is_spared
    }

    fn is_view_young(&self) -> bool {
        self.seen.is_some_and(|seen| seen.elapsed() < self.freshness)
    }

    /// The hash of the block at a height of the daemon's chain, in one try; `None` where it gives no usable answer.
    ///
    /// One request, and those by which the daemon is recognised before the first one and after a failure.
    pub async fn hash_at(&mut self, height: Height) -> Option<BlockHash> {
        let limit = self.limit();
        let asked = tokio::time::timeout(limit, self.ask(limit, height)).await;
        let outcome = asked.unwrap_or_else(|_| Talk::late(limit));
        self.end(&outcome);
        outcome.result.ok()
    }

    /// The daemon's connections one by one, in one try; `None` where it gives no usable list.
    ///
    /// One request, and those by which the daemon is recognised before the first one and after a failure.
    pub async fn peers(&mut self) -> Option<Vec<Peer>> {
        let limit = self.limit();
        let asked = tokio::time::timeout(limit, self.ask_for_peers(limit)).await;
        let outcome = asked.unwrap_or_else(|_| Talk::late(limit));
        self.end(&outcome);
        outcome.result.ok()
    }

    /// Ends the connection, if one is kept; the next look opens another.
    pub fn hang_up(&mut self) {
        self.connection = None;
    }

    /// Closes the connection that is kept where the daemon would wait for its end, were it told to stop; so does one that is not known. Over https it
    /// is to a proxy.
    pub fn let_go(&mut self) {
        let is_waited_for = self.known.dialect.is_none_or(|dialect| dialect.waits_for_its_clients());
        if let Some(connection) = self.connection.as_mut().filter(|_| is_waited_for && !self.endpoint.tls) {
            connection.http.let_go(self.is_named);
            self.known.whole = None;
        }
    }

    /// Nothing can be said of a daemon whose address is not known.
    fn late(&self, limit: Duration) -> Failure {
        let is_unresolved = self.is_named && self.resolver.is_waiting(&self.endpoint.host);
        if is_unresolved { failure::no_name_server(&self.endpoint.host, limit) } else { failure::timeout(limit) }
    }

    /// Waiting for a turn takes nothing from the time for answers.
    fn limit(&self) -> Duration {
        if self.unfinished.turns.are_slow() { self.timeout + self.timeout.max(PATIENCE) } else { self.timeout }
    }

    fn end<T>(&mut self, outcome: &Talk<T>) {
        match outcome {
            Talk { result: Ok(_), .. } => self.unfinished.end(),
            // Who asks for patience is the one that was recognised.
            Talk { is_limited: true, .. } => {}
            _ => self.forget(),
        }
    }

    async fn observe(&mut self, limit: Duration) -> Talk<Observation> {
        let started = Instant::now();
        let mut connection = match self.take_connection().await {
            Ok(connection) => connection,
            Err(failure) => return Talk::failed(failure),
        };
        let mut exchange = Exchange::new(&mut connection.http, &mut self.unfinished, &mut self.tip, started, limit);
        let result = self.known.look(&mut exchange, started).await.map_err(NoHeader::from);
        let (peer, is_limited) = (exchange.peer, exchange.is_limited);
        self.keep(connection, peer);
        // Over https several daemons may stand behind one address.
        let address = peer.filter(|_| !self.endpoint.tls);
        Talk { result: result.map(|observation| Observation { address, ..observation }), is_limited }
    }

    async fn ask(&mut self, limit: Duration, height: Height) -> Talk<BlockHash> {
        let mut connection = match self.take_connection().await {
            Ok(connection) => connection,
            Err(failure) => return Talk::failed(failure),
        };
        let mut exchange =
            Exchange::new(&mut connection.http, &mut self.unfinished, &mut self.tip, Instant::now(), limit);
        let result = self.known.hash_at(&mut exchange, height).await;
        let (peer, is_limited) = (exchange.peer, exchange.is_limited);
        self.keep(connection, peer);
        Talk { result, is_limited }
    }

    async fn ask_for_peers(&mut self, limit: Duration) -> Talk<Vec<Peer>> {
        let mut connection = match self.take_connection().await {
            Ok(connection) => connection,
            Err(failure) => return Talk::failed(failure),
        };
        let mut exchange =
            Exchange::new(&mut connection.http, &mut self.unfinished, &mut self.tip, Instant::now(), limit);
        let result = self.known.peers(&mut exchange).await.map_err(NoHeader::from);
        let (peer, is_limited) = (exchange.peer, exchange.is_limited);
        self.keep(connection, peer);
        Talk { result, is_limited }
    }

    fn forget(&mut self) {
        (self.known.dialect, self.known.genesis) = (None, None);
        self.unfinished.forget();
        self.tip.forget();
    }

    /// Taken out while it is used: a talk that is over its limit is dropped, and the connection that nothing came over with it.
    async fn take_connection(&mut self) -> Result<NamedConnection, Failure> {
        self.follow_name().await;
        self.connection.take().map_or_else(|| self.connect(), Ok)
    }

    fn keep(&mut self, mut connection: NamedConnection, peer: Option<SocketAddr>) {
        connection.address = peer.map(|peer| peer.ip()).or(connection.address);
        self.connection = Some(connection);
    }

    fn connect(&mut self) -> Result<NamedConnection, Failure> {
        self.known.whole = None;
        let http = Http::new(&self.endpoint, self.resolver.clone(), self.timeout, self.login.clone())?;
        Ok(NamedConnection { http, address: None, looked_up: Instant::now(), lookup: None })
    }

    /// Hangs up where the daemon's name has moved on, and looks it up again when it is time to.
    ///
    /// The lookup runs beside the polls and its answer is taken by the next one, so that a slow name server
    /// costs a daemon that answers nothing.
    async fn follow_name(&mut self) {
        if !self.is_named {
            return;
        }
        let Some(connection) = &mut self.connection else { return };
        // A new connection goes where the name leads now.
        let has_moved = if connection.http.is_let_go() {
            let answer = self.resolver.resolve(&self.endpoint.host).await;
            connection.address.is_some_and(|address| has_moved(address, &answer))
        } else {
            connection.has_moved().await
        };
        if has_moved {
            info!("{} has moved to another address; connecting there", self.endpoint);
            self.connection = None;
            self.forget();
        } else if connection.lookup.is_none() && connection.looked_up.elapsed() >= self.lookup_interval {
            let (resolver, host) = (self.resolver.clone(), self.endpoint.host.clone());
            connection.looked_up = Instant::now();
            connection.lookup = Some(tokio::spawn(async move { resolver.refresh(&host).await }));
        }
    }
}

impl<T> Talk<T> {
    fn failed(failure: Failure) -> Self {
        Self { result: Err(failure.into()), is_limited: false }
    }

    fn late(limit: Duration) -> Self {
        Self::failed(failure::timeout(limit))
    }
}

impl Known {
    async fn recognised(&mut self, exchange: &mut Exchange<'_>) -> Result<&'static dyn Dialect, Failure> {
        let dialect = match self.dialect {
            Some(dialect) => dialect,
            None => exchange.info(None).await?.0,
        };
        self.dialect = Some(dialect);
        Ok(dialect)
    }

    async fn peers(&mut self, exchange: &mut Exchange<'_>) -> Result<Vec<Peer>, Failure> {
        let dialect = self.recognised(exchange).await?;
        exchange.peers(dialect).await
    }

    async fn hash_at(&mut self, exchange: &mut Exchange<'_>, height: Height) -> Result<BlockHash, NoHeader> {
        let dialect = self.recognised(exchange).await?;
        exchange.hash_at(dialect, height, &mut self.counts_from_one).await
    }

    async fn look(&mut self, exchange: &mut Exchange<'_>, started: Instant) -> Result<Observation, Failure> {
        let connections = exchange.connections();
        if let Some(seen) = self.unmoved(exchange).await? {
            return Ok(Observation { latency: started.elapsed(), ..seen });
        }
        let (dialect, info) = exchange.info(self.dialect).await?;
        self.dialect = Some(dialect);
        // Over a new connection it may be one that was started anew.
        if dialect.hides_that_it_is_busy() && exchange.connections() != connections {
            self.genesis = None;
        }
        let view = match info.busy {
            true => View::Busy { height: info.height, borrowed: info.borrowed },
            false => self.view(exchange, dialect, &info).await?,
        };
        let is_whole = self.is_shown && info.tip.is_none();
        let seen = observation(dialect, info, view, started.elapsed());
        self.whole = (is_whole && seen.is_in_order()).then(|| (exchange.connections(), seen.clone()));
        Ok(seen)
    }

    /// What the poll before saw, where the tip is still the one that it saw, over the same connection. Never twice in a row, as the info has to be
    /// looked at too.
    async fn unmoved(&mut self, exchange: &mut Exchange<'_>) -> Result<Option<Observation>, Failure> {
        let (Some((connection, seen)), Some(dialect)) = (self.whole.take(), self.dialect) else { return Ok(None) };
        let Some(window) = self.window.as_ref().filter(|window| self.genesis == Some(window.genesis)) else {
            return Ok(None);
        };
        let is_same = exchange.is_at(dialect, window).await?;
        Ok((is_same && exchange.connections() == connection).then_some(seen))
    }

    /// Whether an info shows the tip of a window, so that all of it stands.
    fn is_at(&self, window: &Window, info: &Info) -> bool {
        let tip = window.blocks.first().map(|block| block.hash);
        let is_tip = info.tip.is_some() && info.tip == tip && info.height == Some(window.height);
        // Where the first block is to be asked for again, so is the rest.
        is_tip && self.genesis == Some(window.genesis)
    }

    async fn view(&mut self, exchange: &mut Exchange<'_>, dialect: &dyn Dialect, info: &Info) -> Result<View, Failure> {
        // Never twice in a row: that it refuses to show blocks has to be seen, whatever its info says.
        let was_shown = std::mem::take(&mut self.is_shown);
        if let Some(window) = self.window.as_ref().filter(|window| was_shown && self.is_at(window, info)) {
            return Ok(View::Chain(window.clone()));
        }
        match exchange.window(dialect, &mut self.genesis, self.window.as_ref()).await {
            Ok(window) => {
                (self.window, self.is_shown) = (Some(window.clone()), true);
                Ok(View::Chain(window))
            }
            Err(NoHeader::Busy) => Ok(View::Busy { height: info.height, borrowed: false }),
            Err(NoHeader::Failed(failure)) => Err(failure),
        }
    }
}

/// From an address that is told later.
fn observation(dialect: &dyn Dialect, info: Info, view: View, latency: Duration) -> Observation {
    let software = dialect.software(&info);
    let Info { network_height, incoming, outgoing, upgrade, version, .. } = info;
    let version = version.map(Into::into);
    Observation { view, network_height, incoming, outgoing, software, upgrade, version, address: None, latency }
}

impl NamedConnection {
    /// Whether a lookup has ended, and the address in use is not in its answer.
    async fn has_moved(&mut self) -> bool {
        let Some(lookup) = self.lookup.take_if(|lookup| lookup.is_finished()) else { return false };
        match (lookup.await, self.address) {
            (Ok(answer), Some(in_use)) => has_moved(in_use, &answer),
            _ => false,
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { endpoint, timeout, known: Known { dialect, .. }, .. } = self;
        f.debug_struct("Client")
            .field("endpoint", endpoint)
            .field("timeout", timeout)
            .field("dialect", dialect)
            .finish_non_exhaustive()
    }
}
