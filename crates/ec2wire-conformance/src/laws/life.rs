//! The life of a resource: how it is made, listed and ended, as the table of resources has it, in the
//! names of the wire.

use super::creation::Creation;
use super::fixtures::Fixtures;
use super::plain::{Plain, pairs_of};
use super::{paths, premise};
use crate::format::case::Step;
use ec2wire_model::{
    Digits, Evidence, Fact, Kind, Member, Model, Operation, Path, Resource, Shape,
};

/// Members with the time at which a resource was made.
const TIMES: [&str; 7] = [
    "CreateTime",
    "CreationDate",
    "CreateTimestamp",
    "CreatedAt",
    "CreationTime",
    "LaunchTime",
    "StartTime",
];

/// How a resource is listed.
pub(super) struct Listed {
    pub(super) action: Operation,
    /// The pairs of a plain request.
    pub(super) pairs: Vec<(String, String)>,
    /// The key that takes an id, if there is one.
    pub(super) by_id: Option<String>,
    /// Where a response has the entries.
    pub(super) place: String,
    /// Where an entry has its id, its state and its tags.
    pub(super) id: String,
    pub(super) state: Option<String>,
    pub(super) tags: Option<String>,
    /// The shape of an entry.
    pub(super) entry: Shape,
}

impl Listed {
    pub(super) fn of(resource: &Resource, fixtures: &Fixtures) -> Option<Self> {
        let list = resource.list.as_ref()?;
        let action = Model::ec2().operation(list.action)?;
        let output = action.output()?;
        let entry = list.path.shape(output)?;
        let id = paths::elements(entry, list.id?)?;
        let plain = Plain::new(action, fixtures, None);
        let state = resource.states.as_ref().map(|states| states.path);
        let in_entry = |path: Path| paths::elements(entry, path);
        Some(Self {
            pairs: pairs_of(action, &plain.value).ok()?,
            by_id: list
                .member
                .and_then(|member| paths::key(action.input()?, member)),
            place: paths::elements(output, list.path)?,
            // A place selects an entry by one of its own members.
            id: (!id.contains('.')).then_some(id)?,
            state: state.and_then(in_entry),
            tags: list.tags.and_then(in_entry),
            entry,
            action,
        })
    }

    /// Where an entry has the time at which it was made.
    pub(super) fn time(&self) -> Option<String> {
        let times = self
            .entry
            .members()
            .filter(|member| TIMES.contains(&member.name()));
        // That of an image is a text.
        let is_time = |shape: Shape| matches!(shape.kind(), Kind::Timestamp(_) | Kind::String);
        let mut times = times.filter(|member| is_time(member.shape()));
        times.next().map(|member| member.element_name().to_owned())
    }

    /// The request for all, or for one by its id.
    pub(super) fn step(&self, id: Option<&str>) -> Step {
        let mut pairs = self.pairs.clone();
        if let (Some(id), Some(key)) = (id, &self.by_id) {
            pairs.push((key.clone(), id.to_owned()));
        }
        Step {
            action: Some(self.action.name().to_owned()),
            pairs,
            expect: Some("success".to_owned()),
            ..Step::default()
        }
    }
}

/// What laws about a resource speak of.
pub(super) struct Life {
    pub(super) row: &'static Resource,
    pub(super) make: Operation,
    pub(super) creation: Creation,
    pub(super) listed: Option<Listed>,
}

impl Life {
    /// The life of what the action makes, lists, changes or ends, if a case can make one.
    pub(super) fn of(action: Operation, fixtures: &Fixtures) -> Option<Self> {
        let row = premise::subject(action)?;
        // Names and numbers that others choose are no ids.
        let has_ids = row.id.digits != Digits::Free;
        if !has_ids || !premise::can_be_had(row, fixtures, premise::MOST_DEPTH) {
            return None;
        }
        let is_maker = row.make.iter().any(|make| make.action == action.name());
        let make = if is_maker {
            action
        } else {
            Model::ec2().operation(row.make.first()?.action)?
        };
        Some(Self {
            row,
            creation: Creation::find(make, fixtures)?,
            make,
            listed: Listed::of(row, fixtures),
        })
    }

    /// The member of the listing request that takes filters.
    pub(super) fn filters_member(&self) -> Option<Member> {
        let member = self.row.list.as_ref()?.filters_member?;
        self.listed.as_ref()?.action.input()?.member(member)
    }

    /// Where the response to the making action has the state.
    pub(super) fn made_state(&self) -> Option<String> {
        let make = self
            .row
            .make
            .iter()
            .find(|make| make.action == self.make.name())?;
        let (entry, output) = (make.entry?, self.make.output()?);
        let state = paths::elements(entry.shape(output)?, self.row.states.as_ref()?.path)?;
        Some(format!("{}{state}", self.creation.place))
    }

    /// The values of a list that a law names.
    pub(super) fn list(&self, name: &str) -> Option<Vec<String>> {
        let values = |facts: &[Fact]| facts.iter().map(|fact| fact.value.to_owned()).collect();
        let states = self.row.states.as_ref();
        let codes = &self.row.codes;
        match name {
            "first-states" => states.map(|states| {
                let mut all: Vec<String> = values(&states.first);
                all.extend(Self::settled(self.row).unwrap_or_else(|| values(&states.settled)));
                all
            }),
            "settled" => Self::settled(self.row),
            "unknown-codes" => Some(values(&codes.unknown)),
            "malformed-codes" => Some(malformed_codes(self.row)),
            _ => None,
        }
    }

    /// The state that it reaches after it is made, if AWS says so or somebody saw it, in each spelling.
    pub(super) fn settled(row: &Resource) -> Option<Vec<String>> {
        let settled = row.states.as_ref()?.settled.iter();
        let mut known = settled.filter(|state| state.source.evidence() > Evidence::Inferred);
        // The others, such as an instance's `stopped`, come after other requests.
        let first = known.next()?.value;
        let same = known.filter(|state| state.value.eq_ignore_ascii_case(first));
        let same = same.map(|state| state.value.to_owned());
        Some(std::iter::once(first.to_owned()).chain(same).collect())
    }

    /// The form of its ids, as a regular expression, if it is known.
    pub(super) fn id_form(&self) -> Option<String> {
        let prefix = self.row.id.prefix?.value;
        let rest = match self.row.id.digits {
            Digits::Seventeen => "([0-9a-f]{8}|[0-9a-f]{17})",
            Digits::Uuid => "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
            Digits::ThirtyTwo => "[0-9a-f]{32}",
            Digits::Eight => "[0-9a-z]{8}",
            _ => return None,
        };
        Some(format!("^{prefix}-{rest}$"))
    }
}

/// The codes that an id which is not well formed may get.
pub(super) fn malformed_codes(row: &Resource) -> Vec<String> {
    let known = row.codes.malformed.iter().chain(&row.codes.unknown);
    let mut codes: Vec<String> = known.map(|code| code.value.to_owned()).collect();
    // EC2's page of errors has it for any value.
    codes.push("InvalidParameterValue".to_owned());
    codes
}

/// A filter of a list whose value an entry is sure to have.
pub(super) struct SureFilter {
    pub(super) name: &'static str,
    /// Where an entry has the value.
    pub(super) path: String,
}

/// The filters on what a plain request is sure to give to an entry: its id, its state, what the
/// request says and an entry shows.
pub(super) fn sure_filters(life: &Life, fixtures: &Fixtures) -> Vec<SureFilter> {
    let (Some(list), Some(listed)) = (&life.row.list, &life.listed) else {
        return Vec::new();
    };
    let Some(make) = life
        .row
        .make
        .iter()
        .find(|make| make.action == life.make.name())
    else {
        return Vec::new();
    };
    let request = Plain::new(life.make, fixtures, None).value;
    let is_sent = |member: Path| {
        let mut at = Some(&request);
        for (name, is_list) in member.segments() {
            at = at.and_then(|value| value.get(name));
            if is_list {
                at = at.and_then(|value| value.as_list()?.first());
            }
        }
        at.is_some()
    };
    let shown = make.shown.iter().filter(|shown| is_sent(shown.member));
    let mut sure: Vec<Path> = shown.map(|shown| shown.path).collect();
    sure.extend(list.id);
    sure.extend(life.row.states.as_ref().map(|states| states.path));
    let filters = list.filters.iter().filter_map(|filter| {
        let path = filter.path.filter(|path| sure.contains(path))?;
        let is_text = matches!(path.shape(listed.entry)?.kind(), Kind::String);
        Some(SureFilter {
            name: filter.name,
            path: is_text
                .then(|| paths::elements(listed.entry, path))
                .flatten()?,
        })
    });
    filters.collect()
}
