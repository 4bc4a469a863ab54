//! Capacity reservations and Dedicated Hosts, and the instances that run in and on them.

use crate::calls::{call, done, each, refuses, text};
use crate::compute::{self, with};
use ec2wire_reference::{Config, World};
use serde_json::{Value as Json, json};

#[test]
fn a_reservation_counts_the_instances_that_it_has_room_for() {
    let world = World::new(Config::default());
    let members = json!({"InstanceType": "t3.micro", "InstancePlatform": "Linux/UNIX",
        "AvailabilityZone": "us-east-1a", "InstanceCount": 2});
    let made = done(&world, "CreateCapacityReservation", &members);
    let id = text(&made, "/CapacityReservation/CapacityReservationId");
    let shown = || {
        let ids = json!({"CapacityReservationIds": [id]});
        let list = done(&world, "DescribeCapacityReservations", &ids);
        list["CapacityReservations"][0].clone()
    };
    for (name, value) in [
        ("TotalInstanceCount", json!(2)),
        ("AvailableInstanceCount", json!(2)),
        ("InstanceMatchCriteria", json!("open")),
        ("EndDateType", json!("unlimited")),
        ("Tenancy", json!("default")),
        ("EbsOptimized", json!(false)),
    ] {
        assert_eq!(shown()[name], value, "{name}");
        assert_eq!(made["CapacityReservation"][name], value, "{name}");
    }
    let change = json!({"CapacityReservationId": id, "InstanceCount": 3});
    done(&world, "ModifyCapacityReservation", &change);
    assert_eq!(shown()["TotalInstanceCount"], 3);
    assert_eq!(shown()["AvailableInstanceCount"], 3);
    for (name, value, code) in [
        ("InstanceCount", json!(0), "InvalidParameterValue"),
        ("EndDateType", json!("limited"), "MissingParameter"),
    ] {
        let mut members = members.clone();
        members[name] = value.clone();
        refuses(&world, code, "CreateCapacityReservation", &members);
        let mut members = json!({"CapacityReservationId": id});
        members[name] = value;
        refuses(&world, code, "ModifyCapacityReservation", &members);
    }
}

/// A reservation for one instance: its id.
fn reserve(world: &World, criteria: &str) -> String {
    let members = json!({"InstanceType": "t3.micro", "InstancePlatform": "Linux/UNIX",
        "AvailabilityZone": "us-east-1a", "InstanceCount": 1, "InstanceMatchCriteria": criteria});
    let made = done(world, "CreateCapacityReservation", &members);
    text(&made, "/CapacityReservation/CapacityReservationId")
}

fn free(world: &World, id: &str) -> i64 {
    let ids = json!({"CapacityReservationIds": [id]});
    let list = done(world, "DescribeCapacityReservations", &ids);
    let members = json!({"CapacityReservationId": id});
    let usage = done(world, "GetCapacityReservationUsage", &members);
    let free = &list["CapacityReservations"][0]["AvailableInstanceCount"];
    assert_eq!(&usage["AvailableInstanceCount"], free);
    free.as_i64().unwrap()
}

/// The reservation that an instance shows.
fn of(world: &World, instance: &str) -> Option<String> {
    let instance = compute::instance(world, instance);
    let reservation = instance["CapacityReservationId"].as_str();
    reservation.map(str::to_owned)
}

#[test]
fn an_open_reservation_has_the_instances_that_match_it() {
    let world = compute::world();
    let id = reserve(&world, "open");
    let placed = json!({"Placement": {"AvailabilityZone": "us-east-1a"}});
    let none = json!({"CapacityReservationSpecification":
        {"CapacityReservationPreference": "none"}});
    for other in [
        json!({"Placement": {"AvailabilityZone": "us-east-1b"}}),
        with(placed.clone(), &json!({"InstanceType": "t3.small"})),
        with(placed.clone(), &none),
        with(
            placed.clone(),
            &json!({"InstanceMarketOptions": {"MarketType": "spot"}}),
        ),
    ] {
        assert_eq!(of(&world, &compute::run(&world, &other)), None, "{other}");
    }
    assert_eq!(free(&world, &id), 1);
    let first = compute::run(&world, &placed);
    assert_eq!(
        (of(&world, &first), free(&world, &id)),
        (Some(id.clone()), 0)
    );
    // Without room they run all the same.
    let second = compute::run(&world, &placed);
    assert_eq!(of(&world, &second), None);

    let act = |action: &str, instance: &str| {
        done(&world, action, &json!({"InstanceIds": [instance]}));
    };
    act("StopInstances", &first);
    assert_eq!((of(&world, &first), free(&world, &id)), (None, 1));
    act("StartInstances", &first);
    assert_eq!(
        (of(&world, &first), free(&world, &id)),
        (Some(id.clone()), 0)
    );
    let smaller = json!({"CapacityReservationId": id, "InstanceCount": 2});
    done(&world, "ModifyCapacityReservation", &smaller);
    assert_eq!(free(&world, &id), 1);
    act("TerminateInstances", &first);
    assert_eq!(free(&world, &id), 2);
}

#[test]
fn a_targeted_reservation_has_only_who_asks_for_it() {
    let world = compute::world();
    let id = reserve(&world, "targeted");
    let placed = json!({"Placement": {"AvailabilityZone": "us-east-1a"}});
    assert_eq!(of(&world, &compute::run(&world, &placed)), None);
    let wish = |wish: &Json| json!({"CapacityReservationSpecification": wish});
    let target = wish(&json!({"CapacityReservationTarget": {"CapacityReservationId": id}}));
    let target = with(placed.clone(), &target);
    let instance = compute::run(&world, &target);
    assert_eq!(of(&world, &instance), Some(id.clone()));
    let shown = compute::instance(&world, &instance);
    assert_eq!(
        shown["CapacityReservationSpecification"],
        json!({"CapacityReservationTarget": {"CapacityReservationId": id}})
    );
    let code = "ReservationCapacityExceeded";
    let refused = |members: &Json| {
        let members = with(compute::launch(&world), members);
        refuses(&world, code, "RunInstances", &members);
    };
    refused(&target);
    let only = json!({"CapacityReservationPreference": "capacity-reservations-only"});
    refused(&with(placed, &wish(&only)));
    // A slot that another one took is missing at the start.
    let ids = json!({"InstanceIds": [instance]});
    done(&world, "StopInstances", &ids);
    let other = compute::run(&world, &target);
    refuses(&world, code, "StartInstances", &ids);
    // The end of a reservation ends no instance.
    let cancel = json!({"CapacityReservationId": id});
    done(&world, "CancelCapacityReservation", &cancel);
    assert_eq!(of(&world, &other), None);
    assert_eq!(
        compute::instance(&world, &other)["State"]["Name"],
        "running"
    );
}

/// A new host: its id.
fn host(world: &World, more: &Json) -> String {
    let members = json!({"AvailabilityZone": "us-east-1a", "InstanceType": "m5.large",
        "Quantity": 1});
    let made = done(world, "AllocateHosts", &with(members, more));
    text(&made, "/HostIds/0")
}

fn instances(world: &World, host: &str) -> Vec<String> {
    let list = done(world, "DescribeHosts", &json!({"HostIds": [host]}));
    each(&list["Hosts"][0], "Instances", "InstanceId")
}

#[test]
fn a_host_shows_its_instances_and_is_kept_by_them() {
    let world = compute::world();
    let two = json!({"AvailabilityZone": "us-east-1a", "InstanceType": "m5.large",
        "Quantity": 2});
    let made = done(&world, "AllocateHosts", &two);
    assert_eq!(made["HostIds"].as_array().unwrap().len(), 2);
    let (used, unused) = (text(&made, "/HostIds/0"), text(&made, "/HostIds/1"));
    let on = |more: &Json| {
        let members = json!({"InstanceType": "m5.large", "Placement": more});
        with(compute::launch(&world), &members)
    };
    let launch = |more: &Json| {
        let answer = call(&world, "RunInstances", &on(more))?;
        Ok::<_, String>(text(&answer, "/Instances/0/InstanceId"))
    };
    let id = launch(&json!({"HostId": used, "AvailabilityZone": "us-east-1a"})).unwrap();
    let placement = &compute::instance(&world, &id)["Placement"];
    assert_eq!(placement["HostId"], used.as_str());
    assert_eq!(placement["Tenancy"], "host");
    assert_eq!(instances(&world, &used), [id.as_str()]);

    let unknown = "h-0123456789abcdef0";
    let release = json!({"HostIds": [unused, used, unknown]});
    let answer = done(&world, "ReleaseHosts", &release);
    assert_eq!(answer["Successful"], json!([unused]));
    let kept: Vec<(String, String)> = [0, 1]
        .map(|at| {
            let entry = &answer["Unsuccessful"][at];
            (text(entry, "/ResourceId"), text(entry, "/Error/Code"))
        })
        .into();
    let expected = [
        (used.clone(), "Client.InvalidHost.Occupied".to_owned()),
        (
            unknown.to_owned(),
            "Client.InvalidHostID.NotFound".to_owned(),
        ),
    ];
    assert_eq!(kept, expected);
    let list = done(&world, "DescribeHosts", &json!({"HostIds": [unused]}));
    assert_eq!(list["Hosts"][0]["State"], "released");
    done(&world, "StopInstances", &json!({"InstanceIds": [id]}));
    assert!(instances(&world, &used).is_empty());
    let answer = done(&world, "ReleaseHosts", &json!({"HostIds": [used]}));
    assert_eq!(answer["Successful"], json!([used]));
}

#[test]
fn instances_go_to_the_host_that_takes_them() {
    let world = compute::world();
    let launch = |members: &Json| {
        let members = with(compute::launch(&world), members);
        call(&world, "RunInstances", &members)
    };
    let any = json!({"InstanceType": "m5.large",
        "Placement": {"Tenancy": "host", "AvailabilityZone": "us-east-1a"}});
    host(&world, &json!({}));
    let code = "InsufficientCapacityOnHost".to_owned();
    assert_eq!(launch(&any), Err(code));
    let members = json!({"AvailabilityZone": "us-east-1a", "InstanceFamily": "m5",
        "AutoPlacement": "on"});
    let made = done(&world, "AllocateHosts", &members);
    let id = text(&made, "/HostIds/0");
    let launched = launch(&any).unwrap();
    let instance = text(&launched, "/Instances/0/InstanceId");
    assert_eq!(instances(&world, &id), [instance]);
    for wrong in [
        json!({"InstanceType": "c5.large",
            "Placement": {"HostId": id, "AvailabilityZone": "us-east-1a"}}),
        json!({"InstanceType": "m5.large",
            "Placement": {"HostId": id, "AvailabilityZone": "us-east-1b"}}),
    ] {
        let code = "InvalidParameterValue".to_owned();
        assert_eq!(launch(&wrong), Err(code), "{wrong}");
    }
}
