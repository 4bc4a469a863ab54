//! Hostile requests of every action, and what refused requests leave behind.

use crate::asking::{Maker, ask, entries, everything, operation, post};
use ec2wire_model::{Kind, Model, Operation, Shape, Structure};
use ec2wire_reference::{Config, World};

/// The deepest member that gets a hostile value.
const DEEPEST: usize = 4;

/// Escaped values that few members take, and none of them may do harm.
const HOSTILE: &[&str] = &[
    "",
    "%00",
    "%0B",
    "%EF%BF%BF",
    "%ED%A0%80",
    "%FF",
    "%F0%9F%98%80%3C%26%5D%5D%3E",
    "-9223372036854775809",
    "9223372036854775807",
    "-1",
    "1e999",
    "NaN",
    "2026-13-45T99:99:99Z",
    "vpc-0",
    "i-0fedcba9876543210",
    "ipam-0123456789abcdef0",
    "..%2F..%2F",
    "%7B%22a%22%3A1%7D",
    "0.0.0.0%2F0",
    "true",
];

fn config() -> Config {
    Config {
        ipam_ids: vec!["ipam-0123456789abcdef0".into()],
        seed: Some(7),
        ..Config::default()
    }
}

/// The names of the table's actions.
fn actions() -> impl Iterator<Item = Operation> {
    Model::ec2().operations()
}

fn only_reads(action: &str) -> bool {
    let by_name = ["Describe", "Get", "List", "Search"]
        .iter()
        .any(|verb| action.starts_with(verb));
    let rows = Model::ec2().resources();
    by_name
        || rows
            .iter()
            .any(|row| row.read.iter().any(|read| read.action == action))
}

/// The plain request of an action. What it needs does not exist where nothing can make it.
fn plain(world: &World, operation: Operation) -> String {
    let request = Maker::new(world)
        .request(operation.name())
        .unwrap_or_default();
    operation.encode_request(&request.into()).unwrap()
}

/// The keys of all members that take a scalar, with whether they are at the top.
fn keys(shape: Shape, at: &str, depth: usize, found: &mut Vec<(String, bool)>) {
    if depth > DEEPEST {
        return;
    }
    for member in shape.members() {
        let key = format!("{at}{}", member.form_key());
        let (shape, key) = match member.shape().kind() {
            Kind::List { entry, .. } => (entry, format!("{key}.1")),
            _ => (member.shape(), key),
        };
        match shape.kind() {
            Kind::Structure => keys(shape, &format!("{key}."), depth + 1, found),
            _ => found.push((key, depth == 0)),
        }
    }
}

/// The requests of an action, each with one hostile value.
fn hostile(operation: Operation, plain: &str) -> Vec<String> {
    let name = operation.name();
    let mut keys_found = Vec::new();
    if let Some(input) = operation.input() {
        keys(input, "", 0, &mut keys_found);
    }
    let mut requests = vec![
        format!("Action={name}&Version=2016-11-15"),
        format!("{plain}&ec2wire.unknown=1"),
    ];
    for (at, (key, is_top)) in keys_found.iter().enumerate() {
        // Each of the values gets to some members, and to more of those at the top.
        let turn = if *is_top { 5 } else { HOSTILE.len() };
        let chosen = HOSTILE.iter().skip(at % turn).step_by(turn);
        let rest: Vec<&str> = plain
            .split('&')
            .filter(|pair| {
                let own = pair.split('=').next().unwrap_or_default();
                own != key
                    && !own.starts_with(&format!("{key}."))
                    && !key.starts_with(&format!("{own}."))
            })
            .collect();
        let rest = rest.join("&");
        requests.extend(chosen.map(|value| format!("{rest}&{key}={value}")));
    }
    if let Some((key, _)) = keys_found.first() {
        requests.push(format!("{plain}&{key}={}", "x".repeat(70_000)));
    }
    requests
}

#[test]
fn hostile_requests_get_a_valid_answer_and_refused_ones_change_nothing() {
    let all: Vec<Operation> = actions().collect();
    let (mut sent, mut accepted) = (0_usize, 0_usize);
    // A world grows too big for all of them.
    for group in all.chunks(60) {
        let world = World::new(config());
        // What was accepted in the first world, once more without what was refused.
        let twin = World::new(config());
        for &operation in group {
            let plain = plain(&world, operation);
            assert_eq!(self::plain(&twin, operation), plain);
            for body in hostile(operation, &plain) {
                sent += 1;
                let response = post(&world, operation, &body);
                let reads = only_reads(operation.name());
                if response.status == 200 && !reads {
                    accepted += 1;
                    assert_eq!(post(&twin, operation, &body).status, 200, "{body}");
                }
                assert!(!response.is_made_up || reads, "{body}");
            }
        }
        for (one, other) in everything(&world).iter().zip(everything(&twin)) {
            assert_eq!(*one, other);
        }
    }
    // Otherwise most of them are refused for what they need, not for what they are.
    assert!(accepted > sent / 20, "{accepted} of {sent}");
}

#[test]
fn a_dry_run_changes_nothing() {
    let world = World::new(config());
    let takes_it = |operation: &Operation| {
        let input = operation.input();
        input.is_some_and(|input| input.member("DryRun").is_some())
    };
    // All that they need is made first.
    let mut maker = Maker::new(&world);
    let requests: Vec<_> = actions()
        .filter(takes_it)
        .map(|operation| {
            let request = maker.request(operation.name()).unwrap_or_default();
            (operation, request)
        })
        .collect();
    let before = everything(&world);
    let mut would_succeed = 0;
    for (operation, mut request) in requests {
        request.insert("DryRun", true);
        let body = operation.encode_request(&request.into()).unwrap();
        let response = post(&world, operation, &body);
        assert_ne!(response.status, 200, "{body}");
        would_succeed += usize::from(response.body.contains("<Code>DryRunOperation</Code>"));
    }
    for (one, other) in everything(&world).iter().zip(before) {
        assert_eq!(*one, other);
    }
    assert!(would_succeed > 400, "{would_succeed}");
}

#[test]
fn nothing_pretends_to_have_happened() {
    let strict = World::new(Config {
        strict: true,
        ..config()
    });
    let world = World::new(config());
    let rows = Model::ec2().resources();
    let mut unknown = Vec::new();
    for operation in actions() {
        let name = operation.name();
        // Each begins with what the ones before it made.
        let body = plain(&world, operation);
        let response = post(&world, operation, &body);
        let is_unknown = response.body.contains("<Code>InvalidAction</Code>");
        if response.is_made_up {
            assert!(only_reads(name), "{name}");
            assert!(!response.body.contains("<item>"), "{}", response.body);
            assert!(
                response
                    .headers()
                    .any(|(header, _)| header == "x-ec2wire-made-up")
            );
            let refused = post(&strict, operation, &body);
            assert!(refused.status >= 400, "{name}");
        }
        // Of what changes a resource or joins it, some has an effect that nothing would show.
        let is_in_table = rows.iter().any(|row| {
            row.make.iter().any(|make| make.action == name)
                || row
                    .list
                    .iter()
                    .chain(&row.read)
                    .any(|list| list.action == name)
                || row.end.iter().any(|act| act.action == name)
        });
        assert!(
            !is_unknown || !is_in_table && !only_reads(name),
            "{name} is known"
        );
        if is_unknown {
            unknown.push(name);
            assert_eq!(post(&strict, operation, &body).status, 400, "{name}");
        }
    }
    println!("{} actions are unknown: {unknown:?}", unknown.len());
}

/// Whether any request of an action gets `InvalidAction`.
fn is_refused(world: &World, action: &str) -> bool {
    let body = format!("Action={action}&Version=2016-11-15");
    let response = post(world, operation(action), &body);
    response.body.contains("<Code>InvalidAction</Code>")
}

#[test]
fn changes_that_nothing_would_show_are_refused() {
    let world = World::new(config());
    for action in [
        "AuthorizeClientVpnIngress",
        "RevokeClientVpnIngress",
        "CreateClientVpnRoute",
        "DeleteClientVpnRoute",
        "EnableFastSnapshotRestores",
        "DisableFastSnapshotRestores",
        "CreateStoreImageTask",
        "LockSnapshot",
        "UnlockSnapshot",
        "RestoreImageFromRecycleBin",
        "RestoreSnapshotFromRecycleBin",
        "RestoreVolumeFromRecycleBin",
        "EnableAddressTransfer",
        "DisableAddressTransfer",
        "EnableFastLaunch",
        "DisableFastLaunch",
        "AttachClassicLinkVpc",
        "DetachClassicLinkVpc",
        "ModifyVerifiedAccessInstanceLoggingConfiguration",
    ] {
        assert!(is_refused(&world, action), "{action}");
    }
}

#[test]
fn changes_that_people_use_are_known() {
    let world = World::new(config());
    for action in [
        "ModifyVpcAttribute",
        "ModifySubnetAttribute",
        "ModifyInstanceAttribute",
        "ModifyInstanceMetadataOptions",
        "ModifyInstancePlacement",
        "ModifyImageAttribute",
        "ModifySnapshotAttribute",
        "ModifyVolume",
        "ModifyVolumeAttribute",
        "ModifyNetworkInterfaceAttribute",
        "ModifyLaunchTemplate",
        "ModifyVpcEndpoint",
        "ModifyVpcPeeringConnectionOptions",
        "ModifyTransitGateway",
        "ModifyFleet",
        "ModifyHosts",
        "ModifyVpnConnection",
        "ModifyInstanceConnectEndpoint",
        "ModifyTrafficMirrorFilterNetworkServices",
        "ModifyClientVpnEndpoint",
        "AssociateAddress",
        "DisassociateAddress",
        "AssociateRouteTable",
        "DisassociateRouteTable",
        "ReplaceRouteTableAssociation",
        "ReplaceRoute",
        "ReplaceNetworkAclEntry",
        "AssociateDhcpOptions",
        "AssociateVpcCidrBlock",
        "AssociateSubnetCidrBlock",
        "AssociateIamInstanceProfile",
        "AssociateTransitGatewayRouteTable",
        "AttachInternetGateway",
        "DetachInternetGateway",
        "AttachVolume",
        "DetachVolume",
        "AttachNetworkInterface",
        "DetachNetworkInterface",
        "AttachVpnGateway",
        "DetachVpnGateway",
        "AttachVerifiedAccessTrustProvider",
        "DetachVerifiedAccessTrustProvider",
        "AuthorizeSecurityGroupIngress",
        "RevokeSecurityGroupEgress",
        "AcceptVpcPeeringConnection",
        "RejectVpcPeeringConnection",
        "AcceptVpcEndpointConnections",
        "EnableEbsEncryptionByDefault",
        "DisableEbsEncryptionByDefault",
        "EnableVgwRoutePropagation",
        "EnableVolumeIO",
        "EnableImageDeprecation",
        "DisableImage",
        "EnableSerialConsoleAccess",
        "EnableSnapshotBlockPublicAccess",
        "MonitorInstances",
        "UnmonitorInstances",
        "RebootInstances",
        "StartInstances",
        "StopInstances",
        "SendDiagnosticInterrupt",
    ] {
        assert!(!is_refused(&world, action), "{action}");
    }
}

#[test]
fn a_join_is_shown_by_the_row_that_can_show_it() {
    let world = World::new(config());
    let mut maker = Maker::new(&world);
    let action = "AttachVerifiedAccessTrustProvider";
    let request = maker.request(action).unwrap();
    ask(&world, action, request.clone()).unwrap();
    let instances = ask(&world, "DescribeVerifiedAccessInstances", Structure::new()).unwrap();
    let shown = "VerifiedAccessInstances[].VerifiedAccessTrustProviders[]";
    let ids = |value| entries(value, &format!("{shown}.VerifiedAccessTrustProviderId")).len();
    assert_eq!(ids(&instances), 1);
    ask(&world, "DetachVerifiedAccessTrustProvider", request).unwrap();
    let instances = ask(&world, "DescribeVerifiedAccessInstances", Structure::new()).unwrap();
    assert_eq!(ids(&instances), 0);
}

#[test]
fn made_up_lists_are_empty_while_resources_exist() {
    let world = World::new(config());
    let mut maker = Maker::new(&world);
    for name in ["volume", "snapshot", "image", "elastic-ip"] {
        maker.id(Model::ec2().resource(name).unwrap()).unwrap();
    }
    for action in [
        "ListVolumesInRecycleBin",
        "ListSnapshotsInRecycleBin",
        "ListImagesInRecycleBin",
        "DescribeLockedSnapshots",
        "DescribeAddressTransfers",
        "DescribeFastLaunchImages",
        "DescribeFastSnapshotRestores",
    ] {
        let body = format!("Action={action}&Version=2016-11-15");
        let response = post(&world, operation(action), &body);
        assert_eq!(
            (response.status, response.is_made_up),
            (200, true),
            "{action}"
        );
        assert!(!response.body.contains("<item>"), "{}", response.body);
    }
    let wrong = "Action=DescribeLockedSnapshots&Version=2016-11-15&MaxResults=1";
    let response = post(&world, operation("DescribeLockedSnapshots"), wrong);
    assert_eq!(response.status, 400, "{}", response.body);
}
