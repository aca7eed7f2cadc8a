//! Host names to addresses, one lookup of a name at a time.

use std::{
    collections::{HashMap, HashSet},
    fmt, io,
    net::{IpAddr, SocketAddr, ToSocketAddrs},
    pin::Pin,
    sync::{Arc, LazyLock},
    task::{Context, Poll},
    thread,
    time::{Duration, Instant},
    vec,
};

use hyper_util::client::legacy::connect::dns::Name;
use parking_lot::Mutex;
use tokio::{
    sync::{Semaphore, oneshot, watch},
    time::{sleep, timeout},
};

use super::hosts;

/// A future with the addresses of a host name.
pub type Addresses = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Looks host names up.
pub trait Lookup: Send + Sync + 'static {
    /// The addresses that the name has now, the preferred one first.
    fn lookup(&self, host: String) -> Addresses;
}

/// The operating system's lookup. What `/etc/hosts` lists is known at once.
///
/// Every other lookup blocks a thread, and without an answer from the name server it does so for longer than a poll lasts. So the
/// number of threads is limited. A lookup that has run for a second leaves its place to another one, as long as not too many have done
/// so. Names that were slow once have a few threads of their own: they delay one another, and hardly any other name.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup(&self, host: String) -> Addresses {
        Box::pin(async move {
            match hosts::addresses(&host) {
                Some(addresses) => Ok(addresses),
                None => ask_system(host).await,
            }
        })
    }
}

async fn ask_system(host: String) -> io::Result<Vec<IpAddr>> {
    let look = |host: &str| (host, 0).to_socket_addrs().map(|all| all.map(|it| it.ip()).collect());
    LANES.look_up(host, look).await
}

/// Threads for lookups.
#[derive(Clone)]
struct Lanes {
    quick: Arc<Semaphore>,
    overdue: Arc<Semaphore>,
    slow: Arc<Semaphore>,
    slow_names: Arc<Mutex<HashSet<String>>>,
}

static LANES: LazyLock<Lanes> = LazyLock::new(Lanes::new);

impl Lanes {
    fn new() -> Self {
        let [quick, overdue, slow] = [QUICK, OVERDUE, SLOW].map(|threads| Arc::new(Semaphore::new(threads)));
        Self { quick, overdue, slow, slow_names: Arc::default() }
    }

    /// Looks a name up in a thread, by a call that may block.
    async fn look_up(
        &self,
        host: String,
        look: impl FnOnce(&str) -> io::Result<Vec<IpAddr>> + Send + 'static,
    ) -> io::Result<Vec<IpAddr>> {
        let is_slow = self.slow_names.lock().contains(&host);
        let lane = if is_slow { &self.slow } else { &self.quick };
        // Nobody closes a lane.
        let mut place = lane.clone().acquire_owned().await.map_err(io::Error::other)?;
        let (told, answer) = oneshot::channel();
        let (ended, end) = oneshot::channel::<()>();
        let lanes = self.clone();
        thread::Builder::new().name("lookup".into()).spawn(move || {
            let began = Instant::now();
            let addresses = look(&host);
            lanes.note(host, began.elapsed());
            drop(ended);
            // Nobody may wait for it any more.
            drop(told.send(addresses));
        })?;
        let overdue = self.overdue.clone();
        // A task of its own: the thread has its place, whoever waits for it.
        tokio::spawn(async move {
            let aside = async {
                sleep(SLOW_FROM).await;
                overdue.acquire_owned().await
            };
            tokio::pin!(end);
            tokio::select! {
                _ = &mut end => return,
                Ok(aside) = aside, if !is_slow => drop(std::mem::replace(&mut place, aside)),
            }
            drop(end.await);
            drop(place);
        });
        answer.await.map_err(io::Error::other)?
    }

    fn note(&self, host: String, took: Duration) {
        let mut slow = self.slow_names.lock();
        if took < SLOW_FROM {
            slow.remove(&host);
        } else if slow.len() < MOST_NAMES {
            slow.insert(host);
        }
    }
}

/// Resolves names, for all who share it.
///
/// There is never more than one lookup of a name: who comes meanwhile waits for the same one. While one runs, or where it fails, the
/// addresses that the name had last are good enough: they are given after a short wait.
#[derive(Clone)]
pub(crate) struct Resolver {
    source: Arc<dyn Lookup>,
    names: Arc<Mutex<HashMap<String, Known>>>,
}

/// What is known of a name.
#[derive(Default)]
struct Known {
    addresses: Option<Vec<IpAddr>>,
    running: Option<watch::Receiver<Option<LookupResult>>>,
}

/// What a lookup found.
pub(crate) type LookupResult = Result<Vec<IpAddr>, Unresolved>;

impl Resolver {
    pub(crate) fn new(source: Arc<dyn Lookup>) -> Self {
        Self { source, names: Arc::default() }
    }

    /// The one that polls, the gateway and listeners to events share.
    pub(crate) fn shared() -> Self {
        static SHARED: LazyLock<Resolver> = LazyLock::new(|| Resolver::new(Arc::new(SystemLookup)));
        SHARED.clone()
    }

    /// The name's addresses, those it had last where it takes longer to learn whether it has others; never an empty list.
    pub(crate) async fn resolve(&self, host: &str) -> LookupResult {
        let lookup = self.refresh(host);
        let Some(last) = self.last(host) else { return lookup.await };
        match timeout(GRACE, lookup).await {
            Ok(Ok(addresses)) => Ok(addresses),
            _ => Ok(last),
        }
    }

    /// The name's addresses by a lookup that ends now or later; never an empty list.
    pub(crate) async fn refresh(&self, host: &str) -> LookupResult {
        // One that ends without an answer ended with the runtime it ran on.
        for _ in 0..2 {
            let mut running = self.running(host);
            let answer = timeout(LONGEST, running.wait_for(Option::is_some)).await;
            match answer.map(|ended| ended.ok().and_then(|answer| answer.clone())) {
                Ok(Some(answer)) => return answer,
                Ok(None) => self.forget_lookup(host),
                Err(_) => return Err(Unresolved { host: host.to_owned(), why: Some(LATE.into()) }),
            }
        }
        Err(Unresolved { host: host.to_owned(), why: Some("the lookup ended without a result".into()) })
    }

    /// Whether a lookup is under way of a name that no address is known of.
    pub(crate) fn is_waiting(&self, host: &str) -> bool {
        self.names.lock().get(host).is_some_and(|known| known.running.is_some() && known.addresses.is_none())
    }

    fn last(&self, host: &str) -> Option<Vec<IpAddr>> {
        self.names.lock().get(host)?.addresses.clone()
    }

    fn forget_lookup(&self, host: &str) {
        if let Some(known) = self.names.lock().get_mut(host) {
            known.running = None;
        }
    }

    /// The lookup under way, or one that begins.
    fn running(&self, host: &str) -> watch::Receiver<Option<LookupResult>> {
        let mut names = self.names.lock();
        if names.len() >= MOST_NAMES && !names.contains_key(host) {
            // More than any configuration has: they are of earlier ones.
            names.retain(|_, known| known.running.is_some());
        }
        let known = names.entry(host.to_owned()).or_default();
        if let Some(running) = &known.running {
            return running.clone();
        }
        let (sender, receiver) = watch::channel(None);
        known.running = Some(receiver.clone());
        let (resolver, host) = (self.clone(), host.to_owned());
        tokio::spawn(async move {
            let answer = answered(&host, resolver.source.lookup(host.clone()).await);
            resolver.note(&host, &answer);
            sender.send_replace(Some(answer));
        });
        receiver
    }

    fn note(&self, host: &str, answer: &LookupResult) {
        if let Some(known) = self.names.lock().get_mut(host) {
            known.running = None;
            known.addresses = answer.as_ref().ok().cloned().or(known.addresses.take());
        }
    }
}

/// Whether the address in use is none of the name's any more. A lookup that failed says nothing against a connection that works.
pub(crate) fn has_moved(in_use: IpAddr, answer: &LookupResult) -> bool {
    let is_it = |address: &IpAddr| address.to_canonical() == in_use.to_canonical();
    answer.as_ref().is_ok_and(|addresses| !addresses.iter().any(is_it))
}

fn answered(host: &str, answer: io::Result<Vec<IpAddr>>) -> LookupResult {
    let unresolved = |why| Unresolved { host: host.to_owned(), why };
    match answer {
        Ok(addresses) if addresses.is_empty() => Err(unresolved(None)),
        Ok(addresses) => Ok(addresses),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(unresolved(None)),
        Err(error) => Err(unresolved(Some(error.to_string()))),
    }
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

/// The name has no address, or no name server answered.
#[derive(Debug, Clone)]
pub(crate) struct Unresolved {
    host: String,
    why: Option<String>,
}

impl std::error::Error for Unresolved {}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, why } = self;
        match why {
            None => write!(f, "no address for {host}"),
            Some(why) => write!(f, "no address for {host}: {why}"),
        }
    }
}

/// Where the last addresses are known, a lookup gets so long to bring others.
const GRACE: Duration = Duration::from_millis(20);
/// Nothing waits longer for a lookup. The lookup goes on, for those who ask later.
const LONGEST: Duration = Duration::from_secs(20);
const LATE: &str = "no answer from a name server";
/// Threads for names that were never slow.
const QUICK: usize = 16;
/// Threads that are for those no longer, since their lookups have run for [`SLOW_FROM`].
const OVERDUE: usize = 48;
/// Threads for the others.
const SLOW: usize = 4;
/// So long no name server takes that is well.
const SLOW_FROM: Duration = Duration::from_secs(1);
/// The most names that are remembered.
const MOST_NAMES: usize = 4096;

#[cfg(test)]
#[path = "tests/resolver.rs"]
mod tests;
