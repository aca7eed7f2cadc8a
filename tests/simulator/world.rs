//! One world: the network, the daemons that a pool has there, and what becomes of them.

use super::{
    Millis,
    climate::{Class, Climate},
    daemon::{Daemon, Rpc},
    dice::Dice,
    network::{MAIN, Network, Standing},
    policies::Policy,
    queue::Queue,
    regions::{Geography, Regions},
    seconds,
    tree::BlockId,
};

/// A world in motion. It is the same for every policy: none of them has an influence on it.
#[derive(Debug)]
pub struct World {
    pub now: Millis,
    pub network: Network,
    pub daemons: Vec<Daemon>,
    /// What a pool gets that uses each daemon now.
    pub grades: Vec<Grade>,
    /// Moves with everything that happens, other than that somebody is woken.
    pub version: u64,
    /// How far the pool's system clock is off, in milliseconds.
    pub clock_error: i64,
    climate: Climate,
    weather: Dice,
    mining: Dice,
    faults: Vec<Fault>,
    regions: Option<Regions>,
    queue: Queue<Event>,
}

/// What a pool gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// It mines on the best chain's last block, as far as that has had the time to get everywhere.
    Best,
    /// It mines on a block of the best chain that others have been built on.
    Stale,
    /// It mines on another chain.
    Fork,
    /// It gets no answer.
    Nothing,
}

/// What a policy asked to be woken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// A policy has something to do, such as to poll.
    Poll(Policy),
    /// What a policy looks at a daemon for has come to its end.
    TryEnds(Policy, usize),
    /// The proxy looks at a daemon.
    Check(usize),
    /// The proxy's look at a daemon has taken too long.
    CheckFails(usize),
    /// Pools ask for a template.
    Asks,
    /// What a policy's requests have shown is told to it.
    Learns(Policy),
    /// The pool finds a block.
    Found,
    /// A block that was found is under way, and something happens to it: its number, and whose it is.
    Block(usize, Policy),
}

#[derive(Debug)]
struct Fault {
    class: Class,
    victims: Vec<usize>,
    side: Option<usize>,
}

#[derive(Debug, Clone, Copy)]
enum Event {
    Mined { side: usize },
    Arrives { daemon: usize, block: BlockId, side: usize },
    Settles { block: BlockId },
    CatchesUp { daemon: usize },
    Serves { daemon: usize, block: BlockId },
    LosesSome { daemon: usize },
    FaultBegins,
    FaultEnds { fault: usize },
    Reorganises,
    ClockJumps,
    Wakes(Wake),
}

impl World {
    /// The world of a seed.
    pub fn new(climate: &Climate, dice: &Dice) -> Self {
        let mut setup = dice.part(0);
        let (low, high) = climate.daemons.clone().into_inner();
        let count = low + setup.below(high - low + 1);
        let network = Network::new();
        let mut daemons = vec![Daemon::new(network.tip(MAIN), &network.tree); count];
        for daemon in &mut daemons {
            daemon.distance = setup.between(0.0, 600.0);
            daemon.says_busy = setup.chance(0.3);
            daemon.hides_connections = setup.chance(0.1);
        }
        let mut places = dice.part(7);
        if let Some(geography) = &climate.geography {
            daemons.iter_mut().for_each(|daemon| slow_down(daemon, geography, &mut places));
        }
        let mut world = Self {
            now: 0,
            network,
            grades: vec![Grade::Best; count],
            daemons,
            version: 0,
            clock_error: 0,
            climate: climate.clone(),
            weather: dice.part(1),
            mining: dice.part(2),
            faults: vec![],
            regions: climate.geography.as_ref().map(|geography| Regions::new(geography, count, places)),
            queue: Queue::new(),
        };
        world.plan_block(MAIN);
        world.plan(climate.between_faults / count as Millis, Event::FaultBegins);
        world.plan(climate.between_reorganisations, Event::Reorganises);
        world.plan(climate.between_clock_jumps, Event::ClockJumps);
        world
    }

    /// When the next thing happens, unless the world has ended by then; `happen` is to follow.
    pub fn next(&mut self) -> Option<Next> {
        let (at, event) = self.queue.take(self.climate.length)?;
        Some(Next { at, event })
    }

    /// Lets it happen. Gives what a watcher asked for.
    pub fn happen(&mut self, Next { at, event }: Next) -> Option<Wake> {
        self.now = at;
        self.version += u64::from(!matches!(event, Event::Wakes(_)));
        match event {
            Event::Mined { side } => self.mined(side),
            Event::Arrives { daemon, block, side } => self.arrives(daemon, block, side),
            Event::Settles { block } => {
                self.network.has_settled(block);
                self.grade_all();
            }
            Event::CatchesUp { daemon } => self.catches_up(daemon),
            Event::Serves { daemon, block } => {
                self.daemons[daemon].served = block;
                self.grade(daemon);
            }
            Event::LosesSome { daemon } => self.loses_some(daemon),
            Event::FaultBegins => self.fault_begins(),
            Event::FaultEnds { fault } => self.fault_ends(fault),
            Event::Reorganises => self.reorganises(),
            Event::ClockJumps => {
                self.clock_error = (self.weather.between(-2.0, 2.0) * 3_600_000.0) as i64;
                self.plan(self.climate.between_clock_jumps, Event::ClockJumps);
            }
            Event::Wakes(wake) => return Some(wake),
        }
        None
    }

    /// Wakes a watcher later.
    pub fn wake(&mut self, at: Millis, wake: Wake) {
        self.queue.put(at, Event::Wakes(wake));
    }

    /// Whom to blame for a daemon's grade, while that is not the best.
    pub fn blame(&self, daemon: usize) -> Option<Class> {
        let daemon = &self.daemons[daemon];
        let far = self.regions.is_some().then_some(Class::Far);
        let slow = matches!(daemon.rpc, Rpc::Slow(_)).then_some(Class::Slow);
        if daemon.serves() && daemon.served == daemon.tip {
            daemon.chain_blame.or(far)
        } else {
            daemon.rpc_fault.or(slow)
        }
    }

    fn mined(&mut self, side: usize) {
        if !self.network.is_mined(side) {
            // It was reunited with the others since.
            return;
        }
        let block = self.network.mine(side, self.now, &mut self.mining);
        self.announce(block, side, 0.0);
        if side == MAIN
            && let Some(rival) = self.network.rival(self.now, &mut self.mining)
        {
            let later = self.mining.between(0.0, 300.0);
            self.announce(rival, MAIN, later);
        }
        self.plan_block(side);
    }

    /// A block starts on its way to every daemon.
    fn announce(&mut self, block: BlockId, side: usize, later: f64) {
        let between = self.regions.as_mut().map(Regions::ways);
        for (index, daemon) in self.daemons.iter().enumerate() {
            let way = 150.0 + daemon.distance + self.mining.exponential(500.0) + later;
            let between = between.as_ref().map_or(0, |ways| ways[index]);
            let at = self.now + (way as Millis).min(PROPAGATION - 200) + between;
            self.queue.put(at, Event::Arrives { daemon: index, block, side });
        }
        if side == MAIN {
            self.queue.put(self.now + PROPAGATION, Event::Settles { block });
        }
    }

    fn arrives(&mut self, index: usize, block: BlockId, side: usize) {
        let height = self.network.tree.height(block);
        let daemon = &mut self.daemons[index];
        if daemon.side != side {
            // A liar keeps pace with what it really knows.
            if side == MAIN && self.network.is_invented(daemon.side) {
                self.lies_on(index, height);
            }
            return;
        }
        let alive = daemon.lives() && (!daemon.frozen || daemon.hears);
        if alive {
            daemon.heard = daemon.heard.max(height);
        }
        if daemon.takes_blocks() && height > self.network.tree.height(daemon.tip) {
            daemon.tip = block;
            self.serve(index);
        }
    }

    fn lies_on(&mut self, index: usize, height: u32) {
        let daemon = &mut self.daemons[index];
        daemon.heard = daemon.heard.max(height);
        daemon.tip = self.network.mine(daemon.side, self.now, &mut self.mining);
        self.serve(index);
    }

    /// Fetches blocks for a second.
    fn catches_up(&mut self, index: usize) {
        let daemon = &mut self.daemons[index];
        let target = self.network.tip(daemon.side);
        let (own, highest) = (self.network.tree.height(daemon.tip), self.network.tree.height(target));
        daemon.catching_up = daemon.lives() && !daemon.frozen && own < highest;
        if !daemon.catching_up {
            return;
        }
        daemon.heard = daemon.heard.max(highest);
        daemon.tip = self.network.tree.ancestor(target, own + FETCHED_A_SECOND);
        daemon.catching_up = daemon.tip != target;
        if daemon.catching_up {
            self.queue.put(self.now + 1_000, Event::CatchesUp { daemon: index });
        }
        self.serve(index);
    }

    /// Each second's requests are lost together: what the pool asks for in it is one template.
    fn loses_some(&mut self, index: usize) {
        let daemon = &mut self.daemons[index];
        let Rpc::Lossy(loss) = daemon.rpc else { return };
        daemon.loses = self.weather.chance(loss);
        self.queue.put(self.now + 1_000, Event::LosesSome { daemon: index });
        self.grade(index);
    }

    /// A daemon's tip has changed: the pool has it after the time that an answer takes.
    fn serve(&mut self, index: usize) {
        let daemon = &mut self.daemons[index];
        match daemon.rpc {
            Rpc::Slow(latency) => {
                self.queue.put(self.now + latency, Event::Serves { daemon: index, block: daemon.tip });
            }
            _ => daemon.served = daemon.tip,
        }
        self.grade(index);
    }

    fn reorganises(&mut self) {
        let depth = 2 + self.weather.below(4) as u32;
        let tip = self.network.reorganise(depth, self.now);
        self.announce(tip, MAIN, 0.0);
        self.grade_all();
        self.plan(self.climate.between_reorganisations, Event::Reorganises);
    }

    fn fault_begins(&mut self) {
        let (class, lasting) = self.climate.draw(&mut self.weather);
        // The part of the network that is cut off, where some is. The pool's daemons are spread over it like everybody else's.
        let (least, most) = self.climate.cut_off;
        let part = self.weather.between(least, most);
        let victims = self.victims(class, part);
        // One that has such a fault already has no second one.
        if !victims.is_empty() {
            let side = self.begin(class, &victims, part);
            if class.is_of_rpc() {
                victims.iter().for_each(|victim| self.daemons[*victim].rpc_until = self.now + lasting);
            }
            self.faults.push(Fault { class, victims, side });
            self.queue.put(self.now + lasting, Event::FaultEnds { fault: self.faults.len() - 1 });
        }
        self.plan(self.climate.between_faults / self.daemons.len() as Millis, Event::FaultBegins);
    }

    fn victims(&mut self, class: Class, part: f64) -> Vec<usize> {
        let count = self.daemons.len();
        let others = match class {
            Class::Partition => (1..count).filter(|_| self.weather.chance(part)).count(),
            _ if class.is_shared() && self.weather.chance(self.climate.together) => 1 + self.weather.below(count - 1),
            _ => 0,
        };
        let mut order: Vec<_> = (0..count).collect();
        for index in 0..count - 1 {
            order.swap(index, index + self.weather.below(count - index));
        }
        let taken = |index: &usize| {
            let daemon = &self.daemons[*index];
            if class.is_of_rpc() { daemon.rpc_fault.is_some() } else { daemon.chain_fault.is_some() }
        };
        let mut victims: Vec<_> = order.into_iter().take(1 + others).filter(|index| !taken(index)).collect();
        if self.climate.outnumbered {
            let healthy = |index: &usize| !self.daemons[*index].is_disturbed();
            let free = ((count - 2) / 2).saturating_sub((0..count).filter(|index| !healthy(index)).count());
            victims.retain(healthy);
            victims.truncate(free);
        }
        victims
    }

    fn begin(&mut self, class: Class, victims: &[usize], part: f64) -> Option<usize> {
        let side = self.side(class, victims, part);
        for victim in victims {
            let rpc = self.rpc_under(class);
            let hears = self.weather.chance(0.5);
            let claimed = 5 + self.weather.below(1_000_000) as u32;
            let daemon = &mut self.daemons[*victim];
            if class.is_of_rpc() {
                (daemon.rpc, daemon.rpc_fault) = (rpc, Some(class));
            } else {
                (daemon.chain_fault, daemon.chain_blame) = (Some(class), Some(class));
            }
            match class {
                Class::Frozen => (daemon.frozen, daemon.hears) = (true, hears),
                Class::NetworkHeight => daemon.heard += claimed,
                Class::Isolated => daemon.alone_with = Some(victims.len() as u32),
                _ => {}
            }
            daemon.side = side.unwrap_or(daemon.side);
            if self.network.is_invented(daemon.side) {
                daemon.tip = self.network.tip(daemon.side);
            }
            if class == Class::Lossy {
                self.loses_some(*victim);
            }
            self.serve(*victim);
        }
        if let Some(side) = side {
            self.announce(self.network.tip(side), side, 0.0);
            self.plan_block(side);
        }
        side
    }

    fn rpc_under(&mut self, class: Class) -> Rpc {
        match class {
            Class::Crash | Class::Resync if self.weather.chance(0.2) => Rpc::Nonsense,
            Class::Crash | Class::Resync => Rpc::Refuses,
            Class::Hang => Rpc::Silent,
            Class::Lossy => Rpc::Lossy(self.weather.between(0.2, 0.8)),
            Class::Slow => Rpc::Slow(self.weather.between(500.0, 6_000.0) as Millis),
            _ => Rpc::Prompt,
        }
    }

    /// Whose blocks the victims of a fault get from now on, where that changes.
    fn side(&mut self, class: Class, victims: &[usize], part: f64) -> Option<usize> {
        let tips = victims.iter().map(|victim| self.daemons[*victim].tip);
        let tip = tips.max_by_key(|tip| self.network.tree.height(*tip))?;
        let height = self.network.tree.height(tip);
        match class {
            Class::Partition | Class::Isolated => {
                // Often nobody mines behind the cut, and never many where the pool's daemons are alone there.
                let most = if class == Class::Partition { part } else { part / 2.0 };
                let share = if self.weather.chance(0.4) { 0.0 } else { most };
                let free = 0.5 - self.network.cut_off_share();
                Some(self.network.cut_off(tip, share.min(free.max(0.0))))
            }
            Class::HeightLiar if self.weather.chance(0.5) => {
                let above = 1 + self.weather.below(1_000_000) as u32;
                let tip = self.network.tree.invent(height + above, self.now);
                Some(self.network.invention(tip))
            }
            Class::HeightLiar => {
                let above = 1 + self.weather.below(12);
                Some(self.network.invention_on(tip, above, self.now))
            }
            Class::HashLiar => Some(self.network.invention(tip)),
            _ => None,
        }
    }

    fn fault_ends(&mut self, fault: usize) {
        let Fault { class, side, .. } = self.faults[fault];
        let victims = std::mem::take(&mut self.faults[fault].victims);
        if side.is_some_and(|side| !self.network.is_invented(side) && self.network.reunite(side)) {
            let tip = self.network.tip(MAIN);
            self.announce(tip, MAIN, 0.0);
            self.grade_all();
        }
        for victim in victims {
            self.mend(victim, class);
            self.serve(victim);
        }
    }

    fn mend(&mut self, index: usize, class: Class) {
        let back_after = match class {
            Class::Crash | Class::Resync => self.weather.between(3_000.0, 15_000.0),
            Class::Hang | Class::Frozen => self.weather.between(500.0, 5_000.0),
            _ => self.weather.between(500.0, 8_000.0),
        };
        let lost = self.weather.lognormal(60.0, 1.2).clamp(5.0, 1_000.0) as u32;
        let main = self.network.tip(MAIN);
        let tree = &self.network.tree;
        let daemon = &mut self.daemons[index];
        daemon.last_fault = Some(class);
        if class.is_of_rpc() {
            (daemon.rpc, daemon.rpc_fault, daemon.loses) = (daemon.usual, None, false);
            daemon.chain_blame = daemon.chain_blame.filter(|_| daemon.chain_fault.is_some()).or(Some(class));
        } else {
            daemon.chain_fault = None;
        }
        match class {
            Class::Resync => daemon.tip = tree.ancestor(daemon.tip, tree.height(daemon.tip) - lost),
            Class::Frozen => (daemon.frozen, daemon.hears) = (false, true),
            Class::Partition | Class::Isolated => (daemon.side, daemon.alone_with) = (MAIN, None),
            // It was in order all the time, and only said otherwise.
            Class::HeightLiar | Class::HashLiar => (daemon.side, daemon.tip) = (MAIN, main),
            _ => {}
        }
        // What it was told is forgotten with a restart, and so is a lie of its peers.
        if matches!(class, Class::Crash | Class::Resync | Class::NetworkHeight) {
            daemon.heard = tree.height(daemon.tip);
        }
        daemon.catching_up = !matches!(class, Class::Lossy | Class::Slow | Class::NetworkHeight);
        if daemon.catching_up {
            self.queue.put(self.now + back_after as Millis, Event::CatchesUp { daemon: index });
        }
    }

    fn grade_all(&mut self) {
        (0..self.daemons.len()).for_each(|index| self.grade(index));
    }

    fn grade(&mut self, index: usize) {
        let daemon = &self.daemons[index];
        self.grades[index] = match self.network.standing(daemon.served) {
            _ if !daemon.serves() => Grade::Nothing,
            // The daemon has the next block, and the pool has not: that is no matter of the network's.
            Standing::Best if daemon.served != daemon.tip => Grade::Stale,
            Standing::Best => Grade::Best,
            Standing::Behind => Grade::Stale,
            Standing::Beside => Grade::Fork,
        };
    }

    fn plan_block(&mut self, side: usize) {
        if self.network.is_mined(side) {
            let wait = self.network.next_block(side, &mut self.mining);
            self.queue.put(self.now + wait, Event::Mined { side });
        }
    }

    fn plan(&mut self, mean: Millis, event: Event) {
        let wait = self.weather.exponential(mean as f64) as Millis + 1;
        self.queue.put(self.now + wait, event);
    }
}

/// Some daemons always take their time.
fn slow_down(daemon: &mut Daemon, geography: &Geography, dice: &mut Dice) {
    let (least, most) = geography.latency;
    let latency = dice.between(least, most) as Millis;
    if dice.chance(geography.slow) {
        daemon.usual = Rpc::Slow(latency);
        daemon.rpc = daemon.usual;
    }
}

/// What happens next, and when.
#[derive(Debug)]
pub struct Next {
    pub at: Millis,
    event: Event,
}

/// By then a block has reached every daemon in order.
const PROPAGATION: Millis = seconds(5);

/// Blocks that a daemon fetches in a second while it catches up.
const FETCHED_A_SECOND: u32 = 40;
