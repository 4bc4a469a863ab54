//! What the encoders leave in the caller's buffer.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::common::generate::{request, response};
use ec2wire::ipam::{CreateIpamPolicy, CreateIpamPolicyResponse, IpamPolicy};
use ec2wire::{EC2_VERSION, Error, Operation, Result, form, xml};
use proptest::collection::vec;
use proptest::prelude::*;
use serde::Serialize;

/// A buffer's content, and its spare capacity.
fn buffer() -> impl Strategy<Value = Vec<u8>> {
    (vec(any::<u8>(), 0..600), 0..4_000_usize).prop_map(|(before, room)| {
        let mut buffer = Vec::with_capacity(before.len() + room);
        buffer.extend(before);
        buffer
    })
}

/// Fails after members that were written.
#[derive(Serialize)]
struct Failing<'a, T> {
    members: &'a T,
    value: Never,
}

struct Never;

impl Serialize for Never {
    fn serialize<S: serde::Serializer>(&self, _: S) -> std::result::Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("never"))
    }
}

/// Checks that `append` adds `expected`, and again without growing the buffer.
fn check_append(
    mut buffer: Vec<u8>,
    expected: &str,
    append: impl Fn(&mut Vec<u8>) -> Result<()>,
) -> std::result::Result<(), TestCaseError> {
    let mut whole = buffer.clone();
    whole.extend(expected.as_bytes());
    let before = buffer.len();
    append(&mut buffer).unwrap();
    prop_assert_eq!(&buffer, &whole);
    let (place, capacity) = (buffer.as_ptr(), buffer.capacity());
    buffer.truncate(before);
    append(&mut buffer).unwrap();
    prop_assert_eq!(&buffer, &whole);
    prop_assert_eq!((buffer.as_ptr(), buffer.capacity()), (place, capacity));
    Ok(())
}

/// Checks that a failure leaves the buffer as it was.
fn check_failure(
    mut buffer: Vec<u8>,
    append: impl Fn(&mut Vec<u8>) -> Result<()>,
) -> std::result::Result<(), TestCaseError> {
    let before = buffer.clone();
    let error: Error = append(&mut buffer).unwrap_err();
    prop_assert!(error.to_string().contains("never"), "{}", error);
    prop_assert_eq!(buffer, before);
    Ok(())
}

/// A form after the existing content.
fn joined(buffer: &[u8], form: &str) -> String {
    let separator = if buffer.is_empty() || form.is_empty() {
        ""
    } else {
        "&"
    };
    format!("{separator}{form}")
}

proptest! {
    #[test]
    fn a_request_is_appended(buffer in buffer(), request in request()) {
        let members = form::to_string(&request).unwrap();
        let expected = joined(&buffer, &members);
        check_append(buffer.clone(), &expected, |body| form::append(body, &request))?;
        let expected = joined(&buffer, &request.to_body().unwrap());
        check_append(buffer.clone(), &expected, |body| request.append_body(body))?;
        check_append(buffer.clone(), &expected, |body| {
            form::append_call(body, <CreateIpamPolicy>::ACTION, EC2_VERSION, &request)
        })?;

        let failing = Failing { members: &request, value: Never };
        check_failure(buffer.clone(), |body| form::append(body, &failing))?;
        check_failure(buffer, |body| form::append_call(body, "A", "V", &failing))?;
    }

    #[test]
    fn a_response_is_appended(buffer in buffer(), response in response()) {
        let expected = xml::to_string(&response).unwrap();
        check_append(buffer.clone(), &expected, |body| xml::append(body, &response))?;
        let failing = Failing { members: &response, value: Never };
        check_failure(buffer, |body| xml::append(body, &failing))?;
    }

    /// Many short responses in one buffer, as in a server.
    #[test]
    fn a_buffer_is_reused_for_many_responses(ids in vec("[a-z<&é]{0,40}", 0..60)) {
        let mut forms = Vec::new();
        let mut answers = Vec::new();
        let (mut all_forms, mut all_answers) = (String::new(), String::new());
        for id in &ids {
            let request: CreateIpamPolicy<&str> = CreateIpamPolicy::new(id.as_str());
            form::append(&mut forms, &request).unwrap();
            all_forms += &joined(all_forms.as_bytes(), &form::to_string(&request).unwrap());
            let policy = IpamPolicy { ipam_id: Some(id.as_str()), ..IpamPolicy::default() };
            let response = CreateIpamPolicyResponse { ipam_policy: Some(policy) };
            xml::append(&mut answers, &response).unwrap();
            all_answers += &xml::to_string(&response).unwrap();
        }
        prop_assert_eq!(forms, all_forms.into_bytes());
        prop_assert_eq!(answers, all_answers.into_bytes());
    }
}
