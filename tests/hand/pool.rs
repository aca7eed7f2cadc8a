//! The core and its daemons, on virtual time.

use std::{sync::Arc, time::Duration};

use turtle_pool_multi_daemon::{
    config::Config,
    consensus::{
        block::{BlockHash, Height},
        moment::Moment,
        observation::{Block, Failure, FailureKind, Observation, Software, View, Window},
        select::Mode,
    },
    core::{Command, Core, Input, News},
    endpoint::DaemonId,
    routing::{Chart, Learnt, NoWorkCause, Who},
    status::{Change, DaemonStatus, Status, changes},
};

/// A core over daemons that are named by letters, `P` at `p:1`, `A` at `a:1` and so on, all on one chain at height 100.
pub struct Pool {
    pub config: Config,
    pub core: Core,
    pub now: Duration,
    latest: Arc<Status>,
    daemons: Vec<Daemon>,
}

struct Daemon {
    answers: bool,
    side: u8,
    height: u64,
    /// By how much more than it has its peers claim.
    claimed: u64,
    address: Option<std::net::SocketAddr>,
}

impl Pool {
    pub fn new(daemons: usize, fallback: &str) -> Self {
        let config = configuration(&NAMES[..daemons], &format!(r#""fallback": "{fallback}""#));
        let core = Core::new(&config, moment(Duration::ZERO));
        let latest = Arc::new(core.snapshot());
        let daemon = || Daemon { answers: true, side: 0, height: 100, claimed: 0, address: None };
        let daemons = std::iter::repeat_with(daemon).take(NAMES.len()).collect();
        Self { config, core, now: Duration::ZERO, latest, daemons }
    }

    pub fn settled(daemons: usize) -> Self {
        let mut pool = Self::new(daemons, "primary");
        pool.round();
        pool
    }

    pub fn settled_best(daemons: usize) -> Self {
        let mut pool = Self::new(daemons, "best");
        pool.round();
        pool
    }

    /// Goes on until a second after the next turn, in which every daemon is polled.
    pub fn round(&mut self) {
        let turn = self.now.as_millis().div_ceil(5_000) as u64 * 5_000;
        self.wait(Duration::from_millis(turn) + seconds(1) - self.now);
    }

    /// Lets time pass. Daemons answer at once.
    pub fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        self.settle();
        while let Some(next) = self.core.next_deadline().filter(|next| *next <= end) {
            self.now = next.max(self.now);
            self.settle();
        }
        self.now = end;
    }

    /// Does what there is to do now.
    fn settle(&mut self) {
        let now = self.moment();
        loop {
            self.judge();
            let commands = self.core.commands(now);
            if commands.is_empty() {
                return;
            }
            for command in commands {
                if let Command::Try(daemon, _) = command {
                    let tried = self.tried(daemon);
                    self.core.handle(now, Input::News(daemon, News::Tried(tried)));
                }
            }
        }
    }

    fn judge(&mut self) {
        if self.core.judge(self.moment()) {
            self.latest = Arc::new(self.core.snapshot());
        }
    }

    fn tried(&self, daemon: DaemonId) -> Result<Observation, Failure> {
        let host = &self.core.snapshot().daemons[daemon.0].endpoint.host;
        self.daemons[index(name_of(host))].tried()
    }

    fn order(&mut self, name: char, order: impl FnOnce(DaemonId) -> Input) {
        let id = self.core.find(&host(name), 1).unwrap();
        self.core.handle(self.moment(), order(id));
        self.judge();
    }

    /// Goes on with a core that knows nothing but what one that broke off leaves behind.
    pub fn break_off(&mut self) {
        let now = self.moment();
        self.core = Core::new(&self.config, now).resume(now, &self.core, &self.latest);
        self.judge();
    }

    /// Goes on with these daemons, the first of them the primary, and these options.
    pub fn reconfigure(&mut self, names: &str, options: &str) {
        self.config = configuration(names, options);
        self.core.reconfigure(self.moment(), &self.config);
        self.judge();
    }

    pub fn drain(&mut self, name: char) {
        self.order(name, |daemon| Input::Drain(daemon, true));
    }

    pub fn undrain(&mut self, name: char) {
        self.order(name, |daemon| Input::Drain(daemon, false));
    }

    pub fn pin(&mut self, name: char, milliseconds: u64) {
        self.order(name, |daemon| Input::Pin(daemon, Duration::from_millis(milliseconds)));
    }

    pub fn unpin(&mut self) {
        self.core.handle(self.moment(), Input::Unpin);
        self.judge();
    }

    /// It gives no template twice, a second apart, while others do.
    pub fn lacks_work(&mut self, name: char) {
        for _ in 0..2 {
            self.wait(seconds(1));
            let learnt = Learnt::NoWork { daemon: self.who(name), cause: NoWorkCause::Empty, witnessed: true };
            self.core.handle(self.moment(), Input::Learnt(learnt));
        }
        self.judge();
    }

    /// A request for a template comes to this, and no daemon that was asked gave one where that is an error.
    pub fn asks_for_template(&mut self, came: Result<(), &str>) {
        let daemon = self.who('P');
        let one = came.map_or_else(
            |_| Learnt::NoWork { daemon: daemon.clone(), cause: NoWorkCause::Unsynced, witnessed: false },
            |()| Learnt::Works(daemon.clone()),
        );
        for learnt in [one, Learnt::Template(came.map_err(Into::into))] {
            self.core.handle(self.moment(), Input::Learnt(learnt));
        }
        self.judge();
    }

    /// What listeners are told since then.
    pub fn changes_since(&self, before: &Status) -> Vec<Change> {
        changes(before, &self.latest)
    }

    fn who(&self, name: char) -> Who {
        self.daemon(name).endpoint.clone()
    }

    /// Whether it may be offered a block though it is not in use.
    pub fn takes_blocks(&mut self, name: char) -> bool {
        let who = self.who(name);
        self.chart().seat(&who).unwrap().takes_blocks
    }

    /// What requests go by.
    pub fn chart(&mut self) -> Arc<Chart> {
        self.core.chart()
    }

    /// How many daemons there are to compare.
    pub fn comparable(&self) -> usize {
        self.core.assessment().comparable()
    }

    /// A peer lies to them: they give no work until they are restarted.
    pub fn lie_to(&mut self, names: &str) {
        names.chars().for_each(|name| self.daemons[index(name)].claimed = 40);
    }

    /// A daemon gives a template.
    pub fn works(&mut self, name: char) {
        self.core.handle(self.moment(), Input::Learnt(Learnt::Works(self.who(name))));
        self.judge();
    }

    /// A request fails at a daemon, and the poll after it does not.
    pub fn fails_a_request(&mut self, name: char) {
        self.core.handle(self.moment(), Input::Learnt(Learnt::Failed(self.who(name))));
        self.wait(seconds(1));
    }

    pub fn refuse(&mut self, name: char) {
        self.daemons[index(name)].answers = false;
    }

    pub fn answer(&mut self, name: char) {
        self.daemons[index(name)].answers = true;
    }

    /// The next blocks it takes are others than everybody else's.
    pub fn fork(&mut self, name: char) {
        self.daemons[index(name)].side = 1;
    }

    pub fn place(&mut self, names: &str, address: &str) {
        names.chars().for_each(|name| self.daemons[index(name)].address = Some(address.parse().unwrap()));
    }

    pub fn mine(&mut self) {
        self.daemons.iter_mut().for_each(|daemon| daemon.height += 1);
    }

    pub fn mine_for(&mut self, names: &str, count: u64) {
        names.chars().for_each(|name| self.daemons[index(name)].height += count);
    }

    pub fn status(&self) -> Arc<Status> {
        self.latest.clone()
    }

    pub fn in_use(&self) -> char {
        name_of(&self.latest.current.host)
    }

    pub fn mode(&self) -> &'static str {
        if self.latest.mode == Mode::Multi { "multi" } else { "single" }
    }

    pub fn verdict(&self, name: char) -> &'static str {
        let daemon = self.daemon(name);
        daemon.code().unwrap_or(daemon.state)
    }

    /// The verdicts of several daemons, separated by spaces.
    pub fn verdicts(&self, names: &str) -> String {
        names.chars().map(|name| self.verdict(name)).collect::<Vec<_>>().join(" ")
    }

    /// The names of all daemons, in their order.
    pub fn names(&self) -> String {
        self.latest.daemons.iter().map(|daemon| name_of(&daemon.endpoint.host)).collect()
    }

    pub fn is_drained(&self, name: char) -> bool {
        self.daemon(name).drained
    }

    /// What the snapshot says of a daemon.
    pub fn daemon(&self, name: char) -> &DaemonStatus {
        self.latest.daemons.iter().find(|daemon| daemon.endpoint.host == host(name)).unwrap()
    }

    /// The daemon it is pinned to, and the milliseconds from now to the end.
    pub fn pinned(&self) -> Option<(String, u64)> {
        let pin = self.latest.pin.as_ref()?;
        Some((pin.daemon.to_string(), pin.until - self.moment().unix_millis()))
    }

    pub fn codes(&self) -> Vec<&'static str> {
        self.latest.switches.iter().map(|switch| switch.code).collect()
    }

    pub fn last_reason(&self) -> String {
        self.latest.switches.last().unwrap().reason.clone()
    }

    /// How many voted, as the next switch tells.
    pub fn votes(&mut self) -> usize {
        self.pin('C', 1);
        self.unpin();
        self.latest.switches.last().unwrap().votes.all
    }

    pub fn moment(&self) -> Moment {
        moment(self.now)
    }
}

impl Daemon {
    fn tried(&self) -> Result<Observation, Failure> {
        if !self.answers {
            return Err(Failure { kind: FailureKind::Refused, detail: "connection refused".into() });
        }
        let block = |height: u64| {
            let side = if height > FORK_POINT { self.side } else { 0 };
            let mut bytes = [side; 32];
            bytes[..8].copy_from_slice(&height.to_be_bytes());
            Block { hash: BlockHash::new(bytes), difficulty: Some(1) }
        };
        let window = Window {
            genesis: Some(BlockHash::new([99; 32])),
            height: Height::new(self.height).unwrap(),
            blocks: (0..16).map(|depth| block(self.height - depth)).collect(),
            timestamp: Duration::ZERO,
        };
        Ok(Observation {
            view: View::Chain(window),
            network_height: Height::new(self.height + self.claimed),
            incoming: Some(8),
            outgoing: Some(8),
            upgrade: None,
            software: Software { refuses_unsynced: true, ..Software::of("turtlecoin") },
            version: None,
            address: self.address,
            latency: Duration::from_millis(1),
        })
    }
}

/// A configuration of these daemons; a name in lower case is drained in it.
fn configuration(names: &str, options: &str) -> Config {
    let place =
        |name: char| format!(r#"{{ "host": "{}", "port": 1, "drain": {} }}"#, host(name), name.is_ascii_lowercase());
    let mut places = names.chars().map(place);
    let (primary, others) = (places.next().unwrap(), places.collect::<Vec<_>>().join(", "));
    let block = [r#""enabled": true"#, options].into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(", ");
    let json = format!(r#"{{ "daemon": {primary}, "multiDaemon": {{ {block}, "daemons": [{others}] }} }}"#);
    Config::from_json(&json).unwrap()
}

const NAMES: &str = "PABCDEF";
const FORK_POINT: u64 = 100;

fn moment(now: Duration) -> Moment {
    Moment { elapsed: now, unix: Duration::from_secs(1_767_225_600) + now }
}

pub fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn index(name: char) -> usize {
    NAMES.find(name).unwrap()
}

fn host(name: char) -> String {
    name.to_ascii_lowercase().to_string()
}

fn name_of(host: &str) -> char {
    host.to_ascii_uppercase().chars().next().unwrap()
}
