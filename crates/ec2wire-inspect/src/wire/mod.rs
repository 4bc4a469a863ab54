//! The wire, read independently of the codec: HTTP/1 messages, forms and documents, and what of
//! them a record may keep.
//!
//! | file | what |
//! |---|---|
//! | [`http1`] | messages as bytes: where a head ends, and which bytes are the body |
//! | [`exchange`] | requests, responses and exchanges as they were on the wire |
//! | [`form`] | a form split into pairs, with their places |
//! | [`referee`] | documents by quick-xml, forms by `serde_urlencoded`, compared with the codec |
//! | [`answered`] | a response as the referee reads it, and what is at its places |
//! | [`coding`] | content codings such as gzip |
//! | [`secrets`], [`kept`] | secrets, and how they are removed before messages are kept |

pub mod answered;
pub mod coding;
pub mod exchange;
pub mod form;
pub mod http1;
pub mod kept;
pub mod referee;
pub mod secrets;

pub use answered::Answered;
pub use exchange::{Exchange, Request, Response};
