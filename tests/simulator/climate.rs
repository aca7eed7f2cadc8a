//! How long a world lasts, and what goes wrong in it how often and for how long.

use std::ops::RangeInclusive;

use super::{Millis, dice::Dice, regions::Geography, seconds};

/// What can be wrong with a daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Its process is gone, and connections are refused; after the restart it fetches what it missed.
    Crash,
    /// It takes connections and answers nothing.
    Hang,
    /// It answers everything, but takes no block any more.
    Frozen,
    /// It restarts from an older copy of its database, and fetches the blocks since.
    Resync,
    /// It and perhaps others are cut off from most miners, though not from all: their chain goes on as another one.
    Partition,
    /// It, perhaps with others of the pool's daemons, has no peer outside of that group.
    Isolated,
    /// It claims blocks that nobody made, on top of real ones or out of nowhere.
    HeightLiar,
    /// From some block on its blocks are its own invention, though as many as there really are.
    HashLiar,
    /// A peer made it believe that the network is far ahead.
    NetworkHeight,
    /// Many requests to it are lost.
    Lossy,
    /// It takes seconds to answer.
    Slow,
    /// Blocks are under way to it for longer than to others. It is no fault that comes and goes.
    Far,
}

impl Class {
    /// In the order of the tables.
    pub const ALL: [Self; 12] = [
        Self::Crash,
        Self::Hang,
        Self::Frozen,
        Self::Resync,
        Self::Partition,
        Self::Isolated,
        Self::HeightLiar,
        Self::HashLiar,
        Self::NetworkHeight,
        Self::Lossy,
        Self::Slow,
        Self::Far,
    ];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Crash => "crash",
            Self::Hang => "hang",
            Self::Frozen => "frozen",
            Self::Resync => "resync",
            Self::Partition => "partition",
            Self::Isolated => "isolated",
            Self::HeightLiar => "height liar",
            Self::HashLiar => "hash liar",
            Self::NetworkHeight => "network height",
            Self::Lossy => "lossy",
            Self::Slow => "slow",
            Self::Far => "far",
        }
    }

    /// What a daemon does that has it.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Crash => "is down",
            Self::Hang => "hangs",
            Self::Frozen => "takes no blocks",
            Self::Resync => "begins with an old copy",
            Self::Partition => "is cut off",
            Self::Isolated => "has no peers outside",
            Self::HeightLiar => "claims blocks that nobody made",
            Self::HashLiar => "invents its blocks",
            Self::NetworkHeight => "believes the network is far ahead",
            Self::Lossy => "loses requests",
            Self::Slow => "is slow",
            Self::Far => "is far from where the block was found",
        }
    }

    /// Whether several daemons may have it from one cause. Liars do not collude.
    pub fn is_shared(self) -> bool {
        !matches!(self, Self::HeightLiar | Self::HashLiar)
    }

    /// Whether it hits what answers requests. A daemon can have one such fault and one of its chain at a time.
    pub fn is_of_rpc(self) -> bool {
        matches!(self, Self::Crash | Self::Hang | Self::Resync | Self::Lossy | Self::Slow)
    }
}

/// The weather of a world.
#[derive(Debug, Clone)]
pub struct Climate {
    /// How long a world lasts.
    pub length: Millis,
    /// How many daemons a pool has.
    pub daemons: RangeInclusive<usize>,
    /// From one fault of a daemon to the next, on average.
    pub between_faults: Millis,
    /// How often each class is met, and how long it lasts.
    pub mix: &'static [(Class, f64, Lasting)],
    /// How large a part of the network is that is cut off, at least and at most.
    pub cut_off: (f64, f64),
    /// Whether at most so many daemons have a fault at a time as two more in order outnumber: `n ≥ 2k + 2`.
    pub outnumbered: bool,
    /// The share of faults with one cause for several daemons: one host, one network, one release.
    pub together: f64,
    /// From one reorganisation of the whole network to the next, on average; each replaces 2 to 5 blocks.
    pub between_reorganisations: Millis,
    /// From one jump of the pool's system clock to the next, on average; up to two hours each way.
    pub between_clock_jumps: Millis,
    /// From one block that the pool finds to the next, on average.
    pub between_finds: Millis,
    /// Whether pools offer a block to all daemons at once, whatever their policy is: the mistake that damages databases.
    pub offers_to_all: bool,
    /// Where miners and daemons are, if that matters.
    pub geography: Option<Geography>,
}

/// How long a fault lasts, in seconds.
#[derive(Debug, Clone, Copy)]
pub enum Lasting {
    /// Around a median: most are repaired soon, some are met late.
    Median(f64),
    /// Evenly between two.
    Between(f64, f64),
}

impl Lasting {
    /// One fault's time.
    pub fn draw(self, dice: &mut Dice) -> Millis {
        let time = match self {
            Self::Median(median) => dice.lognormal(median, 1.0).clamp(5.0, 86_400.0),
            Self::Between(least, most) => dice.between(least, most),
        };
        (time * 1000.0) as Millis
    }
}

impl Climate {
    /// A week of a pool as its operator knows it: each daemon fails about twice a day in some way.
    pub fn week() -> Self {
        Self {
            length: seconds(7 * 86_400),
            daemons: 3..=7,
            between_faults: seconds(43_200),
            mix: &WEEK,
            // A daemon and the few that it hears of; a split of the whole network is no matter of a week.
            cut_off: (0.005, 0.05),
            outnumbered: false,
            together: 0.1,
            between_reorganisations: seconds(7 * 86_400),
            between_clock_jumps: seconds(7 * 86_400),
            between_finds: seconds(3_600),
            offers_to_all: false,
            geography: None,
        }
    }

    /// Ten minutes in which something is wrong at nearly all times.
    pub fn harsh() -> Self {
        Self {
            length: seconds(600),
            daemons: 3..=7,
            between_faults: seconds(230),
            mix: &HARSH,
            cut_off: (0.02, 0.25),
            outnumbered: false,
            together: 0.15,
            between_reorganisations: seconds(3_000),
            between_clock_jumps: seconds(3_000),
            between_finds: seconds(60),
            offers_to_all: false,
            geography: None,
        }
    }

    /// An hour with the faults of a week, which come more often, where daemons are slow and blocks are under way for seconds.
    pub fn regions() -> Self {
        Self {
            length: seconds(3_600),
            between_faults: seconds(1_800),
            between_finds: seconds(60),
            geography: Some(Geography::THREE),
            ..Self::week()
        }
    }

    /// The same as `harsh`, where the daemons in order always outnumber the others, and nothing is lost by chance.
    pub fn outnumbered() -> Self {
        Self { daemons: 4..=7, outnumbered: true, mix: &STEADY, ..Self::harsh() }
    }

    /// The same as `harsh`, where no daemon is cut off and none lies: whoever takes a block tells the network.
    pub fn connected() -> Self {
        Self { mix: &CONNECTED, ..Self::harsh() }
    }

    /// The class of the next fault, and how long it lasts.
    pub fn draw(&self, dice: &mut Dice) -> (Class, Millis) {
        let weights: Vec<_> = self.mix.iter().map(|(class, weight, lasting)| ((*class, *lasting), *weight)).collect();
        let (class, lasting) = dice.weighted(&weights);
        (class, lasting.draw(dice))
    }
}

/// Crashes and hangs are what turtlecoind-ha was written against, which restarts a daemon after a minute of silence; the rest is
/// repaired by people, or passes.
const WEEK: [(Class, f64, Lasting); 11] = [
    (Class::Crash, 25.0, Lasting::Median(40.0)),
    (Class::Hang, 18.0, Lasting::Median(120.0)),
    (Class::Frozen, 12.0, Lasting::Median(600.0)),
    (Class::Resync, 6.0, Lasting::Median(15.0)),
    (Class::Partition, 6.0, Lasting::Median(600.0)),
    (Class::Isolated, 2.0, Lasting::Median(900.0)),
    (Class::HeightLiar, 1.5, Lasting::Median(1_200.0)),
    (Class::HashLiar, 1.5, Lasting::Median(1_200.0)),
    (Class::NetworkHeight, 5.0, Lasting::Median(7_200.0)),
    (Class::Lossy, 12.0, Lasting::Median(300.0)),
    (Class::Slow, 11.0, Lasting::Median(300.0)),
];

const MINUTES: Lasting = Lasting::Between(15.0, 180.0);

const HARSH: [(Class, f64, Lasting); 11] = [
    (Class::Crash, 1.0, Lasting::Between(5.0, 120.0)),
    (Class::Hang, 1.0, Lasting::Between(5.0, 120.0)),
    (Class::Frozen, 1.0, MINUTES),
    (Class::Resync, 1.0, Lasting::Between(5.0, 30.0)),
    (Class::Partition, 1.0, MINUTES),
    (Class::Isolated, 1.0, MINUTES),
    (Class::HeightLiar, 1.0, MINUTES),
    (Class::HashLiar, 1.0, MINUTES),
    (Class::NetworkHeight, 1.0, MINUTES),
    (Class::Lossy, 1.0, MINUTES),
    (Class::Slow, 1.0, MINUTES),
];

/// Without what comes and goes within a fault.
const STEADY: [(Class, f64, Lasting); 9] =
    [HARSH[0], HARSH[1], HARSH[2], HARSH[3], HARSH[4], HARSH[5], HARSH[6], HARSH[7], HARSH[8]];

/// What lets daemons fail to give work or to take blocks, and leaves them in the network.
const CONNECTED: [(Class, f64, Lasting); 7] = [HARSH[0], HARSH[1], HARSH[2], HARSH[3], HARSH[8], HARSH[9], HARSH[10]];
