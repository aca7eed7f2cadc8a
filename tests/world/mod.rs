//! A small world on virtual time: daemons with chains and faults, and the core that ships, which is driven as the engine drives it.
//!
//! Daemons are named by letters: `P` is the primary, `A`, `B`, `C` … are the others in order.

// A wrong step in a scenario may panic: that is how its test fails. Not every test file uses all of the world.
#![allow(clippy::unwrap_used, dead_code)]

use std::{net::SocketAddr, time::Duration};

use turtle_pool_multi_daemon::{
    config::{Config, DaemonConfig},
    consensus::{
        block::{BlockHash, Height},
        health::Health,
        moment::Moment,
        observation::{Block, Failure, FailureKind, Observation, Software, Upgrade, View, Window},
        peers::Peer,
        questions::Question,
        rules::Rules,
        select::{Cause, Fallback, Mode, Policy, Selection},
        vote::Head,
    },
    core::{Command, Core, Input, News},
    endpoint::{DaemonId, Endpoint},
};

/// The world of one scenario.
pub struct World {
    pub rules: Rules,
    pub policy: Policy,
    pub switches: Vec<Switch>,
    now: Duration,
    clock_ahead: Duration,
    core: Core,
    ever_unhealthy: Vec<Vec<&'static str>>,
    blocks: Vec<WorldBlock>,
    daemons: Vec<Daemon>,
    /// What will have come of tries and questions, and when.
    answers: Vec<(Duration, DaemonId, News)>,
}

/// A switch that the pool saw.
#[derive(Debug, PartialEq)]
pub struct Switch {
    pub at: Duration,
    pub from: char,
    pub to: char,
    pub cause: Cause,
}

/// What a daemon does to a poll.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Behaviour {
    Answers,
    Refuses,
    Hangs,
    /// Fails every second poll wholly, both tries of it.
    Flickers,
    /// Fails the first try of every poll, and not the second.
    Stumbles,
    /// Answers with what no daemon says.
    TalksNonsense,
    /// Says that its core is busy.
    Busy,
}

/// What a daemon does when it is asked for the block at a height.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ByHeight {
    Answers,
    /// With an error.
    Refuses,
    /// Not at all: the answer is lost.
    Ignores,
    /// With blocks that nobody else has.
    Invents,
}

#[derive(Clone, Copy)]
struct WorldBlock {
    parent: usize,
    height: u64,
    mined: Duration,
    difficulty: u64,
}

struct Daemon {
    behaviour: Behaviour,
    tip: usize,
    shown: Option<usize>,
    network_height: NetworkHeight,
    claim: Option<u64>,
    network: u8,
    json_rpc: bool,
    address: Option<SocketAddr>,
    by_height: ByHeight,
    asked: usize,
    /// Incoming and outgoing; `None` if it hides them.
    connections: Option<(u32, u32)>,
    upgrade: Option<Upgrade>,
    /// A monerod lists its connections.
    peers: Option<Vec<Peer>>,
    lists_asked: usize,
    /// Whether the last look at it could have been short.
    short: bool,
    /// Tries that failed in a row.
    failed: u64,
}

#[derive(Clone, Copy)]
enum NetworkHeight {
    Own,
    Claimed(u64),
}

impl World {
    /// So many daemons, the primary included, all on one chain of 1,000 blocks and judged by the defaults.
    pub fn new(daemons: usize) -> Self {
        Self::with(daemons, Policy::default())
    }

    /// The same with `"fallback": "best"`.
    pub fn with_best(daemons: usize) -> Self {
        Self::with(daemons, Policy { fallback: Fallback::Best, ..Policy::default() })
    }

    /// So many daemons under a policy.
    pub fn with(daemons: usize, policy: Policy) -> Self {
        Self::drained(daemons, policy, "")
    }

    /// So many daemons, some of them drained.
    pub fn drained(daemons: usize, policy: Policy, drained: &str) -> Self {
        let rules = Rules::default();
        let config = config(daemons, &rules, &policy, drained);
        let mut world = Self {
            rules,
            policy,
            switches: vec![],
            now: Duration::ZERO,
            clock_ahead: Duration::ZERO,
            core: Core::new(&config, Moment { elapsed: Duration::ZERO, unix: EPOCH }),
            ever_unhealthy: vec![vec![]; daemons],
            blocks: vec![WorldBlock { parent: 0, height: 0, mined: Duration::ZERO, difficulty: 1 }],
            daemons: (0..daemons).map(|_| Daemon::new()).collect(),
            answers: vec![],
        };
        let everybody = world.everybody();
        world.mine(&everybody, 1_000);
        world
    }

    /// A world in which all daemons have been polled a few times and everybody is healthy.
    pub fn settled(daemons: usize) -> Self {
        let mut world = Self::new(daemons);
        world.run(11);
        world
    }

    /// The same with `"fallback": "best"`.
    pub fn settled_best(daemons: usize) -> Self {
        let mut world = Self::with_best(daemons);
        world.run(11);
        world
    }

    /// All daemons' letters.
    pub fn everybody(&self) -> String {
        (0..self.daemons.len()).map(letter).collect()
    }

    /// Blocks on top of the first named daemon's tip, which all the named ones take.
    pub fn mine(&mut self, names: &str, count: u64) {
        self.mine_with_difficulty(names, count, 100);
    }

    /// The same with a difficulty other than 100.
    pub fn mine_with_difficulty(&mut self, names: &str, count: u64, difficulty: u64) {
        let mut tip = self.daemon(names.chars().next().unwrap()).tip;
        for _ in 0..count {
            let height = self.blocks[tip].height + 1;
            self.blocks.push(WorldBlock { parent: tip, height, mined: self.now, difficulty });
            tip = self.blocks.len() - 1;
        }
        for name in names.chars() {
            self.daemon(name).tip = tip;
        }
    }

    /// The named daemons reorganise to (or catch up with) another one's chain.
    pub fn adopt(&mut self, names: &str, from: char) {
        let tip = self.daemon(from).tip;
        for name in names.chars() {
            self.daemon(name).tip = tip;
        }
    }

    /// The named daemons drop so many blocks, as at the start of a reorganisation; all but the first one at most.
    pub fn rewind(&mut self, names: &str, count: usize) {
        for name in names.chars() {
            let tip = self.daemons[index(name)].tip;
            let rewound = self.ancestry(tip).nth(count).unwrap_or(0);
            self.daemon(name).tip = rewound;
        }
    }

    /// The daemon takes so many more blocks of another one's chain, as far as there are any.
    pub fn catch_up(&mut self, name: char, with: char, count: u64) {
        let height = (self.height(name) + count).min(self.height(with));
        let tip = self.ancestry(self.daemons[index(with)].tip).find(|block| self.blocks[*block].height == height);
        self.daemon(name).tip = tip.unwrap();
    }

    /// Sets what daemons do to polls.
    pub fn set(&mut self, names: &str, behaviour: Behaviour) {
        for name in names.chars() {
            self.daemon(name).behaviour = behaviour;
        }
    }

    /// A lying peer raises what the daemons report as their network's height.
    pub fn poison_network_height(&mut self, names: &str, above: u64) {
        for name in names.chars() {
            let claimed = self.height(name) + above;
            self.daemon(name).network_height = NetworkHeight::Claimed(claimed);
        }
    }

    /// The daemon claims blocks that do not exist, so much above its real tip.
    pub fn lie(&mut self, name: char, above: u64) {
        self.daemon(name).claim = Some(above);
    }

    /// What the named daemons do when they are asked for the block at a height.
    pub fn set_by_height(&mut self, names: &str, by_height: ByHeight) {
        for name in names.chars() {
            self.daemon(name).by_height = by_height;
        }
    }

    /// How many blocks the named daemons were asked for since the last call.
    pub fn take_asked(&mut self, names: &str) -> usize {
        names.chars().map(|name| std::mem::take(&mut self.daemon(name).asked)).sum()
    }

    /// Every daemon answers, tells the truth and stands on the highest chain.
    pub fn recover_all(&mut self) {
        let highest = self.daemons.iter().map(|daemon| daemon.tip).max_by_key(|tip| self.blocks[*tip].height).unwrap();
        for daemon in &mut self.daemons {
            (daemon.behaviour, daemon.tip, daemon.claim) = (Behaviour::Answers, highest, None);
            (daemon.network_height, daemon.by_height) = (NetworkHeight::Own, ByHeight::Answers);
            (daemon.connections, daemon.upgrade) = (Some((8, 8)), None);
        }
    }

    /// The daemon is on a network of its own.
    pub fn move_to_other_network(&mut self, name: char) {
        self.daemon(name).network = 1;
    }

    /// The daemon has no JSON-RPC interface.
    pub fn take_json_rpc_from(&mut self, name: char) {
        self.daemon(name).json_rpc = false;
    }

    /// The daemon answers from this address.
    pub fn place(&mut self, name: char, address: &str) {
        self.daemon(name).address = Some(address.parse().unwrap());
    }

    /// Sets how many incoming and outgoing connections daemons tell.
    pub fn connect(&mut self, names: &str, incoming: u32, outgoing: u32) {
        for name in names.chars() {
            self.daemon(name).connections = Some((incoming, outgoing));
        }
    }

    /// Every one of the daemons is connected to every other one of them, in both directions, and to nobody else.
    pub fn connect_only_to_one_another(&mut self, names: &str) {
        let others = names.chars().count() as u32 - 1;
        self.connect(names, others, others);
    }

    /// All daemons are monerods, which list their connections where they are asked to; each goes from the first to the second
    /// letter. Small letters are peers outside.
    pub fn list_connections(&mut self, connections: &[&str]) {
        for index in 0..self.daemons.len() {
            let end = |it: &&&str, end: usize| it.chars().nth(end) == Some(letter(index));
            let peer = |it: &&str, end: usize| u64::from(it.as_bytes()[end]);
            let incoming =
                connections.iter().filter(|it| end(it, 1)).map(|it| Peer { id: peer(it, 0), incoming: true });
            let outgoing =
                connections.iter().filter(|it| end(it, 0)).map(|it| Peer { id: peer(it, 1), incoming: false });
            let peers: Vec<_> = incoming.chain(outgoing).collect();
            let opened = peers.iter().filter(|peer| !peer.incoming).count() as u32;
            let daemon = &mut self.daemons[index];
            daemon.connections = Some((peers.len() as u32 - opened, opened));
            daemon.peers = Some(peers);
        }
    }

    /// Whether the last look at a daemon could do without its info.
    pub fn is_short(&self, name: char) -> bool {
        self.daemons[index(name)].short
    }

    /// How often a daemon was asked for a list of its connections.
    pub fn lists_asked(&self, name: char) -> usize {
        self.daemons[index(name)].lists_asked
    }

    /// The daemons hide their connections, as a restricted monerod does.
    pub fn hide_connections(&mut self, names: &str) {
        for name in names.chars() {
            self.daemon(name).connections = None;
        }
    }

    /// The daemons' software knows no upgrade after `supported`, and that there is one at `at`.
    pub fn announce_upgrade(&mut self, names: &str, at: u64, supported: u64) {
        let height = |index| Height::new(index).unwrap();
        for name in names.chars() {
            self.daemon(name).upgrade = Some(Upgrade { at: height(at), supported: height(supported) });
        }
    }

    /// The daemons' software knows every upgrade.
    pub fn upgrade_software(&mut self, names: &str) {
        for name in names.chars() {
            self.daemon(name).upgrade = None;
        }
    }

    /// Changes the thresholds, and forgets everything seen so far.
    pub fn rules_mut(&mut self, change: impl Fn(&mut Rules)) {
        change(&mut self.rules);
        let config = config(self.daemons.len(), &self.rules, &self.policy, "");
        self.core = Core::new(&config, self.moment());
        self.answers.clear();
    }

    /// The system's clock goes so much too far from now on.
    pub fn jump_clock(&mut self, ahead: Duration) {
        self.clock_ahead = ahead;
    }

    /// The whole process is suspended: time passes, nothing is polled.
    pub fn sleep_through(&mut self, time: Duration) {
        self.now += time;
    }

    /// Lets time pass, in seconds.
    pub fn run(&mut self, seconds: u64) {
        self.run_for(Duration::from_secs(seconds));
    }

    /// Lets time pass.
    pub fn run_for(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(next) = self.next_event().filter(|next| *next <= end) {
            self.now = next.max(self.now);
            self.happen();
        }
        self.now = end;
    }

    /// Lets time pass, with a block that the named daemons take every 30 s.
    pub fn run_with_blocks(&mut self, seconds: u64, names: &str) {
        for second in 1..=seconds {
            if second % 30 == 0 {
                self.mine(names, 1);
            }
            self.run(1);
        }
    }

    /// Runs until a condition holds and gives the time that took; panics after `limit` seconds.
    pub fn run_until(&mut self, limit: u64, what: &str, condition: impl Fn(&Self) -> bool) -> Duration {
        let start = self.now;
        while !condition(self) {
            assert!(self.now - start < Duration::from_secs(limit), "not within {limit} s: {what}");
            self.run_for(Duration::from_millis(10));
        }
        self.now - start
    }

    /// The daemon that the pool uses.
    pub fn in_use(&self) -> char {
        letter(self.selection().daemon.0)
    }

    pub fn mode(&self) -> Mode {
        self.selection().mode
    }

    pub fn quorum(&self) -> bool {
        self.selection().quorum
    }

    pub fn hold(&self) -> bool {
        self.selection().hold
    }

    pub fn head(&self) -> Option<Head> {
        self.core.assessment().head
    }

    pub fn healthy(&self) -> usize {
        self.core.assessment().healthy()
    }

    /// How many there are to compare.
    pub fn comparable(&self) -> usize {
        self.core.assessment().comparable()
    }

    /// The votes for the branch, and all votes, at the end of the last round.
    pub fn votes(&self) -> (usize, usize) {
        let votes = self.core.assessment().votes;
        (votes.branch, votes.all)
    }

    /// What is held of a daemon.
    pub fn health(&self, name: char) -> &Health {
        &self.core.assessment().daemons[index(name)].health
    }

    /// The reason's code where there is one, otherwise the state.
    pub fn verdict(&self, name: char) -> &'static str {
        let health = self.health(name);
        health.code().unwrap_or(health.state())
    }

    /// The verdicts of several daemons, separated by spaces.
    pub fn verdicts(&self, names: &str) -> String {
        names.chars().map(|name| self.verdict(name)).collect::<Vec<_>>().join(" ")
    }

    /// Every verdict but `healthy` that a daemon ever had since it was first judged.
    pub fn ever(&self, name: char) -> &[&'static str] {
        &self.ever_unhealthy[index(name)]
    }

    /// Asserts that daemons were never found to be anything but healthy.
    pub fn assert_never_bad(&self, names: &str) {
        for name in names.chars() {
            assert!(self.ever(name).is_empty(), "{name} was {:?}", self.ever(name));
        }
    }

    /// The height of a daemon's real tip.
    pub fn height(&self, name: char) -> u64 {
        self.blocks[self.daemons[index(name)].tip].height
    }

    fn selection(&self) -> Selection {
        self.core.selection()
    }

    fn next_event(&self) -> Option<Duration> {
        self.answers.iter().map(|(at, ..)| *at).chain(self.core.next_deadline()).min()
    }

    /// What the engine does: hands over what came in, has it judged, and executes what follows.
    fn happen(&mut self) {
        let now = self.moment();
        for (_, daemon, news) in self.answers.extract_if(.., |(at, ..)| *at <= self.now).collect::<Vec<_>>() {
            self.core.handle(now, Input::News(daemon, news));
        }
        let before = self.selection().daemon;
        if self.core.judge(now) {
            self.note(before);
        }
        for command in self.core.commands(now) {
            self.execute(command);
        }
    }

    fn execute(&mut self, command: Command) {
        let (after, daemon, news) = match command {
            Command::Try(daemon, look) => {
                self.daemons[daemon.0].short = look.may_be_short;
                let (after, tried) = self.look(daemon.0, look.limit);
                (after, daemon, News::Tried(tried))
            }
            Command::Ask(question) => {
                self.daemons[question.daemon.0].asked += 1;
                let Some(hash) = self.answer(&question) else { return };
                (LATENCY, question.daemon, News::Answered(question, hash))
            }
            Command::List(daemon) => {
                self.daemons[daemon.0].lists_asked += 1;
                (Duration::ZERO, daemon, News::Listed(self.daemons[daemon.0].peers.clone()))
            }
            Command::AskForWork(_) => return,
        };
        self.answers.push((self.now + after, daemon, news));
    }

    /// What is said to a question; `None` for nothing at all.
    fn answer(&self, question: &Question) -> Option<Option<BlockHash>> {
        let daemon = &self.daemons[question.daemon.0];
        let height = question.height.get();
        let block = self.ancestry(daemon.tip).find(|block| self.blocks[*block].height == height);
        match daemon.by_height {
            _ if matches!(daemon.behaviour, Behaviour::Refuses | Behaviour::Hangs) => Some(None),
            ByHeight::Ignores => None,
            ByHeight::Refuses => Some(None),
            ByHeight::Invents => Some(Some(hash(98, height))),
            ByHeight::Answers => Some(block.map(|id| hash(daemon.network, id as u64))),
        }
    }

    /// What a try comes to that may take so long, and how long it takes.
    fn look(&mut self, index: usize, limit: Duration) -> (Duration, Result<Observation, Failure>) {
        let daemon = &self.daemons[index];
        let failure = match daemon.behaviour {
            Behaviour::Refuses => Some(FailureKind::Refused),
            Behaviour::Hangs => Some(FailureKind::Timeout),
            Behaviour::TalksNonsense => Some(FailureKind::InvalidReply),
            Behaviour::Flickers => (daemon.failed % 3 < 2).then_some(FailureKind::Refused),
            Behaviour::Stumbles => (daemon.failed % 2 < 1).then_some(FailureKind::Refused),
            Behaviour::Answers | Behaviour::Busy => None,
        };
        let Some(kind) = failure else { return (LATENCY, Ok(self.show(index))) };
        self.daemons[index].failed += 1;
        let after = if kind == FailureKind::Timeout { limit } else { Duration::ZERO };
        (after, Err(Failure { kind, detail: "as the scenario says".into() }))
    }

    fn show(&mut self, index: usize) -> Observation {
        let daemon = &mut self.daemons[index];
        daemon.failed = 0;
        if daemon.behaviour == Behaviour::Busy {
            let height = Height::new(self.blocks[daemon.tip].height);
            return self.observation(index, View::Busy { height, borrowed: false });
        }
        let view = View::Chain(self.window(index));
        self.daemons[index].shown = Some(self.daemons[index].tip);
        self.observation(index, view)
    }

    fn observation(&self, index: usize, view: View) -> Observation {
        let daemon = &self.daemons[index];
        let network_height = match daemon.network_height {
            NetworkHeight::Own => self.blocks[daemon.tip].height,
            NetworkHeight::Claimed(height) => height,
        };
        Observation {
            view,
            network_height: Height::new(network_height),
            software: Software {
                json_rpc: daemon.json_rpc,
                lists_peers: daemon.peers.is_some(),
                refuses_unsynced: daemon.peers.is_none(),
                ..Software::of("made up")
            },
            incoming: daemon.connections.map(|(incoming, _)| incoming),
            outgoing: daemon.connections.map(|(_, outgoing)| outgoing),
            upgrade: daemon.upgrade,
            version: Some("0.28.3".into()),
            address: daemon.address,
            latency: LATENCY,
        }
    }

    /// What the client would show: as many blocks as it takes to meet the window before, at least 4 and up to 16.
    fn window(&self, index: usize) -> Window {
        let daemon = &self.daemons[index];
        let genesis = Some(hash(daemon.network, 0));
        if let Some(above) = daemon.claim {
            let height = Height::new(self.blocks[daemon.tip].height + above).unwrap();
            let blocks = (0..4).map(|depth| Block { hash: hash(99, height.get() - depth), difficulty: Some(100) });
            return Window { genesis, height, blocks: blocks.collect(), timestamp: EPOCH + self.now };
        }
        let tip = self.blocks[daemon.tip];
        let shown = daemon.shown.map(|shown| self.ancestry(shown).take(4).collect::<Vec<_>>());
        let met = |block: &usize| shown.as_ref().is_some_and(|shown| shown.contains(block));
        let mut blocks = vec![];
        for (depth, block) in self.ancestry(daemon.tip).enumerate() {
            let enough = depth >= 4 && blocks.iter().any(|(block, _)| met(block));
            if enough || depth >= 16 {
                break;
            }
            blocks.push((block, self.blocks[block].difficulty));
        }
        let block = |(id, difficulty): (usize, u64)| Block {
            hash: hash(daemon.network, id as u64),
            difficulty: Some(difficulty),
        };
        let blocks = blocks.into_iter().map(block).collect();
        Window { genesis, height: Height::new(tip.height).unwrap(), blocks, timestamp: EPOCH + tip.mined }
    }

    fn ancestry(&self, tip: usize) -> impl Iterator<Item = usize> {
        let parent = |block: &usize| (*block != 0).then(|| self.blocks[*block].parent);
        std::iter::successors(Some(tip), parent)
    }

    fn note(&mut self, before: DaemonId) {
        let Selection { daemon, cause, .. } = self.selection();
        if daemon != before {
            self.switches.push(Switch { at: self.now, from: letter(before.0), to: letter(daemon.0), cause });
        }
        for (daemon, seen) in self.core.assessment().daemons.iter().zip(&mut self.ever_unhealthy) {
            let verdict = daemon.health.code().unwrap_or(daemon.health.state());
            if !matches!(daemon.health, Health::Healthy | Health::Unknown) && seen.last() != Some(&verdict) {
                seen.push(verdict);
            }
        }
    }

    fn moment(&self) -> Moment {
        Moment { elapsed: self.now, unix: EPOCH + self.clock_ahead + self.now }
    }

    fn daemon(&mut self, name: char) -> &mut Daemon {
        &mut self.daemons[index(name)]
    }
}

impl Daemon {
    fn new() -> Self {
        Self {
            behaviour: Behaviour::Answers,
            tip: 0,
            shown: None,
            network_height: NetworkHeight::Own,
            claim: None,
            network: 0,
            json_rpc: true,
            address: None,
            by_height: ByHeight::Answers,
            asked: 0,
            connections: Some((8, 8)),
            upgrade: None,
            peers: None,
            lists_asked: 0,
            short: false,
            failed: 0,
        }
    }
}

fn config(daemons: usize, rules: &Rules, policy: &Policy, drained: &str) -> Config {
    let daemon = |index| {
        let endpoint = Endpoint { host: letter(index).to_ascii_lowercase().to_string(), port: 1, tls: false };
        DaemonConfig { endpoint, drained: drained.contains(letter(index)), ha: None, login: None }
    };
    Config {
        daemons: (0..daemons).map(daemon).collect(),
        rules: rules.clone(),
        policy: policy.clone(),
        warnings: vec![],
        gateway: None,
        hedge_after: None,
    }
}

fn letter(index: usize) -> char {
    if index == 0 { 'P' } else { (b'A' + index as u8 - 1) as char }
}

fn index(name: char) -> usize {
    if name == 'P' { 0 } else { name as usize - 'A' as usize + 1 }
}

fn hash(network: u8, id: u64) -> BlockHash {
    let mut bytes = [network; 32];
    bytes[..8].copy_from_slice(&id.to_be_bytes());
    BlockHash::new(bytes)
}

const LATENCY: Duration = Duration::from_millis(2);

/// 2026-01-01, so that virtual time has a plausible date.
const EPOCH: Duration = Duration::from_secs(1_767_225_600);
