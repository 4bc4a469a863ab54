//! Launch templates. `version` has their versions.

pub(in crate::server::families) mod version;

use crate::server::engine::Input;
use crate::server::engine::answer;
use crate::server::engine::end::finish;
use crate::server::engine::input::named;
use crate::server::engine::list::as_planned;
use crate::server::families::{Draft, Family, Making};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::Item;
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

pub(in crate::server::families) static FAMILY: Family = Family {
    perform: &[
        ("DeleteLaunchTemplate", delete),
        ("ModifyLaunchTemplate", modify),
        ("DescribeLaunchTemplates", |input, state| {
            for name in input.texts("LaunchTemplateNames") {
                by_name(state, name)?;
            }
            as_planned(input, state)
        }),
    ],
    making: &[("CreateLaunchTemplate", Making::draft(draft))],
    // Documented: it is looked at only when something is launched from it.
    later: &[
        ("CreateLaunchTemplate", "LaunchTemplateData"),
        ("CreateLaunchTemplateVersion", "LaunchTemplateData"),
    ],
    selecting: &[("DescribeLaunchTemplates", |input, _, item| {
        let names = input.texts("LaunchTemplateNames");
        names.is_empty()
            || item
                .text("LaunchTemplateName")
                .is_some_and(|name| names.contains(&name))
    })],
    ..Family::NONE
};

pub(super) const TEMPLATE: &str = "launch-template";

/// The template with this name, which must exist.
fn by_name<'s>(state: &'s State, name: &str) -> Result<&'s Item, Fault> {
    let found = state.store.claimant(&format!("{TEMPLATE}\u{0}{name}"));
    found.ok_or_else(|| {
        fault::refusal(
            "InvalidLaunchTemplateName.NotFoundException",
            format!("The specified launch template, with template name {name}, does not exist."),
        )
    })
}

/// The template that a request names by its id or its name. `None` if it names none.
pub(super) fn asked<'s>(
    input: &Input,
    state: &'s State,
    prefix: &str,
) -> Result<Option<&'s Item>, Fault> {
    let id = input.text(&format!("{prefix}LaunchTemplateId"));
    let name = input.text(&format!("{prefix}LaunchTemplateName"));
    match (id, name) {
        (Some(_), Some(_)) => Err(fault::invalid_combination(
            "LaunchTemplateId",
            "LaunchTemplateName",
        )),
        (Some(id), None) => named(state, TEMPLATE, id).map(Some),
        (None, Some(name)) => by_name(state, name).map(Some),
        (None, None) => Ok(None),
    }
}

/// The template that a request must name.
pub(super) fn required<'s>(input: &Input, state: &'s State) -> Result<&'s Item, Fault> {
    asked(input, state, "")?.ok_or_else(|| {
        fault::refusal(
            "MissingParameter",
            "The request must contain the parameter launchTemplateId or launchTemplateName",
        )
    })
}

/// Who makes what, as templates show it.
pub(super) fn creator(state: &State) -> Value<'static> {
    Value::from(format!("arn:aws:iam::{}:root", state.config.account))
}

fn draft(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    let name = input.required("LaunchTemplateName")?;
    let is_possible = |c: char| c.is_ascii_alphanumeric() || "()./_-".contains(c);
    if !(3..=128).contains(&name.chars().count()) || !name.chars().all(is_possible) {
        return Err(fault::refusal(
            "InvalidLaunchTemplateName.MalformedException",
            "A launch template name must be between 3 and 128 characters, and may contain letters, \
             numbers, and the characters '-', '_', '.', '/', '(', and ')'.",
        ));
    }
    let data = version::data_of(input);
    for (member, value) in [
        ("LaunchTemplateName", Value::from(name.to_owned())),
        ("CreatedBy", creator(state)),
        ("DefaultVersionNumber", 1.into()),
        ("LatestVersionNumber", 1.into()),
    ] {
        draft.entry.insert(member, value);
    }
    let first = version::entry(state, 1, input.text("VersionDescription"), data);
    draft
        .hidden
        .insert(version::VERSIONS, Value::List(vec![first.into()]));
    Ok(())
}

/// The answer about a template.
fn shown(input: &Input, item: &Item) -> Structure<'static> {
    let answer = Structure::from([("LaunchTemplate", Value::from(answer::entry(item)))]);
    let output = input.plan.operation.output();
    output
        .map(|output| answer::project(&answer, output))
        .unwrap_or_default()
}

fn delete(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let item = required(input, state)?;
    let id = item.id.clone();
    let answer = shown(input, item);
    input.stop_dry_run()?;
    finish(state, &id);
    Ok(answer)
}

fn modify(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let item = required(input, state)?;
    let id = item.id.clone();
    let number = input
        .text("DefaultVersion")
        .map(|asked| version::find(item, asked))
        .transpose()?;
    let number = number.map(version::number);
    input.stop_dry_run()?;
    state.store.update(&id, |item| {
        if let Some(number) = number {
            item.entry.insert("DefaultVersionNumber", number);
        }
    });
    state.note_change();
    Ok(state
        .store
        .get(&id)
        .map(|item| shown(input, item))
        .unwrap_or_default())
}
