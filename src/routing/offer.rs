//! The offers of a block, and what came of them.

use std::time::Duration;

use super::{chart::Who, sight::Sight};

/// What came of an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It took the block.
    Taken,
    /// It refused the block.
    Refused(String),
    /// It has not judged the block.
    Busy(String),
    /// It got the offer, or may have, and gave no answer that could be read.
    Unclear(String),
    /// It never got the offer.
    Unreached(String),
}

impl Said {
    /// Where a daemon that said so comes among those that may be offered the block again: first whoever said nothing at all.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Unreached(_) | Self::Busy(_) => 1,
            Self::Unclear(_) => 2,
            Self::Refused(_) | Self::Taken => 3,
        }
    }
}

/// One offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offer {
    pub(super) daemon: Who,
    pub(super) since: Duration,
    /// What the daemon's chain showed before.
    pub(super) sight: Option<Sight>,
    /// What came of it, and when; `None` while it is under way.
    pub(super) said: Option<Said>,
    pub(super) ended: Duration,
}

impl Offer {
    /// Whether its daemon may have got it, and nobody knows.
    pub(super) fn is_unclear(&self) -> bool {
        matches!(self.said, None | Some(Said::Unclear(_)))
    }

    fn is_refused(&self) -> bool {
        matches!(self.said, Some(Said::Refused(_)))
    }

    /// What its daemon said, for people.
    pub(super) fn words(&self) -> String {
        let said = match &self.said {
            None => "has not answered".to_owned(),
            Some(Said::Taken) => "took it".to_owned(),
            Some(Said::Refused(words)) => format!("refused: {words}"),
            Some(Said::Busy(words)) => format!("has not judged it: {words}"),
            Some(Said::Unclear(words)) => format!("may have it: {words}"),
            Some(Said::Unreached(words)) => format!("was not reached: {words}"),
        };
        format!("{} {said}", self.daemon)
    }
}

/// The offers of one block, in their order.
#[derive(Debug, Default)]
pub(super) struct Offers(Vec<Offer>);

impl Offers {
    /// One more is made.
    pub(super) fn make(&mut self, now: Duration, daemon: Who, sight: Option<Sight>) {
        self.0.push(Offer { daemon, since: now, sight, said: None, ended: now });
    }

    /// Takes in what came of one, however late. False where none was waited for.
    pub(super) fn hear(&mut self, now: Duration, daemon: &Who, said: Said) -> bool {
        let mut open = self.0.iter_mut().rev().filter(|offer| offer.daemon == *daemon && offer.said.is_none());
        let Some(offer) = open.next() else { return false };
        (offer.said, offer.ended) = (Some(said), now);
        true
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Offer> {
        self.0.iter()
    }

    /// Whether nobody was offered it yet.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The one that was made last.
    pub(super) fn last(&self) -> Option<&Offer> {
        self.0.last()
    }

    /// A daemon's last one.
    pub(super) fn latest(&self, daemon: &Who) -> Option<&Offer> {
        self.0.iter().rev().find(|offer| offer.daemon == *daemon)
    }

    /// How often a daemon was offered it.
    pub(super) fn times(&self, daemon: &Who) -> usize {
        self.0.iter().filter(|offer| offer.daemon == *daemon).count()
    }

    /// What a daemon said last.
    pub(super) fn said_by(&self, daemon: &Who) -> Option<&Said> {
        self.latest(daemon)?.said.as_ref()
    }

    /// Whether a daemon has not answered yet.
    pub(super) fn is_open(&self, daemon: &Who) -> bool {
        self.latest(daemon).is_some_and(|offer| offer.said.is_none())
    }

    /// The daemon that said that it took it.
    pub(super) fn taker(&self) -> Option<&Who> {
        self.0.iter().find(|offer| offer.said == Some(Said::Taken)).map(|offer| &offer.daemon)
    }

    /// The first daemon that refused it.
    pub(super) fn refuser(&self) -> Option<&Who> {
        self.0.iter().find(|offer| offer.is_refused()).map(|offer| &offer.daemon)
    }
}
