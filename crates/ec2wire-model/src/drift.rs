//! The differences between two models, as far as they show on the wire.
//!
//! Shapes are compared where an action uses them. So a renamed shape is not a difference, and
//! neither is a shape that no action uses. The order of members and the documentation do not count.
//!
//! ```
//! use ec2wire_model::{Model, drift};
//!
//! assert_eq!(drift::between(Model::ec2(), Model::ec2()), []);
//! ```

use crate::model::{KindData, ShapeData};
use crate::{Documentation, Kind, Model, Operation, Shape, TimestampFormat, Wire, resource};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Whether it was added, removed or changed.
    pub sort: Sort,
    /// What kind of thing differs.
    pub subject: Subject,
    /// Its name: of an action, of a member as in `Vpc.VpcId`, or of a shape. `A > B` if the users of
    /// the shape `A` now use `B`.
    pub name: String,
    /// The value that was added or removed, or the old and the new one. Empty if the name says it all.
    pub detail: String,
    /// The actions that it affects.
    pub actions: BTreeSet<&'static str>,
    /// Whether it affects their requests.
    pub in_requests: bool,
    /// Whether it affects their responses.
    pub in_answers: bool,
    /// All names of the affected members: in the API, in requests and in responses.
    pub members: BTreeSet<String>,
}

/// Whether something was added, removed or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sort {
    /// It was removed.
    Removed,
    /// It was changed.
    Changed,
    /// It was added.
    Added,
}

/// What kind of thing differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Subject {
    /// The API version, which is in each request and in each success.
    Version,
    /// An action.
    Action,
    /// A member of a structure.
    Member,
    /// A value of an enum.
    Value,
    /// The kind of value that a shape describes.
    Kind,
    /// Whether a member is required.
    Required,
    /// A member's name on the wire.
    WireName,
    /// A minimum or maximum.
    Limit,
    /// The pattern of a string.
    Pattern,
    /// How a timestamp is written, or whether a list is flattened.
    Form,
    /// Whether a member is an idempotency token.
    Token,
    /// Whether values are secret.
    Secrecy,
    /// Whether an action or a member is deprecated.
    Deprecation,
    /// A fact of the table of resources.
    Resource,
}

impl Change {
    /// Whether something that worked before may now fail: something was removed or changed, or a new
    /// member is required.
    pub fn is_breaking(&self) -> bool {
        self.sort != Sort::Added || self.subject == Subject::Required
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mark, sort) = match self.sort {
            Sort::Removed => ('-', "removed"),
            Sort::Changed => ('~', "changed"),
            Sort::Added => ('+', "added"),
        };
        write!(f, "{mark} {} {sort}: {}", self.subject, self.name)?;
        if !self.detail.is_empty() {
            write!(f, ": {}", self.detail)?;
        }
        Ok(())
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Version => "version",
            Self::Action => "action",
            Self::Member => "member",
            Self::Value => "value",
            Self::Kind => "kind",
            Self::Required => "required",
            Self::WireName => "wire name",
            Self::Limit => "limit",
            Self::Pattern => "pattern",
            Self::Form => "form",
            Self::Token => "token",
            Self::Secrecy => "secrecy",
            Self::Deprecation => "deprecation",
            Self::Resource => "resource",
        })
    }
}

/// Compares an earlier model with a later one. Returns removals first, then changes, then
/// additions.
pub fn between(before: &'static Model, after: &'static Model) -> Vec<Change> {
    let mut drift = Drift::default();
    if before.api_version() != after.api_version() {
        drift.version(before, after);
    }
    for operation in before.operations() {
        match after.operation(operation.name()) {
            Some(now) => drift.operation(operation, now),
            None => drift.action(Sort::Removed, operation, ""),
        }
    }
    for operation in after.operations() {
        if before.operation(operation.name()).is_none() {
            drift.action(Sort::Added, operation, "");
        }
    }
    drift.found.into_values().collect()
}

/// What the table of resources says, and a later model lacks: actions, members, paths, values and, if
/// the model's documentation is given, filters. Filters that the table does not have are added ones.
///
/// ```
/// use ec2wire_model::{Model, drift};
///
/// assert_eq!(drift::of_resources(Model::ec2(), None), []);
/// ```
pub fn of_resources(after: &'static Model, documentation: Option<&Documentation>) -> Vec<Change> {
    let rows = Model::ec2().resources();
    let lacks = resource::lacks(rows, after, documentation).into_iter();
    let mut changes: Vec<Change> = lacks
        .map(|lack| Change {
            sort: Sort::Removed,
            subject: Subject::Resource,
            name: lack.resource.to_owned(),
            detail: lack.what,
            actions: lack.action.into_iter().collect(),
            in_requests: lack.in_request,
            in_answers: !lack.in_request,
            members: lack.members.into_iter().map(str::to_owned).collect(),
        })
        .collect();
    let listings = rows.iter().flat_map(|row| {
        let all = row.list.iter().chain(&row.read);
        all.map(move |listing| (row.name, listing))
    });
    for (name, listing) in listings {
        let documented = documentation.map(|all| all.filters(listing.action));
        let is_known = |filter: &String| listing.filters.iter().any(|known| known.name == filter);
        for filter in documented
            .unwrap_or_default()
            .into_iter()
            .filter(|filter| !is_known(filter))
        {
            changes.push(Change {
                sort: Sort::Added,
                subject: Subject::Resource,
                name: name.to_owned(),
                detail: format!("filter {filter} of {}", listing.action),
                actions: BTreeSet::from([listing.action]),
                in_requests: true,
                in_answers: false,
                members: BTreeSet::new(),
            });
        }
    }
    changes
}

type Key = (Sort, Subject, String, String);

#[derive(Default)]
struct Drift {
    found: BTreeMap<Key, Change>,
    /// The result for each pair of shapes that was compared.
    known: HashMap<(Shape, Shape, bool), Compared>,
}

/// The result of comparing two shapes.
#[derive(Clone, Default)]
struct Compared {
    changes: Vec<Draft>,
    /// The pairs of shapes below, each with the names of the member that leads there.
    below: Vec<(Shape, Shape, BTreeSet<String>)>,
}

#[derive(Clone)]
struct Draft {
    sort: Sort,
    subject: Subject,
    name: String,
    detail: String,
    members: BTreeSet<String>,
}

impl Drift {
    fn version(&mut self, before: &'static Model, after: &'static Model) {
        let draft = Draft {
            sort: Sort::Changed,
            subject: Subject::Version,
            name: "the API".to_owned(),
            detail: was_is("", before.api_version(), after.api_version()),
            members: BTreeSet::new(),
        };
        for operation in before.operations() {
            for wire in [Wire::Form, Wire::Xml] {
                self.note(draft.clone(), operation.name(), wire, &BTreeSet::new());
            }
        }
    }

    fn action(&mut self, sort: Sort, operation: Operation, detail: &str) {
        let subject = if detail.is_empty() {
            Subject::Action
        } else {
            Subject::Deprecation
        };
        let draft = Draft {
            sort,
            subject,
            name: operation.name().to_owned(),
            detail: detail.to_owned(),
            members: BTreeSet::new(),
        };
        self.note(draft, operation.name(), Wire::Form, &BTreeSet::new());
    }

    fn note(&mut self, draft: Draft, action: &'static str, wire: Wire, leading: &BTreeSet<String>) {
        let Draft {
            sort,
            subject,
            name,
            detail,
            members,
        } = draft;
        let key = (sort, subject, name.clone(), detail.clone());
        let change = self.found.entry(key).or_insert_with(|| Change {
            sort,
            subject,
            name,
            detail,
            actions: BTreeSet::new(),
            in_requests: false,
            in_answers: false,
            members: BTreeSet::new(),
        });
        change.actions.insert(action);
        match wire {
            Wire::Form => change.in_requests = true,
            Wire::Xml => change.in_answers = true,
        }
        let members = if members.is_empty() {
            leading
        } else {
            &members
        };
        change.members.extend(members.iter().cloned());
    }

    fn operation(&mut self, before: Operation, after: Operation) {
        if before.is_deprecated() != after.is_deprecated() {
            let detail = was_is(
                "deprecated",
                yes_no(before.is_deprecated()),
                yes_no(after.is_deprecated()),
            );
            self.action(Sort::Changed, after, &detail);
        }
        let action = after.name();
        for (wire, before, after) in [
            (Wire::Form, before.input(), after.input()),
            (Wire::Xml, before.output(), after.output()),
        ] {
            match (before, after) {
                (Some(before), Some(after)) => self.walk(action, wire, before, after),
                // The response has members only in one of the models.
                (None, Some(shape)) => self.all_members(action, wire, Sort::Added, shape),
                (Some(shape), None) => self.all_members(action, wire, Sort::Removed, shape),
                (None, None) => {}
            }
        }
    }

    fn all_members(&mut self, action: &'static str, wire: Wire, sort: Sort, shape: Shape) {
        for member in shape.members() {
            let draft = member_draft(sort, shape, member);
            self.note(draft, action, wire, &BTreeSet::new());
        }
    }

    fn walk(&mut self, action: &'static str, wire: Wire, before: Shape, after: Shape) {
        let is_form = wire == Wire::Form;
        let mut seen = BTreeSet::from([(before.position, after.position)]);
        let mut open = vec![(before, after, BTreeSet::new())];
        while let Some((before, after, leading)) = open.pop() {
            let compared = self
                .known
                .entry((before, after, is_form))
                .or_insert_with(|| compare(before, after, wire))
                .clone();
            for draft in compared.changes {
                self.note(draft, action, wire, &leading);
            }
            for (before, after, names) in compared.below {
                if seen.insert((before.position, after.position)) {
                    let names = if names.is_empty() {
                        leading.clone()
                    } else {
                        names
                    };
                    open.push((before, after, names));
                }
            }
        }
    }
}

fn member_draft(sort: Sort, shape: Shape, member: crate::Member) -> Draft {
    let required = if member.is_required() {
        ", required"
    } else {
        ""
    };
    Draft {
        sort,
        subject: Subject::Member,
        name: format!("{}.{}", shape.name(), member.name()),
        detail: format!("{}{required}", member.shape().kind().name()),
        members: names_of(member),
    }
}

fn names_of(member: crate::Member) -> BTreeSet<String> {
    BTreeSet::from([
        member.name().to_owned(),
        member.form_key(),
        member.element_name().to_owned(),
    ])
}

/// The detail of a change. `what` may be empty.
fn was_is(what: &str, was: impl fmt::Display, is: impl fmt::Display) -> String {
    let colon = if what.is_empty() { "" } else { ": " };
    format!("{what}{colon}was {was}, now {is}")
}

const fn yes_no(is: bool) -> &'static str {
    if is { "yes" } else { "no" }
}

/// Compares two shapes, without the shapes below them.
fn compare(before: Shape, after: Shape, wire: Wire) -> Compared {
    let mut compared = Compared::default();
    let name = if before.name() == after.name() {
        after.name().to_owned()
    } else {
        format!("{} > {}", before.name(), after.name())
    };
    let mut note = |sort, subject, detail: String| {
        compared.changes.push(Draft {
            sort,
            subject,
            name: name.clone(),
            detail,
            members: BTreeSet::new(),
        });
    };
    let (was, is) = (before.kind(), after.kind());
    if was.name() != is.name() {
        note(
            Sort::Changed,
            Subject::Kind,
            was_is("", was.name(), is.name()),
        );
        return compared;
    }
    facts(before.data, after.data, &mut note);
    match (was, is) {
        (Kind::Structure, _) => members(before, after, wire, &mut compared),
        (
            Kind::List {
                entry: was,
                entry_name: was_name,
                flattened: was_flat,
            },
            Kind::List {
                entry: is,
                entry_name: is_name,
                flattened: is_flat,
            },
        ) => {
            if wire == Wire::Xml && was_name != is_name {
                note(
                    Sort::Changed,
                    Subject::WireName,
                    was_is("entry", was_name, is_name),
                );
            }
            if wire == Wire::Xml && was_flat != is_flat {
                note(
                    Sort::Changed,
                    Subject::Form,
                    was_is("flattened", yes_no(was_flat), yes_no(is_flat)),
                );
            }
            compared.below.push((was, is, BTreeSet::new()));
        }
        (Kind::Map { value: was, .. }, Kind::Map { value: is, .. }) => {
            compared.below.push((was, is, BTreeSet::new()));
        }
        _ => {}
    }
    compared
}

/// Compares limits, patterns and other facts about values.
fn facts(before: &ShapeData, after: &ShapeData, note: &mut impl FnMut(Sort, Subject, String)) {
    let limit =
        |limit: Option<f64>| limit.map_or_else(|| "none".to_owned(), |limit| limit.to_string());
    // A minimum of zero means nothing for lengths.
    let counts = |kind: &KindData| matches!(kind, KindData::String(_) | KindData::List { .. });
    let least = |shape: &ShapeData| {
        shape
            .min
            .filter(|least| *least > 0.0 || !counts(&shape.kind))
    };
    for (what, was, is) in [
        ("minimum", least(before), least(after)),
        ("maximum", before.max, after.max),
    ] {
        let (was, is) = (limit(was), limit(is));
        if was != is {
            note(Sort::Changed, Subject::Limit, was_is(what, was, is));
        }
    }
    if before.pattern != after.pattern {
        let (was, is) = (before.pattern, after.pattern);
        let detail = was_is("", was.unwrap_or("none"), is.unwrap_or("none"));
        note(Sort::Changed, Subject::Pattern, detail);
    }
    if before.sensitive != after.sensitive {
        let detail = was_is("secret", yes_no(before.sensitive), yes_no(after.sensitive));
        note(Sort::Changed, Subject::Secrecy, detail);
    }
    match (&before.kind, &after.kind) {
        (KindData::String(was), KindData::String(is)) if was.is_empty() != is.is_empty() => {
            let describe = |values: &[&str]| match values.len() {
                0 => "any string".to_owned(),
                count => format!("one of {count} values"),
            };
            note(
                Sort::Changed,
                Subject::Kind,
                was_is("", describe(was), describe(is)),
            );
        }
        (KindData::String(was), KindData::String(is)) => {
            for value in was.iter().filter(|value| !is.contains(value)) {
                note(Sort::Removed, Subject::Value, (*value).to_owned());
            }
            for value in is.iter().filter(|value| !was.contains(value)) {
                note(Sort::Added, Subject::Value, (*value).to_owned());
            }
        }
        (KindData::Timestamp(was), KindData::Timestamp(is)) if was != is => {
            let detail = was_is("", was, is);
            note(Sort::Changed, Subject::Form, detail);
        }
        _ => {}
    }
}

fn members(before: Shape, after: Shape, wire: Wire, compared: &mut Compared) {
    for was in before.members() {
        let Some(is) = after.member(was.name()) else {
            compared
                .changes
                .push(member_draft(Sort::Removed, before, was));
            continue;
        };
        let mut note = |subject, detail| {
            compared.changes.push(Draft {
                sort: Sort::Changed,
                subject,
                name: format!("{}.{}", after.name(), is.name()),
                detail,
                members: names_of(was).into_iter().chain(names_of(is)).collect(),
            });
        };
        let mut flag = |subject, what, was, is| {
            if was != is {
                note(subject, was_is(what, yes_no(was), yes_no(is)));
            }
        };
        if wire == Wire::Form {
            flag(Subject::Required, "", was.is_required(), is.is_required());
            let tokens = (was.is_idempotency_token(), is.is_idempotency_token());
            flag(Subject::Token, "", tokens.0, tokens.1);
        } else {
            flag(
                Subject::Form,
                "flattened",
                was.is_flattened(),
                is.is_flattened(),
            );
        }
        flag(
            Subject::Deprecation,
            "deprecated",
            was.is_deprecated(),
            is.is_deprecated(),
        );
        if was.timestamp_format() != is.timestamp_format() {
            let name = |format: Option<TimestampFormat>| {
                format.map_or_else(
                    || "the format of its shape".to_owned(),
                    |format| format.to_string(),
                )
            };
            let (was, is) = (was.timestamp_format(), is.timestamp_format());
            let detail = was_is("", name(was), name(is));
            note(Subject::Form, detail);
        }
        let names = match wire {
            Wire::Form => (was.form_key(), is.form_key()),
            Wire::Xml => (was.element_name().to_owned(), is.element_name().to_owned()),
        };
        if names.0 != names.1 {
            note(Subject::WireName, was_is("", names.0, names.1));
        }
        compared.below.push((was.shape(), is.shape(), names_of(is)));
    }
    for is in after.members() {
        if before.member(is.name()).is_some() {
            continue;
        }
        let mut draft = member_draft(Sort::Added, after, is);
        if wire == Wire::Form && is.is_required() {
            // Requests that were complete now lack it.
            draft.subject = Subject::Required;
        }
        compared.changes.push(draft);
    }
}
