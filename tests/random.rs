//! Random worlds: whatever happens, some things must never happen.

#![allow(clippy::unwrap_used)]

#[allow(dead_code, reason = "other tests take the rest")]
#[path = "simulator/dice.rs"]
mod dice;
mod world;

use std::time::Duration;

use dice::Dice;
use turtle_pool_multi_daemon::consensus::select::{Fallback, Mode, Policy};
use world::{Behaviour::*, ByHeight, World};

/// Ten minutes of faults in each world; the seed of a failure is in its message.
#[test]
fn whatever_happens_one_known_daemon_is_in_use_and_the_mode_fits_the_count() {
    for seed in 0..worlds(500) {
        let mut dice = Dice::new(seed);
        let daemons = 3 + dice.roll(5) as usize;
        let fallback = if dice.roll(2) == 0 { Fallback::Primary } else { Fallback::Best };
        let mut world = World::with(daemons, Policy { fallback, ..Policy::default() });
        let everybody = world.everybody();
        for step in 0..60 {
            disturb(&mut world, &everybody, &mut dice);
            world.run_for(Duration::from_millis(100 + dice.roll(15_000)));
            assert!(everybody.contains(world.in_use()), "seed {seed}, step {step}");
            let multi = world.comparable() >= 3 && world.healthy() > 0;
            assert_eq!(world.mode() == Mode::Multi, multi, "seed {seed}, step {step}");
            let fallen_back = !multi && fallback == Fallback::Primary;
            assert!(!fallen_back || world.in_use() == 'P', "seed {seed}, step {step}");
            assert!(world.mode() == Mode::Multi || !world.quorum(), "seed {seed}, step {step}");
            let in_use = world.verdict(world.in_use());
            assert!(!multi || in_use == "healthy", "seed {seed}, step {step}: {in_use} in use");
        }
    }
}

/// After every fault is gone, everybody is healthy again within a minute.
#[test]
fn once_all_faults_are_gone_everybody_is_healthy() {
    for seed in 0..worlds(300) {
        let mut dice = Dice::new(seed);
        let mut world = World::new(4 + dice.roll(4) as usize);
        let everybody = world.everybody();
        for _ in 0..30 {
            disturb(&mut world, &everybody, &mut dice);
            world.run_for(Duration::from_millis(100 + dice.roll(15_000)));
        }
        world.recover_all();
        world.run_with_blocks(60, &everybody);
        assert_eq!((world.healthy(), world.mode(), world.hold()), (everybody.len(), Mode::Multi, false), "seed {seed}");
    }
}

/// A build that is not optimised plays a tenth of them.
fn worlds(optimised: u64) -> u64 {
    if cfg!(debug_assertions) { optimised / 10 } else { optimised }
}

fn disturb(world: &mut World, everybody: &str, dice: &mut Dice) {
    let name = |dice: &mut Dice| everybody.chars().nth(dice.roll(everybody.len() as u64) as usize).unwrap();
    let one = name(dice);
    match dice.roll(17) {
        0..=2 => world.mine(everybody, 1),
        3 => world.mine(&one.to_string(), 1 + dice.roll(4)),
        4 => world.adopt(&one.to_string(), name(dice)),
        5 => world.rewind(&one.to_string(), dice.roll(30) as usize),
        6 => world.lie(one, dice.roll(2_000_000)),
        7 => world.poison_network_height(&one.to_string(), dice.roll(1_000)),
        8 => world.rewind(&one.to_string(), dice.roll(900) as usize),
        9 => {
            let ways = [ByHeight::Answers, ByHeight::Refuses, ByHeight::Ignores, ByHeight::Invents];
            world.set_by_height(&one.to_string(), ways[dice.roll(4) as usize]);
        }
        10 => world.connect(&one.to_string(), dice.roll(10) as u32, dice.roll(10) as u32),
        11 => world.connect_only_to_one_another(&everybody[..1 + dice.roll(everybody.len() as u64) as usize]),
        12 => world.hide_connections(&one.to_string()),
        13 => world.announce_upgrade(&one.to_string(), 1_000 + dice.roll(20), 900),
        _ => {
            let behaviours = [Answers, Answers, Refuses, Hangs, Flickers, TalksNonsense, Busy];
            world.set(&one.to_string(), behaviours[dice.roll(behaviours.len() as u64) as usize]);
        }
    }
}
