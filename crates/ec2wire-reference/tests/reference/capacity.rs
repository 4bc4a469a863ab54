//! Capacity reservations.

use crate::calls::{done, refuses, text};
use ec2wire_reference::{Config, World};
use serde_json::json;

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
