//! Asks one daemon again and again.

use std::{
    future::Future,
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{
    sync::{Notify, mpsc::UnboundedSender},
    time::{Instant, sleep, timeout},
};

use crate::{
    consensus::{
        block::{BlockHash, Height},
        observation::{Failure, Observation, Report},
        peers::Peer,
        questions::Question,
        rules::Rules,
    },
    endpoint::DaemonId,
    ha::packet::Event,
    rpc::Client,
};

/// Looks at a daemon once. The RPC client is one; tests have others.
pub trait Probe: Send {
    /// One try, which ends in bounded time.
    fn poll(&mut self) -> impl Future<Output = Result<Observation, Failure>> + Send;

    /// The hash of the block at a height of the daemon's chain, or `None` where it gives no usable answer, in bounded time.
    fn hash_at(&mut self, height: Height) -> impl Future<Output = Option<BlockHash>> + Send;

    /// The daemon's connections one by one, or `None` where it gives no usable list, in bounded time.
    fn peers(&mut self) -> impl Future<Output = Option<Vec<Peer>>> + Send {
        async { None }
    }

    /// Ends the connection, if one is kept; the next look opens another.
    fn hang_up(&mut self) {}

    /// Whether the last try failed for a limit of requests alone, which says nothing against the daemon.
    fn is_spared(&self) -> bool {
        false
    }
}

impl Probe for Client {
    fn poll(&mut self) -> impl Future<Output = Result<Observation, Failure>> + Send {
        self.poll()
    }

    fn hash_at(&mut self, height: Height) -> impl Future<Output = Option<BlockHash>> + Send {
        self.hash_at(height)
    }

    fn peers(&mut self) -> impl Future<Output = Option<Vec<Peer>>> + Send {
        self.peers()
    }

    fn hang_up(&mut self) {
        self.hang_up();
    }

    fn is_spared(&self) -> bool {
        self.is_spared()
    }
}

/// Tells the daemons' pollers apart. A daemon keeps its poller where it gets another place in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollerId(pub u64);

/// What became of one poll, or of one question beside the polls.
#[derive(Debug)]
pub struct Polled {
    /// Whose poll it was.
    pub poller: PollerId,
    /// When it began.
    pub started: Instant,
    /// How far it got.
    pub stage: Stage,
}

/// How far a poll got.
#[derive(Debug)]
pub enum Stage {
    /// It begins.
    Began,
    /// Its first try failed; a second one follows.
    TryFailed,
    /// It ended like this.
    Ended(Report),
    /// It was no poll: the daemon was asked for a single block, and showed this one or none.
    Asked(Question, Option<BlockHash>),
    /// It was no poll: the daemon was asked for its connections, and listed these or gave no list.
    Listed(Option<Vec<Peer>>),
    /// It was no poll: a turtlecoind-ha in front of the daemon said this.
    Heard(Event),
}

/// Makes a poller ask at once, and an asker what is put in here.
#[derive(Debug, Default)]
pub struct Wake {
    notify: Notify,
    suspicions: AtomicU32,
    question: Mutex<Option<Question>>,
    wants_peers: AtomicBool,
    asks: Notify,
}

/// What a daemon is asked beside its polls.
#[derive(Debug, Clone, Copy)]
pub enum Ask {
    /// For a single block.
    Block(Question),
    /// For a list of its connections.
    Peers,
}

impl Wake {
    /// Asks for a poll now, or right after the one under way.
    pub fn poll_now(&self) {
        self.notify.notify_one();
    }

    /// The same, because a request of the pool's own failed: that counts as a failed try.
    pub fn suspect(&self) {
        self.suspicions.fetch_add(1, Ordering::Relaxed);
        self.poll_now();
    }

    /// Puts a question to the daemon, beside its polls. One that still waits there is replaced.
    pub fn ask(&self, question: Question) {
        *self.question.lock() = Some(question);
        self.asks.notify_one();
    }

    /// Asks the daemon for a list of its connections, beside its polls.
    pub fn ask_for_peers(&self) {
        self.wants_peers.store(true, Ordering::Relaxed);
        self.asks.notify_one();
    }

    /// What to ask next, as soon as there is something.
    pub async fn next_ask(&self) -> Ask {
        loop {
            if self.wants_peers.swap(false, Ordering::Relaxed) {
                return Ask::Peers;
            }
            if let Some(question) = self.question.lock().take() {
                return Ask::Block(question);
            }
            self.asks.notified().await;
        }
    }

    /// Notes that something else says that the daemon is down: together with a poll that fails, that counts as one failed
    /// try, however often it is said.
    pub fn doubt(&self) {
        self.suspicions.fetch_max(1, Ordering::Relaxed);
    }

    fn take_suspicions(&self) -> u32 {
        self.suspicions.swap(0, Ordering::Relaxed)
    }
}

/// When and how often a daemon is asked.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Polls are due so long after watching began, and every interval after that; those out of turn come on top. So all daemons
    /// are seen at one moment, and one awakening serves them all. A daemon that is new waits as long before its first poll,
    /// so that not all of many are asked in the same instant.
    pub offset: Duration,
    /// When watching began.
    pub began: Instant,
    /// From one due poll to the next.
    pub interval: Duration,
    /// Failed tries in a row that are enough for a verdict: no poll makes more than that.
    pub max_failures: u32,
}

impl Schedule {
    /// The schedule of a daemon, of those that have been watched since `began`. The offsets stay small, since verdicts compare
    /// views of one moment.
    pub fn new(daemon: DaemonId, began: Instant, rules: &Rules) -> Self {
        let spread = (rules.polling_interval / 10).max(Duration::from_nanos(1));
        let step = u32::try_from(daemon.0 / AT_ONCE).unwrap_or(u32::MAX);
        let offset = remainder(OFFSET_STEP.saturating_mul(step), spread);
        Self { offset, began, interval: rules.polling_interval, max_failures: rules.max_polling_failures }
    }

    /// How long it is from then to the next due poll: an interval at most.
    fn left(&self, now: Instant) -> Duration {
        let since = now.saturating_duration_since(self.began + self.offset);
        self.interval - remainder(since, self.interval)
    }
}

/// What is left of a time after as many whole periods as there are in it.
fn remainder(time: Duration, period: Duration) -> Duration {
    let left = time.as_nanos() % period.as_nanos().max(1);
    Duration::from_nanos(u64::try_from(left).unwrap_or(0))
}

/// Polls a daemon on schedule, and at once when woken, until the receiver of the reports is gone.
pub async fn run(
    poller: PollerId,
    probe: &mut impl Probe,
    schedule: Schedule,
    wake: &Wake,
    reports: &UnboundedSender<Polled>,
) {
    let mut failed_tries = 0;
    sleep(schedule.offset).await;
    loop {
        let started = Instant::now();
        let tell = |stage| reports.send(Polled { poller, started, stage }).is_ok();
        tell(Stage::Began);
        let first_failed = || _ = tell(Stage::TryFailed);
        let tries_to_verdict = schedule.max_failures.saturating_sub(failed_tries);
        // What a poll needs to remember is given back when it ends.
        let report = Box::pin(poll(probe, tries_to_verdict, wake, first_failed)).await;
        failed_tries = match &report {
            Report::Answered(_) => 0,
            Report::Failed { tries, .. } => failed_tries.saturating_add(*tries),
            Report::Spared => failed_tries,
        };
        let is_spared = report == Report::Spared;
        if !tell(Stage::Ended(report)) {
            return;
        }
        let left = schedule.left(Instant::now());
        let left = if is_spared { left.min(SPARED_AGAIN_AFTER) } else { left };
        // Ends early when woken; a wake during a poll is kept and leads to the next one at once.
        let _ = timeout(left, wake.notify.notified()).await;
    }
}

/// One poll: a try, and after a short while a second one if it failed and is not yet enough for a verdict.
async fn poll(probe: &mut impl Probe, tries_to_verdict: u32, wake: &Wake, first_failed: impl Fn()) -> Report {
    let failure = match probe.poll().await {
        Ok(observation) => return answered(observation, wake),
        Err(_) if probe.is_spared() => return Report::Spared,
        Err(failure) => failure,
    };
    let tries = wake.take_suspicions().saturating_add(1);
    // A daemon that has its verdict already gets its second try: it needs every chance to show that it is back.
    if (1..=tries).contains(&tries_to_verdict) {
        return Report::Failed { tries, failure };
    }
    first_failed();
    sleep(SECOND_TRY_AFTER).await;
    match probe.poll().await {
        Ok(observation) => answered(observation, wake),
        // What failed before is all that speaks against it.
        Err(_) if probe.is_spared() => Report::Failed { tries, failure },
        Err(failure) => {
            let tries = tries.saturating_add(wake.take_suspicions()).saturating_add(1);
            Report::Failed { tries, failure }
        }
    }
}

/// A daemon that answers is above suspicion.
fn answered(observation: Observation, wake: &Wake) -> Report {
    wake.take_suspicions();
    Report::Answered(observation)
}

/// Long enough for a daemon that is just busy with a block, short enough to find a dead one within a second.
const SECOND_TRY_AFTER: Duration = Duration::from_millis(250);
/// The view from before does not last for long.
const SPARED_AGAIN_AFTER: Duration = Duration::from_secs(1);
const OFFSET_STEP: Duration = Duration::from_millis(10);
/// As many as a pool has, and as are no burst for anybody.
const AT_ONCE: usize = 8;

#[cfg(test)]
#[path = "tests/poll.rs"]
mod tests;
