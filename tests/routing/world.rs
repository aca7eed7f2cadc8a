//! Daemons, their chains and the network between them, in milliseconds that pass as the test likes.
//!
//! A TurtleCoind that is offered a block while it gets the same one from a peer is damaged for good, as real ones are.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use turtle_pool_multi_daemon::{
    consensus::{
        block::{BlockHash, Height},
        vote::Head,
    },
    endpoint::Endpoint,
    routing::{Chart, Seat, Who, blob::Marks, header::Header, offer::Said, sight::Sight},
};

pub type Ms = u64;

/// A block, by its place in [`TREE`].
pub type Block = usize;

/// The blocks that there are or may be: the one before each, and its height.
const TREE: [(Block, u64); 9] =
    [(0, 99), (0, 100), (0, 100), (PARENT, 101), (PARENT, 101), (OURS, 102), (RIVAL, 102), (BESIDE, 101), (7, 102)];
const BELOW: Block = 0;
/// What the block that was found builds on.
pub const PARENT: Block = 1;
/// Another block at the parent's height.
const BESIDE: Block = 2;
/// The block that was found.
pub const OURS: Block = 3;
/// Another one in its place.
const RIVAL: Block = 4;

/// Before and after the time in which a daemon takes a block in by one way, getting it by the other damages it.
const MARGIN: Ms = 20;

/// What a world is made of.
#[derive(Debug, Clone)]
pub struct Plan {
    pub daemons: Vec<Nature>,
    /// How long a block takes from one daemon to another, row by row, five a row; `None` where they are not linked.
    pub links: Vec<Option<Ms>>,
    /// When the rest of the network finds a block on a daemon's top, and whose.
    pub finds: Vec<(Ms, usize)>,
    pub turns: Vec<(Ms, Turn)>,
    pub layout: Layout,
    pub in_use: usize,
    pub alone: bool,
    pub polls: Ms,
}

/// How a block can be written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    Plain,
    Merged,
    /// Nobody knows how to read it.
    Unknown,
}

/// What becomes of the choice of daemons meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    Use(usize),
    Alone(bool),
    Leaves(usize),
    Comes(usize),
}

/// What a daemon is like.
#[derive(Debug, Clone)]
pub struct Nature {
    /// Whether it can be damaged, and takes again what it has; otherwise it refuses that.
    pub is_turtle: bool,
    pub stands: Stands,
    /// There and back.
    pub latency: Ms,
    /// How long it lets requests lie.
    pub slow: Ms,
    /// How long it takes to add a block.
    pub adds: Ms,
    pub manner: Manner,
    pub ills: Vec<(Ms, Ill)>,
    /// Whether it shows headers, with what a block is known by.
    pub headers: Headers,
    pub takes_blocks: bool,
    /// Whether it is known to be on the branch when it is.
    pub is_known: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    OnParent,
    /// It gets the parent then.
    Below(Ms),
    Beside,
    OnRival,
    AboveRival,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    Sound,
    /// It judges no block until then.
    Busy(Ms),
    RefusesAll,
    /// It says OK, and does nothing.
    Lies,
    /// It takes the block, and its answer does not arrive: the connection breaks at once, or when it is done.
    LosesReplies {
        at_once: bool,
    },
    /// Its answer is nonsense, though it may have taken the block.
    Nonsense {
        takes: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ill {
    Hangs(Ms),
    /// Killed, and back after a while, or never: its latest block is lost.
    Crashes(Option<Ms>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Headers {
    Shown,
    /// Without nonces.
    Bare,
    /// Errors.
    Refused,
}

/// What whoever offers the block hears of the world.
#[derive(Debug, Clone)]
pub enum News {
    Seen(usize, Sight, Option<Height>),
    Said(usize, Said),
    /// There is another chart.
    Chart,
}

#[derive(Debug, Clone)]
enum Event {
    Arrives(usize),
    Works(usize),
    Added { daemon: usize, life: u32, block: Block, ask: Option<usize> },
    FromPeer { to: usize, block: Block },
    Answers(usize, Box<News>),
    GivesUp(usize),
    Found(usize),
    Ill(usize, Ill),
    Restarts(usize),
    Turn(Turn),
    Poll,
}

struct Ask {
    to: usize,
    /// The height that is looked at, for a look.
    look: Option<Option<Height>>,
    is_over: bool,
    /// Which of the daemon's lives has it.
    life: Option<u32>,
}

/// A block that a daemon takes in, until then.
struct Adding {
    block: Block,
    from: Ms,
    until: Ms,
    is_offer: bool,
}

struct Daemon {
    nature: Nature,
    tip: Block,
    known: Vec<Block>,
    hung_until: Ms,
    is_down: bool,
    is_damaged: bool,
    life: u32,
    adding: Vec<Adding>,
    /// Since when it has had the block in its chain, and been well and in the charts.
    has_since: Option<Ms>,
    well_since: Option<Ms>,
    is_in_charts: bool,
    shown: Option<Block>,
}

pub struct World {
    pub now: Ms,
    pub marks: Marks,
    pub damages: usize,
    pub damaged: Vec<(usize, Ms)>,
    /// Whether the block has been in any chain.
    pub was_in_a_chain: bool,
    plan: Plan,
    daemons: Vec<Daemon>,
    names: Vec<Who>,
    asks: Vec<Ask>,
    queue: BTreeMap<(Ms, u64), Event>,
    count: u64,
    in_use: usize,
    alone: bool,
    chart: Arc<Chart>,
}

impl World {
    pub fn new(plan: &Plan) -> Self {
        let names: Vec<_> = (0..plan.daemons.len()).map(name).collect();
        let daemons = plan.daemons.iter().map(Daemon::new).collect();
        let chart = Chart {
            in_use: names[plan.in_use].clone(),
            alone: plan.alone,
            ready: true,
            daemons: vec![],
            head: None,
            branch: [].into(),
            fork: None,
        };
        let mut world = Self {
            now: 0,
            marks: Marks::of(&blob(plan.layout)),
            damages: 0,
            damaged: vec![],
            was_in_a_chain: false,
            plan: plan.clone(),
            daemons,
            names,
            asks: vec![],
            queue: BTreeMap::new(),
            count: 0,
            in_use: plan.in_use,
            alone: plan.alone,
            chart: Arc::new(chart),
        };
        world.begin();
        world
    }

    fn begin(&mut self) {
        self.poll();
        self.at(self.plan.polls, Event::Poll);
        for (at, whose) in self.plan.finds.clone() {
            self.at(at, Event::Found(whose));
        }
        for (at, turn) in self.plan.turns.clone() {
            self.at(at, Event::Turn(turn));
        }
        for daemon in 0..self.daemons.len() {
            for (at, ill) in self.daemons[daemon].nature.ills.clone() {
                self.at(at, Event::Ill(daemon, ill));
            }
            if let Stands::Below(until) = self.daemons[daemon].nature.stands {
                self.at(until, Event::FromPeer { to: daemon, block: PARENT });
            }
        }
    }

    pub fn chart(&self) -> Arc<Chart> {
        self.chart.clone()
    }

    pub fn time(&self) -> Duration {
        Duration::from_millis(self.now)
    }

    pub fn number(&self, who: &Who) -> usize {
        self.names.iter().position(|name| name == who).expect("a daemon of this world")
    }

    pub fn who(&self, daemon: usize) -> &Who {
        &self.names[daemon]
    }

    /// A look at a daemon's chain, as the gateway looks.
    pub fn look(&mut self, daemon: usize, height: Option<Height>) {
        self.ask(daemon, Some(height), LOOK_LIMIT);
    }

    pub fn offer(&mut self, daemon: usize) {
        self.ask(daemon, None, OFFER_LIMIT);
    }

    fn ask(&mut self, to: usize, look: Option<Option<Height>>, limit: Ms) {
        let id = self.asks.len();
        self.asks.push(Ask { to, look, is_over: false, life: None });
        self.at(self.now + self.daemons[to].nature.latency / 2, Event::Arrives(id));
        self.at(self.now + limit, Event::GivesUp(id));
    }

    /// When something happens next.
    pub fn next(&self) -> Option<Ms> {
        self.queue.first_key_value().map(|((at, _), _)| *at)
    }

    /// Lets it happen.
    pub fn step(&mut self) -> Option<News> {
        let ((at, _), event) = self.queue.pop_first()?;
        self.now = at;
        self.happen(event)
    }

    /// Whether a daemon has the block in its chain.
    pub fn has(&self, daemon: usize) -> bool {
        self.daemons[daemon].has(OURS)
    }

    pub fn anybody_has(&self) -> bool {
        (0..self.daemons.len()).any(|daemon| self.has(daemon))
    }

    /// For how long it has had the block while everybody who looked could see it.
    pub fn shows_for(&self, daemon: usize) -> Option<Ms> {
        let it = &self.daemons[daemon];
        Some(self.now - it.has_since?.max(it.well_since?))
    }

    fn at(&mut self, at: Ms, event: Event) {
        self.count += 1;
        self.queue.insert((at, self.count), event);
    }

    fn happen(&mut self, event: Event) -> Option<News> {
        match event {
            Event::Arrives(id) => self.arrive(id),
            Event::Works(id) => self.work(id),
            Event::Added { daemon, life, block, ask } => self.added(daemon, life, block, ask),
            Event::FromPeer { to, block } => self.take_from_peer(to, block),
            Event::Answers(id, news) => {
                return (!std::mem::replace(&mut self.asks[id].is_over, true)).then_some(*news);
            }
            Event::GivesUp(id) => {
                let silence = self.silence(id, "no answer");
                return (!std::mem::replace(&mut self.asks[id].is_over, true)).then_some(silence);
            }
            Event::Found(daemon) => self.found(daemon),
            Event::Ill(daemon, ill) => self.fall_ill(daemon, ill),
            Event::Restarts(daemon) => self.restart(daemon),
            Event::Turn(turn) => return self.turn(turn),
            Event::Poll => {
                self.at(self.now + self.plan.polls, Event::Poll);
                return self.poll();
            }
        }
        None
    }

    fn silence(&self, id: usize, words: &str) -> News {
        let ask = &self.asks[id];
        match ask.look {
            Some(_) => News::Seen(ask.to, Sight::Silent, None),
            None => News::Said(ask.to, Said::Unclear(words.into())),
        }
    }

    fn answer(&mut self, id: usize, news: News) {
        let latency = self.daemons[self.asks[id].to].nature.latency;
        self.at(self.now + latency.div_ceil(2), Event::Answers(id, Box::new(news)));
    }

    fn arrive(&mut self, id: usize) {
        let to = self.asks[id].to;
        let daemon = &self.daemons[to];
        if daemon.is_down {
            let news = match self.asks[id].look {
                Some(_) => News::Seen(to, Sight::Silent, None),
                None => News::Said(to, Said::Unreached("refused".into())),
            };
            return self.answer(id, news);
        }
        let slow = daemon.nature.slow;
        self.asks[id].life = Some(daemon.life);
        self.at(self.now + slow, Event::Works(id));
    }

    fn work(&mut self, id: usize) {
        let to = self.asks[id].to;
        let daemon = &self.daemons[to];
        if self.asks[id].life != Some(daemon.life) {
            return;
        }
        if self.now < daemon.hung_until {
            return self.at(daemon.hung_until, Event::Works(id));
        }
        match self.asks[id].look {
            Some(height) => {
                let (sight, parent) = daemon.look(&self.marks, height);
                self.answer(id, News::Seen(to, sight, parent));
            }
            None => self.judge(id),
        }
    }

    fn judge(&mut self, id: usize) {
        let to = self.asks[id].to;
        let daemon = &self.daemons[to];
        let refused = || Said::Refused("Block not accepted".into());
        let said = match daemon.nature.manner {
            _ if daemon.is_damaged => Said::Unclear("HTTP status 500".into()),
            Manner::Busy(until) if self.now < until => Said::Busy("must be synced".into()),
            Manner::RefusesAll => refused(),
            Manner::Lies => Said::Taken,
            Manner::Nonsense { takes: false } => Said::Unclear("no JSON".into()),
            _ if daemon.known.contains(&OURS) && daemon.nature.is_turtle => Said::Taken,
            _ if daemon.known.contains(&OURS) => refused(),
            _ if !daemon.known.contains(&PARENT) => refused(),
            manner => {
                if manner == (Manner::LosesReplies { at_once: true }) {
                    let news = self.silence(id, "reset");
                    self.answer(id, news);
                }
                return self.add(to, OURS, Some(id));
            }
        };
        self.answer(id, News::Said(to, said));
    }

    fn add(&mut self, to: usize, block: Block, ask: Option<usize>) {
        let (now, until) = (self.now, self.now + self.daemons[to].nature.adds);
        let daemon = &mut self.daemons[to];
        let is_offer = ask.is_some();
        let clash = daemon.adding.iter().any(|other| {
            other.block == block && other.is_offer != is_offer && now <= other.until + MARGIN && other.from <= until
        });
        daemon.adding.push(Adding { block, from: now, until, is_offer });
        if clash && daemon.nature.is_turtle && !daemon.is_damaged {
            daemon.is_damaged = true;
            self.damages += 1;
            self.damaged.push((to, now));
        }
        let life = daemon.life;
        self.at(until, Event::Added { daemon: to, life, block, ask });
    }

    fn added(&mut self, to: usize, life: u32, block: Block, ask: Option<usize>) {
        let daemon = &mut self.daemons[to];
        if daemon.life != life {
            return;
        }
        let until = daemon.hung_until;
        if self.now < until {
            daemon.adding.iter_mut().filter(|it| it.block == block).for_each(|it| it.until = until);
            return self.at(until, Event::Added { daemon: to, life, block, ask });
        }
        self.take(to, block);
        if let Some(id) = ask {
            let said = match self.daemons[to].nature.manner {
                _ if self.daemons[to].is_damaged => Said::Unclear("HTTP status 500".into()),
                Manner::LosesReplies { .. } => Said::Unclear("reset".into()),
                Manner::Nonsense { .. } => Said::Unclear("no JSON".into()),
                _ => Said::Taken,
            };
            self.answer(id, News::Said(to, said));
        }
    }

    /// A block is in a daemon's store, and spreads if it is its top now.
    fn take(&mut self, to: usize, block: Block) {
        let daemon = &mut self.daemons[to];
        if !daemon.known.contains(&block) {
            daemon.known.push(block);
        }
        if TREE[block].1 <= TREE[daemon.tip].1 || daemon.is_damaged {
            return;
        }
        daemon.tip = block;
        self.note();
        for other in 0..self.daemons.len() {
            if let Some(delay) = self.plan.links[to * 5 + other].filter(|_| other != to) {
                self.at(self.now + delay, Event::FromPeer { to: other, block });
            }
        }
    }

    fn take_from_peer(&mut self, to: usize, block: Block) {
        let daemon = &self.daemons[to];
        if daemon.is_down || daemon.is_damaged {
            return;
        }
        if self.now < daemon.hung_until {
            return self.at(daemon.hung_until, Event::FromPeer { to, block });
        }
        // What it does not know of the blocks before comes with it.
        for ancestor in chain(block).into_iter().rev() {
            let daemon = &self.daemons[to];
            let gets = daemon.adding.iter().any(|it| it.block == ancestor && !it.is_offer && self.now <= it.until);
            if !daemon.known.contains(&ancestor) && !gets {
                self.add(to, ancestor, None);
            }
        }
    }

    fn found(&mut self, whose: usize) {
        let daemon = &self.daemons[whose];
        if daemon.is_down || daemon.is_damaged {
            return;
        }
        if self.now < daemon.hung_until {
            return self.at(daemon.hung_until, Event::Found(whose));
        }
        let next = match daemon.tip {
            PARENT => RIVAL,
            tip => match (0..TREE.len()).find(|block| *block != BELOW && TREE[*block].0 == tip) {
                Some(next) => next,
                None => return,
            },
        };
        self.take_from_peer(whose, next);
    }

    fn fall_ill(&mut self, daemon: usize, ill: Ill) {
        let now = self.now;
        let it = &mut self.daemons[daemon];
        match ill {
            Ill::Hangs(length) => it.hung_until = it.hung_until.max(now + length),
            Ill::Crashes(_) if it.is_down => {}
            Ill::Crashes(back) => {
                (it.is_down, it.life, it.hung_until) = (true, it.life + 1, 0);
                it.adding.clear();
                if TREE[it.tip].1 > 100 {
                    let lost = it.tip;
                    it.known.retain(|block| *block != lost);
                    it.tip = TREE[lost].0;
                }
                let life = it.life;
                let broken = |(_, ask): &(usize, &Ask)| ask.to == daemon && ask.life.is_some_and(|its| its < life);
                let broken: Vec<_> = self.asks.iter().enumerate().filter(broken).map(|(id, _)| id).collect();
                for id in broken {
                    let news = self.silence(id, "reset");
                    self.answer(id, news);
                }
                if let Some(back) = back {
                    self.at(now + back, Event::Restarts(daemon));
                }
            }
        }
        self.note();
    }

    fn restart(&mut self, daemon: usize) {
        self.daemons[daemon].is_down = false;
        for other in 0..self.daemons.len() {
            let (it, tip) = (&self.daemons[other], self.daemons[other].tip);
            if let Some(delay) = self.plan.links[other * 5 + daemon].filter(|_| !it.is_down && !it.is_damaged) {
                self.at(self.now + 500 + delay, Event::FromPeer { to: daemon, block: tip });
            }
        }
        self.note();
    }

    fn turn(&mut self, turn: Turn) -> Option<News> {
        match turn {
            Turn::Use(daemon) if self.daemons[daemon].is_in_charts => self.in_use = daemon,
            Turn::Leaves(daemon) if daemon != self.in_use => self.daemons[daemon].is_in_charts = false,
            Turn::Comes(daemon) => self.daemons[daemon].is_in_charts = true,
            Turn::Alone(alone) => self.alone = alone,
            Turn::Use(_) | Turn::Leaves(_) => {}
        }
        self.note();
        self.draw()
    }

    fn poll(&mut self) -> Option<News> {
        for daemon in &mut self.daemons {
            daemon.shown = daemon.is_well(self.now).then_some(daemon.tip);
        }
        self.draw()
    }

    /// Another chart, if anything is another one.
    fn draw(&mut self) -> Option<News> {
        let head = self.head();
        let there = || (0..self.daemons.len()).filter(|daemon| self.daemons[*daemon].is_in_charts);
        let chart = Chart {
            in_use: self.names[self.in_use].clone(),
            alone: self.alone,
            ready: true,
            daemons: there().map(|daemon| self.seat(daemon, head)).collect(),
            head: head.map(head_of),
            branch: head.map(|head| chain(head).into_iter().map(hash).collect()).unwrap_or_default(),
            fork: None,
        };
        self.note();
        if *self.chart == chart {
            return None;
        }
        self.chart = Arc::new(chart);
        Some(News::Chart)
    }

    /// The highest block that two daemons stand on or above, or one where there is only one.
    fn head(&self) -> Option<Block> {
        let shown: Vec<_> = self.daemons.iter().filter(|it| it.is_in_charts).filter_map(|it| it.shown).collect();
        let on = |block: Block| shown.iter().filter(|tip| chain(**tip).contains(&block)).count();
        let enough = shown.len().min(2);
        let agreed = (0..TREE.len()).rev().filter(|block| on(*block) >= enough.max(1));
        agreed.max_by_key(|block| (TREE[*block].1, on(*block)))
    }

    fn seat(&self, daemon: usize, head: Option<Block>) -> Seat {
        let it = &self.daemons[daemon];
        let on_branch = |tip: Block| {
            head.is_some_and(|head| chain(head).contains(&tip) || chain(tip).contains(&head) || TREE[tip] == TREE[head])
        };
        let is_on_branch = it.nature.is_known && it.shown.is_some_and(on_branch);
        Seat {
            daemon: self.names[daemon].clone(),
            is_sound: is_on_branch,
            is_on_head: it.shown.zip(head).is_some_and(|(tip, head)| chain(tip).contains(&head)),
            is_on_branch,
            takes_blocks: it.nature.takes_blocks && it.shown.is_some(),
            is_reserve: false,
            is_silent: it.shown.is_none(),
            tip: it.shown.map(head_of),
        }
    }

    /// Takes down since when each daemon has the block, and shows it.
    fn note(&mut self) {
        let now = self.now;
        let chart = self.chart.clone();
        for (number, daemon) in self.daemons.iter_mut().enumerate() {
            let seat = chart.seat(&self.names[number]);
            let was_offered = self.asks.iter().any(|ask| ask.to == number && ask.look.is_none());
            let asked = seat.is_some_and(|seat| (seat.takes_blocks || was_offered) && seat.is_on_branch)
                || number == self.in_use;
            let is_well = daemon.is_well(now) && asked && daemon.nature.headers == Headers::Shown;
            daemon.well_since = if is_well { daemon.well_since.or(Some(now)) } else { None };
            daemon.has_since = if daemon.has(OURS) { daemon.has_since.or(Some(now)) } else { None };
            self.was_in_a_chain |= daemon.has(OURS);
        }
    }
}

impl Daemon {
    fn new(nature: &Nature) -> Self {
        let tip = match nature.stands {
            Stands::OnParent => PARENT,
            Stands::Below(_) => BELOW,
            Stands::Beside => BESIDE,
            Stands::OnRival => RIVAL,
            Stands::AboveRival => 6,
        };
        Self {
            nature: nature.clone(),
            tip,
            // The blocks of a race reach everybody; each daemon stays on the one that came first.
            known: if tip == BESIDE { vec![BELOW, PARENT, BESIDE] } else { chain(tip) },
            hung_until: 0,
            is_down: false,
            is_damaged: false,
            life: 0,
            adding: vec![],
            has_since: None,
            well_since: None,
            is_in_charts: true,
            shown: None,
        }
    }

    fn has(&self, block: Block) -> bool {
        !self.is_down && !self.is_damaged && chain(self.tip).contains(&block)
    }

    /// Whether a poll finds it well.
    fn is_well(&self, now: Ms) -> bool {
        !self.is_down && !self.is_damaged && now >= self.hung_until && self.nature.slow + self.nature.latency < 900
    }

    /// What its chain shows, and the height of the block's parent where that was not known.
    fn look(&self, marks: &Marks, height: Option<Height>) -> (Sight, Option<Height>) {
        match self.nature.headers {
            _ if self.is_damaged => return (Sight::Silent, None),
            Headers::Refused => return (Sight::Unclear, None),
            Headers::Shown | Headers::Bare => {}
        }
        let header = |block: Block| Header {
            nonce: Some(NONCE).filter(|_| self.nature.headers == Headers::Shown),
            ..header(block)
        };
        let chain = chain(self.tip);
        let parent = || marks.parents().find_map(|parent| chain.iter().find(|block| hash(**block) == parent));
        let parent = height.and_then(|height| height.below(1)).or_else(|| parent().map(|block| head_of(*block).height));
        let at = parent.map(Height::next);
        let seen = at.and_then(|at| chain.iter().find(|block| head_of(**block).height == at)).unwrap_or(&self.tip);
        (Sight::of(&header(*seen), marks, at), parent)
    }
}

fn name(daemon: usize) -> Who {
    Arc::new(Endpoint { host: ["p", "a", "b", "c", "d"][daemon].into(), port: 11898, tls: false })
}

/// A block and those before it.
fn chain(block: Block) -> Vec<Block> {
    let before = |block: &Block| (*block != BELOW).then(|| TREE[*block].0);
    std::iter::successors(Some(block), before).collect()
}

fn hash(block: Block) -> BlockHash {
    BlockHash::new([block as u8 + 0x20; 32])
}

fn head_of(block: Block) -> Head {
    Head { height: Height::new(TREE[block].1).expect("a height"), hash: hash(block) }
}

fn header(block: Block) -> Header {
    let Head { height, hash: own } = head_of(block);
    Header {
        height,
        hash: own,
        prev: hash(TREE[block].0),
        timestamp: Some(if block == OURS { TIMESTAMP } else { TIMESTAMP + 1 + block as u64 }),
        nonce: Some(NONCE),
    }
}

fn blob(layout: Layout) -> String {
    let stamp = {
        let mut left = TIMESTAMP;
        let mut bytes = vec![];
        while left >= 0x80 {
            bytes.push(left as u8 | 0x80);
            left >>= 7;
        }
        bytes.push(left as u8);
        bytes
    };
    let (parent, nonce) = ([PARENT as u8 + 0x20; 32], NONCE.to_le_bytes());
    let bytes = match layout {
        Layout::Plain => [&[16, 16][..], &stamp, &parent, &nonce, &[0; 40]].concat(),
        Layout::Merged => [&[3, 0][..], &parent, &[0, 0], &stamp, &[0; 32], &nonce, &[0; 40]].concat(),
        Layout::Unknown => vec![0; 100],
    };
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

const TIMESTAMP: u64 = 1_700_000_000;
const NONCE: u32 = 0xdead_beef;

/// As long as the gateway waits for them.
const LOOK_LIMIT: Ms = 5_000;
const OFFER_LIMIT: Ms = 600_000;
