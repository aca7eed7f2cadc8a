//! Blocks that are asked for, because two views share none that is known.

use std::time::Duration;

use super::{
    block::{BlockHash, Height},
    chain::Chain,
    moment::Moment,
    rules::Rules,
};
use crate::daemon::DaemonId;

/// A block that a daemon is to be asked for: the one of its chain at this height.
///
/// Whoever asks gives the question back with the answer, to [`Tracker::answer`](super::tracker::Tracker::answer).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// Whom to ask.
    pub daemon: DaemonId,
    /// For the block at which height.
    pub height: Height,
    /// Tells questions to one daemon apart: only the latest one's answer counts.
    pub number: u64,
}

/// A block that somebody should be asked for, as soon as it can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Whom to ask.
    pub daemon: DaemonId,
    /// For the block at which height.
    pub height: Height,
}

impl Wanted {
    /// The block of a daemon's chain at a height, unless it is known.
    pub fn of(daemon: DaemonId, chain: &Chain, height: Height) -> Option<Self> {
        chain.at(height).is_none().then_some(Self { daemon, height })
    }
}

/// How one daemon is asked: one question at a time, and not more of them than it can easily bear.
#[derive(Debug, Default)]
pub struct Inquiry {
    open: Option<Open>,
    asked: u64,
    /// Up to when on the clock since watching began the questions so far are paid for.
    paid_until: Duration,
    failures: u32,
    silent_until: Duration,
}

#[derive(Debug)]
struct Open {
    question: Question,
    since: Moment,
}

impl Inquiry {
    /// The question to ask now, if one may be asked.
    pub fn ask(&mut self, now: Moment, wanted: Wanted, rules: &Rules) -> Option<Question> {
        self.give_up(now, rules);
        let paid_until = self.paid_until.max(now.elapsed) + PRICE;
        let dear = paid_until > now.elapsed + CREDIT;
        if self.open.is_some() || dear || now.elapsed < self.silent_until {
            return None;
        }
        self.asked += 1;
        self.paid_until = paid_until;
        let question = Question { daemon: wanted.daemon, height: wanted.height, number: self.asked };
        self.open = Some(Open { question, since: now });
        Some(question)
    }

    /// Takes in an answer; gives it back if it is the one that is waited for.
    pub fn settle(&mut self, now: Moment, question: &Question, hash: Option<BlockHash>) -> Option<BlockHash> {
        self.open.take_if(|open| open.question == *question)?;
        match hash {
            Some(_) => self.failures = 0,
            None => self.fail(now),
        }
        hash
    }

    /// Forgets the open question: its answer may come from another chain than the one that is known since, or name the daemon
    /// by a place that it has no more.
    pub fn drop_open(&mut self) {
        self.open = None;
    }

    /// Whether the last question got no usable answer.
    pub fn is_silent(&self) -> bool {
        self.failures > 0
    }

    fn give_up(&mut self, now: Moment, rules: &Rules) {
        let patience = 3 * rules.timeout + Duration::from_secs(1);
        if self.open.take_if(|open| now.since(open.since) > patience).is_some() {
            self.fail(now);
        }
    }

    fn fail(&mut self, now: Moment) {
        let pause = FIRST_PAUSE.saturating_mul(1 << self.failures.min(10)).min(LONGEST_PAUSE);
        self.failures = self.failures.saturating_add(1);
        self.silent_until = now.elapsed + pause;
    }
}

/// On average a daemon is asked no more than two questions a second.
const PRICE: Duration = Duration::from_millis(500);

/// So many questions may follow one another at once: enough to find any fork.
const CREDIT: Duration = Duration::from_secs(30);

/// After a question without a usable answer the next one waits, and longer each time.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_question_is_open_at_a_time() {
        let mut inquiry = Inquiry::default();
        let question = ask(&mut inquiry, 0).unwrap();
        assert_eq!(ask(&mut inquiry, 0), None);
        assert_eq!(inquiry.settle(at(0), &question, Some(HASH)), Some(HASH));
        assert_eq!(inquiry.settle(at(0), &question, Some(HASH)), None, "an answer counts once");
        assert!(ask(&mut inquiry, 0).is_some());
    }

    #[test]
    fn sixty_questions_follow_one_another_at_once_and_then_two_a_second() {
        let mut inquiry = Inquiry::default();
        for (millis, count) in [(0, 60), (499, 0), (500, 1), (10_000, 19), (600_000, 60)] {
            assert_eq!(ask_until_refused(&mut inquiry, millis), count, "after {millis} ms");
        }
    }

    #[test]
    fn a_daemon_without_a_usable_answer_has_more_and_more_rest() {
        let mut inquiry = Inquiry::default();
        let mut millis = 0;
        for pause in [1, 2, 4, 8, 16, 32, 60, 60] {
            let question = ask(&mut inquiry, millis).unwrap();
            inquiry.settle(at(millis), &question, None);
            assert!(inquiry.is_silent());
            millis += pause * 1_000;
            assert_eq!(ask(&mut inquiry, millis - 1), None);
        }
    }

    #[test]
    fn a_lost_answer_is_waited_for_three_time_limits_and_a_second() {
        let mut inquiry = Inquiry::default();
        let lost = ask(&mut inquiry, 0).unwrap();
        assert_eq!((ask(&mut inquiry, 7_000), inquiry.is_silent()), (None, false));
        assert_eq!((ask(&mut inquiry, 7_001), inquiry.is_silent()), (None, true));
        assert!(ask(&mut inquiry, 8_001).is_some());
        assert_eq!(inquiry.settle(at(8_002), &lost, Some(HASH)), None, "too late");
    }

    const HASH: BlockHash = BlockHash::new([1; 32]);

    fn ask_until_refused(inquiry: &mut Inquiry, millis: u64) -> usize {
        let answered = |inquiry: &mut Inquiry| {
            let question = ask(inquiry, millis)?;
            inquiry.settle(at(millis), &question, Some(HASH))
        };
        std::iter::from_fn(|| answered(inquiry)).count()
    }

    fn ask(inquiry: &mut Inquiry, millis: u64) -> Option<Question> {
        inquiry.ask(at(millis), Wanted { daemon: DaemonId(0), height: Height::GENESIS }, &Rules::default())
    }

    fn at(millis: u64) -> Moment {
        Moment { elapsed: Duration::from_millis(millis), unix: Duration::ZERO }
    }
}
