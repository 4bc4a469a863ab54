//! Options of instances that have actions of their own, monitoring, and what instances say of
//! themselves.

use super::instance::{INSTANCE, State as Phase};
use super::instance_type;
use crate::server::engine::input::named;
use crate::server::engine::list::list_these;
use crate::server::engine::{Input, Role, answer, change};
use crate::server::families::{Draft, Family, interface};
use crate::server::fault;
use crate::server::state::State;
use crate::server::store::{Item, path};
use ec2wire::Fault;
use ec2wire_model::{Structure, Value};

pub(in crate::server::families) static FAMILY: Family = Family {
    perform: &[
        ("ModifyInstanceMetadataOptions", modify_metadata),
        ("MonitorInstances", |input, state| {
            monitor(input, state, ("pending", "enabled"))
        }),
        ("UnmonitorInstances", |input, state| {
            monitor(input, state, ("disabling", "disabled"))
        }),
        ("GetConsoleOutput", |input, state| {
            say(input, state, "Output")
        }),
        ("GetPasswordData", |input, state| {
            say(input, state, "PasswordData")
        }),
        ("ModifyInstanceCreditSpecification", modify_credits),
        ("DescribeInstanceCreditSpecifications", |input, state| {
            describe_credits(input, state)
        }),
        ("ModifyPrivateDnsNameOptions", |input, state| {
            let answer = change::as_planned(input, state)?;
            interface::show_on_instance(state, input.required("InstanceId")?);
            Ok(answer)
        }),
    ],
    changing: &[
        ("ModifyInstancePlacement", |input, state, item, draft| {
            check_stopped(item)?;
            if let Some(name) = input.text("GroupName").filter(|name| !name.is_empty()) {
                super::placement_group::check(state, name)?;
            }
            set_each(
                input,
                "Placement",
                draft,
                &[
                    "GroupName",
                    "PartitionNumber",
                    "HostResourceGroupArn",
                    "GroupId",
                    "Tenancy",
                    "Affinity",
                    "HostId",
                ],
            );
            Ok(())
        }),
        ("ModifyInstanceMaintenanceOptions", |input, _, _, draft| {
            set_each(
                input,
                "MaintenanceOptions",
                draft,
                &["AutoRecovery", "RebootMigration"],
            );
            Ok(())
        }),
        ("ModifyInstanceCpuOptions", |input, _, item, draft| {
            check_stopped(item)?;
            set_each(
                input,
                "CpuOptions",
                draft,
                &["CoreCount", "ThreadsPerCore", "NestedVirtualization"],
            );
            Ok(())
        }),
        (
            "ModifyInstanceNetworkPerformanceOptions",
            |input, _, item, draft| {
                check_stopped(item)?;
                set_each(
                    input,
                    "NetworkPerformanceOptions",
                    draft,
                    &["BandwidthWeighting"],
                );
                Ok(())
            },
        ),
        ("ModifyPrivateDnsNameOptions", |input, _, item, draft| {
            check_stopped(item)?;
            if let Some(kind) = input.get("PrivateDnsHostnameType") {
                path::set(
                    &mut draft.entry,
                    "PrivateDnsNameOptions.HostnameType",
                    kind.clone(),
                );
            }
            set_each(
                input,
                "PrivateDnsNameOptions",
                draft,
                &[
                    "EnableResourceNameDnsARecord",
                    "EnableResourceNameDnsAAAARecord",
                ],
            );
            Ok(())
        }),
    ],
    ..Family::NONE
};

/// Sets the members of a request in a structure of the entry.
fn set_each(input: &Input, structure: &str, draft: &mut Draft, members: &[&str]) {
    for member in members {
        if let Some(value) = input.get(member) {
            path::set(
                &mut draft.entry,
                &format!("{structure}.{member}"),
                value.clone(),
            );
        }
    }
}

fn check_stopped(item: &Item) -> Result<(), Fault> {
    if Phase::of(item) == Phase::STOPPED {
        return Ok(());
    }
    let message = format!("The instance '{}' is not in the 'stopped' state.", item.id);
    Err(fault::refusal("IncorrectInstanceState", message))
}

fn modify_metadata(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let id = input.required("InstanceId")?.to_owned();
    let mut draft = Draft {
        entry: named(state, INSTANCE, &id)?.entry.clone(),
        ..Draft::default()
    };
    set_each(
        input,
        "MetadataOptions",
        &mut draft,
        &[
            "HttpTokens",
            "HttpPutResponseHopLimit",
            "HttpEndpoint",
            "HttpProtocolIpv6",
            "InstanceMetadataTags",
        ],
    );
    input.stop_dry_run()?;
    let mut options = draft
        .entry
        .get("MetadataOptions")
        .cloned()
        .unwrap_or_default();
    state.store.update(&id, |item| item.entry = draft.entry);
    state.note_change();
    if let Value::Structure(options) = &mut options {
        options.insert("State", Value::from("pending"));
    }
    Ok(Structure::from([
        ("InstanceId", Value::from(id)),
        ("InstanceMetadataOptions", options),
    ]))
}

/// Switches detailed monitoring. `states` are those of the answer and of what follows.
fn monitor(
    input: &Input,
    state: &mut State,
    states: (&'static str, &'static str),
) -> Result<Structure<'static>, Fault> {
    let ids: Vec<String> = input
        .texts("InstanceIds")
        .into_iter()
        .map(str::to_owned)
        .collect();
    input.stop_dry_run()?;
    let mut shown = Vec::with_capacity(ids.len());
    for id in &ids {
        state.store.update(id, |item| {
            path::set(&mut item.entry, "Monitoring.State", states.1.into());
        });
        shown.push(
            Structure::from([
                ("InstanceId", Value::from(id.clone())),
                (
                    "Monitoring",
                    Structure::from([("State", Value::from(states.0))]).into(),
                ),
            ])
            .into(),
        );
    }
    state.note_change();
    Ok(Structure::from([(
        "InstanceMonitorings",
        Value::List(shown),
    )]))
}

/// Answers with what a machine would say: nothing.
fn say(input: &Input, state: &State, member: &'static str) -> Result<Structure<'static>, Fault> {
    let item = named(state, INSTANCE, input.required("InstanceId")?)?;
    input.stop_dry_run()?;
    let time = item.entry.get("LaunchTime").cloned().unwrap_or_default();
    Ok(Structure::from([
        ("InstanceId", Value::from(item.id.clone())),
        ("Timestamp", time),
        (member, "".into()),
    ]))
}

/// The credit option of an instance, if its type has one.
fn credits(item: &Item) -> Option<Value<'static>> {
    let kind = item.text("InstanceType").unwrap_or_default();
    if !instance_type::find(kind).is_some_and(|kind| kind.is_burstable) {
        return None;
    }
    let asked = path::first(&item.hidden, "CreditSpecification.CpuCredits").cloned();
    // Documented: T2 has another default.
    let usual = if kind.starts_with("t2.") {
        "standard"
    } else {
        "unlimited"
    };
    Some(asked.unwrap_or_else(|| usual.into()))
}

fn describe_credits(input: &Input, state: &State) -> Result<Structure<'static>, Fault> {
    let Some((resource, Role::Read(listing))) = input.plan.role else {
        return Err(fault::internal());
    };
    let ids = input.texts("InstanceIds");
    list_these(input, resource, listing, state, |after| {
        let items = state
            .store
            .after(INSTANCE, after)
            .filter(|item| !item.is_gone());
        // Without ids, those whose option is not the usual one.
        let is_unlimited = |item: &Item| {
            credits(item).is_some_and(|credits| credits.as_str() == Some("unlimited"))
        };
        let items = items.filter(move |item| {
            ids.contains(&item.id.as_str()) || ids.is_empty() && is_unlimited(item)
        });
        items.filter_map(|item| {
            let mut shown = Item::new(item.id.clone(), resource, item.order);
            shown.entry = Structure::from([
                ("InstanceId", Value::from(item.id.clone())),
                ("CpuCredits", credits(item)?),
            ]);
            Some(shown)
        })
    })
}

fn modify_credits(input: &Input, state: &mut State) -> Result<Structure<'static>, Fault> {
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    let mut changes = Vec::new();
    for asked in input.structures("InstanceCreditSpecifications") {
        let text = |name: &str| {
            asked
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let (id, option) = (text("InstanceId"), text("CpuCredits"));
        if !matches!(option.as_str(), "standard" | "unlimited") {
            return Err(fault::invalid_choice("CpuCredits", &option));
        }
        let mut shown = Structure::from([("InstanceId", Value::from(id.clone()))]);
        if credits(named(state, INSTANCE, &id)?).is_some() {
            done.push(shown.into());
            changes.push((id, option));
        } else {
            let error = [
                (
                    "Code",
                    Value::from("InstanceCreditSpecification.NotSupported"),
                ),
                (
                    "Message",
                    "The instance type does not have a credit option".into(),
                ),
            ];
            shown.insert("Error", Structure::from(error));
            failed.push(shown.into());
        }
    }
    input.stop_dry_run()?;
    for (id, option) in changes {
        state.store.update(&id, |item| {
            path::set(
                &mut item.hidden,
                "CreditSpecification.CpuCredits",
                option.into(),
            );
        });
    }
    state.note_change();
    let answer = Structure::from([
        ("SuccessfulInstanceCreditSpecifications", Value::List(done)),
        (
            "UnsuccessfulInstanceCreditSpecifications",
            Value::List(failed),
        ),
    ]);
    let output = input.plan.operation.output();
    Ok(output
        .map(|output| answer::project(&answer, output))
        .unwrap_or_default())
}
