//! Which daemons are tested together for a peer outside, and what that says of each.
//!
//! All of them are one group. Where tips differ, those that stand together are groups of their own: a side that is cut
//! off goes on by itself, and its members still show connections, to one another.

use super::{
    block::{BlockHash, Height},
    branch::Place,
    peers::{self, ConnectionCounts, Group, Peer, Proof},
};

/// What the test needs to know of one daemon.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// What is known of its connections.
    pub connections: Connections,
    /// The connections themselves, where it listed them lately.
    pub listed: Option<&'a [Peer]>,
    /// Where it stands, as far as that is known.
    pub stand: Option<Stand>,
}

/// What is known of a daemon's connections.
#[derive(Debug, Clone, Copy)]
pub enum Connections {
    /// It tells them.
    Told(ConnectionCounts),
    /// It answers, but hides them.
    Hidden,
    /// It does not answer.
    Silent,
}

/// Where a daemon stands in relation to the branch.
#[derive(Debug, Clone, Copy)]
pub struct Stand {
    /// On the branch, or where it left it.
    pub place: Place,
    /// Its block where it left the branch; its tip where it is on the branch.
    pub block: BlockHash,
    /// Its tip's height.
    pub height: Height,
    /// Blocks behind the head; negative above it.
    pub lag: i64,
}

/// What the tests say of one daemon.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    /// What all daemons together prove.
    pub whole: Proof,
    /// Those it stands with prove no peer outside, while others, which stand elsewhere, do.
    pub cut_off: bool,
    /// Those it stands with prove a peer outside, while those it is measured by do not.
    pub ahead_cut_off: bool,
}

/// Tests all groups; `None` is a daemon that is in none: on another network, or a second name of another one.
pub fn standings(members: &[Option<Member<'_>>], least: u32) -> Vec<Standing> {
    let mut standings: Vec<_> =
        of_whole(members, least).into_iter().map(|whole| Standing { whole, ..Standing::default() }).collect();
    let contests = [Contest::of_sides(members), Contest::of_stands(members, least)];
    for contest in contests.into_iter().filter(Contest::is_one) {
        contest.judge(members, least, &mut standings);
    }
    standings
}

/// What all of them together prove, of each. Where lists show it, one may be connected to nobody else though others are.
fn of_whole(members: &[Option<Member<'_>>], least: u32) -> Vec<Proof> {
    let everybody: Vec<usize> = (0..members.len()).filter(|index| members[*index].is_some()).collect();
    let whole = by_counts(members, &everybody, least, Asked::Whole);
    let telling = |index: &usize| matches!(members[*index], Some(Member { connections: Connections::Told(_), .. }));
    let mut proofs = vec![Proof::Unclear; members.len()];
    for index in everybody.iter().filter(|index| telling(index)) {
        // Who stands too far away to be compared may be cut off from the peers that others have.
        let unlinked = members[*index].and_then(|it| it.stand).is_some_and(|stand| stand.place == Place::Unlinked);
        proofs[*index] = if unlinked && whole == Proof::Outside { Proof::Unclear } else { whole };
    }
    for (index, closed) in by_lists(members, &everybody, least) {
        proofs[index] = match (closed, proofs[index]) {
            (true, _) => Proof::Nothing,
            (false, Proof::Nothing) => opened(members, &everybody, least),
            (false, proof) => proof,
        };
    }
    proofs
}

/// What a list proves that names somebody who is not among those that have one.
fn opened(members: &[Option<Member<'_>>], group: &[usize], least: u32) -> Proof {
    let all_listed = group.iter().all(|index| members[*index].is_some_and(|member| member.listed.is_some()));
    if all_listed && least == 1 { Proof::Outside } else { Proof::Unclear }
}

/// Groups that stand apart from one another.
struct Contest {
    /// Those that the others are measured by.
    front: Vec<usize>,
    others: Vec<Vec<usize>>,
}

impl Contest {
    /// The branch against every side that left it. Who is below the lowest fork belongs to none.
    fn of_sides(members: &[Option<Member<'_>>]) -> Self {
        let off = |stand: &Stand| match stand.place {
            Place::Off { at, .. } => Some((at, stand.block)),
            Place::OnBranch | Place::Unlinked => None,
        };
        let sides = grouped(members, off);
        let lowest = sides.iter().map(|((at, _), _)| *at).min();
        let on_branch = |stand: &Stand| stand.place == Place::OnBranch && Some(stand.height) >= lowest;
        let front = with(members, on_branch);
        Self { front, others: sides.into_iter().map(|(_, side)| side).collect() }
    }

    /// On the branch: those at the head or above it against those left behind at each tip. One who does not answer has
    /// moved on since it was seen.
    fn of_stands(members: &[Option<Member<'_>>], least: u32) -> Self {
        let answers = |index: &usize| members[*index].is_some_and(|it| !matches!(it.connections, Connections::Silent));
        let on_branch = |test: fn(i64) -> bool| {
            let mut found = with(members, |stand| stand.place == Place::OnBranch && test(stand.lag));
            found.retain(answers);
            found
        };
        let behind = |stand: &Stand| (stand.place == Place::OnBranch && stand.lag > 0).then_some(stand.block);
        let mut others: Vec<Vec<usize>> = grouped(members, behind).into_iter().map(|(_, group)| group).collect();
        others.iter_mut().for_each(|group| group.retain(answers));
        let (mut front, above) = (on_branch(|lag| lag <= 0), on_branch(|lag| lag < 0));
        // Who is cut off and has no vote mines on above the head of those that have.
        if !above.is_empty() && of_stand(members, &front, least) != Proof::Nothing {
            front = on_branch(|lag| lag == 0);
            others.push(above);
        }
        others.retain(|group| !group.is_empty());
        Self { front, others }
    }

    fn is_one(&self) -> bool {
        !self.front.is_empty() && !self.others.is_empty()
    }

    fn judge(&self, members: &[Option<Member<'_>>], least: u32, standings: &mut [Standing]) {
        let proof = |group: &[usize]| of_stand(members, group, least);
        let front = proof(&self.front);
        let others: Vec<_> = self.others.iter().map(|group| proof(group)).collect();
        let somebody_proves = front == Proof::Outside || others.contains(&Proof::Outside);
        let groups = std::iter::once((&self.front, front)).chain(self.others.iter().zip(others));
        for (group, proof) in groups {
            for index in group {
                standings[*index].cut_off |= proof == Proof::Nothing && somebody_proves;
                standings[*index].ahead_cut_off |= proof == Proof::Outside && front == Proof::Nothing;
            }
        }
    }
}

/// What a group is asked for.
#[derive(Clone, Copy, PartialEq)]
enum Asked {
    /// All daemons: one that does not answer may be their way to the outside.
    Whole,
    /// Those that stand together: one that was last seen there is one of them.
    Stand,
}

/// What those that stand together prove.
fn of_stand(members: &[Option<Member<'_>>], group: &[usize], least: u32) -> Proof {
    let counted = by_counts(members, group, least, Asked::Stand);
    let listed = by_lists(members, group, least);
    let closed = !listed.is_empty() && listed.iter().all(|(_, closed)| *closed);
    match counted {
        Proof::Outside if listed.len() < group.len() => Proof::Outside,
        _ if closed => Proof::Nothing,
        Proof::Nothing if !listed.is_empty() => opened(members, group, least),
        proof => proof,
    }
}

fn by_counts(members: &[Option<Member<'_>>], group: &[usize], least: u32, asked: Asked) -> Proof {
    let mut tested = Group::default();
    for member in group.iter().filter_map(|index| members[*index]) {
        match member.connections {
            Connections::Told(counts) => tested.counts.push(counts),
            Connections::Silent if asked == Asked::Stand => tested.silent += 1,
            Connections::Silent | Connections::Hidden => tested.doubtful += 1,
        }
    }
    tested.proof(least)
}

/// Of those whose lists are known and whose counts alone do not prove a peer outside: whether they are connected to one
/// another only.
fn by_lists(members: &[Option<Member<'_>>], group: &[usize], least: u32) -> Vec<(usize, bool)> {
    let list = |index: &usize| {
        let Member { connections: Connections::Told(counts), listed, .. } = members[*index]? else { return None };
        let listed = listed.filter(|_| counts.beyond(group.len()) < i64::from(least))?;
        Some((*index, listed))
    };
    let (indexes, lists): (Vec<_>, Vec<_>) = group.iter().filter_map(list).unzip();
    indexes.into_iter().zip(peers::closed(&lists)).collect()
}

fn with(members: &[Option<Member<'_>>], test: impl Fn(&Stand) -> bool) -> Vec<usize> {
    let stand = |index: &usize| members[*index].and_then(|member| member.stand);
    (0..members.len()).filter(|index| stand(index).is_some_and(|stand| test(&stand))).collect()
}

/// The members that have a key, by their key.
fn grouped<K: PartialEq>(members: &[Option<Member<'_>>], key: impl Fn(&Stand) -> Option<K>) -> Vec<(K, Vec<usize>)> {
    let mut groups: Vec<(K, Vec<usize>)> = vec![];
    for (index, member) in members.iter().enumerate() {
        let Some(key) = member.and_then(|member| member.stand).and_then(|stand| key(&stand)) else { continue };
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, group)) => group.push(index),
            None => groups.push((key, vec![index])),
        }
    }
    groups
}

#[cfg(test)]
#[path = "tests/groups.rs"]
mod tests;
