//! Scopes, pools, CIDRs, allocations and resource discoveries of an IPAM.

use crate::asking::{ask, at, entries};
use crate::forms::{IPAM, world};
use ec2wire_model::{Structure, Value};
use ec2wire_reference::World;
use ipnet::Ipv4Net;

/// Asks with members that are texts, numbers and booleans.
fn call<const N: usize>(
    world: &World,
    action: &str,
    members: [(&'static str, Value<'static>); N],
) -> Result<Value<'static>, String> {
    ask(world, action, Structure::from(members))
}

fn text(value: &Value<'static>, path: &str) -> String {
    at(value, path)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn list(id: &str) -> Value<'static> {
    Value::List(vec![id.to_owned().into()])
}

fn code(result: Result<Value<'static>, String>) -> String {
    let error = result.unwrap_err();
    error.split(':').next().unwrap().to_owned()
}

fn ipam(world: &World) -> Value<'static> {
    let answer = call(world, "CreateIpam", []).unwrap();
    at(&answer, "Ipam").unwrap().clone()
}

fn pool<const N: usize>(
    world: &World,
    scope: &str,
    members: [(&'static str, Value<'static>); N],
) -> Result<String, String> {
    let mut request = Structure::from(members);
    request.insert("IpamScopeId", scope.to_owned());
    if request.get("AddressFamily").is_none() {
        request.insert("AddressFamily", "ipv4");
    }
    let answer = ask(world, "CreateIpamPool", request)?;
    Ok(text(&answer, "IpamPool.IpamPoolId"))
}

fn provision(world: &World, pool: &str, cidr: &str) -> Result<Value<'static>, String> {
    call(
        world,
        "ProvisionIpamPoolCidr",
        [
            ("IpamPoolId", pool.to_owned().into()),
            ("Cidr", cidr.to_owned().into()),
        ],
    )
}

fn allocate<const N: usize>(
    world: &World,
    pool: &str,
    members: [(&'static str, Value<'static>); N],
) -> Result<Value<'static>, String> {
    let mut request = Structure::from(members);
    request.insert("IpamPoolId", pool.to_owned());
    let answer = ask(world, "AllocateIpamPoolCidr", request)?;
    Ok(at(&answer, "IpamPoolAllocation").unwrap().clone())
}

fn release(
    world: &World,
    pool: &str,
    allocation: &Value<'static>,
) -> Result<Value<'static>, String> {
    call(
        world,
        "ReleaseIpamPoolAllocation",
        [
            ("IpamPoolId", pool.to_owned().into()),
            ("Cidr", text(allocation, "Cidr").into()),
            (
                "IpamPoolAllocationId",
                text(allocation, "IpamPoolAllocationId").into(),
            ),
        ],
    )
}

fn allocations(world: &World, pool: &str) -> Vec<String> {
    let answer = call(
        world,
        "GetIpamPoolAllocations",
        [("IpamPoolId", pool.to_owned().into())],
    );
    let answer = answer.unwrap();
    let found = entries(&answer, "IpamPoolAllocations[].Cidr").into_iter();
    found
        .map(|cidr| cidr.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn an_ipam_comes_with_scopes_and_a_resource_discovery() {
    let world = world();
    let ipam = ipam(&world);
    for (side, member) in [
        ("public", "PublicDefaultScopeId"),
        ("private", "PrivateDefaultScopeId"),
    ] {
        let id = text(&ipam, member);
        let answer = call(&world, "DescribeIpamScopes", [("IpamScopeIds", list(&id))]).unwrap();
        assert_eq!(text(&answer, "IpamScopes[].IpamScopeType"), side);
        assert_eq!(
            text(&answer, "IpamScopes[].IpamArn"),
            text(&ipam, "IpamArn")
        );
        let refused = call(&world, "DeleteIpamScope", [("IpamScopeId", id.into())]);
        assert_eq!(code(refused), "OperationNotPermitted");
    }
    assert_eq!(at(&ipam, "ScopeCount"), Some(&Value::Integer(2)));
    assert_eq!(
        at(&ipam, "ResourceDiscoveryAssociationCount"),
        Some(&Value::Integer(1))
    );
    let association = text(&ipam, "DefaultResourceDiscoveryAssociationId");
    let refused = call(
        &world,
        "DisassociateIpamResourceDiscovery",
        [("IpamResourceDiscoveryAssociationId", association.into())],
    );
    assert_eq!(code(refused), "OperationNotPermitted");
    let discovery = text(&ipam, "DefaultResourceDiscoveryId");
    let refused = call(
        &world,
        "DeleteIpamResourceDiscovery",
        [("IpamResourceDiscoveryId", discovery.into())],
    );
    assert_eq!(code(refused), "OperationNotPermitted");
}

#[test]
fn configured_ipams_are_listed_and_changed_like_others() {
    let world = world();
    let answer = call(&world, "DescribeIpams", [("IpamIds", list(IPAM))]).unwrap();
    assert_eq!(text(&answer, "Ipams[].State"), "create-complete");
    let change = [("IpamId", Value::from(IPAM)), ("Description", "d".into())];
    call(&world, "ModifyIpam", change).unwrap();
    let answer = call(&world, "DescribeIpams", [("IpamIds", list(IPAM))]).unwrap();
    assert_eq!(text(&answer, "Ipams[].Description"), "d");
    assert_eq!(text(&answer, "Ipams[].State"), "modify-complete");
    call(&world, "DeleteIpam", [("IpamId", IPAM.into())]).unwrap();
    let change = [("IpamId", Value::from(IPAM)), ("Description", "e".into())];
    assert_eq!(
        code(call(&world, "ModifyIpam", change)),
        "InvalidIpamId.NotFound"
    );
}

#[test]
fn a_change_must_change_something() {
    let world = world();
    let ipam = ipam(&world);
    let scope = text(&ipam, "PrivateDefaultScopeId");
    let pool = pool(&world, &scope, []).unwrap();
    let discovery = text(&ipam, "DefaultResourceDiscoveryId");
    for (action, member, id) in [
        ("ModifyIpam", "IpamId", text(&ipam, "IpamId")),
        ("ModifyIpamScope", "IpamScopeId", scope),
        ("ModifyIpamPool", "IpamPoolId", pool),
        (
            "ModifyIpamResourceDiscovery",
            "IpamResourceDiscoveryId",
            discovery,
        ),
    ] {
        let refused = call(&world, action, [(member, id.clone().into())]);
        assert_eq!(code(refused), "InvalidParameterCombination", "{action}");
        let changed = call(
            &world,
            action,
            [(member, id.into()), ("Description", "d".into())],
        );
        assert!(changed.is_ok(), "{changed:?}");
    }
}

#[test]
fn pools_obey_their_scope_and_their_source() {
    let world = world();
    let ipam = ipam(&world);
    let scope = text(&ipam, "PrivateDefaultScopeId");
    let public = text(&ipam, "PublicDefaultScopeId");
    let top = pool(&world, &scope, []).unwrap();
    let refused = |scope: &str, members: [(&'static str, Value<'static>); 2]| {
        code(pool(&world, scope, members).map(Value::from))
    };
    let source = || ("SourceIpamPoolId", Value::from(top.clone()));
    let bad = "InvalidParameterValue";
    assert_eq!(
        refused(&scope, [source(), ("AddressFamily", "ipv6".into())]),
        bad
    );
    assert_eq!(
        refused(&public, [source(), ("AutoImport", false.into())]),
        bad
    );
    assert_eq!(
        refused(&scope, [source(), ("Locale", "eu-west-3".into())]),
        bad
    );
    for (least, most) in [(24, 16), (0, 33), (-1, 4)] {
        let lengths = [
            ("AllocationMinNetmaskLength", least.into()),
            ("AllocationMaxNetmaskLength", most.into()),
        ];
        assert_eq!(refused(&scope, lengths), bad);
    }
    let advertised = [
        ("PubliclyAdvertisable", true.into()),
        ("AutoImport", false.into()),
    ];
    assert_eq!(refused(&scope, advertised), "InvalidParameterCombination");
    // The quota: ten pools below each other.
    let mut last = top.clone();
    for _ in 1..10 {
        last = pool(&world, &scope, [("SourceIpamPoolId", last.into())]).unwrap();
    }
    let deeper = pool(&world, &scope, [("SourceIpamPoolId", last.into())]).map(Value::from);
    assert_eq!(code(deeper), "ResourceLimitExceeded");
    let deleted = call(
        &world,
        "DeleteIpamPool",
        [("IpamPoolId", top.clone().into())],
    );
    assert_eq!(code(deleted), "DependencyViolation");
    let all = [("IpamPoolId", Value::from(top)), ("Cascade", true.into())];
    call(&world, "DeleteIpamPool", all).unwrap();
    let answer = call(
        &world,
        "DescribeIpamScopes",
        [("IpamScopeIds", list(&scope))],
    )
    .unwrap();
    assert_eq!(
        at(&answer, "IpamScopes[].PoolCount"),
        Some(&Value::Integer(0))
    );
}

#[test]
fn cidrs_are_provisioned_where_they_are_free() {
    let world = world();
    let scope = text(&ipam(&world), "PrivateDefaultScopeId");
    let top = pool(&world, &scope, []).unwrap();
    let answer = provision(&world, &top, "10.0.0.0/8").unwrap();
    assert_eq!(text(&answer, "IpamPoolCidr.State"), "pending-provision");
    let other = pool(&world, &scope, []).unwrap();
    let below = pool(&world, &scope, [("SourceIpamPoolId", top.clone().into())]).unwrap();
    for (pool, cidr) in [
        (&other, "10.1.0.0/16"),
        (&top, "10.1.0.0/16"),
        (&other, "11.0.0.1/16"),
        (&other, "2001:db8::/32"),
        (&other, "x"),
        (&below, "11.0.0.0/16"),
    ] {
        assert_eq!(
            code(provision(&world, pool, cidr)),
            "InvalidParameterValue",
            "{cidr}"
        );
    }
    provision(&world, &below, "10.1.0.0/16").unwrap();
    assert_eq!(
        code(provision(&world, &below, "10.1.0.0/24")),
        "InvalidParameterValue"
    );
    assert_eq!(allocations(&world, &top), ["10.1.0.0/16"]);
    let by_length = [
        ("IpamPoolId", Value::from(below.clone())),
        ("NetmaskLength", 16.into()),
    ];
    let answer = call(&world, "ProvisionIpamPoolCidr", by_length).unwrap();
    assert_eq!(text(&answer, "IpamPoolCidr.Cidr"), "10.0.0.0/16");
    let none = call(
        &world,
        "ProvisionIpamPoolCidr",
        [("IpamPoolId", below.clone().into())],
    );
    assert_eq!(code(none), "MissingParameter");
    let both = [
        ("IpamPoolId", Value::from(below.clone())),
        ("Cidr", "10.2.0.0/16".into()),
        ("NetmaskLength", 16.into()),
    ];
    assert_eq!(
        code(call(&world, "ProvisionIpamPoolCidr", both)),
        "InvalidParameterCombination"
    );

    let filter = Structure::from([("Name", Value::from("cidr")), ("Values", list("10.1.*"))]);
    let members = [
        ("IpamPoolId", Value::from(below.clone())),
        ("Filters", Value::List(vec![filter.into()])),
    ];
    let answer = call(&world, "GetIpamPoolCidrs", members).unwrap();
    assert_eq!(entries(&answer, "IpamPoolCidrs[]").len(), 1);
    assert_eq!(text(&answer, "IpamPoolCidrs[].State"), "provisioned");

    let deprovision = |pool: &str, cidr: &str| {
        let members = [
            ("IpamPoolId", pool.to_owned().into()),
            ("Cidr", cidr.to_owned().into()),
        ];
        call(&world, "DeprovisionIpamPoolCidr", members)
    };
    assert_eq!(code(deprovision(&top, "10.0.0.0/8")), "DependencyViolation");
    assert_eq!(
        code(deprovision(&below, "10.9.0.0/16")),
        "InvalidParameterValue"
    );
    for cidr in ["10.0.0.0/16", "10.1.0.0/16"] {
        let answer = deprovision(&below, cidr).unwrap();
        assert_eq!(text(&answer, "IpamPoolCidr.State"), "pending-deprovision");
    }
    assert_eq!(allocations(&world, &top), [""; 0]);
    deprovision(&top, "10.0.0.0/8").unwrap();
}

#[test]
fn a_token_provisions_one_cidr() {
    let world = world();
    let scope = text(&ipam(&world), "PrivateDefaultScopeId");
    let top = pool(&world, &scope, []).unwrap();
    let ask = |cidr: &'static str| {
        let members = [
            ("IpamPoolId", Value::from(top.clone())),
            ("Cidr", cidr.into()),
            ("ClientToken", "t".into()),
        ];
        call(&world, "ProvisionIpamPoolCidr", members)
    };
    let first = text(&ask("10.0.0.0/16").unwrap(), "IpamPoolCidr.IpamPoolCidrId");
    assert_eq!(
        text(&ask("10.0.0.0/16").unwrap(), "IpamPoolCidr.IpamPoolCidrId"),
        first
    );
    assert_eq!(code(ask("10.1.0.0/16")), "IdempotentParameterMismatch");
}

#[test]
fn allocations_obey_the_rules_of_their_pool() {
    let world = world();
    let scope = text(&ipam(&world), "PrivateDefaultScopeId");
    let rules = [
        ("AllocationMinNetmaskLength", Value::from(20)),
        ("AllocationMaxNetmaskLength", 28.into()),
    ];
    let pool = pool(&world, &scope, rules).unwrap();
    let code_of =
        |members: [(&'static str, Value<'static>); 1]| code(allocate(&world, &pool, members));
    assert_eq!(
        code_of([("NetmaskLength", 24.into())]),
        "InsufficientCidrBlocks"
    );
    provision(&world, &pool, "10.0.0.0/16").unwrap();
    assert_eq!(code(allocate(&world, &pool, [])), "MissingParameter");
    for length in [-1, 19, 29, 300] {
        assert_eq!(
            code_of([("NetmaskLength", length.into())]),
            "InvalidParameterValue"
        );
    }
    for cidr in ["10.1.0.0/24", "10.0.0.1/24", "10.0.0.0/30"] {
        assert_eq!(
            code_of([("Cidr", cidr.into())]),
            "InvalidParameterValue",
            "{cidr}"
        );
    }
    let both = [
        ("Cidr", Value::from("10.0.0.0/24")),
        ("NetmaskLength", 24.into()),
    ];
    assert_eq!(
        code(allocate(&world, &pool, both)),
        "InvalidParameterCombination"
    );

    let preview = [
        ("NetmaskLength", Value::from(24)),
        ("PreviewNextCidr", true.into()),
    ];
    assert_eq!(
        text(&allocate(&world, &pool, preview).unwrap(), "Cidr"),
        "10.0.0.0/24"
    );
    assert_eq!(allocations(&world, &pool).len(), 0);
    let first = allocate(&world, &pool, [("NetmaskLength", 24.into())]).unwrap();
    assert_eq!(text(&first, "Cidr"), "10.0.0.0/24");
    assert_eq!(text(&first, "ResourceType"), "custom");
    assert_eq!(
        code_of([("Cidr", "10.0.0.128/25".into())]),
        "InvalidParameterValue"
    );
    let within = [
        ("NetmaskLength", Value::from(24)),
        ("AllowedCidrs", list("10.0.8.0/22")),
    ];
    assert_eq!(
        text(&allocate(&world, &pool, within).unwrap(), "Cidr"),
        "10.0.8.0/24"
    );
    let without = [
        ("NetmaskLength", Value::from(24)),
        ("DisallowedCidrs", list("10.0.0.0/22")),
    ];
    assert_eq!(
        text(&allocate(&world, &pool, without).unwrap(), "Cidr"),
        "10.0.4.0/24"
    );

    let deleted = call(
        &world,
        "DeleteIpamPool",
        [("IpamPoolId", pool.clone().into())],
    );
    assert_eq!(code(deleted), "DependencyViolation");
    let mut other = first.clone();
    if let Value::Structure(other) = &mut other {
        other.insert("Cidr", "10.0.8.0/24");
    }
    assert_eq!(
        code(release(&world, &pool, &other)),
        "InvalidParameterValue"
    );
    let released = release(&world, &pool, &first).unwrap();
    assert_eq!(at(&released, "Success"), Some(&true.into()));
    assert_eq!(
        code(release(&world, &pool, &first)),
        "InvalidIpamPoolAllocationId.NotFound"
    );
}

#[test]
fn no_two_allocations_overlap() {
    let world = world();
    let scope = text(&ipam(&world), "PrivateDefaultScopeId");
    let pool = pool(&world, &scope, []).unwrap();
    let cidrs: Vec<Ipv4Net> = ["10.0.0.0/20", "192.168.4.0/22"]
        .into_iter()
        .map(|cidr| {
            provision(&world, &pool, cidr).unwrap();
            cidr.parse().unwrap()
        })
        .collect();
    let mut random = 7_u64;
    let mut next = |bound: u64| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (random >> 33) % bound
    };
    let mut kept: Vec<(Ipv4Net, Value<'static>)> = Vec::new();
    for _ in 0..400 {
        if next(3) == 0 && !kept.is_empty() {
            let at = usize::try_from(next(kept.len() as u64)).unwrap();
            let (_, allocation) = kept.swap_remove(at);
            release(&world, &pool, &allocation).unwrap();
            continue;
        }
        let length = i64::try_from(20 + next(13)).unwrap();
        match allocate(&world, &pool, [("NetmaskLength", length.into())]) {
            Ok(allocation) => {
                let block: Ipv4Net = text(&allocation, "Cidr").parse().unwrap();
                assert!(cidrs.iter().any(|cidr| cidr.contains(&block)), "{block}");
                for (other, _) in &kept {
                    assert!(
                        !other.contains(&block) && !block.contains(other),
                        "{other} {block}"
                    );
                }
                kept.push((block, allocation));
            }
            Err(error) => assert!(error.starts_with("InsufficientCidrBlocks"), "{error}"),
        }
    }
    assert_eq!(allocations(&world, &pool).len(), kept.len());
}

#[test]
fn a_vpc_has_its_block_from_a_pool() {
    let world = world();
    let scope = text(&ipam(&world), "PrivateDefaultScopeId");
    let pool = pool(&world, &scope, []).unwrap();
    provision(&world, &pool, "10.0.0.0/16").unwrap();
    let create = |members: [(&'static str, Value<'static>); 1]| {
        let mut request = Structure::from(members);
        request.insert("Ipv4IpamPoolId", pool.clone());
        ask(&world, "CreateVpc", request)
    };
    let vpc = create([("Ipv4NetmaskLength", 20.into())]).unwrap();
    assert_eq!(text(&vpc, "Vpc.CidrBlock"), "10.0.0.0/20");
    let refused = create([("CidrBlock", "10.0.0.0/24".into())]);
    assert_eq!(code(refused), "InvalidParameterValue");
    create([("CidrBlock", "10.0.16.0/20".into())]).unwrap();
    assert_eq!(allocations(&world, &pool), ["10.0.0.0/20", "10.0.16.0/20"]);
    let answer = call(
        &world,
        "GetIpamPoolAllocations",
        [("IpamPoolId", pool.clone().into())],
    );
    let answer = answer.unwrap();
    let of_vpc = at(&answer, "IpamPoolAllocations[]").unwrap();
    assert_eq!(text(of_vpc, "ResourceId"), text(&vpc, "Vpc.VpcId"));
    assert_eq!(
        code(release(&world, &pool, of_vpc)),
        "OperationNotPermitted"
    );
    call(
        &world,
        "DeleteVpc",
        [("VpcId", text(&vpc, "Vpc.VpcId").into())],
    )
    .unwrap();
    assert_eq!(allocations(&world, &pool), ["10.0.16.0/20"]);
}

#[test]
fn an_ipam_is_deleted_with_all_that_is_in_it_or_not_at_all() {
    let world = world();
    let ipam = ipam(&world);
    let id = text(&ipam, "IpamId");
    let delete = |cascade: bool| {
        let members = [("IpamId", id.clone().into()), ("Cascade", cascade.into())];
        call(&world, "DeleteIpam", members)
    };
    let public = pool(&world, &text(&ipam, "PublicDefaultScopeId"), []).unwrap();
    assert_eq!(code(delete(true)), "DependencyViolation");
    call(&world, "DeleteIpamPool", [("IpamPoolId", public.into())]).unwrap();
    for _ in 2..5 {
        call(&world, "CreateIpamScope", [("IpamId", id.clone().into())]).unwrap();
    }
    let more = call(&world, "CreateIpamScope", [("IpamId", id.clone().into())]);
    assert_eq!(code(more), "ResourceLimitExceeded");
    let private = pool(&world, &text(&ipam, "PrivateDefaultScopeId"), []).unwrap();
    provision(&world, &private, "10.0.0.0/8").unwrap();
    let allocation = allocate(&world, &private, [("NetmaskLength", 24.into())]).unwrap();
    let answer = call(&world, "DescribeIpams", [("IpamIds", list(&id))]).unwrap();
    assert_eq!(at(&answer, "Ipams[].ScopeCount"), Some(&Value::Integer(5)));
    assert_eq!(code(delete(false)), "DependencyViolation");
    assert_eq!(
        text(&delete(true).unwrap(), "Ipam.State"),
        "delete-in-progress"
    );
    let answer = call(&world, "DescribeIpamScopes", []).unwrap();
    for scope in entries(&answer, "IpamScopes[]") {
        let is_own = text(scope, "IpamArn") == text(&ipam, "IpamArn");
        assert_eq!(
            is_own,
            text(scope, "State") == "delete-complete",
            "{scope:?}"
        );
    }
    assert_eq!(
        code(release(&world, &private, &allocation)),
        "InvalidIpamPoolId.NotFound"
    );
}

#[test]
fn a_resource_discovery_is_associated_once() {
    let world = world();
    let id = text(&ipam(&world), "IpamId");
    let made = call(&world, "CreateIpamResourceDiscovery", []).unwrap();
    assert_eq!(
        text(&made, "IpamResourceDiscovery.OperatingRegions[].RegionName"),
        "us-east-1"
    );
    let second = call(&world, "CreateIpamResourceDiscovery", []);
    assert_eq!(code(second), "ResourceLimitExceeded");
    let discovery = text(&made, "IpamResourceDiscovery.IpamResourceDiscoveryId");
    let associate = || {
        let members = [
            ("IpamId", Value::from(id.clone())),
            ("IpamResourceDiscoveryId", discovery.clone().into()),
        ];
        call(&world, "AssociateIpamResourceDiscovery", members)
    };
    let made = associate().unwrap();
    assert_eq!(
        text(&made, "IpamResourceDiscoveryAssociation.State"),
        "associate-in-progress"
    );
    assert_eq!(code(associate()), "InvalidParameterValue");
    let answer = call(&world, "DescribeIpams", [("IpamIds", list(&id))]).unwrap();
    let count = at(&answer, "Ipams[].ResourceDiscoveryAssociationCount");
    assert_eq!(count, Some(&Value::Integer(2)));
    let member = "IpamResourceDiscoveryAssociationId";
    let association = text(&made, &format!("IpamResourceDiscoveryAssociation.{member}"));
    let deleted = [("IpamResourceDiscoveryId", Value::from(discovery.clone()))];
    call(&world, "DeleteIpamResourceDiscovery", deleted).unwrap();
    let list_it = [("IpamResourceDiscoveryAssociationIds", list(&association))];
    let answer = call(&world, "DescribeIpamResourceDiscoveryAssociations", list_it).unwrap();
    let status = "IpamResourceDiscoveryAssociations[].ResourceDiscoveryStatus";
    assert_eq!(text(&answer, status), "not-found");
    call(
        &world,
        "DisassociateIpamResourceDiscovery",
        [(member, association.into())],
    )
    .unwrap();
}

#[test]
fn lists_are_filtered_by_what_they_belong_to() {
    let world = world();
    let ipam = ipam(&world);
    let scope = text(&ipam, "PrivateDefaultScopeId");
    let pool = pool(&world, &scope, [("Description", "d".into())]).unwrap();
    let found = |action: &str, path: &str, name: &'static str, value: &str| {
        let filter = Structure::from([("Name", Value::from(name)), ("Values", list(value))]);
        let answer = call(
            &world,
            action,
            [("Filters", Value::List(vec![filter.into()]))],
        )?;
        Ok::<_, String>(entries(&answer, path).len())
    };
    let scopes = |name, value: &str| found("DescribeIpamScopes", "IpamScopes[]", name, value);
    let pools = |name, value: &str| found("DescribeIpamPools", "IpamPools[]", name, value);
    assert_eq!(scopes("ipam-id", &text(&ipam, "IpamId")), Ok(2));
    assert_eq!(scopes("is-default", "false"), Ok(0));
    assert_eq!(pools("ipam-scope-id", &scope), Ok(1));
    assert_eq!(pools("ipam-pool-id", &pool), Ok(1));
    assert_eq!(pools("description", "d*"), Ok(1));
    assert_eq!(pools("address-family", "ipv6"), Ok(0));
    assert!(pools("colour", "red").is_err());
}
