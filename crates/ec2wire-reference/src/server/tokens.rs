//! Client tokens, which make requests repeatable.

use super::fault;
use ec2wire::Fault;
use std::collections::HashMap;
use std::sync::Arc;

/// What a request's client token says about it.
#[derive(Debug)]
pub(super) enum Replay<R> {
    /// The token is new, or there is none.
    First,
    /// The request was seen before and created this resource.
    Same(Arc<R>),
    /// The token was seen with other parameters, which created this resource.
    Other(Arc<R>),
}

impl<R> Replay<R> {
    /// The resource that was created before, if any. Fails if the parameters differ.
    pub(super) fn resource(self) -> Result<Option<Arc<R>>, Fault> {
        match self {
            Self::First => Ok(None),
            Self::Same(resource) => Ok(Some(resource)),
            Self::Other(_) => Err(fault::idempotent_parameter_mismatch()),
        }
    }
}

/// The client tokens of one action, each with the parameters `P` of its request and the resource `R`
/// that was created. They never expire, since EC2 does not document when they do.
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
    /// Looks a token up. `parameters` must not include the token and the dry-run flag.
    pub(super) fn find(&self, token: Option<&str>, parameters: &P) -> Replay<R> {
        match token.and_then(|token| self.used.get(token)) {
            None => Replay::First,
            Some((before, resource)) if before == parameters => Replay::Same(Arc::clone(resource)),
            Some((_, resource)) => Replay::Other(Arc::clone(resource)),
        }
    }

    /// Each token, with the parameters of its request and what that created.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &P, &R)> {
        let used = self.used.iter();
        used.map(|(token, (parameters, resource))| (token, parameters, resource.as_ref()))
    }

    /// Stores what a token created. An empty token counts as absent: a client without a token may
    /// still send the key, and must not get the answer to its earlier request.
    pub(super) fn remember(&mut self, token: Option<String>, parameters: P, resource: &Arc<R>) {
        if let Some(token) = token.filter(|token| !token.is_empty()) {
            self.used.insert(token, (parameters, Arc::clone(resource)));
        }
    }
}
