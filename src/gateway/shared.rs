//! What all requests of one gateway have in common.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use parking_lot::Mutex;
use tokio::{
    sync::{mpsc::UnboundedSender, watch},
    time::Instant,
};

use super::{access::Access, blocks::Blocks, request::Asking, ticks::Ticks, upstream::Upstream};
use crate::{
    config::{Config, Password},
    consensus::{
        block::{BlockHash, Height},
        vote::Head,
    },
    net::Login,
    routing::{
        Chart, Learnt, Traffic, Who,
        blob::Marks,
        call::{Call, LatestCall},
        each::Each,
        habit::Habits,
        template::Template,
        traffic::Ending,
    },
};

/// What all requests of one gateway have in common.
pub(super) struct Shared {
    began: Instant,
    charts: watch::Receiver<Arc<Chart>>,
    learning: UnboundedSender<Learnt>,
    settings: Mutex<Arc<Settings>>,
    upstreams: Mutex<Each<Arc<Upstream>>>,
    pub(super) habits: Mutex<Habits>,
    pub(super) blocks: Blocks,
    pub(super) ticks: Arc<Ticks>,
    pub(super) work: Mutex<Work>,
    latest_call: Mutex<LatestCall>,
    traffic: Arc<Mutex<Traffic>>,
}

/// One request on its way, which is counted when it is over, however it ends.
pub(super) struct Counted<'a> {
    shared: &'a Shared,
    ending: Ending,
}

/// What of the configuration concerns requests.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Settings {
    pub(super) access: Access,
    pub(super) hedge_after: Option<Duration>,
    /// From one poll to the next: the time in which a daemon can be expected to build on a new block.
    pub(super) interval: Duration,
    logins: Vec<(Who, Password)>,
}

/// What is known of templates.
#[derive(Debug, Default)]
pub(super) struct Work {
    /// What the pool asked for last.
    pub(super) latest: Option<Arc<Asking>>,
    /// When each daemon last gave a usable one, in time since the gateway began.
    pub(super) given: Each<Duration>,
    /// Whether the latest request for a template got none.
    is_dry: bool,
    head: Option<Head>,
    head_since: Duration,
    /// What the latest templates build on, and the height of the block that each makes: of a block that was found, it may be all that tells.
    bases: VecDeque<(BlockHash, Height)>,
}

impl Work {
    /// Notes what the pool was given.
    pub(super) fn note(&mut self, asking: &Arc<Asking>, template: &Template) {
        self.latest = Some(asking.clone());
        for parent in template.parents() {
            let base = (parent, template.height());
            if !self.bases.contains(&base) {
                self.bases.push_front(base);
                self.bases.truncate(KEPT_BASES);
            }
        }
    }

    /// The height of a block that was made from one of the latest templates.
    pub(super) fn height_of(&self, marks: &Marks) -> Option<Height> {
        let base = self.bases.iter().find(|(parent, _)| marks.build_on(*parent));
        base.map(|(_, height)| *height)
    }
}

impl Settings {
    pub(super) fn new(config: &Config) -> Self {
        let gateway = config.gateway.as_ref();
        let logins =
            config.daemons.iter().filter_map(|daemon| Some((Arc::new(daemon.endpoint.clone()), daemon.login.clone()?)));
        Self {
            access: Access {
                is_local: gateway.is_none_or(|gateway| gateway.is_local()),
                password: gateway.and_then(|gateway| gateway.password.clone()),
            },
            hedge_after: config.hedge_after,
            interval: config.rules.polling_interval,
            logins: logins.collect(),
        }
    }
}

impl Shared {
    pub(super) fn new(
        config: &Config,
        charts: watch::Receiver<Arc<Chart>>,
        learning: UnboundedSender<Learnt>,
        traffic: Arc<Mutex<Traffic>>,
    ) -> Arc<Self> {
        Arc::new(Self {
            began: Instant::now(),
            charts,
            learning,
            settings: Mutex::new(Arc::new(Settings::new(config))),
            upstreams: Mutex::default(),
            habits: Mutex::default(),
            blocks: Blocks::default(),
            ticks: Arc::default(),
            work: Mutex::default(),
            latest_call: Mutex::default(),
            traffic,
        })
    }

    /// Goes on with another configuration: daemons whose login is another one are connected to anew.
    pub(super) fn reconfigure(&self, config: &Config) {
        let settings = Arc::new(Settings::new(config));
        let before = std::mem::replace(&mut *self.settings.lock(), settings.clone());
        let is_kept = |daemon: &Who| {
            let is_there = config.daemons.iter().any(|it| it.endpoint == **daemon);
            is_there && settings.login_of(daemon) == before.login_of(daemon)
        };
        self.upstreams.lock().keep(is_kept);
        self.habits.lock().keep(is_kept);
        self.traffic.lock().keep(|daemon| config.daemons.iter().any(|it| it.endpoint == **daemon));
        self.work.lock().given.keep(is_kept);
    }

    /// Keeps connections to the daemon in use while it answers, and to no other. A TurtleCoind that is told to stop refuses new connections and waits up to
    /// half a minute for the open ones to end (seen on 0.28.3), and may hang for good meanwhile. Whoever stops it may be less patient, and then it loses
    /// its last block.
    pub(super) fn keep_connections(&self, chart: &Chart) {
        self.upstreams.lock().iter().for_each(|(daemon, upstream)| upstream.keep(is_needed(daemon, chart)));
    }

    /// Closes what nobody has needed for a while.
    pub(super) fn sweep(&self) {
        self.upstreams.lock().iter().for_each(|(_, upstream)| upstream.sweep());
    }

    /// What a request asks for.
    pub(super) fn call(&self, path: &str, body: &[u8]) -> Arc<Call> {
        self.latest_call.lock().call(path, body)
    }

    /// Begins to count a request.
    pub(super) fn counted(&self) -> Counted<'_> {
        Counted { shared: self, ending: Ending::Abandoned }
    }

    /// Counts that a request was sent to a daemon.
    pub(super) fn count_sent(&self, daemon: &Who, is_hedge: bool) {
        self.traffic.lock().send(daemon, is_hedge);
    }

    /// Time since the gateway began.
    pub(super) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// The moment that so much time since the gateway began is.
    pub(super) fn instant(&self, time: Duration) -> Instant {
        self.began + time
    }

    /// What is known of the daemons now.
    pub(super) fn chart(&self) -> Arc<Chart> {
        self.charts.borrow().clone()
    }

    /// What tells of each new chart.
    pub(super) fn charts(&self) -> watch::Receiver<Arc<Chart>> {
        self.charts.clone()
    }

    pub(super) fn settings(&self) -> Arc<Settings> {
        self.settings.lock().clone()
    }

    /// Tells whoever decides; nobody does once it is stopped.
    pub(super) fn teach(&self, lesson: Learnt) {
        if self.is_news(&lesson) {
            drop(self.learning.send(lesson));
        }
    }

    /// That a daemon still gives work is told once a second; that requests get templates, after one that did not.
    fn is_news(&self, lesson: &Learnt) -> bool {
        let mut work = self.work.lock();
        match lesson {
            Learnt::Works(daemon) => {
                let now = self.now();
                if work.given.get(daemon).is_some_and(|at| now.saturating_sub(*at) < TOLD_EVERY) {
                    return false;
                }
                *work.given.get_or_insert_with(daemon, || now) = now;
            }
            Learnt::NoWork { daemon, .. } => work.given.remove(daemon),
            Learnt::Template(came) => return std::mem::replace(&mut work.is_dry, came.is_err()) || came.is_err(),
            Learnt::NoTemplate(_) => work.is_dry = true,
            _ => {}
        }
        true
    }

    /// Whether a daemon has given a usable template since then.
    pub(super) fn has_given_work_since(&self, then: Duration) -> bool {
        self.work.lock().given.iter().any(|(_, at)| *at >= then)
    }

    /// The connections to a daemon.
    pub(super) fn upstream(&self, daemon: &Who) -> Arc<Upstream> {
        let make = || {
            let upstream = Upstream::new(daemon, self.settings().login_of(daemon).map(Login::new));
            upstream.keep(is_needed(daemon, &self.chart()));
            Arc::new(upstream)
        };
        self.upstreams.lock().get_or_insert_with(daemon, make).clone()
    }

    /// Notes which block is the head, and since when it is.
    pub(super) fn note_head(&self, now: Duration, chart: &Chart) {
        let mut work = self.work.lock();
        let hash = |head: &Option<Head>| head.map(|head| head.hash);
        if hash(&work.head) != hash(&chart.head) {
            (work.head, work.head_since) = (chart.head, now);
        }
    }

    /// Whether the head that was noted last is so old that every daemon has had the time to build on it.
    pub(super) fn is_head_old(&self, now: Duration) -> bool {
        let interval = self.settings().interval;
        now.saturating_sub(self.work.lock().head_since) >= interval
    }

    /// Whether a daemon other than this one has given a usable template within an interval.
    pub(super) fn others_work(&self, now: Duration, daemon: &Who) -> bool {
        let interval = self.settings().interval;
        let work = self.work.lock();
        work.given.iter().any(|(other, at)| other != daemon && now.saturating_sub(*at) <= interval)
    }
}

impl Counted<'_> {
    /// There is an answer. Without one the client has left.
    pub(super) fn end(mut self, ending: Ending) {
        self.ending = ending;
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.shared.traffic.lock().end(self.ending);
    }
}

impl Settings {
    fn login_of(&self, daemon: &Who) -> Option<&Password> {
        self.logins.iter().find(|(it, _)| it == daemon).map(|(_, login)| login)
    }
}

/// Whether the next request will be a daemon's.
fn is_needed(daemon: &Who, chart: &Chart) -> bool {
    *daemon == chart.in_use && chart.seat(daemon).is_none_or(|seat| !seat.is_silent)
}

const TOLD_EVERY: Duration = Duration::from_secs(1);
/// A block that is found later than that is on an old block.
const KEPT_BASES: usize = 8;

/// Milliseconds since 1970 by the system's clock.
pub(super) fn unix_millis() -> u64 {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(unix.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
#[path = "tests/shared.rs"]
pub(super) mod tests;
