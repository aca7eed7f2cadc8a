//! The time of one decision: a report taken in, all daemons judged, one chosen, the snapshot and the chart made, the next commands given.
//!
//! `npm run bench -- decision` runs this and shows it beside the other measurements.

// A wrong step in here may panic: that is how the measurement fails.
#![allow(clippy::expect_used, clippy::unwrap_used)]

use std::{
    collections::VecDeque,
    hint::black_box,
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};

use turtle_pool_multi_daemon::{
    config::{Config, DaemonConfig},
    consensus::{
        block::{BlockHash, Height},
        moment::Moment,
        observation::{Block, Observation, Software, View, Window},
        rules::Rules,
        select::Policy,
    },
    core::{Command, Core, Input, News},
    endpoint::{DaemonId, Endpoint},
};

/// Up to what a configuration may reasonably hold, and then some: the time should grow with the number and no faster.
const DAEMONS: [usize; 6] = [4, 7, 32, 100, 320, 1000];

/// Prints a line for each network: its name, its daemons, and in nanoseconds the median of a decision's time and of what differs from it.
fn main() {
    let short = std::env::args().any(|argument| argument == "--short");
    let [warm_up, time] = if short { [50, 200] } else { [1_000, 3_000] }.map(Duration::from_millis);
    for (name, forked_share) in [("steady", None), ("forked", Some(3))] {
        for daemons in DAEMONS {
            let mut network = Network::new(daemons, forked_share);
            let mut core = network.warm_core();
            measure(warm_up, || network.time_decision(&mut core));
            let times = measure(time, || network.time_decision(&mut core));
            let middle = median(times.clone());
            let deviation = median(times.iter().map(|time| time.abs_diff(middle)).collect());
            println!("{name} {daemons} {} {}", middle.as_nanos(), deviation.as_nanos());
        }
    }
}

/// What one takes, again and again for so long, and ten times at least.
fn measure(time: Duration, mut once: impl FnMut() -> Duration) -> Vec<Duration> {
    let began = Instant::now();
    let mut times = vec![];
    while times.len() < 10 || began.elapsed() < time {
        times.push(once());
    }
    times
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Daemons that answer one after the other when they are polled, while a block comes every 30 s.
struct Network {
    rules: Rules,
    daemons: usize,
    /// One daemon in so many is on a branch of its own since block [`FORK`].
    forked_share: Option<usize>,
    now: Duration,
    /// Whose tries are under way.
    tried: VecDeque<DaemonId>,
}

impl Network {
    fn new(daemons: usize, forked_share: Option<usize>) -> Self {
        Self { rules: Rules::default(), daemons, forked_share, now: Duration::ZERO, tried: VecDeque::new() }
    }

    /// A core that has known these daemons for as long as it remembers blocks.
    fn warm_core(&mut self) -> Core {
        let mut core = Core::new(&self.config(), self.now());
        // Deciding with every poll would take minutes with many daemons, and a round needs it only at its end.
        while self.now < WARM {
            self.wait_for_polls(&mut core);
            while let Some(daemon) = self.tried.pop_front() {
                core.handle(self.now(), self.answer(daemon));
            }
            core.judge(self.now());
        }
        let forked = (0..self.daemons).filter(|index| self.is_forked(*index)).count();
        assert_eq!(core.snapshot().healthy, self.daemons - forked);
        core
    }

    fn time_decision(&mut self, core: &mut Core) -> Duration {
        self.wait_for_polls(core);
        let Some(daemon) = self.tried.pop_front() else { return Duration::ZERO };
        let (now, answer) = (self.now(), self.answer(daemon));
        let began = Instant::now();
        core.handle(now, answer);
        assert!(core.judge(now));
        black_box((core.snapshot(), core.chart()));
        let commands = core.commands(now);
        let time = began.elapsed();
        self.note(commands);
        time
    }

    /// Lets time pass until a daemon is polled, unless one is.
    fn wait_for_polls(&mut self, core: &mut Core) {
        while self.tried.is_empty() {
            let next = core.next_deadline().expect("nobody is being polled, so somebody will be");
            self.now = next.max(self.now);
            core.judge(self.now());
            self.note(core.commands(self.now()));
        }
    }

    fn note(&mut self, commands: Vec<Command>) {
        let tries = commands.into_iter().filter_map(|command| match command {
            Command::Try(daemon, _) => Some(daemon),
            _ => None,
        });
        self.tried.extend(tries);
    }

    fn config(&self) -> Config {
        let endpoint = |index: usize| Endpoint { host: format!("daemon-{index}.example.org"), port: 11898, tls: false };
        let daemon = |index| DaemonConfig { endpoint: endpoint(index), drained: false, ha: None, login: None };
        Config {
            daemons: (0..self.daemons).map(daemon).collect(),
            rules: self.rules.clone(),
            policy: Policy::default(),
            warnings: vec![],
            gateway: None,
            hedge_after: None,
        }
    }

    fn answer(&self, daemon: DaemonId) -> Input {
        Input::News(daemon, News::Tried(Ok(self.observation(daemon.0))))
    }

    fn now(&self) -> Moment {
        Moment { elapsed: self.now, unix: EPOCH + self.now }
    }

    fn observation(&self, index: usize) -> Observation {
        let window = self.window(index);
        Observation {
            network_height: Some(window.height),
            view: View::Chain(window),
            incoming: Some(12),
            outgoing: Some(8),
            software: Software::of("turtlecoin"),
            upgrade: None,
            version: Some("0.28.3".into()),
            address: Some(SocketAddr::from((Ipv4Addr::from_bits(index as u32), 11898))),
            latency: Duration::from_millis(2),
        }
    }

    /// As many blocks as the client shows after a while.
    fn window(&self, index: usize) -> Window {
        let mined = self.now.as_secs() / self.rules.block_target.as_secs();
        // A fork stays as deep as it is, or the branches would lose one another while they are measured.
        let tip = FORK + if self.forked_share.is_some() { mined.min(DEPTH) } else { mined };
        let branch = u64::from(self.is_forked(index));
        let blocks = (0..16).map(|depth| Block { hash: hash(branch, tip - depth), difficulty: Some(1_000_000) });
        Window {
            genesis: Some(hash(0, 0)),
            height: Height::new(tip).unwrap(),
            blocks: blocks.collect(),
            timestamp: self.now().unix,
        }
    }

    /// Never the first, which is the primary.
    fn is_forked(&self, index: usize) -> bool {
        self.forked_share.is_some_and(|share| index % share == share - 1)
    }
}

/// Ten blocks: enough for every verdict.
const WARM: Duration = Duration::from_secs(300);

/// The last block that all have.
const FORK: u64 = 1_000_000;

/// How deep the fork gets, in blocks: such as heals only by hand.
const DEPTH: u64 = 8;

/// 2026-01-01, so that the simulated time has a plausible date.
const EPOCH: Duration = Duration::from_secs(1_767_225_600);

fn hash(branch: u64, height: u64) -> BlockHash {
    let mut bytes = [0; 32];
    let branch = if height > FORK { branch } else { 0 };
    bytes[..8].copy_from_slice(&branch.to_be_bytes());
    bytes[8..16].copy_from_slice(&height.to_be_bytes());
    BlockHash::new(bytes)
}
