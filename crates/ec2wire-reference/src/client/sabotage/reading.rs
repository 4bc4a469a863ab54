//! Faults in how the client reads an answer.

use super::change::Change::{
    self, Answer, Beside, Document, Ending, FaultLine, Outcome, Output, Refused, Text,
};
use super::document::{Element, Node};
use super::references::{self, Reference};
use super::row::{Row, fault_row, variant_row};
use crate::client::hooks::Ending as Next;
use crate::client::outcome::Outcome as CallOutcome;
use crate::quirk::Area::{Damage, Errors, Successes};
use ec2wire::ErrorKind;
use ec2wire::contract::Level::{self, Must, Should};
use ec2wire::ipam::IpamPolicyState;
use ec2wire::xml::EC2_NAMESPACE;
use percent_encoding::percent_decode_str;
use serde::de::Error as _;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

const fn success(level: Level, name: &'static str, summary: &'static str, change: Change) -> Row {
    fault_row(Successes, level, name, summary, change)
}

const fn error(level: Level, name: &'static str, summary: &'static str, change: Change) -> Row {
    fault_row(Errors, level, name, summary, change)
}

const fn damage(name: &'static str, summary: &'static str, change: Change) -> Row {
    fault_row(Damage, Must, name, summary, change)
}

/// The elements of the successes that the client reads.
const KNOWN_ELEMENTS: [&str; 15] = [
    "requestId",
    "ipamPolicy",
    "ipamPolicySet",
    "nextToken",
    "item",
    "ownerId",
    "ipamPolicyId",
    "ipamPolicyArn",
    "ipamPolicyRegion",
    "state",
    "stateMessage",
    "tagSet",
    "key",
    "value",
    "ipamId",
];

/// Codes that EC2 documents.
const KNOWN_CODES: [&str; 13] = [
    "AuthFailure",
    "DryRunOperation",
    "IdempotentParameterMismatch",
    "InternalError",
    "InvalidIpamId.NotFound",
    "InvalidIpamPolicyId.NotFound",
    "InvalidParameterValue",
    "MissingParameter",
    "RequestLimitExceeded",
    "ResourceLimitExceeded",
    "TagLimitExceeded",
    "UnauthorizedOperation",
    "Unavailable",
];

pub(super) static SUCCESS: &[Row] = &[
    success(
        Must,
        "client-cdata-lost",
        "CDATA sections are skipped (aws-smithy-xml)",
        Document(|document| {
            document.root.each_leaf(|element| {
                element.nodes.retain(|node| !matches!(node, Node::Cdata(_)));
            });
        }),
    ),
    success(
        Must,
        "client-comment-ends-text",
        "a text ends at a comment (aws-smithy-xml)",
        Document(|document| {
            document.root.each_leaf(|element| {
                let mut nodes = element.nodes.iter();
                if let Some(comment) = nodes.position(|node| matches!(node, Node::Comment(_))) {
                    element.nodes.truncate(comment);
                }
            });
        }),
    ),
    success(
        Must,
        "client-entities-kept",
        "the entities of XML are not unescaped",
        Document(|document| {
            document.root.each_text(|text| {
                references::replace(text, |reference| match reference {
                    Reference::Predefined(name) => Some(format!("&amp;{name};")),
                    _ => None,
                })
            });
        }),
    ),
    success(
        Must,
        "client-references-kept",
        "numeric references are not unescaped",
        Document(|document| {
            document.root.each_text(|text| {
                references::replace(text, |reference| match reference {
                    Reference::Decimal(digits) => Some(format!("&amp;#{digits};")),
                    Reference::Hexadecimal(digits) => Some(format!("&amp;#x{digits};")),
                    _ => None,
                })
            });
        }),
    ),
    success(
        Must,
        "client-references-16-bit",
        "hexadecimal references are cut to 16 bits (JS v3)",
        Document(|document| {
            document.root.each_text(|text| {
                references::replace(text, |reference| match reference {
                    Reference::Hexadecimal(digits) => {
                        let number = u32::from_str_radix(digits, 16).ok()?;
                        Some(format!("&#x{:X};", number & 0xFFFF))
                    }
                    _ => None,
                })
            });
        }),
    ),
    success(
        Must,
        "client-crlf-kept",
        "a CR before an LF is kept in texts (aws-smithy-xml)",
        Document(|document| {
            document
                .root
                .each_text(|text| text.replace("\r\n", "&#13;\n"));
        }),
    ),
    success(
        Must,
        "client-text-trimmed",
        "white space at both ends of a text is removed",
        Output(|output| each_text(output, &|text| text.trim().into())),
    ),
    success(
        Must,
        "client-blank-lost",
        "a text of white space becomes an empty text",
        Output(|output| {
            each_text(output, &|text| match text.trim() {
                "" => "".into(),
                _ => text.into(),
            });
        }),
    ),
    success(
        Must,
        "client-empty-is-null",
        "an empty text becomes null",
        Output(|output| {
            each_text(output, &|text| match text {
                "" => Value::Null,
                _ => text.into(),
            });
        }),
    ),
    success(
        Must,
        "client-guesses-types",
        "a text that looks like a 32-bit number becomes a number",
        Output(|output| {
            each_text(output, &|text| {
                text.parse::<u32>()
                    .map_or_else(|_| text.into(), Value::from)
            });
        }),
    ),
    success(
        Must,
        "client-unescapes",
        "percent escapes in texts are unescaped",
        Output(|output| {
            each_text(output, &|text| {
                percent_decode_str(text).decode_utf8_lossy().into()
            });
        }),
    ),
    success(
        Must,
        "client-astral-replaced",
        "characters above U+FFFF become question marks",
        Output(|output| {
            each_text(output, &|text| {
                let kept = |c: char| if c > '\u{FFFF}' { '?' } else { c };
                text.chars().map(kept).collect::<String>().into()
            });
        }),
    ),
    success(
        Must,
        "client-one-tag",
        "only the first tag is read",
        Output(|output| {
            each_member(output, "Tags", &mut |tags| {
                if let Some(tags) = tags.as_array_mut() {
                    tags.truncate(1);
                }
            });
        }),
    ),
    success(
        Must,
        "client-tags-lost",
        "tags are not read",
        Output(|output| each_member(output, "Tags", &mut |tags| *tags = json!([]))),
    ),
    success(
        Must,
        "client-message-of-state-lost",
        "stateMessage is not read",
        Document(|document| {
            document.root.each(&mut |element| {
                element.remove(|child| child.local_name() == "stateMessage");
            });
        }),
    ),
    success(
        Must,
        "client-unknown-refused",
        "an unknown element is an error",
        Refused(|document| {
            let mut below = document.root.descendants().into_iter().skip(1);
            document.is_success() && below.any(|element| !is_known(element))
        }),
    ),
    success(
        Must,
        "client-unknown-taken",
        "members are also found inside of unknown elements",
        Document(|document| document.root.each(&mut unwrap_unknown)),
    ),
    success(
        Should,
        "client-message-of-state-made-up",
        "stateMessage has a text where the answer has none",
        Output(|output| {
            each_policy(output, &mut |policy| {
                policy
                    .entry("StateMessage")
                    .or_insert_with(|| "none".into());
            });
        }),
    ),
    success(
        Must,
        "client-state-refused",
        "an unknown state is an error",
        Outcome(|outcome| {
            if let CallOutcome::Success(output) = outcome {
                let mut is_known = true;
                each_member(output, "State", &mut |state| {
                    is_known &= is_known_state(state);
                });
                if !is_known {
                    *outcome = unreadable("the state is unknown");
                }
            }
        }),
    ),
    success(
        Must,
        "client-state-lost",
        "an unknown state becomes `unknown`",
        Output(|output| {
            each_member(output, "State", &mut |state| {
                if !is_known_state(state) {
                    *state = "unknown".into();
                }
            });
        }),
    ),
    success(
        Must,
        "client-empty-list-refused",
        "an empty list of tags is an error",
        Refused(|document| {
            let all = document.root.descendants();
            let mut lists = all.into_iter().filter(|element| is_tag_list(element));
            lists.any(|list| list.children().next().is_none())
        }),
    ),
    success(
        Must,
        "client-empty-list-filled",
        "an empty list of tags gets an entry without members",
        Document(|document| {
            document.root.each_leaf(|element| {
                if is_tag_list(element) {
                    element.nodes.push(Node::Element(Element::named("item")));
                }
            });
        }),
    ),
    success(
        Must,
        "client-order-expected",
        "requestId must be the first known element",
        Refused(|document| {
            let mut known = document.root.children().filter(|element| is_known(element));
            let first = known.next();
            document.is_success() && first.is_some_and(|first| first.local_name() != "requestId")
        }),
    ),
    success(
        Must,
        "client-white-space-refused",
        "white space between elements is an error",
        Refused(|document| {
            let has_blank = |element: &Element| {
                let is_blank =
                    |node: &Node| matches!(node, Node::Text(text) if text.trim().is_empty());
                element.children().next().is_some() && element.nodes.iter().any(is_blank)
            };
            document.is_success() && document.root.descendants().into_iter().any(has_blank)
        }),
    ),
    success(
        Should,
        "client-namespace-expected",
        "a namespace other than EC2's is an error",
        Refused(|document| {
            document.is_success() && document.root.namespace() != Some(EC2_NAMESPACE)
        }),
    ),
];

pub(super) static ERROR: &[Row] = &[
    error(
        Must,
        "client-hangs-on-errors",
        "the client loops forever on an error",
        Ending(|outcome| match outcome {
            CallOutcome::Fault(_) => Next::Hangs,
            _ => Next::Continues,
        }),
    ),
    error(
        Must,
        "client-errors-ignored",
        "every answer is a success",
        Outcome(|outcome| {
            if let CallOutcome::Fault(_) = outcome {
                *outcome = empty_success();
            }
        }),
    ),
    error(
        Must,
        "client-dry-run-ignored",
        "the error of a dry run is a success",
        Outcome(|outcome| {
            if matches!(outcome, CallOutcome::Fault(fault) if fault.status == 412) {
                *outcome = empty_success();
            }
        }),
    ),
    error(
        Must,
        "client-status-ignored",
        "only the document decides whether an answer is a success",
        Answer(|answer| {
            let document = super::document::Document::read(&answer.body);
            if document.is_some_and(|document| document.is_success()) {
                answer.status = 200;
            }
        }),
    ),
    error(
        Must,
        "client-code-lost",
        "every code becomes `Unknown`",
        FaultLine(|line| set(line, "code", "Unknown".into())),
    ),
    error(
        Must,
        "client-code-listed",
        "a code that the client does not know becomes `Unknown`",
        FaultLine(|line| {
            let code = line.get("code").and_then(Value::as_str);
            if code.is_some_and(|code| !KNOWN_CODES.contains(&code)) {
                set(line, "code", "Unknown".into());
            }
        }),
    ),
    error(
        Must,
        "client-code-short",
        "a code ends at its first dot",
        FaultLine(|line| {
            let code = line.get("code").and_then(Value::as_str);
            let short = code.and_then(|code| code.split('.').next());
            set(line, "code", short.map(str::to_owned).into());
        }),
    ),
    error(
        Must,
        "client-message-lost",
        "the message is lost",
        FaultLine(|line| set(line, "message", Value::Null)),
    ),
    error(
        Must,
        "client-message-cut",
        "the message is cut after 40 characters",
        FaultLine(|line| {
            let message = line.get("message").and_then(Value::as_str);
            let cut: Option<String> = message.map(|text| text.chars().take(40).collect());
            set(line, "message", cut.into());
        }),
    ),
    error(
        Should,
        "client-status-lost",
        "the status of an error is lost",
        FaultLine(|line| set(line, "status", Value::Null)),
    ),
    error(
        Should,
        "client-id-lost",
        "the request id of an error is lost",
        FaultLine(|line| set(line, "requestId", Value::Null)),
    ),
    error(
        Should,
        "client-id-of-header",
        "the request id of an error is only read from the headers (Rust, JS)",
        Change::Fault(|fault, header_id| fault.request_id = header_id.map(str::to_owned)),
    ),
    error(
        Must,
        "client-takes-for-transport",
        "an error of EC2 is reported as an error of the connection",
        FaultLine(|line| set(line, "kind", "transport".into())),
    ),
    error(
        Should,
        "client-two-errors",
        "if there are two errors, neither is reported (JS)",
        Change::Fault(|fault, _| {
            if fault.errors.len() > 1 {
                fault.errors.clear();
            }
        }),
    ),
    error(
        Should,
        "client-other-root",
        "an error with the root ErrorResponse has no code (Rust)",
        Document(|document| {
            if document.root.local_name() == "ErrorResponse" {
                document.root.each(&mut |element| {
                    element.remove(|child| child.local_name() == "Code");
                });
            }
        }),
    ),
    error(
        Must,
        "client-half-code",
        "a code that is cut short is reported (Rust)",
        Text(|text| match text.rsplit_once('<') {
            Some((_, last)) if last.starts_with("Code>") => closed(text),
            _ => text.to_owned(),
        }),
    ),
];

pub(super) static DAMAGE: &[Row] = &[
    damage(
        "client-lenient",
        "a document that ends too soon or whose tags do not match is read as far as possible (aws-smithy-xml)",
        Text(closed),
    ),
    damage(
        "client-nbsp",
        "an undefined entity is skipped (JS)",
        Document(|document| {
            document.root.each_text(|text| {
                references::replace(text, |reference| match reference {
                    Reference::Undefined(_) => Some(String::new()),
                    _ => None,
                })
            });
        }),
    ),
    damage(
        "client-not-utf-8",
        "bytes that are not UTF-8 are replaced",
        Answer(|answer| {
            answer.body = String::from_utf8_lossy(&answer.body)
                .into_owned()
                .into_bytes();
        }),
    ),
    damage(
        "client-strangers",
        "a success that cannot be read is a success without members (botocore, JS)",
        Outcome(|outcome| {
            if let CallOutcome::Unreadable(_) = outcome {
                *outcome = empty_success();
            }
        }),
    ),
    damage(
        "client-cut-short",
        "an answer that is not whole is a success",
        Outcome(|outcome| {
            if let CallOutcome::NoAnswer(_) = outcome {
                *outcome = empty_success();
            }
        }),
    ),
    damage(
        "client-dies",
        "the client dies of an answer that it cannot read",
        Ending(|outcome| match outcome {
            CallOutcome::Unreadable(_) => Next::Dies,
            _ => Next::Continues,
        }),
    ),
    damage(
        "client-hangs",
        "the client loops forever on an answer that ends too soon (rusoto)",
        Ending(|outcome| match outcome {
            CallOutcome::Unreadable(error) if matches!(error.kind(), ErrorKind::Truncated(_)) => {
                Next::Hangs
            }
            _ => Next::Continues,
        }),
    ),
    damage(
        "client-refuses-all",
        "no answer can be read",
        Outcome(|outcome| *outcome = unreadable("no answer can be read")),
    ),
];

pub(super) static VARIANTS: &[Row] = &[
    variant_row(
        "client-unknown-handed-out",
        "the request id and unknown elements reach the caller beside the members",
        Beside(|output, document| hand_out_unknown(output, &document.root)),
    ),
    variant_row(
        "client-empty-list-is-text",
        "an empty list of tags becomes an empty text, as with parsers that know no types",
        Output(|output| {
            each_member(output, "Tags", &mut |tags| {
                if tags.as_array().is_some_and(Vec::is_empty) {
                    *tags = "".into();
                }
            });
        }),
    ),
];

/// Adds the elements that are not members of the output, by their own names.
fn hand_out_unknown(output: &mut Value, element: &Element) {
    for (at, child) in element.children().enumerate() {
        let name = child.local_name();
        let member = match name {
            "ipamPolicy" => output.get_mut("IpamPolicy"),
            "ipamPolicySet" => output.get_mut("IpamPolicies"),
            "tagSet" => output.get_mut("Tags"),
            "item" => output.get_mut(at),
            _ => None,
        };
        if let Some(member) = member {
            hand_out_unknown(member, child);
        } else if (name == "requestId" || !is_known(child))
            && let Value::Object(members) = output
        {
            members.insert(name.to_owned(), plain(child));
        }
    }
}

/// An element as a reader without types sees it.
fn plain(element: &Element) -> Value {
    if element.children().next().is_some() {
        let children = element.children();
        return children
            .map(|child| (child.local_name().to_owned(), plain(child)))
            .collect();
    }
    let texts = element.nodes.iter().filter_map(|node| match node {
        Node::Text(text) => Some(text.as_str()),
        _ => None,
    });
    texts.collect::<String>().into()
}

fn is_known(element: &Element) -> bool {
    KNOWN_ELEMENTS.contains(&element.local_name())
}

fn is_tag_list(element: &Element) -> bool {
    element.local_name() == "tagSet"
}

/// Moves the known elements inside of unknown children up, in place of the children with the same
/// name.
fn unwrap_unknown(element: &mut Element) {
    let mut found = Vec::new();
    for node in &mut element.nodes {
        if let Node::Element(child) = node
            && !is_known(child)
        {
            let is_inside = |node: &mut Node| matches!(node, Node::Element(inner) if is_known(inner) && inner.local_name() != "item");
            found.extend(child.nodes.extract_if(.., is_inside));
        }
    }
    for node in &found {
        if let Node::Element(inner) = node {
            element.remove(|child| child.local_name() == inner.local_name());
        }
    }
    element.nodes.extend(found);
}

fn is_known_state(state: &Value) -> bool {
    let name = state.as_str().unwrap_or_default();
    !IpamPolicyState::from(name).is_unknown()
}

/// Rewrites the texts at any depth.
fn each_text(value: &mut Value, edit: &impl Fn(&str) -> Value) {
    match value {
        Value::String(text) => *value = edit(text),
        Value::Array(entries) => entries.iter_mut().for_each(|entry| each_text(entry, edit)),
        Value::Object(members) => members
            .values_mut()
            .for_each(|member| each_text(member, edit)),
        _ => {}
    }
}

/// Rewrites the members of one name at any depth.
fn each_member(value: &mut Value, name: &str, edit: &mut impl FnMut(&mut Value)) {
    match value {
        Value::Array(entries) => {
            for entry in entries {
                each_member(entry, name, edit);
            }
        }
        Value::Object(members) => {
            for (member, value) in members {
                if member == name {
                    edit(value);
                } else {
                    each_member(value, name, edit);
                }
            }
        }
        _ => {}
    }
}

/// Rewrites each policy of a success.
fn each_policy(output: &mut Value, edit: &mut impl FnMut(&mut Map<String, Value>)) {
    each_member(output, "IpamPolicy", &mut |policy| {
        policy.as_object_mut().map(&mut *edit);
    });
    each_member(output, "IpamPolicies", &mut |policies| {
        let policies = policies.as_array_mut().into_iter().flatten();
        policies
            .filter_map(Value::as_object_mut)
            .for_each(&mut *edit);
    });
}

/// Sets a member of the JSON about an error.
fn set(line: &mut Value, name: &str, value: Value) {
    if let Some(member) = line.get_mut(name) {
        *member = value;
    }
}

fn empty_success() -> CallOutcome {
    CallOutcome::Success(json!({}))
}

fn unreadable(message: &str) -> CallOutcome {
    CallOutcome::Unreadable(ec2wire::Error::custom(message))
}

/// A document as a parser reads it that closes whatever is open: end tags get the names of their
/// start tags, missing ones are added, and what follows the root is ignored.
fn closed(text: &str) -> String {
    let mut open: Vec<&str> = Vec::new();
    let mut fixed = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        fixed.push_str(before);
        let Some((tag, behind)) = after.split_once('>') else {
            rest = "";
            break;
        };
        rest = behind;
        if tag.starts_with('/') {
            if let Some(name) = open.pop() {
                let _ = write!(fixed, "</{name}>");
            }
        } else {
            let _ = write!(fixed, "<{tag}>");
            if !tag.ends_with('/') && !tag.starts_with(['?', '!']) {
                open.push(tag.split([' ', '\n']).next().unwrap_or(tag));
            }
        }
        if open.is_empty() && fixed.contains("</") {
            return fixed;
        }
    }
    fixed.push_str(rest);
    while let Some(name) = open.pop() {
        let _ = write!(fixed, "</{name}>");
    }
    fixed
}
