//! Spot requests through the life of their instances, and Spot prices.

use crate::calls::{done, each, refuses, text};
use crate::compute;
use ec2wire_reference::World;
use serde_json::{Value as Json, json};

/// A Spot Instance of a request of this kind: instance, request.
fn launch(world: &World, kind: &str) -> (String, String) {
    let options = json!({"MarketType": "spot", "SpotOptions": {"SpotInstanceType": kind}});
    let id = compute::run(world, &json!({"InstanceMarketOptions": options}));
    let request = text(&compute::instance(world, &id), "/SpotInstanceRequestId");
    (id, request)
}

/// The state of a request, and the code of its status.
fn shown(world: &World, request: &str) -> (String, String) {
    let ids = json!({"SpotInstanceRequestIds": [request]});
    let list = done(world, "DescribeSpotInstanceRequests", &ids);
    let request = &list["SpotInstanceRequests"][0];
    (text(request, "/State"), text(request, "/Status/Code"))
}

fn is(world: &World, request: &str, state: &str, code: &str) {
    let (own_state, own_code) = shown(world, request);
    assert_eq!((own_state.as_str(), own_code.as_str()), (state, code));
}

fn cancel(world: &World, request: &str) -> String {
    let ids = json!({"SpotInstanceRequestIds": [request]});
    let answer = done(world, "CancelSpotInstanceRequests", &ids);
    text(&answer, "/CancelledSpotInstanceRequests/0/State")
}

#[test]
fn a_persistent_request_is_disabled_while_its_instance_is_stopped() {
    let world = compute::world();
    let (id, request) = launch(&world, "persistent");
    is(&world, &request, "active", "fulfilled");
    let ids = json!({"InstanceIds": [id]});
    done(&world, "StopInstances", &ids);
    is(&world, &request, "disabled", "instance-stopped-by-user");
    done(&world, "StartInstances", &ids);
    is(&world, &request, "active", "fulfilled");
    // It asks for another instance until it is cancelled.
    done(&world, "TerminateInstances", &ids);
    is(&world, &request, "open", "pending-evaluation");
    assert_eq!(cancel(&world, &request), "cancelled");
    let code = "canceled-before-fulfillment";
    is(&world, &request, "cancelled", code);

    let (id, request) = launch(&world, "persistent");
    done(&world, "StopInstances", &json!({"InstanceIds": [id]}));
    assert_eq!(cancel(&world, &request), "cancelled");
    is(&world, &request, "cancelled", "instance-stopped-by-user");
    assert_eq!(compute::instance(&world, &id)["State"]["Name"], "stopped");
}

#[test]
fn a_one_time_request_ends_with_its_instance() {
    let world = compute::world();
    let (id, request) = launch(&world, "one-time");
    let ids = json!({"InstanceIds": [id]});
    refuses(&world, "UnsupportedOperation", "StopInstances", &ids);
    done(&world, "TerminateInstances", &ids);
    is(&world, &request, "closed", "instance-terminated-by-user");
    assert_eq!(cancel(&world, &request), "closed");
}

#[test]
fn a_cancelled_request_leaves_its_instance_running() {
    let world = compute::world();
    let (id, request) = launch(&world, "one-time");
    assert_eq!(cancel(&world, &request), "cancelled");
    let code = "request-canceled-and-instance-running";
    is(&world, &request, "cancelled", code);
    assert_eq!(compute::instance(&world, &id)["State"]["Name"], "running");
    assert_eq!(cancel(&world, &request), "cancelled");
    done(&world, "TerminateInstances", &json!({"InstanceIds": [id]}));
    is(&world, &request, "cancelled", "instance-terminated-by-user");
    let unknown = json!({"SpotInstanceRequestIds": ["sir-0123456789abcdef0"]});
    let code = "InvalidSpotInstanceRequestID.NotFound";
    refuses(&world, code, "CancelSpotInstanceRequests", &unknown);
}

fn prices(world: &World, members: &Json) -> Vec<Json> {
    let answer = done(world, "DescribeSpotPriceHistory", members);
    answer["SpotPriceHistory"].as_array().unwrap().clone()
}

#[test]
fn prices_are_the_same_in_each_world_and_change_once_a_day() {
    let world = compute::world();
    let members = json!({"InstanceTypes": ["m5.large"], "AvailabilityZone": "us-east-1a",
        "ProductDescriptions": ["Linux/UNIX (Amazon VPC)"],
        "StartTime": "2026-11-01T00:00:00Z", "EndTime": "2026-11-04T00:00:00Z"});
    let found = prices(&world, &members);
    // One for each day, and the one that held at the start.
    assert_eq!(found.len(), 4);
    let times = each(&json!({"Prices": found}), "Prices", "Timestamp");
    assert!(times.is_sorted_by(|one, other| one > other), "{times:?}");
    assert!(times[3].as_str() < "2026-11-01" && times[2].as_str() > "2026-11-01");
    for price in &found {
        let own: f64 = text(price, "/SpotPrice").parse().unwrap();
        assert!((0.02..0.06).contains(&own), "{price}");
        assert_eq!(price["ProductDescription"], "Linux/UNIX");
        assert_eq!(price["AvailabilityZoneId"], "use1-az1");
    }
    assert_eq!(prices(&compute::world(), &members), found);
    let page = compute::with(members.clone(), &json!({"MaxResults": 3}));
    let answer = done(&world, "DescribeSpotPriceHistory", &page);
    let rest = compute::with(page, &json!({"NextToken": answer["NextToken"]}));
    assert_eq!(prices(&world, &rest), found[3..]);
}

#[test]
fn prices_of_now_are_those_of_all_zones_and_products() {
    let world = compute::world();
    let found = prices(&world, &json!({"InstanceTypes": ["t3.micro"]}));
    let zones = done(&world, "DescribeAvailabilityZones", &json!({}));
    let zones = zones["AvailabilityZones"].as_array().unwrap().len();
    assert_eq!(found.len(), zones * 4);
    let filter = json!({"Filters": [
        {"Name": "product-description", "Values": ["Windows"]},
        {"Name": "availability-zone", "Values": ["us-east-1b"]},
        {"Name": "instance-type", "Values": ["t3.*"]},
    ]});
    let windows = prices(&world, &filter);
    assert!(windows.len() > 3);
    let is_windows = |price: &Json| price["ProductDescription"] == "Windows";
    assert!(windows.iter().all(is_windows));
    let code = "InvalidParameterValue";
    let wrong = json!({"StartTime": "2026-11-04T00:00:00Z", "EndTime": "2026-11-01T00:00:00Z"});
    refuses(&world, code, "DescribeSpotPriceHistory", &wrong);
    let wrong = json!({"Filters": [{"Name": "price", "Values": ["1"]}]});
    refuses(&world, code, "DescribeSpotPriceHistory", &wrong);
}
