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
    failure,
    http::Http,
    resolver::{Lookup, Resolver, SystemLookup, Unresolved},
};
use crate::{
    consensus::{
        block::{BlockHash, Height},
        observation::{Failure, Observation, View, Window},
        peers::Peer,
    },
    daemon::Endpoint,
};

/// How often the name of a daemon is looked up while its connection works. A moved daemon whose old address
/// still answers is followed within this time and two polls.
const LOOKUP_INTERVAL: Duration = Duration::from_secs(30);

/// Watches one daemon over one kept connection.
///
/// Between two polls it remembers how to speak to the daemon, and the blocks of its last good poll.
pub struct Client {
    endpoint: Endpoint,
    /// Whether the host is a name, which may move, and no address.
    is_named: bool,
    timeout: Duration,
    resolver: Resolver,
    lookup_interval: Duration,
    connection: Option<Connection>,
    dialect: Option<Dialect>,
    /// The first block, once it has been asked for; `Some(None)` where the daemon does not show it.
    genesis: Option<Option<BlockHash>>,
    window: Option<Window>,
    /// Whether the daemon counts blocks from 1 where it is asked for the one at a height, as some forks of the old ones do.
    counts_from_one: bool,
}

/// The connection in use and what is known of its address.
struct Connection {
    http: Http,
    address: Option<IpAddr>,
    looked_up: Instant,
    lookup: Option<JoinHandle<Result<Vec<IpAddr>, Unresolved>>>,
}

impl Client {
    /// A client for the daemon at this endpoint, with this time limit for a whole poll. It connects when it first
    /// polls.
    pub fn new(endpoint: Endpoint, timeout: Duration) -> Self {
        Self::with_lookup(endpoint, timeout, Arc::new(SystemLookup), LOOKUP_INTERVAL)
    }

    /// A client that looks host names up by other means or at other times.
    pub fn with_lookup(
        endpoint: Endpoint,
        timeout: Duration,
        lookup: Arc<dyn Lookup>,
        lookup_interval: Duration,
    ) -> Self {
        let resolver = Resolver::new(lookup);
        let (connection, dialect, genesis, window) = (None, None, None, None);
        let (is_named, counts_from_one) = (endpoint.host.parse::<IpAddr>().is_err(), false);
        Self {
            endpoint,
            is_named,
            timeout,
            resolver,
            lookup_interval,
            connection,
            dialect,
            genesis,
            window,
            counts_from_one,
        }
    }

    /// What the daemon shows now, in one try.
    ///
    /// Two requests where nothing changed or one block came. After a failure the daemon is recognised anew, as another
    /// one may come up in its place; the blocks it showed stay known.
    pub async fn poll(&mut self) -> Result<Observation, Failure> {
        let limit = self.timeout;
        let observation = tokio::time::timeout(limit, self.observe());
        let result = observation.await.unwrap_or_else(|_| Err(failure::timeout(limit)));
        if result.is_err() {
            self.forget_dialect();
        }
        result
    }

    /// The hash of the block at a height of the daemon's chain, in one try; `None` where it gives no usable answer.
    ///
    /// One request, and those by which the daemon is recognised before the first one and after a failure.
    pub async fn hash_at(&mut self, height: Height) -> Option<BlockHash> {
        let result = tokio::time::timeout(self.timeout, self.ask(height)).await.ok().and_then(Result::ok);
        if result.is_none() {
            self.forget_dialect();
        }
        result
    }

    /// The daemon's connections one by one, in one try; `None` where it gives no usable list.
    ///
    /// One request, and those by which the daemon is recognised before the first one and after a failure.
    pub async fn peers(&mut self) -> Option<Vec<Peer>> {
        let result = tokio::time::timeout(self.timeout, self.ask_for_peers()).await.ok().and_then(Result::ok);
        if result.is_none() {
            self.forget_dialect();
        }
        result
    }

    async fn ask_for_peers(&mut self) -> Result<Vec<Peer>, Failure> {
        let mut connection = self.take_connection().await?;
        let mut exchange = Exchange::new(&mut connection.http, Instant::now());
        let outcome = self.peers_from(&mut exchange).await;
        let peer = exchange.peer;
        self.keep(connection, peer);
        outcome
    }

    async fn peers_from(&mut self, exchange: &mut Exchange<'_>) -> Result<Vec<Peer>, Failure> {
        let dialect = self.recognised(exchange).await?;
        exchange.peers(dialect).await
    }

    async fn recognised(&mut self, exchange: &mut Exchange<'_>) -> Result<Dialect, Failure> {
        let dialect = match self.dialect {
            Some(dialect) => dialect,
            None => exchange.info(None).await?.0,
        };
        self.dialect = Some(dialect);
        Ok(dialect)
    }

    /// Ends the connection, if one is kept; the next look opens another.
    pub fn hang_up(&mut self) {
        self.connection = None;
    }

    async fn ask(&mut self, height: Height) -> Result<BlockHash, NoHeader> {
        let mut connection = self.take_connection().await?;
        let mut exchange = Exchange::new(&mut connection.http, Instant::now());
        let outcome = self.hash_from(&mut exchange, height).await;
        let peer = exchange.peer;
        self.keep(connection, peer);
        outcome
    }

    async fn hash_from(&mut self, exchange: &mut Exchange<'_>, height: Height) -> Result<BlockHash, NoHeader> {
        let dialect = self.recognised(exchange).await?;
        exchange.hash_at(dialect, height, &mut self.counts_from_one).await
    }

    async fn observe(&mut self) -> Result<Observation, Failure> {
        let started = Instant::now();
        let mut connection = self.take_connection().await?;
        let mut exchange = Exchange::new(&mut connection.http, started + self.timeout / 2);
        let outcome = self.look(&mut exchange, started).await;
        let peer = exchange.peer;
        self.keep(connection, peer);
        outcome
    }

    async fn look(&mut self, exchange: &mut Exchange<'_>, started: Instant) -> Result<Observation, Failure> {
        let (dialect, info) = exchange.info(self.dialect).await?;
        self.dialect = Some(dialect);
        let view = match info.busy {
            true => View::Busy { height: Some(info.height) },
            false => self.view(exchange, dialect, &info).await?,
        };
        Ok(self.observation(dialect, info, view, exchange.peer, started.elapsed()))
    }

    async fn view(&mut self, exchange: &mut Exchange<'_>, dialect: Dialect, info: &Info) -> Result<View, Failure> {
        match exchange.window(dialect, self.genesis, self.window.as_ref()).await {
            Ok(window) => {
                self.genesis = Some(window.genesis);
                self.window = Some(window.clone());
                Ok(View::Chain(window))
            }
            Err(NoHeader::Busy) => Ok(View::Busy { height: Some(info.height) }),
            Err(NoHeader::Failed(failure)) => Err(failure),
        }
    }

    fn observation(
        &self,
        dialect: Dialect,
        info: Info,
        view: View,
        peer: Option<SocketAddr>,
        latency: Duration,
    ) -> Observation {
        let Info { network_height, incoming, outgoing, upgrade, version, .. } = info;
        let address = peer.filter(|_| !self.endpoint.tls);
        Observation {
            view,
            network_height,
            incoming,
            outgoing,
            family: dialect.family,
            upgrade,
            json_rpc: dialect.json_rpc(),
            version,
            address,
            latency,
        }
    }

    fn forget_dialect(&mut self) {
        self.dialect = None;
        self.genesis = None;
    }

    /// Taken out while it is used: a talk that is over its limit is dropped, and the connection that nothing came over with it.
    async fn take_connection(&mut self) -> Result<Connection, Failure> {
        self.follow_name().await;
        self.connection.take().map_or_else(|| self.connect(), Ok)
    }

    fn keep(&mut self, mut connection: Connection, peer: Option<SocketAddr>) {
        connection.address = peer.map(|peer| peer.ip()).or(connection.address);
        self.connection = Some(connection);
    }

    fn connect(&self) -> Result<Connection, Failure> {
        let http = Http::new(&self.endpoint, self.resolver.clone(), self.timeout)?;
        Ok(Connection { http, address: None, looked_up: Instant::now(), lookup: None })
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
        if connection.has_moved().await {
            info!("{} has moved to another address; connecting there", self.endpoint);
            self.connection = None;
            self.forget_dialect();
        } else if connection.lookup.is_none() && connection.looked_up.elapsed() >= self.lookup_interval {
            let (resolver, host) = (self.resolver.clone(), self.endpoint.host.clone());
            connection.looked_up = Instant::now();
            connection.lookup = Some(tokio::spawn(async move { resolver.resolve(&host).await }));
        }
    }
}

impl Connection {
    /// Whether a lookup has ended, and the address in use is not in its answer.
    async fn has_moved(&mut self) -> bool {
        let Some(lookup) = self.lookup.take_if(|lookup| lookup.is_finished()) else { return false };
        match (lookup.await, self.address) {
            (Ok(Ok(addresses)), Some(in_use)) => !addresses.iter().any(|address| address.to_canonical() == in_use),
            // A lookup that failed says nothing against a connection that works.
            _ => false,
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { endpoint, timeout, dialect, .. } = self;
        f.debug_struct("Client")
            .field("endpoint", endpoint)
            .field("timeout", timeout)
            .field("dialect", dialect)
            .finish_non_exhaustive()
    }
}
