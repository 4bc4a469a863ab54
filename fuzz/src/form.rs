//! Requests.

use crate::cuts;
use crate::generic::{Ask, Value};
use crate::parts::Parts;
use ec2wire::ipam::{
    CreateIpam, CreateIpamPolicy, DeleteIpam, DeleteIpamPolicy, DescribeIpamPolicies,
    DisableIpamPolicy, EnableIpamPolicy, GetEnabledIpamPolicy, GetIpamPolicyAllocationRules,
    GetIpamPolicyOrganizationTargets, ModifyIpamPolicyAllocationRules,
};
use ec2wire::{ErrorKind, Operation, Text, form};
use serde::de::DeserializeOwned;
use serde::ser::Serialize;
use std::collections::BTreeSet;
use std::fmt::Debug;

/// Decodes the bytes as a request of each action.
///
/// Lenient decoding reads the same value as strict decoding, and borrowing changes nothing. A decoded
/// value can be encoded and decodes to itself. A truncated body is refused if its length is known;
/// otherwise it is refused or read as the pairs before the cut.
///
/// # Panics
///
/// If the codec breaks one of these promises.
pub fn form_decode(data: &[u8]) {
    decode::<CreateIpamPolicy>(data);
    decode::<DescribeIpamPolicies>(data);
    decode::<DeleteIpamPolicy>(data);
    decode::<CreateIpam>(data);
    decode::<DeleteIpam>(data);
    decode::<DisableIpamPolicy>(data);
    decode::<EnableIpamPolicy>(data);
    decode::<GetEnabledIpamPolicy>(data);
    decode::<GetIpamPolicyAllocationRules>(data);
    decode::<GetIpamPolicyOrganizationTargets>(data);
    decode::<ModifyIpamPolicyAllocationRules>(data);

    let strict = form::from_slice::<CreateIpamPolicy>(data);
    let borrowed = form::from_slice::<CreateIpamPolicy<Text<'_>>>(data);
    assert_eq!(
        borrowed.as_ref().map(CreateIpamPolicy::as_view),
        strict.as_ref().map(CreateIpamPolicy::as_view),
        "borrowed and owned decoding differ"
    );
}

fn decode<T>(data: &[u8])
where
    T: DeserializeOwned + Serialize + PartialEq + Debug,
{
    let lenient = form::Options::new().lenient().from_slice::<T>(data);
    if let Ok(request) = &lenient {
        match form::to_string(request) {
            Ok(body) => assert_eq!(form::from_str(&body).as_ref(), Ok(request), "{body}"),
            // Lenient decoding ignores unknown members, so an entry may end up without members.
            Err(error) => assert_eq!(*error.kind(), ErrorKind::EmptyListEntry),
        }
    }
    let Ok(request) = form::from_slice::<T>(data) else {
        return;
    };
    assert_eq!(lenient.as_ref(), Ok(&request), "lenient decoding differs");
    let body = form::to_string(&request).expect("a strictly decoded request can be encoded");
    assert_eq!(form::from_str(&body).as_ref(), Ok(&request), "{body}");
    cut::<T>(data);
}

/// Truncates a body that decodes.
fn cut<T>(data: &[u8])
where
    T: DeserializeOwned + Serialize + PartialEq + Debug,
{
    let read = |data: &[u8]| -> Vec<(String, String)> {
        serde_urlencoded::from_bytes(data).expect("it reads any bytes")
    };
    let whole = read(data);
    let known = form::Options::new().content_length(data.len());
    assert!(known.from_slice::<T>(data).is_ok(), "its own length");
    for at in cuts(data.len()) {
        let start = &data[..at];
        let error = known.from_slice::<T>(start).expect_err("it is cut short");
        assert!(matches!(error.kind(), ErrorKind::Truncated(_)), "{error}");
        let Ok(request) = form::from_slice::<T>(start) else {
            continue;
        };
        let mut pairs = read(start);
        assert_eq!(
            form::from_str(&serde_urlencoded::to_string(&pairs).expect("pairs have a form")),
            Ok(request),
            "cut at {at}: not what the pairs say"
        );
        // Each pair is one of the whole body; only the last value may be truncated.
        let last = pairs.pop();
        assert!(whole.starts_with(&pairs), "cut at {at}: other pairs");
        if let (Some((key, value)), Some((of, from))) = (last, whole.get(pairs.len())) {
            assert_eq!(key, *of, "cut at {at}: another key");
            assert!(from.starts_with(&value), "cut at {at}: another value");
        }
    }
}

/// Builds a request from the bytes and encodes it.
///
/// It decodes to itself, and uses only RFC 3986's unreserved characters, escapes and separators.
/// Encoding fails only on a list entry without members.
///
/// # Panics
///
/// If the codec breaks one of these promises.
pub fn form_encode(data: &[u8]) {
    let mut parts = Parts::new(data);
    if parts.is_next(<DescribeIpamPolicies>::ACTION) {
        encode(&parts.describe_ipam_policies());
    } else if parts.is_next(<CreateIpam>::ACTION) {
        encode(&parts.create_ipam());
    } else {
        encode(&parts.create_ipam_policy());
    }
}

fn encode<T>(request: &T)
where
    T: Operation + DeserializeOwned + Serialize + PartialEq + Debug,
{
    let body = match request.to_body() {
        Ok(body) => body,
        Err(error) => {
            assert_eq!(*error.kind(), ErrorKind::EmptyListEntry, "{request:?}");
            assert!(error.path().contains('.'), "{error} for {request:?}");
            return;
        }
    };
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-'..=b'.' | b'_' | b'~');
    assert!(
        body.bytes()
            .all(|byte| plain(byte) || matches!(byte, b'%' | b'&' | b'=')),
        "{body}"
    );
    assert_eq!(T::from_body(&body).as_ref(), Ok(request), "{body}");
    let call = form::Call::from_str(&body).expect("it was just decoded");
    assert_eq!(call.action(), Ok(Some(T::ACTION.into())), "{body}");
}

/// Decodes the bytes up to the last `0xFF` as the types that the bytes after it ask for.
///
/// Every order of requests ends with a value or an error, and the same one each time. An untyped value
/// can be encoded and decodes to itself.
///
/// # Panics
///
/// If the codec breaks one of these promises.
pub fn form_generic(data: &[u8]) {
    let (body, schedule) = body_and_schedule(data);
    for options in [form::Options::new(), form::Options::new().lenient()] {
        let first = Ask::run(schedule, || options.from_slice::<Ask>(body));
        let again = Ask::run(schedule, || options.from_slice::<Ask>(body));
        assert_eq!(first, again, "the same requests gave different results");

        let Ok(value) = options.from_slice::<Value>(body) else {
            continue;
        };
        let Some(value) = capitalized(value) else {
            continue;
        };
        let body = form::to_string(&value).expect("a decoded value can be encoded");
        assert_eq!(form::from_str(&body).as_ref(), Ok(&value), "{body}");
    }
}

/// The bytes up to the last `0xFF`, which never occurs in text, and the bytes after it.
pub(crate) fn body_and_schedule(data: &[u8]) -> (&[u8], &[u8]) {
    match data.iter().rposition(|&byte| byte == 0xFF) {
        Some(at) => (&data[..at], &data[at + 1..]),
        None => (data, &[]),
    }
}

/// The value with the first letters of its names as on the wire; `None` if that makes two names equal.
fn capitalized(value: Value) -> Option<Value> {
    Some(match value {
        Value::Text(text) => Value::Text(text),
        Value::List(entries) => Value::List(
            entries
                .into_iter()
                .map(capitalized)
                .collect::<Option<_>>()?,
        ),
        Value::Members(members) => {
            let mut names = BTreeSet::new();
            let mut capitals = Vec::new();
            for (mut name, value) in members {
                if let Some(first) = name.get_mut(..1) {
                    first.make_ascii_uppercase();
                }
                if !names.insert(name.clone()) {
                    return None;
                }
                capitals.push((name, capitalized(value)?));
            }
            Value::Members(capitals)
        }
    })
}
