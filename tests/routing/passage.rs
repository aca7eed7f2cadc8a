//! A request on its way past daemons that do as they like, asked as the gateway asks, in milliseconds that pass as the test likes.

use std::{sync::Arc, time::Duration};

use turtle_pool_multi_daemon::{
    consensus::{
        block::{BlockHash, Height},
        vote::Head,
    },
    endpoint::Endpoint,
    routing::{
        Chart, Learnt, NoWorkCause, Seat, Who,
        call::Call,
        habit::Habits,
        reply::{Envelope, Verdict},
        route::{Heard, Route, Step},
        template::Template,
    },
};

use crate::world::Ms;

/// A request, and what it meets.
#[derive(Debug, Clone)]
pub struct Plan {
    pub request: Request,
    pub hedge_after: Option<Ms>,
    pub daemons: Vec<Nature>,
    pub in_use: usize,
    pub alone: bool,
    pub ready: bool,
    pub head: Option<u64>,
    /// From when on everybody has had the time to build on a head.
    pub interval: Ms,
    pub turns: Vec<(Ms, Turn)>,
    /// Whether whoever asks looks again every now and then, as the gateway does, or only when told to.
    pub looks_again: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    Template,
    Header,
    Read,
    Wallet,
    Transaction,
    Other,
}

/// A daemon, as it answers and as it is judged.
#[derive(Debug, Clone)]
pub struct Nature {
    /// What it says, and how long after it was asked; `None` for never.
    pub says: Option<(Ms, Reply)>,
    /// How long it took for what it was asked before.
    pub habit: Vec<Ms>,
    pub looks: Looks,
}

/// How a chart shows a daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Looks {
    pub is_there: bool,
    pub is_sound: bool,
    pub is_on_head: bool,
    pub is_reserve: bool,
    pub is_silent: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// What was asked for; a template is on the block at this height.
    Gives {
        base: u64,
        names_it: bool,
    },
    Lacks(NoWorkCause),
    Refuses,
    Fails,
    IsLost,
}

/// What becomes of the chart meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    Use(usize),
    Alone(bool),
    Ready,
    Looks(usize, Looks),
    NewHead,
}

/// What has come of it.
#[derive(Debug)]
pub struct Story {
    pub asks: Vec<Ask>,
    pub waits: Vec<Wait>,
    /// `None` where it would go on for ever.
    pub end: Option<End>,
    pub lessons: Vec<Learnt>,
    /// The last moment at which nobody but the daemon in use was to be asked.
    pub last_alone: Option<Ms>,
}

#[derive(Debug)]
pub struct Ask {
    pub to: usize,
    pub at: Ms,
    /// From when on it is slow; `None` for never.
    pub slow_at: Option<Ms>,
    /// How many others might still have answered then.
    pub hopeful_others: usize,
    /// Whether it is in the place of another one, and may be: whether the chart said so then.
    pub may_stand_in: bool,
    /// Whether nobody but it was to be asked then.
    pub alone: bool,
    pub heard: Option<Answer>,
}

#[derive(Debug, Clone, Copy)]
pub struct Answer {
    pub at: Ms,
    pub reply: Reply,
    pub is_stale: bool,
    pub head_was_old: bool,
}

/// A time at which there was nothing to do.
#[derive(Debug)]
pub struct Wait {
    pub at: Ms,
    pub until: Option<Ms>,
    pub scene: Scene,
}

#[derive(Debug)]
pub struct End {
    pub at: Ms,
    /// Whose answer was passed on, by the number of the ask.
    pub passed: Option<usize>,
    pub scene: Scene,
}

/// How things stood.
#[derive(Debug)]
pub struct Scene {
    pub alone: bool,
    pub ready: bool,
    pub asked: usize,
    /// The asks at daemons that may still answer.
    pub hopeful: Vec<usize>,
    /// Whether there was somebody else who might have been asked.
    pub has_another: bool,
    /// Whether the daemon in use was asked, and had not answered.
    pub waits_for_in_use: bool,
}

/// Asks, and tells what came of it.
pub fn play(plan: &Plan) -> Story {
    let mut route = Route::new(&plan.request.call(), plan.hedge_after.map(Duration::from_millis));
    let mut passage = Passage::new(plan);
    for step in 0.. {
        let next = route.next(Duration::from_millis(passage.now), &passage.chart, &passage.habits);
        match next {
            Step::Ask(daemon) => passage.ask(number(&daemon)),
            Step::Wait(until) => {
                if !passage.wait(until.map(ceil), &mut route) {
                    break;
                }
            }
            Step::Pass(index) => {
                passage.end(Some(index));
                break;
            }
            Step::GiveUp => {
                passage.end(None);
                break;
            }
        }
        assert!(step < TOO_MANY, "it goes round in circles: {plan:?}");
    }
    let asked = passage.story.asks.iter().map(|ask| ask.to);
    assert!(asked.eq(route.asked().map(number)), "the route tells of other asks than it wanted");
    passage.story.lessons = route.lessons();
    passage.story
}

/// What is known of the daemons at first.
pub fn chart(plan: &Plan) -> Chart {
    Passage::new(plan).chart
}

struct Passage<'a> {
    plan: &'a Plan,
    now: Ms,
    looks: Vec<Looks>,
    chart: Chart,
    habits: Habits,
    /// The turns that have come.
    turned: usize,
    head_since: Ms,
    /// When something happened last.
    stirred: Ms,
    story: Story,
}

impl<'a> Passage<'a> {
    fn new(plan: &'a Plan) -> Self {
        let looks: Vec<_> = plan.daemons.iter().map(|nature| nature.looks).collect();
        let mut habits = Habits::default();
        for (daemon, nature) in plan.daemons.iter().enumerate() {
            nature.habit.iter().for_each(|took| habits.note(&who(daemon), Duration::from_millis(*took)));
        }
        let chart = Chart { alone: plan.alone, ready: plan.ready, ..start(who(plan.in_use)) };
        let story = Story { asks: vec![], waits: vec![], end: None, lessons: vec![], last_alone: None };
        let mut it = Self { plan, now: 0, looks, chart, habits, turned: 0, head_since: 0, stirred: 0, story };
        it.draw(plan.head);
        it
    }

    fn draw(&mut self, head: Option<u64>) {
        let there = self.looks.iter().enumerate().filter(|(_, looks)| looks.is_there);
        self.chart.daemons = there.map(|(daemon, looks)| seat(daemon, *looks)).collect();
        self.chart.head = head.map(|height| Head { height: height_of(height), hash: hash(height) });
        self.chart.branch = head.map(|head| (0..4).map(|depth| hash(head - depth)).collect()).unwrap_or_default();
    }

    fn head(&self) -> Option<u64> {
        self.chart.head.map(|head| head.height.get())
    }

    fn ask(&mut self, to: usize) {
        let asks = &self.story.asks;
        let ask = Ask {
            to,
            at: self.now,
            slow_at: self.slow_after(to).map(|after| self.now + after),
            hopeful_others: self.hopeful().len(),
            may_stand_in: !asks.is_empty() && self.may_be_asked(to),
            alone: self.chart.alone,
            heard: None,
        };
        self.note_alone();
        self.stirred = self.now;
        self.story.asks.push(ask);
    }

    fn slow_after(&self, daemon: usize) -> Option<Ms> {
        let most = self.plan.hedge_after?;
        Some(match self.plan.request {
            Request::Other => return None,
            _ if self.is_silent(daemon) => 0,
            Request::Wallet | Request::Transaction => LARGE,
            _ => ceil(self.habits.slow_after(&who(daemon), Duration::from_millis(most))),
        })
    }

    /// Lets time pass until something happens; false where nothing will.
    fn wait(&mut self, until: Option<Ms>, route: &mut Route) -> bool {
        self.note_alone();
        self.story.waits.push(Wait { at: self.now, until, scene: self.scene() });
        let turn = self.plan.turns.get(self.turned).map(|(at, _)| (*at).max(self.now));
        let answer = self.next_answer();
        // Whoever looks again does so without end; nothing more can come of it then.
        let is_quiet = until.is_none() && turn.is_none() && answer.is_none() && self.now > self.stirred + QUIET;
        let again = (self.plan.looks_again && !is_quiet).then_some(self.now + LOOK_AGAIN);
        let times = [answer.map(|(at, _)| at), turn, until.map(|until| until.max(self.now)), again];
        let Some(at) = times.into_iter().flatten().min() else { return false };
        self.now = at;
        match answer {
            Some((due, index)) if due == at => self.hear(index, route),
            _ if turn == Some(at) => self.turn(),
            _ => {}
        }
        true
    }

    fn next_answer(&self) -> Option<(Ms, usize)> {
        let open = self.story.asks.iter().enumerate().filter(|(_, ask)| ask.heard.is_none());
        let due = open.filter_map(|(index, ask)| Some((ask.at + self.plan.daemons[ask.to].says?.0, index)));
        due.min()
    }

    fn hear(&mut self, index: usize, route: &mut Route) {
        let Some((_, reply)) = self.plan.daemons[self.story.asks[index].to].says else { return };
        self.stirred = self.now;
        let head_was_old = self.now >= self.head_since + self.plan.interval;
        route.hear(index, self.plan.request.heard(reply), &self.chart, head_was_old);
        let is_stale = match (self.plan.request, reply) {
            (Request::Template, Reply::Gives { base, .. }) => self.head().is_some_and(|head| base < head),
            _ => false,
        };
        self.story.asks[index].heard = Some(Answer { at: self.now, reply, is_stale, head_was_old });
    }

    fn turn(&mut self) {
        let (_, turn) = self.plan.turns[self.turned];
        (self.turned, self.stirred) = (self.turned + 1, self.now);
        let mut head = self.head();
        match turn {
            Turn::Use(daemon) => self.chart.in_use = who(daemon),
            Turn::Alone(alone) => self.chart.alone = alone,
            Turn::Ready => self.chart.ready = true,
            Turn::Looks(daemon, looks) => self.looks[daemon] = looks,
            Turn::NewHead => {
                head = head.map(|head| head + 1);
                self.head_since = self.now;
            }
        }
        self.draw(head);
        self.note_alone();
    }

    fn end(&mut self, passed: Option<usize>) {
        self.note_alone();
        self.story.end = Some(End { at: self.now, passed, scene: self.scene() });
    }

    fn note_alone(&mut self) {
        if self.chart.alone {
            self.story.last_alone = Some(self.now);
        }
    }

    fn scene(&self) -> Scene {
        let is_asked = |daemon: usize| self.story.asks.iter().any(|ask| ask.to == daemon);
        let has_another = (0..self.looks.len()).any(|daemon| self.may_be_asked(daemon) && !is_asked(daemon));
        let in_use = number(&self.chart.in_use);
        Scene {
            waits_for_in_use: self.story.asks.iter().any(|ask| ask.to == in_use && ask.heard.is_none()),
            alone: self.chart.alone,
            ready: self.chart.ready,
            asked: self.story.asks.len(),
            hopeful: self.hopeful(),
            has_another,
        }
    }

    fn hopeful(&self) -> Vec<usize> {
        let asks = self.story.asks.iter().enumerate();
        asks.filter(|(_, ask)| ask.heard.is_none() && !self.is_silent(ask.to)).map(|(index, _)| index).collect()
    }

    /// Whoever has come into use may be, whatever its state, and alone only that one.
    fn may_be_asked(&self, daemon: usize) -> bool {
        let Looks { is_there, is_sound, is_reserve, .. } = self.looks[daemon];
        let may_stand_in = is_there && (is_sound || is_reserve) && !self.chart.alone;
        may_stand_in || daemon == number(&self.chart.in_use)
    }

    fn is_silent(&self, daemon: usize) -> bool {
        self.looks[daemon].is_there && self.looks[daemon].is_silent
    }
}

impl Request {
    pub fn call(self) -> Call {
        let json = |method: &str| Call::of("/json_rpc", format!(r#"{{"method":"{method}"}}"#).as_bytes());
        match self {
            Self::Template => json("getblocktemplate"),
            Self::Header => json("getlastblockheader"),
            Self::Read => Call::of("/info", b""),
            Self::Wallet => Call::of("/getblocks.bin", b""),
            Self::Transaction => Call::of("/sendrawtransaction", b"{}"),
            Self::Other => Call::of("/stop_daemon", b""),
        }
    }

    fn heard(self, reply: Reply) -> Heard {
        let verdict = match reply {
            Reply::Gives { .. } => Verdict::Usable,
            Reply::Lacks(cause) => Verdict::Lacking(cause),
            Reply::Refuses => Verdict::Refusal,
            Reply::Fails => Verdict::Failure,
            Reply::IsLost => Verdict::Lost,
        };
        let template = match reply {
            Reply::Gives { base, names_it } if self == Self::Template => template(base, names_it),
            _ => None,
        };
        Heard { verdict, speaks: reply.speaks(), template }
    }
}

impl Reply {
    /// Whether it is an answer that could be passed on.
    pub fn speaks(self) -> bool {
        !matches!(self, Self::Fails | Self::IsLost)
    }
}

impl Answer {
    pub fn is_usable(&self) -> bool {
        matches!(self.reply, Reply::Gives { .. }) && !self.is_stale
    }

    pub fn is_refusal(&self) -> bool {
        self.reply == Reply::Refuses
    }

    /// The height of what a template on an old block builds on.
    pub fn spare(&self) -> Option<u64> {
        match self.reply {
            Reply::Gives { base, .. } if self.is_stale => Some(base),
            _ => None,
        }
    }
}

impl Story {
    /// What was heard, with the numbers of the asks, the earliest first.
    pub fn heard(&self) -> Vec<(usize, Answer)> {
        let heard = self.asks.iter().enumerate().filter_map(|(index, ask)| Some((index, ask.heard?)));
        let mut heard: Vec<_> = heard.collect();
        heard.sort_by_key(|(_, answer)| answer.at);
        heard
    }

    pub fn last_ask(&self) -> Ms {
        self.asks.last().map_or(0, |ask| ask.at)
    }

    /// Since when there is a template on an old block.
    pub fn stale_since(&self) -> Option<Ms> {
        self.heard().iter().find(|(_, answer)| answer.spare().is_some()).map(|(_, answer)| answer.at)
    }
}

/// A template on the block at a height: it names that block, or tells the height alone.
fn template(base: u64, names_it: bool) -> Option<Template> {
    let name = if names_it { format!(r#","prev_hash":"{}""#, hash(base)) } else { String::new() };
    let (blob, height) = ("00".repeat(80), base + 1);
    let reply = format!(r#"{{"result":{{"blocktemplate_blob":"{blob}","difficulty":1,"height":{height}{name}}}}}"#);
    Envelope::of(&reply)?.template()
}

fn seat(daemon: usize, looks: Looks) -> Seat {
    Seat {
        daemon: who(daemon),
        is_sound: looks.is_sound,
        is_on_head: looks.is_on_head,
        is_on_branch: looks.is_on_head,
        takes_blocks: looks.is_sound,
        is_reserve: looks.is_reserve,
        is_silent: looks.is_silent,
        tip: None,
    }
}

/// What is known before anything is.
pub fn start(primary: Who) -> Chart {
    let (daemons, head, branch, fork) = (vec![], None, [].into(), None);
    Chart { in_use: primary, alone: true, ready: false, daemons, head, branch, fork }
}

pub fn who(daemon: usize) -> Who {
    Arc::new(Endpoint { host: "d".into(), port: daemon as u16, tls: false })
}

pub fn number(daemon: &Who) -> usize {
    usize::from(daemon.port)
}

/// The block at a height.
pub fn hash(height: u64) -> BlockHash {
    let mut bytes = [7; 32];
    bytes[..8].copy_from_slice(&height.to_le_bytes());
    BlockHash::new(bytes)
}

fn height_of(height: u64) -> Height {
    Height::new(height).expect("a height")
}

fn ceil(time: Duration) -> Ms {
    time.as_micros().div_ceil(1_000) as Ms
}

/// From when on a daemon is slow at what takes long anyway.
const LARGE: Ms = 10_000;
/// As often as the gateway looks again.
const LOOK_AGAIN: Ms = 250;
const QUIET: Ms = 10_000;
const TOO_MANY: usize = 20_000;
