//! The names that this machine knows by itself.

use std::{
    fs::File,
    io::{self, Read},
    net::IpAddr,
};

/// The addresses that the machine's own list gives a name, in its order; `None` where it does not list it. Looked at anew each
/// time, for it is short, and what it says is never to wait behind a name server.
pub(super) fn addresses(name: &str) -> Option<Vec<IpAddr>> {
    find(&read().ok()?, name)
}

fn read() -> io::Result<String> {
    let mut text = String::new();
    File::open(PATH)?.take(LONGEST).read_to_string(&mut text)?;
    Ok(text)
}

/// A line is an address and its names; what follows a `#` is for people.
fn find(text: &str, name: &str) -> Option<Vec<IpAddr>> {
    let addresses: Vec<_> = text.lines().filter_map(|line| address_of(line, name)).collect();
    (!addresses.is_empty()).then_some(addresses)
}

fn address_of(line: &str, name: &str) -> Option<IpAddr> {
    let mut words = line.split('#').next()?.split_ascii_whitespace();
    let address = words.next()?;
    words.any(|it| it.eq_ignore_ascii_case(name)).then(|| address.parse().ok())?
}

const PATH: &str = "/etc/hosts";
/// Lists to block advertisements have some megabytes; that is no machine to mine with, and the name servers know the name too.
const LONGEST: u64 = 1 << 20;

#[cfg(test)]
#[path = "tests/hosts.rs"]
mod tests;
