//! What polls the daemons of the configuration that counts, and listens to their events.

use std::sync::Arc;

use tokio::{runtime::Handle, sync::mpsc::UnboundedSender, task::AbortHandle, time::Instant};
use tracing::{Dispatch, instrument::WithSubscriber};

use super::{
    ask, log,
    poll::{self, Polled, PollerId, Probe, Schedule, Stage, Wake},
    supervise::supervise,
};
use crate::{
    config::{Config, DaemonConfig},
    consensus::rules::Rules,
    endpoint::DaemonId,
    ha::Subscription,
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
    wake: Arc<Wake>,
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
        reports: UnboundedSender<Polled>,
        listener: Arc<dyn Listener>,
    ) -> Self {
        let log = log::to(listener.clone());
        let began = Instant::now();
        let starter = Starter { began, runtime, connect: Arc::new(connect), reports, listener, log };
        Self { pollers: vec![], started: 0, starter: Box::new(starter) }
    }

    /// Polls the daemons of this configuration, and no others. Pollers go on undisturbed where it says the same of their
    /// daemon, and of how it is polled.
    pub fn reconfigure(&mut self, config: &Config) {
        let mut before = std::mem::take(&mut self.pollers);
        for (place, daemon) in (0..).map(DaemonId).zip(&config.daemons) {
            let kept = before.iter().position(|poller| poller.suits(daemon, &config.rules));
            let poller = match kept {
                Some(index) => before.swap_remove(index),
                None => self.start(place, daemon, &config.rules),
            };
            self.pollers.push(poller);
        }
    }

    /// The daemon that a poller polls; `None` for one that was ended.
    pub fn daemon(&self, poller: PollerId) -> Option<DaemonId> {
        self.pollers.iter().position(|it| it.id == poller).map(DaemonId)
    }

    /// What makes a daemon be asked.
    pub fn wake(&self, daemon: DaemonId) -> Option<&Wake> {
        Some(&self.pollers.get(daemon.0)?.wake)
    }

    /// Every poller and what wakes it.
    pub fn all(&self) -> impl Iterator<Item = (PollerId, &Wake)> {
        self.pollers.iter().map(|poller| (poller.id, &*poller.wake))
    }

    fn start(&mut self, place: DaemonId, daemon: &DaemonConfig, rules: &Rules) -> Poller {
        self.started += 1;
        let (id, wake) = (PollerId(self.started), Arc::new(Wake::default()));
        let watched = Arc::new(Watched { daemon: daemon.clone(), rules: rules.clone() });
        let tasks = self.starter.start(id, &wake, place, &watched);
        Poller { id, watched, wake, tasks }
    }
}

impl Poller {
    fn suits(&self, daemon: &DaemonConfig, rules: &Rules) -> bool {
        let timing = |it: &Rules| (it.polling_interval, it.timeout, it.max_polling_failures);
        let Watched { daemon: known, rules: kept } = &*self.watched;
        // Whether it is drained is none of a poller's business.
        let same = DaemonConfig { drained: known.drained, ..daemon.clone() } == *known;
        same && timing(kept) == timing(rules)
    }
}

impl Drop for Poller {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

/// Starts the tasks of one daemon.
trait Start: Send + Sync {
    fn start(&self, poller: PollerId, wake: &Arc<Wake>, place: DaemonId, watched: &Arc<Watched>) -> Vec<AbortHandle>;
}

struct Starter<C> {
    /// When watching began.
    began: Instant,
    runtime: Handle,
    connect: Arc<C>,
    reports: UnboundedSender<Polled>,
    listener: Arc<dyn Listener>,
    log: Dispatch,
}

impl<P: Probe + 'static, C: Fn(&DaemonConfig, &Rules) -> P + Send + Sync + 'static> Start for Starter<C> {
    fn start(&self, poller: PollerId, wake: &Arc<Wake>, place: DaemonId, watched: &Arc<Watched>) -> Vec<AbortHandle> {
        let polling =
            self.poll(poller, wake.clone(), Schedule::new(place, self.began, &watched.rules), watched.clone());
        let listening = Subscription::new(&watched.daemon).map(|subscription| self.listen(poller, subscription));
        std::iter::once(polling).chain(listening).collect()
    }
}

impl<P: Probe + 'static, C: Fn(&DaemonConfig, &Rules) -> P + Send + Sync + 'static> Starter<C> {
    /// Polls, and starts anew with a fresh probe whenever that panics.
    fn poll(&self, poller: PollerId, wake: Arc<Wake>, schedule: Schedule, watched: Arc<Watched>) -> AbortHandle {
        let name = format!("polling {}", watched.daemon.endpoint);
        let (connect, reports, log) = (self.connect.clone(), self.reports.clone(), self.log.clone());
        self.supervise(name, move || {
            let (connect, watched) = (connect.clone(), watched.clone());
            let (schedule, wake, reports) = (schedule.clone(), wake.clone(), reports.clone());
            let polling = async move {
                let connect = || connect(&watched.daemon, &watched.rules);
                let mut probe = connect();
                tokio::select! {
                    () = poll::run(poller, &mut probe, schedule, &wake, &reports) => {}
                    () = ask::run(poller, connect, &wake, &reports) => {}
                }
            };
            polling.with_subscriber(log.clone())
        })
    }

    /// Listens, and starts anew whenever that panics.
    fn listen(&self, poller: PollerId, subscription: Subscription) -> AbortHandle {
        let (reports, log) = (self.reports.clone(), self.log.clone());
        let hear = move |event| {
            // Without a receiver the engine is stopped.
            drop(reports.send(Polled { poller, started: Instant::now(), stage: Stage::Heard(event) }));
        };
        self.supervise(format!("listening to {subscription}"), move || {
            let (subscription, hear) = (subscription.clone(), hear.clone());
            let listening = async move { subscription.run(hear).await };
            listening.with_subscriber(log.clone())
        })
    }

    fn supervise<F: Future<Output = ()> + Send + 'static>(
        &self,
        name: String,
        start: impl Fn() -> F + Send + Sync + 'static,
    ) -> AbortHandle {
        let listener = self.listener.clone();
        let panicked = move || listener(&[Change::Warning { text: format!("{name} panicked; restarted") }]);
        self.runtime.spawn(supervise(start, panicked)).abort_handle()
    }
}
