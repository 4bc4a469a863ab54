//! The members that a law is made into cases for.

use super::Each;
use super::creation::{self, Creation};
use super::fixtures::Fixtures;
use super::plain::{Plain, is_id, pairs_of};
use crate::format::verbs::is_reading;
use ec2wire_model::{Kind, Member, Operation, Shape};
use std::net::IpAddr;

/// The values of the variables in one case of a law.
#[derive(Default)]
pub(super) struct Subject {
    pub(super) member: String,
    pub(super) key: String,
    pub(super) value: String,
    /// The path at which an answer shows the member.
    pub(super) shown: String,
    /// The element of a list entry with the member's value.
    pub(super) entry: String,
    /// The end of the case's id, if the law has several cases.
    pub(super) suffix: Option<String>,
}

impl Subject {
    fn new(member: Member, value: String) -> Self {
        Self {
            member: member.name().to_owned(),
            key: member.form_key(),
            value,
            shown: String::new(),
            entry: String::new(),
            suffix: Some(member.name().to_owned()),
        }
    }
}

pub(super) fn select(
    each: Each,
    action: Operation,
    creation: Option<&Creation>,
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
    }
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
