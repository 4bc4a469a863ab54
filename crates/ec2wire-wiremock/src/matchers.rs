//! Matchers for the content of requests.

use crate::wire;
use ec2wire::Operation;
use ec2wire::form::Options;
use serde::de::DeserializeOwned;
use std::marker::PhantomData;
use wiremock::{Match, Request};

/// Matches requests for an action.
///
/// ```
/// use ec2wire_wiremock::action;
/// let mock = wiremock::Mock::given(action("CreateIpamPolicy"));
/// ```
pub fn action(name: impl Into<String>) -> Action {
    Action(name.into())
}

/// See [`action`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action(String);

impl Match for Action {
    fn matches(&self, request: &Request) -> bool {
        wire(request).action().as_ref() == Some(&self.0)
    }
}

/// Matches requests that have a parameter with this value. `key` is the key on the wire; escapes are
/// decoded before comparing.
///
/// ```
/// use ec2wire_wiremock::param;
/// let mock = wiremock::Mock::given(param("TagSpecification.1.Tag.1.Key", "cost centre"));
/// ```
pub fn param(key: impl Into<String>, value: impl Into<String>) -> Param {
    Param {
        key: key.into(),
        value: value.into(),
    }
}

/// See [`param`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    key: String,
    value: String,
}

impl Match for Param {
    fn matches(&self, request: &Request) -> bool {
        wire(request).parameters().first(&self.key) == Some(&self.value)
    }
}

/// Matches requests that have neither this parameter nor members of it.
///
/// ```
/// use ec2wire_wiremock::param_absent;
/// let mock = wiremock::Mock::given(param_absent("TagSpecification"));
/// ```
pub fn param_absent(key: impl Into<String>) -> ParamAbsent {
    ParamAbsent(key.into())
}

/// See [`param_absent`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParamAbsent(String);

impl Match for ParamAbsent {
    fn matches(&self, request: &Request) -> bool {
        let within = format!("{}.", self.0);
        let is_it = |key: &str| key == self.0 || key.starts_with(&within);
        let parameters = wire(request).parameters();
        !parameters.pairs.iter().any(|pair| is_it(&pair.key))
    }
}

/// Matches requests for an operation for which the function returns true.
///
/// A request that the codec cannot decode does not match; the error is printed to standard error.
///
/// ```
/// use ec2wire::ipam::CreateIpamPolicy;
/// use ec2wire_wiremock::request;
///
/// let mock = wiremock::Mock::given(request::<CreateIpamPolicy>(|request| {
///     request.dry_run != Some(true) && request.tag_specifications.len() == 1
/// }));
/// ```
pub fn request<O>(is_meant: impl Fn(&O) -> bool + Send + Sync + 'static) -> Typed<O>
where
    O: Operation + DeserializeOwned,
{
    Typed {
        is_meant: Box::new(is_meant),
        operation: PhantomData,
    }
}

/// See [`request`].
pub struct Typed<O> {
    is_meant: Box<dyn Fn(&O) -> bool + Send + Sync>,
    operation: PhantomData<fn() -> O>,
}

impl<O> std::fmt::Debug for Typed<O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Typed").finish_non_exhaustive()
    }
}

impl<O: Operation + DeserializeOwned> Match for Typed<O> {
    fn matches(&self, request: &Request) -> bool {
        let request = wire(request);
        if request.action().as_deref() != Some(O::ACTION) {
            return false;
        }
        let form = match request.target.split_once('?') {
            Some((_, query)) if request.body.is_empty() => query.as_bytes(),
            _ => &request.body,
        };
        match Options::new().from_slice::<O>(form) {
            Ok(decoded) => (self.is_meant)(&decoded),
            Err(error) => {
                eprintln!("a request for {} cannot be decoded: {error}", O::ACTION);
                false
            }
        }
    }
}
