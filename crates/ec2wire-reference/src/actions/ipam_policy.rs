//! `CreateIpamPolicy`, `DescribeIpamPolicies` and `DeleteIpamPolicy`.

use super::{Action, tags_of};
use crate::fault;
use crate::sabotage::Hooks as _;
use crate::state::{Config, Policy, State};
use ec2wire::Fault;
use ec2wire::ipam::{
    CreateIpamPolicy, CreateIpamPolicyResponse, DeleteIpamPolicy, DeleteIpamPolicyResponse,
    DescribeIpamPolicies, DescribeIpamPoliciesResponse, Filter, IpamPolicy, IpamPolicyState,
};
use std::sync::Arc;

const ID_PREFIX: &str = "ipam-policy-";

/// How many policies a page may be asked to have.
const PAGE: std::ops::RangeInclusive<i32> = 5..=1000;
/// How many it has where that is not said.
const FULL_PAGE: usize = 1000;

impl Action for CreateIpamPolicy {
    fn perform(mut self, state: &mut State) -> Result<CreateIpamPolicyResponse, Fault> {
        let quirk = state.config.quirk;
        fault::check_contract(&self, quirk)?;
        let ipam_id = self.ipam_id.clone().unwrap_or_default();
        if state.ipam(&ipam_id).is_none() && !quirk.takes_for_an_ipam(&self) {
            return Err(fault::ipam_not_found(&ipam_id));
        }
        fault::stop_dry_run(self.dry_run.take())?;
        // What is left in the request are the parameters that a replay must repeat.
        let token = self.client_token.take();
        let replay = quirk.replay(state.policy_tokens.find(token.as_deref(), &self));
        let (policy, shown) = match replay.made()? {
            Some(policy) if state.policy(&policy.id).is_some() => {
                (policy, IpamPolicyState::CreateComplete)
            }
            Some(policy) => (policy, IpamPolicyState::DeleteComplete),
            None => {
                let (count, quota) = (state.policies_on(&ipam_id), state.config.policies_per_ipam);
                if count >= quota {
                    return Err(fault::limit_exceeded("ipam-policies", count, quota));
                }
                let policy = state.create_policy(&ipam_id, tags_of(&self.tag_specifications));
                state.policy_tokens.remember(token, self, &policy);
                (policy, IpamPolicyState::CreateInProgress)
            }
        };
        Ok(CreateIpamPolicyResponse {
            ipam_policy: Some(show(&policy, shown, &state.config)),
        })
    }
}

impl Action for DeleteIpamPolicy {
    fn perform(self, state: &mut State) -> Result<DeleteIpamPolicyResponse, Fault> {
        let id = self
            .ipam_policy_id
            .ok_or_else(|| fault::missing_parameter("IpamPolicyId"))?;
        if !is_policy_id(&id) {
            return Err(fault::policy_malformed(&id));
        }
        let Some(policy) = state.policy(&id).map(Arc::clone) else {
            return Err(fault::policy_not_found(&id));
        };
        fault::stop_dry_run(self.dry_run)?;
        state.remove_policy(&id);
        Ok(DeleteIpamPolicyResponse {
            ipam_policy: Some(show(
                &policy,
                IpamPolicyState::DeleteInProgress,
                &state.config,
            )),
        })
    }
}

impl Action for DescribeIpamPolicies {
    fn perform(self, state: &mut State) -> Result<DescribeIpamPoliciesResponse, Fault> {
        let page = self.max_results.map(page_length).transpose()?;
        if !self.ipam_policy_ids.is_empty() {
            for (given, name) in [
                (self.max_results.is_some(), "MaxResults"),
                (self.next_token.is_some(), "NextToken"),
            ] {
                if given {
                    return Err(fault::invalid_combination("IpamPolicyId", name));
                }
            }
        }
        let criteria = self
            .filters
            .iter()
            .map(Criterion::new)
            .collect::<Result<Vec<_>, _>>()?;
        let after = match self.next_token.as_deref() {
            None => 0,
            Some(token) => state
                .read_page_token(token)
                .ok_or_else(|| fault::invalid_value("The token in NextToken is not valid"))?,
        };
        let mut named = Vec::with_capacity(self.ipam_policy_ids.len());
        for id in &self.ipam_policy_ids {
            named.push(
                state
                    .policy(id)
                    .ok_or_else(|| fault::policy_not_found(id))?,
            );
        }
        // In the order of creation however they are asked for, and each but once.
        named.sort_by_key(|policy| policy.order);
        named.dedup_by_key(|policy| policy.order);
        fault::stop_dry_run(self.dry_run)?;

        let matches = |policy: &&Arc<Policy>| {
            criteria
                .iter()
                .all(|criterion| criterion.holds(policy, &state.config))
        };
        let (found, more): (Vec<_>, bool) = if named.is_empty() {
            let length = page.unwrap_or(FULL_PAGE);
            let mut all = state.policies_after(after).filter(matches);
            (all.by_ref().take(length).collect(), all.next().is_some())
        } else {
            (named.into_iter().filter(matches).collect(), false)
        };
        let last = found.last().filter(|_| more);
        Ok(DescribeIpamPoliciesResponse {
            next_token: last.map(|policy| state.page_token(policy.order)),
            ipam_policies: Some(
                found
                    .iter()
                    .map(|policy| show(policy, IpamPolicyState::CreateComplete, &state.config))
                    .collect(),
            ),
        })
    }
}

/// The policy as an answer shows it.
fn show(policy: &Policy, state: IpamPolicyState, config: &Config) -> IpamPolicy {
    let Config {
        account, region, ..
    } = config;
    let mut shown = IpamPolicy {
        owner_id: Some(account.clone()),
        ipam_policy_id: Some(policy.id.clone()),
        ipam_policy_arn: Some(format!("arn:aws:ec2::{account}:ipam-policy/{}", policy.id)),
        ipam_policy_region: Some(region.clone()),
        state: Some(state),
        state_message: None,
        tag_set: Some(policy.tags.clone()),
        ipam_id: Some(policy.ipam_id.clone()),
    };
    config.quirk.policy(&mut shown);
    shown
}

/// Whether the text has the form of a policy's id: `^ipam-policy-[0-9a-f]{8,32}$`.
fn is_policy_id(text: &str) -> bool {
    text.strip_prefix(ID_PREFIX).is_some_and(|digits| {
        (8..=32).contains(&digits.len())
            && digits
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

fn page_length(asked: i32) -> Result<usize, Fault> {
    usize::try_from(asked)
        .ok()
        .filter(|_| PAGE.contains(&asked))
        .ok_or_else(|| {
            fault::invalid_value(format!(
                "Value ( {asked} ) for parameter MaxResults is invalid. \
                 Expecting a value from {} to {}",
                PAGE.start(),
                PAGE.end()
            ))
        })
}

/// A filter whose name is known. One without values matches nothing.
struct Criterion<'f> {
    field: Field<'f>,
    values: &'f [String],
}

enum Field<'f> {
    PolicyId,
    IpamId,
    State,
    OwnerId,
    /// A tag with this key, compared by its value.
    Tag(&'f str),
    /// Any tag, compared by its key.
    TagKey,
}

impl<'f> Criterion<'f> {
    fn new(filter: &'f Filter) -> Result<Self, Fault> {
        let name = filter.name.as_deref().unwrap_or("null");
        let field = match name {
            "ipam-policy-id" => Field::PolicyId,
            "ipam-id" => Field::IpamId,
            "state" => Field::State,
            "owner-id" => Field::OwnerId,
            "tag-key" => Field::TagKey,
            _ => match name.strip_prefix("tag:") {
                Some(key) => Field::Tag(key),
                None => {
                    return Err(fault::invalid_value(format!(
                        "The filter '{name}' is invalid"
                    )));
                }
            },
        };
        Ok(Self {
            field,
            values: &filter.values,
        })
    }

    fn holds(&self, policy: &Policy, config: &Config) -> bool {
        let wanted = |text: &str| self.values.iter().any(|value| value == text);
        match self.field {
            Field::PolicyId => wanted(&policy.id),
            Field::IpamId => wanted(&policy.ipam_id),
            Field::State => wanted(IpamPolicyState::CreateComplete.as_str()),
            Field::OwnerId => wanted(&config.account),
            Field::Tag(key) => policy.tags.iter().any(|tag| {
                tag.key.as_deref() == Some(key) && tag.value.as_deref().is_some_and(wanted)
            }),
            Field::TagKey => policy
                .tags
                .iter()
                .any(|tag| tag.key.as_deref().is_some_and(wanted)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_from_other_text() {
        assert!(is_policy_id("ipam-policy-12345678"));
        assert!(is_policy_id("ipam-policy-0123456789abcdef0"));
        for other in [
            "",
            "ipam-policy-",
            "ipam-policy-1234567",
            "ipam-policy-1234567G",
            "ipam-policy-ABCDEF01",
            "ipam-0123456789abcdef0",
            "ipam-policy-0123456789abcdef0123456789abcdef0",
        ] {
            assert!(!is_policy_id(other), "{other}");
        }
    }
}
