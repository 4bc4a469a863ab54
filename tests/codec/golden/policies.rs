//! The actions on an existing policy.

use super::{POLICY_ID, request, response};
use ec2wire::ipam::{
    DisableIpamPolicy, DisableIpamPolicyResponse, EnableIpamPolicy, EnableIpamPolicyResponse,
    Filter, GetEnabledIpamPolicy, GetEnabledIpamPolicyResponse, GetIpamPolicyAllocationRules,
    GetIpamPolicyAllocationRulesResponse, GetIpamPolicyOrganizationTargets,
    GetIpamPolicyOrganizationTargetsResponse, IpamPolicyAllocationRule, IpamPolicyDocument,
    IpamPolicyManagedBy, IpamPolicyOrganizationTarget, IpamPolicyResourceType,
    ModifyIpamPolicyAllocationRules, ModifyIpamPolicyAllocationRulesResponse,
};

fn rules() -> Vec<IpamPolicyAllocationRule> {
    ["ipam-pool-0123456789abcdef0", "ipam-pool-0123456789abcdef1"]
        .map(IpamPolicyAllocationRule::new)
        .into()
}

fn whole_document() -> IpamPolicyDocument {
    IpamPolicyDocument {
        ipam_policy_id: Some(POLICY_ID.into()),
        locale: Some("eu-central-1".into()),
        resource_type: Some(IpamPolicyResourceType::Eip),
        allocation_rule_set: Some(rules()),
    }
}

#[test]
fn modify_ipam_policy_allocation_rules() {
    request::<ModifyIpamPolicyAllocationRules>(
        "modify-ipam-policy-allocation-rules-request",
        &ModifyIpamPolicyAllocationRules {
            dry_run: Some(false),
            allocation_rules: rules(),
            ..ModifyIpamPolicyAllocationRules::new(
                POLICY_ID,
                "eu-central-1",
                IpamPolicyResourceType::Eip,
            )
        },
    );
    response::<ModifyIpamPolicyAllocationRules>(
        "modify-ipam-policy-allocation-rules-response",
        &ModifyIpamPolicyAllocationRulesResponse {
            ipam_policy_document: Some(whole_document()),
        },
    );
}

#[test]
fn get_ipam_policy_allocation_rules() {
    request::<GetIpamPolicyAllocationRules>(
        "get-ipam-policy-allocation-rules-request",
        &GetIpamPolicyAllocationRules {
            dry_run: Some(false),
            filters: vec![Filter {
                name: Some("source-ipam-pool-id".into()),
                values: vec!["ipam-pool-0123456789abcdef0".into()],
            }],
            locale: Some("eu-central-1".into()),
            resource_type: Some("a new one".into()),
            max_results: Some(5),
            next_token: Some("AAAA==".into()),
            ..GetIpamPolicyAllocationRules::new(POLICY_ID)
        },
    );
    response::<GetIpamPolicyAllocationRules>(
        "get-ipam-policy-allocation-rules-response",
        &GetIpamPolicyAllocationRulesResponse {
            ipam_policy_documents: Some(vec![whole_document(), IpamPolicyDocument::default()]),
            next_token: Some("AAAA==".into()),
        },
    );
}

#[test]
fn enable_ipam_policy() {
    request::<EnableIpamPolicy>(
        "enable-ipam-policy-request",
        &EnableIpamPolicy {
            dry_run: Some(true),
            organization_target_id: Some("ou-ab12-cdef3456".into()),
            ..EnableIpamPolicy::new(POLICY_ID)
        },
    );
    response::<EnableIpamPolicy>(
        "enable-ipam-policy-response",
        &EnableIpamPolicyResponse {
            ipam_policy_id: Some(POLICY_ID.into()),
        },
    );
}

#[test]
fn disable_ipam_policy() {
    request::<DisableIpamPolicy>(
        "disable-ipam-policy-request",
        &DisableIpamPolicy::new(POLICY_ID),
    );
    response::<DisableIpamPolicy>(
        "disable-ipam-policy-response",
        &DisableIpamPolicyResponse {
            returned: Some(true),
        },
    );
}

#[test]
fn get_enabled_ipam_policy() {
    request(
        "get-enabled-ipam-policy-request",
        &GetEnabledIpamPolicy {
            dry_run: Some(true),
        },
    );
    response::<GetEnabledIpamPolicy>(
        "get-enabled-ipam-policy-response",
        &GetEnabledIpamPolicyResponse {
            ipam_policy_enabled: Some(true),
            ipam_policy_id: Some(POLICY_ID.into()),
            managed_by: Some(IpamPolicyManagedBy::DelegatedAdministratorForIpam),
        },
    );
}

#[test]
fn get_ipam_policy_organization_targets() {
    request::<GetIpamPolicyOrganizationTargets>(
        "get-ipam-policy-organization-targets-request",
        &GetIpamPolicyOrganizationTargets {
            max_results: Some(1000),
            next_token: Some("AAAA==".into()),
            ..GetIpamPolicyOrganizationTargets::new(POLICY_ID)
        },
    );
    response::<GetIpamPolicyOrganizationTargets>(
        "get-ipam-policy-organization-targets-response",
        &GetIpamPolicyOrganizationTargetsResponse {
            organization_targets: Some(vec![
                IpamPolicyOrganizationTarget {
                    organization_target_id: Some("ou-ab12-cdef3456".into()),
                },
                IpamPolicyOrganizationTarget::default(),
            ]),
            next_token: None,
        },
    );
}
