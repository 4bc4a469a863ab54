//! `CreateIpamPolicy`, `DescribeIpamPolicies` and `DeleteIpamPolicy`.

use super::listing::{Criteria, cut, length, place};
use super::{Action, named_policy, stored_tags};
use crate::server::config::Config;
use crate::server::fault;
use crate::server::state::{Policy, State};
use ec2wire::ipam::{
    CreateIpamPolicy, CreateIpamPolicyResponse, DeleteIpamPolicy, DeleteIpamPolicyResponse,
    DescribeIpamPolicies, DescribeIpamPoliciesResponse, IpamPolicy, IpamPolicyState,
};
use ec2wire::{Fault, Tag};
use std::sync::Arc;

impl Action for CreateIpamPolicy {
    fn perform(mut self, state: &mut State) -> Result<CreateIpamPolicyResponse, Fault> {
        let hooks = state.hooks;
        fault::check_contract(&self, hooks)?;
        let ipam_id = self.ipam_id.clone().unwrap_or_default();
        if state.ipam(&ipam_id).is_none() && !hooks.accepts_ipam(&self) {
            return Err(fault::ipam_not_found(&ipam_id));
        }
        fault::stop_dry_run(self.dry_run.take())?;
        // The rest of the request are the parameters that a replay must repeat.
        let token = self.client_token.take();
        let replay = hooks.rewrite_replay(state.policy_tokens.find(token.as_deref(), &self));
        let (policy, shown) = match replay.resource()? {
            Some(policy) if state.policy(&policy.id).is_some() => {
                let shown = settled_state(&policy, state);
                (policy, shown)
            }
            Some(policy) => (policy, IpamPolicyState::DeleteComplete),
            None => {
                let (count, quota) = (state.policies_on(&ipam_id), state.config.policies_per_ipam);
                if count >= quota {
                    return Err(fault::limit_exceeded("ipam-policies", count, quota));
                }
                let policy = state.create_policy(&ipam_id, stored_tags(&self.tag_specifications));
                state.policy_tokens.remember(token, self, &policy);
                (policy, IpamPolicyState::CreateInProgress)
            }
        };
        Ok(CreateIpamPolicyResponse {
            ipam_policy: Some(show(&policy, shown, state)),
        })
    }
}

impl Action for DeleteIpamPolicy {
    fn perform(self, state: &mut State) -> Result<DeleteIpamPolicyResponse, Fault> {
        let policy = named_policy(state, self.ipam_policy_id)?;
        fault::stop_dry_run(self.dry_run)?;
        state.remove_policy(&policy.id);
        Ok(DeleteIpamPolicyResponse {
            ipam_policy: Some(show(&policy, IpamPolicyState::DeleteInProgress, state)),
        })
    }
}

impl Action for DescribeIpamPolicies {
    fn perform(self, state: &mut State) -> Result<DescribeIpamPoliciesResponse, Fault> {
        let described = describe(&self, state);
        state.note_described();
        described
    }
}

fn describe(
    request: &DescribeIpamPolicies,
    state: &State,
) -> Result<DescribeIpamPoliciesResponse, Fault> {
    let mut length = length(request.max_results)?;
    if !request.ipam_policy_ids.is_empty() {
        for (given, name) in [
            (request.max_results.is_some(), "MaxResults"),
            (request.next_token.is_some(), "NextToken"),
        ] {
            if given {
                return Err(fault::invalid_combination("IpamPolicyId", name));
            }
        }
    }
    let criteria = Criteria::new(&request.filters, is_field)?;
    let after = place(request.next_token.as_deref(), state)?;
    let mut named = Vec::with_capacity(request.ipam_policy_ids.len());
    for id in &request.ipam_policy_ids {
        named.push(
            state
                .policy(id)
                .filter(|policy| state.is_shown(policy))
                .ok_or_else(|| fault::policy_not_found(id))?,
        );
    }
    // In the order of creation, whatever the order of the ids, and each only once.
    named.sort_by_key(|policy| policy.order);
    named.dedup_by_key(|policy| policy.order);
    fault::stop_dry_run(request.dry_run)?;

    let matches = |policy: &&Arc<Policy>| {
        criteria.hold(|field, wanted| has_field(policy, field, wanted, state))
    };
    let (found, next_token) = if named.is_empty() {
        if request.max_results.is_some() {
            let is_first = request.next_token.is_none();
            length = state.hooks.page_length(length, is_first);
        }
        let shown = |policy: &&Arc<Policy>| state.is_shown(policy) && matches(policy);
        let all = state.policies_after(after).filter(shown);
        cut(
            all.map(|policy| (policy.order, policy)),
            after,
            length,
            state,
        )
    } else {
        (named.into_iter().filter(matches).collect(), None)
    };
    Ok(DescribeIpamPoliciesResponse {
        next_token,
        ipam_policies: Some(
            found
                .iter()
                .map(|policy| show(policy, settled_state(policy, state), state))
                .collect(),
        ),
    })
}

/// The state of a policy that exists and does not change.
fn settled_state(policy: &Policy, state: &State) -> IpamPolicyState {
    if state.is_shown_deleted(policy) {
        return IpamPolicyState::DeleteComplete;
    }
    match state.rules(&policy.id) {
        Some(_) => IpamPolicyState::ModifyComplete,
        None => IpamPolicyState::CreateComplete,
    }
}

/// The policy as it appears in an answer.
fn show(policy: &Policy, policy_state: IpamPolicyState, state: &State) -> IpamPolicy {
    let Config {
        account, region, ..
    } = &state.config;
    let mut shown = IpamPolicy {
        owner_id: Some(account.clone()),
        ipam_policy_id: Some(policy.id.clone()),
        ipam_policy_arn: Some(format!("arn:aws:ec2::{account}:ipam-policy/{}", policy.id)),
        ipam_policy_region: Some(region.clone()),
        state: Some(policy_state),
        state_message: None,
        tag_set: Some(policy.tags.clone()),
        ipam_id: Some(policy.ipam_id.clone()),
    };
    state.hooks.edit_policy(&mut shown);
    shown
}

/// Whether a filter may have this name. AWS documents none; these are the members.
fn is_field(name: &str) -> bool {
    matches!(
        name,
        "ipam-policy-id" | "ipam-id" | "state" | "owner-id" | "tag-key"
    ) || name.starts_with("tag:")
}

fn has_field(policy: &Policy, name: &str, wanted: &dyn Fn(&str) -> bool, state: &State) -> bool {
    let is = |text: &Option<String>| text.as_deref().is_some_and(wanted);
    let any = |holds: &dyn Fn(&Tag) -> bool| policy.tags.iter().any(holds);
    match name {
        "ipam-policy-id" => wanted(&policy.id),
        "ipam-id" => wanted(&policy.ipam_id),
        "state" => wanted(settled_state(policy, state).as_str()),
        "owner-id" => wanted(&state.config.account),
        "tag-key" => any(&|tag| is(&tag.key)),
        _ => {
            let key = name.strip_prefix("tag:");
            any(&|tag| tag.key.as_deref() == key && is(&tag.value))
        }
    }
}
