//! What polls the daemons of the configuration that counts, and listens to their events.

use std::sync::Arc;

use tokio::{runtime::Handle, sync::mpsc::UnboundedSender, task::AbortHandle};
use tracing::{Dispatch, instrument::WithSubscriber};

use super::{
    ask, log,
    orders::Orders,
    poll::{self, Heard, PollerId, Probe},
    supervise::supervise,
};
use crate::{
    config::{Config, DaemonConfig},
    consensus::rules::Rules,
    core::{Hint, News},
    endpoint::DaemonId,
    ha::{Subscription, packet::Event},
    status::{Change, Listener},
};

/// One poller for each daemon, in configuration order.
pub struct Pollers {
    pollers: Vec<Poller>,
    started: u64,
    starter: Box<dyn Start>,
}

/// Polls one daemon, and listens to its events, for as long as it exists.
struct Poller {
    id: PollerId,
    watched: Arc<Watched>,
    orders: Arc<Orders>,
    tasks: Vec<AbortHandle>,
}

/// What of the configuration concerns one daemon's polls.
struct Watched {
    daemon: DaemonConfig,
    rules: Rules,
}

impl Pollers {
    /// Polls nobody yet. `connect` gives what looks at a daemon; the listener hears of pollers that had to be started again,
    /// and of what they have to say.
    pub fn new<P: Probe + 'static>(
        runtime: Handle,
        connect: impl Fn(&DaemonConfig, &Rules) -> P + Send + Sync + 'static,
        told: UnboundedSender<Heard>,
        listener: Arc<dyn Listener>,
    ) -> Self {
        let log = log::to(listener.clone());
        let starter = Starter { runtime, connect: Arc::new(connect), told, listener, log };
        Self { pollers: vec![], started: 0, starter: Box::new(starter) }
    }

    /// Looks at the daemons of this configuration, and no others. Pollers go on undisturbed where it says the same of their
    /// daemon, of how long it may take to answer, and of how long what it showed counts. Gives the daemons that have a new one.
    pub fn reconfigure(&mut self, config: &Config) -> Vec<DaemonId> {
        let mut before = std::mem::take(&mut self.pollers);
        let mut started = vec![];
        for (place, daemon) in (0..).map(DaemonId).zip(&config.daemons) {
            let kept = before.iter().position(|poller| poller.suits(daemon, &config.rules));
            let poller = match kept {
                Some(index) => before.swap_remove(index),
                None => {
                    started.push(place);
                    self.start(daemon, &config.rules)
                }
            };
            self.pollers.push(poller);
        }
        started
    }

    /// The daemon that a poller looks at; `None` for one that was ended.
    pub fn daemon(&self, poller: PollerId) -> Option<DaemonId> {
        self.pollers.iter().position(|it| it.id == poller).map(DaemonId)
    }

    /// Where orders for a daemon go.
    pub fn orders(&self, daemon: DaemonId) -> Option<&Orders> {
        Some(&self.pollers.get(daemon.0)?.orders)
    }

    fn start(&mut self, daemon: &DaemonConfig, rules: &Rules) -> Poller {
        self.started += 1;
        let (id, orders) = (PollerId(self.started), Arc::new(Orders::default()));
        let watched = Arc::new(Watched { daemon: daemon.clone(), rules: rules.clone() });
        let tasks = self.starter.start(id, &orders, &watched);
        Poller { id, watched, orders, tasks }
    }
}

impl Poller {
    fn suits(&self, daemon: &DaemonConfig, rules: &Rules) -> bool {
        let Watched { daemon: known, rules: kept } = &*self.watched;
        // Whether it is drained is none of a poller's business.
        let same = DaemonConfig { drained: known.drained, ..daemon.clone() } == *known;
        same && (kept.timeout, kept.freshness()) == (rules.timeout, rules.freshness())
    }
}

impl Drop for Poller {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

/// Starts the tasks of one daemon.
trait Start: Send + Sync {
    fn start(&self, poller: PollerId, orders: &Arc<Orders>, watched: &Arc<Watched>) -> Vec<AbortHandle>;
}

struct Starter<C> {
    runtime: Handle,
    connect: Arc<C>,
    told: UnboundedSender<Heard>,
    listener: Arc<dyn Listener>,
    log: Dispatch,
}

impl<P: Probe + 'static, C: Fn(&DaemonConfig, &Rules) -> P + Send + Sync + 'static> Start for Starter<C> {
    fn start(&self, poller: PollerId, orders: &Arc<Orders>, watched: &Arc<Watched>) -> Vec<AbortHandle> {
        let polling = self.poll(poller, orders.clone(), watched.clone());
        let listening = Subscription::new(&watched.daemon).map(|subscription| self.listen(poller, subscription));
        std::iter::once(polling).chain(listening).collect()
    }
}

impl<P: Probe + 'static, C: Fn(&DaemonConfig, &Rules) -> P + Send + Sync + 'static> Starter<C> {
    /// Does what is ordered, and starts anew with a fresh probe whenever that panics.
    fn poll(&self, poller: PollerId, orders: Arc<Orders>, watched: Arc<Watched>) -> AbortHandle {
        let name = format!("polling {}", watched.daemon.endpoint);
        let (connect, told, log) = (self.connect.clone(), self.told.clone(), self.log.clone());
        let start = move || {
            let (connect, watched) = (connect.clone(), watched.clone());
            let (orders, told) = (orders.clone(), told.clone());
            let polling = async move {
                let connect = || connect(&watched.daemon, &watched.rules);
                let mut probe = connect();
                tokio::select! {
                    () = poll::run(poller, &mut probe, &orders, &told) => {}
                    () = ask::run(poller, connect, &orders, &told) => {}
                }
            };
            polling.with_subscriber(log.clone())
        };
        let told = self.told.clone();
        // Without a receiver the engine is stopped.
        self.supervise(name, start, move || drop(told.send(Heard { poller, news: News::Restarted })))
    }

    /// Listens, and starts anew whenever that panics.
    fn listen(&self, poller: PollerId, subscription: Subscription) -> AbortHandle {
        let (told, log) = (self.told.clone(), self.log.clone());
        let hear = move |event| {
            let news = hint(event).map(News::Hinted);
            news.into_iter().for_each(|news| drop(told.send(Heard { poller, news })));
        };
        let name = format!("listening to {subscription}");
        let start = move || {
            let (subscription, hear) = (subscription.clone(), hear.clone());
            let listening = async move { subscription.run(hear).await };
            listening.with_subscriber(log.clone())
        };
        self.supervise(name, start, || {})
    }

    fn supervise<F: Future<Output = ()> + Send + 'static>(
        &self,
        name: String,
        start: impl Fn() -> F + Send + Sync + 'static,
        restarts: impl Fn() + Send + Sync + 'static,
    ) -> AbortHandle {
        let listener = self.listener.clone();
        let panicked = move || {
            restarts();
            listener(&[Change::Warning {
                text: format!("{name} panicked (an error in the addon), and was started again"),
            }]);
        };
        self.runtime.spawn(supervise(start, panicked)).abort_handle()
    }
}

/// What an event of a turtlecoind-ha hints at, if at anything.
fn hint(event: Event) -> Option<Hint> {
    match event {
        Event::Block(hash) => Some(Hint::New(hash)),
        Event::News => Some(Hint::New(None)),
        Event::Down => Some(Hint::Down),
        Event::Auth(_) | Event::Other => None,
    }
}
