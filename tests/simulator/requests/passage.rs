//! One block that a pool found, on its way into the network's chain.
//!
//! It goes over the world, which stays as it is: the world's own blocks at its height are taken for those built on it, from the moment on at
//! which the network has it.

use std::{sync::Arc, time::Duration};

use turtle_pool_multi_daemon::{
    consensus::block::{BlockHash, Height},
    routing::{
        BlockAnswer, Chart, Who,
        blob::Marks,
        header::Header,
        ledger::{EntryId, Ledger},
        offer::Said,
        sight::Sight,
        submission::{Order, Submission},
    },
};

use crate::simulator::{
    Millis,
    daemon::{Daemon, Rpc},
    dice::Dice,
    network::MAIN,
    policies::{Policy, Project},
    queue::Queue,
    seconds,
    tree::{BlockId, Tree, as_height},
    world::World,
};

/// A block on its way.
#[derive(Debug)]
pub struct Passage {
    pub policy: Policy,
    /// Which of the world's finds it is: the same moment for every policy.
    pub number: u64,
    parent: BlockId,
    marks: Marks,
    /// How the gateway offers it; `None` where it is offered once, as pools do.
    routed: Option<Routed>,
    /// What each daemon has of it.
    shares: Vec<Share>,
    queue: Queue<Event>,
    dice: Dice,
    began: Millis,
    /// Since when the network has it.
    safe: Option<Millis>,
    /// Whether a daemon said to a pool without the gateway that it took it.
    was_taken: bool,
    damages: u64,
    /// When it goes on, as far as the world was told.
    planned: Millis,
}

#[derive(Debug)]
struct Routed {
    submission: Submission,
    ledger: Ledger,
    entry: EntryId,
    names: Arc<[Who]>,
}

/// What one daemon has of the block.
#[derive(Debug, Clone)]
struct Share {
    /// It is in its chain.
    has: bool,
    damaged: bool,
    adding: Option<Source>,
    /// How long it takes to add it.
    adds: Millis,
    /// How long the block takes to it, once the network has it.
    way: Millis,
    /// Whether it takes in what it is offered before it stops answering; otherwise when it wakes up.
    takes_silently: bool,
    /// Whether what is lost of an offer is the answer.
    loses_answer: bool,
}

/// Whom a daemon has a block from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Pool,
    Peer,
}

/// A reply, and what a silent daemon does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Answers,
    /// Nothing is heard of it.
    Mute,
    /// The same, and it goes on though its answers have stopped.
    Hung,
}

#[derive(Debug, Clone, Copy)]
enum Event {
    Offered(usize),
    Judged(usize, Manner),
    Added(usize, Source, Manner),
    Relays(usize, Manner),
    FromPeer(usize),
    Looked(usize),
    LookedFor(usize),
}

impl Passage {
    pub fn new(world: &World, policy: Policy, number: u64, parent: BlockId, mut dice: Dice) -> Self {
        let share = |daemon: &Daemon| Share {
            has: false,
            damaged: false,
            adding: None,
            adds: dice.between(100.0, 700.0) as Millis,
            way: (20.0 + daemon.distance / 2.0 + dice.exponential(300.0)).min(4_800.0) as Millis,
            takes_silently: dice.chance(0.3),
            loses_answer: dice.chance(0.5),
        };
        let shares = world.daemons.iter().map(share).collect();
        let marks = Marks::of(&blob(world.network.tree.hash(parent)));
        Self {
            policy,
            number,
            parent,
            marks,
            routed: None,
            shares,
            queue: Queue::new(),
            dice,
            began: world.now,
            safe: None,
            was_taken: false,
            damages: 0,
            planned: 0,
        }
    }

    /// Whether the network has it.
    pub fn is_safe(&self) -> bool {
        self.safe.is_some()
    }

    /// Whether the pool was told that it is in the chain.
    pub fn is_credited(&self) -> bool {
        match &self.routed {
            Some(routed) => routed.ledger.fates().first().is_some_and(|fate| fate.told == BlockAnswer::Accepted),
            None => self.was_taken,
        }
    }

    /// How many databases it has damaged.
    pub fn damages(&self) -> u64 {
        self.damages
    }

    /// It is offered to a daemon once, as pools do.
    pub fn offer(&mut self, world: &World, daemon: usize) {
        self.queue.put(world.now + WAY, Event::Offered(daemon));
    }

    /// It is offered as the gateway does.
    pub fn route(&mut self, world: &World, project: &mut Project) {
        let submission = Submission::new(time(world.now), self.marks.clone(), &project.chart());
        let mut ledger = Ledger::default();
        let entry = ledger.begin(world.now, &submission, None);
        self.routed = Some(Routed { submission, ledger, entry, names: project.names() });
    }

    /// Does what is due; gives when there is more, or `None` where it has come to its end.
    pub fn go_on(&mut self, world: &World, project: Option<&mut Project>) -> Option<Millis> {
        while let Some((_, event)) = self.queue.take(world.now) {
            self.happen(world, event);
        }
        let deadline = project.and_then(|project| self.obey(world, &project.chart()));
        deadline.into_iter().chain(self.queue.next()).min()
    }

    /// When to wake it, where the world was not told to do so before.
    pub fn plan(&mut self, now: Millis, next: Millis) -> Option<Millis> {
        let next = next.max(now + 1);
        let is_new = self.planned <= now || next < self.planned;
        self.planned = if is_new { next } else { self.planned };
        is_new.then_some(next)
    }

    /// Carries out what routing orders; gives its deadline.
    fn obey(&mut self, world: &World, chart: &Chart) -> Option<Millis> {
        let routed = self.routed.as_mut()?;
        for order in routed.submission.orders(time(world.now), chart) {
            match order {
                Order::Look(who) => self.queue.put(world.now + WAY, Event::LookedFor(usize::from(who.port))),
                Order::Offer(who) => self.queue.put(world.now + WAY, Event::Offered(usize::from(who.port))),
                Order::Tell(_) => {}
            }
        }
        routed.ledger.note(routed.entry, &routed.submission);
        routed.submission.deadline(chart).map(|deadline| deadline.as_micros().div_ceil(1_000) as Millis)
    }

    fn happen(&mut self, world: &World, event: Event) {
        match event {
            Event::Offered(daemon) => self.offered(world, daemon),
            Event::Judged(daemon, manner) => self.judge(world, daemon, manner),
            Event::Added(daemon, source, manner) => self.added(world, daemon, source, manner),
            Event::Relays(daemon, manner) => self.relay(world, daemon, manner),
            Event::FromPeer(daemon) => self.get_from_peer(world, daemon),
            Event::LookedFor(daemon) => self.look(world, daemon),
            Event::Looked(daemon) => self.seen(world, daemon, self.sight(world, daemon)),
        }
    }

    fn offered(&mut self, world: &World, index: usize) {
        let (daemon, share) = (&world.daemons[index], &mut self.shares[index]);
        match daemon.rpc {
            Rpc::Prompt => self.judge(world, index, Manner::Answers),
            Rpc::Slow(latency) => self.queue.put(world.now + latency, Event::Judged(index, Manner::Answers)),
            Rpc::Lossy(_) if !daemon.loses => self.judge(world, index, Manner::Answers),
            Rpc::Lossy(_) if share.loses_answer => self.judge(world, index, Manner::Mute),
            Rpc::Lossy(_) => {}
            Rpc::Refuses => self.said(world, index, Said::Unreached("refused".into())),
            Rpc::Nonsense => self.said(world, index, Said::Unclear("HTTP status 502".into())),
            Rpc::Silent if std::mem::take(&mut share.takes_silently) => self.judge(world, index, Manner::Hung),
            // It lies in the daemon's socket until that wakes up.
            Rpc::Silent => {
                self.queue.put(daemon.rpc_until.max(world.now + 1), Event::Judged(index, Manner::Answers));
            }
        }
    }

    fn judge(&mut self, world: &World, index: usize, manner: Manner) {
        let (daemon, share) = (&world.daemons[index], &self.shares[index]);
        let refused = || Said::Refused("Block not accepted".into());
        let said = match share.adding {
            _ if manner != Manner::Hung && !daemon.lives() => Said::Unclear("reset".into()),
            _ if share.damaged => Said::Unclear("HTTP status 500".into()),
            _ if share.has => Said::Taken,
            Some(_) => return self.add(world, index, Source::Pool, manner),
            None if daemon.refuses_work(&world.network.tree) => Said::Busy("must be synced".into()),
            None if daemon.catching_up => Said::Busy("Core is busy".into()),
            None if daemon.frozen || daemon.tip != self.parent => refused(),
            None => return self.add(world, index, Source::Pool, manner),
        };
        if manner == Manner::Answers {
            self.said(world, index, said);
        }
    }

    /// A TurtleCoind that gets a block from a pool and, before it is added, again from elsewhere stores it twice, and is damaged for good. Here it
    /// is repaired by the time the next block is found: the world goes on as it was.
    fn add(&mut self, world: &World, index: usize, source: Source, manner: Manner) {
        let share = &mut self.shares[index];
        match share.adding {
            Some(other) if other == Source::Pool || source == Source::Pool => {
                self.damages += u64::from(!share.damaged);
                share.damaged = true;
            }
            Some(_) => return,
            None => share.adding = Some(source),
        }
        self.queue.put(world.now + share.adds, Event::Added(index, source, manner));
    }

    fn added(&mut self, world: &World, index: usize, source: Source, manner: Manner) {
        let (daemon, share) = (&world.daemons[index], &mut self.shares[index]);
        share.adding = None;
        let lives = daemon.lives() || manner == Manner::Hung;
        let said = match () {
            () if !lives => Said::Unclear("reset".into()),
            () if share.damaged => Said::Unclear("HTTP status 500".into()),
            () => Said::Taken,
        };
        if said == Said::Taken {
            share.has = true;
            self.queue.put(world.now + RELAY, Event::Relays(index, manner));
        }
        if source == Source::Pool && manner == Manner::Answers {
            self.said(world, index, said);
        }
    }

    /// A daemon tells its peers of it, unless it has crashed before: then its last block is lost.
    fn relay(&mut self, world: &World, index: usize, manner: Manner) {
        let daemon = &world.daemons[index];
        if !daemon.lives() && manner != Manner::Hung {
            self.shares[index].has = false;
            return;
        }
        let is_connected = daemon.side == MAIN;
        if is_connected && self.safe.is_some() {
            return;
        }
        if is_connected {
            self.safe = Some(world.now);
        }
        for (other, it) in world.daemons.iter().enumerate() {
            if other != index && it.side == daemon.side {
                self.queue.put(world.now + self.shares[other].way, Event::FromPeer(other));
            }
        }
        // It tells those that it finds later, for as long as nobody has built another block.
        if !is_connected && world.now < self.began + LONGEST && world.network.is_newest(self.parent) {
            self.queue.put(world.now + seconds(1), Event::Relays(index, manner));
        }
    }

    fn get_from_peer(&mut self, world: &World, index: usize) {
        let (daemon, share) = (&world.daemons[index], &self.shares[index]);
        if share.has || share.damaged {
            return;
        }
        if !daemon.lives() {
            // It fetches what it has missed once it is back.
            let back = daemon.rpc_until.max(world.now) + self.dice.between(500.0, 5_000.0) as Millis;
            return self.queue.put(back, Event::FromPeer(index));
        }
        if !daemon.takes_blocks() || daemon.side != MAIN {
            if world.now < self.began + LONGEST {
                self.queue.put(world.now + seconds(1), Event::FromPeer(index));
            }
            return;
        }
        if daemon.tip == self.parent {
            self.add(world, index, Source::Peer, Manner::Mute);
        }
    }

    fn look(&mut self, world: &World, index: usize) {
        let daemon = &world.daemons[index];
        match daemon.rpc {
            Rpc::Lossy(_) if daemon.loses => {}
            Rpc::Silent => {}
            Rpc::Slow(latency) if latency < LOOK_LIMIT => self.queue.put(world.now + latency, Event::Looked(index)),
            Rpc::Slow(_) => {}
            Rpc::Refuses | Rpc::Nonsense => self.seen(world, index, Sight::Silent),
            Rpc::Prompt | Rpc::Lossy(_) => self.seen(world, index, self.sight(world, index)),
        }
    }

    /// What a daemon's chain shows of it.
    fn sight(&self, world: &World, index: usize) -> Sight {
        let (daemon, share) = (&world.daemons[index], &self.shares[index]);
        if !daemon.lives() || share.damaged || daemon.is_busy() {
            return Sight::Silent;
        }
        let tree = &world.network.tree;
        let at = tree.height(self.parent) + 1;
        let block = tree.ancestor(daemon.tip, at);
        let header = if self.is_shown(tree, index, block) { self.header(tree) } else { header(tree, block) };
        let Some(header) = header else { return Sight::Unclear };
        Sight::of(&header, &self.marks, as_height(at))
    }

    /// Whether a daemon's chain has it in the place of this block.
    fn is_shown(&self, tree: &Tree, index: usize, block: BlockId) -> bool {
        let came_later = || self.safe.is_some_and(|safe| safe <= tree.mined(block));
        let is_on_parent = block != self.parent && tree.parent(block) == self.parent;
        self.shares[index].has || (is_on_parent && came_later())
    }

    fn header(&self, tree: &Tree) -> Option<Header> {
        let (height, prev) = (as_height(tree.height(self.parent) + 1)?, tree.hash(self.parent));
        Some(Header { height, hash: OURS, prev, timestamp: Some(TIMESTAMP), nonce: Some(NONCE) })
    }

    fn seen(&mut self, world: &World, index: usize, sight: Sight) {
        let Some(routed) = &mut self.routed else { return };
        let daemon = &world.daemons[index];
        if sight != Sight::Silent && world.network.tree.leads_to(self.parent, daemon.tip) {
            let height: Option<Height> = as_height(world.network.tree.height(self.parent));
            height.into_iter().for_each(|height| routed.submission.learn_parent(height));
        }
        routed.submission.seen(time(world.now), &routed.names[index], sight);
    }

    fn said(&mut self, world: &World, index: usize, said: Said) {
        match &mut self.routed {
            Some(routed) => routed.submission.heard(time(world.now), &routed.names[index], said),
            None => self.was_taken |= said == Said::Taken,
        }
    }
}

/// A daemon that takes a block on this one and tells the network, if there is one now: one that does so at once before one that is slow.
pub fn best_taker(world: &World, parent: BlockId) -> Option<usize> {
    let takes = |index: &usize| {
        let daemon = &world.daemons[*index];
        let judges = daemon.takes_blocks() && daemon.serves() && !daemon.refuses_work(&world.network.tree);
        judges && daemon.side == MAIN && daemon.tip == parent
    };
    (0..world.daemons.len()).filter(takes).min_by_key(|index| matches!(world.daemons[*index].rpc, Rpc::Slow(_)))
}

fn header(tree: &Tree, block: BlockId) -> Option<Header> {
    let (height, hash, prev) = (as_height(tree.height(block))?, tree.hash(block), tree.hash(tree.parent(block)));
    Some(Header { height, hash, prev, timestamp: Some(TIMESTAMP - 1), nonce: Some(0) })
}

/// A block in the first layout: versions, time stamp, previous hash, nonce.
fn blob(parent: BlockHash) -> String {
    let stamp: String = (0..5)
        .map(|place| format!("{:02x}", TIMESTAMP >> (7 * place) & 0x7f | if place < 4 { 0x80 } else { 0 }))
        .collect();
    let nonce: String = NONCE.to_le_bytes().map(|byte| format!("{byte:02x}")).concat();
    format!("0101{stamp}{parent}{nonce}{}", "00".repeat(40))
}

fn time(now: Millis) -> Duration {
    Duration::from_millis(now)
}

/// What every block that is found has; the block before it tells it from others.
const TIMESTAMP: u64 = 1_767_225_600;
const NONCE: u32 = 0xdead_beef;
const OURS: BlockHash = BlockHash::new([0xee; 32]);

/// Milliseconds from a pool to a daemon.
const WAY: Millis = 2;

/// From a daemon's having it to its peers' hearing of it.
const RELAY: Millis = 20;

/// The gateway waits so long for what a look shows.
const LOOK_LIMIT: Millis = seconds(5);

/// A block that is not in the chain by then never is.
const LONGEST: Millis = seconds(60);
