//! roxmltree: parses the whole document to a tree, and reads the response from the tree.

use ec2wire::Tag;
use ec2wire::ipam::{
    CreateIpamPolicyResponse, DescribeIpamPoliciesResponse, IpamPolicy, IpamPolicyState,
};
use roxmltree::{Document, Node};

/// A response that can be read from a tree's root.
pub(crate) trait Answer: Sized {
    const ROOT: &'static str;

    fn from_root(root: Node<'_, '_>) -> Self;
}

pub(crate) fn decode<R: Answer>(body: &[u8]) -> R {
    let document = Document::parse(std::str::from_utf8(body).unwrap()).unwrap();
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), R::ROOT);
    R::from_root(root)
}

impl Answer for CreateIpamPolicyResponse {
    const ROOT: &'static str = "CreateIpamPolicyResponse";

    fn from_root(root: Node<'_, '_>) -> Self {
        let mut answer = Self::default();
        for child in root.children().filter(Node::is_element) {
            if child.tag_name().name() == "ipamPolicy" {
                answer.ipam_policy = Some(policy(child));
            }
        }
        answer
    }
}

impl Answer for DescribeIpamPoliciesResponse {
    const ROOT: &'static str = "DescribeIpamPoliciesResponse";

    fn from_root(root: Node<'_, '_>) -> Self {
        let mut answer = Self::default();
        for child in root.children().filter(Node::is_element) {
            match child.tag_name().name() {
                "ipamPolicySet" => answer.ipam_policies = Some(list(child, policy)),
                "nextToken" => answer.next_token = Some(text(child)),
                _ => {}
            }
        }
        answer
    }
}

fn text(node: Node<'_, '_>) -> String {
    node.text().unwrap_or_default().to_owned()
}

fn list<T>(node: Node<'_, '_>, read: impl Fn(Node<'_, '_>) -> T) -> Vec<T> {
    node.children()
        .filter(|child| child.tag_name().name() == "item")
        .map(read)
        .collect()
}

fn policy(node: Node<'_, '_>) -> IpamPolicy {
    let mut policy = IpamPolicy::default();
    for child in node.children().filter(Node::is_element) {
        match child.tag_name().name() {
            "ownerId" => policy.owner_id = Some(text(child)),
            "ipamPolicyId" => policy.ipam_policy_id = Some(text(child)),
            "ipamPolicyArn" => policy.ipam_policy_arn = Some(text(child)),
            "ipamPolicyRegion" => policy.ipam_policy_region = Some(text(child)),
            "state" => {
                policy.state = Some(IpamPolicyState::from(child.text().unwrap_or_default()));
            }
            "stateMessage" => policy.state_message = Some(text(child)),
            "tagSet" => policy.tag_set = Some(list(child, tag)),
            "ipamId" => policy.ipam_id = Some(text(child)),
            _ => {}
        }
    }
    policy
}

fn tag(node: Node<'_, '_>) -> Tag {
    let mut tag = Tag::default();
    for child in node.children().filter(Node::is_element) {
        match child.tag_name().name() {
            "key" => tag.key = Some(text(child)),
            "value" => tag.value = Some(text(child)),
            _ => {}
        }
    }
    tag
}
