//! VPC endpoints: gateways in route tables, and interfaces in subnets.

use super::{add_entry, dependency_violation, endpoint_service, prefix_list, remove_entries};
use super::{hidden, vpc};
use crate::server::engine::Input;
use crate::server::engine::answer::done;
use crate::server::engine::end::finish;
use crate::server::engine::input::named;
use crate::server::families::interface::{self, Addresses, Wanted, groups_shown};
use crate::server::families::shared::{Defaults, Usual, complete, flag, text};
use crate::server::families::{Draft, Ending, Family, Making, security_group};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

pub(in crate::server) static FAMILY: Family = Family {
    making: &[("CreateVpcEndpoint", Making { draft, made })],
    ending: &[(
        "DeleteVpcEndpoints",
        Ending {
            check: check_end,
            ended,
        },
    )],
    perform: &[("ModifyVpcEndpoint", modify)],
    ..Family::NONE
};

pub(super) const ENDPOINT: &str = "vpc-endpoint";
const GATEWAY: &str = "Gateway";
const INTERFACES: &str = "NetworkInterfaceIds";
/// The zone of names that AWS keeps.
const HOSTED_ZONE: &str = "Z7HUB22UULQXV";

const ENTRY: Defaults = &[
    ("VpcEndpointType", Usual::Text(GATEWAY)),
    ("RouteTableIds", Usual::Empty),
    ("SubnetIds", Usual::Empty),
    ("Groups", Usual::Empty),
    ("IpAddressType", Usual::Text("ipv4")),
    ("DnsOptions.DnsRecordIpType", Usual::Text("ipv4")),
    ("PrivateDnsEnabled", Usual::Flag(false)),
    ("RequesterManaged", Usual::Flag(false)),
    (INTERFACES, Usual::Empty),
    ("DnsEntries", Usual::Empty),
];

/// What endpoints allow if nobody says it.
const POLICY: &str = "{\"Version\":\"2008-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\
                      \"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\"}]}";

fn draft(input: &Input, state: &State, draft: &mut Draft) -> Result<(), Fault> {
    let vpc_id = input.required("VpcId")?;
    let vpc = named(state, "vpc", vpc_id)?;
    let kind = input.text("VpcEndpointType").unwrap_or(GATEWAY).to_owned();
    let needs_service = ["Gateway", "Interface", "GatewayLoadBalancer"].contains(&kind.as_str());
    match input.text("ServiceName") {
        Some(service) => endpoint_service::check(state, service, &kind)?,
        None if needs_service => return Err(fault::missing_parameter("serviceName")),
        None => {}
    }
    let subnets = subnets_of(input);
    check_subnets(state, vpc_id, &[], &subnets)?;
    for table in input.texts("RouteTableIds") {
        let table = named(state, "route-table", table)?;
        check_in_vpc(table, vpc_id)?;
        check_route(state, table, input.text("ServiceName"))?;
    }
    if kind == GATEWAY && !subnets.is_empty()
        || kind != GATEWAY && input.get("RouteTableIds").is_some()
    {
        let member = if kind == GATEWAY {
            "SubnetIds"
        } else {
            "RouteTableIds"
        };
        return Err(fault::invalid_combination(member, "VpcEndpointType"));
    }
    let entry = &mut draft.entry;
    entry.insert("VpcEndpointType", Value::from(kind.clone()));
    entry.insert("SubnetIds", texts(&subnets));
    if kind == "Interface" {
        let allows_names =
            flag(&vpc.hidden, vpc::DNS_SUPPORT) && flag(&vpc.hidden, vpc::DNS_HOSTNAMES);
        let asked = input.flag("PrivateDnsEnabled");
        if asked == Some(true) && !allows_names {
            let message = format!(
                "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC \
                 attributes set to true for {vpc_id}"
            );
            return Err(fault::refusal("InvalidParameter", message));
        }
        entry.insert("PrivateDnsEnabled", asked.unwrap_or(allows_names));
    }
    if kind != GATEWAY && kind != "GatewayLoadBalancer" {
        let groups = input.texts("SecurityGroupIds");
        let groups = match groups.as_slice() {
            [] => security_group::default_of(state, vpc_id)
                .into_iter()
                .collect(),
            _ => groups,
        };
        entry.insert("Groups", groups_shown(state, &groups)?);
    }
    if kind == GATEWAY || kind == "Interface" {
        let policy = input.text("PolicyDocument").unwrap_or(POLICY);
        entry.insert("PolicyDocument", Value::from(policy.to_owned()));
    }
    complete(entry, ENTRY);
    // A gateway is there at once.
    draft.first_state = Some(if kind == GATEWAY {
        "available"
    } else {
        "pending"
    });
    Ok(())
}

/// The subnets that a request names.
fn subnets_of(input: &Input) -> Vec<String> {
    let mut subnets = input.texts("SubnetIds");
    for one in input.structures("SubnetConfigurations") {
        if let Some(subnet) = text(one, "SubnetId").filter(|subnet| !subnets.contains(subnet)) {
            subnets.push(subnet);
        }
    }
    subnets.into_iter().map(str::to_owned).collect()
}

fn texts(texts: &[String]) -> Value<'static> {
    Value::List(texts.iter().map(|text| text.clone().into()).collect())
}

fn check_in_vpc(item: &Item, vpc_id: &str) -> Result<(), Fault> {
    if item.text("VpcId") == Some(vpc_id) {
        return Ok(());
    }
    let kind = item.resource.name.replace('-', " ");
    let message = format!("The {kind} '{}' is not in the VPC {vpc_id}", item.id);
    Err(fault::refusal("InvalidParameter", message))
}

/// Refuses subnets of another VPC, or two of a zone.
fn check_subnets(
    state: &State,
    vpc_id: &str,
    own: &[String],
    added: &[String],
) -> Result<(), Fault> {
    let zone = |id: &String| state.store.get(id)?.text("AvailabilityZone");
    let mut zones: Vec<Option<&str>> = own.iter().map(zone).collect();
    for id in added.iter().filter(|id| !own.contains(id)) {
        check_in_vpc(named(state, "subnet", id)?, vpc_id)?;
        let zone = zone(id);
        if zones.contains(&zone) {
            let message =
                format!("Found another VPC endpoint subnet in the availability zone of {id}");
            return Err(fault::refusal("DuplicateSubnetsInSameZone", message));
        }
        zones.push(zone);
    }
    Ok(())
}

/// Refuses a second route of a table to a service.
fn check_route(state: &State, table: &Item, service: Option<&str>) -> Result<(), Fault> {
    let list = service.and_then(|service| prefix_list::of_service(state, service));
    let Some(list) = list else { return Ok(()) };
    if !path::texts(&table.entry, "Routes[].DestinationPrefixListId").contains(&list) {
        return Ok(());
    }
    let message = format!(
        "route table {} already has a route with destination-prefix-list-id {list}",
        table.id
    );
    Err(fault::refusal("RouteAlreadyExists", message))
}

fn made(input: &Input, state: &mut State, id: &str) {
    for table in input.texts("RouteTableIds") {
        add_route(state, id, table);
    }
    let subnets = subnets_of(input);
    for subnet in &subnets {
        let asked = input.structures("SubnetConfigurations").into_iter();
        let mut asked = asked.filter(|one| text(one, "SubnetId") == Some(subnet));
        let address = asked.next().and_then(|one| text(one, "Ipv4"));
        add_interface(state, id, subnet, address);
    }
    show_names(state, id);
    endpoint_service::connect(state, id);
}

/// Adds a gateway endpoint's route to a table.
fn add_route(state: &mut State, id: &str, table_id: &str) {
    let service = state
        .store
        .get(id)
        .and_then(|item| item.text("ServiceName"));
    let list = service.and_then(|service| prefix_list::of_service(state, service));
    let Some(list) = list else { return };
    let route = Structure::from([
        ("DestinationPrefixListId", Value::from(list.to_owned())),
        ("GatewayId", id.to_owned().into()),
        ("Origin", "CreateRoute".into()),
        ("State", "active".into()),
    ]);
    add_entry(state, table_id, "Routes", route);
}

/// Makes an endpoint's interface in a subnet.
fn add_interface(state: &mut State, id: &str, subnet: &str, address: Option<&str>) {
    let Some(item) = state.store.get(id) else {
        return;
    };
    let groups = path::texts(&item.entry, "Groups[].GroupId");
    let kind = match item.text("VpcEndpointType") {
        Some("GatewayLoadBalancer") => "gateway_load_balancer_endpoint",
        _ => "vpc_endpoint",
    };
    let wanted = Wanted {
        subnet: subnet.to_owned(),
        groups: groups.into_iter().map(str::to_owned).collect(),
        addresses: Addresses {
            primary: address.and_then(|address| address.parse().ok()),
            ..Addresses::default()
        },
        description: format!("VPC Endpoint Interface {id}"),
        kind,
        is_managed: true,
        ..Wanted::default()
    };
    let Ok(interface_id) = interface::create(state, &wanted) else {
        return;
    };
    state
        .store
        .update(&interface_id, |item| item.entry.insert("Status", "in-use"));
    state.store.update(id, |item| {
        if let Some(ids) = path::list(&mut item.entry, INTERFACES) {
            ids.push(interface_id.into());
        }
    });
}

/// Ends an endpoint's interfaces in a subnet, or in all.
fn remove_interfaces(state: &mut State, id: &str, subnet: Option<&str>) {
    let item = state.store.get(id);
    let ids = item.map(|item| path::texts(&item.entry, "NetworkInterfaceIds[]"));
    let ids = ids.unwrap_or_default().into_iter().map(str::to_owned);
    for interface_id in ids.collect::<Vec<_>>() {
        let interface = state.store.get(&interface_id);
        let own = interface.and_then(|item| item.text("SubnetId"));
        if subnet.is_some() && own != subnet {
            continue;
        }
        finish(state, &interface_id);
        state.store.update(id, |item| {
            if let Some(ids) = path::list(&mut item.entry, INTERFACES) {
                ids.retain(|known| known.as_str() != Some(&interface_id));
            }
        });
    }
}

/// Shows the names that an interface endpoint has: one of its own, and one in each zone.
fn show_names(state: &mut State, id: &str) {
    let Some(item) = state.store.get(id) else {
        return;
    };
    if item.text("VpcEndpointType") != Some("Interface") {
        return;
    }
    let own = match hidden(item, "DnsDigits") {
        Some(digits) => digits.to_owned(),
        None => state.next_digits().chars().skip(9).collect(),
    };
    let region = &state.config.region;
    let service = item.text("ServiceName").unwrap_or_default();
    let service = service.rsplit('.').next().unwrap_or_default();
    let subnets = path::texts(&item.entry, "SubnetIds[]").into_iter();
    let zones = subnets.filter_map(|subnet| state.store.get(subnet)?.text("AvailabilityZone"));
    let mut hosts = vec![format!("{id}-{own}")];
    hosts.extend(zones.map(|zone| format!("{id}-{own}-{zone}")));
    let names = hosts
        .into_iter()
        .map(|host| format!("{host}.{service}.{region}.vpce.amazonaws.com"));
    let mut names: Vec<String> = names.collect();
    if flag(&item.entry, "PrivateDnsEnabled") {
        names.push(format!("{service}.{region}.amazonaws.com"));
    }
    let shown = names.into_iter().map(|name| {
        Structure::from([
            ("DnsName", Value::from(name)),
            ("HostedZoneId", HOSTED_ZONE.into()),
        ])
        .into()
    });
    let shown = Value::List(shown.collect());
    state.store.update(id, |item| {
        item.hidden.insert("DnsDigits", Value::from(own));
        item.entry.insert("DnsEntries", shown);
    });
}

fn check_end(_: &Input, state: &State, item: &Item) -> Result<(), Fault> {
    // Routes lead to endpoints of load balancers until someone removes them.
    let is_gateway = item.text("VpcEndpointType") == Some(GATEWAY);
    let mut referrers = state.store.referrers(&item.id);
    if !is_gateway && referrers.any(|other| other.resource.name == "route-table") {
        return Err(dependency_violation(item));
    }
    Ok(())
}

fn ended(_: &Input, state: &mut State, id: &str) {
    let tables = state.store.referrers(id);
    let tables = tables.filter(|other| other.resource.name == "route-table");
    let tables: Vec<String> = tables.map(|table| table.id.clone()).collect();
    for table in tables {
        remove_entries(state, &table, "Routes", "GatewayId", id);
    }
    remove_interfaces(state, id, None);
}

/// Adds and removes texts of a list of an endpoint's.
fn change_list(state: &mut State, id: &str, list: &str, added: &[String], removed: &[String]) {
    state.store.update(id, |item| {
        if let Some(entries) = path::list(&mut item.entry, list) {
            let is_in = |entry: &Value<'static>, ids: &[String]| {
                ids.iter().any(|id| entry.as_str() == Some(id))
            };
            entries.retain(|entry| !is_in(entry, removed));
            let new = added
                .iter()
                .filter(|id| !entries.iter().any(|entry| entry.as_str() == Some(id)));
            let new: Vec<Value<'static>> = new.map(|id| id.clone().into()).collect();
            entries.extend(new);
        }
    });
}

fn modify(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let id = input.required("VpcEndpointId")?;
    let item = named(state, ENDPOINT, id)?;
    let vpc_id = item.text("VpcId").unwrap_or_default().to_owned();
    let owned = |member: &str| -> Vec<String> {
        input.texts(member).into_iter().map(str::to_owned).collect()
    };
    let [tables, no_tables] = ["AddRouteTableIds", "RemoveRouteTableIds"].map(owned);
    let [subnets, no_subnets] = ["AddSubnetIds", "RemoveSubnetIds"].map(owned);
    let [groups, no_groups] = ["AddSecurityGroupIds", "RemoveSecurityGroupIds"].map(owned);
    let is_gateway = item.text("VpcEndpointType") == Some(GATEWAY);
    if is_gateway && !subnets.is_empty() || !is_gateway && !tables.is_empty() {
        let member = if is_gateway {
            "AddSubnetIds"
        } else {
            "AddRouteTableIds"
        };
        let message = format!("{member} is not supported for this type of endpoint");
        return Err(fault::refusal("InvalidParameter", message));
    }
    let own_tables = path::texts(&item.entry, "RouteTableIds[]");
    for id in &tables {
        let table = named(state, "route-table", id)?;
        check_in_vpc(table, &vpc_id)?;
        if !own_tables.contains(&id.as_str()) {
            check_route(state, table, item.text("ServiceName"))?;
        }
    }
    let mut own: Vec<String> = (path::texts(&item.entry, "SubnetIds[]").into_iter())
        .map(str::to_owned)
        .collect();
    own.retain(|subnet| !no_subnets.contains(subnet));
    check_subnets(state, &vpc_id, &own, &subnets)?;
    let mut of_group: Vec<String> = (path::texts(&item.entry, "Groups[].GroupId").into_iter())
        .map(str::to_owned)
        .collect();
    of_group.retain(|group| !no_groups.contains(group));
    for group in groups {
        if !of_group.contains(&group) {
            of_group.push(group);
        }
    }
    let of_group: Vec<&str> = of_group.iter().map(String::as_str).collect();
    let shown_groups = groups_shown(state, &of_group)?;
    input.stop_dry_run()?;
    for table in &no_tables {
        remove_entries(state, table, "Routes", "GatewayId", id);
    }
    for table in &tables {
        remove_entries(state, table, "Routes", "GatewayId", id);
        add_route(state, id, table);
    }
    change_list(state, id, "RouteTableIds", &tables, &no_tables);
    state.store.update(id, |item| {
        item.entry.insert("Groups", shown_groups.clone());
        if input.flag("ResetPolicy") == Some(true) {
            item.entry.insert("PolicyDocument", POLICY);
        }
        for name in ["PolicyDocument", "IpAddressType", "PrivateDnsEnabled"] {
            if let Some(value) = input.get(name) {
                item.entry.insert(name, value.clone());
            }
        }
        if let Some(Value::Structure(options)) = input.get("DnsOptions") {
            for (name, value) in options.iter() {
                path::set(
                    &mut item.entry,
                    &format!("DnsOptions.{name}"),
                    value.clone(),
                );
            }
        }
    });
    for subnet in &no_subnets {
        remove_interfaces(state, id, Some(subnet));
    }
    change_list(state, id, "SubnetIds", &subnets, &no_subnets);
    for subnet in subnets.iter().filter(|subnet| !own.contains(subnet)) {
        add_interface(state, id, subnet, None);
    }
    let interfaces = state.store.get(id);
    let interfaces = interfaces.map(|item| path::texts(&item.entry, "NetworkInterfaceIds[]"));
    let interfaces = interfaces
        .unwrap_or_default()
        .into_iter()
        .map(str::to_owned);
    for interface_id in interfaces.collect::<Vec<_>>() {
        state.store.update(&interface_id, |item| {
            item.entry.insert("Groups", shown_groups.clone());
        });
    }
    show_names(state, id);
    state.note_change();
    Ok(done())
}
