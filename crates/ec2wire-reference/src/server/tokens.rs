//! Client tokens, and what a request is by its token.

use super::fault;
use ec2wire::Fault;
use std::collections::HashMap;
use std::sync::Arc;

/// What a request is by its client token.
#[derive(Debug)]
pub(super) enum Replay<R> {
    /// The first with its token, or without one.
    First,
    /// One that was seen before, and the resource that it made then.
    Same(Arc<R>),
    /// One whose token was seen with other parameters, and the resource that those made.
    Other(Arc<R>),
}

impl<R> Replay<R> {
    /// The resource that was made before, if one was. Fails where the parameters are others.
    pub(super) fn resource(self) -> Result<Option<Arc<R>>, Fault> {
        match self {
            Self::First => Ok(None),
            Self::Same(made) => Ok(Some(made)),
            Self::Other(_) => Err(fault::idempotent_parameter_mismatch()),
        }
    }
}

/// The client tokens of one action: the parameters `P` they came with and the resource `R` they
/// made. They are kept as long as the world: EC2 documents no other time.
#[derive(Debug)]
pub(super) struct Tokens<P, R> {
    used: HashMap<String, (P, Arc<R>)>,
}

impl<P, R> Default for Tokens<P, R> {
    fn default() -> Self {
        Self {
            used: HashMap::new(),
        }
    }
}

impl<P: Eq, R> Tokens<P, R> {
    /// What a request with this token is. The parameters are compared without token and dry-run
    /// flag.
    pub(super) fn find(&self, token: Option<&str>, parameters: &P) -> Replay<R> {
        match token.and_then(|token| self.used.get(token)) {
            None => Replay::First,
            Some((before, made)) if before == parameters => Replay::Same(Arc::clone(made)),
            Some((_, made)) => Replay::Other(Arc::clone(made)),
        }
    }

    /// Remembers what a token made. An empty token counts as absent: a client that fills in none
    /// may still send the key, and must not meet its own earlier request.
    pub(super) fn remember(&mut self, token: Option<String>, parameters: P, made: &Arc<R>) {
        if let Some(token) = token.filter(|token| !token.is_empty()) {
            self.used.insert(token, (parameters, Arc::clone(made)));
        }
    }
}
