//! Polls the daemons of a world as the poller does, and gives what it reports.

use std::time::Duration;

use turtle_pool_multi_daemon::consensus::{
    moment::Moment,
    observation::{Failure, FailureKind, Family, Observation, Report, View, Window},
    rules::Rules,
};

use super::{
    Millis,
    daemon::{Daemon, Rpc},
    dice::Dice,
    tree::{GENESIS, Tree, as_height},
    world::{Wake, World},
};

/// A poll's end, of which daemon.
pub type Reported = (usize, Report);

/// Polls every daemon once an interval. Reports that take no time are given together, as the engine takes them.
#[derive(Debug)]
pub struct Watch {
    interval: Millis,
    timeout: Millis,
    /// Whether a request is lost.
    luck: Dice,
    /// The report that a slow poll will end with.
    pending: Vec<Option<Report>>,
}

impl Watch {
    /// Watches a world from now on.
    pub fn start(world: &mut World, rules: &Rules, luck: Dice) -> Self {
        world.wake(world.now, Wake::Poll);
        Self {
            interval: rules.polling_interval.as_millis() as Millis,
            timeout: rules.timeout.as_millis() as Millis,
            luck,
            pending: vec![None; world.daemons.len()],
        }
    }

    /// Starts the polls that are due, and gives the reports of those that end at once.
    pub fn poll(&mut self, world: &mut World, reports: &mut Vec<Reported>) {
        let now = world.now;
        for index in 0..world.daemons.len() {
            if self.pending[index].is_some() {
                continue;
            }
            let (takes, report) = self.ask(world, index);
            match takes {
                0 => reports.push((index, report)),
                _ => {
                    self.pending[index] = Some(report);
                    world.wake(now + takes, Wake::Report(index));
                }
            }
        }
        world.wake(now + self.interval, Wake::Poll);
    }

    /// The report of a poll that ends now.
    pub fn report(&mut self, index: usize) -> Option<Reported> {
        Some((index, self.pending[index].take()?))
    }

    /// How long a poll takes, two tries included, and how it ends.
    fn ask(&mut self, world: &World, index: usize) -> (Millis, Report) {
        let daemon = &world.daemons[index];
        let answer = |latency| Report::Answered(observe(world, daemon, latency));
        let timed_out = 2 * self.timeout + SECOND_TRY_AFTER;
        match daemon.rpc {
            Rpc::Prompt => (0, answer(0)),
            Rpc::Slow(latency) if latency < self.timeout => (latency, answer(latency)),
            Rpc::Lossy(loss) => match (self.luck.chance(loss), self.luck.chance(loss)) {
                (false, _) => (0, answer(0)),
                (true, false) => (self.timeout + SECOND_TRY_AFTER, answer(0)),
                (true, true) => (timed_out, failed(FailureKind::Timeout)),
            },
            Rpc::Slow(_) | Rpc::Silent => (timed_out, failed(FailureKind::Timeout)),
            Rpc::Refuses => (SECOND_TRY_AFTER, failed(FailureKind::Refused)),
            Rpc::Nonsense => (SECOND_TRY_AFTER, failed(FailureKind::HttpStatus)),
        }
    }
}

/// The moment on the pool's clocks.
pub fn moment(world: &World) -> Moment {
    let unix = EPOCH.saturating_add_signed(world.now as i64 + world.clock_error);
    Moment { elapsed: Duration::from_millis(world.now), unix: Duration::from_millis(unix) }
}

fn observe(world: &World, daemon: &Daemon, latency: Millis) -> Observation {
    let (incoming, outgoing) = daemon.connections();
    Observation {
        view: view(&world.network.tree, daemon),
        network_height: as_height(daemon.heard),
        incoming,
        outgoing,
        family: Family::Turtlecoin,
        json_rpc: true,
        version: None,
        address: None,
        latency: Duration::from_millis(latency),
    }
}

fn view(tree: &Tree, daemon: &Daemon) -> View {
    let height = as_height(tree.height(daemon.tip));
    match height {
        Some(height) if !(daemon.says_busy && daemon.catching_up) => {
            let timestamp = Duration::from_millis(EPOCH + tree.mined(daemon.tip));
            View::Chain(Window { genesis: Some(GENESIS), height, blocks: tree.window(daemon.tip), timestamp })
        }
        _ => View::Busy { height },
    }
}

fn failed(kind: FailureKind) -> Report {
    Report::Failed { tries: 2, failure: Failure { kind, detail: String::new() } }
}

const SECOND_TRY_AFTER: Millis = 250;

/// 2026-01-01 in milliseconds, so that virtual time has a plausible date.
const EPOCH: u64 = 1_767_225_600_000;
