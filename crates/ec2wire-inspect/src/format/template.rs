//! Members with variables and expansions, and the values that they resolve to.

use ec2wire::Operation as _;
use ec2wire::ipam::CreateIpamPolicy;
use ec2wire_model::{Kind, Model, Shape};
use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// A member of a request as a case writes it.
///
/// Besides plain values there are two expansions: `{ repeat = "x", times = 127 }` is a text, and
/// `{ generate = 50, each = { Key = "key-${n}" } }` is a list. With
/// `at = { 50 = { Key = "last" } }` the entry at that position is another one.
#[derive(Debug, Clone, PartialEq)]
pub enum Template {
    /// A text with variables; numbers and booleans too.
    Text(String),
    /// A repeated text.
    Repeat {
        /// The text.
        text: String,
        /// How often it is repeated.
        times: usize,
    },
    /// A list.
    List(Vec<Template>),
    /// A generated list.
    Generate {
        /// The number of entries.
        count: usize,
        /// The template of the entries; `${n}` is the position, from 1.
        each: Box<Template>,
        /// Other templates for the entries at these positions.
        at: Vec<(String, Template)>,
    },
    /// Members in order.
    Structure(Vec<(String, Template)>),
}

/// A member with its variables filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Member {
    /// A text; numbers and booleans too.
    Text(String),
    /// A list.
    List(Vec<Member>),
    /// Members in order.
    Structure(Vec<(String, Member)>),
}

/// The largest count of a repetition or a generated list.
pub const MOST_TIMES: usize = 10_000_000;

/// Why a template has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unresolved {
    /// A variable without a value.
    Variable(String),
    /// A position outside of the list, and the list's length.
    Position(String, usize),
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "the variable `${{{name}}}` has no value"),
            Self::Position(position, count) => {
                write!(
                    f,
                    "`at` names position {position}, but the list has {count} entries"
                )
            }
        }
    }
}

impl Template {
    /// The member, with the variables filled in.
    pub fn resolve(&self, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Member, Unresolved> {
        Ok(match self {
            Self::Text(text) => Member::Text(fill(text, lookup)?),
            Self::Repeat { text, times } => Member::Text(fill(text, lookup)?.repeat(*times)),
            Self::List(entries) => Member::List(
                entries
                    .iter()
                    .map(|entry| entry.resolve(lookup))
                    .collect::<Result<_, _>>()?,
            ),
            Self::Generate { count, each, at } => {
                let mut others = BTreeMap::new();
                for (position, template) in at {
                    let position = fill(position, lookup)?;
                    let n = position.parse().ok().filter(|n| (1..=*count).contains(n));
                    let n = n.ok_or(Unresolved::Position(position, *count))?;
                    others.insert(n, template);
                }
                let entries = (1..=*count).map(|n| {
                    let numbered = |name: &str| match name {
                        "n" => Some(n.to_string()),
                        _ => lookup(name),
                    };
                    others.get(&n).unwrap_or(&&**each).resolve(&numbered)
                });
                Member::List(entries.collect::<Result<_, _>>()?)
            }
            Self::Structure(members) => Member::Structure(
                members
                    .iter()
                    .map(|(name, member)| Ok((fill(name, lookup)?, member.resolve(lookup)?)))
                    .collect::<Result<_, _>>()?,
            ),
        })
    }

    /// Calls a function with each text that may have variables.
    pub fn each_text(&mut self, change: &mut dyn FnMut(&mut String)) {
        match self {
            Self::Text(text) | Self::Repeat { text, .. } => change(text),
            Self::List(entries) => entries.iter_mut().for_each(|entry| entry.each_text(change)),
            Self::Generate { each, at, .. } => {
                each.each_text(change);
                for (_, entry) in at {
                    entry.each_text(change);
                }
            }
            Self::Structure(members) => {
                for (_, member) in members {
                    member.each_text(change);
                }
            }
        }
    }

    /// Whether any text of the member contains the variable.
    pub fn mentions(&self, variable: &str) -> bool {
        match self {
            Self::Text(text) | Self::Repeat { text, .. } => mentions(text, variable),
            Self::List(entries) => entries.iter().any(|entry| entry.mentions(variable)),
            Self::Generate { each, at, .. } => {
                let in_entry = |(place, entry): &(String, Self)| {
                    mentions(place, variable) || entry.mentions(variable)
                };
                each.mentions(variable) || at.iter().any(in_entry)
            }
            Self::Structure(members) => members.iter().any(|(_, m)| m.mentions(variable)),
        }
    }
}

/// Whether `text` contains `${variable}`.
pub fn mentions(text: &str, variable: &str) -> bool {
    text.contains(&format!("${{{variable}}}"))
}

/// The names of the variables in a text.
pub fn variables(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once("${")?;
        let (name, after) = after.split_once('}')?;
        rest = after;
        Some(name)
    })
}

/// Splits `PATH|TEXT` into the path and the default text.
pub fn with_default(path: &str) -> (&str, Option<&str>) {
    match path.split_once('|') {
        Some((path, otherwise)) => (path, Some(otherwise)),
        None => (path, None),
    }
}

/// Fills in the variables of a text.
pub fn fill(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<String, Unresolved> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        filled.push_str(before);
        filled.push_str(&lookup(name).ok_or_else(|| Unresolved::Variable(name.to_owned()))?);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// The wire names of members: the model's, and for what the model lacks, the names themselves.
///
/// ```
/// use ec2wire_inspect::format::template::Names;
///
/// let of_vpc = Names::of_action(Some("CreateVpc"));
/// assert_eq!(of_vpc.member("TagSpecifications").0, "TagSpecification");
/// // Its form has another name here:
/// let of_table = Names::of_action(Some("CreateTransitGatewayRouteTable"));
/// assert_eq!(of_table.member("TagSpecifications").0, "TagSpecifications");
/// assert_eq!(Names::PLAIN.member("TagSpecifications").0, "TagSpecifications");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Names(Option<Shape>);

impl Names {
    /// Every name as it is.
    pub const PLAIN: Self = Self(None);

    /// The names in a request of an action. An action that the model does not have, and a request
    /// without one, take the members of `CreateIpamPolicy`: the cases that send one are about it.
    pub fn of_action(action: Option<&str>) -> Self {
        let model = Model::ec2();
        let known = action.and_then(|action| model.operation(action));
        let operation = known.or_else(|| model.operation(<CreateIpamPolicy>::ACTION));
        Self(operation.and_then(|operation| operation.input()))
    }

    /// A member's wire name, and the names in it.
    pub fn member(self, name: &str) -> (Cow<'_, str>, Self) {
        match self.0.and_then(|shape| shape.member(name)) {
            Some(member) => (member.form_key().into(), Self(Some(member.shape()))),
            None => (name.into(), Self::PLAIN),
        }
    }

    /// The names in an entry of a list.
    #[must_use]
    pub fn entry(self) -> Self {
        match self.0.map(|shape| shape.kind()) {
            Some(Kind::List { entry, .. }) => Self(Some(entry)),
            _ => Self::PLAIN,
        }
    }
}

/// A request's members for the encoder, which turns the API's names into wire names.
pub struct Wire<'m> {
    /// The members.
    pub member: &'m Member,
    /// Their names.
    pub names: Names,
}

impl Serialize for Wire<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.member {
            Member::Text(text) => serializer.serialize_str(text),
            Member::List(entries) => {
                let names = self.names.entry();
                serializer.collect_seq(entries.iter().map(|member| Wire { member, names }))
            }
            Member::Structure(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, member) in members {
                    let (key, names) = self.names.member(name);
                    map.serialize_entry(&*key, &Wire { member, names })?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        toml::Value::deserialize(deserializer)
            .and_then(|value| Self::try_from(value).map_err(serde::de::Error::custom))
    }
}

impl TryFrom<toml::Value> for Template {
    type Error = String;

    fn try_from(value: toml::Value) -> Result<Self, String> {
        Ok(match value {
            toml::Value::String(text) => Self::Text(text),
            toml::Value::Integer(number) => Self::Text(number.to_string()),
            toml::Value::Boolean(value) => Self::Text(value.to_string()),
            toml::Value::Array(entries) => Self::List(
                entries
                    .into_iter()
                    .map(Self::try_from)
                    .collect::<Result<_, _>>()?,
            ),
            toml::Value::Table(mut table) => {
                let keys: Vec<&str> = table.keys().map(String::as_str).collect();
                match keys.as_slice() {
                    ["repeat", "times"] | ["times", "repeat"] => {
                        let times = count(table.get("times"), "times")?;
                        match table.remove("repeat") {
                            Some(toml::Value::String(text)) => Self::Repeat { text, times },
                            _ => return Err("`repeat` takes a text".into()),
                        }
                    }
                    keys if keys.contains(&"generate")
                        && keys
                            .iter()
                            .all(|key| ["generate", "each", "at"].contains(key)) =>
                    {
                        let count = count(table.get("generate"), "generate")?;
                        let each = table.remove("each").ok_or("`each` is missing")?;
                        let at = match table.remove("at") {
                            None => Vec::new(),
                            Some(toml::Value::Table(at)) => at
                                .into_iter()
                                .map(|(place, entry)| Ok((place, Self::try_from(entry)?)))
                                .collect::<Result<_, String>>()?,
                            Some(_) => return Err("`at` takes a table of positions".into()),
                        };
                        Self::Generate {
                            count,
                            each: Box::new(Self::try_from(each)?),
                            at,
                        }
                    }
                    _ => Self::Structure(
                        table
                            .into_iter()
                            .map(|(name, value)| Ok((name, Self::try_from(value)?)))
                            .collect::<Result<_, String>>()?,
                    ),
                }
            }
            toml::Value::Float(_) | toml::Value::Datetime(_) => {
                return Err("expected a text, number, boolean, list or table".into());
            }
        })
    }
}

fn count(value: Option<&toml::Value>, name: &str) -> Result<usize, String> {
    value
        .and_then(toml::Value::as_integer)
        .and_then(|number| usize::try_from(number).ok())
        .filter(|number| *number <= MOST_TIMES)
        .ok_or_else(|| format!("`{name}` takes a number from 0 to {MOST_TIMES}"))
}

impl Serialize for Template {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(entries) => serializer.collect_seq(entries),
            Self::Structure(members) => serializer.collect_map(members.iter().map(|(k, v)| (k, v))),
            Self::Repeat { text, times } => {
                let mut map = serializer.serialize_map(Some(2))?;
                map.serialize_entry("repeat", text)?;
                map.serialize_entry("times", times)?;
                map.end()
            }
            Self::Generate { count, each, at } => {
                let mut map = serializer.serialize_map(None)?;
                map.serialize_entry("generate", count)?;
                map.serialize_entry("each", each)?;
                if !at.is_empty() {
                    let at: BTreeMap<&String, &Self> = at.iter().map(|(k, v)| (k, v)).collect();
                    map.serialize_entry("at", &at)?;
                }
                map.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    #[test]
    fn expansions_resolve() {
        let template: Template = toml::from_str::<toml::Table>(
            "m = { A = \"${x}-a\", B = { repeat = \"é\", times = 3 }, \
             C = { generate = 2, each = { D = \"d${n}\" } }, E = 5, F = true, \
             G = { generate = 3, each = \"g${n}\", at = { \"${x}\" = \"-${n}\" } } }",
        )
        .unwrap()
        .remove("m")
        .map(Template::try_from)
        .unwrap()
        .unwrap();
        let lookup = |name: &str| (name == "x").then(|| "1".to_owned());
        let member = template.resolve(&lookup).unwrap();
        let body = ec2wire::form::to_string(&Wire {
            member: &member,
            names: Names::PLAIN,
        });
        assert_eq!(
            body.unwrap(),
            "A=1-a&B=%C3%A9%C3%A9%C3%A9&C.1.D=d1&C.2.D=d2&E=5&F=true\
             &G.1=-1&G.2=g2&G.3=g3"
        );
        let no_value = Unresolved::Variable("x".into());
        assert_eq!(template.resolve(&|_| None), Err(no_value));
        let beyond = template.resolve(&|_| Some("4".into()));
        assert_eq!(beyond, Err(Unresolved::Position("4".into(), 3)));
    }
}
