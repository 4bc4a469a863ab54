//! Worlds that are saved and loaded.

use crate::asking::{Maker, ask, everything};
use crate::forms::{IPAM, all, create, describe, id, request, send, tagged};
use ec2wire::Tag;
use ec2wire::ipam::{
    CreateIpamPolicy, DeleteIpamPolicy, DescribeIpamPolicies, EnableIpamPolicy,
    GetEnabledIpamPolicy, GetIpamPolicyAllocationRules, GetIpamPolicyOrganizationTargets,
};
use ec2wire_model::{Model, Structure, Value};
use ec2wire_reference::{Config, LoadError, Request, World};

fn config() -> Config {
    Config {
        ipam_ids: vec![IPAM.into()],
        ..Config::default()
    }
}

fn save(world: &World) -> String {
    let mut file = Vec::new();
    world.save(&mut file).unwrap();
    String::from_utf8(file).unwrap()
}

fn load(file: &str) -> Result<World, LoadError> {
    let world = World::new(Config::default());
    world.load(file.as_bytes()).map(|()| world)
}

fn post(world: &World, body: &str) -> u16 {
    world.answer(&Request::post(body.as_bytes())).status
}

/// A world with each resource that can be made, and some that have ended.
fn full() -> World {
    let world = World::new(config());
    let mut maker = Maker::new(&world);
    for row in Model::ec2().resources() {
        _ = maker.id(row);
    }
    for row in Model::ec2().resources().iter().step_by(3) {
        let Some(end) = row.end.first() else { continue };
        if let Ok(request) = maker.request(end.action) {
            _ = ask(&world, end.action, request);
        }
    }
    world
}

#[test]
fn a_loaded_world_is_the_saved_one() {
    let world = full();
    let file = save(&world);
    assert!(file.lines().count() > 200, "{}", file.lines().count());
    let loaded = load(&file).unwrap();
    for (before, after) in file.lines().zip(save(&loaded).lines()) {
        assert_eq!(before, after);
    }
    assert_eq!(save(&loaded).len(), file.len());
    for (before, after) in everything(&world).iter().zip(everything(&loaded)) {
        assert_eq!(*before, after);
    }
    // Both go on in the same way.
    for body in [
        "Action=CreateVpc&Version=2016-11-15&CidrBlock=10.0.0.0%2F16",
        "Action=CreateInternetGateway&Version=2016-11-15",
        "Action=CreateSubnet&Version=2016-11-15&VpcId=vpc-0fedcba9876543210",
    ] {
        assert_eq!(post(&world, body), post(&loaded, body), "{body}");
    }
    for (before, after) in everything(&world).iter().zip(everything(&loaded)) {
        assert_eq!(*before, after);
    }
}

#[test]
fn policies_are_saved_with_their_rules_targets_and_tokens() {
    let world = World::new(config());
    let first = create(&world, &tagged([Tag::new("a<b", "é \u{1F600}\r\n")]));
    let second = create(&world, &request(Some("t")));
    let third = create(&world, &request(Some("gone")));
    for (members, policy) in [
        (
            "Locale=us-east-1&ResourceType=eip&AllocationRule.1.SourceIpamPoolId=ipam-pool-12345678",
            &first,
        ),
        ("Locale=us-west-2&ResourceType=eip", &second),
    ] {
        let id = id(policy);
        let body = format!(
            "Action=ModifyIpamPolicyAllocationRules&Version=2016-11-15&IpamPolicyId={id}&{members}"
        );
        assert_eq!(post(&world, &body), 200, "{body}");
    }
    send(&world, &<EnableIpamPolicy>::new(id(&first))).unwrap();
    for target in ["ou-1", "r-2"] {
        let enable: EnableIpamPolicy = EnableIpamPolicy {
            organization_target_id: Some(target.into()),
            ..EnableIpamPolicy::new(id(&second))
        };
        send(&world, &enable).unwrap();
    }
    send(&world, &<DeleteIpamPolicy>::new(id(&third))).unwrap();

    let file = save(&world);
    let loaded = load(&file).unwrap();
    assert_eq!(save(&loaded), file);
    assert_eq!(all(&loaded), all(&world));
    for policy in [&first, &second] {
        let rules = <GetIpamPolicyAllocationRules>::new(id(policy));
        assert_eq!(send(&loaded, &rules), send(&world, &rules));
        let targets = <GetIpamPolicyOrganizationTargets>::new(id(policy));
        assert_eq!(send(&loaded, &targets), send(&world, &targets));
    }
    let enabled = <GetEnabledIpamPolicy>::default();
    assert_eq!(send(&loaded, &enabled), send(&world, &enabled));
    // The tokens are still used.
    for token in ["t", "gone"] {
        assert_eq!(
            create(&loaded, &request(Some(token))),
            create(&world, &request(Some(token)))
        );
        let other = CreateIpamPolicy {
            client_token: Some(token.into()),
            ..tagged([Tag::new("x", "")])
        };
        assert!(send(&loaded, &other).is_err());
    }
    assert_eq!(
        create(&loaded, &request(None)),
        create(&world, &request(None))
    );
    let first = DescribeIpamPolicies {
        ipam_policy_ids: vec![id(&first)],
        ..Default::default()
    };
    assert_eq!(describe(&loaded, &first).len(), 1);
}

#[test]
fn accounts_and_regions_are_saved_apart() {
    let world = World::new(Config::default());
    let create = "/?Action=CreateInternetGateway&Version=2016-11-15";
    let ask = |world: &World, path: &str, account: u8| {
        let scope = format!("Credential=00000000000{account}/20261130/eu-west-1/ec2/aws4_request");
        let request = Request {
            authorization: Some(&scope),
            ..Request::get(path)
        };
        world.answer(&request).body
    };
    for account in 0..3 {
        ask(&world, create, account);
    }
    let loaded = load(&save(&world)).unwrap();
    let list = "/?Action=DescribeInternetGateways&Version=2016-11-15";
    for account in 0..3 {
        let listed = |world: &World| {
            ask(world, list, account)
                .split_once("<internetGatewaySet>")
                .unwrap()
                .1
                .to_owned()
        };
        assert_eq!(listed(&world), listed(&loaded));
    }
    loaded.reset();
    assert!(!save(&loaded).contains("eu-west-1"));
}

#[test]
fn no_id_is_given_twice() {
    let config = Config {
        seed: Some(5),
        ..Config::default()
    };
    let make = |world: &World| {
        let answer = ask(world, "CreateInternetGateway", Structure::new()).unwrap();
        let gateway = answer
            .get("InternetGateway")
            .and_then(|one| one.get("InternetGatewayId"));
        gateway.and_then(Value::as_str).unwrap().to_owned()
    };
    let world = World::new(config.clone());
    let mut ids = vec![make(&world)];
    for _ in 0..3 {
        let file = save(&world);
        world.reset();
        world.load(file.as_bytes()).unwrap();
        ids.push(make(&world));
    }
    // Whoever edits a file need not count.
    let file = save(&world);
    let issued = file
        .split_once("\"issued\":")
        .unwrap()
        .1
        .split(',')
        .next()
        .unwrap();
    let file = file.replace(&format!("\"issued\":{issued}"), "\"issued\":0");
    world.load(file.as_bytes()).unwrap();
    ids.push(make(&world));
    let world = World::new(config);
    assert_eq!(ids, (0..5).map(|_| make(&world)).collect::<Vec<_>>());
}

const START: &str = r#"{"ec2wire":"state","version":1}"#;
const AREA: &str = r#"{"area":{"account":"123456789012","region":"us-east-1","seed":"0f","issued":0,"changes":0}}"#;

#[test]
fn a_file_may_be_written_by_hand() {
    let file = [
        START,
        "",
        AREA,
        r#"{"item":{"resource":"internet-gateway","order":7,"id":"igw-12345678","tags":[{"key":"a","value":"b"}]}}"#,
    ]
    .join("\n");
    let world = load(&file).unwrap();
    let answer = ask(&world, "DescribeInternetGateways", Structure::new()).unwrap();
    let listed = answer
        .get("InternetGateways")
        .and_then(Value::as_list)
        .unwrap();
    assert_eq!(listed.len(), 1);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a row for each mistake")]
fn what_is_wrong_in_a_file_is_said_with_its_place() {
    let item = |members: &str| {
        format!(r#"{{"item":{{"resource":"vpc","order":1,"id":"vpc-1"{members}}}}}"#)
    };
    let policy =
        |members: &str| format!(r#"{{"policy":{{"order":2,"id":"p","ipam":"i"{members}}}}}"#);
    let with = |lines: &[&str]| [&[START, AREA][..], lines].concat().join("\n");
    let of = |lines: &[&str]| lines.join("\n");
    for (file, line, path) in [
        (of(&[]), 1, ""),
        (of(&["x"]), 1, ""),
        (of(&["[]"]), 1, ""),
        (of(&["{}"]), 1, ""),
        (of(&[r#"{"ec2wire":"state","version":2}"#]), 1, "version"),
        (of(&[r#"{"ec2wire":"state","version":1,"a":1}"#]), 1, "a"),
        (of(&[START, "{"]), 2, ""),
        (of(&[START, r#"{"a":1,"b":2}"#]), 2, ""),
        (of(&[START, r#"{"item":{}}"#]), 2, "item"),
        (of(&[START, r#"{"area":7}"#]), 2, "area"),
        (
            of(&[START, &AREA.replace("123456789012", "1")]),
            2,
            "area.account",
        ),
        (
            of(&[START, &AREA.replace("us-east-1", "US")]),
            2,
            "area.region",
        ),
        (of(&[START, &AREA.replace("0f", "xyz")]), 2, "area.seed"),
        (of(&[START, &AREA.replace(":0,", ":-1,")]), 2, "area.issued"),
        (with(&[AREA]), 3, "area"),
        (with(&[r#"{"thing":{}}"#]), 3, "thing"),
        (
            with(&[&item("").replace("\"vpc\"", "\"castle\"")]),
            3,
            "item.resource",
        ),
        (
            with(&[&item("").replace("\"order\":1", "\"order\":0")]),
            3,
            "item.order",
        ),
        (
            with(&[&item("").replace("\"order\":1", "\"order\":1.5")]),
            3,
            "item.order",
        ),
        (
            with(&[&item("").replace("\"id\"", "\"name\"")]),
            3,
            "item.id",
        ),
        (with(&[&item("").replace("vpc-1", "\\u0001")]), 3, "item.id"),
        (with(&[&item(""), &item("")]), 4, "item.order"),
        (
            with(&[&item(""), &item("").replace("\"order\":1", "\"order\":2")]),
            4,
            "item.id",
        ),
        (with(&[&item(r#","colour":1"#)]), 3, "item.colour"),
        (with(&[&item(r#","gone":"yes""#)]), 3, "item.gone"),
        (with(&[&item(r#","claims":[1]"#)]), 3, "item.claims"),
        (
            with(&[&item(r#","entry":{"A":["\u0000"]}"#)]),
            3,
            "item.entry.A[0]",
        ),
        (
            with(&[&item(r#","hidden":{"T":{"$time":"now"}}"#)]),
            3,
            "item.hidden.T",
        ),
        (
            with(&[&item(r#","tags":[{"key":"a"}]"#)]),
            3,
            "item.tags[0].value",
        ),
        (with(&[&policy(""), &policy("")]), 4, "policy.order"),
        (with(&[r#"{"rules":{"policy":"p"}}"#]), 3, "rules.policy"),
        (
            with(&[r#"{"enabled":{"policy":"p","order":1}}"#]),
            3,
            "enabled.policy",
        ),
        (
            with(&[r#"{"token":{"action":"Fly","token":"t"}}"#]),
            3,
            "token.action",
        ),
        (
            with(&[r#"{"policyToken":{"token":"t","request":"x"}}"#]),
            3,
            "policyToken.request",
        ),
    ] {
        let world = World::new(Config::default());
        post(&world, "Action=CreateInternetGateway&Version=2016-11-15");
        let before = save(&world);
        let error = world.load(file.as_bytes()).unwrap_err();
        assert_eq!(
            (error.line, error.path.as_str()),
            (line, path),
            "{file}\n{error}"
        );
        assert!(!error.reason.is_empty());
        // Nothing is half loaded.
        assert_eq!(save(&world), before);
    }
    assert!(World::new(Config::default()).load(&b"\xFF"[..]).is_err());
}

#[test]
fn no_file_does_harm() {
    let world = World::new(config());
    create(&world, &request(Some("t")));
    let file = save(&world);
    let lines: Vec<&str> = file.lines().collect();
    let mut random = 3_usize;
    let mut next = |bound: usize| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (random >> 33) % bound
    };
    for _ in 0..100 {
        let line = next(lines.len());
        let mut bytes = lines.get(line).unwrap().as_bytes().to_vec();
        let at = next(bytes.len());
        match next(3) {
            0 => bytes.truncate(at),
            1 => bytes.splice(at..=at, *b"0").for_each(drop),
            _ => bytes.splice(at..=at, *b"\"").for_each(drop),
        }
        let bytes = String::from_utf8_lossy(&bytes).into_owned();
        // The first lines, and the one that is broken.
        let some = lines
            .iter()
            .take(2)
            .copied()
            .chain([bytes.as_str()])
            .collect::<Vec<_>>();
        if let Ok(loaded) = load(&some.join("\n")) {
            for (action, answer) in everything(&loaded) {
                assert!(!answer.contains("InternalError"), "{action} {bytes}");
            }
        }
    }
}
