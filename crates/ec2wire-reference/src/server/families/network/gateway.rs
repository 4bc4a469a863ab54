//! Gateways of VPCs: to the internet, to other networks, and the far ends of VPNs.

use super::{add_entry, dependency_violation, remove_entries, route, vpc};
use crate::server::engine::Input;
use crate::server::engine::Role;
use crate::server::engine::answer::done;
use crate::server::engine::input::named;
use crate::server::engine::make::{self, insert_named};
use crate::server::families::interface::INTERFACE;
use crate::server::families::shared::{Defaults, Usual, complete};
use crate::server::families::{Draft, Ending, Family, Making};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

pub(in crate::server) static FAMILY: Family = Family {
    making: &[
        (
            "CreateInternetGateway",
            Making::draft(|_, _, draft| {
                complete(&mut draft.entry, &[("Attachments", Usual::Empty)]);
                Ok(())
            }),
        ),
        (
            "CreateEgressOnlyInternetGateway",
            Making::draft(|_, _, draft| {
                path::set(&mut draft.entry, "Attachments[].State", "attached".into());
                Ok(())
            }),
        ),
        (
            "CreateVpnGateway",
            Making::draft(|_, _, draft| {
                complete(&mut draft.entry, VPN_GATEWAY);
                Ok(())
            }),
        ),
        ("CreateCustomerGateway", Making::draft(draft_customer)),
        ("CreateCarrierGateway", Making::draft(draft_carrier)),
    ],
    ending: &[
        ("DeleteInternetGateway", Ending::check(check_internet_end)),
        ("DeleteVpnGateway", Ending::check(check_vpn_end)),
        ("DeleteCustomerGateway", Ending::check(check_customer_end)),
    ],
    perform: &[
        ("AttachInternetGateway", attach_internet),
        ("DetachInternetGateway", detach_internet),
        ("AttachVpnGateway", attach_vpn),
        ("DetachVpnGateway", detach_vpn),
        ("CreateCustomerGateway", create_customer),
    ],
    ..Family::NONE
};

const VPN_GATEWAY: Defaults = &[
    ("AmazonSideAsn", Usual::Number(64512)),
    ("VpcAttachments", Usual::Empty),
];
/// The number of a customer's network that does not say its own.
const USUAL_ASN: i64 = 65000;

/// Gives a default VPC its way to the internet.
pub(super) fn insert_default(state: &mut State, vpc_id: &str) {
    let attachments = Value::List(vec![attachment(vpc_id, "available").into()]);
    let draft = Draft {
        entry: Structure::from([("Attachments", attachments)]),
        ..Draft::default()
    };
    let id = insert_named(state, "internet-gateway", draft, Vec::new());
    if let Some(table_id) = vpc::part(state, vpc_id, vpc::MAIN_TABLE) {
        route::add_default(state, &table_id, &id);
    }
}

/// How a gateway shows that a VPC has it.
fn attachment(vpc_id: &str, state: &'static str) -> Structure<'static> {
    Structure::from([
        ("State", Value::from(state)),
        ("VpcId", vpc_id.to_owned().into()),
    ])
}

/// Whether a VPC has a gateway of this kind.
pub(in crate::server::families) fn has_gateway(
    state: &State,
    vpc_id: &str,
    resource: &str,
) -> bool {
    let mut referrers = state.store.referrers(vpc_id);
    referrers.any(|other| {
        other.resource.name == resource
            && (route::attached_to(other) == Some(vpc_id) || other.text("VpcId") == Some(vpc_id))
    })
}

fn attach_internet(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let id = input.required("InternetGatewayId")?;
    let vpc_id = input.required("VpcId")?;
    let gateway = named(state, "internet-gateway", id)?;
    if let Some(known) = route::attached_to(gateway) {
        let message = format!("resource {id} is already attached to network {known}");
        return Err(fault::refusal("Resource.AlreadyAssociated", message));
    }
    if has_gateway(state, vpc_id, "internet-gateway") {
        return Err(fault::invalid_value(format!(
            "Network {vpc_id} already has an internet gateway attached"
        )));
    }
    input.stop_dry_run()?;
    add_entry(state, id, "Attachments", attachment(vpc_id, "available"));
    state.note_change();
    Ok(done())
}

fn detach_internet(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let id = input.required("InternetGatewayId")?;
    let vpc_id = input.required("VpcId")?;
    let gateway = named(state, "internet-gateway", id)?;
    if route::attached_to(gateway) != Some(vpc_id) {
        let message = format!("resource {id} is not attached to network {vpc_id}");
        return Err(fault::refusal("Gateway.NotAttached", message));
    }
    let is_public = state.store.referrers(vpc_id).any(|other| {
        other.resource.name == INTERFACE
            && path::first(&other.entry, "PrivateIpAddresses[].Association").is_some()
    });
    if is_public {
        let message = format!(
            "Network {vpc_id} has some mapped public address(es). \
             Please unmap those public address(es) before detaching the gateway."
        );
        return Err(fault::refusal("DependencyViolation", message));
    }
    input.stop_dry_run()?;
    remove_entries(state, id, "Attachments", "VpcId", vpc_id);
    state.note_change();
    Ok(done())
}

fn check_internet_end(_: &Input, _: &State, item: &Item) -> Result<(), Fault> {
    match route::attached_to(item) {
        Some(_) => Err(dependency_violation(item)),
        None => Ok(()),
    }
}

fn attach_vpn(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let id = input.required("VpnGatewayId")?;
    let vpc_id = input.required("VpcId")?;
    let gateway = named(state, "vpn-gateway", id)?;
    match route::attached_to(gateway) {
        // The same again changes nothing.
        Some(known) if known == vpc_id => {}
        Some(known) => {
            let message = format!("resource {id} is already attached to network {known}");
            return Err(fault::refusal("VpnGatewayAttachmentLimitExceeded", message));
        }
        None if has_gateway(state, vpc_id, "vpn-gateway") => {
            return Err(fault::invalid_value(format!(
                "Network {vpc_id} already has a virtual private gateway attached"
            )));
        }
        None => {}
    }
    input.stop_dry_run()?;
    remove_entries(state, id, "VpcAttachments", "VpcId", vpc_id);
    add_entry(state, id, "VpcAttachments", attachment(vpc_id, "attached"));
    state.note_change();
    let shown = attachment(vpc_id, "attaching");
    Ok(Structure::from([("VpcAttachment", shown.into())]))
}

fn detach_vpn(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let id = input.required("VpnGatewayId")?;
    let vpc_id = input.required("VpcId")?;
    let gateway = named(state, "vpn-gateway", id)?;
    if route::attached_to(gateway) != Some(vpc_id) {
        let message = format!("The vpnGateway '{id}' is not attached to '{vpc_id}'.");
        return Err(fault::refusal("IncorrectState", message));
    }
    input.stop_dry_run()?;
    remove_entries(state, id, "VpcAttachments", "VpcId", vpc_id);
    state.note_change();
    Ok(Structure::new())
}

/// Whether a VPN connection ends at a gateway.
fn has_connection(state: &State, item: &Item) -> bool {
    let mut referrers = state.store.referrers(&item.id);
    referrers.any(|other| other.resource.name == "vpn-connection")
}

fn in_use(item: &Item) -> Fault {
    let kind = item.resource.name.replace('-', " ");
    let message = format!("The {kind} '{}' is in use.", item.id);
    fault::refusal("IncorrectState", message)
}

fn check_vpn_end(_: &Input, state: &State, item: &Item) -> Result<(), Fault> {
    if route::attached_to(item).is_some() || has_connection(state, item) {
        return Err(in_use(item));
    }
    Ok(())
}

fn check_customer_end(_: &Input, state: &State, item: &Item) -> Result<(), Fault> {
    if has_connection(state, item) {
        return Err(in_use(item));
    }
    Ok(())
}

fn draft_customer(input: &Input, _: &State, draft: &mut Draft) -> Result<(), Fault> {
    let entry = &mut draft.entry;
    let address = input.text("IpAddress").or(input.text("PublicIp"));
    let address = match (address, input.text("CertificateArn")) {
        (Some(address), _) => {
            let is_valid = address.parse::<std::net::IpAddr>().is_ok();
            if !is_valid {
                return Err(fault::invalid_choice("ipAddress", address));
            }
            Some(address)
        }
        (None, Some(_)) => None,
        (None, None) => return Err(fault::missing_parameter("ipAddress")),
    };
    if let Some(address) = address {
        entry.insert("IpAddress", Value::from(address.to_owned()));
    }
    let asn = input.integer("BgpAsn");
    match input.integer("BgpAsnExtended") {
        Some(asn) => entry.insert("BgpAsnExtended", Value::from(asn.to_string())),
        None => entry.insert("BgpAsn", Value::from(asn.unwrap_or(USUAL_ASN).to_string())),
    };
    Ok(())
}

/// Makes a customer gateway, or shows the same one that there is.
fn create_customer(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let Some((resource, Role::Make(make))) = input.plan.role else {
        return Err(fault::internal());
    };
    let mut draft = Draft::default();
    draft_customer(input, state, &mut draft)?;
    for (member, value) in input.members.iter() {
        if ["DeviceName", "Type", "CertificateArn"].contains(&member) {
            draft.entry.insert(member.to_owned(), value.clone());
        }
    }
    let same = state.store.all(resource.name).find(|item| {
        [
            "IpAddress",
            "BgpAsn",
            "BgpAsnExtended",
            "DeviceName",
            "Type",
            "CertificateArn",
        ]
        .iter()
        .all(|member| item.entry.get(member) == draft.entry.get(member))
    });
    match same.map(|same| same.id.clone()) {
        Some(id) => {
            input.check_tags(resource.resource_type.as_slice())?;
            input.stop_dry_run()?;
            Ok(make::answer_for(input, resource, make, &[id], state, None))
        }
        None => make::make(input, resource, make, state),
    }
}

fn draft_carrier(input: &Input, state: &State, _: &mut Draft) -> Result<(), Fault> {
    let vpc_id = input.required("VpcId")?;
    if has_gateway(state, vpc_id, "carrier-gateway") {
        return Err(fault::invalid_value(format!(
            "Network {vpc_id} already has a carrier gateway attached"
        )));
    }
    Ok(())
}
