//! The snapshot that is published, and what only metrics and the status page need.

use std::time::Duration;

use super::{Core, Pin};
use crate::{
    consensus::{checks::UpgradeDue, moment::Moment, observation::Upgrade, select::Selection, track::Track},
    endpoint::DaemonId,
    routing::{RequestCounts, Who},
    status::{DaemonFigures, DaemonStatus, Figures, LearntStatus, PinStatus, Status},
};

impl Core {
    /// Everything that is known, as of the last judgement. Of the gateway it knows nothing.
    pub fn snapshot(&self) -> Status {
        let assessment = &self.assessment;
        let Selection { mode, quorum, hold, .. } = self.in_use;
        let pin = |pin: Pin| PinStatus { daemon: self.endpoints[pin.daemon.0].clone(), until: pin.until.unix_millis() };
        let judged = (0..assessment.daemons.len()).map(DaemonId).zip(&assessment.daemons).zip(self.tracker.tracks());
        let status =
            |((id, judgement), track)| DaemonStatus::new(id, &self.endpoints, judgement, track, self.learnt(id, track));
        Status {
            enabled: true,
            mode,
            quorum,
            hold,
            epoch: self.epoch,
            current: self.current.clone(),
            primary: self.endpoints[0].clone(),
            pin: self.pin.map(pin),
            head: assessment.head,
            healthy: assessment.healthy(),
            daemons: judged.map(status).collect(),
            switches: self.switches.iter().cloned().collect(),
            polls: self.polls,
            warnings: self.all_warnings(),
            workless: self.drought.status(),
            blocks: self.blocks.clone(),
            gateway: None,
            requests: RequestCounts::default(),
            ready: assessment.rounds > 0,
        }
    }

    fn learnt(&self, id: DaemonId, track: &Track) -> LearntStatus {
        LearntStatus {
            answer_time: self.answers.usual(id).map(tenths),
            time_limit: tenths(self.answers.limit(id)),
            block_delay: track.block_delay().map(tenths),
        }
    }

    /// What only metrics and the status page need.
    pub fn figures(&self, now: Moment) -> Figures {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Figures {
            votes: self.tracker.votes().into(),
            min_healthy: self.policy.min_healthy,
            block_target: millis(self.tracker.rules().block_target),
            head_age: self.counts.head_age(now).map(millis),
            switches: self.counts.switches().clone(),
            daemons: self.tracker.tracks().iter().map(DaemonFigures::new).collect(),
        }
    }

    fn all_warnings(&self) -> Vec<String> {
        let names = self.endpoints.iter().zip(&self.assessment.daemons);
        let same = names.filter_map(|(endpoint, daemon)| Some((endpoint, &self.endpoints[daemon.same_as?.0])));
        let twice = same.map(|(one, other)| format!("{one} and {other} lead to one daemon; it has one vote"));
        self.warnings.iter().cloned().chain(twice).chain(self.upgrades_due()).chain(self.drought.warning()).collect()
    }

    /// Says how many days are left, so that the text, and with it the line in a log, is a new one once a day.
    fn upgrades_due(&self) -> Vec<String> {
        let names = self.endpoints.iter().zip(&self.assessment.daemons);
        let due = names.filter_map(|(endpoint, daemon)| Some((endpoint, daemon.upgrade_due?)));
        let text = |(endpoint, UpgradeDue { upgrade: Upgrade { at, supported }, days }): (&Who, UpgradeDue)| {
            let when = match days {
                None => {
                    return format!(
                        "{endpoint} may need an upgrade: it says that the network upgraded at {at}, and that its software \
                     supports only up to {supported}"
                    );
                }
                Some(0) => "less than a day".into(),
                Some(1) => "1 day".into(),
                Some(days) => format!("{days} days"),
            };
            format!(
                "{endpoint} needs an upgrade: the network upgrades at {at}, in {when}, and its software supports only \
                 up to {supported}"
            )
        };
        due.map(text).collect()
    }
}

/// In milliseconds, to a tenth.
fn tenths(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e4).round() / 10.0
}
