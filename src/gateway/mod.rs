//! One local port that always answers with the right daemon's words: an HTTP server, a client, and routing between them.
//!
//! | file | noun |
//! |---|---|
//! | `server.rs` | where clients ask |
//! | `connections.rs` | the clients' connections, and which have taken too long |
//! | `door.rs` | where clients come in, until it is closed |
//! | `access.rs` | who may ask (pure) |
//! | `request.rs` | a client's request, read within bounds |
//! | `relay.rs` | a request that is no block: asked as routing says, the answer passed on |
//! | `round.rs` | one request, asked of as many daemons as routing says |
//! | `aftermath.rs` | what a request leaves to be done once its answer has left |
//! | `ask.rs`, `daemon_answer.rs` | asking one daemon, and what it answered, judged |
//! | `blocks.rs` | blocks: offered as routing says |
//! | `offer.rs`, `look.rs` | an offer of a block to one daemon, and a look for it in one daemon's chain |
//! | `upstream.rs` | one daemon: connections that are kept |
//! | `lanes.rs` | how many connections to it there may be, and who waits for whom |
//! | `siblings.rs` | blocks on one parent, one after the other |
//! | `body.rs` | bodies, whole or as they come |
//! | `answer.rs` | answers of the gateway's own |
//! | `hop.rs` | headers that end at the gateway |
//! | `shared.rs` | what all requests have in common |
//! | `ticks.rs` | moments to look again, for all requests together |
//! | `alarm.rs` | a timer of the system's own |

mod access;
mod aftermath;
mod alarm;
mod answer;
mod ask;
mod blocks;
mod body;
mod connections;
mod daemon_answer;
mod door;
mod hop;
mod lanes;
mod look;
mod offer;
mod relay;
mod request;
mod round;
mod server;
mod shared;
mod siblings;
mod ticks;
mod upstream;

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{
    runtime::Handle,
    sync::{
        mpsc::{UnboundedReceiver, UnboundedSender},
        watch,
    },
    task::AbortHandle,
    time::sleep,
};

use self::{access::Entrance, door::Door, shared::Shared};
use crate::{
    config::{Config, GatewayConfig},
    routing::{Chart, Learnt, Traffic, Who},
};

/// News of where the gateway listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The pool's own processes reach it at this address from now on; without an address they do not reach it.
    Place(Option<SocketAddr>),
    /// Other programs reach it at this address.
    Open(SocketAddr),
    /// It does not listen where it should, and tries again.
    Trouble(String),
}

/// Receives the news of where the gateway listens.
pub trait Listening: Fn(Notice) + Send + Sync + 'static {}

impl<F: Fn(Notice) + Send + Sync + 'static> Listening for F {}

/// What the gateway is connected to.
pub struct Ties {
    /// What is known of the daemons.
    pub charts: watch::Receiver<Arc<Chart>>,
    /// What requests teach.
    pub learning: UnboundedSender<Learnt>,
    /// The daemons to ask for a template.
    pub asks_for_work: UnboundedReceiver<Who>,
    /// What becomes of requests.
    pub traffic: Arc<Mutex<Traffic>>,
}

/// The gateway of one configuration, until it is stopped or dropped. Blocks that are under way then go on to their end.
pub struct Gateway {
    runtime: Handle,
    shared: Arc<Shared>,
    told: Arc<dyn Listening>,
    place: Mutex<Listeners>,
    tasks: Vec<AbortHandle>,
}

/// Where it listens.
#[derive(Default)]
struct Listeners {
    config: Option<GatewayConfig>,
    doors: Vec<Arc<Door>>,
    /// Closed doors whose clients may not all have left.
    left: Vec<Arc<Door>>,
    /// Those that try again where a place was taken.
    trying: Vec<AbortHandle>,
}

impl Gateway {
    /// Starts it. `told` hears where it listens, before this returns if possible. If it cannot listen, `told` hears why, and it tries again
    /// every ten seconds. Without a `gateway` in the configuration it listens nowhere.
    pub fn start(runtime: Handle, config: &Config, ties: Ties, told: impl Listening) -> Self {
        let shared = Shared::new(config, ties.charts, ties.learning, ties.traffic);
        let follow = runtime.spawn(blocks::follow(shared.clone())).abort_handle();
        let keep = runtime.spawn(keep_connections(shared.clone())).abort_handle();
        let probe = runtime.spawn(probe(shared.clone(), ties.asks_for_work)).abort_handle();
        let (told, place, tasks) = (Arc::new(told), Mutex::default(), vec![follow, keep, probe]);
        let gateway = Self { runtime, shared, told, place, tasks };
        gateway.listen(config.gateway.as_ref());
        gateway
    }

    /// Goes on with another configuration, and listens at another address if that has changed.
    pub fn reconfigure(&self, config: &Config) {
        self.shared.reconfigure(config);
        let is_there = self.place.lock().config.as_ref().map(GatewayConfig::place)
            == config.gateway.as_ref().map(GatewayConfig::place);
        if !is_there {
            self.listen(config.gateway.as_ref());
        }
    }

    /// Stops listening. Connections end with the request that is under way on them.
    pub fn stop(&self) {
        self.place.lock().leave();
        self.tasks.iter().for_each(AbortHandle::abort);
    }

    /// Whether clients are connected: after [`Self::stop`] these are the ones whose requests are under way.
    pub fn is_busy(&self) -> bool {
        let place = self.place.lock();
        place.doors.iter().chain(&place.left).any(|door| door.is_busy())
    }

    /// Whether there is a block of which it is not known yet what becomes of it.
    pub fn is_submitting(&self) -> bool {
        self.shared.blocks.are_pending()
    }

    /// The pool's own processes ask at the port that is configured, if they need no password there; otherwise at one of their own, which only
    /// this machine reaches. That one is also for the time in which somebody else has the configured port.
    fn listen(&self, config: Option<&GatewayConfig>) {
        let mut place = self.place.lock();
        place.leave();
        place.config = config.cloned();
        let Some(config) = config else { return (self.told)(Notice::Place(None)) };
        let public = config.is_open().then(|| self.open(config.address(), Entrance::Public, &mut place));
        match public.flatten() {
            Some(address) if config.is_local() && config.password.is_none() => {
                (self.told)(Notice::Place(Some(address)))
            }
            public => {
                public.into_iter().for_each(|address| (self.told)(Notice::Open(address)));
                let own = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
                let own = self.open(own, Entrance::Private, &mut place);
                (self.told)(Notice::Place(own));
            }
        }
    }

    /// Listens at an address, at once or as soon as it is free.
    fn open(&self, address: SocketAddr, entrance: Entrance, place: &mut Listeners) -> Option<SocketAddr> {
        let door = Arc::<Door>::default();
        place.doors.push(door.clone());
        let _in_runtime = self.runtime.enter();
        let opened = server::listen(address).and_then(|listener| Ok((listener.local_addr()?, listener)));
        match opened {
            Ok((address, listener)) => {
                door.open(listener);
                self.runtime.spawn(server::serve(door, entrance, self.shared.clone()));
                Some(address)
            }
            Err(error) => {
                (self.told)(Notice::Trouble(format!("the gateway cannot listen at {address}: {error}; trying again")));
                place.trying.push(self.keep_trying(address, entrance, door));
                None
            }
        }
    }

    fn keep_trying(&self, address: SocketAddr, entrance: Entrance, door: Arc<Door>) -> AbortHandle {
        let (shared, told) = (self.shared.clone(), self.told.clone());
        let trying = async move {
            let listener = loop {
                sleep(TRY_AGAIN_AFTER).await;
                if let Ok(listener) = server::listen(address) {
                    break listener;
                }
            };
            let Ok(address) = listener.local_addr() else { return };
            if !door.open(listener) {
                return;
            }
            // A task of its own: the one that tries is ended when it is not needed any more.
            tokio::spawn(server::serve(door, entrance, shared));
            told(if entrance == Entrance::Private { Notice::Place(Some(address)) } else { Notice::Open(address) });
        };
        self.runtime.spawn(trying).abort_handle()
    }
}

impl Listeners {
    /// Their ports are free when this returns, so that others may listen there at once.
    fn leave(&mut self) {
        self.trying.drain(..).for_each(|trying| trying.abort());
        self.left.retain(|door| door.is_busy());
        self.doors.iter().for_each(|door| door.close());
        self.left.append(&mut self.doors);
        self.config = None;
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Keeps connections where the next request will need one, with each chart.
async fn keep_connections(shared: Arc<Shared>) {
    let mut charts = shared.charts();
    while charts.changed().await.is_ok() {
        let chart = charts.borrow_and_update().clone();
        shared.keep_connections(&chart);
    }
}

/// Asks the daemons that are named for a template, one at a time.
async fn probe(shared: Arc<Shared>, mut asked: UnboundedReceiver<Who>) {
    while let Some(first) = asked.recv().await {
        for daemon in named(first, &mut asked) {
            let lesson = match ask::probe(&shared, &daemon).await {
                None => continue,
                Some(Ok(())) => Learnt::Works(daemon),
                Some(Err(cause)) => {
                    let witnessed = shared.others_work(shared.now(), &daemon);
                    Learnt::NoWork { daemon, cause, witnessed }
                }
            };
            shared.teach(lesson);
        }
    }
}

/// This daemon and all that are named after it, each once: one that does not answer is named at each of its polls, and those would pile up for it.
fn named(first: Who, asked: &mut UnboundedReceiver<Who>) -> Vec<Who> {
    let mut daemons = vec![first];
    while let Ok(next) = asked.try_recv() {
        if !daemons.contains(&next) {
            daemons.push(next);
        }
    }
    daemons
}

const TRY_AGAIN_AFTER: Duration = Duration::from_secs(10);

#[cfg(test)]
#[path = "tests/listening.rs"]
mod listening_tests;
#[cfg(test)]
#[path = "tests/probe.rs"]
mod tests;
