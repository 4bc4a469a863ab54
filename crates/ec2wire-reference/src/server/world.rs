//! The endpoint without HTTP: a request in, an answer out.

use super::area::Area;
use super::config::Config;
use super::engine::{self, Plan};
use super::hooks::Hooks;
use super::message::{Request, Response};
use super::saved::{self, LoadError};
use super::state::State;
use super::{actions, fault, sabotage};
use ec2wire::form::Call;
use ec2wire::{EC2_VERSION, Fault, envelope, form};
use serde::ser::{Serialize, SerializeStruct as _, Serializer};
use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::io;
use std::sync::{Arc, LockResult, Mutex, MutexGuard, PoisonError};
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
    asides: Asides,
    /// The actions to which an answer was made up.
    made_up: Mutex<HashSet<&'static str>>,
}

/// What a world's owner does for it.
#[derive(Default)]
struct Asides {
    save: Option<Box<Save>>,
    note: Option<Box<Note>>,
}

type Save = dyn Fn(&World) -> io::Result<()> + Send + Sync;
type Note = dyn Fn(&str) + Send + Sync;

impl fmt::Debug for Asides {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asides").finish_non_exhaustive()
    }
}

impl World {
    /// A world that contains only what the configuration names.
    pub fn new(mut config: Config) -> Self {
        let hooks = sabotage::hooks(config.quirk);
        // Areas in which nothing was made are forgotten. They must have the same ids when they come
        // back.
        let random = || Uuid::new_v4().as_u64_pair().1;
        config.seed.get_or_insert_with(random);
        Self {
            config,
            areas: Mutex::default(),
            hooks,
            asides: Asides::default(),
            made_up: Mutex::default(),
        }
    }

    /// Sets what `POST /_ec2wire/save` does.
    #[must_use]
    pub fn saving(
        mut self,
        save: impl Fn(&Self) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.asides.save = Some(Box::new(save));
        self
    }

    /// Sets what is done when an answer is made up, which is only valid and says nothing of what
    /// exists. It is done once for each action, and gets its name.
    #[must_use]
    pub fn noting_made_up(mut self, note: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.asides.note = Some(Box::new(note));
        self
    }

    /// Does what was set for `POST /_ec2wire/save`. `None` if nothing was.
    pub(super) fn save_as_set(&self) -> Option<io::Result<()>> {
        self.asides.save.as_ref().map(|save| save(self))
    }

    /// Writes all that exists: a line of JSON for each thing, the same lines for the same world.
    ///
    /// ```
    /// # use ec2wire_reference::{Config, Request, World};
    /// let world = World::new(Config::default());
    /// world.answer(&Request::get("/?Action=CreateKeyPair&KeyName=a&Version=2016-11-15"));
    /// let mut file = Vec::new();
    /// world.save(&mut file)?;
    ///
    /// let other = World::new(Config::default());
    /// other.load(file.as_slice())?;
    /// let list = Request::get("/?Action=DescribeKeyPairs&KeyName.1=a&Version=2016-11-15");
    /// assert_eq!(other.answer(&list).status, 200);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn save(&self, mut out: impl io::Write) -> io::Result<()> {
        // Requests to areas need the map, so it is not held while these are written.
        let mut areas: Vec<(Area, Arc<Mutex<State>>)> = unpoisoned(self.areas.lock())
            .iter()
            .map(|(area, state)| (area.clone(), Arc::clone(state)))
            .collect();
        areas.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        let mut lines = Vec::new();
        saved::write_start(&mut lines)?;
        for (area, state) in areas {
            // Nobody waits for a slow file.
            unpoisoned(state.lock()).save(&area, &mut lines)?;
            out.write_all(&lines)?;
            lines.clear();
        }
        out.write_all(&lines)?;
        out.flush()
    }

    /// Replaces all that exists by what was [saved](Self::save). After an error, all is as it was.
    pub fn load(&self, from: impl io::BufRead) -> Result<(), LoadError> {
        let areas = saved::read(from, &self.config, self.hooks)?.into_iter();
        let areas = areas.map(|(area, state)| (area, Arc::new(Mutex::new(state))));
        *unpoisoned(self.areas.lock()) = areas.collect();
        Ok(())
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

    /// What belongs to an account and Region. [Leave](Self::leave) it afterwards.
    fn enter(&self, area: &Area) -> Arc<Mutex<State>> {
        let mut areas = unpoisoned(self.areas.lock());
        if let Some(state) = areas.get(area) {
            return Arc::clone(state);
        }
        let state = Arc::new(Mutex::new(State::new(&self.config, area, self.hooks)));
        areas.insert(area.clone(), Arc::clone(&state));
        state
    }

    /// Forgets an area in which nothing was ever made. Nobody checks the credentials that name areas,
    /// so there is no end of them.
    fn leave(&self, area: Area, state: Arc<Mutex<State>>) {
        let mut areas = unpoisoned(self.areas.lock());
        drop(state);
        if area.account == self.config.account && area.region == self.config.region {
            return;
        }
        // Whoever else is in it leaves later.
        if let Entry::Occupied(mut entry) = areas.entry(area)
            && let Some(state) = Arc::get_mut(entry.get_mut())
            && !unpoisoned(state.get_mut()).is_changed()
        {
            entry.remove();
        }
    }

    fn note_made_up(&self, action: &'static str) {
        if let Some(note) = &self.asides.note
            && unpoisoned(self.made_up.lock()).insert(action)
        {
            note(action);
        }
    }

    pub(super) fn hooks(&self) -> &'static dyn Hooks {
        self.hooks
    }

    /// Answers a request.
    pub fn answer(&self, request: &Request<'_>) -> Response {
        let request_id = Uuid::new_v4().to_string();
        let mut response = match self.perform(request, &request_id) {
            Ok((body, is_made_up)) => Response {
                status: 200,
                content_type: Response::CONTENT_TYPE,
                request_id,
                body,
                is_made_up,
            },
            Err(mut fault) => {
                self.hooks.edit_fault(&mut fault);
                refuse_as(fault, request_id)
            }
        };
        self.hooks.edit_response(request, &mut response);
        response
    }

    /// The answer's body, and whether it is made up.
    fn perform(&self, request: &Request<'_>, request_id: &str) -> Result<(String, bool), Fault> {
        let form = self.hooks.rewrite_form(request, request.form()?);
        let call = form::Options::new()
            .call_from_slice(&form)
            .map_err(|error| fault::from_decoding(&error))?;
        let action = scalar(call.action())?.ok_or_else(fault::missing_action)?;
        let handler = actions::find(&action);
        let plan = Plan::of(&action).filter(|plan| handler.is_some() || engine::knows(plan));
        let plan = plan.ok_or_else(|| fault::invalid_action(&action))?;
        check_version(&call)?;
        let area = Area::of(request, &self.config);
        let area = self.hooks.rewrite_area(plan, &self.config, area);
        let state = self.enter(&area);
        let lock = || unpoisoned(state.lock());
        let output = match handler {
            Some(handler) => handler(call, &form, &lock, request_id).map(|body| (body, false)),
            None => self.serve(plan, call, &form, &lock, request_id),
        };
        self.leave(area, state);
        if let Ok((_, true)) = &output {
            self.note_made_up(plan.operation.name());
        }
        output
    }

    /// Answers by the table of resources. The lock is held only while the action itself runs.
    fn serve<'s>(
        &self,
        plan: &'static Plan,
        call: Call<'_>,
        form: &[u8],
        lock: &dyn Fn() -> MutexGuard<'s, State>,
        request_id: &str,
    ) -> Result<(String, bool), Fault> {
        let operation = plan.operation;
        let request = actions::decode(call, form, |call| {
            let decoded = call.decode_seed(operation.request_seed())?;
            Ok(decoded.into_owned())
        })?;
        let answer = self.hooks.perform(plan, request, &mut lock())?;
        let body = match operation.output() {
            Some(_) => operation.encode_response(request_id, &answer.members.into()),
            // Answers without members in the model say that it was done.
            None => envelope::encode(request_id, &Done(operation.response_name())),
        };
        Ok((body.map_err(|_| fault::internal())?, answer.is_made_up))
    }
}

/// The answer `<return>true</return>`, with the name of its root.
struct Done(&'static str);

impl Serialize for Done {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut root = serializer.serialize_struct(self.0, 1)?;
        root.serialize_field("return", &true)?;
        root.end()
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
        is_made_up: false,
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    /// The status of the answer to that account.
    fn ask(world: &World, account: usize, parameters: &str) -> u16 {
        let scope = format!("Credential={account:012}/20261130/eu-west-1/ec2/aws4_request");
        let request = Request {
            authorization: Some(&scope),
            ..Request::get(parameters)
        };
        world.answer(&request).status
    }

    fn areas(world: &World) -> usize {
        unpoisoned(world.areas.lock()).len()
    }

    const CREATE: &str = "/?Action=CreateIpam&Version=2016-11-15";

    #[test]
    fn only_areas_in_which_something_was_made_are_kept() {
        let world = World::new(Config {
            ipam_ids: vec!["ipam-12345678".into()],
            ..Config::default()
        });
        let reads = [
            ("/?Action=DescribeIpamPolicies&Version=2016-11-15", 200),
            ("/?Action=CreateIpam&Version=2016-11-15&DryRun=true", 412),
            ("/?Action=CreateIpamPolicy&Version=2016-11-15", 400),
        ];
        for account in 0..100 {
            for (parameters, status) in reads {
                assert_eq!(ask(&world, account, parameters), status);
            }
        }
        assert_eq!(areas(&world), 0);
        let delete = "/?Action=DeleteIpam&Version=2016-11-15&IpamId=ipam-12345678";
        for (status, count) in [(200, 1), (400, 1)] {
            assert_eq!(ask(&world, 1, delete), status);
            assert_eq!(ask(&world, 1, reads[0].0), 200);
            assert_eq!(areas(&world), count);
        }
        assert_eq!(ask(&world, 2, CREATE), 200);
        assert_eq!(areas(&world), 2);
    }

    #[test]
    fn nothing_is_lost_while_others_read() {
        let world = World::new(Config::default());
        let read = "/?Action=DescribeIpamPolicies&Version=2016-11-15";
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| (0..300).for_each(|account| _ = ask(&world, account, read)));
            }
            scope.spawn(|| (0..300).for_each(|account| _ = ask(&world, account, CREATE)));
        });
        assert_eq!(areas(&world), 300);
        // The quota is one.
        assert!((0..300).all(|account| ask(&world, account, CREATE) == 400));
    }
}
