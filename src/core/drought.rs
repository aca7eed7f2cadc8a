//! How long the pool's requests for block templates have been ending without one.

use std::time::Duration;

use crate::{consensus::moment::Moment, routing::learnt::LONG_WITHOUT_WORK, status::Workless};

/// The requests for templates since the last one that got one. No single daemon is at fault when all of them refuse, so nothing else tells it.
#[derive(Debug, Clone, Default)]
pub struct Drought {
    failing: Option<Failing>,
    /// How long the last one was that was told.
    last: Option<Duration>,
}

/// Requests in a row that got no template.
#[derive(Debug, Clone)]
struct Failing {
    since: Moment,
    latest: Moment,
    requests: u32,
    /// What the daemons had answered when it had lasted for long enough. It stays: a text that changes would be told again.
    told: Option<String>,
}

impl Drought {
    /// Takes in that a request got no template, and what the daemons said instead.
    pub fn lacks(&mut self, now: Moment, words: String) {
        let mut failing = self.take_since(now, now);
        failing.latest = now;
        failing.requests = failing.requests.saturating_add(1);
        let is_long = failing.requests >= LEAST_REQUESTS && now.since(failing.since) >= TOLD_AFTER;
        failing.told = failing.told.or(is_long.then_some(words));
        self.failing = Some(failing);
    }

    /// Takes in that a request has been waiting for one for long, and no other one has got any. That alone is worth telling.
    pub fn lasts(&mut self, now: Moment, words: String) {
        let mut failing = self.take_since(now, now.before(TOLD_AFTER));
        failing.latest = now;
        failing.told = failing.told.or(Some(words));
        self.failing = Some(failing);
    }

    /// What has been failing, or what begins to fail with a request of this moment, where nobody has asked for long before it.
    fn take_since(&mut self, now: Moment, begins: Moment) -> Failing {
        let before = self.failing.take().filter(|it| it.told.is_some() || begins.since(it.latest) <= LONGEST_PAUSE);
        before.unwrap_or(Failing { since: begins, latest: now, requests: 0, told: None })
    }

    /// Takes in that a request got one.
    pub fn ends(&mut self, now: Moment) {
        let told = self.failing.take().filter(|it| it.told.is_some());
        self.last = told.map(|it| now.since(it.since)).or(self.last);
    }

    /// What the operator should know while it lasts.
    pub fn warning(&self) -> Option<String> {
        let words = self.failing.as_ref()?.told.as_ref()?;
        Some(format!("no daemon has given a block template for {} s or longer ({words})", TOLD_AFTER.as_secs()))
    }

    /// What changes are told by.
    pub fn status(&self) -> Workless {
        match self.last {
            _ if self.warning().is_some() => Workless::Now,
            Some(time) => Workless::Ended(time),
            None => Workless::Never,
        }
    }
}

const TOLD_AFTER: Duration = LONG_WITHOUT_WORK;
const LEAST_REQUESTS: u32 = 3;
/// Nobody asked for that long, so nothing is known of the time between. Some pools ask only when there is a new block.
const LONGEST_PAUSE: Duration = Duration::from_secs(600);

#[cfg(test)]
#[path = "tests/drought.rs"]
mod tests;
