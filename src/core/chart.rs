//! From an assessment to what routing has to know of the daemons.

use std::sync::Arc;

use crate::{
    consensus::{
        block::{BlockHash, Height},
        chain::Chain,
        health::Offers,
        select::{Fallback, Mode, Policy, Selection, is_on_head, is_sound},
        track::Track,
        tracker::{Assessment, Judgement, Tracker},
        vote::Head,
    },
    routing::{Chart, Seat, Who},
};

/// What requests go by from now on.
pub fn chart(
    daemons: &[Who],
    tracker: &Tracker,
    assessment: &Assessment,
    selection: &Selection,
    (policy, is_pinned): (&Policy, bool),
) -> Chart {
    let known = daemons.iter().zip(tracker.tracks()).zip(&assessment.daemons);
    let seats = known.map(|((daemon, track), judgement)| seat(daemon, track, judgement, selection.mode));
    // Of a daemon that counts: another network's differs from the first block on.
    let counts = |daemon: &&Judgement| daemon.health.is_healthy() || daemon.faults.astray;
    let off = assessment.daemons.iter().filter(counts).filter_map(|daemon| daemon.off_at);
    Chart {
        in_use: daemons[selection.daemon.0].clone(),
        alone: is_alone(selection, policy, is_pinned),
        ready: assessment.rounds > 0,
        daemons: seats.collect(),
        head: assessment.head,
        branch: assessment.head.map(|head| branch(head, tracker.tracks().iter())).unwrap_or_default(),
        fork: off.min().filter(|_| selection.hold),
    }
}

/// Whether the pool is left to its primary, as it would be without this addon.
pub fn is_alone(selection: &Selection, policy: &Policy, is_pinned: bool) -> bool {
    let is_primary = selection.daemon.is_primary() && policy.fallback == Fallback::Primary;
    selection.mode == Mode::Single && is_primary && !is_pinned
}

fn seat(daemon: &Who, track: &Track, judgement: &Judgement, mode: Mode) -> Seat {
    let tip = track.height().zip(track.tip()).map(|(height, hash)| Head { height, hash });
    Seat {
        daemon: daemon.clone(),
        is_sound: is_sound(judgement) && judgement.same_as.is_none(),
        is_reserve: is_reserve(judgement) && track.answers(),
        is_on_head: is_on_head(judgement),
        is_on_branch: judgement.on_branch,
        takes_blocks: takes_blocks(judgement, mode),
        is_silent: !track.answers(),
        tip,
    }
}

/// Whether a daemon that is not sound is still better than none: it is on the branch, and healthy or about to be.
fn is_reserve(judgement: &Judgement) -> bool {
    let is_well = judgement.health.is_healthy() || judgement.recovering;
    let may_be_used = is_well && judgement.on_branch && !judgement.faults.astray && !judgement.drained;
    may_be_used && judgement.same_as.is_none() && !is_sound(judgement)
}

fn takes_blocks(judgement: &Judgement, mode: Mode) -> bool {
    let may_be_offered = match judgement.faults.offers {
        Offers::Always => true,
        Offers::WhereFewAreLeft => mode == Mode::Single,
        Offers::Never => false,
    };
    judgement.answers && judgement.same_as.is_none() && may_be_offered
}

/// The latest blocks of the branch, as far as one daemon on it shows them.
fn branch<'a>(head: Head, mut tracks: impl Iterator<Item = &'a Track>) -> Arc<[BlockHash]> {
    let chain = tracks.find_map(|track| track.last_chain().filter(|chain| chain.at(head.height) == Some(head.hash)));
    let above = |chain: &Chain, height: Height| usize::try_from(chain.height().above(height)).unwrap_or(0);
    chain.map_or_else(Default::default, |chain| chain.row().skip(above(chain, head.height)).take(SHOWN).collect())
}

/// A template or a found block is on one of them, or of no use.
const SHOWN: usize = 32;
