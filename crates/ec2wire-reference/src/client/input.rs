//! A call's members by the API's names, as a request of the codec.

use super::hooks::Hooks;
use ec2wire::ipam::{CreateIpamPolicy, DeleteIpamPolicy, DescribeIpamPolicies, Filter};
use ec2wire::{ResourceType, Tag, TagSpecification};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A request that can be made from a call's members.
pub(super) trait Request: Sized {
    type Input: DeserializeOwned;

    fn from_input(input: Self::Input) -> Self;
}

/// Makes a request. The error says which member is unknown or has another type.
pub(super) fn read<R: Request>(input: &Value, hooks: &dyn Hooks) -> Result<R, String> {
    let mut input = input.clone();
    hooks.edit_input(&mut input);
    let input = serde_json::from_value(input).map_err(|error| error.to_string())?;
    Ok(R::from_input(input))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Create {
    dry_run: Option<bool>,
    #[serde(default)]
    tag_specifications: Vec<Specification>,
    client_token: Option<String>,
    ipam_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Specification {
    resource_type: Option<String>,
    #[serde(default)]
    tags: Vec<InputTag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct InputTag {
    key: Option<String>,
    value: Option<String>,
}

impl Request for CreateIpamPolicy {
    type Input = Create;

    fn from_input(input: Create) -> Self {
        let tag = |InputTag { key, value }| Tag { key, value };
        let specification = |spec: Specification| TagSpecification {
            resource_type: spec.resource_type.map(ResourceType::from),
            tags: spec.tags.into_iter().map(tag).collect(),
        };
        let specifications = input.tag_specifications.into_iter();
        Self {
            dry_run: input.dry_run,
            tag_specifications: specifications.map(specification).collect(),
            client_token: input.client_token,
            ipam_id: input.ipam_id,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Describe {
    dry_run: Option<bool>,
    #[serde(default)]
    filters: Vec<InputFilter>,
    max_results: Option<i32>,
    next_token: Option<String>,
    #[serde(default)]
    ipam_policy_ids: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct InputFilter {
    name: Option<String>,
    #[serde(default)]
    values: Vec<String>,
}

impl Request for DescribeIpamPolicies {
    type Input = Describe;

    fn from_input(input: Describe) -> Self {
        let filter = |InputFilter { name, values }| Filter { name, values };
        Self {
            dry_run: input.dry_run,
            filters: input.filters.into_iter().map(filter).collect(),
            max_results: input.max_results,
            next_token: input.next_token,
            ipam_policy_ids: input.ipam_policy_ids,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Delete {
    dry_run: Option<bool>,
    ipam_policy_id: Option<String>,
}

impl Request for DeleteIpamPolicy {
    type Input = Delete;

    fn from_input(input: Delete) -> Self {
        Self {
            dry_run: input.dry_run,
            ipam_policy_id: input.ipam_policy_id,
        }
    }
}
