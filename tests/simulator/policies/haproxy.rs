//! A proxy with health checks, such as HAProxy with its defaults.

use crate::simulator::{
    Millis,
    daemon::Rpc,
    dice::Dice,
    world::{Wake, World},
};

/// `server … check inter 2s fall 3 rise 2`, the primary active and the others `backup` servers: the first that is up gets
/// everything. `option httpchk` asks for the daemon's info, and an answer other than 200 fails the check; what the answer
/// says is not looked at. A check has as much time as there is between two.
#[derive(Debug)]
pub struct HaProxy {
    servers: Vec<Server>,
    /// Whether a check is lost.
    luck: Dice,
}

#[derive(Debug, Clone)]
struct Server {
    up: bool,
    /// Checks in a row that speak against `up`.
    against: u32,
}

impl HaProxy {
    pub fn start(world: &mut World, luck: Dice) -> Self {
        let count = world.daemons.len();
        for index in 0..count {
            // Checks are spread over the interval.
            let offset = INTERVAL * index as Millis / count as Millis;
            world.wake(world.now + offset, Wake::Check(index));
        }
        Self { servers: vec![Server { up: true, against: 0 }; count], luck }
    }

    /// Does what it asked to be woken for.
    pub fn act(&mut self, world: &mut World, wake: Wake) {
        match wake {
            Wake::Check(index) => self.check(world, index),
            Wake::CheckFails(index) => self.servers[index].note(false),
            _ => {}
        }
    }

    fn check(&mut self, world: &mut World, index: usize) {
        world.wake(world.now + INTERVAL, Wake::Check(index));
        match world.daemons[index].rpc {
            Rpc::Prompt => self.servers[index].note(true),
            Rpc::Slow(latency) if latency < INTERVAL => self.servers[index].note(true),
            Rpc::Lossy(loss) if !self.luck.chance(loss) => self.servers[index].note(true),
            Rpc::Refuses | Rpc::Nonsense => self.servers[index].note(false),
            Rpc::Slow(_) | Rpc::Lossy(_) | Rpc::Silent => world.wake(world.now + INTERVAL, Wake::CheckFails(index)),
        }
    }

    /// The server that gets the requests; `None` while all are down, when the proxy answers 503.
    pub fn choose(&self) -> Option<usize> {
        self.servers.iter().position(|server| server.up)
    }
}

impl Server {
    fn note(&mut self, good: bool) {
        self.against = if good == self.up { 0 } else { self.against + 1 };
        let needed = if self.up { FALL } else { RISE };
        if self.against >= needed {
            *self = Self { up: good, against: 0 };
        }
    }
}

const INTERVAL: Millis = 2_000;
const FALL: u32 = 3;
const RISE: u32 = 2;
