//! What everything needs that talks to other machines: polls, the gateway and listeners to events.
//!
//! | file | noun |
//! |---|---|
//! | `connector.rs` | from an endpoint to a connection |
//! | `tls.rs` | encrypted connections |
//! | `provider.rs` | the cryptography of them |
//! | [`resolver`] | host names to addresses, and whether a name has moved on |
//! | `hosts.rs` | the names that this machine knows by itself |
//! | `login.rs` | a user's name and password for one daemon |
//! | `failure.rs` | errors of any layer as one kind and one line |

mod connector;
pub(crate) mod failure;
mod hosts;
mod login;
mod provider;
pub mod resolver;
mod tls;

pub(crate) use connector::{Connector, Stream};
pub(crate) use login::Login;
pub use resolver::Lookup;
