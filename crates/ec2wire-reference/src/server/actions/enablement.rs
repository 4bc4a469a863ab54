//! `EnableIpamPolicy`, `DisableIpamPolicy`, `GetEnabledIpamPolicy` and
//! `GetIpamPolicyOrganizationTargets`.

use super::listing::{Criteria, cut_unsorted, length, place};
use super::{Action, named_policy};
use crate::server::fault;
use crate::server::state::{State, Target};
use ec2wire::Fault;
use ec2wire::ipam::{
    DisableIpamPolicy, DisableIpamPolicyResponse, EnableIpamPolicy, EnableIpamPolicyResponse,
    GetEnabledIpamPolicy, GetEnabledIpamPolicyResponse, GetIpamPolicyOrganizationTargets,
    GetIpamPolicyOrganizationTargetsResponse, IpamPolicyManagedBy, IpamPolicyOrganizationTarget,
};

impl Action for EnableIpamPolicy {
    fn perform(self, state: &mut State) -> Result<EnableIpamPolicyResponse, Fault> {
        let policy = named_policy(state, self.ipam_policy_id)?;
        let target = target(self.organization_target_id)?;
        fault::stop_dry_run(self.dry_run)?;
        state.enable(target, &policy.id);
        Ok(EnableIpamPolicyResponse {
            ipam_policy_id: Some(policy.id.clone()),
        })
    }
}

impl Action for DisableIpamPolicy {
    fn perform(self, state: &mut State) -> Result<DisableIpamPolicyResponse, Fault> {
        let policy = named_policy(state, self.ipam_policy_id)?;
        let target = target(self.organization_target_id)?;
        fault::stop_dry_run(self.dry_run)?;
        Ok(DisableIpamPolicyResponse {
            returned: Some(state.disable(&target, &policy.id)),
        })
    }
}

impl Action for GetEnabledIpamPolicy {
    fn perform(self, state: &mut State) -> Result<GetEnabledIpamPolicyResponse, Fault> {
        fault::stop_dry_run(self.dry_run)?;
        // The organization's choice for the account overrides the account's own.
        let by_organization =
            state.enabled_for(&Target::Organization(state.config.account.clone()));
        let (policy, managed_by) = match by_organization {
            Some(policy) => (
                Some(policy),
                IpamPolicyManagedBy::DelegatedAdministratorForIpam,
            ),
            None => (
                state.enabled_for(&Target::Account),
                IpamPolicyManagedBy::Account,
            ),
        };
        Ok(GetEnabledIpamPolicyResponse {
            ipam_policy_enabled: Some(policy.is_some()),
            managed_by: policy.map(|_| managed_by),
            ipam_policy_id: policy.map(str::to_owned),
        })
    }
}

impl Action for GetIpamPolicyOrganizationTargets {
    fn perform(self, state: &mut State) -> Result<GetIpamPolicyOrganizationTargetsResponse, Fault> {
        let policy = named_policy(state, self.ipam_policy_id)?;
        let length = length(self.max_results)?;
        let criteria = Criteria::new(&self.filters, |name| name == "organization-target-id")?;
        let after = place(self.next_token.as_deref(), state)?;
        fault::stop_dry_run(self.dry_run)?;

        let found = state
            .organization_targets(&policy.id)
            .filter(|(_, target)| criteria.hold(|_, wanted| wanted(target)));
        let (targets, next_token) = cut_unsorted(found, after, length, state);
        Ok(GetIpamPolicyOrganizationTargetsResponse {
            organization_targets: Some(
                targets
                    .into_iter()
                    .map(|target| IpamPolicyOrganizationTarget {
                        organization_target_id: Some(target.to_owned()),
                    })
                    .collect(),
            ),
            next_token,
        })
    }
}

fn target(id: Option<String>) -> Result<Target, Fault> {
    match id {
        None => Ok(Target::Account),
        Some(id) if id.is_empty() => Err(fault::invalid_choice("OrganizationTargetId", "")),
        Some(id) => {
            fault::check_characters("OrganizationTargetId", Some(&id))?;
            Ok(Target::Organization(id))
        }
    }
}
