//! Whole responses: a status and a body.

use crate::cuts;
use crate::differential::Verdict;
use crate::differential::tree::{Content, Element, parse};
use crate::differential::xml::{Mode, judge_document};
use crate::parts::Parts;
use ec2wire::ipam::{CreateIpamPolicyResponse, DescribeIpamPoliciesResponse};
use ec2wire::{ErrorKind, Fault, Reply, envelope, xml};
use serde::de::{DeserializeOwned, IgnoredAny};
use std::fmt::Debug;

/// The statuses from which the first byte of an input selects.
const STATUSES: [u16; 10] = [200, 400, 412, 503, 500, 404, 302, 202, 100, 599];

/// Decodes the bytes as a response: the first byte selects the status, the others are the body.
///
/// Only a 2xx can be a success, exactly if its body is the action's document. A body that is not
/// EC2's becomes an excerpt. An error document has the content that quick-xml reads, can be encoded,
/// and does not become another error when truncated.
///
/// # Panics
///
/// If the codec breaks one of these promises.
pub fn envelope_decode(data: &[u8]) {
    let Some((&first, body)) = data.split_first() else {
        return;
    };
    // Digits select by their value, so that seeds are readable.
    let choice = usize::from(first.wrapping_sub(b'0'));
    let status = STATUSES[choice % STATUSES.len()];
    decode::<CreateIpamPolicyResponse>(status, body);
    decode::<DescribeIpamPoliciesResponse>(status, body);
}

fn decode<T: DeserializeOwned + PartialEq + Debug>(status: u16, body: &[u8]) {
    let is_success = (200..300).contains(&status);
    match envelope::decode::<T>(status, body) {
        Ok(Reply::Success(success)) => {
            assert!(is_success, "HTTP {status} is a success");
            assert_eq!(xml::from_slice(body).as_ref(), Ok(&success.output));
            let tree = tree(body).expect("quick-xml refuses a success");
            let ids = ["requestId", "RequestId", "RequestID"];
            assert_eq!(
                success.request_id,
                child_text(&tree, &ids),
                "quick-xml reads another request id"
            );
        }
        Ok(Reply::Fault(fault)) => {
            assert_eq!(fault.status, status);
            assert!(fault.excerpt.chars().count() <= Fault::EXCERPT_CHARS);
            if fault.excerpt.is_empty() && !body.is_empty() {
                check_fault::<T>(&fault, body);
            } else {
                assert!(!is_success, "HTTP {status} is a fault without a document");
                assert!(fault.errors.is_empty() && fault.request_id.is_none());
                assert!(!is_ec2(body), "an error document becomes an excerpt");
            }
        }
        Err(error) if is_success => {
            let is_document = xml::from_slice::<T>(body).is_ok();
            assert!(!is_document, "the action's document is refused: {error}");
        }
        Err(error) => {
            // Only for a body that is, or may have been, EC2's error document.
            let text = String::from_utf8_lossy(body);
            let start = text.trim_start_matches(['\u{FEFF}', ' ', '\t', '\r', '\n', '\u{C}']);
            let may_be = ["<?xml", "<Response", "<ErrorResponse"]
                .iter()
                .any(|beginning| start.starts_with(beginning) || beginning.starts_with(start));
            let has_root = text.contains("Response");
            assert!(may_be || has_root, "HTTP {status} is an error: {error}");
        }
    }
}

/// Checks the reading of EC2's error document.
fn check_fault<T: DeserializeOwned + PartialEq + Debug>(fault: &Fault, body: &[u8]) {
    assert_eq!(fault.excerpt, "", "an error document has an excerpt");
    let tree = tree(body).expect("quick-xml refuses an error document");
    let mut errors = Vec::new();
    collect_errors(&tree, &mut errors);
    let ours = fault
        .errors
        .iter()
        .map(|entry| (entry.code.clone(), entry.message.clone()));
    assert!(ours.eq(errors), "quick-xml reads other errors");
    let ids = ["requestId", "RequestId", "RequestID"];
    assert_eq!(fault.request_id, child_text(&tree, &ids));

    match fault.to_xml() {
        Ok(document) => {
            let again = envelope::decode::<T>(fault.status, document.as_bytes());
            assert_eq!(again, Ok(Reply::Fault(fault.clone())), "{document}");
        }
        Err(error) => assert!(matches!(error.kind(), ErrorKind::IllegalCharacter(_))),
    }

    let text = std::str::from_utf8(body).expect("it was just decoded");
    let end = parse(text).expect("it was just read").1.end;
    for at in cuts(end) {
        match envelope::decode::<T>(fault.status, &body[..at]) {
            Err(_) => {}
            // The rest is not recognizable as EC2's.
            Ok(Reply::Fault(cut)) => {
                assert!(cut.errors.is_empty() && cut.request_id.is_none());
                assert!(!(200..300).contains(&cut.status), "cut at {at}: a fault");
            }
            Ok(Reply::Success(_)) => panic!("cut at {at}: a success"),
        }
    }
}

fn tree(body: &[u8]) -> Option<Element> {
    let text = std::str::from_utf8(body).ok()?;
    parse(text).ok().map(|(root, _)| root)
}

/// Whether the body is a valid error document.
fn is_ec2(body: &[u8]) -> bool {
    let any_root = true;
    let mode = Mode {
        strict: false,
        any_root,
    };
    tree(body).is_some_and(|root| matches!(&*root.name, "Response" | "ErrorResponse"))
        && judge_document(body, mode, &Ok(IgnoredAny)) == Ok(Verdict::Same)
}

fn children(element: &Element) -> impl Iterator<Item = &Element> {
    element.content.iter().filter_map(|content| match content {
        Content::Element(child) => Some(child),
        Content::Text { .. } => None,
    })
}

fn text(element: &Element) -> String {
    let texts = element.content.iter().map(|content| match content {
        Content::Text { text, .. } => text.as_str(),
        Content::Element(_) => "",
    });
    texts.collect()
}

fn child_text(element: &Element, names: &[&str]) -> Option<String> {
    children(element)
        .find(|child| names.contains(&&*child.name))
        .map(text)
}

/// The codes and messages, in order, at any nesting.
fn collect_errors(element: &Element, errors: &mut Vec<(String, String)>) {
    for child in children(element) {
        match &*child.name {
            "Errors" => collect_errors(child, errors),
            "Error" => errors.push((
                child_text(child, &["Code"]).unwrap_or_default(),
                child_text(child, &["Message"]).unwrap_or_default(),
            )),
            _ => {}
        }
    }
}

/// Builds an error document from the bytes and encodes it.
///
/// It decodes to itself for every action, and encoding fails only on a character that XML forbids.
///
/// # Panics
///
/// If the codec breaks one of these promises.
pub fn envelope_encode(data: &[u8]) {
    let fault = Parts::new(data).fault();
    match fault.to_xml() {
        Ok(body) => {
            let reply = envelope::decode::<CreateIpamPolicyResponse>(fault.status, body.as_bytes());
            assert_eq!(reply, Ok(Reply::Fault(fault)), "{body}");
        }
        Err(error) => {
            let ErrorKind::IllegalCharacter(code) = *error.kind() else {
                panic!("{error} for {fault:?}");
            };
            assert!(code < 0x20 || code == 0xFFFE || code == 0xFFFF);
        }
    }
}
