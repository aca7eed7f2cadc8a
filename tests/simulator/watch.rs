//! What whoever looks at the daemons of a world gets to see.

use std::time::Duration;

use turtle_pool_multi_daemon::consensus::{
    block::{BlockHash, Height},
    moment::Moment,
    observation::{Failure, FailureKind, Observation, Software, View, Window},
};

use super::{
    Millis,
    daemon::{Daemon, Rpc},
    dice::Dice,
    tree::{GENESIS, Tree, WINDOW, as_height},
    world::World,
};

/// What one try of a poll comes to, and how long it takes. `dice` tell whether it is lost; `shallow` is for who looks at tips alone.
pub fn try_once(
    world: &World,
    daemon: usize,
    timeout: Millis,
    mut dice: Dice,
    shallow: bool,
) -> (Millis, Result<Observation, Failure>) {
    let failed = |kind| Err(Failure { kind, detail: String::new() });
    match world.daemons[daemon].rpc {
        Rpc::Prompt => (0, Ok(observe(world, daemon, 0, shallow))),
        Rpc::Slow(latency) if latency < timeout => (latency, Ok(observe(world, daemon, latency, shallow))),
        Rpc::Lossy(loss) if !dice.chance(loss) => (0, Ok(observe(world, daemon, 0, shallow))),
        Rpc::Lossy(_) | Rpc::Slow(_) | Rpc::Silent => (timeout, failed(FailureKind::Timeout)),
        Rpc::Refuses => (0, failed(FailureKind::Refused)),
        Rpc::Nonsense => (0, failed(FailureKind::HttpStatus)),
    }
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
        software: Software::of("turtlecoin"),
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

/// 2026-01-01 in milliseconds, so that virtual time has a plausible date.
const EPOCH: u64 = 1_767_225_600_000;
