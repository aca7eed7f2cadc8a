//! Errors of any layer as one kind and one line.

use std::{error::Error, fmt::Display, io, iter, time::Duration};

use super::resolver::Unresolved;
use crate::{
    consensus::observation::{Failure, FailureKind},
    words::one_line,
};

/// The longest line, in characters.
const MAX_DETAIL: usize = 200;

/// An answer that is not what a daemon says.
pub(crate) fn invalid_reply(detail: impl Display) -> Failure {
    failure(FailureKind::InvalidReply, detail)
}

/// An HTTP status other than 200.
pub(crate) fn http_status(status: u16) -> Failure {
    failure(FailureKind::HttpStatus, format_args!("HTTP status {status}"))
}

/// Software that nothing can be learnt from; its name where it is known.
pub(crate) fn unsupported(software: Option<&str>) -> Failure {
    let who = software.unwrap_or("the daemon's software");
    let why = "has no header calls (getlastblockheader), so its chain cannot be watched";
    failure(FailureKind::Unsupported, format_args!("{who} is not supported: it {why}"))
}

/// Blocks that have several parents: derohe alone has such headers in the place of others'.
pub(crate) fn no_chain() -> Failure {
    let why = "its blocks can have several parents (tips), so there is no chain to compare";
    failure(FailureKind::Unsupported, format_args!("derohe is not supported: {why}"))
}

/// A database that has to be made anew.
pub(crate) fn damaged(what: impl Display) -> Failure {
    failure(
        FailureKind::Damaged,
        format_args!("its database is damaged ({what}): stop it, remove its data, let it sync again"),
    )
}

/// Where something was to be recognised, a web page came.
pub(crate) fn web_page() -> Failure {
    let cause = "a web server, or a proxy that does not lead to the daemon's /json_rpc";
    failure(
        FailureKind::InvalidReply,
        format_args!("a web page answered instead of the daemon: that port belongs to {cause}"),
    )
}

/// HTTP status 401, with a login or without.
pub(crate) fn no_entry(has_login: bool) -> Failure {
    let why = if has_login { "the `login` was refused" } else { "it wants a login: set `login` to user:password" };
    failure(FailureKind::HttpStatus, format_args!("HTTP status 401: {why}"))
}

/// It says that it is asked too often; it is asked again when so much time has passed since.
pub(crate) fn limited(status: u16, is_certain: bool, pause: Duration) -> Failure {
    let why = if is_certain { "" } else { "its proxy finds no daemon, or " };
    let pace = format_args!("polls are slower, with one request in {} ms", pause.as_millis()).to_string();
    failure(
        FailureKind::HttpStatus,
        format_args!("HTTP status {status}: {why}it limits how often it may be asked; {pace}"),
    )
}

/// No whole answer within the time limit.
pub(crate) fn timeout(limit: Duration) -> Failure {
    failure(FailureKind::Timeout, format_args!("no answer within {} ms", limit.as_millis()))
}

/// No name server told the host's address within the time limit.
pub(crate) fn no_name_server(host: &str, limit: Duration) -> Failure {
    let millis = limit.as_millis();
    failure(FailureKind::Dns, format_args!("no address for {host}: no answer from a name server within {millis} ms"))
}

/// What was configured is no name that could be looked up.
pub(crate) fn no_host() -> Failure {
    failure(FailureKind::Dns, "not a host name or address")
}

/// No way to check certificates on this machine.
pub(crate) fn no_tls(error: &rustls::Error) -> Failure {
    failure(FailureKind::Tls, format_args!("certificates cannot be checked: {error}"))
}

/// Why there is no connection.
pub(crate) fn of_connecting(error: &(dyn Error + 'static), limit: Duration) -> Failure {
    deepest(error, true, limit).unwrap_or_else(|| failure(FailureKind::Refused, FAILED))
}

/// Why a request got no answer, or not the whole of it.
pub(crate) fn of_exchange(error: &(dyn Error + 'static), limit: Duration) -> Failure {
    deepest(error, false, limit).unwrap_or_else(|| failure(FailureKind::Reset, FAILED))
}

/// The deepest cause is the most exact one: a certificate error comes wrapped in an I/O error.
fn deepest(error: &(dyn Error + 'static), connecting: bool, limit: Duration) -> Option<Failure> {
    causes(error).filter_map(|cause| of_cause(cause, connecting, limit)).last()
}

const FAILED: &str = "the connection failed";

fn of_cause(cause: &(dyn Error + 'static), connecting: bool, limit: Duration) -> Option<Failure> {
    if let Some(error) = cause.downcast_ref::<Unresolved>() {
        Some(failure(FailureKind::Dns, error))
    } else if let Some(error) = cause.downcast_ref::<rustls::Error>() {
        Some(failure(FailureKind::Tls, format_args!("TLS: {error}")))
    } else {
        cause.downcast_ref::<io::Error>().and_then(|error| of_io(error, connecting, limit))
    }
}

fn of_io(error: &io::Error, connecting: bool, limit: Duration) -> Option<Failure> {
    use io::ErrorKind::*;
    Some(match error.kind() {
        ConnectionRefused => failure(FailureKind::Refused, "connection refused"),
        ConnectionReset | ConnectionAborted | BrokenPipe => failure(FailureKind::Reset, "connection reset"),
        // Plain connections have no end that could come while connecting: this is the TLS handshake.
        UnexpectedEof if connecting => failure(FailureKind::Tls, "TLS: the connection ended in the handshake"),
        UnexpectedEof => failure(FailureKind::Reset, CLOSED),
        TimedOut => timeout(limit),
        _ if connecting => failure(FailureKind::Refused, format_args!("cannot connect: {error}")),
        _ => return None,
    })
}

const CLOSED: &str = "connection closed before the answer was complete";

/// The error and everything it says it was caused by.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    iter::successors(Some(error), |error| cause_of(*error))
}

fn cause_of<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        // `source()` of an I/O error skips the error that it wraps.
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

fn failure(kind: FailureKind, detail: impl Display) -> Failure {
    Failure { kind, detail: one_line(&detail.to_string(), MAX_DETAIL) }
}

#[cfg(test)]
#[path = "tests/failure.rs"]
mod tests;
