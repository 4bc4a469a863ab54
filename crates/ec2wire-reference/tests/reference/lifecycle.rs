//! Creating and deleting policies.

use crate::forms::{
    IPAM, OTHER_IPAM, all, call, create, id, refused, refused_as, request, send, summary, tagged,
    world,
};
use ec2wire::Tag;
use ec2wire::ipam::{CreateIpamPolicy, DeleteIpamPolicy, IpamPolicy, IpamPolicyState};
use ec2wire_reference::Request;

#[test]
fn a_policy_has_every_member() {
    let world = world();
    let policy = create(
        &world,
        &tagged([
            Tag::new("a<b", "é \u{1F600}\r\n"),
            Tag {
                key: Some("bare".into()),
                value: None,
            },
        ]),
    );
    let id = id(&policy);
    let digits = id.strip_prefix("ipam-policy-").unwrap();
    assert!(digits.len() == 17 && digits.bytes().all(|b| b"0123456789abcdef".contains(&b)));
    let expected = IpamPolicy {
        owner_id: Some("123456789012".into()),
        ipam_policy_arn: Some(format!("arn:aws:ec2::123456789012:ipam-policy/{id}")),
        ipam_policy_id: Some(id),
        ipam_policy_region: Some("us-east-1".into()),
        state: Some(IpamPolicyState::CreateInProgress),
        state_message: None,
        tag_set: Some(vec![
            Tag::new("a<b", "é \u{1F600}\r\n"),
            Tag::new("bare", ""),
        ]),
        ipam_id: Some(IPAM.into()),
    };
    assert_eq!(policy, expected);
    let later = IpamPolicy {
        state: Some(IpamPolicyState::CreateComplete),
        ..expected
    };
    assert_eq!(all(&world), [later]);
}

#[test]
fn a_policy_without_tags_has_an_empty_list() {
    let response = world().answer(&Request::post(call("").as_bytes()));
    assert!(response.body.contains("<tagSet/>"), "{}", response.body);
    assert!(!response.body.contains("stateMessage"));
}

#[test]
fn the_ipam_must_be_named_and_exist() {
    let world = world();
    let prefix = "Action=CreateIpamPolicy&Version=2016-11-15";
    refused_as(
        &world,
        prefix,
        "MissingParameter",
        "The request must contain the parameter IpamId",
    );
    for id in ["", "ipam-0123456789abcdeff", "foo"] {
        refused_as(
            &world,
            &format!("{prefix}&IpamId={id}"),
            "InvalidIpamId.NotFound",
            &format!("The ipam ID '{id}' does not exist"),
        );
    }
    // The message quotes a character that no document can hold.
    assert_eq!(refused(&world, format!("{prefix}&IpamId=%00")).0, 400);
}

#[test]
fn tags_that_break_a_rule_are_refused() {
    let world = world();
    let spec = "&TagSpecification.1.ResourceType=ipam-policy";
    let tag = |key: &str, value: &str| {
        format!("{spec}&TagSpecification.1.Tag.1.Key={key}&TagSpecification.1.Tag.1.Value={value}")
    };
    let value = "InvalidParameterValue";
    for (members, code, message) in [
        (
            tag("aws:x", "y"),
            value,
            "Tag keys starting with 'aws:' are reserved for internal use",
        ),
        (
            tag("", "y"),
            value,
            "Value ( '' ) for parameter Tag key is invalid. Tag key cannot be null or empty.",
        ),
        (
            tag("Name", "y") + "&TagSpecification.1.Tag.2.Key=Name",
            value,
            "Duplicate tag key 'Name' specified.",
        ),
        (
            tag(&"k".repeat(129), ""),
            value,
            "Tag key exceeds the maximum length of 128 characters",
        ),
        (
            tag("k", &"v".repeat(257)),
            value,
            "Tag value exceeds the maximum length of 256 characters",
        ),
        (
            tag("a", "")
                + "&TagSpecification.2.ResourceType=ipam-policy\
                            &TagSpecification.2.Tag.1.Key=b",
            value,
            "The same resource type may not be specified more than once in tag specifications",
        ),
        (
            tag("a", "").replace("ipam-policy", "vpc"),
            value,
            "'vpc' is not a valid taggable resource type for this operation.",
        ),
        (
            "&TagSpecification.1.Tag.1.Key=a".into(),
            value,
            "Tag specification resource type must have a value",
        ),
        (
            spec.into(),
            value,
            "Tag specification must have at least one tag",
        ),
        (
            tag("k", "a%00b"),
            value,
            "Value ( 'a\u{FFFD}b' ) for parameter Tag value is invalid. \
             It has a character that is not allowed.",
        ),
        (
            tag("%01", ""),
            value,
            "Value ( '\u{FFFD}' ) for parameter Tag key is invalid. \
             It has a character that is not allowed.",
        ),
    ] {
        refused_as(&world, &call(&members), code, message);
    }
    let many = |count: usize| tagged((0..count).map(|n| Tag::new(n.to_string(), "")));
    let (status, code) = summary(send(&world, &many(51)));
    assert_eq!((status, code.as_str()), (400, "TagLimitExceeded"));
    assert_eq!(all(&world), []);

    assert_eq!(create(&world, &many(50)).tags().len(), 50);
    let longest = Tag::new("ä".repeat(128), "ö".repeat(256));
    assert_eq!(create(&world, &tagged([longest.clone()])).tags(), [longest]);
    create(
        &world,
        &tagged([Tag::new("AWS:x", ""), Tag::new("aws", "")]),
    );
}

#[test]
fn an_ipam_has_at_most_10_policies() {
    let world = world();
    let policies: Vec<IpamPolicy> = (0..10)
        .map(|n| create(&world, &request(Some(&n.to_string()))))
        .collect();
    refused_as(
        &world,
        &call(""),
        "ResourceLimitExceeded",
        "You've reached the limit for ipam-policies. \
         You have created 10 ipam-policies and you are limited to 10.",
    );
    // A replay creates no policy, the quota counts per IPAM, and a deletion frees a place.
    create(&world, &request(Some("3")));
    create(&world, &CreateIpamPolicy::new(OTHER_IPAM));
    send(
        &world,
        &<DeleteIpamPolicy>::new(id(policies.first().unwrap())),
    )
    .unwrap();
    create(&world, &request(None));
}

#[test]
fn ids_of_two_worlds_differ() {
    let (one, other) = (world(), world());
    assert_ne!(
        id(&create(&one, &request(None))),
        id(&create(&other, &request(None)))
    );
}

#[test]
fn a_deleted_policy_is_gone() {
    let world = world();
    let policy = create(&world, &request(None));
    let delete = <DeleteIpamPolicy>::new(id(&policy));
    let deleted = send(&world, &delete).unwrap().ipam_policy.unwrap();
    assert_eq!(deleted.state, Some(IpamPolicyState::DeleteInProgress));
    assert_eq!(deleted.ipam_policy_arn, policy.ipam_policy_arn);
    assert_eq!(all(&world), []);
    assert_eq!(
        summary(send(&world, &delete)).1,
        "InvalidIpamPolicyId.NotFound"
    );
    assert_eq!(
        summary(send(&world, &<DeleteIpamPolicy>::new("ipam-policy-x"))).1,
        "InvalidIpamPolicyId.Malformed"
    );
    assert_eq!(
        summary(send(&world, &<DeleteIpamPolicy>::default())).1,
        "MissingParameter"
    );
}
