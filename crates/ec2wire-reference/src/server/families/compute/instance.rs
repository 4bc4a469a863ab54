//! Lists of instances: in reservations, and by their status.

use super::launch::RESERVATION;
use crate::server::engine::answer;
use crate::server::engine::list::{list_these, page, set_next};
use crate::server::engine::{Input, Role};
use crate::server::families::Family;
use crate::server::families::shared::texts;
use crate::server::fault;
use crate::server::state::State as World;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

pub(in crate::server::families) static FAMILY: Family = Family {
    perform: &[
        ("DescribeInstances", |input, state| describe(input, state)),
        ("DescribeInstanceStatus", |input, state| {
            describe_status(input, state)
        }),
    ],
    fields: &[
        ("DescribeInstances", "reservation-id", |item| {
            hidden(item, RESERVATION)
        }),
        ("DescribeInstances", "owner-id", |item| {
            texts(item, "NetworkInterfaces[].OwnerId")
        }),
        ("DescribeInstances", "requester-id", |_| Vec::new()),
        (
            "DescribeInstances",
            "network-interface.attachment.instance-id",
            |item| vec![item.id.clone()],
        ),
        (
            "DescribeInstances",
            "network-interface.attachment.instance-owner-id",
            |item| texts(item, "NetworkInterfaces[].OwnerId"),
        ),
        (
            "DescribeInstances",
            "network-interface.availability-zone",
            |item| texts(item, "Placement.AvailabilityZone"),
        ),
        (
            "DescribeInstances",
            "network-interface.ipv6-address",
            |item| texts(item, "NetworkInterfaces[].Ipv6Addresses[].Ipv6Address"),
        ),
        (
            "DescribeInstances",
            "network-interface.public-dns-name",
            |item| texts(item, "NetworkInterfaces[].Association.PublicDnsName"),
        ),
        (
            "DescribeInstances",
            "network-interface.requester-managed",
            |item| {
                path::all(&item.entry, "NetworkInterfaces[]")
                    .iter()
                    .map(|_| "false".to_owned())
                    .collect()
            },
        ),
        (
            "DescribeInstances",
            "metadata-options.http-protocol-ipv4",
            |item| texts(item, "MetadataOptions.HttpEndpoint"),
        ),
    ],
    ..Family::NONE
};

pub(super) const INSTANCE: &str = "instance";

fn hidden(item: &Item, name: &str) -> Vec<String> {
    let text = item.hidden.get(name).and_then(Value::as_str);
    text.map(str::to_owned).into_iter().collect()
}

/// A state of an instance: its code and its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct State(i64, pub(super) &'static str);

impl State {
    pub(super) const PENDING: Self = Self(0, "pending");
    pub(super) const RUNNING: Self = Self(16, "running");
    pub(super) const SHUTTING_DOWN: Self = Self(32, "shutting-down");
    pub(super) const TERMINATED: Self = Self(48, "terminated");
    pub(super) const STOPPING: Self = Self(64, "stopping");
    pub(super) const STOPPED: Self = Self(80, "stopped");

    const SETTLED: [Self; 3] = [Self::RUNNING, Self::TERMINATED, Self::STOPPED];

    /// The state that an instance is in.
    pub(super) fn of(item: &Item) -> Self {
        let name = item.text("State.Name").unwrap_or_default();
        let known = Self::SETTLED.iter().find(|state| state.1 == name);
        known.copied().unwrap_or(Self::PENDING)
    }

    pub(super) fn value(self) -> Value<'static> {
        Structure::from([("Code", Value::Integer(self.0)), ("Name", self.1.into())]).into()
    }

    /// Shows it in an instance's entry.
    pub(super) fn show(self, entry: &mut Structure<'static>) {
        entry.insert("State", self.value());
    }
}

/// A reservation with some of its instances.
pub(super) fn reservation(
    state: &World,
    items: &[&Item],
    change: &dyn Fn(&mut Structure<'static>),
) -> Structure<'static> {
    let entries = items.iter().map(|item| {
        let mut entry = answer::entry(item);
        change(&mut entry);
        entry.into()
    });
    let id = items.first().and_then(|item| item.hidden.get(RESERVATION));
    Structure::from([
        ("ReservationId", id.cloned().unwrap_or_default()),
        ("OwnerId", state.config.account.clone().into()),
        ("Groups", Value::List(Vec::new())),
        ("Instances", Value::List(entries.collect())),
    ])
}

fn describe(input: &Input, state: &World) -> Result<Structure<'static>, Fault> {
    let Some((resource, Role::List(listing))) = input.plan.role else {
        return Err(fault::internal());
    };
    let page = page(input, resource, listing, state, &|_| true)?;
    input.stop_dry_run()?;
    // Those of a reservation were launched one after the other.
    let groups = page
        .items
        .chunk_by(|one, other| one.hidden.get(RESERVATION) == other.hidden.get(RESERVATION));
    let reservations = groups.map(|items| reservation(state, items, &|_| ()).into());
    let mut answer = Structure::from([("Reservations", Value::List(reservations.collect()))]);
    set_next(&mut answer, listing, page.next);
    Ok(answer)
}

fn describe_status(input: &Input, state: &World) -> Result<Structure<'static>, Fault> {
    let Some((resource, Role::Read(listing))) = input.plan.role else {
        return Err(fault::internal());
    };
    let ids = input.texts("InstanceIds");
    let shows_all = input.flag("IncludeAllInstances") == Some(true);
    list_these(input, resource, listing, state, |after| {
        let items = state.store.after(INSTANCE, after);
        let items = items.filter(|item| ids.is_empty() || ids.contains(&item.id.as_str()));
        // Documented: only those that run.
        let items = items.filter(move |item| shows_all || State::of(item) == State::RUNNING);
        items.map(|item| {
            let mut shown = Item::new(item.id.clone(), resource, item.order);
            shown.tags.clone_from(&item.tags);
            shown.entry = status_of(item);
            shown
        })
    })
}

fn status_of(item: &Item) -> Structure<'static> {
    let runs = State::of(item) == State::RUNNING;
    let summary = || {
        let mut summary = Structure::from([(
            "Status",
            Value::from(if runs { "ok" } else { "not-applicable" }),
        )]);
        if runs {
            let detail = [
                ("Name", Value::from("reachability")),
                ("Status", "passed".into()),
            ];
            summary.insert("Details", Value::List(vec![Structure::from(detail).into()]));
        }
        Value::from(summary)
    };
    let own = |at: &str| path::first(&item.entry, at).cloned().unwrap_or_default();
    let mut status = Structure::from([
        ("InstanceId", Value::from(item.id.clone())),
        ("AvailabilityZone", own("Placement.AvailabilityZone")),
        ("AvailabilityZoneId", own("Placement.AvailabilityZoneId")),
        ("InstanceState", own("State")),
        ("InstanceStatus", summary()),
        ("SystemStatus", summary()),
        ("Events", Value::List(Vec::new())),
        ("Operator", own("Operator")),
    ]);
    if item.text("RootDeviceType") == Some("ebs") {
        status.insert("AttachedEbsStatus", summary());
    }
    status
}
