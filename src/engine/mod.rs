//! Runs it all: one task a daemon that polls, one task that decides and publishes.

pub mod ask;
mod log;
pub mod poll;
mod pollers;
mod runtime;
mod supervise;

use std::{
    future::pending,
    io,
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use parking_lot::{Mutex, RwLock};
use tokio::{
    sync::{
        Notify,
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        watch,
    },
    task::AbortHandle,
    time::{Instant, sleep_until},
};

use self::{
    poll::{Polled, PollerId, Probe, Stage, Wake},
    pollers::Pollers,
};
use crate::{
    config::{Config, DaemonConfig},
    consensus::{moment::Moment, questions::Question, rules::Rules},
    core::{Decider, Lesson},
    endpoint::{DaemonId, Endpoint},
    gateway::{Gateway, Listening, Ties, Told},
    ha::packet::Event,
    routing::{Chart, Learnt, Traffic, Who},
    status::{Change, Figures, Listener, Place, Status, changes},
};

/// Watches the daemons of one configuration until it is stopped or dropped.
///
/// What the operator orders has happened, and can be read, when the method returns. After `stop` orders do nothing.
pub struct Engine {
    published: Arc<Published>,
    /// Empty once the engine is stopped.
    deciding: Arc<Mutex<Option<Deciding>>>,
    task: AbortHandle,
    gateway: Gateway,
}

/// What the engine shows to other threads.
struct Published {
    status: RwLock<Arc<Status>>,
    /// What requests go by.
    chart: watch::Sender<Arc<Chart>>,
    generation: Generation,
}

/// A number in memory that JavaScript can read: it moves after every switch.
pub type Generation = Arc<AtomicI32>;

impl Engine {
    /// Starts watching; `connect` gives what looks at a daemon under the rules of its configuration.
    ///
    /// # Errors
    ///
    /// Where the operating system gives no thread.
    pub fn start<P: Probe + 'static>(
        config: Config,
        connect: impl Fn(&DaemonConfig, &Rules) -> P + Send + Sync + 'static,
        listener: impl Listener,
    ) -> io::Result<Self> {
        let runtime = runtime::shared()?;
        let clock = Clock::start();
        let mut decider = Decider::new(&config, clock.now());
        let status = decider.decide(clock.now());
        let published = Arc::new(Published::new(status, decider.chart()));
        let listener: Arc<dyn Listener> = Arc::new(listener);
        let (reports, received) = unbounded_channel();
        let mut pollers = Pollers::new(runtime.clone(), connect, reports, listener.clone());
        pollers.reconfigure(&config);
        let acted = Arc::new(Notify::new());
        let (learning, lessons) = unbounded_channel();
        let (asks, asks_for_work) = unbounded_channel();
        let gateway_config = config.clone();
        let traffic = Arc::<Mutex<Traffic>>::default();
        let deciding = Deciding {
            decider,
            config,
            clock,
            pollers,
            published: published.clone(),
            listener,
            refreshing: vec![],
            acted: acted.clone(),
            asks,
            gateway: None,
            traffic: traffic.clone(),
        };
        let deciding = Arc::new(Mutex::new(Some(deciding)));
        let task = runtime.spawn(run(deciding.clone(), clock, received, lessons, acted)).abort_handle();
        let ties = Ties { charts: published.chart.subscribe(), learning, asks_for_work, traffic };
        let (told, decides) = (told_of_gateway(&deciding), gateway_config);
        let gateway = Gateway::start(runtime.clone(), &decides, ties, told);
        Ok(Self { published, deciding, task, gateway })
    }

    /// The snapshot that was published last.
    pub fn status(&self) -> Arc<Status> {
        self.published.status.read().clone()
    }

    /// What only metrics and the status page need; `None` once the engine is stopped.
    pub fn figures(&self) -> Option<Figures> {
        let deciding = self.deciding.lock();
        deciding.as_ref().map(|it| it.decider.figures(it.clock.now()))
    }

    /// The daemon to use now.
    pub fn current(&self) -> Endpoint {
        self.published.status.read().current.clone()
    }

    /// The number that moves after every switch.
    pub fn generation(&self) -> Generation {
        self.published.generation.clone()
    }

    /// Polls every daemon now; the listener hears of [`Change::Refreshed`] with the same number when all have been.
    pub fn refresh(&self, request: u32) {
        self.act(|deciding| deciding.start_refresh(request));
    }

    /// Takes a daemon out of use, or back into it. False where it is not watched.
    pub fn drain(&self, host: &str, port: u16, drained: bool) -> bool {
        self.order_about(host, port, |decider, _, daemon| decider.drain(daemon, drained))
    }

    /// Uses a daemon for so long, whatever is held of it. False where it is not watched.
    pub fn pin(&self, host: &str, port: u16, time: Duration) -> bool {
        self.order_about(host, port, |decider, now, daemon| decider.pin(now, daemon, time))
    }

    /// Ends the pin, if there is one.
    pub fn unpin(&self) {
        self.act(|deciding| deciding.obey(|decider, _| decider.unpin()));
    }

    /// Goes on with another configuration; what is known of daemons that stay is kept.
    pub fn reconfigure(&self, config: Config) {
        if self.act(|deciding| deciding.reconfigure(config.clone())).is_some() {
            self.gateway.reconfigure(&config);
        }
    }

    /// What requests go by; the last of it stays when watching has stopped.
    pub fn charts(&self) -> watch::Receiver<Arc<Chart>> {
        self.published.chart.subscribe()
    }

    /// Ends all pollers, and takes no more requests; the last snapshot stays, and blocks that are under way are still offered. May be
    /// called again.
    pub fn stop(&self) {
        self.gateway.stop();
        self.task.abort();
        self.deciding.lock().take();
    }

    fn order_about(&self, host: &str, port: u16, order: impl FnOnce(&mut Decider, Moment, DaemonId)) -> bool {
        let obey = |deciding: &mut Deciding| {
            let daemon = deciding.decider.find(host, port)?;
            deciding.obey(|decider, now| order(decider, now, daemon));
            Some(())
        };
        self.act(obey).flatten().is_some()
    }

    /// Does something in between what the task does; `None` once the engine is stopped.
    fn act<T>(&self, act: impl FnOnce(&mut Deciding) -> T) -> Option<T> {
        let mut deciding = self.deciding.lock();
        let deciding = deciding.as_mut()?;
        let outcome = act(deciding);
        deciding.poll_due();
        deciding.acted.notify_one();
        Some(outcome)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Published {
    fn new(status: Status, chart: Arc<Chart>) -> Self {
        let chart = watch::Sender::new(chart);
        Self { status: RwLock::new(Arc::new(status)), chart, generation: Generation::default() }
    }

    /// Replaces the snapshot, then moves the generation: whoever sees the new number sees the new daemon.
    fn publish(&self, status: Arc<Status>, chart: Arc<Chart>) -> Arc<Status> {
        self.chart.send_if_modified(|known| {
            let is_new = *known != chart;
            *known = chart;
            is_new
        });
        let before = std::mem::replace(&mut *self.status.write(), status.clone());
        if before.epoch != status.epoch {
            self.generation.fetch_add(1, Ordering::Release);
        }
        before
    }
}

/// Decides and publishes: at every report, at every order, and when something ends by itself.
struct Deciding {
    decider: Decider,
    config: Config,
    clock: Clock,
    pollers: Pollers,
    published: Arc<Published>,
    listener: Arc<dyn Listener>,
    refreshing: Vec<Refresh>,
    /// Tells the task that there may be an earlier deadline.
    acted: Arc<Notify>,
    /// The daemons to ask for a block template.
    asks: UnboundedSender<Who>,
    /// Where the pool's own processes find the gateway.
    gateway: Option<SocketAddr>,
    /// What becomes of requests.
    traffic: Arc<Mutex<Traffic>>,
}

/// A request to poll every daemon, until all have been.
struct Refresh {
    request: u32,
    asked: Instant,
    waiting: Vec<PollerId>,
}

/// The task that has reports judged as they come in.
async fn run(
    deciding: Arc<Mutex<Option<Deciding>>>,
    clock: Clock,
    mut reports: UnboundedReceiver<Polled>,
    mut lessons: UnboundedReceiver<Learnt>,
    acted: Arc<Notify>,
) {
    loop {
        let Some(deadline) = deciding.lock().as_ref().map(|it| it.decider.next_deadline()) else { return };
        let batch = tokio::select! {
            report = reports.recv() => {
                let Some(first) = report else { return };
                // Results that are waiting are taken together: views of one moment, one verdict.
                std::iter::once(first).chain(std::iter::from_fn(|| reports.try_recv().ok())).collect()
            }
            Some(first) = lessons.recv() => {
                let lessons = std::iter::once(first).chain(std::iter::from_fn(|| lessons.try_recv().ok()));
                if let Some(deciding) = &mut *deciding.lock() {
                    deciding.step_or_restart(|deciding, now| deciding.learn(now, lessons));
                    deciding.poll_due();
                }
                continue;
            }
            () = clock.reach(deadline) => vec![],
            () = acted.notified() => continue,
        };
        if let Some(deciding) = &mut *deciding.lock() {
            deciding.step_or_restart(|deciding, now| deciding.take(now, batch));
            deciding.poll_due();
        }
    }
}

impl Deciding {
    fn reconfigure(&mut self, config: Config) {
        self.pollers.reconfigure(&config);
        self.config = config.clone();
        let pollers = &self.pollers;
        self.refreshing.iter_mut().for_each(|refresh| refresh.forget_all_but(pollers));
        self.obey(|decider, _| decider.reconfigure(&config));
    }

    fn obey(&mut self, order: impl FnOnce(&mut Decider, Moment)) {
        self.step_or_restart(|deciding, now| {
            order(&mut deciding.decider, now);
            true
        });
    }

    /// A panic costs what was remembered of the daemons, but neither the choice nor the task.
    fn step_or_restart(&mut self, change: impl FnOnce(&mut Self, Moment) -> bool) {
        if catch_unwind(AssertUnwindSafe(|| self.step(change))).is_ok() {
            return;
        }
        let status = self.published.status.read().clone();
        self.decider = Decider::new(&self.config, self.clock.now()).resume(&self.decider, &status);
        let warning = Change::Warning { text: "judging panicked; restarted without its memory".into() };
        // Nobody is left to tell where it is the listener that panics.
        let _ = catch_unwind(AssertUnwindSafe(|| (self.listener)(&[warning])));
    }

    /// Decides anew where a change asks for it.
    fn step(&mut self, change: impl FnOnce(&mut Self, Moment) -> bool) {
        let now = self.clock.now();
        if change(self, now) {
            self.decide(now);
        }
    }

    fn decide(&mut self, now: Moment) {
        let status = self.decider.decide(now);
        let status = Arc::new(status.with_gateway(self.gateway.map(Place::from), &self.traffic.lock()));
        let before = self.published.publish(status.clone(), self.decider.chart());
        let mut changes = changes(&before, &status);
        let done = self.refreshing.extract_if(.., |refresh| refresh.is_done());
        changes.extend(done.map(|refresh| Change::Refreshed { request: refresh.request, status: status.clone() }));
        if !changes.is_empty() {
            (self.listener)(&changes);
        }
    }

    fn say(&self, severity: &'static str, text: String) {
        (self.listener)(&[Change::Log { severity, text }]);
    }

    /// Takes in what became of polls, and what has ended by itself; tells whether there is something to decide.
    fn take(&mut self, now: Moment, batch: Vec<Polled>) -> bool {
        let mut told = self.decider.is_due(now);
        for Polled { poller, started, stage } in batch {
            // What comes late from a poller that was ended is nobody's.
            let Some(daemon) = self.pollers.daemon(poller) else { continue };
            told |= !matches!(stage, Stage::Began | Stage::Listed(_) | Stage::Heard(_));
            match stage {
                Stage::Began => self.decider.begin(now, daemon),
                Stage::TryFailed => self.decider.stumble(now, daemon),
                Stage::Ended(report) => {
                    self.refreshing.iter_mut().for_each(|refresh| refresh.note(poller, started));
                    self.decider.record(now, daemon, report);
                }
                Stage::Asked(question, hash) => self.decider.answer(now, &Question { daemon, ..question }, hash),
                // What it proves counts at the end of a round.
                Stage::Listed(peers) => self.decider.list(now, daemon, peers),
                Stage::Heard(event) => self.hint(now, daemon, event),
            }
        }
        told
    }

    /// Takes in what requests showed; there is always something to decide.
    fn learn(&mut self, now: Moment, lessons: impl Iterator<Item = Learnt>) -> bool {
        for lesson in lessons {
            match self.decider.learn(now, &lesson) {
                Some((daemon, Lesson::Failed)) => self.suspect(daemon),
                Some((daemon, Lesson::Slow)) => self.pollers.wake(daemon).into_iter().for_each(Wake::poll_now),
                None => {}
            }
        }
        true
    }

    fn start_refresh(&mut self, request: u32) {
        let waiting = self.pollers.all().map(|(poller, _)| poller).collect();
        self.refreshing.push(Refresh { request, asked: Instant::now(), waiting });
        self.pollers.all().for_each(|(_, wake)| wake.poll_now());
    }

    fn suspect(&mut self, daemon: DaemonId) {
        self.decider.stumble(self.clock.now(), daemon);
        self.pollers.wake(daemon).into_iter().for_each(Wake::suspect);
    }

    /// An event is a hint: what the poll sees is all that counts.
    fn hint(&mut self, now: Moment, daemon: DaemonId, event: Event) {
        let block = match event {
            Event::Block(hash) => hash,
            Event::Down => {
                self.pollers.wake(daemon).into_iter().for_each(Wake::doubt);
                self.decider.doubt(now, daemon);
                None
            }
            Event::News => None,
            Event::Auth(_) | Event::Other => return,
        };
        self.decider.hint(now, daemon, block);
    }

    fn poll_due(&mut self) {
        // Without a receiver the gateway is stopped.
        self.decider.work_to_ask().into_iter().for_each(|daemon| drop(self.asks.send(daemon)));
        for question in self.decider.questions(self.clock.now()) {
            self.pollers.wake(question.daemon).into_iter().for_each(|wake| wake.ask(question));
        }
        for daemon in self.decider.unproven(self.clock.now()) {
            self.pollers.wake(daemon).into_iter().for_each(Wake::ask_for_peers);
        }
        for daemon in self.decider.due(self.clock.now()) {
            self.pollers.wake(daemon).into_iter().for_each(Wake::poll_now);
        }
    }
}

impl Refresh {
    fn note(&mut self, poller: PollerId, started: Instant) {
        if started >= self.asked {
            self.waiting.retain(|it| *it != poller);
        }
    }

    fn forget_all_but(&mut self, pollers: &Pollers) {
        self.waiting.retain(|it| pollers.daemon(*it).is_some());
    }

    fn is_done(&self) -> bool {
        self.waiting.is_empty()
    }
}

/// What has the snapshot tell where the gateway is, and the operator what is wrong with it. The gateway does not keep watching alive.
fn told_of_gateway(deciding: &Arc<Mutex<Option<Deciding>>>) -> impl Listening + use<> {
    let deciding = Arc::downgrade(deciding);
    move |told| {
        let Some(deciding) = deciding.upgrade() else { return };
        let mut deciding = deciding.lock();
        let Some(deciding) = &mut *deciding else { return };
        match told {
            Told::Place(address) => {
                deciding.gateway = address;
                deciding.step_or_restart(|_, _| true);
            }
            Told::Open(address) => deciding.say("info", format!("the gateway is open at {address}")),
            Told::Trouble(text) => deciding.say("warn", text),
        }
    }
}

/// The only place that reads clocks.
#[derive(Clone, Copy)]
struct Clock {
    started: Instant,
}

impl Clock {
    fn start() -> Self {
        Self { started: Instant::now() }
    }

    fn now(self) -> Moment {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment { elapsed: self.started.elapsed(), unix }
    }

    /// Waits until so much time has passed since watching began; for ever without a time.
    async fn reach(self, elapsed: Option<Duration>) {
        match elapsed {
            Some(elapsed) => sleep_until(self.started + elapsed).await,
            None => pending().await,
        }
    }
}
