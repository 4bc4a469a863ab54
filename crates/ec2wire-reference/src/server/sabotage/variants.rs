//! Variants: what EC2 might do as well. A comment says why it is possible.

use super::change::Change::{
    Delivery, DescribesLate, Document, EmptyPage, Form, Headers, Ipam, ListsDeleted, Policy,
    PolicyId, Refusal, RefusedTag,
};
use super::change::Part;
use super::document::Element;
use super::row::{Row, variant_row};
use crate::server::delivery::Delivery as Way;
use crate::server::hooks::Afterlife;
use ec2wire::ipam::IpamPolicyState;
use http::HeaderValue;

pub(super) static TABLE: &[Row] = &[
    // The documentation says that the order of elements may vary, and shows both.
    variant_row(
        "request-id-last",
        "requestId follows the members (LocalStack, moto)",
        Document(|document| {
            let id = document.root.take("requestId");
            document.root.children.extend(id);
        }),
    ),
    variant_row(
        "members-in-reverse",
        "members and tags are in reverse order",
        Document(|document| {
            document
                .root
                .each(&mut |element| element.children.reverse());
        }),
    ),
    // Recorded responses have an empty element for some resources and no element for others.
    variant_row(
        "no-tag-set-when-empty",
        "a policy without tags has no tagSet",
        Policy(|policy| {
            policy.tag_set.take_if(|tags| tags.is_empty());
        }),
    ),
    // The user guide's example has eight digits; observed IPAM ids have seventeen.
    variant_row(
        "policy-id-of-8-digits",
        "ipamPolicyId has eight digits, as EC2's ids once had (sockerless, gopherstack)",
        PolicyId(|id| {
            let digits = id.rsplit('-').next().and_then(|digits| digits.get(9..));
            format!("ipam-policy-{}", digits.unwrap_or_default())
        }),
    ),
    // No transition is documented. CreateIpam's sample says in-progress, all emulators say complete.
    variant_row(
        "create-complete-at-once",
        "a new policy is create-complete",
        Policy(|policy| {
            if policy.state == Some(IpamPolicyState::CreateInProgress) {
                policy.state = Some(IpamPolicyState::CreateComplete);
            }
        }),
    ),
    // 25 of 72 recorded responses were chunked.
    variant_row(
        "chunked",
        "an answer is chunked and has no Content-Length",
        Delivery(|_| Way::Chunked),
    ),
    variant_row(
        "connection-close",
        "the connection is closed after each answer, and a header says so",
        Headers(|headers| {
            headers.insert("connection", HeaderValue::from_static("close"));
        }),
    ),
    // EC2's answers were indented until 2025-07-31.
    variant_row(
        "pretty-printed",
        "an answer is indented, one element per line",
        Document(|document| {
            document.is_pretty = true;
        }),
    ),
    // XML allows these forms, so a client must read them.
    variant_row(
        "cdata",
        "texts are in CDATA sections",
        Document(|document| {
            document.root.each(&mut |element| {
                if element.children.is_empty() && !element.text.is_empty() {
                    element.text = cdata(&element.text);
                }
            });
        }),
    ),
    variant_row(
        "numeric-references",
        "some characters of texts are numeric references",
        Document(|document| {
            document.root.each(&mut |element| {
                if element.children.is_empty() {
                    element.text = references(&element.text);
                }
            });
        }),
    ),
    variant_row(
        "comments",
        "comments are between elements and in texts",
        Document(|document| {
            document.root.each(&mut |element| {
                element.text.push_str("<!-- - -->");
            });
        }),
    ),
    variant_row(
        "no-declaration",
        "the XML declaration is missing",
        Document(|document| document.prolog.clear()),
    ),
    // "Ignore unknown elements": a newer EC2 has more members.
    variant_row(
        "unknown-members",
        "an answer has undocumented members",
        Document(|document| {
            if let Some(policy) = document.root.child("ipamPolicy") {
                policy
                    .children
                    .insert(0, Element::new("creationTime", "2026-11-01T00:00:00.000Z"));
                let mut set = Element::new("ruleSet", "");
                set.children.push(Element::new("item", "x"));
                policy.children.push(set);
            }
        }),
    ),
    // The error code for an invalid tag depends on the action and is not documented for this one.
    variant_row(
        "other-legal-codes",
        "the error code for invalid tags is InvalidParameter or InvalidTagKey.Malformed",
        Refusal(|fault| {
            for entry in &mut fault.errors {
                if entry.message.starts_with("Tag keys starting with") {
                    entry.code = "InvalidTagKey.Malformed".into();
                } else if entry.code == "InvalidParameterValue" {
                    entry.code = "InvalidParameter".into();
                }
            }
        }),
    ),
    // The API reference says 127, the user guide 128.
    variant_row(
        "tag-key-limit-127",
        "a tag key of 128 characters is refused",
        RefusedTag(Part::Key, |key| key.chars().count() > 127),
    ),
    // EC2's page only names aws:, those of other services say in any case.
    variant_row(
        "tag-prefix-in-any-case",
        "a tag key that starts with aws: in any case is refused",
        RefusedTag(Part::Key, |key| {
            key.get(..4)
                .is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:"))
        }),
    ),
    // A dry run has been observed to depend on the caller's permissions alone.
    variant_row(
        "dry-run-before-look-up",
        "a dry run does not check that the IPAM exists",
        Ipam(|request| request.dry_run == Some(true)),
    ),
    // How EC2 reads a repeated parameter is not established.
    variant_row(
        "first-of-repeated",
        "the first value of a repeated parameter counts",
        Form(|form| {
            let mut seen = std::collections::HashSet::new();
            form.pairs.retain(|pair| seen.insert(pair.key.clone()));
        }),
    ),
    // Two answers to `Filter=` were seen.
    variant_row(
        "bare-list-invalid-value",
        "the code for a list's name with an empty value is InvalidParameterValue",
        Refusal(|fault| {
            for entry in &mut fault.errors {
                if entry.code == "InvalidRequest" {
                    entry.code = "InvalidParameterValue".into();
                }
            }
        }),
    ),
    // Which texts EC2 reads as a boolean is not established.
    variant_row(
        "lax-booleans",
        "yes, True, TRUE and 1 count as true",
        Form(|form| {
            for pair in form.pairs.iter_mut().filter(|pair| pair.key == "DryRun") {
                if pair
                    .value
                    .as_deref()
                    .is_some_and(|value| ["yes", "True", "TRUE", "1"].contains(&value))
                {
                    pair.value = Some("true".into());
                }
            }
        }),
    ),
    // EC2 documents eventual consistency: a new resource may take a while to show.
    variant_row(
        "described-later",
        "a new policy is missing from the first DescribeIpamPolicies after its creation",
        DescribesLate,
    ),
    // AWS documents that a deleted resource may stay visible for a while, in a state that says so.
    variant_row(
        "deleted-listed-as-deleted",
        "a deleted policy is delete-complete in three more lists of policies",
        ListsDeleted(Afterlife::Deleted),
    ),
    variant_row(
        "deleted-listed-for-a-while",
        "the next DescribeIpamPolicies lists a deleted policy as if it still existed",
        ListsDeleted(Afterlife::Unchanged),
    ),
    // A page may be shorter than MaxResults. Only nextToken says whether there is more.
    variant_row(
        "first-page-empty",
        "the first page of a list is empty and has a token for the next page",
        EmptyPage,
    ),
    // No documentation promises the text of a message.
    variant_row(
        "other-messages",
        "errors have other messages",
        Refusal(|fault| {
            for entry in &mut fault.errors {
                entry.message = "Näher <nicht> beschrieben & so weiter".into();
            }
        }),
    ),
    variant_row(
        "more-headers",
        "an answer has the headers that EC2 sent in 2023, and a cookie",
        Headers(|headers| {
            for (name, value) in [
                ("cache-control", "no-cache, no-store"),
                (
                    "strict-transport-security",
                    "max-age=31536000; includeSubDomains",
                ),
                ("vary", "accept-encoding"),
                ("set-cookie", "a=b"),
            ] {
                headers.insert(name, HeaderValue::from_static(value));
            }
        }),
    ),
];

/// An escaped text as CDATA sections, in which nothing is escaped.
fn cdata(text: &str) -> String {
    // A carriage return would become a line feed there, so its reference stays.
    let pieces = text.split("&#xD;").map(|piece| {
        if piece.is_empty() {
            return String::new();
        }
        let mut plain = piece.to_owned();
        for (escape, character) in ESCAPES {
            plain = plain.replace(escape, character);
        }
        format!("<![CDATA[{}]]>", plain.replace("]]>", "]]]]><![CDATA[>"))
    });
    pieces.collect::<Vec<_>>().join("&#xD;")
}

/// The encoder's escapes. `&amp;` is last, so that nothing is unescaped twice.
const ESCAPES: [(&str, &str); 5] = [
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", "\""),
    ("&apos;", "'"),
    ("&amp;", "&"),
];

/// An escaped text with every second character as a reference, in turn decimal and hexadecimal.
fn references(text: &str) -> String {
    let mut written = String::new();
    let mut rest = text;
    let mut count = 0_usize;
    while let Some(first) = rest.chars().next() {
        // An existing reference stays as it is.
        let end = if first == '&' {
            rest.find(';').map_or(rest.len(), |end| end + 1)
        } else {
            first.len_utf8()
        };
        let (piece, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let is_reference = piece.len() > first.len_utf8();
        let written_anew = match count % 4 {
            1 if !is_reference => Some(format!("&#{};", u32::from(first))),
            3 if !is_reference => Some(format!("&#x{:X};", u32::from(first))),
            _ => None,
        };
        written.push_str(written_anew.as_deref().unwrap_or(piece));
        count += 1;
        rest = after;
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_text_becomes_cdata() {
        assert_eq!(cdata("a&amp;lt;b"), "<![CDATA[a&lt;b]]>");
        assert_eq!(cdata("]]&gt;&#xD;"), "<![CDATA[]]]]><![CDATA[>]]>&#xD;");
    }

    #[test]
    fn every_second_character_becomes_a_reference() {
        assert_eq!(references("abcdé&lt;f"), "a&#98;c&#x64;é&lt;f");
    }
}
