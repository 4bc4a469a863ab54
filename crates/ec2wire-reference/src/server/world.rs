//! The endpoint without HTTP: a request in, an answer out.

use super::config::Config;
use super::hooks::Hooks;
use super::message::{Request, Response};
use super::state::State;
use super::{actions, fault, sabotage};
use ec2wire::form::Call;
use ec2wire::{EC2_VERSION, Fault, form};
use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// The endpoint without HTTP: EC2's behaviour, in memory.
///
/// It answers any request, even an invalid one, and can be shared between threads.
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
    hooks: &'static dyn Hooks,
}

impl World {
    /// A world that contains only what the configuration names.
    pub fn new(config: Config) -> Self {
        let hooks = sabotage::hooks(config.quirk);
        Self {
            state: Mutex::new(State::new(config, hooks)),
            hooks,
        }
    }

    pub(super) fn hooks(&self) -> &'static dyn Hooks {
        self.hooks
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
                self.hooks.edit_fault(&mut fault);
                refuse_as(fault, request_id)
            }
        };
        self.hooks.edit_response(request, &mut response);
        response
    }

    fn perform(&self, request: &Request<'_>, request_id: &str) -> Result<String, Fault> {
        let form = self.hooks.rewrite_form(request, request.form()?);
        let call = form::Options::new()
            .call_from_slice(&form)
            .map_err(|error| fault::from_decoding(&error))?;
        let action = scalar(call.action())?.ok_or_else(fault::missing_action)?;
        let handler = actions::find(&action).ok_or_else(|| fault::invalid_action(&action))?;
        check_version(&call)?;
        let lock = || self.state.lock().unwrap_or_else(PoisonError::into_inner);
        handler(call, &form, &lock, request_id)
    }
}

/// The answer to a request that is refused before it is read to its end.
pub(super) fn refuse(fault: Fault) -> Response {
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
