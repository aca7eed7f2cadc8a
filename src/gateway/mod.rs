//! One local port that always answers with the right daemon's words: an HTTP server, a client, and routing between them.
//!
//! | file | noun |
//! |---|---|
//! | `server.rs` | where clients ask |
//! | `connections.rs` | the clients' connections, and which have taken too long |
//! | `access.rs` | who may ask (pure) |
//! | `request.rs` | a client's request, read within bounds |
//! | `relay.rs` | a request that is no block: asked as routing says, the answer passed on |
//! | `blocks.rs` | blocks: offered as routing says |
//! | `upstream.rs` | one daemon: connections that are kept |
//! | `login.rs` | a user's name and password for one daemon |
//! | `body.rs` | bodies, whole or as they come |
//! | `answer.rs` | answers of the gateway's own |
//! | `shared.rs` | what all requests have in common |

mod access;
mod answer;
mod blocks;
mod body;
mod connections;
mod login;
mod relay;
mod request;
mod server;
mod shared;
mod upstream;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::{
    net::TcpListener,
    runtime::Handle,
    sync::{
        Notify,
        mpsc::{UnboundedReceiver, UnboundedSender},
        watch,
    },
    task::AbortHandle,
    time::sleep,
};

use self::shared::Shared;
use crate::{
    config::{Config, GatewayConfig},
    routing::{Chart, Learnt, Who},
};

/// Hears where the gateway listens from now on, or why it does not.
pub trait Listening: Fn(Result<SocketAddr, String>) + Send + Sync + 'static {}

impl<F: Fn(Result<SocketAddr, String>) + Send + Sync + 'static> Listening for F {}

/// What the gateway is connected to.
pub struct Ties {
    /// What is known of the daemons.
    pub charts: watch::Receiver<Arc<Chart>>,
    /// What requests teach.
    pub learning: UnboundedSender<Learnt>,
    /// The daemons to ask for a template.
    pub asks_for_work: UnboundedReceiver<Who>,
}

/// The gateway of one configuration, until it is stopped or dropped. Blocks that are under way then go on to their end.
pub struct Gateway {
    runtime: Handle,
    shared: Arc<Shared>,
    told: Arc<dyn Listening>,
    place: Mutex<Place>,
    tasks: Vec<AbortHandle>,
}

/// Where it listens, or tries to.
#[derive(Default)]
struct Place {
    config: Option<GatewayConfig>,
    stop: Option<Arc<Notify>>,
    /// Tries again, where the place was taken.
    trying: Option<AbortHandle>,
}

impl Gateway {
    /// Starts it. `told` hears where it listens, before this returns where that is possible, and otherwise why not; then it is tried again
    /// every ten seconds. Without a `gateway` in the configuration it listens nowhere.
    pub fn start(runtime: Handle, config: &Config, ties: Ties, told: impl Listening) -> Self {
        let shared = Shared::new(config, ties.charts, ties.learning);
        let follow = runtime.spawn(blocks::follow(shared.clone())).abort_handle();
        let probe = runtime.spawn(probe(shared.clone(), ties.asks_for_work)).abort_handle();
        let gateway =
            Self { runtime, shared, told: Arc::new(told), place: Mutex::default(), tasks: vec![follow, probe] };
        gateway.listen(config.gateway.as_ref());
        gateway
    }

    /// Goes on with another configuration: elsewhere, if it says so.
    pub fn reconfigure(&self, config: &Config) {
        self.shared.reconfigure(config);
        self.listen(config.gateway.as_ref());
    }

    /// Listens no longer.
    pub fn stop(&self) {
        self.place.lock().leave();
        self.tasks.iter().for_each(AbortHandle::abort);
    }

    fn listen(&self, config: Option<&GatewayConfig>) {
        let mut place = self.place.lock();
        if let (Some(before), Some(config)) = (&place.config, config)
            && before.is_same_place(config)
        {
            place.config = Some(config.clone());
            return;
        }
        place.leave();
        place.config = config.cloned();
        let Some(address) = config.map(GatewayConfig::address) else { return };
        match server::listen(address).and_then(|listener| self.serve(listener, &mut place)) {
            Ok(address) => (self.told)(Ok(address)),
            Err(error) => {
                (self.told)(Err(format!("the gateway cannot listen at {address}: {error}")));
                place.trying = Some(self.keep_trying(address, &mut place));
            }
        }
    }

    fn serve(&self, listener: std::net::TcpListener, place: &mut Place) -> io::Result<SocketAddr> {
        let _in_runtime = self.runtime.enter();
        let address = listener.local_addr()?;
        let listener = TcpListener::from_std(listener)?;
        let stop = place.stop.insert(Arc::default()).clone();
        self.runtime.spawn(server::serve(listener, self.shared.clone(), stop));
        Ok(address)
    }

    fn keep_trying(&self, address: SocketAddr, place: &mut Place) -> AbortHandle {
        let (shared, told) = (self.shared.clone(), self.told.clone());
        let stop = place.stop.insert(Arc::default()).clone();
        let trying = async move {
            let listener = loop {
                sleep(TRY_AGAIN_AFTER).await;
                if let Ok(listener) = server::listen(address).and_then(TcpListener::from_std) {
                    break listener;
                }
            };
            let Ok(address) = listener.local_addr() else { return };
            // The one that waits is ended with the try; the server is not.
            tokio::spawn(server::serve(listener, shared, stop));
            told(Ok(address));
        };
        self.runtime.spawn(trying).abort_handle()
    }
}

impl Place {
    fn leave(&mut self) {
        self.trying.take().into_iter().for_each(|trying| trying.abort());
        self.stop.take().into_iter().for_each(|stop| stop.notify_one());
        self.config = None;
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Asks the daemons that are named for a template, one at a time.
async fn probe(shared: Arc<Shared>, mut asked: UnboundedReceiver<Who>) {
    while let Some(daemon) = asked.recv().await {
        let lesson = match relay::probe(&shared, &daemon).await {
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

const TRY_AGAIN_AFTER: Duration = Duration::from_secs(10);
