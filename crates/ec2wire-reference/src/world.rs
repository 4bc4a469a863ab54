//! The endpoint without HTTP: a request in, an answer out.

use crate::sabotage::{Hooks as _, Quirk};
use crate::state::{Config, State};
use crate::{actions, fault};
use ec2wire::form::Call;
use ec2wire::{EC2_VERSION, Fault, form};
use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// A request, as HTTP delivers it.
#[derive(Debug, Clone, Copy)]
pub struct Request<'r> {
    /// The method, in capitals.
    pub method: &'r str,
    /// The request's target. The query string counts, the path does not.
    pub path_and_query: &'r str,
    /// The header `Content-Type`.
    pub content_type: Option<&'r str>,
    /// The body.
    pub body: &'r [u8],
}

impl<'r> Request<'r> {
    /// A POST with a form as its body, as all SDKs send it.
    pub fn post(body: &'r [u8]) -> Self {
        Self {
            method: "POST",
            path_and_query: "/",
            content_type: Some(form::CONTENT_TYPE),
            body,
        }
    }

    /// A GET, all of whose members are in the query string.
    pub fn get(path_and_query: &'r str) -> Self {
        Self {
            method: "GET",
            path_and_query,
            content_type: None,
            body: &[],
        }
    }

    /// The form that the request carries.
    fn form(&self) -> Result<Cow<'r, [u8]>, Fault> {
        let query = self
            .path_and_query
            .split_once('?')
            .map_or(&b""[..], |(_, query)| query.as_bytes());
        match self.method {
            "GET" => Ok(query.into()),
            "POST" if self.body.is_empty() => Ok(query.into()),
            "POST" => {
                if let Some(other) = self.content_type.filter(|found| !is_form(found)) {
                    return Err(fault::malformed(format_args!(
                        "the content type is '{other}' and not {}",
                        form::CONTENT_TYPE
                    )));
                }
                if query.is_empty() {
                    return Ok(self.body.into());
                }
                // A signature may be in the query string while the members are in the body.
                Ok([query, self.body].join(&b'&').into())
            }
            other => Err(fault::method_not_allowed(other)),
        }
    }
}

/// Whether a header `Content-Type` declares a form, whatever its parameters.
fn is_form(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case(form::CONTENT_TYPE)
}

/// An answer, as HTTP is to deliver it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The header `Content-Type`: [`CONTENT_TYPE`](Self::CONTENT_TYPE), of errors too.
    pub content_type: &'static str,
    /// The id of the request: a version 4 UUID, the same as in the body.
    pub request_id: String,
    /// The XML document.
    pub body: String,
}

impl Response {
    /// The content type of all of EC2's answers.
    pub const CONTENT_TYPE: &'static str = ec2wire::xml::CONTENT_TYPE;

    /// The header `Server` of EC2's answers.
    pub const SERVER: &'static str = "AmazonEC2";

    /// The headers that an answer of EC2's has. `Date` and `Content-Length` are left to the HTTP
    /// server.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let allow = (self.status == 405).then_some(("allow", "GET, POST"));
        [
            ("content-type", self.content_type),
            ("x-amzn-requestid", self.request_id.as_str()),
            ("server", Self::SERVER),
        ]
        .into_iter()
        .chain(allow)
    }
}

/// The endpoint without HTTP: EC2's behaviour, in memory.
///
/// It answers any request, however damaged, and may be shared between threads.
///
/// ```
/// use ec2wire::{Operation, ipam::CreateIpamPolicy};
/// use ec2wire_reference::{Config, Request, World};
///
/// let world = World::new(Config { ipam_ids: vec!["ipam-1".into()], ..Config::default() });
/// let body = <CreateIpamPolicy>::new("ipam-1").to_body()?;
/// assert_eq!(world.answer(&Request::post(body.as_bytes())).status, 200);
///
/// let response = world.answer(&Request::get("/?Action=StartRocket&Version=2016-11-15"));
/// assert_eq!(response.status, 400);
/// assert!(response.body.contains("<Code>InvalidAction</Code>"));
/// # Ok::<(), ec2wire::Error>(())
/// ```
#[derive(Debug)]
pub struct World {
    state: Mutex<State>,
    quirk: Option<&'static Quirk>,
}

impl World {
    /// A world with nothing in it but what the configuration names.
    pub fn new(config: Config) -> Self {
        Self {
            quirk: config.quirk,
            state: Mutex::new(State::new(config)),
        }
    }

    pub(crate) fn quirk(&self) -> Option<&'static Quirk> {
        self.quirk
    }

    /// Answers a request.
    pub fn answer(&self, request: &Request<'_>) -> Response {
        let request_id = Uuid::new_v4().to_string();
        let mut response = match self.perform(request, &request_id) {
            Ok(body) => Response {
                status: 200,
                content_type: Response::CONTENT_TYPE,
                request_id,
                body,
            },
            Err(mut fault) => {
                self.quirk.refusal(&mut fault);
                refuse_as(fault, request_id)
            }
        };
        self.quirk.answer(request, &mut response);
        response
    }

    fn perform(&self, request: &Request<'_>, request_id: &str) -> Result<String, Fault> {
        let form = self.quirk.form(request, request.form()?);
        let call = form::Options::new()
            .call_from_slice(&form)
            .map_err(|error| fault::from_decoding(&error))?;
        let action = scalar(call.action())?.ok_or_else(fault::missing_action)?;
        let handler = actions::find(&action).ok_or_else(|| fault::invalid_action(&action))?;
        check_version(&call)?;
        let lock = || self.state.lock().unwrap_or_else(PoisonError::into_inner);
        handler(call, &lock, request_id)
    }
}

/// The answer to a request that is refused before it is one, as by its length.
pub(crate) fn refuse(fault: Fault) -> Response {
    refuse_as(fault, Uuid::new_v4().to_string())
}

fn refuse_as(fault: Fault, request_id: String) -> Response {
    Response {
        status: fault.status,
        content_type: Response::CONTENT_TYPE,
        body: fault::to_xml(fault, &request_id),
        request_id,
    }
}

fn check_version(call: &Call<'_>) -> Result<(), Fault> {
    match scalar(call.version())? {
        None => Err(fault::missing_parameter("Version")),
        Some(version) if version != EC2_VERSION => Err(fault::no_such_version(&version)),
        Some(_) => Ok(()),
    }
}

fn scalar(read: ec2wire::Result<Option<Cow<'_, str>>>) -> Result<Option<Cow<'_, str>>, Fault> {
    read.map_err(|error| fault::from_decoding(&error))
}
