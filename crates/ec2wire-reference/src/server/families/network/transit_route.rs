//! What a transit gateway's route table has: associations, propagations and routes.

use super::cidr;
use super::transit::{TABLE_ROW, check_gateway, is_attachment};
use super::vpc;
use crate::server::engine::Input;
use crate::server::engine::input::named;
use crate::server::families::Family;
use crate::server::families::shared::{Looks, page_of, passes, structures, text};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};
use ipnet::IpNet;

pub(in crate::server) static FAMILY: Family = Family {
    perform: &[
        ("AssociateTransitGatewayRouteTable", associate),
        ("DisassociateTransitGatewayRouteTable", dissociate),
        ("EnableTransitGatewayRouteTablePropagation", enable),
        ("DisableTransitGatewayRouteTablePropagation", disable),
        ("GetTransitGatewayRouteTableAssociations", |input, state| {
            associations(input, state)
        }),
        ("GetTransitGatewayRouteTablePropagations", |input, state| {
            propagations(input, state)
        }),
        ("GetTransitGatewayAttachmentPropagations", |input, state| {
            propagations_of(input, state)
        }),
        ("CreateTransitGatewayRoute", create),
        ("ReplaceTransitGatewayRoute", replace),
        ("DeleteTransitGatewayRoute", delete),
        ("SearchTransitGatewayRoutes", |input, state| {
            search(input, state)
        }),
    ],
    ..Family::NONE
};

/// Where a table notes the attachments that propagate to it, and its static routes.
const PROPAGATIONS: &str = "Propagations";
const ROUTES: &str = "Routes";
const ATTACHMENT: &str = "TransitGatewayAttachmentId";
const TABLE: &str = "TransitGatewayRouteTableId";

const ATTACHMENT_FILTERS: Looks = &[
    ("resource-id", "ResourceId"),
    ("resource-type", "ResourceType"),
    ("transit-gateway-attachment-id", ATTACHMENT),
];
const ROUTE_FILTERS: Looks = &[
    (
        "attachment.transit-gateway-attachment-id",
        "TransitGatewayAttachments[].TransitGatewayAttachmentId",
    ),
    (
        "attachment.resource-id",
        "TransitGatewayAttachments[].ResourceId",
    ),
    (
        "attachment.resource-type",
        "TransitGatewayAttachments[].ResourceType",
    ),
    ("prefix-list-id", "PrefixListId"),
    ("state", "State"),
    ("type", "Type"),
    ("route-search.exact-match", "DestinationCidrBlock"),
    ("route-search.longest-prefix-match", ""),
    ("route-search.subnet-of-match", ""),
    ("route-search.supernet-of-match", ""),
];

/// Associates an attachment with a table.
pub(super) fn associate_with(state: &mut State, attachment: &str, table: &str) {
    let association = Structure::from([
        (TABLE, Value::from(table.to_owned())),
        ("State", "associated".into()),
    ]);
    state.store.update(attachment, |item| {
        item.entry.insert("Association", association);
    });
}

/// Lets an attachment propagate its blocks to a table.
pub(super) fn propagate_to(state: &mut State, attachment: &str, table: &str) {
    let attachment = Value::from(attachment.to_owned());
    state.store.update(table, |item| {
        if let Some(known) = path::list(&mut item.hidden, PROPAGATIONS) {
            known.push(attachment);
        }
    });
}

/// Forgets the propagations of an attachment that has ended. Its static routes lead nowhere.
pub(super) fn forget(state: &mut State, attachment: &str) {
    let tables = state.store.all(TABLE_ROW);
    let tables = tables.filter(|table| propagates(table, attachment));
    let tables: Vec<String> = tables.map(|table| table.id.clone()).collect();
    for table in tables {
        stop_propagation(state, attachment, &table);
    }
}

fn stop_propagation(state: &mut State, attachment: &str, table: &str) {
    state.store.update(table, |item| {
        if let Some(known) = path::list(&mut item.hidden, PROPAGATIONS) {
            known.retain(|known| known.as_str() != Some(attachment));
        }
    });
}

fn propagates(table: &Item, attachment: &str) -> bool {
    path::texts(&table.hidden, "Propagations[]").contains(&attachment)
}

/// The table and the attachment that a request names. Both must be of one gateway.
fn asked<'s>(input: &Input, state: &'s State) -> Result<(&'s Item, &'s Item), Fault> {
    let table = named(state, TABLE_ROW, input.required(TABLE)?)?;
    let attachment = input.required(ATTACHMENT)?;
    let attachment = named(state, "transit-gateway-attachment", attachment)?;
    check_gateway(
        table,
        attachment.text("TransitGatewayId").unwrap_or_default(),
    )?;
    Ok((table, attachment))
}

/// An attachment as associations, propagations and routes show it.
fn shown(attachment: &Item) -> Structure<'static> {
    let mut shown = Structure::from([(ATTACHMENT, Value::from(attachment.id.clone()))]);
    for name in ["ResourceId", "ResourceType"] {
        if let Some(value) = attachment.entry.get(name) {
            shown.insert(name, value.clone());
        }
    }
    shown
}

/// The answer to a change between a table and an attachment.
fn answer(
    member: &'static str,
    table: &str,
    attachment: Option<&Item>,
    state: &'static str,
) -> Structure<'static> {
    let mut shown = attachment.map(shown).unwrap_or_default();
    shown.insert(TABLE, Value::from(table.to_owned()));
    shown.insert("State", state);
    Structure::from([(member, shown.into())])
}

fn associate(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let (table, attachment) = asked(input, state)?;
    if attachment
        .text("Association.TransitGatewayRouteTableId")
        .is_some()
    {
        let message = format!("{} is already associated to a route table", attachment.id);
        return Err(fault::refusal("Resource.AlreadyAssociated", message));
    }
    let (table, attachment) = (table.id.clone(), attachment.id.clone());
    input.stop_dry_run()?;
    associate_with(state, &attachment, &table);
    state.note_change();
    let attachment = state.store.get(&attachment);
    Ok(answer("Association", &table, attachment, "associating"))
}

fn dissociate(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let (table, attachment) = asked(input, state)?;
    if attachment.text("Association.TransitGatewayRouteTableId") != Some(&table.id) {
        let message = format!("{} is not associated to {}", attachment.id, table.id);
        return Err(fault::refusal("InvalidAssociation.NotFound", message));
    }
    let (table, attachment) = (table.id.clone(), attachment.id.clone());
    input.stop_dry_run()?;
    state
        .store
        .update(&attachment, |item| item.entry.remove("Association"));
    state.note_change();
    let attachment = state.store.get(&attachment);
    Ok(answer("Association", &table, attachment, "disassociating"))
}

fn enable(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let (table, attachment) = asked(input, state)?;
    if propagates(table, &attachment.id) {
        let message = format!("{} propagates to {} already", attachment.id, table.id);
        let code = "TransitGatewayRouteTablePropagation.Duplicate";
        return Err(fault::refusal(code, message));
    }
    let (table, attachment) = (table.id.clone(), attachment.id.clone());
    input.stop_dry_run()?;
    propagate_to(state, &attachment, &table);
    state.note_change();
    let attachment = state.store.get(&attachment);
    Ok(answer("Propagation", &table, attachment, "enabled"))
}

fn disable(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let (table, attachment) = asked(input, state)?;
    if !propagates(table, &attachment.id) {
        let message = format!("{} does not propagate to {}", attachment.id, table.id);
        let code = "TransitGatewayRouteTablePropagation.NotFound";
        return Err(fault::refusal(code, message));
    }
    let (table, attachment) = (table.id.clone(), attachment.id.clone());
    input.stop_dry_run()?;
    stop_propagation(state, &attachment, &table);
    state.note_change();
    let attachment = state.store.get(&attachment);
    Ok(answer("Propagation", &table, attachment, "disabled"))
}

/// A page of entries that pass the request's filters.
fn paged(
    input: &Input,
    state: &State,
    name: &'static str,
    looks: Looks,
    entries: Vec<Structure<'static>>,
) -> Result<Structure<'static>, Fault> {
    let mut held = Vec::with_capacity(entries.len());
    for entry in entries {
        if passes(input, looks, &entry)? {
            held.push(entry.into());
        }
    }
    let (held, next) = page_of(input, state, held)?;
    input.stop_dry_run()?;
    let mut answer = Structure::from([(name, Value::List(held))]);
    if let Some(next) = next {
        answer.insert("NextToken", Value::from(next));
    }
    Ok(answer)
}

fn associations(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    let table = named(state, TABLE_ROW, input.required(TABLE)?)?;
    let own = state.store.referrers(&table.id);
    let own = own.filter(|item| is_attachment(item));
    let entries = own.map(|attachment| {
        let mut shown = shown(attachment);
        shown.insert("State", "associated");
        shown
    });
    paged(
        input,
        state,
        "Associations",
        ATTACHMENT_FILTERS,
        entries.collect(),
    )
}

fn propagations(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    let table = named(state, TABLE_ROW, input.required(TABLE)?)?;
    let own = path::texts(&table.hidden, "Propagations[]").into_iter();
    let entries = own.filter_map(|id| state.store.get(id)).map(|attachment| {
        let mut shown = shown(attachment);
        shown.insert("State", "enabled");
        shown
    });
    let name = "TransitGatewayRouteTablePropagations";
    paged(input, state, name, ATTACHMENT_FILTERS, entries.collect())
}

fn propagations_of(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    let id = input.required(ATTACHMENT)?;
    let tables = state.store.all(TABLE_ROW);
    let tables = tables.filter(|table| propagates(table, id));
    let entries = tables.map(|table| {
        Structure::from([
            (TABLE, Value::from(table.id.clone())),
            ("State", "enabled".into()),
        ])
    });
    let name = "TransitGatewayAttachmentPropagations";
    let looks = &[("transit-gateway-route-table-id", TABLE)];
    paged(input, state, name, looks, entries.collect())
}

/// The static route that a request describes.
fn asked_route(
    input: &Input,
    state: &State,
) -> Result<(String, String, Structure<'static>), Fault> {
    let table = named(state, TABLE_ROW, input.required(TABLE)?)?;
    let block = input.required("DestinationCidrBlock")?;
    let block = cidr::any("destinationCidrBlock", block)?.to_string();
    let is_blackhole = input.flag("Blackhole") == Some(true);
    let mut route = Structure::from([
        ("DestinationCidrBlock", Value::from(block.clone())),
        ("Type", "static".into()),
        (
            "State",
            if is_blackhole { "blackhole" } else { "active" }.into(),
        ),
    ]);
    match input.text(ATTACHMENT) {
        Some(_) if is_blackhole => {
            return Err(fault::invalid_combination(ATTACHMENT, "Blackhole"));
        }
        Some(_) => {
            let (_, attachment) = asked(input, state)?;
            let attachments = Value::List(vec![shown(attachment).into()]);
            route.insert("TransitGatewayAttachments", attachments);
        }
        None if is_blackhole => {}
        None => return Err(fault::missing_parameter(ATTACHMENT)),
    }
    Ok((table.id.clone(), block, route))
}

fn is_to(route: &Structure<'static>, block: &str) -> bool {
    text(route, "DestinationCidrBlock") == Some(block)
}

fn static_route<'s>(state: &'s State, table: &str, block: &str) -> Option<&'s Structure<'static>> {
    let table = state.store.get(table)?;
    structures(&table.hidden, ROUTES).find(|route| is_to(route, block))
}

fn set_route(state: &mut State, table: &str, block: &str, route: Option<Structure<'static>>) {
    state.store.update(table, |item| {
        if let Some(routes) = path::list(&mut item.hidden, ROUTES) {
            routes.retain(|known| match known {
                Value::Structure(known) => !is_to(known, block),
                _ => true,
            });
            routes.extend(route.map(Value::from));
        }
    });
    state.note_change();
}

fn create(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let (table, block, route) = asked_route(input, state)?;
    if static_route(state, &table, &block).is_some() {
        let message =
            format!("Route {block} already exists in Transit Gateway Route Table {table}.");
        return Err(fault::refusal("RouteAlreadyExists", message));
    }
    input.stop_dry_run()?;
    set_route(state, &table, &block, Some(route.clone()));
    Ok(Structure::from([("Route", route.into())]))
}

fn unknown_route(table: &str, block: &str) -> Fault {
    let message = format!("Route {block} does not exist in Transit Gateway Route Table {table}.");
    fault::refusal("InvalidRoute.NotFound", message)
}

fn replace(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let (table, block, route) = asked_route(input, state)?;
    if static_route(state, &table, &block).is_none() {
        return Err(unknown_route(&table, &block));
    }
    input.stop_dry_run()?;
    set_route(state, &table, &block, Some(route.clone()));
    Ok(Structure::from([("Route", route.into())]))
}

fn delete(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let table = named(state, TABLE_ROW, input.required(TABLE)?)?.id.clone();
    let block = input.required("DestinationCidrBlock")?;
    let block = cidr::any("destinationCidrBlock", block)?.to_string();
    let route = static_route(state, &table, &block).cloned();
    let mut route = route.ok_or_else(|| unknown_route(&table, &block))?;
    input.stop_dry_run()?;
    set_route(state, &table, &block, None);
    route.insert("State", "deleted");
    Ok(Structure::from([("Route", route.into())]))
}

/// All routes of a table: the static ones, and those that attachments propagate.
fn routes(state: &State, table: &Item) -> Vec<Structure<'static>> {
    let is_there = |route: &Structure<'static>| {
        let at = "TransitGatewayAttachments[].TransitGatewayAttachmentId";
        let attachments = path::texts(route, at);
        let live = |id: &&str| state.store.get(id).is_some_and(|item| !item.is_gone());
        attachments.iter().all(live)
    };
    let mut routes: Vec<Structure<'static>> = structures(&table.hidden, ROUTES).cloned().collect();
    for route in &mut routes {
        if !is_there(route) {
            route.insert("State", "blackhole");
        }
    }
    for id in path::texts(&table.hidden, "Propagations[]") {
        let Some(attachment) = state.store.get(id) else {
            continue;
        };
        let vpc = attachment
            .text("VpcId")
            .and_then(|vpc| state.store.get(vpc));
        for block in vpc.map(vpc::blocks).unwrap_or_default() {
            // A static route comes before one that is propagated.
            if routes.iter().any(|route| is_to(route, block)) {
                continue;
            }
            let attachments = Value::List(vec![shown(attachment).into()]);
            routes.push(Structure::from([
                ("DestinationCidrBlock", Value::from(block.to_owned())),
                ("TransitGatewayAttachments", attachments),
                ("Type", "propagated".into()),
                ("State", "active".into()),
            ]));
        }
    }
    routes
}

/// Whether a route passes a filter that compares blocks.
fn is_found(route: &Structure<'static>, how: &str, asked: &IpNet, all: &[IpNet]) -> bool {
    let own: Option<IpNet> = text(route, "DestinationCidrBlock").and_then(|own| own.parse().ok());
    let Some(own) = own else { return false };
    match how {
        "subnet-of-match" => asked.contains(&own),
        "supernet-of-match" => own.contains(asked),
        _ => {
            let longest = all.iter().filter(|block| block.contains(asked));
            let longest = longest.map(IpNet::prefix_len).max();
            own.contains(asked) && Some(own.prefix_len()) == longest
        }
    }
}

fn search(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    const SEARCHES: [&str; 3] = [
        "longest-prefix-match",
        "subnet-of-match",
        "supernet-of-match",
    ];
    let table = named(state, TABLE_ROW, input.required(TABLE)?)?;
    let mut found = routes(state, table);
    let all = found
        .iter()
        .filter_map(|route| text(route, "DestinationCidrBlock")?.parse().ok());
    let all: Vec<IpNet> = all.collect();
    let mut plain = input.members.clone();
    if let Some(filters) = path::list(&mut plain, "Filters") {
        filters.retain(|filter| {
            let name = filter
                .get("Name")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let how = name.strip_prefix("route-search.");
            !how.is_some_and(|how| SEARCHES.contains(&how))
        });
    }
    for filter in input.structures("Filters") {
        let how = text(filter, "Name").and_then(|name| name.strip_prefix("route-search."));
        let Some(how) = how.filter(|how| SEARCHES.contains(how)) else {
            continue;
        };
        let asked = path::texts(filter, "Values[]").into_iter();
        // An address is a block of one.
        let asked = asked.map(|text| {
            let address = text.parse::<std::net::IpAddr>().map(IpNet::from);
            address.or_else(|_| cidr::any("route-search", text))
        });
        let asked: Vec<IpNet> = asked.collect::<Result<_, _>>()?;
        found.retain(|route| asked.iter().any(|asked| is_found(route, how, asked, &all)));
    }
    let plain = Input {
        plan: input.plan,
        members: plain,
        token: None,
        dry_run: input.dry_run,
        hooks: input.hooks,
    };
    let mut answer = paged(&plain, state, ROUTES, ROUTE_FILTERS, found)?;
    let has_more = answer.get("NextToken").is_some();
    answer.insert("AdditionalRoutesAvailable", has_more);
    Ok(answer)
}
