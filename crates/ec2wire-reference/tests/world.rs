//! The world's behaviour, action by action.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{send, summary};
use ec2wire::ipam::{
    CreateIpam, CreateIpamPolicy, DeleteIpam, DeleteIpamPolicy, DescribeIpamPolicies, Filter,
    IpamPolicy, IpamPolicyState,
};
use ec2wire::{Operation, Reply, ResourceType, Tag, TagSpecification};
use ec2wire_reference::{Config, Request, Response, World};

const IPAM: &str = "ipam-0123456789abcdef0";
const OTHER_IPAM: &str = "ipam-0123456789abcdef1";

fn world() -> World {
    World::new(Config {
        ipam_ids: vec![IPAM.into(), OTHER_IPAM.into()],
        ..Config::default()
    })
}

/// The error that an answer is.
fn fault(response: &Response) -> (u16, String, String) {
    let reply =
        <CreateIpamPolicy>::decode_reply(response.status, response.body.as_bytes()).unwrap();
    let Reply::Fault(fault) = reply else {
        panic_with(&response.body)
    };
    assert_eq!(
        fault.request_id.as_deref(),
        Some(response.request_id.as_str())
    );
    assert_eq!(response.content_type, Response::CONTENT_TYPE);
    (
        response.status,
        fault.code().unwrap().into(),
        fault.message().unwrap().into(),
    )
}

#[expect(clippy::panic, reason = "a test fails by panicking")]
fn panic_with(body: &str) -> ! {
    panic!("no error: {body}")
}

/// Posts any bytes and expects an error.
fn refused(world: &World, body: impl AsRef<[u8]>) -> (u16, String, String) {
    fault(&world.answer(&Request::post(body.as_ref())))
}

fn refused_as(world: &World, body: &str, code: &str, message: &str) {
    let expected = (400, code.to_owned(), message.to_owned());
    assert_eq!(refused(world, body), expected, "{body}");
}

fn call(members: &str) -> String {
    format!("Action=CreateIpamPolicy&Version=2016-11-15&IpamId={IPAM}{members}")
}

fn request(token: Option<&str>) -> CreateIpamPolicy {
    CreateIpamPolicy {
        client_token: token.map(Into::into),
        ..CreateIpamPolicy::new(IPAM)
    }
}

fn tagged(tags: impl IntoIterator<Item = Tag>) -> CreateIpamPolicy {
    CreateIpamPolicy {
        tag_specifications: vec![TagSpecification::new(ResourceType::IpamPolicy, tags)],
        ..CreateIpamPolicy::new(IPAM)
    }
}

fn create(world: &World, request: &CreateIpamPolicy) -> IpamPolicy {
    send(world, request).unwrap().ipam_policy.unwrap()
}

fn id(policy: &IpamPolicy) -> String {
    policy.ipam_policy_id.clone().unwrap()
}

fn describe(world: &World, request: &DescribeIpamPolicies) -> Vec<IpamPolicy> {
    send(world, request).unwrap().ipam_policies.unwrap()
}

fn all(world: &World) -> Vec<IpamPolicy> {
    describe(world, &DescribeIpamPolicies::default())
}

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
fn no_tags_are_an_empty_list() {
    let response = world().answer(&Request::post(call("").as_bytes()));
    assert!(response.body.contains("<tagSet/>"), "{}", response.body);
    assert!(!response.body.contains("stateMessage"));
}

#[test]
fn request_ids_are_fresh_version_4_uuids() {
    let world = world();
    let ids: Vec<String> = (0..2)
        .map(|_| world.answer(&Request::get("/")).request_id)
        .collect();
    assert!(
        ids.iter()
            .all(|id| id.len() == 36 && id.get(14..15) == Some("4"))
    );
    assert_ne!(ids.first(), ids.last());
}

#[test]
fn the_action_and_version_are_checked() {
    let world = world();
    for (body, code, message) in [
        (
            "",
            "MissingAction",
            "The request is missing an action or a required parameter.",
        ),
        (
            "Action=DescribeFoo&Version=2016-11-15",
            "InvalidAction",
            "The action DescribeFoo is not valid for this web service.",
        ),
        (
            "Action=createIpamPolicy&Version=2016-11-15",
            "InvalidAction",
            "The action createIpamPolicy is not valid for this web service.",
        ),
        (
            "Action=CreateIpamPolicy&IpamId=ipam-1",
            "MissingParameter",
            "The request must contain the parameter Version",
        ),
        (
            "Action=CreateIpamPolicy&Version=2010-03-31&IpamId=ipam-1",
            "NoSuchVersion",
            "The requested version (2010-03-31) of service AmazonEC2 does not exist",
        ),
        (
            "Action=CreateIpamPolicy&Action=CreateIpam&Version=2016-11-15",
            "InvalidParameterValue",
            "The parameter 'Action' may only be specified once",
        ),
    ] {
        refused_as(&world, body, code, message);
    }
}

#[test]
fn what_does_not_decode_is_refused() {
    let world = world();
    for (members, code, message) in [
        (
            "&ImageType=x",
            "UnknownParameter",
            "The parameter ImageType is not recognized",
        ),
        (
            "&TagSpecification.1.ResourceType=ipam-policy&TagSpecification.1.Foo.1=x",
            "UnknownParameter",
            "The parameter TagSpecification is not recognized",
        ),
        (
            "&IpamId=ipam-2",
            "InvalidParameterValue",
            "The parameter 'IpamId' may only be specified once",
        ),
        (
            "&DryRun=True",
            "InvalidParameterValue",
            "The value of the parameter DryRun is invalid: the text is not `true` or `false`",
        ),
        (
            "&TagSpecification.2.ResourceType=ipam-policy",
            "InvalidParameterValue",
            "The value of the parameter TagSpecification is invalid: the list has no entry 1",
        ),
        (
            "&TagSpecification=",
            "InvalidRequest",
            "The request received was invalid",
        ),
    ] {
        refused_as(&world, &call(members), code, message);
    }
    assert_eq!(all(&world), []);
}

#[test]
fn bytes_that_are_no_form_are_refused() {
    let world = world();
    for members in [
        "&ClientToken=%zz",
        "&ClientToken=%FF",
        "&ClientToken",
        "&&",
        "&",
        "&=",
        "&.=",
        "&ClientToken=a b",
    ] {
        let (status, code, _) = refused(&world, call(members));
        assert_eq!(
            (status, code.as_str()),
            (400, "MalformedQueryString"),
            "{members}"
        );
    }
    for body in [
        &b"\xFF"[..],
        b"\0",
        b"{}",
        b"<x/>",
        b"Action=CreateIpam&\xC3=",
    ] {
        assert_eq!(refused(&world, body).0, 400, "{body:?}");
    }
    assert_eq!(refused(&world, vec![b'a'; (4 << 20) + 1]).0, 413);
}

#[test]
fn the_method_and_the_content_type_are_checked() {
    let world = world();
    let body = call("");
    let post = Request::post(body.as_bytes());
    for method in ["PUT", "DELETE", "HEAD", "post"] {
        let response = world.answer(&Request { method, ..post });
        assert_eq!(fault(&response).0, 405);
        assert!(
            response
                .headers()
                .any(|header| header == ("allow", "GET, POST"))
        );
    }
    for content_type in ["application/json", "text/plain", ""] {
        let response = world.answer(&Request {
            content_type: Some(content_type),
            ..post
        });
        assert_eq!(fault(&response).0, 400);
    }
    assert_eq!(all(&world), []);
    for content_type in [
        None,
        Some("application/x-www-form-urlencoded; charset=utf-8"),
        Some("Application/X-WWW-Form-URLEncoded"),
    ] {
        let response = world.answer(&Request {
            content_type,
            ..post
        });
        assert_eq!(response.status, 200);
    }
}

#[test]
fn members_may_be_in_the_query_string() {
    let world = world();
    let query = format!("/?{}", call(""));
    assert_eq!(world.answer(&Request::get(&query)).status, 200);
    let both = Request {
        path_and_query: "/?Action=CreateIpamPolicy&Version=2016-11-15",
        ..Request::post(b"IpamId=ipam-0123456789abcdef0")
    };
    assert_eq!(world.answer(&both).status, 200);
    assert_eq!(all(&world).len(), 2);
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
    // A message quotes what no document can hold.
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
fn a_client_token_makes_one_policy() {
    let world = world();
    let first = create(&world, &request(Some("not a UUID")));
    let replay = create(&world, &request(Some("not a UUID")));
    assert_eq!(id(&first), id(&replay));
    assert_eq!(replay.state, Some(IpamPolicyState::CreateComplete));
    // Tokens are case-sensitive.
    assert_ne!(
        id(&first),
        id(&create(&world, &request(Some("NOT A UUID"))))
    );
    assert_eq!(all(&world).len(), 2);
}

#[test]
fn no_token_or_an_empty_one_makes_a_policy_each_time() {
    let world = world();
    for token in [None, None, Some(""), Some("")] {
        create(&world, &request(token));
    }
    assert_eq!(all(&world).len(), 4);
}

#[test]
fn a_client_token_with_other_parameters_is_refused() {
    let world = world();
    create(&world, &request(Some("t")));
    let other_ipam = CreateIpamPolicy {
        ipam_id: Some(OTHER_IPAM.into()),
        ..request(Some("t"))
    };
    let other_tags = CreateIpamPolicy {
        client_token: Some("t".into()),
        ..tagged([Tag::new("a", "")])
    };
    for other in [other_ipam, other_tags] {
        let fault = send(&world, &other).unwrap_err();
        assert_eq!(fault.status, 400);
        assert_eq!(fault.code(), Some("IdempotentParameterMismatch"));
        assert_eq!(
            fault.message(),
            Some(
                "Arguments on this idempotent request are inconsistent with arguments used in \
                 previous request(s)."
            )
        );
    }
    // The dry-run flag is not one of the parameters.
    let explicit = CreateIpamPolicy {
        dry_run: Some(false),
        ..request(Some("t"))
    };
    create(&world, &explicit);
    assert_eq!(all(&world).len(), 1);
}

#[test]
fn a_refused_request_does_not_use_its_token_up() {
    let world = world();
    let unknown = CreateIpamPolicy {
        ipam_id: Some("ipam-9".into()),
        ..request(Some("t"))
    };
    send(&world, &unknown).unwrap_err();
    create(&world, &request(Some("t")));
}

#[test]
fn a_replay_after_the_deletion_creates_nothing() {
    let world = world();
    let first = create(&world, &request(Some("t")));
    send(&world, &<DeleteIpamPolicy>::new(id(&first))).unwrap();
    let replay = create(&world, &request(Some("t")));
    assert_eq!(id(&first), id(&replay));
    assert_eq!(replay.state, Some(IpamPolicyState::DeleteComplete));
    assert_eq!(all(&world), []);
}

#[test]
fn client_tokens_have_at_most_64_ascii_characters() {
    let world = world();
    create(&world, &request(Some(&"t".repeat(64))));
    for token in ["t".repeat(65), "é".into()] {
        let (status, code) = summary(send(&world, &request(Some(&token))));
        assert_eq!((status, code.as_str()), (400, "InvalidClientToken"));
    }
}

#[test]
fn a_dry_run_changes_nothing() {
    let world = world();
    let dry = CreateIpamPolicy {
        dry_run: Some(true),
        ..request(Some("t"))
    };
    let fault = send(&world, &dry).unwrap_err();
    assert_eq!((fault.status, fault.is_dry_run()), (412, true));
    assert_eq!(
        fault.message(),
        Some("Request would have succeeded, but DryRun flag is set.")
    );
    assert_eq!(all(&world), []);

    // The token is still free, for other parameters as well.
    let policy = create(
        &world,
        &CreateIpamPolicy {
            client_token: Some("t".into()),
            ..tagged([Tag::new("a", "")])
        },
    );
    let delete: DeleteIpamPolicy = DeleteIpamPolicy {
        dry_run: Some(true),
        ..DeleteIpamPolicy::new(id(&policy))
    };
    assert_eq!(send(&world, &delete).unwrap_err().status, 412);
    let cascade: DeleteIpam = DeleteIpam {
        dry_run: Some(true),
        cascade: Some(true),
        ..DeleteIpam::new(IPAM)
    };
    assert_eq!(send(&world, &cascade).unwrap_err().status, 412);
    let describe: DescribeIpamPolicies = DescribeIpamPolicies {
        dry_run: Some(true),
        ..Default::default()
    };
    assert_eq!(send(&world, &describe).unwrap_err().status, 412);
    let ipam: CreateIpam = CreateIpam {
        dry_run: Some(true),
        ..Default::default()
    };
    assert_eq!(send(&world, &ipam).unwrap_err().status, 412);
    assert_eq!(all(&world).len(), 1);
    send(&world, &<CreateIpam>::default()).unwrap();
}

#[test]
fn a_dry_run_of_a_bad_request_is_refused_as_the_request_is() {
    let body = call("&DryRun=true&TagSpecification.1.Tag.1.Key=a");
    assert_eq!(refused(&world(), body).1, "InvalidParameterValue");
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
    // A replay makes no policy, the quota counts by IPAM, and a deletion makes room.
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
fn policies_are_described_by_id() {
    let world = world();
    let made: Vec<String> = (0..3)
        .map(|_| id(&create(&world, &request(None))))
        .collect();
    let [first, _, last] = made.as_slice() else {
        panic_with("three were made")
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
    let made: Vec<String> = (0..10)
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
        // A deletion of what was shown before loses nothing of what follows.
        send(
            &world,
            &<DeleteIpamPolicy>::new(found.last().unwrap().clone()),
        )
        .unwrap();
    }
    assert_eq!((found, pages), (made, 2));
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

#[test]
fn an_ipam_is_created_once_and_deleted() {
    let world = world();
    let request: CreateIpam = CreateIpam {
        description: Some("d".into()),
        client_token: Some("t".into()),
        tag_specifications: vec![TagSpecification::new(
            ResourceType::Ipam,
            [Tag::new("Name", "x")],
        )],
        ..Default::default()
    };
    let ipam = send(&world, &request).unwrap().ipam.unwrap();
    let id = ipam.ipam_id.clone().unwrap();
    assert_eq!(ipam.state, Some(IpamPolicyState::CreateInProgress));
    assert_eq!(ipam.description.as_deref(), Some("d"));
    assert_eq!(ipam.tag_set, Some(vec![Tag::new("Name", "x")]));
    assert_eq!(
        ipam.ipam_arn,
        Some(format!("arn:aws:ec2::123456789012:ipam/{id}"))
    );

    let replay = send(&world, &request).unwrap().ipam.unwrap();
    assert_eq!(replay.ipam_id.as_ref(), Some(&id));
    let other: CreateIpam = CreateIpam {
        description: None,
        ..request.clone()
    };
    assert_eq!(
        summary(send(&world, &other)).1,
        "IdempotentParameterMismatch"
    );
    refused_as(
        &world,
        "Action=CreateIpam&Version=2016-11-15",
        "ResourceLimitExceeded",
        "You've reached the limit for ipams. \
         You have created 1 ipams and you are limited to 1.",
    );

    create(&world, &CreateIpamPolicy::new(id.clone()));
    let delete = <DeleteIpam>::new(id.clone());
    assert_eq!(summary(send(&world, &delete)).1, "DependencyViolation");
    let cascade: DeleteIpam = DeleteIpam {
        cascade: Some(true),
        ..delete.clone()
    };
    let deleted = send(&world, &cascade).unwrap().ipam.unwrap();
    assert_eq!(deleted.state, Some(IpamPolicyState::DeleteInProgress));
    assert_eq!(all(&world), []);
    assert_eq!(summary(send(&world, &delete)).1, "InvalidIpamId.NotFound");
    assert_eq!(
        summary(send(&world, &<CreateIpamPolicy>::new(id))).1,
        "InvalidIpamId.NotFound"
    );
    let replay = send(&world, &request).unwrap().ipam.unwrap();
    assert_eq!(replay.state, Some(IpamPolicyState::DeleteComplete));
    send(&world, &<CreateIpam>::default()).unwrap();
}

#[test]
fn the_members_of_an_ipam_are_checked() {
    let world = world();
    for members in [
        "Tier=gold",
        "MeteredAccount=nobody",
        "Description=%01",
        "OperatingRegion.1.RegionName=%01",
        "OperatingRegion.1.RegionName=",
        "TagSpecification.1.ResourceType=ipam-policy&TagSpecification.1.Tag.1.Key=a",
        "TagSpecification.1.ResourceType=ipam&TagSpecification.1.Tag.1.Key=aws:a",
    ] {
        let body = format!("Action=CreateIpam&Version=2016-11-15&{members}");
        assert_eq!(refused(&world, &body).0, 400, "{body}");
    }
    let body = "Action=CreateIpam&Version=2016-11-15&Tier=free";
    assert_eq!(world.answer(&Request::post(body.as_bytes())).status, 200);
}

#[test]
fn ids_of_two_worlds_differ() {
    let (one, other) = (world(), world());
    assert_ne!(
        id(&create(&one, &request(None))),
        id(&create(&other, &request(None)))
    );
}
