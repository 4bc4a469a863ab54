//! The members that a law is made into a case of.

use super::Each;
use super::fixtures::Fixtures;
use super::made::{self, Creation};
use super::plain::{Plain, is_id, pairs_of};
use crate::format::verbs::is_reading;
use ec2wire_model::{Kind, Member, Operation, Shape};
use std::net::IpAddr;

/// What the variables of one case of a law stand for.
#[derive(Default)]
pub(super) struct Subject {
    pub(super) member: String,
    pub(super) key: String,
    pub(super) value: String,
    /// Where an answer shows the member.
    pub(super) shown: String,
    /// The element of an entry that the member may name.
    pub(super) entry: String,
    /// What the case's id ends with, where the law is made into several.
    pub(super) suffix: Option<String>,
}

impl Subject {
    fn of(member: Member, value: String) -> Self {
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

pub(super) fn of(
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
    let of = |wanted: fn(Shape) -> bool, member: &Member| wanted(member.shape());
    let with_value = |member: Member| {
        let value = member.shape().enum_values().first().copied();
        Subject::of(member, value.unwrap_or_default().to_owned())
    };
    match each {
        Each::Required => {
            let required = members.into_iter().filter(Member::is_required);
            required.map(with_value).collect()
        }
        Each::Enum => {
            let enums = members.into_iter().filter(|member| of(is_enum, member));
            enums.map(with_value).collect()
        }
        Each::Number => {
            let numbers = members.into_iter().filter(|member| of(is_number, member));
            numbers.map(with_value).collect()
        }
        Each::Least | Each::Below | Each::Above => {
            let pages = members
                .into_iter()
                .find(|member| member.name() == "MaxResults");
            let limited = pages.and_then(|member| Some((member, limit(each, member.shape())?)));
            let subject = limited.map(|(member, value)| Subject {
                suffix: None,
                ..Subject::of(member, value)
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

/// The number at a limit or beside it.
fn limit(each: Each, shape: Shape) -> Option<String> {
    let number = match each {
        // A page of nothing is none.
        Each::Least => shape.min()?.max(1.0),
        Each::Below => shape.min()? - 1.0,
        _ => shape.max()? + 1.0,
    };
    Some(number.to_string())
}

/// The members that are a list of texts that the entries of the answer have under their name, one
/// each: `VpcIds`, where an entry has a `VpcId`. Only of actions that change nothing.
fn ids(action: Operation, members: &[Member]) -> Vec<Subject> {
    let Some((_, listed)) = made::list(action) else {
        return Vec::new();
    };
    // What ends or changes things answers with a list of them, too.
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
            ..Subject::of(*member, String::new())
        })
    });
    named.collect()
}

/// The members that what is made has under the same name and of the same shape, with the values
/// that the plain request has, or else the first of an enum.
fn shown(
    action: Operation,
    members: &[Member],
    creation: Option<&Creation>,
    fixtures: &Fixtures,
) -> Vec<Subject> {
    let Some(creation) = creation else {
        return Vec::new();
    };
    let plain = Plain::of(action, fixtures, None);
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
            // What a variable stands for is another text in each request.
            Some((_, value)) if value.contains("${token") => return None,
            Some((_, value)) => value.clone(),
            None if is_id(member.name()) => return None,
            None => (*shape.enum_values().first()?).to_owned(),
        };
        // Of a block EC2 shows the first address, whichever was given.
        if !is_first_of_block(&value) {
            return None;
        }
        let place = format!("{}{}", creation.place, other.element_name());
        Some(Subject {
            shown: place,
            ..Subject::of(*member, value)
        })
    });
    shown.collect()
}

/// Whether a block of addresses is named by its first one; so is what is no block.
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
