//! Requests of any action, from the model and the table of resources.

use crate::values;
use ec2wire::Reply;
use ec2wire_model::{
    Kind, Make, Member, Model, Operation, Path, Resource, Shape, Structure, Value,
};
use ec2wire_reference::{Request, Response, World};
use std::collections::{HashMap, HashSet};

/// Why something cannot be made first.
const CYCLE: &str = "it needs itself";

/// The deepest structure in a request; no required shape contains itself.
const DEEPEST: usize = 6;

pub(crate) fn operation(action: &str) -> Operation {
    Model::ec2().operation(action).unwrap()
}

/// Sends a form. The answer must be one by the model.
pub(crate) fn post(world: &World, operation: Operation, body: &str) -> Response {
    let response = world.answer(&Request::post(body.as_bytes()));
    let decoded = operation.decode_reply(response.status, response.body.as_bytes());
    assert!(
        decoded.is_ok() && response.status < 500,
        "{body}\n{} {decoded:?}\n{}",
        response.status,
        response.body
    );
    response
}

/// Sends a request. Returns the members of its answer, or the code and message of the refusal.
pub(crate) fn ask(
    world: &World,
    action: &str,
    request: Structure<'static>,
) -> Result<Value<'static>, String> {
    let operation = operation(action);
    let body = operation.encode_request(&request.into()).unwrap();
    let response = post(world, operation, &body);
    let reply = operation.decode_reply(response.status, response.body.as_bytes());
    match reply.unwrap() {
        Reply::Success(success) => Ok(success.output.into_owned()),
        Reply::Fault(fault) => Err(format!(
            "{}: {}",
            fault.code().unwrap_or_default(),
            fault.message().unwrap_or_default()
        )),
    }
}

/// The first value at a path.
pub(crate) fn at<'v>(value: &'v Value<'static>, path: &str) -> Option<&'v Value<'static>> {
    path.split('.').try_fold(value, |value, segment| {
        match (segment.strip_suffix("[]"), value) {
            (Some(name), value) => value.get(name)?.as_list()?.first(),
            (None, value) => value.get(segment),
        }
    })
}

/// The entries of a list, at a path with any number of lists.
pub(crate) fn entries<'v>(value: &'v Value<'static>, path: &str) -> Vec<&'v Value<'static>> {
    path.split('.').fold(vec![value], |values, segment| {
        let name = segment.strip_suffix("[]");
        let inner = values
            .into_iter()
            .filter_map(|value| value.get(name.unwrap_or(segment)));
        match name {
            Some(_) => inner
                .flat_map(|list| list.as_list().unwrap_or_default())
                .collect(),
            None => inner.collect(),
        }
    })
}

/// All that the lists of the table show, but for lists of what belongs to something.
pub(crate) fn everything(world: &World) -> Vec<(&'static str, String)> {
    let rows = Model::ec2().resources().iter();
    let mut seen = HashSet::new();
    rows.filter_map(|row| row.list.as_ref())
        .filter(|list| seen.insert(list.action))
        .filter_map(|list| {
            let operation = operation(list.action);
            let required = operation.input().into_iter().flat_map(|input| {
                let required = input.members().filter(Member::is_required);
                required.map(|member| member.name()).collect::<Vec<_>>()
            });
            let required: Vec<&str> = required.collect();
            let members = match required.as_slice() {
                [] => "",
                ["MaxResults"] => "&MaxResults=100",
                _ => return None,
            };
            let body = format!("Action={}&Version=2016-11-15{members}", list.action);
            Some((list.action, without_times(&post(world, operation, &body))))
        })
        .collect()
}

/// The document without what differs in each run: the request's id, and times.
pub(crate) fn without_times(response: &Response) -> String {
    let body = response.body.replace(&response.request_id, "");
    let mut bytes = body.into_bytes();
    for at in 0..bytes.len() {
        if let Some(time) = bytes.get_mut(at..at + 19)
            && time.starts_with(b"20")
            && time.get(10) == Some(&b'T')
            && time.get(13) == Some(&b':')
        {
            time.fill(b'0');
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// Makes resources, and what they need, each once.
pub(crate) struct Maker<'w> {
    pub(crate) world: &'w World,
    made: HashMap<&'static str, String>,
    /// What is being made, from the outermost to the innermost.
    making: Vec<&'static str>,
}

impl<'w> Maker<'w> {
    pub(crate) fn new(world: &'w World) -> Self {
        Self {
            world,
            made: HashMap::new(),
            making: Vec::new(),
        }
    }

    /// The id of a resource, which is made if there is none.
    pub(crate) fn id(&mut self, row: &'static Resource) -> Result<String, String> {
        if let Some(id) = self.made.get(row.name) {
            return Ok(id.clone());
        }
        if self.making.contains(&row.name) {
            return self.find(row).map_err(|_| CYCLE.to_owned());
        }
        self.making.push(row.name);
        let made = match row.make.first() {
            Some(make) => match self.make(row, make) {
                // The quota allows no second one, or an image is made of what is made of an image.
                Err(error) if error.starts_with("ResourceLimitExceeded") || error == CYCLE => {
                    self.find(row)
                }
                other => other,
            },
            None => self.find(row),
        };
        self.making.pop();
        let id = made.map_err(|reason| format!("{}: {reason}", row.name))?;
        self.made.insert(row.name, id.clone());
        Ok(id)
    }

    fn make(&mut self, row: &'static Resource, make: &'static Make) -> Result<String, String> {
        let request = self.request(make.action)?;
        let named = |path: &Path| at(&request.clone().into(), path.as_str()).cloned();
        let answer = ask(self.world, make.action, request.clone())?;
        let entry_id = row.list.as_ref().and_then(|list| list.id.as_ref());
        let at_entry = (make.entry.as_ref().zip(entry_id))
            .map(|(entry, id)| format!("{}.{}", entry.as_str(), id.as_str()));
        let places = make.id.as_ref().map(|id| id.as_str().to_owned());
        let found = places.into_iter().chain(at_entry).find_map(|place| {
            let id = at(&answer, &place)?;
            let first = id.as_list().and_then(<[Value<'static>]>::first);
            first.unwrap_or(id).as_str().map(str::to_owned)
        });
        // What has a name has it from the request.
        let own = || {
            let member = ["Name", row.id.member].map(|name| request.get(name).cloned());
            let need = entry_id.and_then(named);
            member
                .into_iter()
                .flatten()
                .chain(need)
                .find_map(|value| value.as_str().map(str::to_owned))
        };
        found
            .or_else(own)
            .ok_or_else(|| format!("{} does not say the id", make.action))
    }

    /// One that exists already.
    fn find(&mut self, row: &Resource) -> Result<String, String> {
        let list = row.list.as_ref().ok_or("nothing makes or lists it")?;
        let request = self.request(list.action)?;
        let answer = ask(self.world, list.action, request)?;
        let id = list.id.as_ref().ok_or("its entries have no id")?;
        (entries(&answer, list.path.as_str()).first())
            .and_then(|entry| at(entry, id.as_str())?.as_str().map(str::to_owned))
            .ok_or_else(|| "nothing makes it".to_owned())
    }

    /// The plain request of an action: complete, with as few members as possible.
    pub(crate) fn request(&mut self, action: &str) -> Result<Structure<'static>, String> {
        let mut request = Structure::new();
        if let Some(input) = operation(action).input() {
            self.fill(action, input, "", &mut request)?;
        }
        Ok(request)
    }

    fn fill(
        &mut self,
        action: &str,
        shape: Shape,
        at: &str,
        structure: &mut Structure<'static>,
    ) -> Result<(), String> {
        for member in shape.members() {
            let path = format!("{at}{}", member.name());
            let needs = needs_of(action);
            let is_needed = member.is_required()
                || values::wanted(action, &path)
                || needs.iter().any(|(need, required, _)| {
                    *required
                        && need.split(['.', '[']).next() == Some(member.name())
                        && at.is_empty()
                });
            if is_needed && at.split('.').count() <= DEEPEST {
                let value = self.value(action, member, &path)?;
                structure.insert(member.name(), value);
            }
        }
        Ok(())
    }

    fn value(
        &mut self,
        action: &str,
        member: Member,
        path: &str,
    ) -> Result<Value<'static>, String> {
        if let Some(text) = values::of(action, path) {
            let row = text.strip_prefix("id of ");
            return match row.and_then(|name| Model::ec2().resource(name)) {
                Some(row) => Ok(of_text(member.shape(), &self.id(row)?)),
                None => Ok(of_text(member.shape(), text)),
            };
        }
        self.of_shape(action, member.name(), member.shape(), path)
    }

    fn of_shape(
        &mut self,
        action: &str,
        name: &str,
        shape: Shape,
        path: &str,
    ) -> Result<Value<'static>, String> {
        Ok(match shape.kind() {
            Kind::Structure => {
                let mut structure = Structure::new();
                self.fill(action, shape, &format!("{path}."), &mut structure)?;
                if structure.is_empty()
                    && let Some(member) = shape.members().next()
                {
                    let value = self.value(action, member, &format!("{path}.{}", member.name()))?;
                    structure.insert(member.name(), value);
                }
                structure.into()
            }
            Kind::List { entry, .. } => {
                Value::List(vec![self.of_shape(action, name, entry, path)?])
            }
            Kind::String => match resource_of(action, name, path) {
                Some(row) => Value::from(self.id(row)?),
                None => of_text(
                    shape,
                    shape.enum_values().first().copied().unwrap_or("ec2wire"),
                ),
            },
            _ => of_text(shape, ""),
        })
    }
}

/// The resource that a member names.
fn resource_of(action: &str, name: &str, path: &str) -> Option<&'static Resource> {
    let needs = needs_of(action);
    let need = needs
        .iter()
        .find(|(need, ..)| need.replace("[]", "") == path);
    match need {
        Some((_, _, resource)) => Model::ec2().resource(resource),
        None => Resource::of_member(name),
    }
}

/// The resources that a request names: where, whether it must, and which.
fn needs_of(action: &str) -> Vec<(&'static str, bool, &'static str)> {
    let rows = Model::ec2().resources().iter();
    let makes = rows
        .flat_map(|row| &row.make)
        .filter(|make| make.action == action);
    makes
        .flat_map(|make| &make.needs)
        .map(|need| (need.member.as_str(), need.required, need.resource))
        .collect()
}

/// A value of a shape, from a text if the shape takes one.
fn of_text(shape: Shape, text: &str) -> Value<'static> {
    // Limits are small whole numbers.
    let least = || {
        let min = shape.min().map(|min| min.to_string());
        min.and_then(|min| min.parse().ok())
            .map_or(1, |min: i64| min.max(1))
    };
    match shape.kind() {
        Kind::Integer | Kind::Long => Value::Integer(text.parse().unwrap_or_else(|_| least())),
        Kind::Float | Kind::Double => Value::Float(text.parse().unwrap_or(1.0)),
        Kind::Boolean => Value::Bool(text == "true"),
        Kind::Blob => Value::Blob(b"ec2wire".to_vec()),
        Kind::Timestamp(_) => Value::Timestamp("2040-01-01T00:00:00Z".parse().unwrap()),
        Kind::List { entry, .. } => Value::List(vec![of_text(entry, text)]),
        _ => Value::from(text.to_owned()),
    }
}
