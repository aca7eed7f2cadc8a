//! Why a policy was worse off than the primary alone, in words.

use std::fmt;

use super::{Millis, climate::Class, daemon::Daemon, world::World};

/// What was wrong while the primary had the best block and a policy's pool had not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cause {
    /// What ails the daemon in use.
    in_use: InUse,
    /// What ails the primary, which has the best block all the same.
    primary: Primary,
    /// What ails the others, a bit for each class.
    others: u16,
}

/// What a policy's pool has instead of the best block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum InUse {
    /// Its daemon suffers from this, or has not got over it yet.
    Ails(Class),
    /// The policy gave no daemon.
    NotGiven,
    /// Nothing is wrong with its daemon: it is late.
    Late,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Primary {
    InOrder,
    Ails(Class),
    /// It is over, and was the last thing that happened to it.
    Had(Class),
}

/// The time that a policy lost to the primary alone in one world, by cause.
pub type Losses = Vec<(Cause, Millis)>;

impl Cause {
    /// The cause that there is now, for a policy that uses this daemon.
    pub fn of(world: &World, chosen: Option<usize>) -> Self {
        let in_use = match chosen {
            None => InUse::NotGiven,
            Some(daemon) => world.blame(daemon).map_or(InUse::Late, InUse::Ails),
        };
        let others = world.daemons.iter().enumerate().filter(|(index, _)| *index != 0 && Some(*index) != chosen);
        let others = others.flat_map(|(_, daemon)| faults(daemon)).fold(0, |bits, class| bits | 1 << class as u16);
        Self { in_use, primary: Primary::of(&world.daemons[0]), others }
    }

    /// Adds time to what was lost to the same, whatever ails the others meanwhile.
    pub fn add_to(self, losses: &mut Losses, time: Millis) {
        let same = |cause: &Self| (cause.in_use, cause.primary) == (self.in_use, self.primary);
        match losses.iter_mut().find(|(cause, _)| same(cause)) {
            Some((cause, sum)) => {
                cause.others |= self.others;
                *sum += time;
            }
            None => losses.push((self, time)),
        }
    }
}

impl Primary {
    fn of(daemon: &Daemon) -> Self {
        match (faults(daemon).next(), daemon.last_fault) {
            (Some(class), _) => Self::Ails(class),
            (None, Some(class)) => Self::Had(class),
            (None, None) => Self::InOrder,
        }
    }
}

fn faults(daemon: &Daemon) -> impl Iterator<Item = Class> {
    daemon.rpc_fault.into_iter().chain(daemon.chain_fault)
}

impl fmt::Display for Cause {
    fn fmt(&self, text: &mut fmt::Formatter) -> fmt::Result {
        match self.in_use {
            InUse::Ails(class) => write!(text, "the one in use {}", class.verb())?,
            InUse::NotGiven => write!(text, "no daemon is given")?,
            InUse::Late => write!(text, "the one in use is late")?,
        }
        match self.primary {
            Primary::InOrder => write!(text, ", the primary is in order")?,
            Primary::Ails(class) => write!(text, ", the primary {}", class.verb())?,
            Primary::Had(class) => write!(text, ", the primary is in order again ({})", class.name())?,
        }
        let others: Vec<_> =
            Class::ALL.into_iter().filter(|class| self.others & 1 << *class as u16 != 0).map(Class::name).collect();
        if others.is_empty() { Ok(()) } else { write!(text, "; elsewhere: {}", others.join(", ")) }
    }
}
