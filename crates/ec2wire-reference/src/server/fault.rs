//! EC2's errors. Codes and texts are EC2's own where they were observed.

use super::hooks::Hooks;
use ec2wire::contract::{self, Level, Violation};
use ec2wire::ipam::CreateIpamPolicy;
use ec2wire::{Error, ErrorKind, Fault, Limit, ResourceType, TagSpecification};

const INVALID_VALUE: &str = "InvalidParameterValue";

/// What EC2 answers to a request that breaks a rule of the contract.
struct Refusal {
    /// The rule's name.
    rule: &'static str,
    code: &'static str,
    /// `{value}` stands for the member that breaks the rule.
    message: &'static str,
}

/// The enforced rules: all at level MUST, and those at level SHOULD whose refusal is known. A rule
/// that is missing here is not enforced.
static REFUSALS: &[Refusal] = &[
    Refusal {
        rule: "ipam-id-required",
        code: "MissingParameter",
        message: "The request must contain the parameter IpamId",
    },
    Refusal {
        rule: "ipam-id-not-empty",
        code: "InvalidIpamId.NotFound",
        message: "The ipam ID '{value}' does not exist",
    },
    Refusal {
        rule: "resource-type-required",
        code: INVALID_VALUE,
        message: "Tag specification resource type must have a value",
    },
    Refusal {
        rule: "resource-type-supported",
        code: INVALID_VALUE,
        message: "'{value}' is not a valid taggable resource type for this operation.",
    },
    Refusal {
        rule: "resource-type-unique",
        code: INVALID_VALUE,
        message: "The same resource type may not be specified more than once in tag specifications",
    },
    Refusal {
        rule: "specification-has-tags",
        code: INVALID_VALUE,
        message: "Tag specification must have at least one tag",
    },
    Refusal {
        rule: "tag-limit",
        code: "TagLimitExceeded",
        message: "You've reached the limit on the number of tags that you can assign to the \
                  specified resource.",
    },
    Refusal {
        rule: "tag-key-required",
        code: INVALID_VALUE,
        message: "Value ( '{value}' ) for parameter Tag key is invalid. \
                  Tag key cannot be null or empty.",
    },
    Refusal {
        rule: "tag-key-prefix",
        code: INVALID_VALUE,
        message: "Tag keys starting with 'aws:' are reserved for internal use",
    },
    Refusal {
        rule: "tag-key-length",
        code: INVALID_VALUE,
        message: "Tag key exceeds the maximum length of 128 characters",
    },
    Refusal {
        rule: "tag-value-length",
        code: INVALID_VALUE,
        message: "Tag value exceeds the maximum length of 256 characters",
    },
    Refusal {
        rule: "tag-key-unique",
        code: INVALID_VALUE,
        message: "Duplicate tag key '{value}' specified.",
    },
    Refusal {
        rule: "client-token-length",
        code: "InvalidClientToken",
        message: "The specified client token is not valid",
    },
    Refusal {
        rule: "client-token-ascii",
        code: "InvalidClientToken",
        message: "The specified client token is not valid",
    },
];

/// Refuses a request that breaks an enforced rule of the contract. The first such rule counts.
pub(super) fn check_contract(request: &CreateIpamPolicy, hooks: &dyn Hooks) -> Result<(), Fault> {
    let mut violations = contract::check(request);
    violations.retain(|violation| !hooks.overlooks(violation, request));
    refuse_first(&violations, request)?;
    if hooks.refuses(request) {
        return Err(invalid_value("A parameter of the request is invalid"));
    }
    check_tag_characters(&request.tag_specifications)
}

/// Applies the contract's rules for tags and client tokens to another action than
/// `CreateIpamPolicy`.
pub(super) fn check_tags_and_token(
    resource_type: &ResourceType,
    tag_specifications: &[TagSpecification],
    client_token: Option<&str>,
) -> Result<(), Fault> {
    let request = CreateIpamPolicy {
        dry_run: None,
        tag_specifications: tag_specifications.to_vec(),
        client_token: client_token.map(Into::into),
        // The action has no such member. Any text satisfies the rules for it.
        ipam_id: Some("-".into()),
    };
    // The rules know only one taggable type, so the two are swapped.
    let mut judged = request.clone();
    for specification in &mut judged.tag_specifications {
        if let Some(found) = &mut specification.resource_type {
            if found == resource_type {
                *found = ResourceType::IpamPolicy;
            } else if *found == ResourceType::IpamPolicy {
                *found = resource_type.clone();
            }
        }
    }
    refuse_first(&contract::check(&judged), &request)?;
    check_tag_characters(&request.tag_specifications)
}

fn refuse_first(violations: &[Violation], request: &CreateIpamPolicy) -> Result<(), Fault> {
    match violations
        .iter()
        .find_map(|violation| broken_rule(violation, request))
    {
        Some(fault) => Err(fault),
        None => Ok(()),
    }
}

fn broken_rule(violation: &Violation, request: &CreateIpamPolicy) -> Option<Fault> {
    let rule = violation.rule;
    match REFUSALS.iter().find(|refusal| refusal.rule == rule.name) {
        Some(refusal) => {
            let value = value_at(request, &violation.path).unwrap_or_default();
            let message = refusal.message.replace("{value}", value);
            Some(Fault::new(400, refusal.code, message))
        }
        // The rule is newer than the table: EC2 refuses the request, but its words are not known.
        None if rule.level == Level::Must => Some(invalid_value(rule.statement)),
        None => None,
    }
}

/// The member at a violation's path.
fn value_at<'r>(request: &'r CreateIpamPolicy, path: &str) -> Option<&'r str> {
    fn position(part: Option<&str>) -> Option<usize> {
        part?.parse::<usize>().ok()?.checked_sub(1)
    }

    let mut parts = path.split('.');
    match parts.next()? {
        "IpamId" => request.ipam_id.as_deref(),
        "ClientToken" => request.client_token.as_deref(),
        "TagSpecification" => {
            let specification = request.tag_specifications.get(position(parts.next())?)?;
            if parts.next()? == "ResourceType" {
                return specification.resource_type.as_ref().map(AsRef::as_ref);
            }
            let tag = specification.tags.get(position(parts.next())?)?;
            match parts.next()? {
                "Key" => tag.key.as_deref(),
                _ => tag.value.as_deref(),
            }
        }
        _ => None,
    }
}

/// Refuses tags that no XML answer can show. EC2 documents that it accepts any character, but XML
/// does not allow these.
fn check_tag_characters(specifications: &[TagSpecification]) -> Result<(), Fault> {
    let tags = specifications.iter().flat_map(|spec| &spec.tags);
    for (name, text) in tags.flat_map(|tag| [("Tag key", &tag.key), ("Tag value", &tag.value)]) {
        check_characters(name, text.as_deref())?;
    }
    Ok(())
}

/// Refuses a member that would be echoed and that no XML answer can show.
pub(super) fn check_characters(name: &str, text: Option<&str>) -> Result<(), Fault> {
    match text {
        Some(text) if !text.chars().all(is_xml) => Err(invalid_value(format!(
            "Value ( '{text}' ) for parameter {name} is invalid. \
             It has a character that is not allowed."
        ))),
        _ => Ok(()),
    }
}

/// Whether XML 1.0 can carry the character.
fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// The error document's text. Messages quote the request, which may hold any character.
pub(super) fn to_xml(mut fault: Fault, request_id: &str) -> String {
    for entry in &mut fault.errors {
        if !entry.message.chars().all(is_xml) {
            let shown = |c| if is_xml(c) { c } else { '\u{FFFD}' };
            entry.message = entry.message.chars().map(shown).collect();
        }
    }
    // It fails only on characters that XML cannot carry, and none is left.
    fault
        .with_request_id(request_id)
        .to_xml()
        .unwrap_or_default()
}

/// What EC2 answers to a request that does not decode.
pub(super) fn from_decoding(error: &Error) -> Fault {
    let path = error.path();
    match error.kind() {
        ErrorKind::UnknownMember(name) => {
            // Observed: EC2 names the part that it does not know, without those before it.
            let message = format!("The parameter {name} is not recognized");
            Fault::new(400, "UnknownParameter", message)
        }
        ErrorKind::RepeatedMember(name) => {
            invalid_value(format!("The parameter '{name}' may only be specified once"))
        }
        ErrorKind::MissingMember(name) => missing_parameter(name),
        // Observed for `Filter=`, which several SDKs used to send for an empty list.
        ErrorKind::ExpectedMembers | ErrorKind::ExpectedIndex => {
            Fault::new(400, "InvalidRequest", "The request received was invalid")
        }
        ErrorKind::LimitExceeded(Limit::Bytes, _) => too_long(),
        kind @ (ErrorKind::InvalidScalar(_)
        | ErrorKind::ExpectedScalar
        | ErrorKind::BadIndex
        | ErrorKind::IndexGap(_)
        | ErrorKind::Custom(_)) => invalid_value(format!(
            "The value of the parameter {path} is invalid: {kind}"
        )),
        _ => malformed(error),
    }
}

/// The bytes are not a form.
pub(super) fn malformed(reason: impl std::fmt::Display) -> Fault {
    let message = format!("The query string contains a syntax error: {reason}");
    Fault::new(400, "MalformedQueryString", message)
}

/// The body is longer than the endpoint accepts.
pub(super) fn too_long() -> Fault {
    let max = ec2wire::form::Options::LIMITS.bytes;
    let message = format!("The request is longer than {max} bytes");
    Fault::new(413, "RequestEntityTooLarge", message)
}

/// Too many long requests came at once.
pub(super) fn overloaded() -> Fault {
    let message = "The server is overloaded and can't handle the request.";
    Fault::new(503, "Unavailable", message)
}

pub(super) fn method_not_allowed(method: &str) -> Fault {
    let message = format!("The method {method} is not valid for this web service.");
    Fault::new(405, "InvalidRequest", message)
}

pub(super) fn missing_action() -> Fault {
    let message = "The request is missing an action or a required parameter.";
    Fault::new(400, "MissingAction", message)
}

pub(super) fn invalid_action(action: &str) -> Fault {
    let message = format!("The action {action} is not valid for this web service.");
    Fault::new(400, "InvalidAction", message)
}

pub(super) fn no_such_version(version: &str) -> Fault {
    let message = format!("The requested version ({version}) of service AmazonEC2 does not exist");
    Fault::new(400, "NoSuchVersion", message)
}

pub(super) fn missing_parameter(name: &str) -> Fault {
    let message = format!("The request must contain the parameter {name}");
    Fault::new(400, "MissingParameter", message)
}

pub(super) fn invalid_value(message: impl Into<String>) -> Fault {
    Fault::new(400, INVALID_VALUE, message)
}

pub(super) fn invalid_combination(one: &str, other: &str) -> Fault {
    let message = format!("The parameter {one} cannot be used with the parameter {other}");
    Fault::new(400, "InvalidParameterCombination", message)
}

pub(super) fn ipam_not_found(id: &str) -> Fault {
    let message = format!("The ipam ID '{id}' does not exist");
    Fault::new(400, "InvalidIpamId.NotFound", message)
}

pub(super) fn policy_not_found(id: &str) -> Fault {
    let message = format!("The ipam-policy ID '{id}' does not exist");
    Fault::new(400, "InvalidIpamPolicyId.NotFound", message)
}

/// The id of a resource does not have the form that starts with `prefix`. The error's code is `code`
/// and `.Malformed`.
pub(super) fn malformed_id(code: &str, id: &str, prefix: &str) -> Fault {
    let message = format!("Invalid id: \"{id}\" (expecting \"{prefix}...\")");
    Fault::new(400, format!("{code}.Malformed"), message)
}

/// Any refusal of a request.
pub(super) fn refusal(code: impl Into<String>, message: impl Into<String>) -> Fault {
    Fault::new(400, code, message)
}

/// `CreateTags` and `DeleteTags` do not say which kind of resource they looked for.
pub(super) fn unknown_taggable(id: &str) -> Fault {
    Fault::new(400, "InvalidID", format!("The ID '{id}' is not valid"))
}

pub(super) fn tag_limit() -> Fault {
    let rule = REFUSALS.iter().find(|refusal| refusal.rule == "tag-limit");
    // A test shows that every rule has a row.
    rule.map_or_else(internal, |rule| refusal(rule.code, rule.message))
}

pub(super) fn no_default_vpc() -> Fault {
    refusal("VPCIdNotSpecified", "No default VPC for this user")
}

pub(super) fn invalid_token() -> Fault {
    invalid_value("The token in NextToken is not valid")
}

/// The resource is not joined to the other one that the request names.
pub(super) fn not_joined(id: &str) -> Fault {
    let message = format!("The resource '{id}' is not attached or associated as the request says");
    Fault::new(400, "IncorrectState", message)
}

pub(super) fn invalid_choice(name: &str, value: &str) -> Fault {
    invalid_value(format!("Value ({value}) for parameter {name} is invalid."))
}

pub(super) fn limit_exceeded(what: &str, created: usize, limit: usize) -> Fault {
    let message = format!(
        "You've reached the limit for {what}. \
         You have created {created} {what} and you are limited to {limit}."
    );
    Fault::new(400, "ResourceLimitExceeded", message)
}

pub(super) fn idempotent_parameter_mismatch() -> Fault {
    let message = "Arguments on this idempotent request are inconsistent with arguments used in \
                   previous request(s).";
    Fault::new(400, "IdempotentParameterMismatch", message)
}

/// Ends a dry run whose checks are done.
pub(super) fn stop_dry_run(dry_run: Option<bool>) -> Result<(), Fault> {
    if dry_run == Some(true) {
        let message = "Request would have succeeded, but DryRun flag is set.";
        return Err(Fault::new(412, "DryRunOperation", message));
    }
    Ok(())
}

/// An answer cannot be encoded. Only a [`Config`](crate::Config) with characters that XML cannot
/// carry causes this.
pub(super) fn internal() -> Fault {
    Fault::new(500, "InternalError", "An internal error has occurred")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use ec2wire::Tag;

    #[test]
    fn every_rule_that_must_hold_has_a_refusal() {
        for rule in contract::RULES
            .iter()
            .filter(|rule| rule.level == Level::Must)
        {
            assert!(
                REFUSALS.iter().any(|refusal| refusal.rule == rule.name),
                "{}",
                rule.name
            );
        }
    }

    #[test]
    fn every_refusal_has_a_rule() {
        for refusal in REFUSALS {
            assert!(
                contract::RULES.iter().any(|rule| rule.name == refusal.rule),
                "{}",
                refusal.rule
            );
        }
    }

    #[test]
    fn another_action_has_the_same_rules_for_its_own_type() {
        let check = |resource_type| {
            let tags = [Tag::new("a", "b")];
            let specification = TagSpecification::new(resource_type, tags);
            check_tags_and_token(&ResourceType::Ipam, &[specification], None)
        };
        check(ResourceType::Ipam).unwrap();
        for refused in [ResourceType::IpamPolicy, ResourceType::Vpc] {
            let fault = check(refused.clone()).unwrap_err();
            assert_eq!(
                fault.message().unwrap(),
                format!("'{refused}' is not a valid taggable resource type for this operation."),
            );
        }
    }

    #[test]
    fn a_message_with_any_character_has_a_document() {
        let body = to_xml(ipam_not_found("\0<\u{FFFE}"), "req-1");
        assert!(body.contains("The ipam ID '\u{FFFD}&lt;\u{FFFD}' does not exist"));
        assert!(body.contains("<RequestID>req-1</RequestID>"));
    }
}
