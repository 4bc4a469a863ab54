//! Launching instances: `RunInstances`, and what else starts some.
//!
//! - `asked` is what a request asks for, together with its launch template.
//! - `place` is where instances are: zone, subnet, security groups, interfaces.

mod asked;
mod place;

use super::device::{self, Disk};
use super::instance::{INSTANCE, State as Phase, reservation};
use super::instance_type::{self, Type};
use super::{capacity, host, image_attribute, key_pair, placement_group, profile, spot};
use crate::server::engine::input::named;
use crate::server::engine::make::{fill, insert_named, remember, replayed};
use crate::server::engine::{Input, Plan, Role};
use crate::server::families::interface;
use crate::server::families::shared::{Defaults, Usual, complete};
use crate::server::families::storage::{attachment, volume};
use crate::server::families::{Draft, Family};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};
use place::{Network, networks};

pub(super) use asked::with_template;

pub(in crate::server::families) static FAMILY: Family = Family {
    perform: &[("RunInstances", run)],
    ..Family::NONE
};

/// How many instances one request may launch.
const MOST: i64 = 1000;
/// The type of instances if no request says one. It is documented.
const USUAL_TYPE: &str = "m1.small";
/// What `RunInstances` may tag.
const TAGGED: [&str; 4] = ["instance", "volume", "network-interface", spot::TAGGED];

/// What an instance is like if nothing else is asked for.
const ENTRY: Defaults = &[
    ("ProductCodes", Usual::Empty),
    ("StateTransitionReason", Usual::Text("")),
    ("Monitoring.State", Usual::Text("disabled")),
    ("Placement.GroupName", Usual::Text("")),
    ("Placement.Tenancy", Usual::Text("default")),
    ("EbsOptimized", Usual::Flag(false)),
    ("EnaSupport", Usual::Flag(true)),
    ("Hypervisor", Usual::Text("xen")),
    ("VirtualizationType", Usual::Text("hvm")),
    (
        "CapacityReservationSpecification.CapacityReservationPreference",
        Usual::Text("open"),
    ),
    ("HibernationOptions.Configured", Usual::Flag(false)),
    ("MetadataOptions.State", Usual::Text("applied")),
    ("MetadataOptions.HttpEndpoint", Usual::Text("enabled")),
    ("MetadataOptions.HttpProtocolIpv6", Usual::Text("disabled")),
    (
        "MetadataOptions.InstanceMetadataTags",
        Usual::Text("disabled"),
    ),
    ("EnclaveOptions.Enabled", Usual::Flag(false)),
    ("PlatformDetails", Usual::Text("Linux/UNIX")),
    ("UsageOperation", Usual::Text("RunInstances")),
    ("PrivateDnsNameOptions.HostnameType", Usual::Text("ip-name")),
    (
        "PrivateDnsNameOptions.EnableResourceNameDnsARecord",
        Usual::Flag(false),
    ),
    (
        "PrivateDnsNameOptions.EnableResourceNameDnsAAAARecord",
        Usual::Flag(false),
    ),
    ("MaintenanceOptions.AutoRecovery", Usual::Text("default")),
    ("MaintenanceOptions.RebootMigration", Usual::Text("default")),
    (
        "NetworkPerformanceOptions.BandwidthWeighting",
        Usual::Text("default"),
    ),
    ("Operator.Managed", Usual::Flag(false)),
    ("NetworkInterfaces", Usual::Empty),
    ("BlockDeviceMappings", Usual::Empty),
    ("SourceDestCheck", Usual::Flag(true)),
];

/// What an instance has of its image.
const OF_IMAGE: [&str; 13] = [
    "Architecture",
    "BootMode",
    "EnaSupport",
    "Hypervisor",
    "KernelId",
    "Platform",
    "PlatformDetails",
    "ProductCodes",
    "RamdiskId",
    "RootDeviceName",
    "RootDeviceType",
    "UsageOperation",
    "VirtualizationType",
];

/// Members of requests that no list shows, and that attributes tell.
const HIDDEN: [&str; 6] = [
    "UserData",
    "DisableApiTermination",
    "DisableApiStop",
    "InstanceInitiatedShutdownBehavior",
    "CreditSpecification",
    "LicenseSpecifications",
];

/// Where an instance notes its reservation.
pub(super) const RESERVATION: &str = "ReservationId";

/// Instances that are to be launched.
pub(super) struct Launch {
    /// What all of them are like.
    entry: Structure<'static>,
    hidden: Structure<'static>,
    disks: Vec<Disk>,
    networks: Vec<Network>,
    zone: String,
    tags: Vec<(String, String)>,
    volume_tags: Vec<(String, String)>,
    interface_tags: Vec<(String, String)>,
    /// What is asked of Spot Instances, if they are to be some.
    market: Option<Value<'static>>,
    request_tags: Vec<(String, String)>,
}

fn run(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let asked = with_template(input, state)?;
    asked.check_tags(&TAGGED)?;
    let (least, most) = counts(&asked)?;
    let before = replayed(input, state)?;
    // What a token launched before may have what the request asks for.
    if let Some(ids) = before {
        input.stop_dry_run()?;
        return Ok(first_answer(state, &ids));
    }
    let launch = prepare(&asked, state, most)?;
    input.stop_dry_run()?;
    let ids = launch_all(state, &launch, most);
    if i64::try_from(ids.len()).unwrap_or(i64::MAX) < least {
        return Err(fault::internal());
    }
    remember(input, state, &ids);
    Ok(first_answer(state, &ids))
}

/// How many instances are launched, at least and at most.
fn counts(asked: &Input) -> Result<(i64, i64), Fault> {
    let number = |member: &'static str| {
        asked
            .integer(member)
            .ok_or_else(|| fault::missing_parameter(member))
    };
    let (least, most) = (number("MinCount")?, number("MaxCount")?);
    for (name, count) in [("minCount", least), ("maxCount", most)] {
        if count < 1 {
            return Err(fault::invalid_value(format!(
                "Value ( {count} ) for parameter {name} is invalid. Expecting a positive number."
            )));
        }
    }
    if least > most {
        return Err(fault::invalid_value(format!(
            "Value ( {least} ) for parameter minCount is invalid. It must not be more than maxCount."
        )));
    }
    if least > MOST {
        return Err(fault::refusal(
            "InstanceLimitExceeded",
            format!(
                "Your quota allows for {MOST} more running instance(s). You requested at least {least}."
            ),
        ));
    }
    Ok((least, most.min(MOST)))
}

/// Checks all that a request says of new instances.
pub(super) fn prepare(asked: &Input, state: &State, count: i64) -> Result<Launch, Fault> {
    let Some(image_id) = asked.text("ImageId") else {
        return Err(fault::refusal(
            "MissingParameter",
            "The request must contain the parameter ImageId",
        ));
    };
    let image = named(state, "image", image_id)?;
    image_attribute::check_usable(image)?;
    let kind = asked.text("InstanceType").unwrap_or(USUAL_TYPE);
    check_architecture(image, kind)?;
    if let Some(name) = asked.text("KeyName") {
        key_pair::check(state, name)?;
    }
    check_user_data(asked)?;
    if let Some(name) = asked
        .text("Placement.GroupName")
        .filter(|name| !name.is_empty())
    {
        placement_group::check(state, name)?;
    }
    let place = networks(asked, state, count)?;
    let host = host::asked(asked, state, kind, &place.zone)?;
    let own: Vec<&Structure<'static>> = structures(image, "BlockDeviceMappings");
    let mappings = device::merge(&own, &asked.structures("BlockDeviceMappings"))?;
    // What images make goes with the instance; what is attached later stays.
    let disks = device::disks(state, &mappings, true)?;
    let mut launch = Launch {
        entry: Structure::new(),
        hidden: Structure::new(),
        disks,
        networks: place.networks,
        zone: place.zone,
        tags: asked::tags_of_instance(asked),
        volume_tags: asked.tags_for("volume"),
        interface_tags: asked.tags_for("network-interface"),
        market: asked.get("InstanceMarketOptions").cloned(),
        request_tags: asked.tags_for(spot::TAGGED),
    };
    describe(asked, state, image, kind, &mut launch);
    if let Some(host) = host {
        path::set_all(
            &mut launch.entry,
            [
                ("Placement.HostId", Value::from(host)),
                ("Placement.Tenancy", "host".into()),
            ],
        );
    }
    capacity::check(state, &launch.entry, count)?;
    Ok(launch)
}

fn structures<'s>(item: &'s Item, list: &str) -> Vec<&'s Structure<'static>> {
    crate::server::families::shared::structures(&item.entry, list).collect()
}

/// Completes what the instances of a launch are like.
fn describe(asked: &Input, state: &State, image: &Item, kind: &str, launch: &mut Launch) {
    let entry = &mut launch.entry;
    // Other actions launch, too.
    let plan = Plan::of("RunInstances");
    if let Some((resource, Role::Make(make))) = plan.and_then(|plan| plan.role) {
        fill(asked, resource, make, entry);
    }
    for member in OF_IMAGE {
        if let Some(value) = image.entry.get(member)
            && entry.get(member).is_none()
        {
            entry.insert(member, value.clone());
        }
    }
    let zone_id = state
        .store
        .get(&launch.zone)
        .and_then(|zone| zone.text("ZoneId"));
    let now = Value::Timestamp(state.now());
    path::set_all(
        entry,
        [
            ("ImageId", Value::from(image.id.clone())),
            ("InstanceType", kind.to_owned().into()),
            ("LaunchTime", now.clone()),
            ("UsageOperationUpdateTime", now),
            (
                "ClientToken",
                asked.token.clone().unwrap_or_default().into(),
            ),
            ("Placement.AvailabilityZone", launch.zone.clone().into()),
            (
                "Placement.AvailabilityZoneId",
                zone_id.unwrap_or_default().to_owned().into(),
            ),
        ],
    );
    let needs_tokens = image.text("ImdsSupport") == Some("v2.0");
    for (at, value) in [
        (
            "MetadataOptions.HttpTokens",
            Value::from(if needs_tokens { "required" } else { "optional" }),
        ),
        (
            "MetadataOptions.HttpPutResponseHopLimit",
            Value::Integer(if needs_tokens { 2 } else { 1 }),
        ),
    ] {
        if path::first(entry, at).is_none() {
            path::set(entry, at, value);
        }
    }
    let boots_uefi = entry.get("BootMode").is_some()
        && instance_type::find(kind).is_some_and(|kind| kind.is_nitro);
    let mode = if boots_uefi { "uefi" } else { "legacy-bios" };
    entry.insert("CurrentInstanceBootMode", Value::from(mode));
    if let Some(known) = instance_type::find(kind) {
        show_type(known, entry);
    }
    if let Some(profile) = profile::asked(state, asked.get("IamInstanceProfile")) {
        entry.insert("IamInstanceProfile", profile);
    }
    if let Some(first) = launch.networks.first() {
        first.show_names(state, entry);
    }
    complete(entry, ENTRY);
    capacity::show_wish(entry);
    Phase::RUNNING.show(entry);
    for member in HIDDEN {
        if let Some(value) = asked.members.get(member) {
            launch.hidden.insert(member, value.clone());
        }
    }
}

/// Shows what an instance has of its type.
pub(super) fn show_type(known: &Type, entry: &mut Structure<'static>) {
    let cores = (known.vcpus / known.threads_per_core).max(1);
    for (at, usual) in [
        ("CpuOptions.CoreCount", cores),
        ("CpuOptions.ThreadsPerCore", known.threads_per_core),
    ] {
        if path::first(entry, at).is_none() {
            path::set(entry, at, usual.into());
        }
    }
}

fn check_architecture(image: &Item, kind: &str) -> Result<(), Fault> {
    let architectures = instance_type::architectures(kind);
    let own = image.text("Architecture").unwrap_or_default();
    if architectures.contains(&own) || (own == "i386" && architectures.contains(&"x86_64")) {
        return Ok(());
    }
    let others = architectures.join(", ");
    Err(fault::invalid_value(format!(
        "The architecture '{others}' of the specified instance type does not match the architecture \
         '{own}' of the specified AMI. Specify an instance type and an AMI that have matching \
         architectures, and try again."
    )))
}

fn check_user_data(asked: &Input) -> Result<(), Fault> {
    const LONGEST: usize = 16 * 1024;
    let Some(text) = asked.text("UserData") else {
        return Ok(());
    };
    let Ok(bytes) = BASE64.decode(text.split_whitespace().collect::<String>()) else {
        return Err(fault::refusal(
            "InvalidUserData.Malformed",
            "Invalid BASE64 encoding of user data.",
        ));
    };
    if bytes.len() > LONGEST {
        return Err(fault::invalid_value("User data is limited to 16384 bytes"));
    }
    Ok(())
}

/// Launches that many instances, in a reservation of their own. Returns their ids.
pub(super) fn launch_all(state: &mut State, launch: &Launch, count: i64) -> Vec<String> {
    let reservation = format!("r-{}", state.new_digits());
    let mut ids = Vec::new();
    for index in 0..count {
        match launch_one(state, launch, &reservation, index) {
            Some(id) => ids.push(id),
            None => break,
        }
    }
    state.note_change();
    ids
}

fn launch_one(state: &mut State, launch: &Launch, reservation: &str, index: i64) -> Option<String> {
    let mut draft = Draft {
        entry: launch.entry.clone(),
        hidden: launch.hidden.clone(),
        ..Draft::default()
    };
    draft.entry.insert("AmiLaunchIndex", index);
    draft
        .hidden
        .insert(RESERVATION, Value::from(reservation.to_owned()));
    let mut interfaces = Vec::with_capacity(launch.networks.len());
    for network in &launch.networks {
        interfaces.push((
            network,
            network.interface(state, launch.interface_tags.clone())?,
        ));
    }
    let mut volumes = Vec::with_capacity(launch.disks.len());
    for disk in &launch.disks {
        let id = volume::create(state, &disk.spec, &launch.zone, launch.volume_tags.clone());
        volumes.push((disk, id));
    }
    let devices = volumes
        .iter()
        .map(|(disk, id)| attachment::device(state, id, &disk.name, disk.deletes));
    let devices = Value::List(devices.collect());
    draft.entry.insert("BlockDeviceMappings", devices);
    let id = insert_named(state, INSTANCE, draft, launch.tags.clone());
    for (disk, volume) in volumes {
        attachment::attach(state, &volume, &id, &disk.name, disk.deletes);
    }
    for (network, interface) in interfaces {
        interface::attach(state, &interface, &id, network.index, network.deletes);
        if network.is_public {
            interface::give_public_address(state, &interface);
        }
    }
    if launch.networks.iter().any(|network| network.is_public) {
        state.store.update(&id, |item| {
            item.hidden.insert(super::lifecycle::IS_PUBLIC, true)
        });
    }
    interface::show_on_instance(state, &id);
    profile::associate(state, &id);
    capacity::enter(state, &id);
    let market = launch.market.as_ref();
    if let Some(market) = market
        && market.get("MarketType").and_then(Value::as_str) == Some("spot")
    {
        spot::fulfil(state, &id, market, launch.request_tags.clone());
    }
    Some(id)
}

/// New instances as the answer to their launch shows them: nothing is attached yet.
pub(super) fn first_answer(state: &State, ids: &[String]) -> Structure<'static> {
    let items: Vec<&Item> = ids.iter().filter_map(|id| state.store.get(id)).collect();
    reservation(state, &items, &|entry| {
        Phase::PENDING.show(entry);
        path::set_all(
            entry,
            [
                ("StateReason.Code", Value::from("pending")),
                ("StateReason.Message", "pending".into()),
                ("MetadataOptions.State", "pending".into()),
                ("BlockDeviceMappings", Value::List(Vec::new())),
                ("PublicDnsName", "".into()),
            ],
        );
        entry.remove("PublicIpAddress");
        if let Some(Value::List(interfaces)) = entry.get_mut("NetworkInterfaces") {
            for interface in interfaces {
                let Value::Structure(interface) = interface else {
                    continue;
                };
                interface.remove("Association");
                for address in path::list(interface, "PrivateIpAddresses")
                    .into_iter()
                    .flatten()
                {
                    if let Value::Structure(address) = address {
                        address.remove("Association");
                    }
                }
                path::set(interface, "Attachment.Status", "attaching".into());
            }
        }
    })
}
