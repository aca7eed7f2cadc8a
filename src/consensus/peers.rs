//! What daemons' connections prove: whether a group of them has a peer outside of it.
//!
//! Between two daemons there is at most one connection in each direction, and every connection within a group is one
//! outgoing here and one incoming there. What does not fit into that comes from outside.

use std::collections::HashMap;

use super::observation::Observation;

/// How many live connections a daemon has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionCounts {
    /// Opened by its peers.
    pub incoming: u32,
    /// Opened by itself.
    pub outgoing: u32,
}

impl ConnectionCounts {
    /// What the daemon tells; `None` where it hides one of the two.
    pub fn of(observation: &Observation) -> Option<Self> {
        Some(Self { incoming: observation.incoming?, outgoing: observation.outgoing? })
    }

    /// What a list shows.
    pub fn of_list(peers: &[Peer]) -> Self {
        let count = |incoming| peers.iter().filter(|peer| peer.incoming == incoming).count() as u32;
        Self { incoming: count(true), outgoing: count(false) }
    }

    /// How many connections there are in one direction beyond those that one of so many daemons can have to the others.
    pub fn beyond(self, daemons: usize) -> i64 {
        i64::from(self.incoming.max(self.outgoing)) - (daemons as i64 - 1)
    }

    /// Whether connections have ended since.
    pub fn fell_from(self, before: Self) -> bool {
        self.incoming < before.incoming || self.outgoing < before.outgoing
    }

    /// Whether there is no connection at all.
    pub fn is_none(self) -> bool {
        self.incoming == 0 && self.outgoing == 0
    }
}

/// A live connection, as a daemon lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// Who is at the other end, by the number that it gave itself when it started.
    pub id: u64,
    /// Whether that one opened it.
    pub incoming: bool,
}

/// Which of these daemons have no connection but to one another, by their lists of connections; those of them that are
/// connected to one that has more are not among them.
///
/// A daemon does not tell its own number, and its address says nothing: connections come from any port, and often from
/// another address than the one that the RPC is reached at. But within a group that only talks to itself every number is a
/// member's, that member does not list it, and what the others list of it is what it lists itself, seen from the other end.
pub fn closed(lists: &[&[Peer]]) -> Vec<bool> {
    let mut inside = vec![true; lists.len()];
    loop {
        let roster = Roster::of(lists, &inside);
        let outsiders: Vec<_> = roster.names.iter().filter(|name| name.candidates.is_empty()).collect();
        let mut leaving = outsiders.iter().flat_map(|name| &name.listed_by).peekable();
        if leaving.peek().is_none() {
            return if roster.is_consistent(lists.len()) { inside } else { vec![false; lists.len()] };
        }
        leaving.for_each(|member| inside[*member] = false);
    }
}

/// The numbers that some daemons list, and whose each of them may be.
struct Roster {
    names: Vec<Name>,
}

#[derive(Default)]
struct Name {
    listed_by: Vec<usize>,
    /// How often as incoming and as outgoing.
    times: (usize, usize),
    candidates: Vec<usize>,
}

impl Roster {
    fn of(lists: &[&[Peer]], inside: &[bool]) -> Self {
        let members = || (0..lists.len()).filter(|member| inside[*member]);
        let mut names: HashMap<u64, Name> = HashMap::new();
        for (member, peer) in members().flat_map(|member| lists[member].iter().map(move |peer| (member, peer))) {
            names.entry(peer.id).or_default().note(member, peer.incoming);
        }
        // What is outgoing here is incoming to the others.
        let times = |list: &&[Peer]| {
            let incoming = list.iter().filter(|peer| peer.incoming).count();
            (list.len() - incoming, incoming)
        };
        let times: Vec<_> = lists.iter().map(times).collect();
        let mut names: Vec<Name> = names.into_values().collect();
        for name in &mut names {
            let alike = members().filter(|member| times[*member] == name.times);
            name.candidates = alike.filter(|member| !name.listed_by.contains(member)).collect();
        }
        Self { names }
    }

    /// Whether every number can be another member's.
    fn is_consistent(&self, members: usize) -> bool {
        let mut owned: Vec<Option<usize>> = vec![None; members];
        (0..self.names.len()).all(|name| self.assign(name, &mut owned, &mut vec![false; members]))
    }

    /// Finds an owner for a number, where that is needed by giving others another one of theirs.
    fn assign(&self, name: usize, owned: &mut [Option<usize>], tried: &mut [bool]) -> bool {
        for member in &self.names[name].candidates {
            if std::mem::replace(&mut tried[*member], true) {
                continue;
            }
            if owned[*member].is_none_or(|other| self.assign(other, owned, tried)) {
                owned[*member] = Some(name);
                return true;
            }
        }
        false
    }
}

impl Name {
    fn note(&mut self, member: usize, incoming: bool) {
        if self.listed_by.last() != Some(&member) {
            self.listed_by.push(member);
        }
        if incoming { self.times.0 += 1 } else { self.times.1 += 1 }
    }
}

/// Daemons that are tested together.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// The counts of those that tell theirs.
    pub counts: Vec<ConnectionCounts>,
    /// How many more are known to belong to it, whose counts are not known now.
    pub silent: usize,
    /// How many more may belong to it, but may as well be its way to the outside.
    pub doubtful: usize,
}

/// What a group's connections prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Proof {
    /// There are as many peers outside as there have to be.
    Outside,
    /// All connections fit into the group.
    Nothing,
    /// Too little is known to say either.
    #[default]
    Unclear,
}

impl Group {
    /// What the connections prove, where `least` of them have to lead outside.
    pub fn proof(&self, least: u32) -> Proof {
        let shows_enough = |others: usize| self.shown(others) >= i64::from(least);
        if self.counts.is_empty() {
            Proof::Unclear
        } else if shows_enough(self.silent + self.doubtful) {
            Proof::Outside
        } else if shows_enough(self.silent) {
            Proof::Unclear
        } else {
            Proof::Nothing
        }
    }

    /// How many connections cannot lead to one another, nor to `others` that tell no counts.
    fn shown(&self, others: usize) -> i64 {
        let telling = self.counts.len();
        let sums: i64 = self.counts.iter().map(|it| i64::from(it.outgoing) - i64::from(it.incoming)).sum();
        let most = self.counts.iter().map(|counts| counts.beyond(telling + others)).max().unwrap_or(0);
        most.max(sums.abs() - (telling * others) as i64)
    }
}

#[cfg(test)]
#[path = "tests/peers.rs"]
mod tests;
