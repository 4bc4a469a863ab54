//! Documents as `quick_xml` reads them.
//!
//! Its events become a [tree](super::tree). The tree is then read into the same types as the codec
//! reads: the response types, and [one for any document](crate::generic::Value).

use super::tree::{Facts, Refusal, Root, View, parse};
use super::{Verdict, judge};
use crate::generic::Value;
use ec2wire::ipam::{
    CreateIpamPolicyResponse, CreateIpamResponse, DeleteIpamPolicyResponse, DeleteIpamResponse,
    DescribeIpamPoliciesResponse,
};
use ec2wire::{ErrorKind, Limit, xml};
use serde::de::DeserializeOwned;
use std::fmt::Debug;

/// A row about documents.
pub type Decision = super::Decision<Facts>;

const fn is_malformed(kind: &ErrorKind, _: &Facts) -> bool {
    matches!(kind, ErrorKind::Malformed(_))
}

/// The rows in which the codec and `quick_xml` may differ.
pub const DECISIONS: &[Decision] = &[
    Decision {
        row: "another encoding, as UTF-16",
        due: |facts| facts.other_encoding,
        kind: is_malformed,
        example: b"<?xml version='1.0' encoding='UTF-16'?><r/>",
    },
    Decision {
        row: "a damaged declaration, or one not at the start",
        due: |facts| facts.bad_declaration,
        kind: is_malformed,
        example: b"<?xml encoding='UTF-8'?><r/>",
    },
    Decision {
        row: "a reference to a control character, `&#x1F;`",
        due: |facts| facts.strict && facts.references.iter().any(|code| *code < 0x20),
        kind: |kind, facts| {
            matches!(kind, ErrorKind::IllegalCharacter(code @ 1..0x20)
                if facts.references.contains(code))
        },
        example: b"<r><a>&#x1F;</a></r>",
    },
    Decision {
        row: "`&#0;`, `&#x110000;`, surrogates, `&#xFFFE;`",
        due: |facts| facts.references.iter().any(|code| *code >= 0x20),
        kind: |kind, facts| {
            matches!(kind, ErrorKind::IllegalCharacter(code @ 0xFFFE..)
                if facts.references.contains(code))
        },
        example: b"<r><a>&#xFFFE;</a></r>",
    },
    Decision {
        row: "an unescaped control character, U+FFFE, U+FFFF",
        due: |facts| !facts.bare.is_empty(),
        kind: |kind, facts| matches!(kind, ErrorKind::IllegalCharacter(code) if facts.bare.contains(code)),
        example: b"<r><a>\x08</a></r>",
    },
    Decision {
        row: "a DOCTYPE",
        due: |facts| facts.doctype,
        kind: |kind, _| matches!(kind, ErrorKind::Doctype),
        example: b"<!DOCTYPE r><r/>",
    },
    Decision {
        row: "a damaged attribute",
        due: |facts| facts.bad_attribute,
        kind: is_malformed,
        example: b"<r a='<'/>",
    },
    Decision {
        row: "markup that is not well-formed",
        due: |facts| facts.bad_name || facts.cdata_end,
        kind: is_malformed,
        example: b"<1/>",
    },
    Decision {
        row: "text or an end tag in front of the root",
        due: |facts| facts.text_before_root && !facts.starts_with_text,
        kind: is_malformed,
        example: b"<!-- -->a<r/>",
    },
    Decision {
        row: "junk behind the root",
        due: |facts| facts.junk,
        kind: |kind, _| matches!(kind, ErrorKind::TrailingContent),
        example: b"<r/>a",
    },
    Decision {
        row: "an empty body, JSON, plain text",
        due: |facts| facts.starts_with_text,
        kind: |kind, _| matches!(kind, ErrorKind::NotXml(_)),
        example: b"a<r/>",
    },
    Decision {
        row: "more than 64 MiB, 4,194,304 elements or 64 levels",
        due: |facts| facts.depth > xml::Options::LIMITS.depth,
        kind: |kind, _| matches!(kind, ErrorKind::LimitExceeded(Limit::Depth, _)),
        example: b"<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>\
            <a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>\
            <a><a><a><a><a><a><a><a><a><a><a/></a></a></a></a></a></a></a></a></a></a></a></a></a>\
            </a></a></a></a></a></a></a></a></a></a></a></a></a></a></a></a></a></a></a></a></a>\
            </a></a></a></a></a></a></a></a></a></a></a></a></a></a></a></a></a></a></a></a></a>\
            </a></a></a></a></a></a></a></a></a>",
    },
    Decision {
        row: Refusal::ROOT.row,
        due: |facts| facts.refusal == Some(Refusal::ROOT),
        kind: |kind, _| matches!(kind, ErrorKind::WrongRoot { .. }),
        example: b"<CreateIpamPolicyResult/>",
    },
    Decision {
        row: Refusal::REPEATED.row,
        due: |facts| facts.refusal == Some(Refusal::REPEATED),
        kind: |kind, _| matches!(kind, ErrorKind::RepeatedMember(_)),
        example: b"<r><requestId>a</requestId><RequestId>b</RequestId></r>",
    },
    Decision {
        row: Refusal::NOT_ITEM.row,
        due: |facts| facts.refusal == Some(Refusal::NOT_ITEM),
        kind: |kind, _| matches!(kind, ErrorKind::UnexpectedElement(_)),
        example: b"<r><item/><member/></r>",
    },
    Decision {
        row: Refusal::TEXT.row,
        due: |facts| facts.refusal == Some(Refusal::TEXT),
        kind: |kind, _| matches!(kind, ErrorKind::UnexpectedText),
        example: b"<r><a/>b</r>",
    },
    Decision {
        row: Refusal::ELEMENTS.row,
        due: |facts| facts.refusal == Some(Refusal::ELEMENTS),
        kind: |kind, _| matches!(kind, ErrorKind::ExpectedScalar),
        example: b"<r><a>b<c/></a></r>",
    },
    Decision {
        row: Refusal::SCALAR.row,
        due: |facts| facts.refusal == Some(Refusal::SCALAR),
        kind: |kind, _| matches!(kind, ErrorKind::InvalidScalar(_)),
        example:
            b"<CreateIpamResponse><ipam><scopeCount>+1</scopeCount></ipam></CreateIpamResponse>",
    },
];

/// How to read a document.
#[derive(Debug, Clone, Copy)]
pub struct Mode {
    /// Whether references to control characters are refused.
    pub strict: bool,
    /// Whether the root must have the type's name.
    pub any_root: bool,
}

impl Mode {
    fn options(self) -> xml::Options {
        let options = xml::Options::new();
        let options = if self.strict {
            options.strict()
        } else {
            options
        };
        if self.any_root {
            options.any_root()
        } else {
            options
        }
    }
}

/// The document as the codec reads it.
///
/// # Errors
///
/// The kind of the codec's error.
pub fn ours<T: DeserializeOwned>(data: &[u8], mode: Mode) -> Result<T, ErrorKind> {
    let value = mode.options().from_slice(data);
    value.map_err(|error| error.kind().clone())
}

/// Compares what the codec reads with what `quick_xml` reads.
///
/// # Errors
///
/// How they differ, if no decision documents the difference.
pub fn judge_document<T: DeserializeOwned + PartialEq + Debug>(
    data: &[u8],
    mode: Mode,
    ours: &Result<T, ErrorKind>,
) -> Result<Verdict, String> {
    let parsed = std::str::from_utf8(data)
        .map_err(|error| error.to_string())
        .and_then(parse);
    let (tree, mut facts) = match (parsed, ours) {
        (Ok(parsed), _) => parsed,
        (Err(_), Err(_)) => return Ok(Verdict::Same),
        (Err(error), Ok(_)) => return Err(format!("accepted, but quick-xml refuses it: {error}")),
    };
    facts.strict = mode.strict;
    let root = if mode.any_root {
        Root::Any
    } else {
        Root::OfType
    };
    let theirs = T::deserialize(View::new(&tree, root));
    let theirs = theirs.map_err(|refusal| facts.refusal = Some(refusal)).ok();
    let verdict = judge(DECISIONS, &facts, ours, theirs.as_ref())?;
    if facts.late_duplicate && verdict == Verdict::Same {
        // The codec compares eight attributes of a tag; quick-xml compares all.
        return Ok(Verdict::Decided("a damaged attribute"));
    }
    Ok(verdict)
}

fn check_as<T: DeserializeOwned + PartialEq + Debug>(
    data: &[u8],
    mode: Mode,
) -> Result<Verdict, String> {
    judge_document(data, mode, &ours::<T>(data, mode))
        .map_err(|why| format!("{mode:?}: {} {why}", std::any::type_name::<T>()))
}

type Check = fn(&[u8], Mode) -> Result<Verdict, String>;

/// The responses, by the name of their root.
const ANSWERS: &[(&str, Check)] = &[
    ("CreateIpamResponse", check_as::<CreateIpamResponse>),
    (
        "DeleteIpamPolicyResponse",
        check_as::<DeleteIpamPolicyResponse>,
    ),
    ("DeleteIpamResponse", check_as::<DeleteIpamResponse>),
    (
        "DescribeIpamPoliciesResponse",
        check_as::<DescribeIpamPoliciesResponse>,
    ),
    // The last one is used for unknown roots.
    (
        "CreateIpamPolicyResponse",
        check_as::<CreateIpamPolicyResponse>,
    ),
];

/// Compares all readings of a document: as an untyped document, and as the response that its root
/// names.
///
/// # Errors
///
/// How two readings differ, if no decision documents the difference.
pub fn check(data: &[u8]) -> Result<Vec<Verdict>, String> {
    let root = std::str::from_utf8(data).ok().map(parse);
    let root = match &root {
        Some(Ok((root, _))) => root.name.as_str(),
        _ => "",
    };
    let known = ANSWERS.iter().find(|(name, _)| *name == root);
    let (_, check) = known.unwrap_or(&ANSWERS[ANSWERS.len() - 1]);
    let mut verdicts = Vec::new();
    for strict in [false, true] {
        for any_root in [false, true] {
            verdicts.push(check(data, Mode { strict, any_root })?);
        }
        let any_root = true;
        verdicts.push(check_as::<Value>(data, Mode { strict, any_root })?);
    }
    Ok(verdicts)
}

/// The offset after the root's end tag, if `quick_xml` reads the document.
#[must_use]
pub fn end_of_root(document: &str) -> Option<usize> {
    parse(document).ok().map(|(_, facts)| facts.end)
}
