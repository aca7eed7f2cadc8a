//! Runs it all: one task a daemon that looks at it when ordered to, and one task that drives the [`Core`], publishes what that decides and
//! executes its commands. Tokio, threads and the clock are here; no rule is.
//!
//! | file | noun |
//! |---|---|
//! | `pollers.rs` | one poller for each daemon of the configuration |
//! | `orders.rs` | what a poller has to do |
//! | `poll.rs` | one look at a daemon |
//! | `ask.rs` | questions beside the polls |
//! | `supervise.rs` | a task that is started again |
//! | `log.rs` | what the edges have to say |
//! | `runtime.rs` | the one tokio runtime |

pub mod ask;
mod log;
pub mod orders;
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
    orders::Orders,
    poll::{Heard, Probe},
    pollers::Pollers,
};
use crate::{
    config::{Config, DaemonConfig},
    consensus::{moment::Moment, rules::Rules},
    core::{Command, Core, Input, News},
    endpoint::{DaemonId, Endpoint},
    gateway::{Gateway, Listening, Notice, Ties},
    routing::{Chart, Learnt, Traffic, Who},
    status::{Change, Figures, HostPort, Listener, Status, changes},
};

/// Watches the daemons of one configuration until it is stopped or dropped.
///
/// What the operator orders has happened, and can be read, when the method returns. After `stop` orders do nothing.
pub struct Engine {
    published: Arc<Published>,
    /// Empty once the engine is stopped.
    running: Arc<Mutex<Option<Running>>>,
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
        let mut core = Core::new(&config, clock.now());
        let published = Arc::new(Published::new(core.snapshot(), core.chart()));
        let listener: Arc<dyn Listener> = Arc::new(listener);
        let (told, heard) = unbounded_channel();
        let mut pollers = Pollers::new(runtime.clone(), connect, told, listener.clone());
        pollers.reconfigure(&config);
        let acted = Arc::new(Notify::new());
        let (learning, lessons) = unbounded_channel();
        let (asks, asks_for_work) = unbounded_channel();
        let gateway_config = config.clone();
        let traffic = Arc::<Mutex<Traffic>>::default();
        let running = Running {
            core,
            config,
            clock,
            pollers,
            published: published.clone(),
            listener,
            acted: acted.clone(),
            asks,
            gateway: None,
            traffic: traffic.clone(),
        };
        let running = Arc::new(Mutex::new(Some(running)));
        let task = runtime.spawn(run(running.clone(), clock, heard, lessons, acted)).abort_handle();
        let ties = Ties { charts: published.chart.subscribe(), learning, asks_for_work, traffic };
        let gateway = Gateway::start(runtime.clone(), &gateway_config, ties, told_of_gateway(&running));
        Ok(Self { published, running, task, gateway })
    }

    /// The snapshot that was published last.
    pub fn status(&self) -> Arc<Status> {
        self.published.status.read().clone()
    }

    /// What only metrics and the status page need; `None` once the engine is stopped.
    pub fn figures(&self) -> Option<Figures> {
        let running = self.running.lock();
        running.as_ref().map(|it| it.core.figures(it.clock.now()))
    }

    /// The daemon to use now.
    pub fn current(&self) -> Endpoint {
        Endpoint::clone(&self.published.status.read().current)
    }

    /// The number that moves after every switch.
    pub fn generation(&self) -> Generation {
        self.published.generation.clone()
    }

    /// Polls every daemon now; the listener hears of [`Change::Refreshed`] with the same number when all have been.
    pub fn refresh(&self, request: u32) {
        self.act(|running| running.hand_over([Input::Refresh(request)]));
    }

    /// Takes a daemon out of use, or back into it. False where it is not watched.
    pub fn drain(&self, host: &str, port: u16, drained: bool) -> bool {
        self.order_about(host, port, |daemon| Input::Drain(daemon, drained))
    }

    /// Uses a daemon for so long, whatever the verdict on it is. False where it is not watched.
    pub fn pin(&self, host: &str, port: u16, time: Duration) -> bool {
        self.order_about(host, port, |daemon| Input::Pin(daemon, time))
    }

    /// Ends the pin, if there is one.
    pub fn unpin(&self) {
        self.act(|running| running.hand_over([Input::Unpin]));
    }

    /// Goes on with another configuration; what is known of daemons that stay is kept.
    pub fn reconfigure(&self, config: Config) {
        if self.act(|running| running.reconfigure(config.clone())).is_some() {
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
        self.running.lock().take();
    }

    /// Whether clients are connected to the gateway: after `stop` these are the ones whose requests are under way.
    pub fn is_busy(&self) -> bool {
        self.gateway.is_busy()
    }

    /// Whether there is a block of which it is not known yet what becomes of it, also after `stop`.
    pub fn is_submitting(&self) -> bool {
        self.gateway.is_submitting()
    }

    fn order_about(&self, host: &str, port: u16, order: impl FnOnce(DaemonId) -> Input) -> bool {
        let obey = |running: &mut Running| {
            let daemon = running.core.find(host, port)?;
            running.hand_over([order(daemon)]);
            Some(())
        };
        self.act(obey).flatten().is_some()
    }

    /// Does something in between what the task does; `None` once the engine is stopped.
    fn act<T>(&self, act: impl FnOnce(&mut Running) -> T) -> Option<T> {
        let mut running = self.running.lock();
        let running = running.as_mut()?;
        let outcome = act(running);
        running.acted.notify_one();
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

/// What drives the core: at every report, at every order, and when something falls due.
struct Running {
    core: Core,
    config: Config,
    clock: Clock,
    pollers: Pollers,
    published: Arc<Published>,
    listener: Arc<dyn Listener>,
    /// Tells the task that there may be an earlier deadline.
    acted: Arc<Notify>,
    /// The daemons to ask for a block template.
    asks: UnboundedSender<Who>,
    /// Where the pool's own processes find the gateway.
    gateway: Option<SocketAddr>,
    /// What becomes of requests.
    traffic: Arc<Mutex<Traffic>>,
}

/// The task that hands over what comes in.
async fn run(
    running: Arc<Mutex<Option<Running>>>,
    clock: Clock,
    mut heard: UnboundedReceiver<Heard>,
    mut lessons: UnboundedReceiver<Learnt>,
    acted: Arc<Notify>,
) {
    loop {
        let Some(deadline) = running.lock().as_ref().map(|it| it.core.next_deadline()) else { return };
        tokio::select! {
            first = heard.recv() => {
                let Some(first) = first else { return };
                let Some(running) = &mut *running.lock() else { return };
                running.hand_over_news(waiting(first, &mut heard));
            }
            Some(first) = lessons.recv() => {
                let Some(running) = &mut *running.lock() else { return };
                running.hand_over(waiting(first, &mut lessons).map(Input::Learnt));
            }
            () = clock.reach(deadline) => {
                let Some(running) = &mut *running.lock() else { return };
                running.hand_over([]);
            }
            () = acted.notified() => {}
        }
    }
}

/// What is waiting is taken together: views of one moment, one verdict.
fn waiting<T>(first: T, others: &mut UnboundedReceiver<T>) -> impl Iterator<Item = T> {
    std::iter::once(first).chain(std::iter::from_fn(|| others.try_recv().ok()))
}

impl Running {
    /// Drops what comes late from a poller that has been stopped.
    fn hand_over_news(&mut self, heard: impl Iterator<Item = Heard>) {
        let input = |Heard { poller, news }| Some(Input::News(self.pollers.daemon(poller)?, news));
        let inputs: Vec<_> = heard.filter_map(input).collect();
        self.hand_over(inputs);
    }

    /// Has the core take in what happened, and does what follows from it.
    fn hand_over(&mut self, inputs: impl IntoIterator<Item = Input>) {
        self.step(|core, now| inputs.into_iter().for_each(|input| core.handle(now, input)));
    }

    fn reconfigure(&mut self, config: Config) {
        let started = self.pollers.reconfigure(&config);
        self.config = config.clone();
        self.step(|core, now| {
            core.reconfigure(now, &config);
            started.into_iter().for_each(|daemon| core.handle(now, Input::News(daemon, News::Restarted)));
        });
    }

    fn step(&mut self, change: impl FnOnce(&mut Core, Moment)) {
        self.or_resume(|running| {
            let now = running.clock.now();
            change(&mut running.core, now);
            if running.core.judge(now) {
                running.publish();
            }
            running.execute();
        });
    }

    /// A panic costs what was remembered of the daemons, but neither the choice nor the task.
    fn or_resume(&mut self, step: impl FnOnce(&mut Self)) {
        if catch_unwind(AssertUnwindSafe(|| step(self))).is_ok() {
            return;
        }
        let (now, status) = (self.clock.now(), self.published.status.read().clone());
        self.core = Core::new(&self.config, now).resume(now, &self.core, &status);
        let warning = Change::Warning {
            text: "judging panicked (an error in the addon), and was started again without what it knew".into(),
        };
        // Nobody is left to tell where it is the listener that panics.
        let _ = catch_unwind(AssertUnwindSafe(|| (self.listener)(&[warning])));
    }

    fn publish(&mut self) {
        let status = self.core.snapshot();
        let status = Arc::new(status.with_gateway(self.gateway.map(HostPort::from), &self.traffic.lock()));
        let before = self.published.publish(status.clone(), self.core.chart());
        let mut changes = changes(&before, &status);
        let refreshed = self.core.take_refreshed().into_iter();
        changes.extend(refreshed.map(|request| Change::Refreshed { request, status: status.clone() }));
        if !changes.is_empty() {
            (self.listener)(&changes);
        }
    }

    fn execute(&mut self) {
        for command in self.core.commands(self.clock.now()) {
            let orders = |daemon| self.pollers.orders(daemon).into_iter();
            match command {
                Command::Try(daemon, look) => orders(daemon).for_each(|orders| orders.try_once(look)),
                Command::Ask(question) => orders(question.daemon).for_each(|orders| orders.ask(question)),
                Command::List(daemon) => orders(daemon).for_each(Orders::ask_for_peers),
                // Without a receiver the gateway is stopped.
                Command::AskForWork(daemon) => drop(self.asks.send(daemon)),
            }
        }
    }

    fn note_gateway(&mut self, address: Option<SocketAddr>) {
        self.gateway = address;
        self.or_resume(Self::publish);
    }

    fn say(&self, severity: &'static str, text: String) {
        (self.listener)(&[Change::Log { severity, text }]);
    }
}

/// What has the snapshot tell where the gateway is, and the operator what is wrong with it. The gateway does not keep watching alive.
fn told_of_gateway(running: &Arc<Mutex<Option<Running>>>) -> impl Listening + use<> {
    let running = Arc::downgrade(running);
    move |told| {
        let Some(running) = running.upgrade() else { return };
        let mut running = running.lock();
        let Some(running) = &mut *running else { return };
        match told {
            Notice::Place(address) => running.note_gateway(address),
            Notice::Open(address) => running.say("info", format!("the gateway is open at {address}")),
            Notice::Trouble(text) => running.say("warn", text),
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
