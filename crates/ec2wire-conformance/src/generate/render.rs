//! Turns a request into a case.

use super::Kind;
use super::strategy::{IPAM, TOKEN};
use crate::format::case::{Case, Check, Phase, Step, Test};
use crate::format::template::Template;
use ec2wire::ipam::CreateIpamPolicy;
use ec2wire::{Operation as _, Tag, TagSpecification};

/// Up to this length, repeated characters and lists of similar tags are written out.
const WRITTEN_OUT: usize = 12;

/// The case that sends the request, with the run's IPAM and client token.
pub(super) fn case(id: String, kind: &Kind, request: &CreateIpamPolicy) -> Case {
    let tags = request.tag_specifications.first().map(|first| &first.tags);
    let check = tags
        .zip(kind.tags.as_ref())
        .map(|(tags, requirement)| Check {
            requirement: Some(requirement.clone()),
            of: None,
            at: "ipamPolicy.tagSet".into(),
            test: Test::Tags(list_of(tags)),
        });
    Case {
        id,
        title: kind.title.clone(),
        requirement: kind.requirement.clone(),
        phase: Some(Phase::Generated),
        for_each: None,
        alone: false,
        item: None,
        given: Vec::new(),
        calls: Vec::new(),
        blocked: None,
        unproven: None,
        aspect: None,
        resource: None,
        steps: vec![Step {
            action: Some(<CreateIpamPolicy>::ACTION.into()),
            members: Some(members(request)),
            expect: Some(kind.expect.clone()),
            creates: Some(kind.creates),
            checks: check.into_iter().collect(),
            ..Step::default()
        }],
    }
}

fn members(request: &CreateIpamPolicy) -> Template {
    let specifications: Vec<_> = request
        .tag_specifications
        .iter()
        .map(specification)
        .collect();
    let token = request.client_token.as_ref().map(|token| {
        let rest = token.strip_prefix(TOKEN).unwrap_or(token);
        Template::Text(format!("${{token}}{rest}"))
    });
    let ipam = request.ipam_id.as_ref().map(|id| match id.as_str() {
        IPAM => Template::Text("${ipam}".into()),
        other => text(other),
    });
    structure([
        (
            "DryRun",
            request.dry_run.map(|flag| Template::Text(flag.to_string())),
        ),
        (
            "TagSpecifications",
            (!specifications.is_empty()).then_some(Template::List(specifications)),
        ),
        ("ClientToken", token),
        ("IpamId", ipam),
    ])
}

fn specification(specification: &TagSpecification) -> Template {
    let kind = specification.resource_type.as_ref();
    let tags = &specification.tags;
    structure([
        ("ResourceType", kind.map(|kind| text(kind.as_str()))),
        ("Tags", (!tags.is_empty()).then(|| list_of(tags))),
    ])
}

fn list_of(tags: &[Tag]) -> Template {
    let tag = |key: Option<&str>, value: Option<&str>| {
        structure([("Key", key.map(text)), ("Value", value.map(text))])
    };
    let value = tags.first().and_then(|tag| tag.value.as_deref());
    let numbered = tags.iter().enumerate().all(|(at, tag)| {
        tag.key.as_ref() == Some(&(at + 1).to_string()) && tag.value.as_deref() == value
    });
    if numbered && tags.len() > WRITTEN_OUT {
        return Template::Generate {
            count: tags.len(),
            each: Box::new(tag(Some("${n}"), value)),
            at: Vec::new(),
        };
    }
    let tags = tags
        .iter()
        .map(|t| tag(t.key.as_deref(), t.value.as_deref()));
    Template::List(tags.collect())
}

fn text(text: &str) -> Template {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) if characters.all(|c| c == first) && text.chars().count() > WRITTEN_OUT => {
            Template::Repeat {
                text: first.into(),
                times: text.chars().count(),
            }
        }
        _ => Template::Text(text.to_owned()),
    }
}

fn structure<const N: usize>(members: [(&str, Option<Template>); N]) -> Template {
    let members = members
        .into_iter()
        .filter_map(|(name, member)| Some((name.to_owned(), member?)));
    Template::Structure(members.collect())
}
