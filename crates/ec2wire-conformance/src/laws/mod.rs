//! Laws: what holds for every action of EC2. They become cases for the actions that are asked for.
//!
//! `contract/laws.toml` has the laws, and [`Fixtures`] fill in requests where the service model is
//! not enough. The cases are like handwritten ones; they run and are judged in the same way.

mod creation;
mod fixtures;
mod life;
mod paths;
mod plain;
mod premise;
mod start;
mod subjects;
mod variables;

pub use fixtures::{ActionFixtures, CreatedFixture, Fixtures, FoundFixture};
pub use start::start;

use crate::catalogue::{Catalogue, CatalogueError};
use crate::format::aspect::Aspect;
use crate::format::case::{Answer, Case, Listing, Phase, Step, Undo, Watch};
use crate::format::template::Template;
use crate::format::verbs::{is_creating, is_reading};
use crate::format::{embedded, place};
use crate::judge::gone::Gone;
use creation::Creation;
use ec2wire_model::{Model, Operation};
use globset::{Glob, GlobSetBuilder};
use life::Life;
use plain::{Plain, pairs_of};
use serde::{Deserialize, Serialize};
use subjects::Subject;
use toml::Value;
use variables::Variables;

/// The member of requests that has the tags.
const TAGS: &str = "TagSpecifications";

/// The prefix of the ids of cases made from laws.
pub const PREFIX: &str = "any/";

/// The file of laws, for its schema.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LawFile {
    /// The laws.
    pub law: Vec<Law>,
}

/// Something that holds for every action that it applies to. Its texts may contain the variables
/// that `contract/laws.toml` lists.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the file")]
pub struct Law {
    /// The part of its cases' ids after the action.
    pub id: String,
    /// What a case shows, as a sentence.
    pub title: String,
    /// The requirement that an illegal answer breaks.
    pub requirement: String,
    /// The phase of the cases.
    pub phase: Phase,
    /// What the cases show of the resource that the action is about.
    pub aspect: Aspect,
    /// The exceptions: actions, or members of actions as `Action/Member`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
    /// If any are given, it holds for these only: actions, or members as `Action/Member`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
    /// The members that the action's request must have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
    /// The actions that it applies to.
    #[serde(default)]
    pub of: Of,
    /// Makes one case for each member of that kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each: Option<Each>,
    /// Whether the plain request omits that member.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub without: bool,
    /// Whether no other case may run at the same time.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub alone: bool,
    /// Whether a plain request comes first; if it is refused, the case is not run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub after_plain: bool,
    /// Whether a refusal shows something only after a plain request that succeeds. Where that
    /// cannot be sent, the case only finds servers that do not refuse.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub needs_plain: bool,
    /// The requests, as in cases. One with its own action takes nothing from the plain request.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
}

/// The actions that a law applies to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Of {
    /// All of them.
    #[default]
    Any,
    /// The first one: the law does not depend on the action.
    First,
    /// Those known to create something and to return its id.
    Creating,
    /// Those of them whose resource type is known too.
    Typed,
    /// Those of them whose place of tags is known too.
    Tagging,
    /// Those that create something and have a second request, which differs in more than its tags.
    Varied,
    /// Those that create something and have a second request, which differs in its tags only.
    Retagged,
    /// Those whose result can be deleted and listed.
    Ended,
    /// Those that answer with one list.
    Listing,
    /// Those of them whose answer has the next page's token.
    Paged,
    /// Those that make a resource of the table, which a case can make and list.
    Made,
    /// Those that list such a resource.
    Lists,
    /// Those that list it by ids.
    ListsById,
    /// Those that end such a resource.
    Ends,
    /// Those after which it is not listed any more, and that answer for one resource alone.
    EndsAtOnce,
}

/// The members that a law is made into cases for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Each {
    /// Those that the model requires.
    Required,
    /// Enums.
    Enum,
    /// Numbers.
    Number,
    /// `MaxResults`, at the model's minimum.
    Least,
    /// `MaxResults`, one below the minimum.
    Below,
    /// `MaxResults`, one above the maximum.
    Above,
    /// Lists of values that the answer's entries have under the singular name, such as `VpcIds`,
    /// for actions that change nothing.
    Ids,
    /// Those that the created resource has too, and whose value is known.
    Shown,
    /// Those that name a resource whose codes for unknown ids are known.
    Unknown,
    /// Those that name a resource whose ids have a known form.
    Malformed,
    /// The filters whose value a listed resource is sure to have.
    Filters,
    /// The first of them.
    FirstFilter,
    /// The first two of them.
    FilterPair,
    /// The member that takes filters.
    FiltersMember,
    /// The same, if there are filters on the values of tags.
    TagFilter,
    /// The same, if there is a filter on the keys of tags.
    TagKeyFilter,
    /// The filters whose value is a text of the plain request that has letters.
    FilterText,
    /// What fixtures say that an entry of the list shows after the plain request.
    Changed,
    /// What the request says and an entry of the list shows.
    Listed,
    /// What keeps the resource from being ended.
    Keepers,
    /// What no two resources may share.
    Unique,
}

/// Why the cases of an action do not run that changes something for good.
const LASTING: &str = "its plain request may change something for everyone or for good: \
                       name the action in full, or use --allow-lasting";

/// Why a case does not run whose request does not say what is to be deleted or changed.
const NAMELESS: &str = "its request names nothing, and a server that does not refuse it may delete or \
                        change anything: name the action in full, or use --allow-lasting";

/// A law, and its template, in which variables are not filled in.
struct Form {
    law: Law,
    steps: Value,
}

/// Makes the cases of the actions that match one of the globs. Those of an action that changes
/// something for good run only if a glob is its whole name.
///
/// ```
/// use ec2wire_conformance::laws::{self, Fixtures};
/// use ec2wire_conformance::Catalogue;
///
/// let mut catalogue = Catalogue::without_cases()?;
/// laws::add(&mut catalogue, &["CreateVpc".to_owned()], &Fixtures::embedded()?)?;
/// assert!(catalogue.cases().iter().any(|case| case.id == "any/CreateVpc/dry-run/answer"));
/// # Ok::<(), ec2wire_conformance::CatalogueError>(())
/// ```
///
/// # Errors
///
/// A glob is malformed, or matches no action of EC2.
pub fn add(
    catalogue: &mut Catalogue,
    globs: &[String],
    fixtures: &Fixtures,
) -> Result<(), CatalogueError> {
    let is_named = |action: &str| globs.iter().any(|glob| glob == action);
    add_cases(catalogue, globs, fixtures, &is_named)
}

/// Like [`add`], but the cases also run for actions that change something for good and are not named
/// in full.
///
/// # Errors
///
/// A glob is malformed, or matches no action of EC2.
pub fn add_with_lasting(
    catalogue: &mut Catalogue,
    globs: &[String],
    fixtures: &Fixtures,
) -> Result<(), CatalogueError> {
    add_cases(catalogue, globs, fixtures, &|_| true)
}

fn add_cases(
    catalogue: &mut Catalogue,
    globs: &[String],
    fixtures: &Fixtures,
    may_last: &dyn Fn(&str) -> bool,
) -> Result<(), CatalogueError> {
    let laws = laws()?;
    let gone = Gone::embedded()?;
    let mut cases = Vec::new();
    for (index, action) in actions(globs)?.into_iter().enumerate() {
        let creation = Creation::find(action, fixtures);
        let life = Life::of(action, fixtures);
        let is_held = !may_last(action.name()) && is_lasting(action, creation.as_ref(), fixtures);
        let held = is_held.then_some(LASTING);
        let before = cases.len();
        for law in &laws {
            if law.law.of == Of::First && index > 0 {
                continue;
            }
            let refuses = |step: &Step| {
                let outcomes = catalogue.outcomes(step);
                outcomes.legal.iter().all(|one| one.answer == Answer::Fault)
            };
            let of_law = cases.len();
            make(
                law,
                action,
                (creation.as_ref(), life.as_ref()),
                (fixtures, &gone),
                &refuses,
                &mut cases,
            )?;
            if law.law.without && !may_last(action.name()) {
                for case in cases.iter_mut().skip(of_law) {
                    let member = case.id.rsplit('/').next().unwrap_or_default();
                    if names_nothing(action, member, fixtures) {
                        case.blocked = Some(NAMELESS.to_owned());
                    }
                }
            }
        }
        if let Some(why) = held {
            for case in cases.iter_mut().skip(before) {
                case.blocked = Some(why.to_owned());
            }
        }
    }
    catalogue.add_generated(cases);
    Ok(())
}

/// The laws, in the order of the file.
///
/// # Errors
///
/// Only if the embedded file is wrong, which a test excludes.
pub fn all() -> Result<Vec<Law>, CatalogueError> {
    let LawFile { law } = place::read_embedded(embedded::LAWS)?;
    Ok(law)
}

/// How to delete what the action creates, if that is known, even if the runner does it by itself.
pub(crate) fn deletion(action: &str, fixtures: &Fixtures) -> Option<Undo> {
    let creation = Creation::find(Model::ec2().operation(action)?, fixtures)?;
    creation.deletion().cloned()
}

/// What a case shows, and the name of the resource that it is about. A law says both.
///
/// A handwritten case is about a resource if all requests that it judges are about the same one. Its
/// phase then says the rest: limits are about what is refused, everything else about the protocol.
pub(crate) fn cell(case: &Case) -> (Option<Aspect>, Option<String>) {
    if case.aspect.is_some() {
        return (case.aspect, case.resource.clone());
    }
    let judged = case.steps.iter().filter(|step| !step.setup);
    let mut about = judged
        .filter_map(|step| step.action.as_deref())
        .map(premise::about);
    let Some(Some(row)) = about.next() else {
        return (None, None);
    };
    if about.any(|other| other.is_none_or(|other| other.name != row.name)) {
        return (None, None);
    }
    let aspect = match case.phase() {
        Phase::Boundaries => Aspect::Errors,
        _ => Aspect::Protocol,
    };
    (Some(aspect), Some(row.name.to_owned()))
}

/// How to list what the action creates, if that is known.
pub(crate) fn listing(action: &str, fixtures: &Fixtures) -> Option<Listing> {
    Creation::find(Model::ec2().operation(action)?, fixtures)?.listing
}

/// Whether the action takes `DryRun`.
pub(crate) fn has_dry_run(action: &str) -> bool {
    let action = Model::ec2().operation(action);
    let input = action.and_then(|action| action.input());
    input.is_some_and(|input| input.member("DryRun").is_some())
}

/// The pairs of a plain request for the action, with variables. An unknown id becomes one that does
/// not exist.
pub(crate) fn plain_request(action: &str, fixtures: &Fixtures) -> Option<Vec<(String, String)>> {
    let action = Model::ec2().operation(action)?;
    pairs_of(action, &Plain::with_depth(action, fixtures, None, 0).value).ok()
}

fn laws() -> Result<Vec<Form>, CatalogueError> {
    let text: toml::Table = place::read_embedded(embedded::LAWS)?;
    let values = text.get("law").and_then(Value::as_array);
    let steps = values.into_iter().flatten().map(|law| law.get("step"));
    let laws = all()?.into_iter().zip(steps);
    Ok(laws
        .map(|(law, steps)| Form {
            law,
            steps: steps.cloned().unwrap_or_else(|| Value::Array(Vec::new())),
        })
        .collect())
}

fn actions(globs: &[String]) -> Result<Vec<Operation>, CatalogueError> {
    let wrong = |message: &dyn std::fmt::Display| CatalogueError::new("--action", message);
    let mut chosen = GlobSetBuilder::new();
    for glob in globs {
        let glob = Glob::new(glob).map_err(|error| wrong(&error))?;
        let matcher = glob.compile_matcher();
        if !Model::ec2()
            .operations()
            .any(|o| matcher.is_match(o.name()))
        {
            let meant = Model::ec2().closest_operation(glob.glob());
            let meant = meant.map(|o| format!("; did you mean `{}`?", o.name()));
            return Err(wrong(&format!(
                "EC2 has no action `{}`{}",
                glob.glob(),
                meant.unwrap_or_default()
            )));
        }
        chosen.add(glob);
    }
    let chosen = chosen.build().map_err(|error| wrong(&error))?;
    let actions = Model::ec2().operations();
    Ok(actions.filter(|o| chosen.is_match(o.name())).collect())
}

/// Whether a plain request changes something for everyone or for good: nothing undoes it, and it makes
/// something, or nothing in it says what is meant.
fn is_lasting(action: Operation, creation: Option<&Creation>, fixtures: &Fixtures) -> bool {
    fixtures.lasting(action).unwrap_or_else(|| {
        let name = action.name();
        let plain = Plain::new(action, fixtures, None);
        let makes = plain.missing.is_empty() && is_creating(name);
        let says_nothing = || {
            pairs_of(action, &plain.value)
                .is_ok_and(|pairs| pairs.iter().all(|(key, _)| key == "ClientToken"))
        };
        let has_undo = creation.is_some_and(|creation| creation.undo.is_some());
        !is_reading(name)
            && !has_undo
            && !fixtures.is_repeatable(action)
            // What belongs to something that the case makes goes with it.
            && !plain.names_own
            && (makes || says_nothing())
    })
}

/// Whether a request that changes something does not say what, without that member.
fn names_nothing(action: Operation, member: &str, fixtures: &Fixtures) -> bool {
    let name = action.name();
    let mut value = Plain::new(action, fixtures, None).value;
    if let ec2wire_model::Value::Structure(members) = &mut value {
        members.remove(member);
    }
    let is_vague =
        |key: &str| key == "ClientToken" || key == "DryRun" || key.starts_with("TagSpecification");
    !is_reading(name)
        && !is_creating(name)
        && pairs_of(action, &value).is_ok_and(|pairs| pairs.iter().all(|(key, _)| is_vague(key)))
}

/// Makes the cases of one law and one action.
fn make(
    template: &Form,
    action: Operation,
    (creation, life): (Option<&Creation>, Option<&Life>),
    (fixtures, gone): (&Fixtures, &Gone),
    refuses: &dyn Fn(&Step) -> bool,
    cases: &mut Vec<Case>,
) -> Result<(), CatalogueError> {
    let law = &template.law;
    let maker = Maker {
        template,
        action,
        creation,
        life,
        fixtures,
        gone,
        refuses,
        other: fixtures
            .other(action)
            .or_else(|| creation.and_then(|creation| creation.other(action))),
    };
    if !maker.applies() {
        return Ok(());
    }
    let subjects = match law.each {
        Some(each) => subjects::select(each, action, (creation, life), fixtures),
        None => vec![Subject::default()],
    };
    for subject in subjects {
        let named = format!("{}/{}", action.name(), subject.member);
        let is_meant = law.only.is_empty() || law.only.contains(&named);
        if is_meant && !law.except.contains(&named) {
            cases.extend(maker.case(&subject)?);
        }
    }
    Ok(())
}

/// What the cases of one law and one action are made of.
struct Maker<'m> {
    template: &'m Form,
    action: Operation,
    creation: Option<&'m Creation>,
    /// The resource that the action is about.
    life: Option<&'m Life>,
    fixtures: &'m Fixtures,
    gone: &'m Gone,
    /// Whether a step is to be refused.
    refuses: &'m dyn Fn(&Step) -> bool,
    /// Members by which another request differs, where they are known.
    other: Option<ec2wire_model::Value<'static>>,
}

impl Maker<'_> {
    /// Whether the law is about the action.
    fn applies(&self) -> bool {
        let (law, action, creation) = (&self.template.law, self.action, self.creation);
        if law.except.iter().any(|except| except == action.name()) {
            return false;
        }
        let is_about = match law.of {
            Of::Any | Of::First => true,
            Of::Creating => creation.is_some(),
            Of::Typed => creation.is_some_and(|creation| creation.kind.is_some()),
            Of::Tagging => {
                creation.is_some_and(|creation| creation.kind.is_some() && creation.tags.is_some())
            }
            Of::Varied => creation.is_some() && self.differs(|name| name != TAGS),
            Of::Retagged => {
                creation.is_some() && self.differs(|_| true) && !self.differs(|name| name != TAGS)
            }
            Of::Ended => creation.is_some_and(|creation| creation.ending(self.gone).is_some()),
            Of::Listing => creation::list(action).is_some(),
            Of::Paged => creation::list(action).is_some() && creation::next_token(action).is_some(),
            Of::Made => {
                let is_listed = self.life.is_some_and(|life| life.listed.is_some());
                is_listed
                    && self.is_of(|row| row.make.iter().any(|one| one.action == action.name()))
            }
            Of::Lists => self.is_of(|row| {
                row.list
                    .as_ref()
                    .is_some_and(|list| list.action == action.name())
            }),
            Of::ListsById => self.life.is_some_and(|life| {
                life.listed.as_ref().is_some_and(|listed| {
                    listed.by_id.is_some() && listed.action.name() == action.name()
                })
            }),
            Of::EndsAtOnce => {
                self.is_of(|row| {
                    let lingers = row
                        .states
                        .as_ref()
                        .is_some_and(|states| !states.gone.is_empty() || !states.ending.is_empty());
                    !lingers && row.end.iter().any(|one| one.action == action.name())
                }) && !subjects::answers_for_each(action)
            }
            Of::Ends => self.is_of(|row| row.end.iter().any(|one| one.action == action.name())),
        };
        let input = action.input();
        let has = |name: &String| input.is_some_and(|input| input.member(name).is_some());
        is_about && law.members.iter().all(has)
    }

    /// Whether the action is about a resource that a case can make, and has that part for it.
    fn is_of(&self, part: impl Fn(&ec2wire_model::Resource) -> bool) -> bool {
        self.life.is_some_and(|life| part(life.row))
    }

    /// Whether the other request has a member whose name `is_meant`.
    fn differs(&self, is_meant: impl Fn(&str) -> bool) -> bool {
        match &self.other {
            Some(ec2wire_model::Value::Structure(other)) => {
                other.iter().any(|(name, _)| is_meant(name))
            }
            _ => false,
        }
    }

    /// The case of the law about one of the action's members, or about the action as a whole.
    /// `None` if the law speaks of something that it does not have.
    fn case(&self, subject: &Subject) -> Result<Option<Case>, CatalogueError> {
        let (law, action) = (&self.template.law, self.action);
        let without = law.without.then_some(subject.member.as_str());
        let plain = Plain::new(action, self.fixtures, without);
        let filled_in = Variables {
            action,
            creation: self.creation,
            life: self.life,
            fixtures: self.fixtures,
            subject,
            gone: self.gone,
        };
        let undo = self.creation.and_then(|creation| creation.undo.clone());
        let Some(mut steps) = self.steps(&filled_in, &plain, undo.as_ref())? else {
            return Ok(None);
        };
        // Other cases' resources must not be taken for this one's.
        let watches = steps.iter().any(|step| matches!(step.watch, Watch::By(_)));
        let mut blocked = lacking(self.action, &plain.missing);
        let mut unproven = None;
        if law.after_plain || law.needs_plain {
            let whole = Plain::new(action, self.fixtures, None);
            let why = lacking(self.action, &whole.missing)
                .or_else(|| self.cannot_be_repeated(undo.is_some(), &whole));
            if law.needs_plain && why.is_some() {
                unproven = why.map(|why| {
                    format!("a refusal shows nothing without a plain request that succeeds: {why}")
                });
            } else {
                let base = pairs_of(action, &whole.value).map_err(|error| self.wrong(&error))?;
                steps.insert(0, first(action, &base, undo));
                blocked = why;
            }
        }
        match premise::complete(steps, self.fixtures) {
            Ok(completed) => steps = completed,
            Err(why) => {
                steps = Vec::new();
                blocked = blocked.or(Some(why));
            }
        }
        let mut id = format!("{PREFIX}{}/{}", action.name(), law.id);
        if let Some(suffix) = &subject.suffix {
            id.push('/');
            id.push_str(suffix);
        }
        Ok(Some(Case {
            id,
            title: filled_in.text(&law.title),
            requirement: law.requirement.clone(),
            phase: Some(law.phase),
            for_each: None,
            alone: law.alone || watches,
            item: None,
            given: Vec::new(),
            steps,
            blocked,
            unproven,
            aspect: Some(law.aspect),
            resource: premise::about(action.name()).map(|row| row.name.to_owned()),
            calls: Vec::new(),
        }))
    }

    /// The law's steps, with the plain request in them.
    fn steps(
        &self,
        variables: &Variables<'_>,
        plain: &Plain,
        undo: Option<&Undo>,
    ) -> Result<Option<Vec<Step>>, CatalogueError> {
        let action = self.action;
        let base = pairs_of(action, &plain.value).map_err(|error| self.wrong(&error))?;
        let other = match &self.other {
            Some(other) => pairs_of(action, other).map_err(|error| self.wrong(&error))?,
            None => Vec::new(),
        };
        let mut filled = self.template.steps.clone();
        if !variables.fill(&mut filled) {
            return Ok(None);
        }
        let mut steps: Vec<Step> = filled.try_into().map_err(|error| self.wrong(&error))?;
        for step in &mut steps {
            self.complete_listing(step);
            complete(step, action, &base, &other, undo.cloned());
            step.plain &= !self.template.law.without;
            if (self.refuses)(step) {
                watch(step, action, self.creation);
            }
        }
        Ok(Some(steps))
    }

    /// Adds what a request for the list of a resource must have.
    fn complete_listing(&self, step: &mut Step) {
        let listed = self.life.and_then(|life| life.listed.as_ref());
        if let Some(listed) = listed.filter(|listed| {
            listed.action.name() != self.action.name()
                && step.action.as_deref() == Some(listed.action.name())
        }) {
            let is_said = |key: &String| step.pairs.iter().any(|(own, _)| own == key);
            let more = listed.pairs.iter().filter(|(key, _)| !is_said(key));
            let more: Vec<_> = more.cloned().collect();
            step.pairs.extend(more);
        }
    }

    /// Why the plain request cannot be repeated: it might fail because of the first, or do harm twice.
    fn cannot_be_repeated(&self, has_undo: bool, plain: &Plain) -> Option<String> {
        let name = self.action.name();
        // A second request may change what the case makes for it.
        let names_own = fixtures::is_ending(self.action) && plain.names_own;
        let can =
            has_undo || names_own || self.fixtures.is_repeatable(self.action) || is_reading(name);
        (!can).then(|| format!("no way is known to undo {name}, and it may not be repeatable"))
    }

    fn wrong(&self, error: &dyn std::fmt::Display) -> CatalogueError {
        let what = format!(
            "{} of {}: {error}",
            self.template.law.id,
            self.action.name()
        );
        CatalogueError::new(embedded::LAWS.path, &what)
    }
}

/// Why a request of the action cannot be sent that lacks these members.
fn lacking(action: Operation, missing: &[String]) -> Option<String> {
    let whose = if fixtures::is_ending(action) {
        " for an action that may change what it names"
    } else {
        ""
    };
    let missing = missing.join(", ");
    (!missing.is_empty()).then(|| format!("no fixture gives {missing}{whose}; see --fixtures"))
}

/// Adds the check that a refused request of the action created nothing.
fn watch(step: &mut Step, action: Operation, creation: Option<&Creation>) {
    if step.action.as_deref() != Some(action.name()) || is_reading(action.name()) {
        return;
    }
    step.acts = creation.is_none_or(|creation| creation.undo.is_none());
    step.watch = match creation.and_then(|creation| creation.listing.clone()) {
        Some(listing) => Watch::By(listing),
        None if is_creating(action.name()) => Watch::Unknown,
        None => Watch::No,
    };
}

/// The plain request before the requests of a law. It has fresh tokens of its own.
fn first(action: Operation, base: &[(String, String)], undo: Option<Undo>) -> Step {
    let own = |role: &str| format!("${{{role}:");
    let fresh = |text: &String| {
        let text = text.replace("${token}", "${token-plain}");
        // What this request ends, the next one cannot name.
        if !fixtures::is_ending(action) {
            return text;
        }
        [premise::USUAL, premise::OWN]
            .iter()
            .fold(text, |text, role| {
                text.replace(&own(role), &own(premise::BEFORE))
            })
    };
    Step {
        action: Some(action.name().to_owned()),
        pairs: base
            .iter()
            .map(|(key, value)| (key.clone(), fresh(value)))
            .collect(),
        expect: Some("success".to_owned()),
        premise: true,
        plain: true,
        undo: undo.map(|undo| Undo {
            at_once: true,
            ..undo
        }),
        ..Step::default()
    }
}

/// Completes a law's step with the plain request, unless it has an action of its own.
fn complete(
    step: &mut Step,
    action: Operation,
    base: &[(String, String)],
    other: &[(String, String)],
    undo: Option<Undo>,
) {
    if step.action.is_some() {
        return;
    }
    step.action = Some(action.name().to_owned());
    step.undo = undo;
    let own = std::mem::take(&mut step.pairs);
    let is_base = step.premise || step.setup || step.shown_by == Some(Answer::Success);
    step.plain = is_base || own.is_empty() && step.members.is_none();
    let mut own: Vec<(String, String)> = own
        .into_iter()
        .flat_map(|pair| match pair.0.as_str() {
            "${other}" => other.to_vec(),
            _ => vec![pair],
        })
        .collect();
    // The step's own members take precedence over the plain request's.
    let named: Vec<&str> = match &step.members {
        Some(Template::Structure(members)) => members.iter().map(|(name, _)| &**name).collect(),
        _ => Vec::new(),
    };
    let input = action.input();
    let keys = named.iter().filter_map(|name| input?.member(name));
    let keys: Vec<String> = keys.map(|member| member.form_key()).collect();
    let is_said = |key: &str| {
        own.iter().any(|(own, _)| own == key)
            || keys.iter().any(|own| key.split('.').next() == Some(own))
    };
    let mut pairs: Vec<(String, String)> = base
        .iter()
        .filter(|(key, _)| !is_said(key))
        .cloned()
        .collect();
    pairs.append(&mut own);
    step.pairs = pairs;
}

#[cfg(test)]
mod tests;
