//! Routes: where a route table sends packets.

use super::{add_entry, cidr, transit};
use crate::server::engine::Input;
use crate::server::families::interface;
use crate::server::families::shared::{structures, text};
use crate::server::families::{Draft, Family};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Model, Structure, Value};

pub(in crate::server) static FAMILY: Family = Family {
    changing: &[
        ("CreateRoute", create),
        ("ReplaceRoute", replace),
        ("DeleteRoute", delete),
    ],
    // Gateways of several kinds.
    lookups: &[("CreateRoute", "GatewayId"), ("ReplaceRoute", "GatewayId")],
    ..Family::NONE
};

const DESTINATIONS: [&str; 3] = [
    "DestinationCidrBlock",
    "DestinationIpv6CidrBlock",
    "DestinationPrefixListId",
];

/// The members of a request and of a route that name a target.
const TARGETS: [&str; 12] = [
    "GatewayId",
    "NatGatewayId",
    "InstanceId",
    "NetworkInterfaceId",
    "VpcPeeringConnectionId",
    "EgressOnlyInternetGatewayId",
    "TransitGatewayId",
    "LocalGatewayId",
    "CarrierGatewayId",
    "VpcEndpointId",
    "CoreNetworkArn",
    "OdbNetworkArn",
];

/// What stands for the VPC itself as a gateway.
const LOCAL: &str = "local";

/// The route that keeps a block of a VPC within it.
pub(super) fn local(block: &str) -> Structure<'static> {
    Structure::from([
        (destination_member(block), Value::from(block.to_owned())),
        ("GatewayId", LOCAL.into()),
        ("Origin", "CreateRouteTable".into()),
        ("State", "active".into()),
    ])
}

/// The member of a route that shows a block.
pub(super) fn destination_member(block: &str) -> &'static str {
    if block.contains(':') {
        "DestinationIpv6CidrBlock"
    } else {
        "DestinationCidrBlock"
    }
}

/// Adds a route to an internet gateway, as a default VPC has one.
pub(super) fn add_default(state: &mut State, table_id: &str, gateway_id: &str) {
    let route = Structure::from([
        ("DestinationCidrBlock", Value::from("0.0.0.0/0")),
        ("GatewayId", gateway_id.to_owned().into()),
        ("Origin", "CreateRoute".into()),
        ("State", "active".into()),
    ]);
    add_entry(state, table_id, "Routes", route);
}

/// The internet gateway or virtual private gateway with this id.
pub(super) fn gateway<'s>(state: &'s State, id: &str) -> Result<&'s Item, Fault> {
    let kinds = ["internet-gateway", "vpn-gateway", "vpc-endpoint"];
    let found = kinds.iter().find_map(|kind| {
        let resource = Model::ec2().resource(kind)?;
        state.store.live(resource, id)
    });
    found.ok_or_else(|| {
        let message = format!("The gateway ID '{id}' does not exist");
        fault::refusal("InvalidGatewayID.NotFound", message)
    })
}

/// The VPC that a gateway is attached to.
pub(super) fn attached_to(gateway: &Item) -> Option<&str> {
    ["Attachments", "VpcAttachments"].iter().find_map(|list| {
        let mut attachments = structures(&gateway.entry, list);
        attachments.find_map(|attachment| text(attachment, "VpcId"))
    })
}

/// The destination of a request: the member that names it, and its canonical form.
fn destination(input: &Input) -> Result<(&'static str, String), Fault> {
    let mut asked = DESTINATIONS
        .into_iter()
        .filter_map(|member| Some((member, input.text(member)?)));
    let (member, text) = match (asked.next(), asked.next()) {
        (Some(one), None) => one,
        (Some((one, _)), Some((other, _))) => return Err(fault::invalid_combination(one, other)),
        (None, _) => return Err(fault::missing_parameter("destinationCidrBlock")),
    };
    let canonical = match member {
        "DestinationCidrBlock" => cidr::ipv4("destinationCidrBlock", text)?.to_string(),
        "DestinationIpv6CidrBlock" => cidr::ipv6("destinationIpv6CidrBlock", text)?.to_string(),
        _ => text.to_owned(),
    };
    Ok((member, canonical))
}

/// The members of a route that say where it leads.
fn target(input: &Input, state: &State, table: &Item) -> Result<Structure<'static>, Fault> {
    let mut asked = TARGETS
        .into_iter()
        .filter_map(|member| Some((member, input.text(member)?)));
    let (member, id) = match (asked.next(), asked.next()) {
        (Some(one), None) => one,
        (Some((one, _)), Some((other, _))) => return Err(fault::invalid_combination(one, other)),
        (None, _) => return Err(fault::missing_parameter("gatewayId")),
    };
    let vpc_id = table.text("VpcId");
    let mut shown = Structure::from([(member, Value::from(id.to_owned()))]);
    let other = match member {
        "GatewayId" => {
            let gateway = gateway(state, id)?;
            Some((
                gateway,
                gateway.text("VpcId").or_else(|| attached_to(gateway)),
            ))
        }
        "EgressOnlyInternetGatewayId" => {
            let gateway = state.store.get(id);
            gateway.map(|gateway| (gateway, attached_to(gateway)))
        }
        "NatGatewayId" | "NetworkInterfaceId" | "InstanceId" | "VpcEndpointId"
        | "CarrierGatewayId" => state
            .store
            .get(id)
            .map(|other| (other, other.text("VpcId"))),
        _ => None,
    };
    if let Some((other, other_vpc)) = other
        && other_vpc != vpc_id
    {
        return Err(fault::invalid_value(format!(
            "route table {} and {} {} belong to different networks",
            table.id,
            other.resource.name.replace('-', " "),
            other.id
        )));
    }
    match member {
        "InstanceId" => {
            let interfaces = interface::of_instance(state, id);
            match interfaces.as_slice() {
                [only] => shown.insert("NetworkInterfaceId", Value::from(only.clone())),
                _ => {
                    return Err(fault::refusal(
                        "InvalidInstanceID",
                        format!("There are multiple interfaces attached to instance '{id}'."),
                    ));
                }
            };
            show_owner(state, &mut shown);
        }
        "NetworkInterfaceId" => {
            let interface = state.store.get(id);
            let instance = interface.and_then(|item| item.text("Attachment.InstanceId"));
            if let Some(instance) = instance {
                shown.insert("InstanceId", Value::from(instance.to_owned()));
                show_owner(state, &mut shown);
            }
        }
        // Routes show endpoints as gateways.
        "VpcEndpointId" => {
            shown = Structure::from([("GatewayId", Value::from(id.to_owned()))]);
        }
        _ => {}
    }
    Ok(shown)
}

fn show_owner(state: &State, shown: &mut Structure<'static>) {
    let account = state.config.account.clone();
    shown.insert("InstanceOwnerId", Value::from(account));
}

/// The routes of a draft of a table.
fn routes(draft: &mut Draft) -> &mut [Value<'static>] {
    path::list(&mut draft.entry, "Routes").map_or(&mut [], Vec::as_mut_slice)
}

/// Whether a route has this destination.
fn is_to(route: &Value<'static>, member: &str, destination: &str) -> bool {
    route.get(member).and_then(Value::as_str) == Some(destination)
}

fn create(input: &Input, state: &State, item: &Item, draft: &mut Draft) -> Result<(), Fault> {
    let (member, destination) = destination(input)?;
    let mut route = target(input, state, item)?;
    if routes(draft)
        .iter()
        .any(|route| is_to(route, member, &destination))
    {
        let message = format!("The route identified by {destination} already exists.");
        return Err(fault::refusal("RouteAlreadyExists", message));
    }
    route.insert(member, Value::from(destination));
    route.insert("Origin", "CreateRoute");
    route.insert("State", "active");
    if let Some(routes) = path::list(&mut draft.entry, "Routes") {
        routes.push(route.into());
    }
    Ok(())
}

fn replace(input: &Input, state: &State, item: &Item, draft: &mut Draft) -> Result<(), Fault> {
    let (member, destination) = destination(input)?;
    let resets = input.flag("LocalTarget") == Some(true);
    let target = if resets {
        Structure::from([("GatewayId", Value::from(LOCAL))])
    } else {
        target(input, state, item)?
    };
    let mut routes = routes(draft).iter_mut();
    let route = routes.find(|route| is_to(route, member, &destination));
    let Some(Value::Structure(route)) = route else {
        return Err(fault::invalid_value(format!(
            "There is no route defined for '{destination}' in the route table. \
             Use CreateRoute instead."
        )));
    };
    if resets && text(route, "Origin") != Some("CreateRouteTable") {
        return Err(fault::invalid_value(format!(
            "The route '{destination}' is not a local route."
        )));
    }
    for name in TARGETS.iter().chain(&["InstanceOwnerId"]) {
        route.remove(name);
    }
    for (name, value) in target.iter() {
        route.insert(name.to_owned(), value.clone());
    }
    Ok(())
}

fn delete(input: &Input, _: &State, item: &Item, draft: &mut Draft) -> Result<(), Fault> {
    let (member, destination) = destination(input)?;
    let routes = path::list(&mut draft.entry, "Routes");
    let mut routes = routes.into_iter();
    let Some(routes) = routes.next() else {
        return Ok(());
    };
    let at = routes
        .iter()
        .position(|route| is_to(route, member, &destination));
    let is_local = |route: &Value<'static>| {
        route.get("Origin").and_then(Value::as_str) == Some("CreateRouteTable")
    };
    match at {
        Some(at) if routes.get(at).is_some_and(is_local) => Err(fault::invalid_value(format!(
            "cannot remove local route {destination} in route table {}",
            item.id
        ))),
        Some(at) => {
            routes.remove(at);
            Ok(())
        }
        None => Err(fault::refusal(
            "InvalidRoute.NotFound",
            format!(
                "no route with destination {destination} in route table {}",
                item.id
            ),
        )),
    }
}

/// Shows which routes of a table lead nowhere.
pub(super) fn show_states(state: &State, table: &Item, entry: &mut Structure<'static>) {
    let vpc_id = table.text("VpcId");
    for route in path::list(entry, "Routes").into_iter().flatten() {
        if let Value::Structure(route) = route {
            let shown = if leads_somewhere(state, vpc_id, route) {
                "active"
            } else {
                "blackhole"
            };
            route.insert("State", shown);
        }
    }
}

/// Whether a route's target exists and can be reached from the VPC.
fn leads_somewhere(state: &State, vpc_id: Option<&str>, route: &Structure<'static>) -> bool {
    let target = TARGETS
        .iter()
        .find_map(|member| Some((*member, text(route, member)?)));
    let Some((member, id)) = target else {
        return false;
    };
    if id == LOCAL || member.ends_with("Arn") {
        return true;
    }
    let Some(item) = state.store.get(id).filter(|item| !item.is_gone()) else {
        return false;
    };
    match member {
        "GatewayId" => item.text("VpcId").or_else(|| attached_to(item)) == vpc_id,
        "InstanceId" => item.state() == Some("running"),
        "NetworkInterfaceId" => item.text("Status") == Some("in-use"),
        "VpcPeeringConnectionId" => item.state() == Some("active"),
        "NatGatewayId" => item.state() == Some("available"),
        "TransitGatewayId" => vpc_id.is_some_and(|vpc_id| transit::is_attached(state, vpc_id, id)),
        _ => true,
    }
}
