use super::{
    Connections::{Hidden, Silent},
    *,
};

#[test]
fn all_on_one_tip_are_one_group() {
    let members = vec![on_branch(0, told(3, 3)); 4];
    let expected = Standing { whole: Proof::Nothing, ..Standing::default() };
    assert_eq!(standings(&members, 1), [expected; 4]);
}

#[test]
fn a_branch_that_proves_nothing_is_cut_off_from_a_side_that_does() {
    let members = [off(10, told(8, 8)), on_branch(0, told(1, 1)), on_branch(0, told(1, 1))];
    assert_eq!(marks(&members), [(false, true), (true, false), (true, false)]);
}

#[test]
fn a_side_that_proves_nothing_is_cut_off_from_the_branch() {
    let members = [on_branch(0, told(8, 8)), off(10, told(1, 1)), off(10, told(1, 1)), on_branch(0, Hidden)];
    assert_eq!(marks(&members), [(false, false), (true, false), (true, false), (false, false)]);
}

#[test]
fn nobody_is_cut_off_where_no_side_proves_anything() {
    let members = [on_branch(0, told(1, 1)), on_branch(0, told(1, 1)), off(10, told(1, 1)), off(10, told(1, 1))];
    assert_eq!(marks(&members), [(false, false); 4]);
}

#[test]
fn who_is_below_the_fork_takes_no_part_in_it() {
    let below = Member { connections: told(0, 0), listed: None, stand: Some(Stand { height: height(9), ..stand(1) }) };
    let members = [on_branch(0, told(8, 8)), off(10, told(8, 8)), Some(below)];
    assert_eq!(Contest::of_sides(&members).front, [0]);
}

#[test]
fn those_left_behind_at_one_tip_are_tested_together() {
    let members = [on_branch(0, told(8, 8)), on_branch(2, told(1, 1)), on_branch(2, told(1, 1))];
    assert_eq!(marks(&members), [(false, false), (true, false), (true, false)]);
}

#[test]
fn those_ahead_without_a_vote_are_tested_apart_from_the_head() {
    let members = [on_branch(0, told(8, 8)), on_branch(-1, told(1, 1)), on_branch(-2, told(1, 1))];
    assert_eq!(marks(&members), [(false, false), (true, false), (true, false)]);
}

#[test]
fn one_that_was_last_seen_on_a_side_still_belongs_to_it() {
    let side = [off(10, told(2, 2)), off(10, told(2, 2)), off(10, Silent)];
    let members = [&[on_branch(0, told(8, 8))][..], &side].concat();
    assert_eq!(marks(&members)[1..3], [(true, false); 2]);
}

#[test]
fn who_is_too_far_away_to_be_compared_has_no_part_in_the_others_proof() {
    let far =
        Member { connections: told(1, 1), listed: None, stand: Some(Stand { place: Place::Unlinked, ..stand(0) }) };
    let wholes: Vec<_> = standings(&[on_branch(0, told(8, 8)), Some(far)], 1).iter().map(|it| it.whole).collect();
    assert_eq!(wholes, [Proof::Outside, Proof::Unclear]);
}

fn marks(members: &[Option<Member<'_>>]) -> Vec<(bool, bool)> {
    standings(members, 1).iter().map(|standing| (standing.cut_off, standing.ahead_cut_off)).collect()
}

fn on_branch(lag: i64, connections: Connections) -> Option<Member<'static>> {
    Some(Member { connections, listed: None, stand: Some(stand(lag)) })
}

fn off(at: u64, connections: Connections) -> Option<Member<'static>> {
    let place = Place::Off { at: height(at), depth: 2, race: false };
    Some(Member {
        connections,
        listed: None,
        stand: Some(Stand { place, block: BlockHash::new([99; 32]), ..stand(0) }),
    })
}

fn stand(lag: i64) -> Stand {
    let tip = (100 - lag) as u64;
    Stand { place: Place::OnBranch, block: BlockHash::new([tip as u8; 32]), height: height(tip), lag }
}

fn told(incoming: u32, outgoing: u32) -> Connections {
    Connections::Told(ConnectionCounts { incoming, outgoing })
}

fn height(index: u64) -> Height {
    Height::new(index).unwrap()
}
