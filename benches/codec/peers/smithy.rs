//! aws-smithy-query and aws-smithy-xml, used as aws-sdk-ec2 1.274's generated code uses them.
//!
//! Members are found by a chain of `matches`, texts are copied from what `try_data` returns, and a
//! writer's scope is opened for every member, set or not. The generated code also moves a builder for
//! each member and wraps the body for its HTTP client; that is left out, in the peer's favour. It has
//! no XML encoder for EC2, so `XmlWriter` is used as in its other services.

use aws_smithy_query::{QueryValueWriter, QueryWriter};
use aws_smithy_xml::decode::{Document, ScopedDecoder, XmlDecodeError, try_data};
use aws_smithy_xml::encode::{ScopeWriter, XmlWriter};
use ec2wire::ipam::{
    CreateIpamPolicy, CreateIpamPolicyResponse, DescribeIpamPoliciesResponse, IpamPolicy,
    IpamPolicyState,
};
use ec2wire::{Operation, Tag, TagSpecification, xml};

type Result<T> = std::result::Result<T, XmlDecodeError>;

pub(crate) fn encode_request(request: &CreateIpamPolicy) -> String {
    let mut body = String::new();
    let mut writer = QueryWriter::new(
        &mut body,
        <CreateIpamPolicy>::ACTION,
        <CreateIpamPolicy>::VERSION,
    );
    let scope = writer.prefix("DryRun");
    if let Some(dry_run) = &request.dry_run {
        scope.boolean(*dry_run);
    }
    let scope = writer.prefix("TagSpecification");
    if !request.tag_specifications.is_empty() {
        let mut list = scope.start_list(true, Some("item"));
        for spec in &request.tag_specifications {
            specification(list.entry(), spec);
        }
        list.finish();
    }
    let scope = writer.prefix("ClientToken");
    if let Some(token) = &request.client_token {
        scope.string(token);
    }
    let scope = writer.prefix("IpamId");
    if let Some(ipam_id) = &request.ipam_id {
        scope.string(ipam_id);
    }
    writer.finish();
    body
}

fn specification(mut writer: QueryValueWriter<'_>, spec: &TagSpecification) {
    let scope = writer.prefix("ResourceType");
    if let Some(kind) = &spec.resource_type {
        scope.string(kind.as_str());
    }
    let scope = writer.prefix("Tag");
    if !spec.tags.is_empty() {
        let mut list = scope.start_list(true, Some("item"));
        for entry in &spec.tags {
            tag(list.entry(), entry);
        }
        list.finish();
    }
}

fn tag(mut writer: QueryValueWriter<'_>, tag: &Tag) {
    let scope = writer.prefix("Key");
    if let Some(key) = &tag.key {
        scope.string(key);
    }
    let scope = writer.prefix("Value");
    if let Some(value) = &tag.value {
        scope.string(value);
    }
}

/// A response that smithy's XML crate can decode and encode.
pub(crate) trait Answer: Sized {
    const ROOT: &'static str;

    fn members(decoder: &mut ScopedDecoder<'_, '_>) -> Result<Self>;

    fn write(&self, scope: &mut ScopeWriter<'_, '_>);
}

pub(crate) fn decode<R: Answer>(body: &[u8]) -> Result<R> {
    let mut document = Document::try_from(body)?;
    let mut decoder = document.root_element()?;
    if !decoder.start_el().matches(R::ROOT) {
        return Err(XmlDecodeError::custom("another root"));
    }
    R::members(&mut decoder)
}

pub(crate) fn encode<R: Answer>(request_id: &str, answer: &R) -> String {
    let mut body = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let mut writer = XmlWriter::new(&mut body);
    let root = writer.start_el(R::ROOT).write_ns(xml::EC2_NAMESPACE, None);
    let mut scope = root.finish();
    write_text(&mut scope, "requestId", Some(request_id));
    answer.write(&mut scope);
    scope.finish();
    body
}

impl Answer for CreateIpamPolicyResponse {
    const ROOT: &'static str = "CreateIpamPolicyResponse";

    fn members(decoder: &mut ScopedDecoder<'_, '_>) -> Result<Self> {
        let mut answer = Self::default();
        while let Some(mut tag) = decoder.next_tag() {
            match tag.start_el() {
                s if s.matches("ipamPolicy") => answer.ipam_policy = Some(read_policy(&mut tag)?),
                _ => {}
            }
        }
        Ok(answer)
    }

    fn write(&self, scope: &mut ScopeWriter<'_, '_>) {
        if let Some(policy) = &self.ipam_policy {
            write_policy(scope, "ipamPolicy", policy);
        }
    }
}

impl Answer for DescribeIpamPoliciesResponse {
    const ROOT: &'static str = "DescribeIpamPoliciesResponse";

    fn members(decoder: &mut ScopedDecoder<'_, '_>) -> Result<Self> {
        let mut answer = Self::default();
        while let Some(mut tag) = decoder.next_tag() {
            match tag.start_el() {
                s if s.matches("ipamPolicySet") => {
                    answer.ipam_policies = Some(read_list(&mut tag, read_policy)?);
                }
                s if s.matches("nextToken") => answer.next_token = Some(read_text(&mut tag)?),
                _ => {}
            }
        }
        Ok(answer)
    }

    fn write(&self, scope: &mut ScopeWriter<'_, '_>) {
        if let Some(policies) = &self.ipam_policies {
            let mut list = scope.start_el("ipamPolicySet").finish();
            for policy in policies {
                write_policy(&mut list, "item", policy);
            }
            list.finish();
        }
        write_text(scope, "nextToken", self.next_token.as_deref());
    }
}

fn read_text(tag: &mut ScopedDecoder<'_, '_>) -> Result<String> {
    Ok(try_data(tag)?.as_ref().into())
}

fn read_list<T>(
    decoder: &mut ScopedDecoder<'_, '_>,
    read: impl Fn(&mut ScopedDecoder<'_, '_>) -> Result<T>,
) -> Result<Vec<T>> {
    let mut list = Vec::new();
    while let Some(mut tag) = decoder.next_tag() {
        match tag.start_el() {
            s if s.matches("item") => list.push(read(&mut tag)?),
            _ => {}
        }
    }
    Ok(list)
}

fn read_policy(decoder: &mut ScopedDecoder<'_, '_>) -> Result<IpamPolicy> {
    let mut policy = IpamPolicy::default();
    while let Some(mut tag) = decoder.next_tag() {
        match tag.start_el() {
            s if s.matches("ownerId") => policy.owner_id = Some(read_text(&mut tag)?),
            s if s.matches("ipamPolicyId") => policy.ipam_policy_id = Some(read_text(&mut tag)?),
            s if s.matches("ipamPolicyArn") => policy.ipam_policy_arn = Some(read_text(&mut tag)?),
            s if s.matches("ipamPolicyRegion") => {
                policy.ipam_policy_region = Some(read_text(&mut tag)?);
            }
            s if s.matches("state") => {
                policy.state = Some(IpamPolicyState::from(try_data(&mut tag)?.as_ref()));
            }
            s if s.matches("stateMessage") => policy.state_message = Some(read_text(&mut tag)?),
            s if s.matches("tagSet") => policy.tag_set = Some(read_list(&mut tag, read_tag)?),
            s if s.matches("ipamId") => policy.ipam_id = Some(read_text(&mut tag)?),
            _ => {}
        }
    }
    Ok(policy)
}

fn read_tag(decoder: &mut ScopedDecoder<'_, '_>) -> Result<Tag> {
    let mut tag = Tag::default();
    while let Some(mut element) = decoder.next_tag() {
        match element.start_el() {
            s if s.matches("key") => tag.key = Some(read_text(&mut element)?),
            s if s.matches("value") => tag.value = Some(read_text(&mut element)?),
            _ => {}
        }
    }
    Ok(tag)
}

fn write_text(scope: &mut ScopeWriter<'_, '_>, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        let mut element = scope.start_el(name).finish();
        element.data(text);
        element.finish();
    }
}

fn write_policy(scope: &mut ScopeWriter<'_, '_>, name: &str, policy: &IpamPolicy) {
    let mut scope = scope.start_el(name).finish();
    write_text(&mut scope, "ownerId", policy.owner_id.as_deref());
    write_text(&mut scope, "ipamPolicyId", policy.ipam_policy_id.as_deref());
    write_text(
        &mut scope,
        "ipamPolicyArn",
        policy.ipam_policy_arn.as_deref(),
    );
    write_text(
        &mut scope,
        "ipamPolicyRegion",
        policy.ipam_policy_region.as_deref(),
    );
    let state = policy.state.as_ref().map(IpamPolicyState::as_str);
    write_text(&mut scope, "state", state);
    write_text(&mut scope, "stateMessage", policy.state_message.as_deref());
    if let Some(tags) = &policy.tag_set {
        let mut list = scope.start_el("tagSet").finish();
        for tag in tags {
            let mut item = list.start_el("item").finish();
            write_text(&mut item, "key", tag.key.as_deref());
            write_text(&mut item, "value", tag.value.as_deref());
            item.finish();
        }
        list.finish();
    }
    write_text(&mut scope, "ipamId", policy.ipam_id.as_deref());
    scope.finish();
}
