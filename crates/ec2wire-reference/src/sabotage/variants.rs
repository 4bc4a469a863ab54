//! Variants: what EC2 might do as well. Each says what leaves it open.

use super::Quirk;
use super::change::Change::{
    Delivery, Document, EmptyPage, Form, Headers, Ipam, Lags, Policy, PolicyId, Refusal, RefusedTag,
};
use super::change::{Delivery as Way, Part};
use super::document::Element;
use ec2wire::ipam::IpamPolicyState;
use http::HeaderValue;

pub(super) static TABLE: &[Quirk] = &[
    // The documents say that the order of elements may vary, and show both.
    Quirk::variant(
        "request-id-last",
        "requestId comes behind the members (LocalStack, moto)",
        Document(|document| {
            let id = document.root.take("requestId");
            document.root.children.extend(id);
        }),
    ),
    Quirk::variant(
        "members-in-reverse",
        "the members and tags come in the opposite order",
        Document(|document| {
            document
                .root
                .each(&mut |element| element.children.reverse());
        }),
    ),
    // Recorded responses have an empty element for some resources and none for others.
    Quirk::variant(
        "no-tag-set-when-empty",
        "a policy without tags has no tagSet",
        Policy(|policy| {
            policy.tag_set.take_if(|tags| tags.is_empty());
        }),
    ),
    // The user guide's example has eight digits; IPAM ids that were seen have seventeen.
    Quirk::variant(
        "policy-id-of-8-digits",
        "ipamPolicyId has eight digits, as EC2's ids once had (sockerless, gopherstack)",
        PolicyId(|id| {
            let digits = id.rsplit('-').next().and_then(|digits| digits.get(9..));
            format!("ipam-policy-{}", digits.unwrap_or_default())
        }),
    ),
    // No transition is documented; CreateIpam's sample says in-progress, all emulators complete.
    Quirk::variant(
        "create-complete-at-once",
        "a new policy is create-complete",
        Policy(|policy| {
            if policy.state == Some(IpamPolicyState::CreateInProgress) {
                policy.state = Some(IpamPolicyState::CreateComplete);
            }
        }),
    ),
    // 25 of 72 recorded responses came in chunks.
    Quirk::variant(
        "chunked",
        "an answer comes in chunks, without its length",
        Delivery(|_| Way::Chunked),
    ),
    Quirk::variant(
        "connection-close",
        "the connection ends after each answer, and says so",
        Headers(|headers| {
            headers.insert("connection", HeaderValue::from_static("close"));
        }),
    ),
    // EC2's answers had line breaks and blanks until 2025-07-31.
    Quirk::variant(
        "pretty-printed",
        "an answer has a line an element, and blanks in front",
        Document(|document| {
            document.is_pretty = true;
        }),
    ),
    // What XML leaves open, XML's readers must take.
    Quirk::variant(
        "cdata",
        "texts stand in CDATA sections",
        Document(|document| {
            document.root.each(&mut |element| {
                if element.children.is_empty() && !element.text.is_empty() {
                    element.text = cdata(&element.text);
                }
            });
        }),
    ),
    Quirk::variant(
        "numeric-references",
        "characters of texts are written as numeric references",
        Document(|document| {
            document.root.each(&mut |element| {
                if element.children.is_empty() {
                    element.text = references(&element.text);
                }
            });
        }),
    ),
    Quirk::variant(
        "comments",
        "comments stand between the elements and in the texts",
        Document(|document| {
            document.root.each(&mut |element| {
                element.text.push_str("<!-- - -->");
            });
        }),
    ),
    Quirk::variant(
        "no-declaration",
        "there is no XML declaration",
        Document(|document| document.prolog.clear()),
    ),
    // "Ignore unknown elements": a newer EC2 has more members.
    Quirk::variant(
        "unknown-members",
        "an answer has members that are not documented",
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
    // The code of a refused tag depends on the action; for this one it is not documented.
    Quirk::variant(
        "other-legal-codes",
        "refused tags are answered with InvalidParameter",
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
    Quirk::variant(
        "tag-key-limit-127",
        "a tag key of 128 characters is refused",
        RefusedTag(Part::Key, |key| key.chars().count() > 127),
    ),
    // EC2's page names aws: only; those of other services say any case.
    Quirk::variant(
        "tag-prefix-in-any-case",
        "a tag key that begins with AWS: is refused too",
        RefusedTag(Part::Key, |key| {
            key.get(..4)
                .is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:"))
        }),
    ),
    // A dry run was seen to be answered from the caller's rights alone.
    Quirk::variant(
        "dry-run-before-look-up",
        "a dry run does not look whether the IPAM exists",
        Ipam(|request| request.dry_run == Some(true)),
    ),
    // What EC2 makes of a repeated parameter is not established.
    Quirk::variant(
        "first-of-repeated",
        "of a parameter that is given twice the first one counts",
        Form(|form| {
            let mut seen = std::collections::HashSet::new();
            form.pairs.retain(|pair| seen.insert(pair.key.clone()));
        }),
    ),
    // Which texts EC2 takes for a boolean is not established.
    Quirk::variant(
        "lax-booleans",
        "yes, True and 1 are taken for true",
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
    // EC2 says of itself that what was made may take a while to be seen.
    Quirk::variant(
        "described-later",
        "a new policy is described from the second DescribeIpamPolicies on",
        Lags,
    ),
    // A page may have less than MaxResults; whether there is more, only nextToken says.
    Quirk::variant(
        "first-page-empty",
        "the first page of a list in pages is empty, and has the token of the next",
        EmptyPage,
    ),
    // The message's text is nobody's contract.
    Quirk::variant(
        "other-messages",
        "errors have other texts",
        Refusal(|fault| {
            for entry in &mut fault.errors {
                entry.message = "Näher <nicht> beschrieben & so weiter".into();
            }
        }),
    ),
    Quirk::variant(
        "more-headers",
        "an answer has the headers that EC2 had in 2023, and a cookie",
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

/// The escaped text as CDATA sections, in which nothing is escaped.
fn cdata(text: &str) -> String {
    // A carriage return would become a line feed there: it needs its reference.
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

/// What the encoder escapes, `&` last, so that what it makes is not undone again.
const ESCAPES: [(&str, &str); 5] = [
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", "\""),
    ("&apos;", "'"),
    ("&amp;", "&"),
];

/// The escaped text with every second character as a reference, decimal and hexadecimal.
fn references(text: &str) -> String {
    let mut written = String::new();
    let mut rest = text;
    let mut count = 0_usize;
    while let Some(first) = rest.chars().next() {
        // A reference stays as it is.
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
