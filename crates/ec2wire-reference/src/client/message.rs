//! What the hooks see of a request and of its answer.

/// An answer, before it is decoded.
pub(super) struct Answer {
    pub(super) status: u16,
    /// The request id of the headers.
    pub(super) header_id: Option<String>,
    pub(super) body: Vec<u8>,
}

/// What a request is signed with, and how its body is declared.
pub(super) struct Signer {
    pub(super) secret: String,
    pub(super) service: String,
    pub(super) content_type: Option<&'static str>,
}
