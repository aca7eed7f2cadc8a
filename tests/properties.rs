//! What holds whatever the daemons do. Cases come from proptest, which keeps the seeds of failures in a file beside this one;
//! `PROPTEST_CASES` asks for another number of them,
//! and `PROPTEST_RNG_SEED` for others.

#![allow(clippy::unwrap_used)]

mod simulator;

use std::time::Duration;

use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{FileFailurePersistence, RngSeed},
};
use simulator::{
    climate::Climate,
    daemon::Rpc,
    dice::Dice,
    policies::{Policy as Way, project::Switch},
    run, seconds,
    world::Grade,
};
use turtle_pool_multi_daemon::{
    config::{Config, DaemonConfig},
    consensus::{
        block::{BlockHash, Height},
        health::{Health, Reason},
        moment::Moment,
        observation::{Block, Failure, FailureKind, Observation, Software, View, Window},
        rules::Rules,
        select::{Cause, Fallback, Mode, Policy, Selection},
        tracker::Assessment,
    },
    core::{Command, Core, Input, News},
    endpoint::{DaemonId, Endpoint},
    routing::{Chart, Who},
};

/// Optimised builds play what CI asks for, ten thousand cases in all; others a few, so that `cargo test` stays quick.
fn cases(optimised: u32) -> ProptestConfig {
    let wanted = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    let cases = wanted.unwrap_or(if cfg!(debug_assertions) { (optimised / 100).max(4) } else { optimised });
    let kept = FileFailurePersistence::WithSource("proptest-regressions");
    // The same cases in every run, unless others are asked for.
    let rng_seed = match ProptestConfig::default().rng_seed {
        RngSeed::Random => RngSeed::Fixed(1),
        asked => asked,
    };
    ProptestConfig { cases, rng_seed, failure_persistence: Some(Box::new(kept)), ..ProptestConfig::default() }
}

/// What one daemon does in one round.
#[derive(Debug, Clone, Copy)]
enum Act {
    /// Shows the main chain's tip.
    Honest,
    /// Shows it without the blocks of this round.
    Late,
    Silent,
    /// Claims blocks that nobody made on top of the main chain.
    Above(u64),
    /// Claims a chain out of nowhere, so much higher.
    Fantastic(u64),
    /// Shows its own blocks instead of the last ones.
    Own(u64),
    /// Shows the main chain without its last blocks.
    Behind(u64),
    /// Is on another network.
    Foreign,
    /// Tells a network height that is too high by so much, and the truth otherwise.
    Poisoned(u64),
    Busy,
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => Just(Act::Honest),
        1 => Just(Act::Late),
        2 => Just(Act::Silent),
        2 => (1..40u64).prop_map(Act::Above),
        1 => (1..1_000_000u64).prop_map(Act::Fantastic),
        3 => (1..8u64).prop_map(Act::Own),
        2 => (1..40u64).prop_map(Act::Behind),
        1 => Just(Act::Foreign),
        1 => (1..1_000_000u64).prop_map(Act::Poisoned),
        1 => Just(Act::Busy),
    ]
}

/// One round: blocks that are found before it, and what each daemon does in it.
type Round = (u64, Vec<Act>);

fn rounds(daemons: usize) -> impl Strategy<Value = Vec<Round>> {
    vec((prop_oneof![4 => Just(0u64), 2 => Just(1), 1 => 2..4u64], vec(any_act(), daemons)), 1..24)
}

/// A network in which rounds are polled, a second apart: so all views of a round are of one moment, and nobody is called out of turn. All
/// other times are as much shorter than by default.
struct Network {
    now: Duration,
    tip: u64,
    found: u64,
    core: Core,
    names: Vec<Who>,
    /// Whose tries are under way.
    tried: Vec<DaemonId>,
}

impl Network {
    fn new(daemons: usize, fallback: Fallback) -> Self {
        let defaults = Rules::default();
        let rules = Rules {
            polling_interval: INTERVAL,
            timeout: defaults.timeout / 5,
            deviance_grace: defaults.deviance_grace / 5,
            stall_after: defaults.stall_after / 5,
            block_target: defaults.block_target / 5,
            ..defaults
        };
        let daemon = |port| {
            let endpoint = Endpoint { host: "d".into(), port, tls: false };
            DaemonConfig { endpoint, drained: false, ha: None, login: None }
        };
        let config = Config {
            daemons: (0..daemons as u16).map(daemon).collect(),
            rules,
            policy: Policy { fallback, ..Policy::default() },
            warnings: vec![],
            gateway: None,
            hedge_after: None,
        };
        let core = Core::new(&config, Moment { elapsed: Duration::ZERO, unix: EPOCH });
        let names = config.daemons.into_iter().map(|daemon| Who::new(daemon.endpoint)).collect();
        Self { now: Duration::ZERO, tip: 1_000, found: 0, core, names, tried: vec![] }
    }

    /// All daemons are polled and answer in an order; what they show is judged together.
    fn round(&mut self, (found, acts): &Round, order: &[usize]) -> Assessment {
        (self.found, self.tip) = (*found, self.tip + found);
        self.judge();
        assert_eq!(self.tried.len(), self.names.len(), "everybody is polled in each round");
        self.tried.sort_by_key(|daemon| order.iter().position(|it| *it == daemon.0));
        self.answer(acts);
        let end = self.now + INTERVAL;
        // Second tries.
        while let Some(next) = self.core.next_deadline().filter(|next| *next < end) {
            self.now = next;
            self.judge();
            self.answer(acts);
        }
        self.now = end;
        self.core.assessment().clone()
    }

    fn answer(&mut self, acts: &[Act]) {
        for daemon in std::mem::take(&mut self.tried) {
            let tried = News::Tried(self.tried(daemon.0, acts[daemon.0]));
            self.core.handle(self.moment(), Input::News(daemon, tried));
        }
        self.judge();
    }

    fn judge(&mut self) {
        let now = self.moment();
        self.core.judge(now);
        for command in self.core.commands(now) {
            match command {
                Command::Try(daemon, _) => self.tried.push(daemon),
                Command::Ask(_) | Command::List(_) | Command::AskForWork(_) => {}
            }
        }
    }

    fn selection(&self) -> Selection {
        self.core.selection()
    }

    fn moment(&self) -> Moment {
        Moment { elapsed: self.now, unix: EPOCH + self.now }
    }

    fn tried(&self, daemon: usize, act: Act) -> Result<Observation, Failure> {
        // The daemon's own blocks have its number.
        let own = daemon as u64 + 1;
        let tip = self.tip;
        let (view, network_height) = match act {
            Act::Silent => return Err(Failure { kind: FailureKind::Timeout, detail: String::new() }),
            Act::Busy => (View::Busy { height: Height::new(tip), borrowed: false }, tip),
            Act::Honest => (window(tip, 0, tip, 0), tip),
            Act::Poisoned(above) => (window(tip, 0, tip, 0), tip + above),
            Act::Late => (window(tip - self.found, 0, tip, 0), tip),
            Act::Behind(by) => (window(tip - by, 0, tip, 0), tip),
            Act::Above(by) => (window(tip + by, own, tip, 0), tip + by),
            Act::Fantastic(by) => (window(tip + by + 100, own, 0, 0), tip + by + 100),
            Act::Own(depth) => (window(tip, own, tip - depth, 0), tip),
            Act::Foreign => (window(tip, 99, 0, 99), tip),
        };
        Ok(observation(view, network_height))
    }
}

/// The main chain up to `fork`, and a branch from there on.
fn window(tip: u64, branch: u64, fork: u64, network: u64) -> View {
    let at = |height: u64| hash(if height > fork { branch } else { 0 }, height);
    let blocks = (0..16).map(|depth| Block { hash: at(tip - depth), difficulty: Some(100) }).collect();
    let genesis = Some(hash(network, 0));
    View::Chain(Window { genesis, height: Height::new(tip).unwrap(), blocks, timestamp: EPOCH })
}

fn observation(view: View, network_height: u64) -> Observation {
    Observation {
        view,
        network_height: Height::new(network_height),
        incoming: Some(20),
        outgoing: Some(8),
        software: Software::of("turtlecoin"),
        upgrade: None,
        version: None,
        address: None,
        latency: Duration::ZERO,
    }
}

fn hash(branch: u64, height: u64) -> BlockHash {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&branch.to_be_bytes());
    bytes[8..16].copy_from_slice(&height.to_be_bytes());
    BlockHash::new(bytes)
}

const INTERVAL: Duration = Duration::from_secs(1);
const EPOCH: Duration = Duration::from_secs(1_767_225_600);

fn fallback() -> impl Strategy<Value = Fallback> {
    prop_oneof![Just(Fallback::Primary), Just(Fallback::Best)]
}

/// Daemons that do anything.
fn any_network() -> impl Strategy<Value = (usize, Fallback, Vec<Round>)> {
    (1..=8usize).prop_flat_map(|daemons| (Just(daemons), fallback(), rounds(daemons)))
}

/// Which daemons lie, and what those do; all others are honest, and never late twice in a row.
fn outnumbered_liars() -> impl Strategy<Value = (Vec<bool>, Fallback, Vec<Round>)> {
    let liars = (4..=8usize).prop_flat_map(|daemons| {
        let most = (daemons - 2) / 2;
        (Just(daemons), 1..=most, any::<u64>()).prop_map(|(daemons, count, seed)| {
            let order = shuffled(daemons, seed);
            (0..daemons).map(|daemon| order[..count].contains(&daemon)).collect::<Vec<_>>()
        })
    });
    liars.prop_flat_map(|liars| {
        let daemons = liars.len();
        let play = move |(mut rounds, late): (Vec<Round>, Vec<u32>)| {
            for (number, (_, acts)) in rounds.iter_mut().enumerate() {
                for (daemon, act) in acts.iter_mut().enumerate().filter(|(daemon, _)| !liars[*daemon]) {
                    let is_late = number % 2 == daemon % 2 && late[number % late.len()] >> daemon & 1 == 1;
                    *act = if is_late { Act::Late } else { Act::Honest };
                }
            }
            (liars.clone(), rounds)
        };
        let played = (rounds(daemons), vec(any::<u32>(), 1..8)).prop_map(play);
        (played, fallback()).prop_map(|((liars, rounds), fallback)| (liars, fallback, rounds))
    })
}

fn shuffled(count: usize, seed: u64) -> Vec<usize> {
    let mut dice = Dice::new(seed);
    let mut order: Vec<_> = (0..count).collect();
    (1..count).rev().for_each(|index| order.swap(index, dice.below(index + 1)));
    order
}

fn verdicts(assessment: &Assessment) -> Vec<Health> {
    assessment.daemons.iter().map(|daemon| daemon.health.clone()).collect()
}

#[test]
fn a_primary_that_was_left_draws_nobody_back_by_a_block_that_it_made_up() {
    let others = [Act::Honest; 3];
    let round = |primary: Act| (0, [&[primary][..], &others].concat());
    let mut network = Network::new(4, Fallback::Best);
    let mut play = |acts: &[Act]| acts.iter().for_each(|act| _ = network.round(&round(*act), &[0, 1, 2, 3]));
    play(&[Act::Honest, Act::Silent, Act::Silent, Act::Honest, Act::Honest, Act::Honest]);
    play(&[Act::Above(1); 8]);
    assert_eq!((network.selection().daemon, network.selection().mode), (DaemonId(1), Mode::Multi));
}

proptest! {
    #![proptest_config(cases(3_000))]

    #[test]
    fn the_order_of_replies_changes_neither_a_verdict_nor_the_choice(
        (daemons, fallback, rounds) in any_network(),
        seed in any::<u64>(),
    ) {
        let (mut one, mut other) = (Network::new(daemons, fallback), Network::new(daemons, fallback));
        let in_order: Vec<_> = (0..daemons).collect();
        for (number, round) in rounds.iter().enumerate() {
            let first = one.round(round, &in_order);
            let second = other.round(round, &shuffled(daemons, seed.wrapping_add(number as u64)));
            prop_assert_eq!(verdicts(&first), verdicts(&second));
            prop_assert_eq!(one.selection(), other.selection());
        }
    }

    #[test]
    fn equal_inputs_give_equal_choices_and_there_always_is_one((daemons, fallback, rounds) in any_network()) {
        let (mut one, mut other) = (Network::new(daemons, fallback), Network::new(daemons, fallback));
        let order: Vec<_> = (0..daemons).collect();
        for round in &rounds {
            let (first, second) = (one.round(round, &order), other.round(round, &order));
            prop_assert_eq!(format!("{first:?}"), format!("{second:?}"));
            prop_assert_eq!(one.selection(), other.selection());
            prop_assert!(one.selection().daemon.0 < daemons);
            let multi = one.selection().mode == Mode::Multi;
            prop_assert_eq!(multi, first.comparable() >= 3 && first.healthy() > 0);
            prop_assert!(!multi || first.daemons[one.selection().daemon.0].health.is_healthy());
        }
    }

    #[test]
    fn requests_go_by_what_was_judged((daemons, fallback, rounds) in any_network(), is_pinned in any::<bool>()) {
        let mut network = Network::new(daemons, fallback);
        let order: Vec<_> = (0..daemons).collect();
        for round in &rounds {
            network.round(round, &order);
            if is_pinned {
                // For long, to whichever daemon is in use by then.
                let daemon = network.selection().daemon;
                network.core.handle(network.moment(), Input::Pin(daemon, Duration::from_secs(3_600)));
                network.core.judge(network.moment());
            }
            let assessment = network.core.assessment().clone();
            let (selection, chart, names) = (network.selection(), network.core.chart(), &network.names);
            prop_assert!(chart.ready);
            prop_assert_eq!(&chart.in_use, &names[selection.daemon.0]);
            prop_assert!(chart.daemons.iter().map(|seat| &seat.daemon).eq(names), "{:?}", chart);
            let is_left_alone = selection.mode == Mode::Single && fallback == Fallback::Primary && !is_pinned;
            prop_assert_eq!(chart.alone, is_left_alone);
            prop_assert!(!chart.alone || chart.in_use == names[0]);
            hold_for_seats(&chart, &assessment, &round.1)?;
            // Templates are placed by the branch, the head first.
            prop_assert_eq!(chart.head, assessment.head);
            for (depth, block) in chart.branch.iter().enumerate() {
                let height = chart.head.and_then(|head| head.height.below(depth as u64));
                prop_assert!(height.is_some() && chart.height_of(*block) == height, "{chart:?}");
            }
            prop_assert!(chart.branch.first().is_none_or(|top| chart.head.is_some_and(|head| head.hash == *top)));
            prop_assert!(chart.branch.len() <= 32);
            prop_assert!(chart.fork.is_none() || selection.hold, "{chart:?}");
        }
    }

    #[test]
    fn liars_that_are_outnumbered_never_harm_an_honest_daemon_nor_draw_the_choice_from_one(
        (liars, fallback, rounds) in outnumbered_liars(),
    ) {
        let mut network = Network::new(liars.len(), fallback);
        let order: Vec<_> = (0..liars.len()).collect();
        let mut was_honest = false;
        for (number, round) in rounds.iter().enumerate() {
            let assessment = network.round(round, &order);
            for (daemon, judgement) in assessment.daemons.iter().enumerate().filter(|(daemon, _)| !liars[*daemon]) {
                // The first views of all may be of different moments; then nobody is judged by them yet.
                let fine = judgement.health.is_healthy() || number == 0 && judgement.health == Health::Unknown;
                prop_assert!(fine, "round {number}, daemon {daemon}: {:?}", judgement.health);
            }
            let honest = !liars[network.selection().daemon.0];
            prop_assert!(honest || !was_honest, "round {number}: drawn to {:?}", network.selection());
            was_honest = honest;
        }
    }
}

/// Nobody is asked in the place of another one, or offered a block, who is not fit for it.
fn hold_for_seats(chart: &Chart, assessment: &Assessment, acts: &[Act]) -> Result<(), TestCaseError> {
    for (seat, (judgement, act)) in chart.daemons.iter().zip(assessment.daemons.iter().zip(acts)) {
        prop_assert_eq!(seat.is_silent, matches!(act, Act::Silent), "{:?}", seat);
        prop_assert!(!seat.is_sound || (judgement.health.is_healthy() && !seat.is_silent), "{seat:?}");
        prop_assert!(!seat.takes_blocks || !seat.is_silent, "{seat:?}");
        let is_foreign = judgement.health == Health::Unhealthy(Reason::WrongNetwork);
        prop_assert!(!is_foreign || !seat.takes_blocks, "{seat:?}");
        let tip = seat.tip.map(|tip| chart.height_of(tip.hash));
        prop_assert!(tip.is_none_or(|height| height == seat.tip.map(|tip| tip.height)), "{seat:?}");
    }
    Ok(())
}

/// What a worse daemon may be in use for while enough others are in order, in milliseconds: `devianceGrace`, and two polls of
/// the kind that takes longest.
const LIMIT: u64 = seconds(30);

/// An interval, and a poll of two tries that both time out.
const LONGEST_DEATH: u64 = seconds(5) + 4_250 + 100;

/// Since when something has held without a break.
#[derive(Default)]
struct Since(Option<u64>);

impl Since {
    fn note(&mut self, holds: bool, now: u64) -> u64 {
        self.0 = if holds { self.0.or(Some(now)) } else { None };
        self.0.map_or(0, |since| now - since)
    }
}

fn way() -> impl Strategy<Value = Way> {
    prop_oneof![Just(Way::FallbackPrimary), Just(Way::FallbackBest)]
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn no_dead_daemon_is_used_in_multi_mode_for_longer_than_it_takes_to_find(seed in any::<u64>(), way in way()) {
        let (mut dead, mut used) = (Since::default(), usize::MAX);
        let mut failure = None;
        run::follow(&Climate::harsh(), seed, way, |world, project| {
            if std::mem::replace(&mut used, project.choose()) != project.choose() {
                dead = Since::default();
            }
            let is_dead = matches!(world.daemons[used].rpc, Rpc::Refuses | Rpc::Silent | Rpc::Nonsense);
            let multi = project.selection().mode == Mode::Multi;
            let lasts = dead.note(is_dead && multi, world.now);
            if lasts > LONGEST_DEATH {
                failure.get_or_insert((world.now, used));
            }
        });
        prop_assert_eq!(failure, None);
    }

    #[test]
    fn no_forked_or_lagging_daemon_is_used_for_long_while_most_are_in_order(seed in any::<u64>(), way in way()) {
        let (mut bad, mut outgrown, mut most) = (Since::default(), Since::default(), Since::default());
        let mut used = usize::MAX;
        let (mut height, mut failure) = (0, None);
        run::follow(&Climate::outnumbered(), seed, way, |world, project| {
            if std::mem::replace(&mut used, project.choose()) != project.choose() {
                bad = Since::default();
            }
            let in_order = (0..world.daemons.len())
                .filter(|daemon| world.grades[*daemon] == Grade::Best && !world.daemons[*daemon].is_disturbed());
            let enough = most.note(in_order.count() * 2 > world.daemons.len(), world.now);
            // With too few healthy ones the operator wants the primary, whatever its state.
            let chosen = way == Way::FallbackBest || project.selection().mode == Mode::Multi;
            let lasts = bad.note(chosen && world.grades[used] != Grade::Best, world.now);
            let top = world.network.tree.height(world.network.tip(0));
            if lasts == 0 {
                height = top;
            }
            // A race may last as long as the next block takes.
            let lasts = outgrown.note(lasts > 0 && top >= height + 2, world.now);
            if lasts.min(enough) > LIMIT {
                failure.get_or_insert((world.now, used));
            }
        });
        prop_assert_eq!(failure, None);
    }

    #[test]
    fn a_switch_has_a_reason_that_the_observations_bear_out(seed in any::<u64>(), way in way()) {
        let mut switches = vec![];
        run::follow(&Climate::harsh(), seed, way, |_, project| {
            switches.extend_from_slice(&project.switches()[switches.len()..]);
        });
        for switch in switches {
            prop_assert!(is_borne_out(&switch), "{switch:?}");
        }
    }

    #[test]
    fn switches_are_bounded_by_what_changes_in_the_world(seed in any::<u64>(), way in way()) {
        let (mut switches, mut before, mut changes) = (0, 0, 0);
        let mut world_before = vec![];
        run::follow(&Climate::outnumbered(), seed, way, |world, project| {
            switches += usize::from(std::mem::replace(&mut before, project.choose()) != project.choose());
            let state = |(daemon, grade): (&simulator::daemon::Daemon, &Grade)| {
                (daemon.rpc_fault, daemon.chain_fault, daemon.catching_up, *grade)
            };
            let now: Vec<_> = world.daemons.iter().zip(&world.grades).map(state).collect();
            changes += now.iter().zip(&world_before).filter(|(one, other)| one != other).count();
            world_before = now;
        });
        // A race changes nobody's grade.
        prop_assert!(switches <= changes + 2, "{switches} switches, {changes} changes");
    }

    #[test]
    fn time_on_the_best_chain_is_never_below_the_primary_s_beyond_what_detection_takes(seed in any::<u64>(), way in way()) {
        let (mut lost, mut episodes, mut was_lost) = (0i64, 0i64, false);
        let (mut since, mut ours, mut alone) = (0, Grade::Best, Grade::Best);
        run::follow(&Climate::outnumbered(), seed, way, |world, project| {
            let time = (world.now - since) as i64;
            let worth = |grade: Grade| i64::from(grade == Grade::Best);
            lost += (worth(alone) - worth(ours)) * time;
            let is_lost = worth(alone) > worth(ours);
            episodes += i64::from(is_lost && !was_lost);
            was_lost = is_lost;
            (since, ours, alone) = (world.now, world.grades[project.choose()], world.grades[0]);
        });
        prop_assert!(lost <= episodes * LIMIT as i64, "{lost} ms in {episodes} episodes");
    }
}

/// Whether what the daemon that was left showed last fits the reason of the switch.
fn is_borne_out(switch: &Switch) -> bool {
    let Switch { left, cause, shown, judgement, head, healthy } = switch;
    let beside_head = shown.zip(*head).is_some_and(|((_, tip), head)| tip != head.hash);
    let below_head = shown.zip(*head).is_some_and(|((height, _), head)| height < head.height);
    match cause {
        Cause::Fallback => *healthy < 3,
        Cause::Recovered => *healthy > 0,
        Cause::Unsteady => judgement.unsteady,
        Cause::Overtaken | Cause::Alone => beside_head,
        Cause::Start | Cause::Health => match &judgement.health {
            // Its way back takes two good polls.
            _ if judgement.recovering => true,
            // Where nobody is healthy the least bad is used, and another one is that now.
            _ if *healthy == 0 => !judgement.health.is_healthy(),
            Health::Unresponsive(_) => shown.is_none() || beside_head,
            Health::Unhealthy(Reason::Lagging { .. }) => shown.is_none() || below_head,
            // Found at the end of a round; the vote may have gone the other way with the reports since.
            Health::Unhealthy(Reason::Forked { against, .. }) => {
                !against.is_empty() && !against.contains(&DaemonId(*left))
            }
            Health::Unconfirmed(_) => shown.is_none() || beside_head,
            Health::Unhealthy(_) | Health::Unknown => true,
            Health::Healthy => false,
        },
        Cause::Failback | Cause::Pinned | Cause::Unpinned | Cause::Reconfigured => false,
    }
}
