//! Responses.

use crate::cuts;
use crate::differential::Verdict;
use crate::differential::xml::{Mode, end_of_root, judge_document};
use crate::form::body_and_schedule;
use crate::generic::{Ask, Document, Value};
use crate::parts::Parts;
use ec2wire::ipam::{
    CreateIpam, CreateIpamPolicy, CreateIpamPolicyResponse, CreateIpamResponse, DeleteIpamPolicy,
    DeleteIpamResponse, DescribeIpamPolicies, DescribeIpamPoliciesResponse,
    DisableIpamPolicyResponse, EnableIpamPolicyResponse, GetEnabledIpamPolicyResponse,
    GetIpamPolicyAllocationRulesResponse, GetIpamPolicyOrganizationTargetsResponse, IpamPolicy,
    ModifyIpamPolicyAllocationRulesResponse,
};
use ec2wire::{ErrorKind, Limits, Operation, Tag, Text, xml};
use serde::de::DeserializeOwned;
use serde::ser::Serialize;
use std::fmt::Debug;

/// Decodes the bytes as a response of each action.
///
/// Strict decoding accepts no more than default decoding, and borrowing changes nothing. A strictly
/// decoded value can be encoded, and decodes to itself. A document truncated inside its root is
/// refused as truncated.
///
/// # Panics
///
/// If the codec breaks one of these promises.
pub fn xml_decode(data: &[u8]) {
    decode::<CreateIpamPolicyResponse>(data);
    decode::<DescribeIpamPoliciesResponse>(data);
    decode::<CreateIpamResponse>(data);
    decode::<DeleteIpamResponse>(data);
    decode::<<DeleteIpamPolicy as Operation>::Response>(data);
    decode::<DisableIpamPolicyResponse>(data);
    decode::<EnableIpamPolicyResponse>(data);
    decode::<GetEnabledIpamPolicyResponse>(data);
    decode::<GetIpamPolicyAllocationRulesResponse>(data);
    decode::<GetIpamPolicyOrganizationTargetsResponse>(data);
    decode::<ModifyIpamPolicyAllocationRulesResponse>(data);

    let owned = xml::from_slice::<CreateIpamPolicyResponse>(data);
    let borrowed = xml::from_slice::<CreateIpamPolicyResponse<Text<'_>>>(data);
    assert_eq!(
        borrowed.map(|response| to_owned(&response)),
        owned,
        "borrowed and owned decoding differ"
    );
}

fn decode<T>(data: &[u8])
where
    T: DeserializeOwned + Serialize + PartialEq + Debug,
{
    let decoded = xml::from_slice::<T>(data);
    let strict = xml::Options::new().strict().from_slice::<T>(data);
    let Ok(response) = decoded else {
        assert!(strict.is_err(), "strict decoding accepts more");
        return;
    };
    match xml::to_string(&response) {
        Ok(body) => assert_eq!(xml::from_str(&body).as_ref(), Ok(&response), "{body}"),
        Err(error) => {
            assert!(matches!(error.kind(), ErrorKind::IllegalCharacter(_)));
            assert!(
                strict.is_err(),
                "strict decoding accepts a value that cannot be encoded"
            );
        }
    }
    if let Ok(strict) = strict {
        assert_eq!(strict, response, "strict decoding differs");
    }

    let text = std::str::from_utf8(data).expect("it was just decoded");
    let end = end_of_root(text).expect("it was just decoded");
    for at in cuts(end) {
        let start = &data[..at];
        let error = xml::from_slice::<T>(start).expect_err("a cut document is accepted");
        let is_told = match error.kind() {
            ErrorKind::Truncated(_) => true,
            // Nothing of the document is left.
            ErrorKind::NotXml("empty") => start
                .trim_ascii_start()
                .iter()
                .all(|byte| matches!(byte, 0xEF | 0xBB | 0xBF | b' ' | b'\t' | b'\r' | b'\n')),
            _ => false,
        };
        assert!(is_told, "cut at {at}: {error}");
    }
}

/// Builds a response from the bytes and encodes it.
///
/// It decodes to itself and is well-formed for quick-xml. Encoding fails only on a character that XML
/// forbids.
///
/// # Panics
///
/// If the codec breaks one of these promises.
pub fn xml_encode(data: &[u8]) {
    let mut parts = Parts::new(data);
    if parts.is_next(<DescribeIpamPolicies>::ACTION) {
        let id = parts.request_id();
        encode::<DescribeIpamPolicies>(&id, &parts.describe_ipam_policies_response());
    } else if parts.is_next(<CreateIpam>::ACTION) {
        let id = parts.request_id();
        encode::<CreateIpam>(&id, &parts.create_ipam_response());
    } else {
        let id = parts.request_id();
        encode::<CreateIpamPolicy>(&id, &parts.create_ipam_policy_response());
    }
}

fn encode<T>(request_id: &str, response: &T::Response)
where
    T: Operation,
    T::Response: DeserializeOwned + Serialize + PartialEq + Debug,
{
    let body = match T::encode_response(request_id, response) {
        Ok(body) => body,
        Err(error) => {
            let ErrorKind::IllegalCharacter(code) = *error.kind() else {
                panic!("{error} for {response:?}");
            };
            assert!(
                code < 0x20 || code == 0xFFFE || code == 0xFFFF,
                "XML allows U+{code:04X}"
            );
            return;
        }
    };
    let reply = T::decode_reply(200, body.as_bytes())
        .expect("an encoded response decodes")
        .into_result()
        .expect("an encoded response is a success");
    assert_eq!(reply.request_id.as_deref(), Some(request_id), "{body}");
    assert_eq!(reply.output, *response, "{body}");
    // quick-xml reads the same, and no decision is needed to explain a difference.
    let mode = Mode {
        strict: true,
        any_root: false,
    };
    let verdict = judge_document(body.as_bytes(), mode, &Ok(reply.output));
    assert_eq!(verdict, Ok(Verdict::Same), "{body}");
}

/// Decodes the bytes up to the last `0xFF` as the types that the bytes after it ask for.
///
/// Every order of requests ends with a value or an error, and the same one each time. An untyped value
/// can be encoded and decodes to itself.
///
/// # Panics
///
/// If the codec breaks one of these promises.
pub fn xml_generic(data: &[u8]) {
    // The value is wrapped, and therefore one level deeper.
    const LIMITS: Limits = Limits {
        depth: xml::Options::LIMITS.depth + 1,
        ..xml::Options::LIMITS
    };

    let (body, schedule) = body_and_schedule(data);
    for options in [xml::Options::new(), xml::Options::new().any_root()] {
        let first = Ask::run(schedule, || options.from_slice::<Ask>(body));
        let again = Ask::run(schedule, || options.from_slice::<Ask>(body));
        assert_eq!(first, again, "the same requests gave different results");
    }

    let options = xml::Options::new().strict().any_root();
    if let Ok(value) = options.from_slice::<Value>(body) {
        let body = xml::to_string(&Document(&value)).expect("a decoded value can be encoded");
        let wrapped = options.limits(LIMITS).from_str::<Value>(&body);
        let members = Value::Members(vec![("value".to_owned(), value)]);
        assert_eq!(wrapped.as_ref(), Ok(&members), "{body}");
    }
}

fn to_owned(response: &CreateIpamPolicyResponse<Text<'_>>) -> CreateIpamPolicyResponse {
    let text = |text: &Option<Text<'_>>| text.as_deref().map(str::to_owned);
    let policy = |policy: &IpamPolicy<Text<'_>>| IpamPolicy {
        owner_id: text(&policy.owner_id),
        ipam_policy_id: text(&policy.ipam_policy_id),
        ipam_policy_arn: text(&policy.ipam_policy_arn),
        ipam_policy_region: text(&policy.ipam_policy_region),
        state: policy.state.clone(),
        state_message: text(&policy.state_message),
        tag_set: policy.tag_set.as_ref().map(|tags| {
            let tag = |tag: &Tag<Text<'_>>| Tag {
                key: text(&tag.key),
                value: text(&tag.value),
            };
            tags.iter().map(tag).collect()
        }),
        ipam_id: text(&policy.ipam_id),
    };
    CreateIpamPolicyResponse {
        ipam_policy: response.ipam_policy.as_ref().map(policy),
    }
}
