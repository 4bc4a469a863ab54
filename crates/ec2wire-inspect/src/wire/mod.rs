//! What is on the wire, read independently of the codec: HTTP/1 messages, forms, documents, and
//! what of them may be kept.
//!
//! | file | what |
//! |---|---|
//! | [`http1`] | messages as bytes: where a head ends, and which bytes are the body |
//! | [`exchange`] | requests, responses and exchanges as they were on the wire |
//! | [`form`] | a form, taken apart with the places of its pieces |
//! | [`referee`] | documents by quick-xml, forms by `serde_urlencoded`, and the codec beside them |
//! | [`answered`] | a response as the referee reads it, and what is at a place of it |
//! | [`coding`] | bodies out of their compression |
//! | [`secrets`], [`kept`] | what is taken out of messages before they are kept |

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
