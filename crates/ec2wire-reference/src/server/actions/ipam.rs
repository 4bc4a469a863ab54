//! `CreateIpam` and `DeleteIpam`.

use super::{Action, stored_tags};
use crate::server::config::Config;
use crate::server::fault;
use crate::server::state::{Ipam as Stored, State};
use ec2wire::ipam::{
    CreateIpam, CreateIpamResponse, DeleteIpam, DeleteIpamResponse, Ipam, IpamMeteredAccount,
    IpamOperatingRegion, IpamPolicyState, IpamTier,
};
use ec2wire::{Fault, ResourceType};
use std::sync::Arc;

/// The quota of IPAMs in a Region, which AWS does not adjust.
const IPAMS_PER_REGION: usize = 1;

impl Action for CreateIpam {
    fn perform(mut self, state: &mut State) -> Result<CreateIpamResponse, Fault> {
        check(&self)?;
        fault::stop_dry_run(self.dry_run.take())?;
        // The rest of the request are the parameters that a replay must repeat.
        let token = self.client_token.take();
        let (ipam, shown) = match state.ipam_tokens.find(token.as_deref(), &self).resource()? {
            Some(ipam) if state.ipam(&ipam.id).is_some() => (ipam, IpamPolicyState::CreateComplete),
            Some(ipam) => (ipam, IpamPolicyState::DeleteComplete),
            None => {
                let count = state.created_ipams();
                if count >= IPAMS_PER_REGION {
                    return Err(fault::limit_exceeded("ipams", count, IPAMS_PER_REGION));
                }
                let ipam = state.create_ipam(self.clone());
                state.ipam_tokens.remember(token, self, &ipam);
                (ipam, IpamPolicyState::CreateInProgress)
            }
        };
        Ok(CreateIpamResponse {
            ipam: Some(show(&ipam, shown, &state.config)),
        })
    }
}

impl Action for DeleteIpam {
    fn perform(self, state: &mut State) -> Result<DeleteIpamResponse, Fault> {
        let id = self
            .ipam_id
            .ok_or_else(|| fault::missing_parameter("IpamId"))?;
        let Some(ipam) = state.ipam(&id).map(Arc::clone) else {
            return Err(fault::ipam_not_found(&id));
        };
        fault::stop_dry_run(self.dry_run)?;
        if self.cascade != Some(true) && state.policies_on(&id) > 0 {
            return Err(fault::dependency_violation(&id));
        }
        state.remove_ipam(&id);
        Ok(DeleteIpamResponse {
            ipam: Some(show(
                &ipam,
                IpamPolicyState::DeleteInProgress,
                &state.config,
            )),
        })
    }
}

fn check(request: &CreateIpam) -> Result<(), Fault> {
    fault::check_tags_and_token(
        &ResourceType::Ipam,
        &request.tag_specifications,
        request.client_token.as_deref(),
    )?;
    if let Some(tier) = request.tier.as_ref().filter(|tier| tier.is_unknown()) {
        return Err(fault::invalid_choice("Tier", tier.as_str()));
    }
    if let Some(account) = request.metered_account.as_ref().filter(|a| a.is_unknown()) {
        return Err(fault::invalid_choice("MeteredAccount", account.as_str()));
    }
    fault::check_characters("Description", request.description.as_deref())?;
    for region in &request.operating_regions {
        let name = region.region_name.as_deref();
        if name.is_none_or(str::is_empty) {
            return Err(fault::missing_parameter("RegionName"));
        }
        fault::check_characters("RegionName", name)?;
    }
    Ok(())
}

/// The IPAM as it appears in an answer. Resources that the endpoint lacks, such as scopes, are left
/// out.
fn show(stored: &Stored, state: IpamPolicyState, config: &Config) -> Ipam {
    let Config {
        account, region, ..
    } = config;
    let request = stored.request.clone().unwrap_or_default();
    let regions = request.operating_regions.into_iter();
    Ipam {
        owner_id: Some(account.clone()),
        ipam_id: Some(stored.id.clone()),
        ipam_arn: Some(format!("arn:aws:ec2::{account}:ipam/{}", stored.id)),
        ipam_region: Some(region.clone()),
        description: request.description,
        operating_region_set: Some(
            regions
                .map(|region| IpamOperatingRegion {
                    region_name: region.region_name,
                })
                .collect(),
        ),
        state: Some(state),
        tag_set: Some(stored_tags(&request.tag_specifications)),
        tier: Some(request.tier.unwrap_or(IpamTier::Advanced)),
        enable_private_gua: Some(request.enable_private_gua.unwrap_or(false)),
        metered_account: Some(
            request
                .metered_account
                .unwrap_or(IpamMeteredAccount::IpamOwner),
        ),
        ..Ipam::default()
    }
}
