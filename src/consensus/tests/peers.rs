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
    let counts =
        counts.iter().map(|(outgoing, incoming)| ConnectionCounts { incoming: *incoming, outgoing: *outgoing });
    Group { counts: counts.collect(), ..Group::default() }
}
