use super::*;

#[test]
fn halving_by_round_numbers_takes_one_step_more_than_by_the_middle_at_most() {
    for floor in 0..70 {
        for ceiling in floor + 2..300 {
            let widest = (floor..ceiling - 1).map(|last_shared| steps(floor, ceiling, last_shared)).max();
            let middle = (ceiling - floor).next_power_of_two().ilog2();
            assert!(widest <= Some(middle + 1), "{floor} to {ceiling}: {widest:?}");
        }
    }
}

#[test]
fn without_a_number_in_between_the_first_block_is_next() {
    assert_eq!((roundest(0, 1), roundest(0, 2), roundest(1, 4), roundest(5, 100)), (0, 1, 2, 64));
}

fn steps(mut floor: u64, mut ceiling: u64, last_shared: u64) -> u32 {
    let mut steps = 0;
    while ceiling - floor > 1 {
        let middle = roundest(floor, ceiling);
        assert!(floor < middle && middle < ceiling);
        if middle <= last_shared {
            floor = middle
        } else {
            ceiling = middle
        }
        steps += 1;
    }
    steps
}
