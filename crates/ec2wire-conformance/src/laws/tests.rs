#![expect(clippy::unwrap_used, reason = "a test may fail")]

use super::*;
use crate::format::template::Names;
use crate::wire::referee;
use ec2wire::contract::Level;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// All cases of all actions, made once.
fn every_case() -> &'static Catalogue {
    static ALL: LazyLock<Catalogue> = LazyLock::new(|| {
        let mut catalogue = Catalogue::without_cases().unwrap();
        let fixtures = Fixtures::embedded().unwrap();
        add(&mut catalogue, &["*".into()], &fixtures).unwrap();
        catalogue
    });
    &ALL
}

#[test]
fn what_laws_make_are_cases_as_people_write_them() {
    let catalogue = every_case();
    let mut ids = BTreeSet::new();
    for case in catalogue.cases() {
        let checked = catalogue.check(case);
        assert_eq!(checked, Ok(()), "{}", case.id);
        assert!(ids.insert(&case.id), "duplicate id {}", case.id);
        let text = toml::to_string(&case.steps.first()).unwrap();
        for name in [
            "action",
            "member",
            "key",
            "value",
            "shown",
            "id",
            "type",
            "tags",
            "list",
            "next",
            "entry",
            "delete",
            "delete-key",
            "listing",
            "listed",
            "listed-id",
            "state",
            "gone",
        ] {
            assert!(
                !text.contains(&format!("${{{name}}}")),
                "{}: {text}",
                case.id
            );
        }
    }
}

#[test]
fn every_law_is_made_into_cases_and_every_requirement_has_one() {
    let catalogue = every_case();
    let by_law = |law: &Law| {
        let has = |case: &&Case| {
            let rest = case.id.splitn(3, '/').nth(2).unwrap();
            rest == law.id || rest.starts_with(&format!("{}/", law.id))
        };
        catalogue.cases().iter().filter(has).count()
    };
    for law in all().unwrap() {
        assert!(by_law(&law) > 0, "{}", law.id);
    }
    let tested: BTreeSet<String> = catalogue
        .cases()
        .iter()
        .flat_map(|case| catalogue.tested_by(case))
        .collect();
    let untested = catalogue.requirements().filter(|requirement| {
        let made = "tested by the cases that --action makes";
        requirement.untested.as_deref() == Some(made) && !tested.contains(&requirement.id)
    });
    let untested: Vec<&str> = untested
        .map(|requirement| requirement.id.as_str())
        .collect();
    assert_eq!(untested, [""; 0]);
    // Each action of EC2 has at least one.
    let actions: BTreeSet<&str> = catalogue
        .cases()
        .iter()
        .filter_map(|case| case.id.split('/').nth(1))
        .collect();
    assert_eq!(actions.len(), Model::ec2().operations().len());
}

/// The exceptions of laws exist, so that none is misspelt.
#[test]
fn exceptions_are_actions_and_members_of_ec2() {
    for law in all().unwrap() {
        for except in law.except.iter().chain(&law.only) {
            let (action, member) = match except.split_once('/') {
                Some((action, member)) => (action, Some(member)),
                None => (except.as_str(), None),
            };
            let action = Model::ec2().operation(action).unwrap();
            if let Some(member) = member {
                assert!(action.input().unwrap().member(member).is_some(), "{except}");
            }
        }
    }
    let catalogue = every_case();
    let is_there = |id: &str| catalogue.cases().iter().any(|case| case.id == id);
    assert!(!is_there("any/DeleteFleets/without/TerminateInstances"));
    assert!(is_there("any/DeleteFleets/without/FleetIds"));
    for action in ["CreateNetworkAclEntry", "DeleteNetworkAclEntry"] {
        assert!(!is_there(&format!("any/{action}/without/Egress")));
        assert!(is_there(&format!("any/{action}/without/RuleNumber")));
    }
    assert!(!is_there(
        "any/GetActiveVpnTunnelStatus/dry-run/is-an-error"
    ));
}

/// What changes something for everyone or for good runs only if it is named in full.
#[test]
fn what_lasts_must_be_named_in_full() {
    let is_blocked = |catalogue: &Catalogue, action: &str| {
        let id = format!("any/{action}/plain");
        let case = catalogue.cases().iter().find(|case| case.id == id).unwrap();
        case.blocked.as_deref() == Some(LASTING)
    };
    let all = every_case();
    for action in [
        "CreateCapacityReservation",
        "CreateTransitGateway",
        "DeleteSpotDatafeedSubscription",
        "DisableEbsEncryptionByDefault",
        "EnableSerialConsoleAccess",
        "ModifyInstanceMetadataDefaults",
        "RequestSpotFleet",
        "ResetEbsDefaultKmsKeyId",
    ] {
        assert!(is_blocked(all, action), "{action}");
        let mut one = Catalogue::without_cases().unwrap();
        let fixtures = Fixtures::embedded().unwrap();
        add(&mut one, &[action.to_owned()], &fixtures).unwrap();
        assert!(!is_blocked(&one, action), "{action}");
    }
    for action in [
        "CreateVpc",
        "CreateInternetGateway",
        "DescribeVpcs",
        "DeleteVpc",
    ] {
        assert!(!is_blocked(all, action), "{action}");
    }
    let mut allowed = Catalogue::without_cases().unwrap();
    add_with_lasting(&mut allowed, &["*".into()], &Fixtures::embedded().unwrap()).unwrap();
    assert!(!is_blocked(&allowed, "ResetEbsDefaultKmsKeyId"));
}

#[test]
fn a_request_that_names_nothing_to_delete_needs_the_action_in_full() {
    let blocked = |catalogue: &Catalogue, id: &str| {
        let case = catalogue.cases().iter().find(|case| case.id == id).unwrap();
        case.blocked.clone()
    };
    let all = every_case();
    for id in [
        "any/DeleteVpc/without/VpcId",
        "any/DeleteVpc/without-code/VpcId",
        "any/TerminateInstances/without/InstanceIds",
        "any/ReleaseHosts/without/HostIds",
    ] {
        assert_eq!(blocked(all, id).as_deref(), Some(NAMELESS), "{id}");
        let mut one = Catalogue::without_cases().unwrap();
        let (_, rest) = id.split_once('/').unwrap();
        let (action, _) = rest.split_once('/').unwrap();
        add(
            &mut one,
            &[action.to_owned()],
            &Fixtures::embedded().unwrap(),
        )
        .unwrap();
        assert_ne!(blocked(&one, id).as_deref(), Some(NAMELESS), "{id}");
    }
    for id in [
        "any/CreateVolume/without/AvailabilityZone",
        "any/DescribeVpcAttribute/without/VpcId",
        "any/CreateTags/without/Resources",
    ] {
        let found = all.cases().iter().find(|case| case.id == id);
        assert!(
            found.is_none_or(|case| case.blocked.as_deref() != Some(NAMELESS)),
            "{id}"
        );
    }
}

/// Every action that is held, and every one that is sent although nothing is known to undo it.
#[test]
fn what_lasts_is_known_by_name() {
    let fixtures = Fixtures::embedded().unwrap();
    let catalogue = every_case();
    let (mut held, mut sent) = (Vec::new(), Vec::new());
    for action in Model::ec2().operations() {
        let name = action.name();
        let id = format!("any/{name}/plain");
        let case = catalogue.cases().iter().find(|case| case.id == id).unwrap();
        match case.blocked.as_deref() {
            Some(LASTING) => held.push(name),
            None if !is_reading(name) && deletion(name, &fixtures).is_none() => sent.push(name),
            _ => {}
        }
    }
    let told = format!("held:\n{}\n\nsent:\n{}", held.join("\n"), sent.join("\n"));
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../../../snapshots/laws");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("lasting", told));
}

/// If the evidence carries only a SHOULD, no case makes it a MUST.
#[test]
fn doubted_members_and_other_tags_are_no_must() {
    let catalogue = every_case();
    let level = |id: &str| {
        let case = catalogue.cases().iter().find(|case| case.id == id);
        case.map(|case| catalogue.level(case))
    };
    for (id, expected) in [
        ("any/CreateVpcPeeringConnection/without/VpcId", None),
        (
            "any/CreateVpcPeeringConnection/without-doubted/VpcId",
            Some(Level::Should),
        ),
        (
            "any/AcceptVpcEndpointConnections/without/VpcEndpointIds",
            Some(Level::Must),
        ),
        ("any/CreateVolume/token/other-request", Some(Level::Must)),
        ("any/RunInstances/token/other-request", Some(Level::Must)),
        ("any/CreateIpamPolicy/token/other-request", None),
        ("any/CreateIpamPolicy/token/other-tags", Some(Level::Should)),
        ("any/DescribeVpcs/pages/unknown-token", Some(Level::Should)),
    ] {
        assert_eq!(level(id), expected, "{id}");
    }
    let doubted = catalogue.cases().iter();
    let doubted = doubted.filter(|case| case.id.contains("/without-doubted/"));
    assert_eq!(doubted.count(), 10);
}

/// General fixtures for ids are not used for actions that may end or change resources.
#[test]
fn actions_that_change_things_take_what_is_said_of_them() {
    let fixtures = Fixtures::read("mine.toml", "members.InstanceId = 'i-1'").unwrap();
    let says = |action: &str| {
        let pairs = plain_request(action, &fixtures).unwrap();
        pairs.iter().any(|(_, value)| value == "i-1")
    };
    for action in [
        "SendDiagnosticInterrupt",
        "StartInstances",
        "StopInstances",
        "AttachVolume",
        "MonitorInstances",
    ] {
        assert!(!says(action), "{action}");
    }
    assert!(says("CreateImage") && says("GetConsoleOutput"));
}

/// What a plain request creates is deleted before the next request, which may need its name or its
/// addresses.
#[test]
fn what_goes_first_is_undone_at_once() {
    let catalogue = every_case();
    let id = "any/CreateSubnet/dry-run/answer";
    let case = catalogue.cases().iter().find(|case| case.id == id).unwrap();
    let undo: Vec<_> = case
        .steps
        .iter()
        .filter_map(|step| step.undo.clone())
        .collect();
    let vpc = undo.first().unwrap();
    let (first, then) = (undo.get(1).unwrap(), undo.get(2).unwrap());
    // What both need stays until the end.
    assert_eq!((vpc.action.as_str(), vpc.at_once), ("DeleteVpc", false));
    assert_eq!(
        (first.action.as_str(), first.at_once),
        ("DeleteSubnet", true)
    );
    assert_eq!(
        (then.action.as_str(), then.at_once),
        ("DeleteSubnet", false)
    );
}

#[test]
fn a_plain_request_is_what_the_model_asks_for() {
    let fixtures = Fixtures::embedded().unwrap();
    let request = |action| {
        let pairs = plain_request(action, &fixtures).unwrap();
        let pairs: Vec<String> = pairs
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        pairs.join("&")
    };
    assert_eq!(request("CreateVpc"), "CidrBlock=10.0.0.0/16");
    assert_eq!(request("DeleteVpc"), "VpcId=vpc-0fedcba9876543210");
    assert_eq!(request("CreateIpamPolicy"), "IpamId=${ipam}");
    assert_eq!(
        request("CreateSecurityGroup"),
        "GroupDescription=made by ec2wire&GroupName=ec2wire-${token}"
    );
    assert_eq!(plain_request("LaunchRocket", &fixtures), None);
}

#[test]
fn what_only_a_user_knows_must_be_given() {
    let why = |fixtures: &Fixtures, id: &str| {
        let mut catalogue = Catalogue::without_cases().unwrap();
        let actions = [
            "DeleteVpc",
            "DeleteLocalGatewayRouteTable",
            "GetCoipPoolUsage",
        ];
        add(&mut catalogue, &actions.map(str::to_owned), fixtures).unwrap();
        let case = catalogue.cases().iter().find(|case| case.id == id).unwrap();
        case.blocked.clone().unwrap_or_default()
    };
    let none = Fixtures::embedded().unwrap();
    // A case makes the VPC itself.
    assert_eq!(why(&none, "any/DeleteVpc/plain"), "");
    let deletion = "any/DeleteLocalGatewayRouteTable/plain";
    let due = "no fixture gives LocalGatewayRouteTableId for an action that may change what it names; \
               see --fixtures";
    assert_eq!(why(&none, deletion), due);
    assert_eq!(
        why(
            &none,
            "any/DeleteLocalGatewayRouteTable/without/LocalGatewayRouteTableId"
        ),
        ""
    );
    let reading = "any/GetCoipPoolUsage/plain";
    assert_eq!(
        why(&none, reading),
        "no fixture gives PoolId; see --fixtures"
    );
    let mine = "[members]\nPoolId = 'p-1'\nLocalGatewayRouteTableId = 'lgw-rtb-1'\n";
    let some = none.with(Fixtures::read("mine.toml", mine).unwrap());
    assert_eq!(why(&some, reading), "");
    // Resources that others need are not deleted, stopped or changed.
    assert_eq!(why(&some, deletion), due);
    let mine =
        "actions.DeleteLocalGatewayRouteTable.request.LocalGatewayRouteTableId = 'lgw-rtb-2'";
    let doomed = some.with(Fixtures::read("mine.toml", mine).unwrap());
    assert_eq!(why(&doomed, deletion), "");
    // It is unknown whether the request may be repeated.
    assert_eq!(
        why(&doomed, "any/DeleteLocalGatewayRouteTable/dry-run/answer"),
        "no way is known to undo DeleteLocalGatewayRouteTable, and it may not be repeatable"
    );
}

/// A case makes what its requests name, and that by requests of its own.
#[test]
fn what_a_case_needs_it_makes_first() {
    let catalogue = every_case();
    let story = |id: &str| {
        let case = catalogue.cases().iter().find(|case| case.id == id).unwrap();
        let steps = case.steps.iter().map(|step| {
            let pairs = step
                .pairs
                .iter()
                .map(|(key, value)| format!("{key}={value}"));
            let pairs: Vec<String> = pairs.collect();
            format!(
                "{} {}",
                step.action.as_deref().unwrap_or_default(),
                pairs.join("&")
            )
        });
        steps.collect::<Vec<_>>().join("\n")
    };
    insta::with_settings!({
        snapshot_path => "../../../../snapshots/laws",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!("premises", [
            "any/DeleteSubnet/dry-run/answer",
            "any/DescribeInstances/filters-both",
            "any/DeleteVpc/kept/subnet",
            "any/DeregisterImage/plain",
        ].map(|id| format!("{id}\n{}\n", story(id))).join("\n"));
    });
}

#[test]
fn what_is_made_is_known_by_names_and_fixtures() {
    let fixtures = Fixtures::embedded().unwrap();
    let summary = |action: &str| {
        let action = Model::ec2().operation(action).unwrap();
        Creation::find(action, &fixtures).map(|made| {
            let undo = made
                .undo
                .map(|undo| format!("{} {}", undo.action, undo.key));
            (
                made.id,
                made.kind.unwrap_or_default(),
                made.tags.unwrap_or_default(),
                undo,
            )
        })
    };
    let known = |id: &str, kind: &str, tags: &str, undo: &str| {
        Some((
            id.to_owned(),
            kind.to_owned(),
            tags.to_owned(),
            Some(undo.to_owned()),
        ))
    };
    assert_eq!(
        summary("CreateVpc"),
        known("vpc.vpcId", "vpc", "vpc.tagSet", "DeleteVpc VpcId")
    );
    assert_eq!(
        summary("CreateVolume"),
        known("volumeId", "volume", "tagSet", "DeleteVolume VolumeId")
    );
    assert_eq!(
        summary("RunInstances"),
        known(
            "instancesSet.item[0].instanceId",
            "instance",
            "instancesSet.item[0].tagSet",
            "TerminateInstances InstanceId.1"
        )
    );
    assert_eq!(summary("CreateTags"), None);
    // The paths in the embedded fixtures exist.
    for name in fixtures.actions.keys() {
        let action = Model::ec2().operation(name).unwrap();
        let is_known = Creation::find(action, &fixtures).is_some();
        assert!(fixtures.created(action).is_none() || is_known, "{name}");
    }
}

/// The file as a person has it who takes the comment signs away before all members.
fn with_all_members(file: &str) -> String {
    let mut lines = String::new();
    for line in file.lines() {
        let member = line.strip_prefix("# ").filter(|rest| {
            let name = rest.split(" = ").next().unwrap();
            name.chars().all(|c| c.is_ascii_alphanumeric()) && rest.contains(" = ")
        });
        lines.push_str(member.unwrap_or(line));
        lines.push('\n');
    }
    lines
}

#[test]
fn a_started_case_is_valid_for_every_action_and_sends_the_plain_request() {
    let fixtures = Fixtures::embedded().unwrap();
    let without = Catalogue::without_cases().unwrap();
    let mut members = 0;
    for action in Model::ec2().operations() {
        let file = start(action, &fixtures);
        assert!(file.lines().all(|line| !line.ends_with(' ')), "{file}");
        let mut catalogue = without.clone();
        let added = catalogue.add_cases("started.toml", &file);
        assert_eq!(added.map_err(|error| error.to_string()), Ok(()), "{file}");
        assert_eq!(catalogue.cases().len(), 1, "{file}");
        let case = catalogue.cases().first().unwrap();
        let step = case.steps.first().unwrap();
        let given = step.members.as_ref().map(|members| {
            let as_it_is = |name: &str| Some(format!("${{{name}}}"));
            members.resolve(&as_it_is).unwrap()
        });
        let names = Names::of_action(Some(action.name()));
        let mut sent = given.map_or_else(Vec::new, |given| referee::pairs(&given, names));
        let mut plain = plain_request(action.name(), &fixtures).unwrap();
        sent.sort();
        plain.sort();
        assert_eq!(sent, plain, "{file}");

        let whole = with_all_members(&file);
        let mut catalogue = without.clone();
        let added = catalogue.add_cases("whole.toml", &whole);
        assert_eq!(added.map_err(|error| error.to_string()), Ok(()), "{whole}");
        let input = action.input();
        for member in input
            .into_iter()
            .flat_map(|input| input.members().collect::<Vec<_>>())
        {
            let line = format!("{} = ", member.name());
            assert!(
                whole.lines().any(|known| known.starts_with(&line)),
                "{whole}"
            );
            members += 1;
        }
    }
    assert!(members > 3_500, "{members}");
}
