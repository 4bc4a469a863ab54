//! Flow logs.

use crate::server::engine::Input;
use crate::server::engine::end::unsuccessful;
use crate::server::engine::input::named;
use crate::server::engine::make::{insert_named, remember, replayed};
use crate::server::families::shared::{Defaults, Usual, complete};
use crate::server::families::{Draft, Family};
use crate::server::fault;
use crate::server::state::State;
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

pub(in crate::server) static FAMILY: Family = Family {
    perform: &[("CreateFlowLogs", create)],
    ..Family::NONE
};

const FLOW_LOG: &str = "flow-log";

/// What is logged, and the resource that its ids are of.
const KINDS: [(&str, &str); 6] = [
    ("VPC", "vpc"),
    ("Subnet", "subnet"),
    ("NetworkInterface", "network-interface"),
    ("TransitGateway", "transit-gateway"),
    ("TransitGatewayAttachment", "transit-gateway-attachment"),
    ("RegionalNatGateway", "nat-gateway"),
];

const ENTRY: Defaults = &[
    ("DeliverLogsStatus", Usual::Text("SUCCESS")),
    ("FlowLogStatus", Usual::Text("ACTIVE")),
    ("LogDestinationType", Usual::Text("cloud-watch-logs")),
    ("MaxAggregationInterval", Usual::Number(600)),
    (
        "LogFormat",
        Usual::Text(
            "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} \
             ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}",
        ),
    ),
];

/// The members of a request that a log shows again.
const SHOWN: [&str; 9] = [
    "DeliverLogsPermissionArn",
    "DeliverCrossAccountRole",
    "LogGroupName",
    "TrafficType",
    "LogDestinationType",
    "LogDestination",
    "LogFormat",
    "MaxAggregationInterval",
    "DestinationOptions",
];

/// Makes a log for each resource. What a resource lacks is told for it alone.
fn create(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    input.check_tags(&["vpc-flow-log"])?;
    let kind = input.required("ResourceType")?;
    let resource = KINDS.iter().find(|(known, _)| *known == kind);
    let (_, resource) = resource.ok_or_else(|| fault::invalid_choice("resourceType", kind))?;
    let resources = input.texts("ResourceIds");
    if resources.is_empty() {
        return Err(fault::missing_parameter("resourceId"));
    }
    let interval = input.integer("MaxAggregationInterval");
    if interval.is_some_and(|interval| ![60, 600].contains(&interval)) {
        return Err(fault::invalid_value(
            "Invalid Flow Log Max Aggregation Interval",
        ));
    }
    if kind != "VPC" && kind != "Subnet" && kind != "NetworkInterface" {
        // Their logs have one kind of traffic.
    } else if input.text("TrafficType").is_none() {
        return Err(fault::missing_parameter("trafficType"));
    }
    check_destination(input)?;
    let entry = entry_for(input);
    if let Some(ids) = replayed(input, state)? {
        return Ok(answer(input, &ids, Vec::new()));
    }
    input.stop_dry_run()?;
    let (mut ids, mut failed) = (Vec::new(), Vec::new());
    for id in resources {
        match check(state, resource, id, &entry) {
            Ok(()) => {
                let mut entry = entry.clone();
                entry.insert("ResourceId", Value::from(id.to_owned()));
                let draft = Draft {
                    entry,
                    // A log ends with what it is of.
                    owner: Some(id.to_owned()),
                    ..Draft::default()
                };
                let tags = input.tags_for("vpc-flow-log");
                ids.push(insert_named(state, FLOW_LOG, draft, tags));
            }
            Err(fault) => failed.push(unsuccessful(id, &fault)),
        }
    }
    remember(input, state, &ids);
    Ok(answer(input, &ids, failed))
}

/// Refuses members that belong to another kind of destination.
fn check_destination(input: &Input) -> Result<(), Fault> {
    let kind = input
        .text("LogDestinationType")
        .unwrap_or("cloud-watch-logs");
    let group = input.text("LogGroupName");
    let destination = input.text("LogDestination");
    if group.is_some() && destination.is_some() {
        return Err(fault::invalid_value(
            "Please only provide LogGroupName or only provide LogDestination.",
        ));
    }
    if kind == "cloud-watch-logs" && input.text("DeliverLogsPermissionArn").is_none() {
        return Err(fault::refusal(
            "InvalidParameter",
            "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.",
        ));
    }
    if kind != "cloud-watch-logs" {
        if group.is_some() {
            return Err(fault::invalid_value(format!(
                "LogDestination type must be cloud-watch-logs if LogGroupName is provided, \
                 and not {kind}."
            )));
        }
        if destination.is_none() {
            return Err(fault::missing_parameter("logDestination"));
        }
    }
    Ok(())
}

fn entry_for(input: &Input) -> Structure<'static> {
    let mut entry = Structure::new();
    for name in SHOWN {
        if let Some(value) = input.get(name) {
            entry.insert(name, value.clone());
        }
    }
    complete(&mut entry, ENTRY);
    entry
}

/// Refuses to log what does not exist, or is logged to the same place.
fn check(state: &State, resource: &str, id: &str, entry: &Structure<'static>) -> Result<(), Fault> {
    named(state, resource, id)?;
    let is_same = state.store.referrers(id).any(|other| {
        other.resource.name == FLOW_LOG
            && SHOWN
                .iter()
                .all(|name| other.entry.get(name) == entry.get(name))
    });
    if is_same {
        return Err(fault::refusal(
            "FlowLogAlreadyExists",
            "Error. There is an existing Flow Log with the same configuration and log destination.",
        ));
    }
    Ok(())
}

fn answer(input: &Input, ids: &[String], failed: Vec<Value<'static>>) -> Structure<'static> {
    let ids = ids.iter().map(|id| id.clone().into());
    let mut answer = Structure::from([
        ("FlowLogIds", Value::List(ids.collect())),
        ("Unsuccessful", Value::List(failed)),
    ]);
    if let Some(token) = &input.token {
        answer.insert("ClientToken", Value::from(token.clone()));
    }
    answer
}
