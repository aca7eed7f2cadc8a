//! Host names to addresses, one lookup at a time.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    vec,
};

use hyper_util::client::legacy::connect::dns::Name;
use tokio::{
    sync::Mutex,
    task::{JoinError, JoinHandle},
};

/// The addresses of a host name, later.
pub type Addresses = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Looks host names up.
pub trait Lookup: Send + Sync + 'static {
    /// The addresses that the name has now, the preferred one first.
    fn lookup(&self, host: String) -> Addresses;
}

/// The operating system's lookup.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup(&self, host: String) -> Addresses {
        Box::pin(async move { Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect()) })
    }
}

/// Resolves the name of one daemon.
///
/// The system's lookup blocks a thread and cannot be ended, and without an answer from the name server it lasts
/// longer than a poll does. So there is never more than one for a daemon: polls that come meanwhile wait
/// for the same one.
#[derive(Clone)]
pub(crate) struct Resolver {
    source: Arc<dyn Lookup>,
    running: Arc<Mutex<Option<Running>>>,
}

type Running = JoinHandle<io::Result<Vec<IpAddr>>>;

impl Resolver {
    pub(crate) fn new(source: Arc<dyn Lookup>) -> Self {
        Self { source, running: Arc::default() }
    }

    /// The name's addresses; never an empty list.
    pub(crate) async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>, Unresolved> {
        let mut running = self.running.lock().await;
        let lookup = running.get_or_insert_with(|| tokio::spawn(self.source.lookup(host.to_owned())));
        // Who stops waiting here leaves the lookup to the next one who asks.
        let answer = lookup.await;
        *running = None;
        answered(answer).map_err(|error| Unresolved { host: host.to_owned(), error })
    }
}

fn answered(answer: Result<io::Result<Vec<IpAddr>>, JoinError>) -> io::Result<Vec<IpAddr>> {
    let addresses = answer??;
    if addresses.is_empty() { Err(io::Error::from(io::ErrorKind::NotFound)) } else { Ok(addresses) }
}

/// How connections get their address: anew for each of them.
impl tower_service::Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = Unresolved;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Unresolved>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Unresolved>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let resolver = self.clone();
        Box::pin(async move {
            let addresses = resolver.resolve(name.as_str()).await?;
            // The connector sets the port.
            let addresses: Vec<_> = addresses.into_iter().map(|address| SocketAddr::new(address, 0)).collect();
            Ok(addresses.into_iter())
        })
    }
}

/// The name has no address, or nobody could tell.
#[derive(Debug)]
pub(crate) struct Unresolved {
    host: String,
    error: io::Error,
}

impl std::error::Error for Unresolved {}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, error } = self;
        match error.kind() {
            io::ErrorKind::NotFound => write!(f, "no address for {host}"),
            _ => write!(f, "no address for {host}: {error}"),
        }
    }
}
