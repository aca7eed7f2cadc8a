//! What the daemons' connections show at the end of a round.

use super::{
    branch::Place,
    groups::{Connections, Member, Stand, Standing, standings},
    moment::Moment,
    rules::Rules,
    track::Track,
    vote::Outcome,
};
use crate::endpoint::DaemonId;

/// What the daemons' connections show.
#[derive(Debug)]
pub struct Survey {
    /// Of each daemon.
    pub standings: Vec<Standing>,
    /// Whose connections have to be known one by one: their number alone proves nothing.
    pub unproven: Vec<DaemonId>,
    /// Whether connections have ended that somebody listed.
    pub lists_are_old: bool,
}

impl Survey {
    /// Of all daemons; `same_as` is the one listed before that a daemon is another name of.
    pub fn new(
        now: Moment,
        tracks: &[Track],
        same_as: &[Option<DaemonId>],
        outcome: Option<&Outcome<'_>>,
        rules: &Rules,
    ) -> Self {
        // Another network's daemons are nobody's peers, and a second name is not a second daemon.
        let counts = |track: &Track, same_as: Option<DaemonId>| same_as.is_none() && !track.is_on_wrong_network();
        // Lists have to fit together, so one that is old spoils all of them.
        let lists_are_old = tracks.iter().any(|track| track.has_lost_peers(now, rules));
        let member = |daemon, track| Member {
            connections: Track::connections(track, now, rules),
            listed: track.peers(now, rules).filter(|_| !lists_are_old),
            stand: outcome.and_then(|outcome| stand(daemon, track, outcome)),
        };
        let all = (0..).map(DaemonId).zip(tracks).zip(same_as);
        let members = all.map(|((daemon, track), same_as)| counts(track, *same_as).then(|| member(daemon, track)));
        let members: Vec<_> = members.collect();
        let standings = standings(&members, rules.min_outside_peers);
        // Another name of a daemon stands where that one does.
        let own = |(index, same_as): (usize, &Option<DaemonId>)| standings[same_as.map_or(index, |it| it.0)];
        Self {
            standings: same_as.iter().enumerate().map(own).collect(),
            unproven: unproven(now, tracks, &members, rules),
            lists_are_old,
        }
    }
}

/// Where the daemon stood when it was last seen, however long ago.
fn stand(daemon: DaemonId, track: &Track, outcome: &Outcome<'_>) -> Option<Stand> {
    let chain = track.last_chain()?;
    let place = outcome.place(daemon, chain);
    let left = match place {
        Place::Off { at, .. } => chain.at(at),
        Place::OnBranch | Place::Unlinked => None,
    };
    let (block, height) = (left.unwrap_or(chain.tip()), chain.height());
    Some(Stand { place, block, height, lag: outcome.head().height.above(height) })
}

fn unproven(now: Moment, tracks: &[Track], members: &[Option<Member<'_>>], rules: &Rules) -> Vec<DaemonId> {
    let daemons = members.iter().flatten().count();
    let least = i64::from(rules.min_outside_peers);
    let proves_nothing = |member: &Member<'_>| match member.connections {
        Connections::Told(counts) => !counts.is_none() && counts.beyond(daemons) < least,
        Connections::Hidden | Connections::Silent => false,
    };
    let asked = |(track, member): (&Track, &Option<Member<'_>>)| {
        track.lists_peers(now) && member.as_ref().is_some_and(proves_nothing)
    };
    let indexes = tracks.iter().zip(members).map(asked).enumerate();
    indexes.filter(|(_, asked)| *asked).map(|(index, _)| DaemonId(index)).collect()
}
