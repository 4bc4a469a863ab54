//! Describing policies: ids, pages and filters.

use crate::forms::{
    IPAM, OTHER_IPAM, create, describe, id, refused, request, send, summary, tagged, world,
};
use ec2wire::Tag;
use ec2wire::ipam::{CreateIpamPolicy, DeleteIpamPolicy, DescribeIpamPolicies, Filter};
use ec2wire_reference::{Config, Request, World};

#[test]
fn policies_are_described_by_id() {
    let world = world();
    let created: Vec<String> = (0..3)
        .map(|_| id(&create(&world, &request(None))))
        .collect();
    let [first, _, last] = created.as_slice() else {
        panic!("expected three policies")
    };
    let named = |ids: &[&str]| DescribeIpamPolicies {
        ipam_policy_ids: ids.iter().map(|&id| id.into()).collect(),
        ..Default::default()
    };
    let found: Vec<String> = describe(&world, &named(&[last, first, last]))
        .iter()
        .map(id)
        .collect();
    assert_eq!(found, [first.as_str(), last]);
    for unknown in ["ipam-policy-0123456789abcdef0", "foo", ""] {
        let (status, code) = summary(send(&world, &named(&[first, unknown])));
        assert_eq!(
            (status, code.as_str()),
            (400, "InvalidIpamPolicyId.NotFound")
        );
    }
    let with_page: DescribeIpamPolicies = DescribeIpamPolicies {
        max_results: Some(5),
        ..named(&[first])
    };
    let (status, code) = summary(send(&world, &with_page));
    assert_eq!(
        (status, code.as_str()),
        (400, "InvalidParameterCombination")
    );
}

#[test]
fn pages_follow_the_order_of_creation() {
    let world = World::new(Config {
        ipam_ids: vec![IPAM.into()],
        policies_per_ipam: usize::MAX,
        ..Config::default()
    });
    let created: Vec<String> = (0..10)
        .map(|_| id(&create(&world, &request(None))))
        .collect();
    let mut page: DescribeIpamPolicies = DescribeIpamPolicies {
        max_results: Some(5),
        ..Default::default()
    };
    let mut found = Vec::new();
    let mut pages = 0;
    loop {
        let answer = send(&world, &page).unwrap();
        found.extend(answer.ipam_policies.unwrap().iter().map(id));
        pages += 1;
        page.next_token = answer.next_token;
        if page.next_token.is_none() {
            break;
        }
        // Deleting a policy of an earlier page does not affect the next one.
        send(
            &world,
            &<DeleteIpamPolicy>::new(found.last().unwrap().clone()),
        )
        .unwrap();
    }
    assert_eq!((found, pages), (created, 2));
}

#[test]
fn a_full_page_is_1000_policies() {
    let world = World::new(Config {
        ipam_ids: vec![IPAM.into()],
        policies_per_ipam: usize::MAX,
        ..Config::default()
    });
    for _ in 0..1001 {
        create(&world, &request(None));
    }
    let answer = send(&world, &<DescribeIpamPolicies>::default()).unwrap();
    assert_eq!(answer.ipam_policies.unwrap().len(), 1000);
    assert!(answer.next_token.is_some());
}

#[test]
fn pages_have_5_to_1000_policies_and_tokens_of_the_endpoint() {
    let world = world();
    let code = |request: DescribeIpamPolicies| summary(send(&world, &request)).1;
    for max_results in [i32::MIN, -1, 0, 4, 1001] {
        let request: DescribeIpamPolicies = DescribeIpamPolicies {
            max_results: Some(max_results),
            ..Default::default()
        };
        assert_eq!(code(request), "InvalidParameterValue");
    }
    for token in ["", "1", "é", "00000000000000010000000000000001"] {
        let request: DescribeIpamPolicies = DescribeIpamPolicies {
            next_token: Some(token.into()),
            ..Default::default()
        };
        assert_eq!(code(request), "InvalidParameterValue");
    }
    assert_eq!(
        refused(
            &world,
            "Action=DescribeIpamPolicies&Version=2016-11-15&MaxResults=five"
        )
        .1,
        "InvalidParameterValue"
    );
}

#[test]
fn filters_select() {
    let world = world();
    let plain = id(&create(&world, &CreateIpamPolicy::new(OTHER_IPAM)));
    let tags = id(&create(
        &world,
        &tagged([Tag::new("Name", "x"), Tag::new("Env", "")]),
    ));
    let both = [plain.as_str(), tags.as_str()];
    let filter = |name: &str, values: &[&str]| Filter {
        name: Some(name.to_owned()),
        values: values.iter().map(|&value| value.into()).collect(),
    };
    for (filters, expected) in [
        (vec![filter("ipam-policy-id", &[&plain])], &both[..1]),
        (vec![filter("ipam-id", &[IPAM])], &both[1..]),
        (vec![filter("ipam-id", &[IPAM, OTHER_IPAM])], &both[..]),
        (vec![filter("state", &["create-complete"])], &both[..]),
        (vec![filter("state", &["create-in-progress"])], &[]),
        (vec![filter("owner-id", &["123456789012"])], &both[..]),
        (vec![filter("tag:Name", &["x", "y"])], &both[1..]),
        (vec![filter("tag:Name", &[""])], &[]),
        (vec![filter("tag:Env", &[""])], &both[1..]),
        (vec![filter("tag-key", &["Env"])], &both[1..]),
        (vec![filter("tag-key", &["env"])], &[]),
        (vec![filter("tag-key", &[])], &[]),
        (
            vec![
                filter("tag-key", &["Env"]),
                filter("ipam-id", &[OTHER_IPAM]),
            ],
            &[],
        ),
    ] {
        let request: DescribeIpamPolicies = DescribeIpamPolicies {
            filters: filters.clone(),
            ..Default::default()
        };
        let found: Vec<String> = describe(&world, &request).iter().map(id).collect();
        assert_eq!(found, expected, "{filters:?}");
    }
    let request: DescribeIpamPolicies = DescribeIpamPolicies {
        filters: vec![filter("colour", &["red"])],
        ..Default::default()
    };
    let fault = send(&world, &request).unwrap_err();
    assert_eq!(fault.code(), Some("InvalidParameterValue"));
    assert_eq!(fault.message(), Some("The filter 'colour' is invalid"));
}

/// EC2 was seen to take both forms, and to refuse a list of the request that is bare and empty.
#[test]
fn a_list_of_one_may_lack_its_index() {
    let world = world();
    let first = id(&create(&world, &request(None)));
    create(&world, &request(None));
    let answer = |members: &str| {
        let body = format!("Action=DescribeIpamPolicies&Version=2016-11-15&{members}");
        world.answer(&Request::post(body.as_bytes()))
    };
    let one = answer(&format!("IpamPolicyId={first}"));
    assert_eq!(one.status, 200, "{}", one.body);
    assert_eq!(one.body.matches("<ipamPolicyId>").count(), 1);
    assert!(one.body.contains(&first));
    let none =
        answer("Filter.1.Name=tag:Name&Filter.1.Value=&Filter.2.Name=tag:Owner&Filter.2.Value=");
    assert_eq!(none.status, 200, "{}", none.body);
    assert!(none.body.contains("<ipamPolicySet/>"), "{}", none.body);
    for refused in ["Filter=", "IpamPolicyId=", "Filter.1=", "MaxResults.1=5"] {
        assert_eq!(answer(refused).status, 400, "{refused}");
    }
}
