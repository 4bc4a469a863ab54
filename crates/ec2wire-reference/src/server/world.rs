//! The endpoint without HTTP: a request in, an answer out.

use super::area::Area;
use super::config::Config;
use super::hooks::Hooks;
use super::message::{Request, Response};
use super::state::State;
use super::{actions, fault, sabotage};
use ec2wire::form::Call;
use ec2wire::{EC2_VERSION, Fault, form};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, LockResult, Mutex, PoisonError};
use uuid::Uuid;

/// The endpoint without HTTP: EC2's behaviour, in memory.
///
/// It answers any request, even an invalid one, and can be shared between threads. Each account has
/// its own resources in each Region. An access key of 12 digits is the account's id.
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
    config: Config,
    areas: Mutex<HashMap<Area, Arc<Mutex<State>>>>,
    hooks: &'static dyn Hooks,
}

impl World {
    /// A world that contains only what the configuration names.
    pub fn new(config: Config) -> Self {
        let hooks = sabotage::hooks(config.quirk);
        Self {
            config,
            areas: Mutex::default(),
            hooks,
        }
    }

    /// Forgets all that requests made, in all accounts and Regions. After that, a world with a seed
    /// gives the same ids again.
    ///
    /// ```
    /// # use ec2wire_reference::{Config, Request, World};
    /// let world = World::new(Config { seed: Some(1), ..Config::default() });
    /// let create = || world.answer(&Request::get("/?Action=CreateIpam&Version=2016-11-15"));
    /// let id = |body: String| body.split_once("<ipamId>").map(|(_, rest)| rest[..22].to_owned());
    /// let first = id(create().body);
    /// assert_eq!(create().status, 400, "an account has one IPAM in a Region");
    /// world.reset();
    /// assert_eq!(id(create().body), first);
    /// ```
    pub fn reset(&self) {
        unpoisoned(self.areas.lock()).clear();
    }

    /// What belongs to the account and Region that a request is for.
    fn state(&self, request: &Request<'_>) -> Arc<Mutex<State>> {
        let area = Area::of(request, &self.config);
        let mut areas = unpoisoned(self.areas.lock());
        let state = areas.entry(area).or_insert_with_key(|area| {
            Arc::new(Mutex::new(State::new(&self.config, area, self.hooks)))
        });
        Arc::clone(state)
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
        let state = self.state(request);
        let lock = || unpoisoned(state.lock());
        handler(call, &form, &lock, request_id)
    }
}

/// The guard, also after a panic elsewhere: each change is whole.
fn unpoisoned<G>(lock: LockResult<G>) -> G {
    lock.unwrap_or_else(PoisonError::into_inner)
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
