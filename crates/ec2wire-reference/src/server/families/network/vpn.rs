//! VPN connections and their static routes.

use super::cidr;
use crate::server::engine::Input;
use crate::server::families::shared::{Defaults, Usual, complete};
use crate::server::families::{Draft, Family, Making};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

pub(in crate::server) static FAMILY: Family = Family {
    making: &[("CreateVpnConnection", Making { draft, made })],
    changing: &[
        ("CreateVpnConnectionRoute", create_route),
        ("DeleteVpnConnectionRoute", delete_route),
        ("ModifyVpnConnectionOptions", modify_options),
    ],
    ..Family::NONE
};

const ENTRY: Defaults = &[
    ("Category", Usual::Text("VPN")),
    ("Routes", Usual::Empty),
    ("Options.EnableAcceleration", Usual::Flag(false)),
    ("Options.StaticRoutesOnly", Usual::Flag(false)),
    ("Options.LocalIpv4NetworkCidr", Usual::Text("0.0.0.0/0")),
    ("Options.RemoteIpv4NetworkCidr", Usual::Text("0.0.0.0/0")),
    ("Options.OutsideIpAddressType", Usual::Text("PublicIpv4")),
    ("Options.TunnelInsideIpVersion", Usual::Text("ipv4")),
];

fn draft(input: &Input, _: &State, draft: &mut Draft) -> Result<(), Fault> {
    if input.text("VpnGatewayId").is_some() && input.text("TransitGatewayId").is_some() {
        return Err(fault::invalid_combination(
            "VpnGatewayId",
            "TransitGatewayId",
        ));
    }
    complete(&mut draft.entry, ENTRY);
    Ok(())
}

/// Gives a connection two tunnels, which nobody has set up yet.
fn made(_: &Input, state: &mut State, id: &str) {
    let outsides = [(); 2].map(|()| crate::server::families::address::new_public(state));
    let now = state.now();
    let tunnels = outsides.map(|address| {
        Structure::from([
            ("AcceptedRouteCount", 0.into()),
            ("LastStatusChange", Value::Timestamp(now)),
            ("OutsideIpAddress", address.into()),
            ("Status", "DOWN".into()),
            ("StatusMessage", "".into()),
        ])
        .into()
    });
    let configuration = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<vpn_connection id=\"{id}\"></vpn_connection>"
    );
    state.store.update(id, |item| {
        item.entry
            .insert("VgwTelemetry", Value::List(tunnels.into()));
        item.entry
            .insert("CustomerGatewayConfiguration", Value::from(configuration));
    });
}

fn destination(input: &Input) -> Result<String, Fault> {
    let asked = input.required("DestinationCidrBlock")?;
    Ok(cidr::ipv4("destinationCidrBlock", asked)?.to_string())
}

fn is_to(route: &Value<'static>, block: &str) -> bool {
    route.get("DestinationCidrBlock").and_then(Value::as_str) == Some(block)
}

fn create_route(input: &Input, _: &State, _: &Item, draft: &mut Draft) -> Result<(), Fault> {
    let block = destination(input)?;
    if let Some(routes) = path::list(&mut draft.entry, "Routes") {
        // The same again changes nothing.
        routes.retain(|route| !is_to(route, &block));
        let route = Structure::from([
            ("DestinationCidrBlock", Value::from(block)),
            ("Source", "Static".into()),
            ("State", "available".into()),
        ]);
        routes.push(route.into());
    }
    Ok(())
}

fn delete_route(input: &Input, _: &State, item: &Item, draft: &mut Draft) -> Result<(), Fault> {
    let block = destination(input)?;
    let mut is_known = false;
    if let Some(routes) = path::list(&mut draft.entry, "Routes") {
        is_known = routes.iter().any(|route| is_to(route, &block));
        routes.retain(|route| !is_to(route, &block));
    }
    if !is_known {
        let message = format!("{} has no route to {block}", item.id);
        return Err(fault::refusal("InvalidRoute.NotFound", message));
    }
    Ok(())
}

fn modify_options(input: &Input, _: &State, _: &Item, draft: &mut Draft) -> Result<(), Fault> {
    for name in [
        "LocalIpv4NetworkCidr",
        "RemoteIpv4NetworkCidr",
        "LocalIpv6NetworkCidr",
        "RemoteIpv6NetworkCidr",
    ] {
        if let Some(block) = input.text(name) {
            let block = cidr::any(name, block)?.to_string();
            path::set(&mut draft.entry, &format!("Options.{name}"), block.into());
        }
    }
    Ok(())
}
