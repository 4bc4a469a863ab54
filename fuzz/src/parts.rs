//! Values built from the fuzzer's bytes.

use ec2wire::ipam::{
    AddIpamOperatingRegion, CreateIpam, CreateIpamPolicy, CreateIpamPolicyResponse,
    CreateIpamResponse, DescribeIpamPolicies, DescribeIpamPoliciesResponse, Filter, Ipam,
    IpamMeteredAccount, IpamOperatingRegion, IpamPolicy, IpamPolicyState, IpamTier,
};
use ec2wire::{Fault, FaultEntry, ResourceType, Tag, TagSpecification};

/// The fuzzer's bytes as members: parts separated by `0xFF`, which never occurs in text, so that any
/// text can be a member. A part `-`, or one past the end, is an absent member. A part `;` ends a list.
pub struct Parts<'d>(std::slice::Split<'d, u8, fn(&u8) -> bool>);

impl<'d> Parts<'d> {
    /// The parts of the bytes.
    #[must_use]
    pub fn new(data: &'d [u8]) -> Self {
        Self(data.split(|&byte| byte == 0xFF))
    }

    fn text(&mut self) -> Option<String> {
        match self.0.next() {
            None | Some(b"-") => None,
            Some(part) => Some(String::from_utf8_lossy(part).into_owned()),
        }
    }

    fn peek(&self) -> Option<&'d [u8]> {
        self.0.clone().next()
    }

    fn is_done(&self) -> bool {
        self.peek().is_none()
    }

    fn boolean(&mut self) -> Option<bool> {
        self.text().map(|text| text == "true")
    }

    /// Any number: the text parsed as a number, or its length.
    fn number(&mut self) -> Option<i32> {
        let text = self.text()?;
        let length = i32::try_from(text.len()).unwrap_or(i32::MAX);
        Some(text.parse().unwrap_or(length))
    }

    fn list<T>(&mut self, mut entry: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let mut entries = Vec::new();
        while let Some(next) = self.peek() {
            if next == b";" {
                self.0.next();
                break;
            }
            entries.push(entry(self));
        }
        entries
    }

    /// Keys and values.
    fn tags(&mut self) -> Vec<Tag> {
        self.list(|parts| Tag {
            key: parts.text(),
            value: parts.text(),
        })
    }

    fn tag_specifications(&mut self) -> Vec<TagSpecification> {
        self.list(|parts| TagSpecification {
            resource_type: parts.text().map(ResourceType::from),
            tags: parts.tags(),
        })
    }

    /// Takes the next part if it is `name`.
    pub fn is_next(&mut self, name: &str) -> bool {
        let is_next = self.peek() == Some(name.as_bytes());
        if is_next {
            self.0.next();
        }
        is_next
    }

    /// A request id, empty if absent.
    pub fn request_id(&mut self) -> String {
        self.text().unwrap_or_default()
    }

    /// Any request of `CreateIpamPolicy`.
    pub fn create_ipam_policy(&mut self) -> CreateIpamPolicy {
        CreateIpamPolicy {
            dry_run: self.boolean(),
            client_token: self.text(),
            ipam_id: self.text(),
            tag_specifications: self.tag_specifications(),
        }
    }

    /// Any request of `DescribeIpamPolicies`.
    pub fn describe_ipam_policies(&mut self) -> DescribeIpamPolicies {
        DescribeIpamPolicies {
            dry_run: self.boolean(),
            max_results: self.number(),
            next_token: self.text(),
            ipam_policy_ids: self.list(|parts| parts.text().unwrap_or_default()),
            filters: self.list(|parts| Filter {
                name: parts.text(),
                values: parts.list(|parts| parts.text().unwrap_or_default()),
            }),
        }
    }

    /// Any request of `CreateIpam`.
    pub fn create_ipam(&mut self) -> CreateIpam {
        CreateIpam {
            dry_run: self.boolean(),
            description: self.text(),
            client_token: self.text(),
            tier: self.text().map(IpamTier::from),
            enable_private_gua: self.boolean(),
            metered_account: self.text().map(IpamMeteredAccount::from),
            operating_regions: self.list(|parts| AddIpamOperatingRegion {
                region_name: parts.text(),
            }),
            tag_specifications: self.tag_specifications(),
        }
    }

    fn policy(&mut self) -> IpamPolicy {
        IpamPolicy {
            owner_id: self.text(),
            ipam_policy_id: self.text(),
            ipam_policy_arn: self.text(),
            ipam_policy_region: self.text(),
            state: self.text().map(IpamPolicyState::from),
            state_message: self.text(),
            ipam_id: self.text(),
            tag_set: (!self.is_done()).then(|| self.tags()),
        }
    }

    /// Any response of `CreateIpamPolicy`.
    pub fn create_ipam_policy_response(&mut self) -> CreateIpamPolicyResponse {
        CreateIpamPolicyResponse {
            ipam_policy: (!self.is_done()).then(|| self.policy()),
        }
    }

    /// Any response of `DescribeIpamPolicies`.
    pub fn describe_ipam_policies_response(&mut self) -> DescribeIpamPoliciesResponse {
        DescribeIpamPoliciesResponse {
            next_token: self.text(),
            ipam_policies: (!self.is_done()).then(|| self.list(Self::policy)),
        }
    }

    /// Any response of `CreateIpam`.
    pub fn create_ipam_response(&mut self) -> CreateIpamResponse {
        let ipam = (!self.is_done()).then(|| Ipam {
            owner_id: self.text(),
            ipam_id: self.text(),
            ipam_arn: self.text(),
            ipam_region: self.text(),
            public_default_scope_id: self.text(),
            private_default_scope_id: self.text(),
            scope_count: self.number(),
            description: self.text(),
            state: self.text().map(IpamPolicyState::from),
            default_resource_discovery_id: self.text(),
            default_resource_discovery_association_id: self.text(),
            resource_discovery_association_count: self.number(),
            state_message: self.text(),
            tier: self.text().map(IpamTier::from),
            enable_private_gua: self.boolean(),
            metered_account: self.text().map(IpamMeteredAccount::from),
            operating_region_set: (!self.is_done()).then(|| {
                self.list(|parts| IpamOperatingRegion {
                    region_name: parts.text(),
                })
            }),
            tag_set: (!self.is_done()).then(|| self.tags()),
        });
        CreateIpamResponse { ipam }
    }

    /// Any error that EC2's document can hold.
    pub fn fault(&mut self) -> Fault {
        let status = self.number().unwrap_or(400);
        Fault {
            status: u16::try_from(status).unwrap_or(400),
            request_id: self.text(),
            errors: self.list(|parts| FaultEntry {
                code: parts.text().unwrap_or_default(),
                message: parts.text().unwrap_or_default(),
            }),
            excerpt: String::new(),
        }
    }
}
