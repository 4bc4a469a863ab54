//! The allocation rules of a policy and the targets that it is enabled for.

use crate::forms::{IPAM, send, summary};
use ec2wire::Fault;
use ec2wire::ipam::{
    CreateIpamPolicy, DeleteIpamPolicy, DescribeIpamPolicies, DisableIpamPolicy, EnableIpamPolicy,
    Filter, GetEnabledIpamPolicy, GetEnabledIpamPolicyResponse, GetIpamPolicyAllocationRules,
    GetIpamPolicyOrganizationTargets, IpamPolicyAllocationRule, IpamPolicyDocument,
    IpamPolicyManagedBy, IpamPolicyResourceType, IpamPolicyState, ModifyIpamPolicyAllocationRules,
};
use ec2wire_reference::{Config, World};

const UNKNOWN: &str = "ipam-policy-0123456789abcdef0";

fn world() -> World {
    World::new(Config {
        ipam_ids: vec![IPAM.into()],
        ..Config::default()
    })
}

fn create(world: &World) -> String {
    let created = send(world, &<CreateIpamPolicy>::new(IPAM)).unwrap();
    created.ipam_policy.unwrap().ipam_policy_id.unwrap()
}

fn state(world: &World, id: &str) -> IpamPolicyState {
    let request: DescribeIpamPolicies = DescribeIpamPolicies {
        ipam_policy_ids: vec![id.into()],
        ..Default::default()
    };
    let found = send(world, &request).unwrap().ipam_policies.unwrap();
    found.into_iter().next().unwrap().state.unwrap()
}

fn rules(
    id: &str,
    locale: &str,
    resource_type: IpamPolicyResourceType,
    pools: &[&str],
) -> ModifyIpamPolicyAllocationRules {
    let rules = pools
        .iter()
        .map(|pool| IpamPolicyAllocationRule::new(*pool));
    ModifyIpamPolicyAllocationRules {
        allocation_rules: rules.collect(),
        ..ModifyIpamPolicyAllocationRules::new(id, locale, resource_type)
    }
}

fn modify(world: &World, request: &ModifyIpamPolicyAllocationRules) -> IpamPolicyDocument {
    let answer = send(world, request).unwrap();
    answer.ipam_policy_document.unwrap()
}

fn documents(world: &World, request: &GetIpamPolicyAllocationRules) -> Vec<IpamPolicyDocument> {
    let answer = send(world, request).unwrap();
    assert_eq!(answer.next_token, None);
    answer.ipam_policy_documents.unwrap()
}

#[test]
fn rules_are_replaced_by_locale_and_resource_type() {
    use IpamPolicyResourceType::{Alb, Eip};

    let world = world();
    let (id, other) = (create(&world), create(&world));
    let all: GetIpamPolicyAllocationRules = GetIpamPolicyAllocationRules::new(id.as_str());
    assert_eq!(documents(&world, &all), []);

    let here = modify(
        &world,
        &rules(&id, "us-east-1", Eip, &["ipam-pool-00000001"]),
    );
    assert_eq!(here.ipam_policy_id.as_deref(), Some(id.as_str()));
    assert_eq!(state(&world, &id), IpamPolicyState::ModifyComplete);
    assert_eq!(state(&world, &other), IpamPolicyState::CreateComplete);
    let there = modify(
        &world,
        &rules(&id, "eu-west-1", Eip, &["ipam-pool-00000002"]),
    );
    let balancers = modify(
        &world,
        &rules(&id, "eu-west-1", Alb, &["ipam-pool-00000003"]),
    );
    assert_eq!(
        documents(&world, &all),
        [here, there.clone(), balancers.clone()]
    );

    // The rules of one document change, and it keeps its place.
    let pools = ["ipam-pool-00000009", "ipam-pool-00000001"];
    let here = modify(&world, &rules(&id, "us-east-1", Eip, &pools));
    assert_eq!(here.allocation_rules().len(), 2);
    assert_eq!(
        documents(&world, &all),
        [here.clone(), there.clone(), balancers.clone()]
    );

    let of = |locale: Option<&str>, resource_type| GetIpamPolicyAllocationRules {
        locale: locale.map(Into::into),
        resource_type,
        ..all.clone()
    };
    let eu = of(Some("eu-west-1"), None);
    assert_eq!(documents(&world, &eu), [there.clone(), balancers.clone()]);
    assert_eq!(
        documents(&world, &of(None, Some(Eip))),
        [here, there.clone()]
    );
    assert_eq!(
        documents(&world, &of(Some("eu-west-1"), Some(Eip))),
        [there]
    );

    // Without rules there is no document.
    let gone = modify(&world, &rules(&id, "us-east-1", Eip, &[]));
    assert_eq!(gone.allocation_rule_set, Some(vec![]));
    assert_eq!(documents(&world, &of(Some("us-east-1"), None)), []);
    assert_eq!(
        documents(&world, &GetIpamPolicyAllocationRules::new(other)),
        []
    );
    assert_eq!(documents(&world, &of(None, Some(Alb))), [balancers]);
}

#[test]
fn rules_are_filtered_by_their_members() {
    use IpamPolicyResourceType::{Eip, Rds};

    let world = world();
    let id = create(&world);
    let one = modify(
        &world,
        &rules(&id, "us-east-1", Eip, &["ipam-pool-00000001"]),
    );
    let two = modify(
        &world,
        &rules(&id, "eu-west-1", Rds, &["ipam-pool-00000002"]),
    );
    let by = |name: &str, value: &str| GetIpamPolicyAllocationRules {
        filters: vec![Filter {
            name: Some(name.into()),
            values: vec![value.into()],
        }],
        ..GetIpamPolicyAllocationRules::new(id.as_str())
    };
    assert_eq!(documents(&world, &by("locale", "us-east-1")), [one]);
    assert_eq!(
        documents(&world, &by("resource-type", "rds")),
        std::slice::from_ref(&two)
    );
    assert_eq!(
        documents(&world, &by("source-ipam-pool-id", "ipam-pool-00000002")),
        [two]
    );
    assert_eq!(documents(&world, &by("locale", "")), []);
    let refusal = summary(send(&world, &by("pool", "ipam-pool-00000002")));
    assert_eq!(refusal, (400, "InvalidParameterValue".to_owned()));
}

#[test]
fn rules_come_in_pages() {
    let world = world();
    let id = create(&world);
    for n in 0..7 {
        let locale = format!("locale-{n}");
        let pools = ["ipam-pool-00000001"];
        modify(
            &world,
            &rules(&id, &locale, IpamPolicyResourceType::Alb, &pools),
        );
    }
    let mut page: GetIpamPolicyAllocationRules = GetIpamPolicyAllocationRules {
        max_results: Some(5),
        ..GetIpamPolicyAllocationRules::new(id)
    };
    let first = send(&world, &page).unwrap();
    assert_eq!(first.ipam_policy_documents.unwrap().len(), 5);
    page.next_token = first.next_token;
    let last = send(&world, &page).unwrap();
    let locales = last
        .ipam_policy_documents
        .unwrap()
        .into_iter()
        .map(|d| d.locale.unwrap());
    assert!(locales.eq(["locale-5", "locale-6"]));
    assert_eq!(last.next_token, None);
}

fn enabled(world: &World) -> GetEnabledIpamPolicyResponse {
    send(world, &GetEnabledIpamPolicy::default()).unwrap()
}

fn managed(by: IpamPolicyManagedBy, id: &str) -> GetEnabledIpamPolicyResponse {
    GetEnabledIpamPolicyResponse {
        ipam_policy_enabled: Some(true),
        ipam_policy_id: Some(id.to_owned()),
        managed_by: Some(by),
    }
}

fn none_enabled() -> GetEnabledIpamPolicyResponse {
    GetEnabledIpamPolicyResponse {
        ipam_policy_enabled: Some(false),
        ..Default::default()
    }
}

#[test]
fn one_policy_is_enabled_at_a_time() {
    use IpamPolicyManagedBy::Account;

    let world = world();
    let (one, two) = (create(&world), create(&world));
    let disable = |id: &str| {
        let answer = send(&world, &<DisableIpamPolicy>::new(id)).unwrap();
        answer.returned.unwrap()
    };
    assert_eq!(enabled(&world), none_enabled());
    assert!(!disable(&one));

    let answer = send(&world, &<EnableIpamPolicy>::new(one.as_str())).unwrap();
    assert_eq!(answer.ipam_policy_id.as_ref(), Some(&one));
    assert_eq!(enabled(&world), managed(Account, &one));
    send(&world, &<EnableIpamPolicy>::new(two.as_str())).unwrap();
    assert_eq!(enabled(&world), managed(Account, &two));

    // The other policy is not enabled.
    assert!(!disable(&one));
    assert_eq!(enabled(&world), managed(Account, &two));
    assert!(disable(&two));
    assert_eq!(enabled(&world), none_enabled());

    send(&world, &<EnableIpamPolicy>::new(one.as_str())).unwrap();
    send(&world, &<DeleteIpamPolicy>::new(one)).unwrap();
    assert_eq!(enabled(&world), none_enabled());
}

#[test]
fn a_policy_has_targets_in_the_organization() {
    let world = world();
    let (one, two) = (create(&world), create(&world));
    let enable = |id: &str, target: &str| {
        let request: EnableIpamPolicy = EnableIpamPolicy {
            organization_target_id: Some(target.into()),
            ..EnableIpamPolicy::new(id)
        };
        send(&world, &request).unwrap();
    };
    let targets = |request: &GetIpamPolicyOrganizationTargets| {
        let answer = send(&world, request).unwrap();
        let targets = answer.organization_targets.unwrap().into_iter();
        let ids: Vec<String> = targets.map(|t| t.organization_target_id.unwrap()).collect();
        (ids, answer.next_token)
    };
    for n in 0..7 {
        enable(&one, &format!("ou-{n}"));
    }
    assert_eq!(enabled(&world), none_enabled());
    let mut page: GetIpamPolicyOrganizationTargets = GetIpamPolicyOrganizationTargets {
        max_results: Some(5),
        ..GetIpamPolicyOrganizationTargets::new(one.as_str())
    };
    let (first, token) = targets(&page);
    assert_eq!(first, ["ou-0", "ou-1", "ou-2", "ou-3", "ou-4"]);
    page.next_token = token;
    assert_eq!(
        targets(&page),
        (vec!["ou-5".to_owned(), "ou-6".to_owned()], None)
    );

    // Another policy takes a target over.
    enable(&two, "ou-3");
    let of_two = GetIpamPolicyOrganizationTargets::new(two.as_str());
    assert_eq!(targets(&of_two), (vec!["ou-3".to_owned()], None));
    let filtered: GetIpamPolicyOrganizationTargets = GetIpamPolicyOrganizationTargets {
        filters: vec![Filter {
            name: Some("organization-target-id".into()),
            values: vec!["ou-3".into(), "ou-4".into()],
        }],
        ..GetIpamPolicyOrganizationTargets::new(one.as_str())
    };
    assert_eq!(targets(&filtered), (vec!["ou-4".to_owned()], None));

    // The account is a target like any other.
    send(&world, &<EnableIpamPolicy>::new(one.as_str())).unwrap();
    enable(&two, "123456789012");
    let by = IpamPolicyManagedBy::DelegatedAdministratorForIpam;
    assert_eq!(enabled(&world), managed(by, &two));
    let disable: DisableIpamPolicy = DisableIpamPolicy {
        organization_target_id: Some("123456789012".into()),
        ..DisableIpamPolicy::new(two.as_str())
    };
    assert_eq!(send(&world, &disable).unwrap().returned, Some(true));
    assert_eq!(enabled(&world), managed(IpamPolicyManagedBy::Account, &one));
}

/// A request and the code of its refusal.
type Refused<'a> = (&'a dyn Fn() -> Result<(), Fault>, &'a str);

fn all_refused(refused: &[Refused<'_>]) {
    for (number, (request, code)) in refused.iter().enumerate() {
        let fault = request().unwrap_err();
        assert_eq!(fault.code(), Some(*code), "request {number}: {fault}");
    }
}

#[test]
fn rules_that_cannot_be_are_refused() {
    let world = world();
    let id = create(&world);
    let eip = IpamPolicyResourceType::Eip;
    let modify = |change: &dyn Fn(&mut ModifyIpamPolicyAllocationRules)| {
        let mut request = rules(&id, "us-east-1", eip.clone(), &["ipam-pool-00000001"]);
        change(&mut request);
        send(&world, &request).map(drop)
    };
    let get = |change: &dyn Fn(&mut GetIpamPolicyAllocationRules)| {
        let mut request = GetIpamPolicyAllocationRules::new(id.as_str());
        change(&mut request);
        send(&world, &request).map(drop)
    };
    let refused: &[Refused<'_>] = &[
        (&|| modify(&|r| r.ipam_policy_id = None), "MissingParameter"),
        (&|| modify(&|r| r.locale = None), "MissingParameter"),
        (
            &|| modify(&|r| r.locale = Some(String::new())),
            "MissingParameter",
        ),
        (&|| modify(&|r| r.resource_type = None), "MissingParameter"),
        (
            &|| modify(&|r| r.resource_type = Some("vpn".into())),
            "InvalidParameterValue",
        ),
        (
            &|| modify(&|r| r.allocation_rules = vec![IpamPolicyAllocationRule::new("pool")]),
            "InvalidIpamPoolId.Malformed",
        ),
        (
            &|| modify(&|r| r.ipam_policy_id = Some("x".into())),
            "InvalidIpamPolicyId.Malformed",
        ),
        (
            &|| modify(&|r| r.ipam_policy_id = Some(UNKNOWN.into())),
            "InvalidIpamPolicyId.NotFound",
        ),
        (&|| modify(&|r| r.dry_run = Some(true)), "DryRunOperation"),
        (&|| get(&|r| r.ipam_policy_id = None), "MissingParameter"),
        (
            &|| get(&|r| r.max_results = Some(4)),
            "InvalidParameterValue",
        ),
        (
            &|| get(&|r| r.next_token = Some("x".into())),
            "InvalidParameterValue",
        ),
        (
            &|| get(&|r| r.resource_type = Some("vpn".into())),
            "InvalidParameterValue",
        ),
        (&|| get(&|r| r.dry_run = Some(true)), "DryRunOperation"),
    ];
    all_refused(refused);
    // None of them left a trace.
    assert_eq!(
        documents(&world, &GetIpamPolicyAllocationRules::new(id.as_str())),
        []
    );
    assert_eq!(state(&world, &id), IpamPolicyState::CreateComplete);
}

#[test]
fn what_cannot_be_enabled_is_refused() {
    let world = world();
    let id = create(&world);
    all_refused(&[
        (
            &|| send(&world, &<EnableIpamPolicy>::new(UNKNOWN)).map(drop),
            "InvalidIpamPolicyId.NotFound",
        ),
        (
            &|| send(&world, &<EnableIpamPolicy>::default()).map(drop),
            "MissingParameter",
        ),
        (
            &|| {
                let request: EnableIpamPolicy = EnableIpamPolicy {
                    organization_target_id: Some(String::new()),
                    ..EnableIpamPolicy::new(id.as_str())
                };
                send(&world, &request).map(drop)
            },
            "InvalidParameterValue",
        ),
        (
            &|| send(&world, &<DisableIpamPolicy>::new("ipam-1")).map(drop),
            "InvalidIpamPolicyId.Malformed",
        ),
        (
            &|| send(&world, &<GetIpamPolicyOrganizationTargets>::new(UNKNOWN)).map(drop),
            "InvalidIpamPolicyId.NotFound",
        ),
        (
            &|| {
                send(
                    &world,
                    &GetEnabledIpamPolicy {
                        dry_run: Some(true),
                    },
                )
                .map(drop)
            },
            "DryRunOperation",
        ),
    ]);
    assert_eq!(enabled(&world), none_enabled());
}
