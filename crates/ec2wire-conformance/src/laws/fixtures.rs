//! What plain requests say where the service model does not determine it.

use super::premise;
use crate::catalogue::CatalogueError;
use crate::catalogue::modelled::shape_at;
use crate::format::embedded;
use crate::format::place::{self, Mistake, Under as _};
use crate::format::template::variables;
use crate::format::verbs::{is_reading, only_creates};
use ec2wire_model::{Member, Model, Operation, Shape, Structure, Value};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::{LazyLock, Mutex, PoisonError};

/// Whether the action may end, stop or change the resources it names. Such an action must not get
/// the general fixtures: other cases, or the owner, may need those resources.
pub(super) fn is_ending(action: Operation) -> bool {
    !only_creates(action.name()) && !is_reading(action.name())
}

/// Members for requests of any action: existing ids and suitable values. Texts may contain the
/// variables of cases: `${ipam}`, `${region}`, and `${token}`, which is new for each request, and those
/// of resources that a case makes first: `${a:vpc}`, `${another:vpc}`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Fixtures {
    /// Values by member name, for actions that read or create something. `VpcId` is used for `VpcIds`
    /// too. Other actions may end or change what they name, so they use only their own entry in
    /// `actions`.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "BTreeMap<String, serde_json::Value>")
    )]
    pub members: BTreeMap<String, toml::Value>,
    /// Fixtures for single actions, by name.
    pub actions: BTreeMap<String, ActionFixtures>,
    /// How to find resources that exist already, by the names in the table of resources.
    pub resources: BTreeMap<String, FoundFixture>,
    /// What can be made with these fixtures.
    #[serde(skip)]
    makeable: Makeable,
}

/// Whether a resource can be made, if what it needs may need others only so far.
#[derive(Debug, Default)]
struct Makeable(Mutex<HashMap<(String, usize), bool>>);

impl Clone for Makeable {
    /// A copy may get other fixtures, so it knows nothing.
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// How to find a resource that exists already.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FoundFixture {
    /// The action that lists it.
    pub action: String,
    /// The members of its request.
    #[serde(default)]
    #[cfg_attr(
        feature = "schema",
        schemars(with = "BTreeMap<String, serde_json::Value>")
    )]
    pub request: BTreeMap<String, toml::Value>,
    /// The path of the id in its answer.
    pub id: String,
}

/// Fixtures for one action.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ActionFixtures {
    /// Members of its plain request, by the API's names, besides those that the model requires.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "BTreeMap<String, serde_json::Value>")
    )]
    pub request: BTreeMap<String, toml::Value>,
    /// Whether the same request may be repeated and succeeds again, although nothing undoes it.
    pub again: bool,
    /// Whether a plain request changes something for everyone or for good. If absent, it is assumed
    /// of requests without parameters that change something and cannot be undone.
    pub lasting: Option<bool>,
    /// Members that a plain request needs although the model does not require them.
    pub needs: Vec<String>,
    /// Members that make a second, different request.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "BTreeMap<String, serde_json::Value>")
    )]
    pub other: BTreeMap<String, toml::Value>,
    /// What the action creates, if its name and its answer do not show that.
    pub made: Option<CreatedFixture>,
    /// What an entry of the resource's list shows after a plain request that changes it: the path in an
    /// entry, and the text there.
    pub changed: Option<(String, String)>,
}

/// What an action creates.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CreatedFixture {
    /// The path of the id in its answer.
    pub id: String,
    /// Its resource type.
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    /// The path of the tags in its answer.
    #[serde(default)]
    pub tags: Option<String>,
    /// The action that lists it, and the path of the ids in that action's answer.
    #[serde(default)]
    pub listed: Option<(String, String)>,
    /// The action that deletes it and the key that takes the id; an empty list if there is nothing
    /// to delete.
    #[serde(default)]
    pub undo: Option<Vec<String>>,
    /// Another identifier, such as a name: its path in the action's answer, and the key of the
    /// deleting action that takes it.
    #[serde(default)]
    pub alias: Option<(String, String)>,
}

impl Fixtures {
    /// The embedded fixtures.
    ///
    /// # Errors
    ///
    /// Only if the embedded file is wrong, which a test excludes.
    pub fn embedded() -> Result<Self, CatalogueError> {
        // Every run needs them, and checking them goes through the whole service model.
        static PARSED: LazyLock<Result<Fixtures, CatalogueError>> =
            LazyLock::new(|| Fixtures::read(embedded::SAMPLES.path, embedded::SAMPLES.text));
        PARSED.clone()
    }

    /// Reads a file of fixtures; `file` names it in errors.
    ///
    /// ```
    /// use ec2wire_conformance::laws::Fixtures;
    ///
    /// let mine = Fixtures::read("mine.toml", "members.VpcId = 'vpc-1'")?;
    /// let all = Fixtures::embedded()?.with(mine);
    /// assert!(all.members.contains_key("VpcId"));
    /// let wrong = Fixtures::read("mine.toml", "actions.CreateVpcs = {}").unwrap_err();
    /// assert!(wrong.to_string().contains("did you mean `CreateVpc`?"));
    /// # Ok::<(), ec2wire_conformance::CatalogueError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The file is malformed, names an action or a member that EC2 does not have, or gives a member
    /// an invalid value.
    pub fn read(file: &str, text: &str) -> Result<Self, CatalogueError> {
        let fixtures: Self = place::read(file, text)?;
        fixtures
            .check()
            .map_err(|mistake| place::locate(file, text, &mistake))?;
        Ok(fixtures)
    }

    /// Adds other fixtures, which take precedence.
    #[must_use]
    pub fn with(mut self, others: Self) -> Self {
        self.makeable = Makeable::default();
        self.members.extend(others.members);
        self.resources.extend(others.resources);
        for (name, other) in others.actions {
            let known = self.actions.entry(name).or_default();
            known.request.extend(other.request);
            known.other.extend(other.other);
            known.needs.extend(other.needs);
            known.again |= other.again;
            known.lasting = other.lasting.or(known.lasting);
            known.changed = other.changed.or_else(|| known.changed.take());
            known.made = other.made.or_else(|| known.made.take());
        }
        self
    }

    fn check(&self) -> Result<(), Mistake> {
        for (name, value) in &self.members {
            check_variables(value)
                .under(name.as_str())
                .under("members")?;
            check_any_member(name, value)
                .under(name.as_str())
                .under("members")?;
        }
        for (name, found) in &self.resources {
            found.check(name).under(name.as_str()).under("resources")?;
        }
        for (name, action) in &self.actions {
            let Some(operation) = Model::ec2().operation(name) else {
                return Err(no_action(name).under(name.as_str()).under("actions"));
            };
            action
                .check(operation)
                .under(name.as_str())
                .under("actions")?;
        }
        Ok(())
    }

    /// Whether a resource can be made, worked out once.
    pub(super) fn remembered(
        &self,
        resource: &str,
        depth: usize,
        work_out: impl FnOnce() -> bool,
    ) -> bool {
        let key = (resource.to_owned(), depth);
        let all = || {
            self.makeable
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        let known = all().get(&key).copied();
        known.unwrap_or_else(|| {
            let can = work_out();
            all().insert(key, can);
            can
        })
    }

    /// How to find a resource that exists already, if that is known.
    pub(super) fn found(&self, resource: &str) -> Option<&FoundFixture> {
        self.resources.get(resource)
    }

    /// A request of the members. Those that do not fit are left out; reading the fixtures refuses them.
    pub(super) fn request_of(
        action: Operation,
        members: &BTreeMap<String, toml::Value>,
    ) -> Value<'static> {
        let mut request = Structure::default();
        for (name, value) in members {
            let member = action.input().and_then(|input| input.member(name));
            if let Some((member, value)) =
                member.and_then(|member| Some((member, value_of(value, member).ok()?)))
            {
                request.insert(member.name(), value);
            }
        }
        Value::Structure(request)
    }

    /// The value of a member of the action's request.
    pub(super) fn value(&self, action: Operation, member: Member) -> Option<Value<'static>> {
        let known = self.actions.get(action.name());
        let given = known.and_then(|known| known.request.get(member.name()));
        if let Some(value) = given {
            return value_of(value, member).ok();
        }
        if is_ending(action) {
            return None;
        }
        self.member(member)
    }

    /// The value of a member, by its name alone.
    pub(super) fn member(&self, member: Member) -> Option<Value<'static>> {
        let name = member.name();
        if let Some(value) = self.members.get(name) {
            return value_of(value, member).ok();
        }
        // A single entry of the list.
        let one = self.members.get(name.strip_suffix('s')?)?;
        value_of(&toml::Value::Array(vec![one.clone()]), member).ok()
    }

    /// Whether a plain request for the action has the member.
    pub(super) fn is_needed(&self, action: Operation, member: Member) -> bool {
        let known = self.actions.get(action.name());
        member.is_required()
            || premise::must_name(action, member.name())
            || known.is_some_and(|known| {
                known.request.contains_key(member.name())
                    || known.needs.iter().any(|name| name == member.name())
            })
    }

    /// Whether the same request may be repeated and succeeds again, although nothing undoes it.
    pub(super) fn is_repeatable(&self, action: Operation) -> bool {
        self.actions
            .get(action.name())
            .is_some_and(|known| known.again)
    }

    /// Where an entry shows what the plain request changes, and the text there.
    pub(super) fn changed(&self, action: Operation) -> Option<(&str, &str)> {
        let changed = self.actions.get(action.name())?.changed.as_ref();
        changed.map(|(path, text)| (&**path, &**text))
    }

    /// Whether a plain request of the action changes something for good, if that is said.
    pub(super) fn lasting(&self, action: Operation) -> Option<bool> {
        self.actions.get(action.name())?.lasting
    }

    /// The members that make a second, different request for the action.
    pub(super) fn other(&self, action: Operation) -> Option<Value<'static>> {
        let known = self.actions.get(action.name())?;
        (!known.other.is_empty()).then(|| Self::request_of(action, &known.other))
    }

    pub(super) fn created(&self, action: Operation) -> Option<&CreatedFixture> {
        self.actions.get(action.name())?.made.as_ref()
    }
}

impl FoundFixture {
    fn check(&self, resource: &str) -> Result<(), Mistake> {
        if Model::ec2().resource(resource).is_none() {
            let names = Model::ec2().resources().iter().map(|row| row.name);
            let message = format!("the table of resources has no `{resource}`");
            return Err(Mistake::new(message).suggest(resource, names));
        }
        let Some(action) = Model::ec2().operation(&self.action) else {
            return Err(no_action(&self.action).under("action"));
        };
        check_members(action, &self.request).under("request")?;
        let output = action.output();
        let is_there = output.is_some_and(|output| shape_at(output, &self.id).is_some());
        if is_there {
            Ok(())
        } else {
            Err(lacks_path(action, &self.id).under("id"))
        }
    }
}

fn no_action(name: &str) -> Mistake {
    let all = Model::ec2().operations().map(|known| known.name());
    Mistake::new(format!("EC2 has no action `{name}`")).suggest(name, all)
}

fn lacks_path(action: Operation, path: &str) -> Mistake {
    Mistake::new(format!("the answer of {} has no `{path}`", action.name()))
}

fn no_member(action: Operation, name: &str) -> Mistake {
    let input = action.input();
    let names = input.iter().flat_map(Shape::members);
    Mistake::new(format!("{} has no member `{name}`", action.name()))
        .suggest(name, names.map(|member| member.name()))
}

/// Checks that the action's request takes the members.
fn check_members(
    action: Operation,
    members: &BTreeMap<String, toml::Value>,
) -> Result<(), Mistake> {
    for (name, value) in members {
        let check = || {
            check_variables(value)?;
            let member = action.input().and_then(|input| input.member(name));
            let member = member.ok_or_else(|| no_member(action, name))?;
            value_of(value, member).map(drop).map_err(Mistake::new)
        };
        check().under(name.as_str())?;
    }
    Ok(())
}

impl ActionFixtures {
    fn check(&self, action: Operation) -> Result<(), Mistake> {
        check_members(action, &self.request).under("request")?;
        check_members(action, &self.other).under("other")?;
        if let Some(made) = &self.made {
            made.check(action).under("made")?;
        }
        for (at, name) in self.needs.iter().enumerate() {
            let input = action.input();
            if input.and_then(|input| input.member(name)).is_none() {
                return Err(no_member(action, name)).under(at).under("needs");
            }
        }
        Ok(())
    }
}

impl CreatedFixture {
    fn check(&self, action: Operation) -> Result<(), Mistake> {
        let alias = self.alias.as_ref().map(|(at, _)| at);
        for (key, path) in [
            ("id", Some(&self.id)),
            ("tags", self.tags.as_ref()),
            ("alias", alias),
        ] {
            let output = action.output();
            let there = path
                .is_none_or(|path| output.is_some_and(|output| shape_at(output, path).is_some()));
            if !there {
                let path = path.map_or("", String::as_str);
                return Err(lacks_path(action, path)).under(key);
            }
        }
        if let Some((name, at)) = &self.listed {
            let output = Model::ec2().operation(name).and_then(|list| list.output());
            if output.and_then(|output| shape_at(output, at)).is_none() {
                let message = format!("{name} does not exist, or its answer has no `{at}`");
                return Err(Mistake::new(message)).under("listed");
            }
        }
        match self.undo.as_deref() {
            None | Some([]) => Ok(()),
            Some([name, key]) => {
                let Some(undo) = Model::ec2().operation(name) else {
                    return Err(no_action(name).under(0).under("undo"));
                };
                let has = |key: &str| {
                    let first = key.split('.').next().unwrap_or_default();
                    let mut members = undo.input().into_iter().flat_map(members_of);
                    members.any(|member| member.form_key() == first)
                };
                let lacks = |key: &str| Mistake::new(format!("{name} has no key `{key}`"));
                match &self.alias {
                    _ if !has(key) => Err(lacks(key).under(1).under("undo")),
                    Some((_, other)) if !has(other) => Err(lacks(other).under(1).under("alias")),
                    _ => Ok(()),
                }
            }
            Some(_) => Err(Mistake::new("`undo` takes an action and a key").under("undo")),
        }
    }
}

fn members_of(shape: Shape) -> Vec<Member> {
    shape.members().collect()
}

/// Checks the variables in the texts of a value.
fn check_variables(value: &toml::Value) -> Result<(), Mistake> {
    match value {
        toml::Value::String(text) => {
            let mut names = variables(text);
            if let Some(name) = names.find(|name| !is_variable(name)) {
                let message = format!("unknown variable `${{{name}}}`");
                return Err(Mistake::new(message).suggest(name, ["ipam", "region", "token"]));
            }
            if text.matches("${").count() > variables(text).count() {
                return Err(Mistake::new("a variable lacks its `}`"));
            }
            Ok(())
        }
        toml::Value::Array(values) => values.iter().try_for_each(check_variables),
        toml::Value::Table(table) => table
            .iter()
            .try_for_each(|(_, value)| check_variables(value)),
        _ => Ok(()),
    }
}

/// Whether cases have a value for the variable.
fn is_variable(name: &str) -> bool {
    ["ipam", "region"].contains(&name) || name.starts_with("token") || premise::is_variable(name)
}

/// Checks a value for a member of any action: some structure of EC2 must accept it.
fn check_any_member(name: &str, value: &toml::Value) -> Result<(), Mistake> {
    let all = || Model::ec2().shapes().flat_map(members_of);
    let mut why = None;
    for member in all() {
        let is_one_of_them = member.name().strip_suffix('s') == Some(name);
        let fits = if member.name() == name {
            value_of(value, member)
        } else if is_one_of_them {
            value_of(&toml::Value::Array(vec![value.clone()]), member)
        } else {
            continue;
        };
        match fits {
            Ok(_) => return Ok(()),
            Err(wrong) => why = why.or(Some(wrong)),
        }
    }
    Err(match why {
        Some(why) => Mistake::new(why),
        None => Mistake::new(format!("no action of EC2 has a member `{name}`"))
            .suggest(name, all().map(|member| member.name())),
    })
}

/// The value converted to the member's type. Enums accept unknown values too.
fn value_of(value: &toml::Value, member: Member) -> Result<Value<'static>, String> {
    let json = serde_json::to_string(value).map_err(|error| error.to_string())?;
    let value = serde_json::from_str::<Value<'_>>(&json).map_err(|error| error.to_string())?;
    let mut value = value.into_owned();
    let shape = member.shape();
    shape.conform(&mut value);
    let violations = shape.violations(&value);
    let wrong = violations.iter().find(|violation| violation.is_error());
    wrong.map_or(Ok(value), |violation| Err(violation.to_string()))
}
