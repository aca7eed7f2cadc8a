use super::*;
use crate::{
    consensus::{block::BlockHash, vote::Head},
    endpoint::Endpoint,
    routing::{Seat, reply::Envelope},
};

const MOST: Option<Duration> = Some(Duration::from_millis(500));

fn who(port: u16) -> Who {
    Endpoint { host: "d".into(), port, tls: false }.into()
}

/// So many daemons, the first of which is in use, all of them sound.
fn chart(daemons: u16) -> Chart {
    let head = Height::new(100).map(|height| Head { height, hash: BlockHash::new([1; 32]) });
    let seat = |port| Seat {
        daemon: who(port),
        is_sound: true,
        is_on_head: true,
        is_on_branch: true,
        takes_blocks: true,
        is_reserve: false,
        is_silent: false,
        tip: head,
    };
    Chart { ready: true, alone: false, daemons: (0..daemons).map(seat).collect(), head, ..Chart::start(who(0)) }
}

fn template() -> Call {
    Call::of("/json_rpc", br#"{"method":"getblocktemplate"}"#)
}

fn heard(verdict: Verdict) -> Heard {
    Heard { verdict, speaks: true, template: None }
}

/// A template on a block at this height, which names no known block.
fn on(height: u64) -> Heard {
    let (blob, height) = ("0c".repeat(80), height + 1);
    let reply = format!(r#"{{"result":{{"blocktemplate_blob":"{blob}","difficulty":7,"height":{height}}}}}"#);
    let template = Envelope::of(&reply).and_then(|envelope| envelope.template());
    Heard { verdict: Verdict::Usable, speaks: true, template }
}

fn milliseconds(time: u64) -> Duration {
    Duration::from_millis(time)
}

struct Trial {
    route: Route,
    chart: Chart,
    habits: Habits,
}

impl Trial {
    fn of(call: &Call, chart: Chart) -> Self {
        Self { route: Route::new(call, MOST), chart, habits: Habits::default() }
    }

    /// A template asked for where the primary is bad, and the daemon after it in use.
    fn away_from_the_primary(daemons: u16) -> Self {
        let mut trial = Self::of(&template(), Chart { in_use: who(1), ..chart(daemons) });
        trial.chart.daemons[0].is_sound = false;
        trial
    }

    /// From now on only the primary may be asked.
    fn leave_to_the_primary(&mut self) {
        (self.chart.alone, self.chart.in_use) = (true, who(0));
    }

    fn fall_silent(&mut self, daemons: impl IntoIterator<Item = usize>) {
        daemons.into_iter().for_each(|daemon| self.chart.daemons[daemon].is_silent = true);
    }

    fn next(&mut self, now: u64) -> Step {
        self.route.next(milliseconds(now), &self.chart, &self.habits)
    }

    fn hear(&mut self, index: usize, heard: Heard) {
        self.route.hear(index, heard, &self.chart, true);
    }
}

#[test]
fn the_daemon_in_use_is_asked_and_its_answer_passed_on() {
    let mut trial = Trial::of(&template(), chart(4));
    assert_eq!(trial.next(0), Step::Ask(who(0)));
    assert_eq!(trial.next(0), Step::Wait(Some(milliseconds(500))));
    trial.hear(0, on(100));
    assert_eq!(trial.next(3), Step::Pass(0));
    assert_eq!(trial.route.lessons(), [Learnt::Works(who(0))]);
}

#[test]
fn a_slow_one_is_joined_by_a_second_and_only_that_for_a_while() {
    let mut trial = Trial::of(&template(), chart(4));
    trial.next(0);
    assert_eq!(trial.next(500), Step::Ask(who(1)));
    assert_eq!(trial.next(2_499), Step::Wait(Some(milliseconds(2_500))));
    trial.hear(1, on(100));
    assert_eq!(trial.next(2_499), Step::Pass(1));
    assert_eq!(trial.route.lessons(), [Learnt::Suspect(who(0)), Learnt::Works(who(1))], "slowness is no failure");
}

#[test]
fn what_two_hang_on_a_third_may_give_and_a_fourth_is_the_last() {
    let mut trial = Trial::of(&template(), chart(5));
    trial.next(0);
    assert_eq!(trial.next(500), Step::Ask(who(1)));
    assert_eq!(trial.next(2_500), Step::Ask(who(2)));
    assert_eq!(trial.next(2_500), Step::Wait(Some(milliseconds(4_500))));
    assert_eq!(trial.next(4_500), Step::Ask(who(3)));
    assert_eq!(trial.next(30_000), Step::Wait(Some(milliseconds(64_500))));
    trial.hear(2, on(100));
    assert_eq!(trial.next(30_001), Step::Pass(2));
}

#[test]
fn whoever_gives_no_work_is_told_of_with_a_witness() {
    let mut trial = Trial::of(&template(), chart(4));
    trial.next(0);
    trial.hear(0, heard(Verdict::Lacking(NoWorkCause::Busy)));
    assert_eq!(trial.next(1), Step::Ask(who(1)));
    trial.hear(1, on(100));
    assert_eq!(trial.next(2), Step::Pass(1));
    let lacks = Learnt::NoWork { daemon: who(0), cause: NoWorkCause::Busy, witnessed: true };
    assert_eq!(trial.route.lessons(), [lacks, Learnt::Works(who(1))]);
}

#[test]
fn where_nobody_gives_work_the_words_of_the_first_are_passed_on_and_nobody_witnesses() {
    let mut trial = Trial::of(&template(), chart(2));
    trial.next(0);
    trial.hear(0, heard(Verdict::Lacking(NoWorkCause::Error)));
    trial.next(1);
    trial.hear(1, heard(Verdict::Lacking(NoWorkCause::Error)));
    assert_eq!(trial.next(2), Step::Pass(0));
    let told = trial.route.lessons();
    assert!(told.iter().all(|lesson| matches!(lesson, Learnt::NoWork { witnessed: false, .. })), "{told:?}");
}

#[test]
fn a_refusal_is_passed_on_at_once_and_blames_nobody() {
    let mut trial = Trial::of(&template(), chart(4));
    trial.next(0);
    trial.hear(0, heard(Verdict::Refusal));
    assert_eq!(trial.next(1), Step::Pass(0));
    assert_eq!(trial.route.lessons(), []);
}

#[test]
fn a_template_on_an_old_block_gives_way_to_a_better_one_and_is_better_than_none() {
    let mut trial = Trial::of(&template(), chart(2));
    trial.next(0);
    trial.hear(0, on(99));
    assert_eq!(trial.next(1), Step::Ask(who(1)));
    trial.hear(1, on(100));
    assert_eq!(trial.next(2), Step::Pass(1));

    let mut trial = Trial::of(&template(), chart(2));
    trial.next(0);
    trial.hear(0, on(98));
    trial.next(1);
    trial.hear(1, on(99));
    assert_eq!(trial.next(2), Step::Pass(1), "the newer one of two");
}

#[test]
fn alone_a_daemon_is_asked_once_and_waited_for_without_a_limit() {
    let mut trial = Trial::of(&template(), Chart { alone: true, ..chart(2) });
    trial.next(0);
    assert_eq!(trial.next(1_000_000), Step::Wait(None));
    trial.hear(0, heard(Verdict::Lacking(NoWorkCause::Busy)));
    assert_eq!(trial.next(1_000_001), Step::Pass(0));
}

#[test]
fn the_primary_that_is_alone_again_is_asked_for_what_others_hang_on() {
    let mut trial = Trial::away_from_the_primary(4);
    trial.next(0);
    assert_eq!(trial.next(500), Step::Ask(who(2)));
    trial.fall_silent([1, 2]);
    trial.leave_to_the_primary();
    assert_eq!(trial.next(4_000), Step::Ask(who(0)));
    assert_eq!(trial.next(1_000_000), Step::Wait(None), "and nobody else, without a limit");
    trial.hear(2, on(100));
    assert_eq!(trial.next(1_000_001), Step::Pass(2));
}

#[test]
fn where_the_primary_that_is_alone_again_fails_too_the_asker_is_told_so_and_can_ask_again() {
    let mut trial = Trial::away_from_the_primary(2);
    trial.next(0);
    trial.fall_silent([1]);
    trial.leave_to_the_primary();
    assert_eq!(trial.next(4_000), Step::Ask(who(0)));
    trial.hear(1, Heard { verdict: Verdict::Lost, speaks: false, template: None });
    assert_eq!(trial.next(4_001), Step::GiveUp);
}

#[test]
fn whoever_hangs_is_not_waited_for_without_a_limit_because_the_primary_is_alone_and_fails() {
    let mut trial = Trial::away_from_the_primary(2);
    trial.next(0);
    trial.leave_to_the_primary();
    assert_eq!(trial.next(500), Step::Ask(who(0)));
    trial.hear(1, Heard { verdict: Verdict::Lost, speaks: false, template: None });
    assert_eq!(trial.next(501), Step::Wait(Some(milliseconds(60_500))), "it answers its polls, and may answer this");
    assert_eq!(trial.next(60_500), Step::GiveUp);
}

#[test]
fn the_primary_that_is_alone_again_is_asked_though_four_were_before() {
    let mut trial = Trial::away_from_the_primary(5);
    for index in 1..5 {
        assert_eq!(trial.next(0), Step::Ask(who(index)));
        trial.fall_silent([usize::from(index)]);
    }
    assert!(matches!(trial.next(1), Step::Wait(_)));
    trial.leave_to_the_primary();
    assert_eq!(trial.next(2), Step::Ask(who(0)));
}

#[test]
fn whoever_has_come_into_use_is_asked_at_last_whatever_its_state() {
    let mut trial = Trial::of(&template(), chart(3));
    trial.chart.daemons[2].is_sound = false;
    trial.next(0);
    assert_eq!(trial.next(500), Step::Ask(who(1)));
    trial.fall_silent([0, 1]);
    assert!(matches!(trial.next(4_000), Step::Wait(_)));
    trial.chart.in_use = who(2);
    assert_eq!(trial.next(4_100), Step::Ask(who(2)));
}

#[test]
fn before_the_first_round_ends_a_failure_waits_for_what_that_shows() {
    let mut trial = Trial::of(&template(), Chart { alone: true, ready: false, ..chart(2) });
    trial.next(0);
    trial.hear(0, Heard { verdict: Verdict::Failure, speaks: false, template: None });
    assert!(matches!(trial.next(1), Step::Wait(_)));
    trial.chart = chart(2);
    assert_eq!(trial.next(2000), Step::Ask(who(1)));
}

#[test]
fn what_nobody_knows_is_asked_once() {
    let mut trial = Trial::of(&Call::of("/other", b""), chart(4));
    trial.next(0);
    trial.hear(0, Heard { verdict: Verdict::Failure, speaks: false, template: None });
    assert_eq!(trial.next(1), Step::GiveUp);
    assert_eq!(trial.route.lessons(), [Learnt::Suspect(who(0))], "the request may be at fault");
}

#[test]
fn it_is_waited_for_until_its_daemon_is_silent_and_left() {
    let mut trial = Trial::of(&Call::of("/other", b""), chart(4));
    trial.next(0);
    assert!(matches!(trial.next(3_600_000), Step::Wait(_)), "it may take long");
    trial.fall_silent([0]);
    assert!(matches!(trial.next(3_600_001), Step::Wait(_)), "nobody is better");
    trial.chart.in_use = who(1);
    assert_eq!(trial.next(3_600_002), Step::GiveUp);
}

#[test]
fn a_template_of_an_absurd_height_is_none_and_the_next_daemon_is_asked() {
    let mut trial = Trial::of(&template(), chart(4));
    trial.next(0);
    trial.hear(0, on(5_000_000));
    assert_eq!(trial.next(1), Step::Ask(who(1)));
    trial.hear(1, on(100));
    assert_eq!(trial.next(2), Step::Pass(1));
    assert_eq!(trial.route.lessons(), [Learnt::Suspect(who(0)), Learnt::Works(who(1))], "it may have caught up");
}

#[test]
fn nobody_is_waited_for_longer_than_a_minute() {
    let mut trial = Trial::of(&template(), chart(2));
    trial.next(0);
    trial.next(500);
    assert!(matches!(trial.next(60_000), Step::Wait(_)));
    assert_eq!(trial.next(60_500), Step::GiveUp);
}

#[test]
fn an_old_template_that_comes_late_still_gives_others_the_time_for_a_better_one() {
    let mut trial = Trial { route: Route::new(&template(), None), ..Trial::of(&template(), chart(2)) };
    trial.next(0);
    trial.hear(0, on(99));
    assert_eq!(trial.next(700), Step::Ask(who(1)));
    assert_eq!(trial.next(700), Step::Wait(Some(milliseconds(1_200))));
    assert_eq!(trial.next(1_200), Step::Pass(0));
}

#[test]
fn the_time_that_a_daemon_had_alone_does_not_count_once_others_may_be_asked() {
    let mut trial = Trial::of(&template(), Chart { alone: true, ..chart(2) });
    trial.next(0);
    assert_eq!(trial.next(100_000), Step::Wait(None));
    trial.chart = chart(2);
    assert_eq!(trial.next(100_001), Step::Ask(who(1)));
    assert_eq!(trial.next(110_000), Step::Wait(Some(milliseconds(160_001))));
}

#[test]
fn whoever_waits_for_the_first_round_is_told_until_when() {
    let mut trial = Trial::of(&template(), Chart { alone: true, ready: false, ..chart(2) });
    trial.next(0);
    trial.hear(0, heard(Verdict::Lacking(NoWorkCause::Busy)));
    assert_eq!(trial.next(1), Step::Wait(Some(milliseconds(6_000))));
    assert_eq!(trial.next(6_000), Step::Pass(0));
}

#[test]
fn beside_one_that_is_silent_a_slow_one_is_joined_in_time() {
    let mut trial = Trial::of(&template(), chart(4));
    trial.chart.daemons[0].is_silent = true;
    trial.next(0);
    assert_eq!(trial.next(0), Step::Ask(who(1)));
    assert_eq!(trial.next(0), Step::Wait(Some(milliseconds(500))));
    assert_eq!(trial.next(500), Step::Ask(who(2)));
}

#[test]
fn whoever_was_asked_a_moment_ago_is_not_slow() {
    let mut trial = Trial::of(&template(), chart(4));
    trial.next(0);
    trial.next(500);
    trial.hear(0, on(100));
    assert_eq!(trial.next(501), Step::Pass(0));
    assert_eq!(trial.route.lessons(), [Learnt::Works(who(0))]);
}

#[test]
fn habits_count_with_any_limit() {
    let limit = Some(PATIENCE);
    let mut trial = Trial { route: Route::new(&template(), limit), ..Trial::of(&template(), chart(2)) };
    (0..8).for_each(|_| trial.habits.note(&who(0), milliseconds(100)));
    trial.next(0);
    assert_eq!(trial.next(0), Step::Wait(Some(milliseconds(300))));
}

#[test]
fn one_that_is_not_sound_is_asked_after_all_others_have_given_nothing() {
    let mut trial = Trial::of(&template(), chart(3));
    let spare = |seat: &mut Seat| (seat.is_sound, seat.is_reserve) = (false, true);
    spare(&mut trial.chart.daemons[1]);
    for (index, daemon) in [0, 2, 1].into_iter().enumerate() {
        assert_eq!(trial.next(0), Step::Ask(who(daemon)));
        trial.hear(index, heard(Verdict::Lacking(NoWorkCause::Unsynced)));
    }
    assert_eq!(trial.next(0), Step::Pass(0));
}

/// As it would be without the addon.
#[test]
fn a_template_of_an_unproven_height_is_passed_on_where_nobody_gives_another_one() {
    let mut trial = Trial::of(&template(), Chart { alone: true, ..chart(4) });
    trial.next(0);
    trial.hear(0, on(5_000_000));
    assert_eq!(trial.next(1), Step::Pass(0));
}
