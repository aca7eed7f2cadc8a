//! Polls the daemons of a world as the poller does, and gives what it reports.

use std::time::Duration;

use turtle_pool_multi_daemon::consensus::{
    block::{BlockHash, Height},
    moment::Moment,
    observation::{Failure, FailureKind, Family, Observation, Report, View, Window},
    rules::Rules,
};

use super::{
    Millis,
    daemon::{Daemon, Rpc},
    dice::Dice,
    policies::Policy,
    tree::{GENESIS, Tree, WINDOW, as_height},
    world::{Wake, World},
};

/// What became of a poll, of which daemon.
pub type Polled = (usize, Stage);

/// How far a poll got.
// Passed on at once: a box for each poll would cost more than the few bytes that are moved.
#[allow(clippy::large_enum_variant)]
#[derive(Debug)]
pub enum Stage {
    /// It begins.
    Began,
    /// Its first try failed; a second one follows.
    TryFailed,
    /// It ended like this.
    Ended(Report),
}

/// The pollers of one policy: all daemons are polled at the same moments, an interval apart, and at once when that is asked for.
#[derive(Debug)]
pub struct Watch {
    policy: Policy,
    interval: Millis,
    timeout: Millis,
    pollers: Vec<Poller>,
    /// When polls are due that the world was told of.
    planned: Millis,
    /// Decides which requests are lost.
    luck: Dice,
    /// Whether a view shows the tip alone, where the policy looks at nothing else.
    shallow: bool,
}

/// The poller of one daemon.
#[derive(Debug)]
struct Poller {
    /// When its next poll in turn begins.
    next: Millis,
    /// Whether one out of turn is asked for.
    called: bool,
    /// How the poll under way will end.
    under_way: Option<Report>,
}

impl Watch {
    /// Watches a world from now on. All daemons are polled at once, so that what the pollers would report within a few
    /// milliseconds is judged together.
    pub fn start(world: &mut World, policy: Policy, rules: &Rules, luck: Dice) -> Self {
        world.wake(world.now, Wake::Poll(policy));
        let poller = |_| Poller { next: world.now, called: false, under_way: None };
        Self {
            policy,
            interval: rules.polling_interval.as_millis() as Millis,
            timeout: rules.timeout.as_millis() as Millis,
            pollers: (0..world.daemons.len()).map(poller).collect(),
            planned: world.now,
            luck,
            shallow: policy == Policy::NaiveMajority,
        }
    }

    /// Does what it asked to be woken for.
    pub fn act(&mut self, world: &mut World, wake: Wake, polled: &mut Vec<Polled>) {
        match wake {
            Wake::TryFails(_, daemon) => polled.push((daemon, Stage::TryFailed)),
            Wake::PollEnds(_, daemon) => {
                let poller = &mut self.pollers[daemon];
                // Turns that came meanwhile are let go.
                poller.next = poller.next.max(following(world.now, self.interval));
                polled.extend(poller.under_way.take().map(|report| (daemon, Stage::Ended(report))));
                self.begin(world, polled);
            }
            _ => self.begin(world, polled),
        }
    }

    /// Polls daemons now, out of turn.
    pub fn poll(&mut self, world: &mut World, daemons: &[usize], polled: &mut Vec<Polled>) {
        daemons.iter().for_each(|daemon| self.pollers[*daemon].called = true);
        self.begin(world, polled);
    }

    /// Begins the polls that are due, and plans for the next ones.
    fn begin(&mut self, world: &mut World, polled: &mut Vec<Polled>) {
        for daemon in 0..self.pollers.len() {
            let poller = &mut self.pollers[daemon];
            if poller.under_way.is_none() && (poller.called || poller.next <= world.now) {
                poller.called = false;
                poller.next = following(world.now, self.interval);
                polled.push((daemon, Stage::Began));
                self.ask(world, daemon, polled);
            }
        }
        let idle = self.pollers.iter().filter(|poller| poller.under_way.is_none());
        let next = idle.map(|poller| poller.next).min();
        if let Some(next) = next.filter(|next| self.planned <= world.now || *next < self.planned) {
            self.planned = next;
            world.wake(next, Wake::Poll(self.policy));
        }
    }

    fn ask(&mut self, world: &mut World, daemon: usize, polled: &mut Vec<Polled>) {
        let answer = |latency| Report::Answered(observe(world, daemon, latency, self.shallow));
        let time_out = self.timeout;
        // The same at one moment for every policy.
        let lost = |loss, tries| self.luck.part(world.now).part((daemon * 2 + tries) as u64).chance(loss);
        let (first_try, second_try, report) = match world.daemons[daemon].rpc {
            Rpc::Prompt => (None, 0, answer(0)),
            Rpc::Slow(latency) if latency < self.timeout => (None, latency, answer(latency)),
            Rpc::Lossy(loss) if !lost(loss, 0) => (None, 0, answer(0)),
            Rpc::Lossy(loss) if !lost(loss, 1) => (Some(time_out), 0, answer(0)),
            Rpc::Lossy(_) | Rpc::Slow(_) | Rpc::Silent => (Some(time_out), time_out, failed(FailureKind::Timeout)),
            Rpc::Refuses => (Some(0), 0, failed(FailureKind::Refused)),
            Rpc::Nonsense => (Some(0), 0, failed(FailureKind::HttpStatus)),
        };
        match (first_try, second_try) {
            (None, 0) => return polled.push((daemon, Stage::Ended(report))),
            (None, time) => world.wake(world.now + time, Wake::PollEnds(self.policy, daemon)),
            (Some(first), second) => {
                world.wake(world.now + first, Wake::TryFails(self.policy, daemon));
                world.wake(world.now + first + SECOND_TRY_AFTER + second, Wake::PollEnds(self.policy, daemon));
            }
        }
        self.pollers[daemon].under_way = Some(report);
    }
}

/// The next moment at which polls are due: an interval away at most.
fn following(now: Millis, interval: Millis) -> Millis {
    (now / interval + 1) * interval
}

/// The moment on the pool's clocks.
pub fn moment(world: &World) -> Moment {
    let unix = EPOCH.saturating_add_signed(world.now as i64 + world.clock_error);
    Moment { elapsed: Duration::from_millis(world.now), unix: Duration::from_millis(unix) }
}

/// The hash that a daemon answers with when it is asked for the block at a height.
pub fn answer(world: &World, daemon: usize, height: Height) -> Option<BlockHash> {
    let daemon = &world.daemons[daemon];
    let shows = daemon.rpc == Rpc::Prompt && !(daemon.says_busy && daemon.catching_up);
    let height = u32::try_from(height.get()).ok()?;
    (shows && height <= world.network.tree.height(daemon.tip)).then(|| world.network.tree.hash_at(daemon.tip, height))
}

fn observe(world: &World, daemon: usize, latency: Millis, shallow: bool) -> Observation {
    let daemon = &world.daemons[daemon];
    let (incoming, outgoing) = daemon.connections();
    Observation {
        view: view(&world.network.tree, daemon, shallow),
        network_height: as_height(daemon.heard),
        incoming,
        outgoing,
        upgrade: None,
        family: Family::Turtlecoin,
        json_rpc: true,
        version: None,
        address: None,
        latency: Duration::from_millis(latency),
    }
}

fn view(tree: &Tree, daemon: &Daemon, shallow: bool) -> View {
    let height = as_height(tree.height(daemon.tip));
    match height {
        Some(height) if !(daemon.says_busy && daemon.catching_up) => {
            let timestamp = Duration::from_millis(EPOCH + tree.mined(daemon.tip));
            View::Chain(Window {
                genesis: Some(GENESIS),
                height,
                blocks: tree.window(daemon.tip, if shallow { 1 } else { WINDOW }).into(),
                timestamp,
            })
        }
        _ => View::Busy { height, borrowed: false },
    }
}

fn failed(kind: FailureKind) -> Report {
    Report::Failed { tries: 2, failure: Failure { kind, detail: String::new() } }
}

const SECOND_TRY_AFTER: Millis = 250;

/// 2026-01-01 in milliseconds, so that virtual time has a plausible date.
const EPOCH: u64 = 1_767_225_600_000;
