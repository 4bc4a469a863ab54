//! What all lists of the table share: ids, filters, pages, tags.

use crate::calls::{call, done, each, refuses, text};
use ec2wire_reference::{Config, World};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

fn tagged(resource_type: &str, key: &str, value: &str) -> Json {
    json!([{"ResourceType": resource_type, "Tags": [{"Key": key, "Value": value}]}])
}

/// A world with that many customer gateways of their own, which depend on nothing.
fn world(count: usize) -> (World, Vec<String>) {
    let world = World::new(Config::default());
    let make = |at: usize| {
        let parity = if at.is_multiple_of(2) { "even" } else { "odd" };
        let members = json!({
            "Type": "ipsec.1", "BgpAsn": 65000 + at, "IpAddress": format!("192.0.2.{at}"),
            "TagSpecifications": tagged("customer-gateway", "parity", parity),
        });
        text(
            &done(&world, "CreateCustomerGateway", &members),
            "/CustomerGateway/CustomerGatewayId",
        )
    };
    let ids = (0..count).map(make).collect();
    (world, ids)
}

fn found(world: &World, filters: &Json) -> Vec<String> {
    let list = done(
        world,
        "DescribeCustomerGateways",
        &json!({"Filters": filters}),
    );
    each(&list, "CustomerGateways", "CustomerGatewayId")
}

#[test]
fn filters_select_and_exclude() {
    let (world, ids) = world(6);
    let filter = |name: &str, values: &[&str]| json!([{"Name": name, "Values": values}]);
    for (filters, expected) in [
        (filter("ip-address", &["192.0.2.1"]), vec![1]),
        (
            filter("ip-address", &["192.0.2.1", "192.0.2.4"]),
            vec![1, 4],
        ),
        (filter("ip-address", &["192.0.2.*"]), vec![0, 1, 2, 3, 4, 5]),
        (
            filter("ip-address", &["192.0.2.?", "x"]),
            vec![0, 1, 2, 3, 4, 5],
        ),
        (filter("ip-address", &["192.0.2.9"]), vec![]),
        (filter("bgp-asn", &["65003"]), vec![3]),
        (filter("tag:parity", &["even"]), vec![0, 2, 4]),
        (filter("tag:parity", &["Even"]), vec![]),
        (filter("tag:Parity", &["even"]), vec![]),
        (filter("tag-key", &["parity"]), vec![0, 1, 2, 3, 4, 5]),
        (filter("tag-key", &["even"]), vec![]),
        (filter("customer-gateway-id", &[&ids[2]]), vec![2]),
        (filter("state", &["available"]), vec![0, 1, 2, 3, 4, 5]),
        // A filter without values selects nothing.
        (filter("state", &[]), vec![]),
        (
            json!([{"Name": "tag:parity", "Values": ["odd"]}, {"Name": "bgp-asn", "Values": ["65001", "65002"]}]),
            vec![1],
        ),
    ] {
        let expected: Vec<&String> = expected.into_iter().map(|at: usize| &ids[at]).collect();
        assert_eq!(
            found(&world, &filters).iter().collect::<Vec<_>>(),
            expected,
            "{filters}"
        );
    }
    for filters in [
        filter("State", &["available"]),
        filter("x", &["y"]),
        json!([{"Values": ["y"]}]),
    ] {
        refuses(
            &world,
            "InvalidParameterValue",
            "DescribeCustomerGateways",
            &json!({"Filters": filters}),
        );
    }
    let many: Vec<String> = (0..201).map(|at| at.to_string()).collect();
    let many = json!({"Filters": [{"Name": "state", "Values": many}]});
    refuses(
        &world,
        "FilterLimitExceeded",
        "DescribeCustomerGateways",
        &many,
    );
}

#[test]
fn ids_select_exactly_those() {
    let (world, ids) = world(4);
    let ask = |ids: &[&str]| {
        call(
            &world,
            "DescribeCustomerGateways",
            &json!({"CustomerGatewayIds": ids}),
        )
    };
    let list = ask(&[&ids[3], &ids[1], &ids[3]]).unwrap();
    assert_eq!(
        each(&list, "CustomerGateways", "CustomerGatewayId"),
        [ids[1].clone(), ids[3].clone()]
    );
    assert_eq!(
        ask(&[&ids[0], "cgw-0fedcba9876543210"]),
        Err("InvalidCustomerGatewayID.NotFound".into())
    );
    assert_eq!(
        ask(&["vpc-0fedcba9876543210"]),
        Err("InvalidCustomerGatewayId.Malformed".into())
    );
}

#[test]
fn pages_show_each_entry_once() {
    let world = World::new(Config::default());
    let made: BTreeSet<String> = (0..23)
        .map(|_| {
            text(
                &done(&world, "CreateInternetGateway", &json!({})),
                "/InternetGateway/InternetGatewayId",
            )
        })
        .collect();
    for length in [5, 7, 22, 23, 24, 1000] {
        let mut token = Json::Null;
        let mut seen = Vec::new();
        loop {
            let page = done(
                &world,
                "DescribeInternetGateways",
                &json!({"MaxResults": length, "NextToken": token}),
            );
            let entries = each(&page, "InternetGateways", "InternetGatewayId");
            assert!(entries.len() <= length);
            seen.extend(entries.into_iter().filter(|id| made.contains(id)));
            token = page.get("NextToken").cloned().unwrap_or_default();
            if token.is_null() {
                break;
            }
        }
        assert_eq!(seen.len(), made.len());
        assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), made);
    }
    for members in [
        json!({"MaxResults": 4}),
        json!({"MaxResults": 1001}),
        json!({"NextToken": "x"}),
    ] {
        refuses(
            &world,
            "InvalidParameterValue",
            "DescribeInternetGateways",
            &members,
        );
    }
}

#[test]
fn tags_are_given_changed_listed_and_taken() {
    let (world, ids) = world(2);
    let tags = json!([{"Key": "a", "Value": "1"}, {"Key": "parity", "Value": "none"}]);
    done(
        &world,
        "CreateTags",
        &json!({"Resources": ids, "Tags": tags}),
    );
    let list = |filters: Json| {
        let list = done(&world, "DescribeTags", &json!({"Filters": filters}));
        let tags = list["Tags"].as_array().unwrap().clone();
        tags.iter()
            .map(|tag| {
                (
                    text(tag, "/ResourceId"),
                    text(tag, "/Key"),
                    text(tag, "/Value"),
                )
            })
            .collect::<Vec<_>>()
    };
    let of_first = json!([{"Name": "resource-id", "Values": [ids[0]]}]);
    let own = |key: &str, value: &str| (ids[0].clone(), key.to_owned(), value.to_owned());
    assert_eq!(
        list(of_first.clone()),
        [own("parity", "none"), own("a", "1")]
    );
    let typed = json!([{"Name": "resource-type", "Values": ["customer-gateway"]}, {"Name": "key", "Values": ["a"]}]);
    assert_eq!(list(typed).len(), 2);
    assert_eq!(list(json!([{"Name": "tag:a", "Values": ["1"]}])).len(), 2);

    let delete = |tags: Json| {
        done(
            &world,
            "DeleteTags",
            &json!({"Resources": [ids[0]], "Tags": tags}),
        )
    };
    delete(json!([{"Key": "a", "Value": "2"}]));
    assert_eq!(list(of_first.clone()).len(), 2);
    delete(json!([{"Key": "a", "Value": "1"}, {"Key": "unknown"}]));
    delete(json!([{"Key": "parity"}]));
    assert_eq!(list(of_first), []);

    refuses(
        &world,
        "InvalidCustomerGatewayID.NotFound",
        "CreateTags",
        &json!({"Resources": [ids[0], "cgw-0fedcba9876543210"], "Tags": tags}),
    );
    refuses(
        &world,
        "InvalidParameterValue",
        "CreateTags",
        &json!({"Resources": ids, "Tags": [{"Key": "aws:x", "Value": ""}]}),
    );
    refuses(
        &world,
        "InvalidParameterValue",
        "DescribeTags",
        &json!({"Filters": [{"Name": "x", "Values": []}]}),
    );
    let many: Vec<Json> = (0..50)
        .map(|at| json!({"Key": format!("k{at}"), "Value": ""}))
        .collect();
    done(
        &world,
        "CreateTags",
        &json!({"Resources": [ids[0]], "Tags": many}),
    );
    // A known key is not a further tag.
    done(
        &world,
        "CreateTags",
        &json!({"Resources": [ids[0]], "Tags": [{"Key": "k1", "Value": "new"}]}),
    );
    refuses(
        &world,
        "TagLimitExceeded",
        "CreateTags",
        &json!({"Resources": [ids[0]], "Tags": [{"Key": "one more", "Value": ""}]}),
    );
    let page = done(&world, "DescribeTags", &json!({"MaxResults": 30}));
    assert_eq!(page["Tags"].as_array().unwrap().len(), 30);
    let rest = done(
        &world,
        "DescribeTags",
        &json!({"NextToken": page["NextToken"]}),
    );
    assert_eq!(rest["Tags"].as_array().unwrap().len(), 22);
}

#[test]
fn a_dry_run_and_a_used_token_make_nothing() {
    let world = World::new(Config::default());
    let vpc = text(
        &done(&world, "CreateVpc", &json!({"CidrBlock": "10.0.0.0/16"})),
        "/Vpc/VpcId",
    );
    refuses(
        &world,
        "DryRunOperation",
        "CreateRouteTable",
        &json!({"VpcId": vpc, "DryRun": true}),
    );
    refuses(
        &world,
        "DryRunOperation",
        "DeleteVpc",
        &json!({"VpcId": vpc, "DryRun": true}),
    );
    let tokened = |tags: Json| json!({"VpcId": vpc, "ClientToken": "t", "TagSpecifications": tags});
    let make = |members: &Json| {
        text(
            &done(&world, "CreateRouteTable", members),
            "/RouteTable/RouteTableId",
        )
    };
    let first = make(&tokened(json!([])));
    assert_eq!(make(&tokened(json!([]))), first);
    refuses(
        &world,
        "IdempotentParameterMismatch",
        "CreateRouteTable",
        &tokened(tagged("route-table", "a", "b")),
    );
    assert_ne!(make(&json!({"VpcId": vpc})), first);
}

/// Without a token for the next page, what is left out could never be listed.
#[test]
fn a_list_without_pages_shows_all() {
    let world = World::new(Config::default());
    for at in 0..1005 {
        let members = json!({"Domain": "vpc", "NetworkBorderGroup": "us-east-1", "TagSpecifications":
            tagged("elastic-ip", "number", &at.to_string())});
        done(&world, "AllocateAddress", &members);
    }
    let list = done(&world, "DescribeAddresses", &json!({}));
    assert_eq!(each(&list, "Addresses", "AllocationId").len(), 1005);
}
