//! Asks one daemon for single blocks, beside its polls: a slow answer delays no poll.

use tokio::{sync::mpsc::UnboundedSender, time::Instant};

use crate::poller::{Polled, PollerId, Probe, Stage, Wake};

/// Asks what there is to ask, one block after the other, until the receiver of the answers is gone.
pub async fn run(poller: PollerId, mut probe: impl Probe, wake: &Wake, answers: &UnboundedSender<Polled>) {
    loop {
        let question = wake.question().await;
        let started = Instant::now();
        let hash = probe.hash_at(question.height).await;
        if answers.send(Polled { poller, started, stage: Stage::Asked(question, hash) }).is_err() {
            return;
        }
    }
}
