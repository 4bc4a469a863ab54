//! `ModifyIpamPolicyAllocationRules` and `GetIpamPolicyAllocationRules`.

use super::listing::{Criteria, cut_unsorted, length, place};
use super::{Action, named_policy};
use crate::server::fault;
use crate::server::state::{Documents, State};
use ec2wire::Fault;
use ec2wire::ipam::{
    GetIpamPolicyAllocationRules, GetIpamPolicyAllocationRulesResponse, IpamPolicyAllocationRule,
    IpamPolicyDocument, IpamPolicyResourceType, ModifyIpamPolicyAllocationRules,
    ModifyIpamPolicyAllocationRulesResponse,
};

const POOL_PREFIX: &str = "ipam-pool-";

/// The names that filters may have. AWS documents none; these are the members.
const FILTERS: [&str; 3] = ["locale", "resource-type", "source-ipam-pool-id"];

impl Action for ModifyIpamPolicyAllocationRules {
    fn perform(self, state: &mut State) -> Result<ModifyIpamPolicyAllocationRulesResponse, Fault> {
        let policy = named_policy(state, self.ipam_policy_id)?;
        let locale = self
            .locale
            .filter(|locale| !locale.is_empty())
            .ok_or_else(|| fault::missing_parameter("Locale"))?;
        fault::check_characters("Locale", Some(&locale))?;
        let resource_type = self
            .resource_type
            .ok_or_else(|| fault::missing_parameter("ResourceType"))?;
        check_type(&resource_type)?;
        let mut pools = Vec::with_capacity(self.allocation_rules.len());
        for rule in self.allocation_rules {
            let pool = rule
                .source_ipam_pool_id
                .ok_or_else(|| fault::missing_parameter("SourceIpamPoolId"))?;
            if !super::is_id(&pool, POOL_PREFIX) {
                return Err(fault::malformed_id("InvalidIpamPoolId", &pool, POOL_PREFIX));
            }
            pools.push(pool);
        }
        fault::stop_dry_run(self.dry_run)?;
        let shown = show(&policy.id, &locale, &resource_type, &pools);
        state.set_rules(&policy.id, (locale, resource_type), pools);
        Ok(ModifyIpamPolicyAllocationRulesResponse {
            ipam_policy_document: Some(shown),
        })
    }
}

impl Action for GetIpamPolicyAllocationRules {
    fn perform(self, state: &mut State) -> Result<GetIpamPolicyAllocationRulesResponse, Fault> {
        let policy = named_policy(state, self.ipam_policy_id)?;
        if let Some(resource_type) = &self.resource_type {
            check_type(resource_type)?;
        }
        let length = length(self.max_results)?;
        let criteria = Criteria::new(&self.filters, |name| FILTERS.contains(&name))?;
        let after = place(self.next_token.as_deref(), state)?;
        fault::stop_dry_run(self.dry_run)?;

        let none = Documents::default();
        let documents = state.rules(&policy.id).unwrap_or(&none);
        let found = documents
            .iter()
            .filter(|((locale, resource_type), document)| {
                self.locale.as_ref().is_none_or(|wanted| wanted == locale)
                    && self
                        .resource_type
                        .as_ref()
                        .is_none_or(|wanted| wanted == resource_type)
                    && criteria.hold(|field, wanted| match field {
                        "locale" => wanted(locale),
                        "resource-type" => wanted(resource_type.as_str()),
                        _ => document.pools.iter().any(|pool| wanted(pool)),
                    })
            })
            .map(|(key, document)| (document.order, (key, document)));
        let (found, next_token) = cut_unsorted(found, after, length, state);
        let documents = found
            .into_iter()
            .map(|((locale, resource_type), document)| {
                show(&policy.id, locale, resource_type, &document.pools)
            })
            .collect();
        Ok(GetIpamPolicyAllocationRulesResponse {
            ipam_policy_documents: Some(documents),
            next_token,
        })
    }
}

fn check_type(resource_type: &IpamPolicyResourceType) -> Result<(), Fault> {
    if resource_type.is_unknown() {
        return Err(fault::invalid_choice(
            "ResourceType",
            resource_type.as_str(),
        ));
    }
    Ok(())
}

fn show(
    policy_id: &str,
    locale: &str,
    resource_type: &IpamPolicyResourceType,
    pools: &[String],
) -> IpamPolicyDocument {
    IpamPolicyDocument {
        ipam_policy_id: Some(policy_id.to_owned()),
        locale: Some(locale.to_owned()),
        resource_type: Some(resource_type.clone()),
        allocation_rule_set: Some(
            pools
                .iter()
                .map(|pool| IpamPolicyAllocationRule::new(pool.as_str()))
                .collect(),
        ),
    }
}
