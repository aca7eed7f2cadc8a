//! What daemons' connections prove: whether a group of them has a peer outside of it.
//!
//! Between two daemons there is at most one connection in each direction, and every connection within a group is one
//! outgoing here and one incoming there. What does not fit into that comes from outside.

use std::collections::HashMap;

use super::observation::Observation;

/// How many live connections a daemon has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Opened by its peers.
    pub incoming: u32,
    /// Opened by itself.
    pub outgoing: u32,
}

impl Counts {
    /// What the daemon tells; `None` where it hides one of the two.
    pub fn of(observation: &Observation) -> Option<Self> {
        Some(Self { incoming: observation.incoming?, outgoing: observation.outgoing? })
    }

    /// How many connections there are in one direction beyond those that one of so many daemons can have to the others.
    pub fn beyond(self, daemons: usize) -> i64 {
        i64::from(self.incoming.max(self.outgoing)) - (daemons as i64 - 1)
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
        let mut alike: HashMap<(usize, usize), Vec<usize>> = HashMap::new();
        for member in members() {
            let incoming = lists[member].iter().filter(|peer| peer.incoming).count();
            // What is outgoing here is incoming to the others.
            alike.entry((lists[member].len() - incoming, incoming)).or_default().push(member);
        }
        let mut names: Vec<Name> = names.into_values().collect();
        for name in &mut names {
            let alike = alike.get(&name.times).into_iter().flatten();
            name.candidates = alike.filter(|member| !name.listed_by.contains(member)).copied().collect();
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
    pub counts: Vec<Counts>,
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
mod tests {
    use super::*;

    #[test]
    fn four_that_know_only_one_another_prove_nothing() {
        assert_eq!(group(&[(3, 3); 4]).proof(1), Proof::Nothing);
        assert_eq!(group(&[(2, 1), (1, 1), (0, 1)]).proof(1), Proof::Nothing);
        assert_eq!(group(&[(0, 0)]).proof(1), Proof::Nothing);
    }

    #[test]
    fn more_connections_than_siblings_in_either_direction_prove_a_peer_outside() {
        assert_eq!(group(&[(4, 4), (3, 3), (3, 3), (3, 3)]).proof(1), Proof::Outside);
        assert_eq!(group(&[(3, 0), (0, 3)]).proof(1), Proof::Outside);
        assert_eq!(group(&[(1, 0)]).proof(1), Proof::Outside);
    }

    #[test]
    fn unequal_sums_prove_a_peer_outside_for_the_group() {
        assert_eq!(group(&[(1, 0), (1, 0), (1, 0), (0, 2)]).proof(1), Proof::Outside);
    }

    #[test]
    fn as_many_have_to_be_proven_as_are_asked_for() {
        assert_eq!(group(&[(4, 4); 3]).proof(2), Proof::Outside);
        assert_eq!(group(&[(4, 4); 3]).proof(3), Proof::Nothing);
    }

    #[test]
    fn a_daemon_that_hides_its_counts_proves_nothing_either_way() {
        assert_eq!(Group { doubtful: 4, ..group(&[]) }.proof(1), Proof::Unclear);
        // The third connection of each may be to it, and it may be connected to everybody.
        assert_eq!(Group { doubtful: 1, ..group(&[(3, 3); 3]) }.proof(1), Proof::Unclear);
        // It has no connection that could lead to it.
        assert_eq!(Group { doubtful: 1, ..group(&[(2, 2); 3]) }.proof(1), Proof::Nothing);
        assert_eq!(Group { doubtful: 1, ..group(&[(4, 3), (3, 3), (3, 3)]) }.proof(1), Proof::Outside);
    }

    #[test]
    fn a_member_that_is_silent_stays_one_of_the_group() {
        assert_eq!(Group { silent: 1, ..group(&[(4, 4); 4]) }.proof(1), Proof::Nothing);
        assert_eq!(Group { silent: 1, ..group(&[(1, 0), (1, 0)]) }.proof(1), Proof::Nothing);
        assert_eq!(Group { silent: 1, ..group(&[(5, 4); 4]) }.proof(1), Proof::Outside);
    }

    #[test]
    fn fantastic_counts_are_only_large() {
        assert_eq!(group(&[(u32::MAX, u32::MAX); 50]).proof(1), Proof::Outside);
        assert_eq!(group(&[(u32::MAX, 0); 50]).proof(u32::MAX), Proof::Outside);
    }

    #[test]
    fn those_that_list_only_one_another_are_closed() {
        // Everybody with everybody, in both directions.
        let mesh = lists(&[(0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)], 3);
        assert_eq!(closed_of(&mesh), [true, true, true]);
        let chain = lists(&[(0, 1), (2, 1), (2, 3)], 4);
        assert_eq!(closed_of(&chain), [true; 4]);
        assert_eq!(closed_of(&lists(&[], 2)), [true, true]);
    }

    #[test]
    fn a_peer_outside_is_found_though_the_counts_would_fit() {
        // 0, 1 and 2 know only one another; 3 has a peer of its own, the number 9, in both directions.
        let lists = lists(&[(0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1), (3, 9), (9, 3)], 4);
        assert_eq!(closed_of(&lists), [true, true, true, false]);
    }

    #[test]
    fn who_is_connected_to_one_that_has_peers_outside_is_not_closed() {
        let lists = lists(&[(0, 1), (1, 2), (2, 9), (9, 2)], 3);
        assert_eq!(closed_of(&lists), [false, false, false]);
    }

    #[test]
    fn more_numbers_than_members_cannot_all_be_members() {
        let lists = lists(&[(0, 7), (8, 1), (2, 9)], 3);
        assert_eq!(closed_of(&lists), [false, false, false]);
    }

    #[test]
    fn a_number_that_its_only_candidate_lists_itself_is_somebody_else_s() {
        // Two daemons that list the same one: it can be neither of them.
        assert_eq!(closed_of(&lists(&[(0, 9), (1, 9)], 2)), [false, false]);
    }

    fn closed_of(lists: &[Vec<Peer>]) -> Vec<bool> {
        closed(&lists.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }

    /// What the first so many of all daemons list, where each connection goes from one to another one.
    fn lists(connections: &[(usize, usize)], members: usize) -> Vec<Vec<Peer>> {
        let id = |index: usize| 1_000 - index as u64;
        let list = |member: usize| {
            let outgoing = connections.iter().filter(|it| it.0 == member).map(|it| (it.1, false));
            let incoming = connections.iter().filter(|it| it.1 == member).map(|it| (it.0, true));
            outgoing.chain(incoming).map(|(peer, incoming)| Peer { id: id(peer), incoming }).collect()
        };
        (0..members).map(list).collect()
    }

    fn group(counts: &[(u32, u32)]) -> Group {
        let counts = counts.iter().map(|(outgoing, incoming)| Counts { incoming: *incoming, outgoing: *outgoing });
        Group { counts: counts.collect(), ..Group::default() }
    }
}
