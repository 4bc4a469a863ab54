//! The members that a law is made into cases for.

use super::Each;
use super::creation::{self, Creation};
use super::fixtures::Fixtures;
use super::life::{self, Life};
use super::plain::{Plain, is_id, pairs_of};
use super::{paths, premise};
use crate::format::verbs::is_reading;
use ec2wire_model::{Kind, Listing, Member, Model, Operation, Resource, Shape};
use std::net::IpAddr;

/// The values of the variables in one case of a law.
#[derive(Debug, Clone, Default)]
pub(super) struct Subject {
    pub(super) member: String,
    pub(super) key: String,
    pub(super) value: String,
    /// The path at which an answer shows the member.
    pub(super) shown: String,
    /// The element of a list entry with the member's value.
    pub(super) entry: String,
    /// The name of a filter, and of another one.
    pub(super) filter: String,
    pub(super) other_filter: String,
    /// An id that is not the server's, and the codes that it may get.
    pub(super) unknown: String,
    pub(super) codes: Vec<String>,
    /// The resource that the member names, or that the case is about besides the action's own.
    pub(super) resource: String,
    /// The end of the case's id, if the law has several cases.
    pub(super) suffix: Option<String>,
}

impl Subject {
    fn new(member: Member, value: String) -> Self {
        Self {
            member: member.name().to_owned(),
            key: member.form_key(),
            value,
            suffix: Some(member.name().to_owned()),
            ..Self::default()
        }
    }
}

pub(super) fn select(
    each: Each,
    action: Operation,
    (creation, life): (Option<&Creation>, Option<&Life>),
    fixtures: &Fixtures,
) -> Vec<Subject> {
    let members: Vec<Member> = match action.input() {
        Some(input) => input
            .members()
            .filter(|member| !member.is_deprecated())
            .collect(),
        None => Vec::new(),
    };
    let with_value = |member: Member| {
        let value = member.shape().enum_values().first().copied();
        Subject::new(member, value.unwrap_or_default().to_owned())
    };
    match each {
        Each::Required => {
            let required = members.into_iter().filter(Member::is_required);
            required.map(with_value).collect()
        }
        Each::Enum => {
            let enums = members.into_iter().filter(|member| is_enum(member.shape()));
            enums.map(with_value).collect()
        }
        Each::Number => {
            let numbers = members
                .into_iter()
                .filter(|member| is_number(member.shape()));
            numbers.map(with_value).collect()
        }
        Each::Least | Each::Below | Each::Above => {
            let pages = members
                .into_iter()
                .find(|member| member.name() == "MaxResults");
            let limited = pages.and_then(|member| Some((member, limit(each, member.shape())?)));
            let subject = limited.map(|(member, value)| Subject {
                suffix: None,
                ..Subject::new(member, value)
            });
            subject.into_iter().collect()
        }
        Each::Ids => ids(action, &members),
        Each::Shown => shown(action, &members, creation, fixtures),
        Each::Unknown => strangers(action, &members, fixtures, unknown),
        Each::Malformed => strangers(action, &members, fixtures, malformed),
        Each::Filters => life.map_or_else(Vec::new, |life| filters(life, fixtures)),
        Each::FirstFilter => {
            let all = life.map_or_else(Vec::new, |life| filters(life, fixtures));
            all.into_iter().take(1).map(alone).collect()
        }
        Each::FilterPair => {
            let all = life.map_or_else(Vec::new, |life| filters(life, fixtures));
            let pair = all.first().zip(all.get(1));
            let one = pair.map(|(first, second)| Subject {
                other_filter: second.filter.clone(),
                ..first.clone()
            });
            one.into_iter().map(alone).collect()
        }
        Each::FiltersMember => {
            let is_known =
                |list: &&Listing| list.action == action.name() && !list.filters.is_empty();
            let rows = Model::ec2().resources().iter();
            let mut lists = rows.filter_map(|row| row.list.as_ref());
            let known = lists.find(is_known).and_then(|list| list.filters_member);
            let filters = members.iter().filter(|member| known == Some(member.name()));
            filters
                .map(|member| alone(Subject::new(*member, String::new())))
                .collect()
        }
        Each::FilterText => life.map_or_else(Vec::new, |life| filter_texts(life, fixtures)),
        Each::Changed => fixtures
            .changed(action)
            .map_or_else(Vec::new, |(shown, value)| {
                vec![Subject {
                    shown: shown.to_owned(),
                    value: value.to_owned(),
                    ..Subject::default()
                }]
            }),
        Each::TagFilter | Each::TagKeyFilter => {
            let kind = if matches!(each, Each::TagFilter) {
                "tag:"
            } else {
                "tag-key"
            };
            let list = life.and_then(|life| life.row.list.as_ref().zip(life.filters_member()));
            let one = list.filter(|(list, _)| {
                list.filters
                    .iter()
                    .any(|filter| filter.name.starts_with(kind))
            });
            let member = one.map(|(_, member)| member);
            member
                .map(|member| alone(Subject::new(member, String::new())))
                .into_iter()
                .collect()
        }
        Each::Listed => life.map_or_else(Vec::new, |life| listed(action, life, fixtures)),
        Each::Keepers => life.map_or_else(Vec::new, |life| keepers(life, fixtures)),
        Each::Unique => life.map_or_else(Vec::new, |life| unique(action, life, fixtures)),
    }
}

/// The subject of a law that has one case for an action.
fn alone(subject: Subject) -> Subject {
    Subject {
        suffix: None,
        ..subject
    }
}

/// Whether the action answers with what failed of several resources, and not with an error.
pub(super) fn answers_for_each(action: Operation) -> bool {
    let output = action.output();
    let mut members = output.into_iter().flat_map(|output| {
        let names: Vec<&str> = output.members().map(|member| member.name()).collect();
        names
    });
    members.any(|name| {
        ["Unsuccessful", "Failed", "Errors"]
            .iter()
            .any(|start| name.starts_with(start))
    })
}

/// An id for a member that no server has given, and the codes that it may get.
type Stranger = Option<(String, Vec<String>)>;

/// The members that name one resource, or a list of one kind, with an id that the server refuses.
fn strangers(
    action: Operation,
    members: &[Member],
    fixtures: &Fixtures,
    of: impl Fn(&Resource) -> Stranger,
) -> Vec<Subject> {
    if answers_for_each(action) {
        return Vec::new();
    }
    let named = members.iter().filter_map(|member| {
        let shape = member.shape();
        let key = match shape.kind() {
            Kind::String => member.form_key(),
            Kind::List { entry, .. } if matches!(entry.kind(), Kind::String) => {
                format!("{}.1", member.form_key())
            }
            _ => return None,
        };
        let resource = premise::named(action, member.name())?;
        // What else a list is asked for may be a filter.
        let is_asked = fixtures.is_needed(action, *member)
            || is_reading(action.name()) && premise::is_listed(action, member.name());
        let (id, codes) = of(resource).filter(|_| is_asked)?;
        Some(Subject {
            key,
            unknown: id,
            codes,
            resource: resource.name.to_owned(),
            ..Subject::new(*member, String::new())
        })
    });
    named.collect()
}

fn unknown(resource: &Resource) -> Stranger {
    let codes = &resource.codes.unknown;
    let codes: Vec<String> = codes.iter().map(|code| code.value.to_owned()).collect();
    (!codes.is_empty()).then_some((resource.unknown_id()?, codes))
}

fn malformed(resource: &Resource) -> Stranger {
    let prefix = resource.id.prefix?.value;
    let codes = life::malformed_codes(resource);
    (!resource.codes.malformed.is_empty()).then(|| (format!("{prefix}_ec2wire"), codes))
}

fn filters(life: &Life, fixtures: &Fixtures) -> Vec<Subject> {
    let Some(member) = life.filters_member() else {
        return Vec::new();
    };
    let sure = life::sure_filters(life, fixtures).into_iter();
    sure.map(|filter| Subject {
        filter: filter.name.to_owned(),
        shown: filter.path,
        suffix: Some(filter.name.to_owned()),
        ..Subject::new(member, String::new())
    })
    .collect()
}

/// The filters on texts of the plain request that have small letters, with these in capitals.
fn filter_texts(life: &Life, fixtures: &Fixtures) -> Vec<Subject> {
    let request = Plain::new(life.make, fixtures, None).value;
    let make = life
        .row
        .make
        .iter()
        .find(|make| make.action == life.make.name());
    let (Some(make), Some(listed)) = (make, &life.listed) else {
        return Vec::new();
    };
    let texts = filters(life, fixtures).into_iter().filter_map(|filter| {
        let shown = make.shown.iter().find(|shown| {
            paths::elements(listed.entry, shown.path).as_deref() == Some(&*filter.shown)
        })?;
        let text = request.get(shown.member.as_str())?.as_str()?;
        // The names of variables stay as they are.
        let (own, rest) = text.split_at(text.find("${").unwrap_or(text.len()));
        let value = format!("{}{rest}", own.to_ascii_uppercase());
        (value != text).then_some(Subject { value, ..filter })
    });
    texts.collect()
}

/// What the request says in a member of its own and an entry of the list shows.
fn listed(action: Operation, life: &Life, fixtures: &Fixtures) -> Vec<Subject> {
    let make = life
        .row
        .make
        .iter()
        .find(|make| make.action == action.name());
    let (Some(make), Some(listed), Some(input)) = (make, &life.listed, action.input()) else {
        return Vec::new();
    };
    let plain = Plain::new(action, fixtures, None);
    let pairs = pairs_of(action, &plain.value).unwrap_or_default();
    let shown = make.shown.iter().filter_map(|shown| {
        let member = shown.member.members(input)?;
        let &[member] = member.as_slice() else {
            return None;
        };
        let place = paths::elements(listed.entry, shown.path)?;
        let is_one = !matches!(shown.path.shape(listed.entry)?.kind(), Kind::Structure)
            && !shown.path.as_str().contains("[]");
        let key = member.form_key();
        let (_, value) = pairs.iter().find(|(known, _)| *known == key && is_one)?;
        is_first_of_block(value).then(|| Subject {
            shown: place,
            ..Subject::new(member, value.clone())
        })
    });
    shown.collect()
}

/// The resources that keep this one, and that a case can make for it.
fn keepers(life: &Life, fixtures: &Fixtures) -> Vec<Subject> {
    let kept = life.row.kept_by.iter().filter_map(|keeper| {
        let resource = Model::ec2().resource(keeper.resource)?;
        let make = resource.make.first()?;
        let action = Model::ec2().operation(make.action)?;
        let plain = Plain::new(action, fixtures, None);
        let pairs = pairs_of(action, &plain.value).ok()?;
        let own = premise::variable(premise::USUAL, life.row.name);
        let is_named = pairs.iter().any(|(_, value)| *value == own);
        let can = premise::can_be_had(resource, fixtures, premise::MOST_DEPTH);
        (is_named && can).then(|| Subject {
            resource: keeper.resource.to_owned(),
            codes: keeper.code.iter().map(|code| (*code).to_owned()).collect(),
            suffix: Some(keeper.resource.to_owned()),
            ..Subject::default()
        })
    });
    kept.collect()
}

/// What the plain request says that no two resources may share.
fn unique(action: Operation, life: &Life, fixtures: &Fixtures) -> Vec<Subject> {
    let plain = Plain::new(action, fixtures, None);
    let unique = life.row.unique.iter().filter_map(|unique| {
        let first = unique.members.iter().map(|path| path.segments().next());
        let names: Vec<&str> = first
            .map(|one| one.map(|(name, _)| name))
            .collect::<Option<_>>()?;
        // What the request leaves out is the same for both.
        let is_said = names.iter().any(|name| plain.value.get(name).is_some());
        is_said.then(|| Subject {
            codes: vec![unique.code.to_owned()],
            member: names.join(" and "),
            suffix: Some(names.join("+")),
            ..Subject::default()
        })
    });
    unique.collect()
}

fn is_enum(shape: Shape) -> bool {
    matches!(shape.kind(), Kind::String) && !shape.enum_values().is_empty()
}

fn is_number(shape: Shape) -> bool {
    matches!(
        shape.kind(),
        Kind::Integer | Kind::Long | Kind::Float | Kind::Double
    )
}

/// The number at a limit, or next to it.
fn limit(each: Each, shape: Shape) -> Option<String> {
    let number = match each {
        // An empty page is not a page.
        Each::Least => shape.min()?.max(1.0),
        Each::Below => shape.min()? - 1.0,
        _ => shape.max()? + 1.0,
    };
    Some(number.to_string())
}

/// The members that list values which the answer's entries have under the singular name: `VpcIds`,
/// if an entry has a `VpcId`. Only for actions that change nothing.
fn ids(action: Operation, members: &[Member]) -> Vec<Subject> {
    let Some((_, listed)) = creation::list(action) else {
        return Vec::new();
    };
    // Actions that end or change resources answer with lists of them too.
    if !is_reading(action.name()) {
        return Vec::new();
    }
    let is_text = |shape: Shape| matches!(shape.kind(), Kind::String);
    let named = members.iter().filter_map(|member| {
        let Kind::List { entry, .. } = member.shape().kind() else {
            return None;
        };
        let own = listed.member(member.name().strip_suffix('s')?)?;
        (is_text(entry) && is_text(own.shape())).then(|| Subject {
            entry: own.element_name().to_owned(),
            ..Subject::new(*member, String::new())
        })
    });
    named.collect()
}

/// The members that the created resource has under the same name and with the same shape, with the
/// values of the plain request, or else the first value of an enum.
fn shown(
    action: Operation,
    members: &[Member],
    creation: Option<&Creation>,
    fixtures: &Fixtures,
) -> Vec<Subject> {
    let Some(creation) = creation else {
        return Vec::new();
    };
    let plain = Plain::new(action, fixtures, None);
    let pairs = pairs_of(action, &plain.value).unwrap_or_default();
    let shown = members.iter().filter_map(|member| {
        let other = creation.structure.member(member.name())?;
        let shape = member.shape();
        let is_plain = matches!(shape.kind(), Kind::String) || is_number(shape);
        let is_same = other.shape().kind().name() == shape.kind().name()
            && other.shape().enum_values() == shape.enum_values();
        if !is_plain || !is_same || member.is_idempotency_token() {
            return None;
        }
        let key = member.form_key();
        let value = pairs.iter().find(|(known, _)| *known == key);
        let value = match value {
            // A variable has a different value in each request.
            Some((_, value)) if value.contains("${token") => return None,
            Some((_, value)) => value.clone(),
            None if is_id(member.name()) => return None,
            None => (*shape.enum_values().first()?).to_owned(),
        };
        // EC2 shows a block with its first address, whatever was sent.
        if !is_first_of_block(&value) {
            return None;
        }
        let place = format!("{}{}", creation.place, other.element_name());
        Some(Subject {
            shown: place,
            ..Subject::new(*member, value)
        })
    });
    shown.collect()
}

/// Whether the address of a block is its first one; true for texts that are not blocks.
fn is_first_of_block(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else {
        return true;
    };
    let (Ok(address), Ok(length)) = (address.parse::<IpAddr>(), length.parse::<u32>()) else {
        return true;
    };
    let (bits, width) = match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32_u32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    };
    let host = width.saturating_sub(length);
    bits.trailing_zeros().min(width) >= host || host == 0
}

#[cfg(test)]
mod tests {
    use super::is_first_of_block;

    #[test]
    fn blocks_are_told_by_their_first_address() {
        for first in [
            "10.0.0.0/16",
            "0.0.0.0/0",
            "10.0.0.1/32",
            "fd00::/8",
            "gp3",
            "a/b",
        ] {
            assert!(is_first_of_block(first), "{first}");
        }
        for other in ["100.68.0.18/18", "10.0.1.0/16", "fd00::1/64"] {
            assert!(!is_first_of_block(other), "{other}");
        }
    }
}
