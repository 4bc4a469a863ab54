//! A reference client: the codec, AWS's own crate for signatures, and one HTTP/1 connection per
//! request.
//!
//! It is to a harness for clients what [`World`](crate::World) is to one for servers: it does
//! nothing wrong, or exactly one thing that has a name. [`adapt`] reads calls from one stream and
//! writes their outcomes to another, as `ec2wire verify client` expects.
//!
//! - `perform` makes a `call`: `input` turns its members into a request, `transport` signs and
//!   sends it, `output` turns the decoded answer into the API's names, and `outcome` is the result.
//! - `adapter` makes the calls that it reads from a stream.
//! - `hooks` are the places where the honest client can be changed; `sabotage/` has the faults and
//!   variants that change it.

mod adapter;
mod call;
mod hooks;
mod input;
mod message;
mod outcome;
mod output;
mod perform;
pub(crate) mod sabotage;
mod transport;

pub use adapter::adapt;
pub use call::{Call, Credentials};
pub use perform::call;
