//! Asks one daemon for single blocks and for its connections, beside its polls: a slow answer delays no poll.

use std::time::Duration;

use tokio::{sync::mpsc::UnboundedSender, time::timeout};

use super::{
    orders::{Ask, Orders},
    poll::{Heard, PollerId, Probe},
};
use crate::core::News;

/// Asks what there is to ask, one thing after the other, until the receiver of the answers is gone. Most daemons are never asked
/// anything, so what asks is made with the first question.
pub async fn run<P: Probe>(
    poller: PollerId,
    connect: impl Fn() -> P,
    orders: &Orders,
    answers: &UnboundedSender<Heard>,
) {
    let mut asking = None;
    loop {
        let ask = match timeout(IDLE, orders.next_ask()).await {
            Ok(ask) => ask,
            Err(_) => {
                asking.iter_mut().for_each(|probe: &mut Box<P>| probe.hang_up());
                orders.next_ask().await
            }
        };
        let probe = asking.get_or_insert_with(|| Box::new(connect()));
        let news = match ask {
            Ask::Block(question) => News::Answered(question, Box::pin(probe.hash_at(question.height)).await),
            Ask::Peers => News::Listed(Box::pin(probe.peers()).await),
        };
        if answers.send(Heard { poller, news }).is_err() {
            return;
        }
    }
}

/// One question leads to the next within milliseconds, and after the last there may be none for months: nobody would notice
/// the daemon's end of the connection.
const IDLE: Duration = Duration::from_secs(1);
