//! Holds the halves of an exchange against each other: what the request asks for, and what its
//! answer says was done. What needs the service model is only for its actions, in its version.

use super::codes::is_of_request;
use super::{Around, Request, exceptions, of_server};
use crate::catalogue::Catalogue;
use crate::judge::{self, clock};
use crate::record::place::child;
use crate::record::{Deviation, Place};
use crate::text::quoted;
use crate::wire::Answered;
use crate::wire::referee::Element;
use ec2wire_model::{Model, Operation, Timestamp};

/// The code of a dry run that would succeed, and its status.
const DRY_RUN: (&str, u16) = ("DryRunOperation", 412);

/// The law that says that a dry run is answered with an error.
const DRY_RUN_LAW: &str = "dry-run/is-an-error";

/// The members that say when the resource was made, by the actions that make it. Each name of an
/// action stands for all that begin with it.
const MADE: [(&str, &str); 11] = [
    ("AttachVolume", "attachTime"),
    ("CopyVolumes", "createTime"),
    ("Create", "createDate"),
    ("Create", "createTime"),
    ("Create", "createdAt"),
    ("Create", "createdDate"),
    ("Create", "creationTime"),
    ("Create", "creationTimestamp"),
    ("CreateSnapshot", "startTime"),
    ("RunInstances", "launchTime"),
    ("RequestSpotInstances", "createTime"),
];

/// The requirements for servers that the answer breaks in the light of its request.
pub(super) fn check(
    servers: &Catalogue,
    around: Around<'_>,
    answered: &Answered,
) -> Vec<Deviation> {
    let parameters = around.request.map(Request::parameters);
    let parameters = parameters.unwrap_or_default();
    let named = parameters.first("Action");
    let is_current = parameters.first("Version") == Some(ec2wire::EC2_VERSION);
    let of_model = named.filter(|_| is_current);
    let of_model = of_model.and_then(|action| Model::ec2().operation(action));
    let mut broken = Vec::new();
    if let Some(name) = named {
        let asked = parameters.first("DryRun");
        broken = dry_run(servers, name, of_model, asked, answered);
    }
    let codes = answered.codes();
    let fault = codes.iter().find(|code| is_of_request(code));
    if let Some(code) = fault.filter(|_| answered.status >= 500) {
        let code = quoted(code);
        let found = format!("status {} with the code {code}", answered.status);
        broken.push(of_server(
            servers,
            "answered-in-protocol",
            Place::Status,
            found,
        ));
    }
    let made = of_model.filter(|action| judge::is_success(Some(action.name()), answered));
    let now = around.now(answered).or_else(|| around.dated(answered));
    if let Some((action, now)) = made.zip(now) {
        // A repeated request is answered with what the first one made.
        let may_be_old = parameters.first("ClientToken").is_some();
        broken.extend(times(servers, action.name(), answered, now, may_be_old));
    }
    broken
}

/// What is wrong with the answer to a dry run. Without a model of the action, only its status.
fn dry_run(
    servers: &Catalogue,
    name: &str,
    of_model: Option<Operation>,
    asked: Option<&str>,
    answered: &Answered,
) -> Vec<Deviation> {
    let input = of_model.and_then(|action| action.input());
    let takes_it = input.is_some_and(|shape| {
        let mut members = shape.members();
        members.any(|member| member.form_key() == "DryRun")
    });
    let mut broken = Vec::new();
    let mut add = |id: &str, place, found| broken.push(of_server(servers, id, place, found));
    let is_silent = exceptions::has(DRY_RUN_LAW, name);
    if takes_it && asked == Some("true") && !is_silent && judge::is_success(Some(name), answered) {
        let found = format!("a dry run got {}", judge::describe(Some(name), answered));
        add("dry-run-is-error", Place::Status, found);
    }
    let (code, status) = DRY_RUN;
    if answered.codes().contains(&code) {
        if answered.status != status {
            let found = format!("{code} has status {}, expected {status}", answered.status);
            add("dry-run-code", Place::Status, found);
        }
        // How other spellings of a boolean are read is not known.
        if takes_it && asked.is_none_or(|asked| asked == "false") {
            let found = format!("{code} answers a request without DryRun=true");
            add("dry-run-code", Place::from("Errors.Error[0].Code"), found);
        }
    }
    broken
}

/// The times that say when something was just made and are not the present.
fn times(
    servers: &Catalogue,
    action: &str,
    answered: &Answered,
    now: Timestamp,
    may_be_old: bool,
) -> Vec<Deviation> {
    let made = MADE.iter().filter(|(prefix, _)| action.starts_with(prefix));
    let names: Vec<&str> = made.map(|(_, name)| *name).collect();
    let mut places = Vec::new();
    if let Ok(root) = &answered.document {
        collect(root, "", &names, 0, &mut places);
    }
    let is_off = |time| {
        if may_be_old {
            clock::is_past(now, time)
        } else {
            clock::is_off(time, now)
        }
    };
    let off = places
        .into_iter()
        .filter(|(_, text)| clock::read(text).is_some_and(is_off));
    off.map(|(place, text)| {
        let found = format!(
            "{place} is {}, but the time of the exchange is {now}",
            quoted(text)
        );
        of_server(servers, "made-now", Place::from(place), found)
    })
    .collect()
}

/// The elements with one of the names, in the answer itself, in its structures and in the entries
/// of its lists. What something was made from is older.
fn collect<'e>(
    parent: &'e Element,
    path: &str,
    names: &[&str],
    depth: usize,
    found: &mut Vec<(String, &'e str)>,
) {
    for (index, element) in parent.children.iter().enumerate() {
        let before = parent.children.iter().take(index);
        let nth = before.filter(|other| other.name == element.name).count();
        let place = child(path, &element.name, nth);
        if names.contains(&element.name.as_str()) {
            found.push((place, element.text.as_str()));
        } else if depth == 0 && !element.name.starts_with("source")
            || element.name == "item" && depth == 1
        {
            collect(element, &place, names, depth + 1, found);
        }
    }
}
