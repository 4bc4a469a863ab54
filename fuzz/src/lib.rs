//! What the fuzz targets check, as functions of the fuzzer's bytes.
//!
//! Each panics when the codec breaks a promise on the given input and returns otherwise. The
//! targets in `fuzz_targets/` hand libfuzzer's input to them; `tests/fuzz_replay.rs` hands them
//! every file of `corpus/`, so that `cargo test` alone keeps what fuzzing has found.

use ec2wire::ipam::{CreateIpamPolicy, CreateIpamPolicyResponse, IpamPolicy, IpamPolicyState};
use ec2wire::{
    ErrorKind, Operation, Reply, ResourceType, Tag, TagSpecification, Text, envelope, form, xml,
};

/// A function that checks the codec on some bytes.
pub type Target = fn(&[u8]);

/// Every target, under the name of its corpus.
pub const TARGETS: &[(&str, Target)] = &[
    ("form_decode", form_decode),
    ("form_encode", form_encode),
    ("xml_decode", xml_decode),
    ("xml_encode", xml_encode),
];

/// Decodes the bytes as a request.
///
/// What strict decoding accepts, lenient decoding reads alike, borrowing changes nothing, encoding
/// and decoding again gives the same value, and `serde_urlencoded` sees the same keys and values.
///
/// # Panics
///
/// When the codec breaks one of these promises.
pub fn form_decode(data: &[u8]) {
    let lenient = form::Options::new()
        .lenient()
        .from_slice::<CreateIpamPolicy>(data);
    let strict = form::from_slice::<CreateIpamPolicy>(data);
    let borrowed = form::from_slice::<CreateIpamPolicy<Text<'_>>>(data);
    assert_eq!(
        borrowed.as_ref().map(CreateIpamPolicy::as_view),
        strict.as_ref().map(CreateIpamPolicy::as_view),
        "borrowed and owned decoding differ"
    );
    let Ok(request) = strict else {
        return;
    };
    assert_eq!(lenient.as_ref(), Ok(&request), "lenient decoding differs");

    let body = form::to_string(&request).expect("a strictly decoded request has a form");
    assert_eq!(form::from_str(&body).as_ref(), Ok(&request), "{body}");

    let call = form::Options::new()
        .call_from_slice(data)
        .expect("the body was just decoded");
    let pairs: Vec<(String, String)> =
        serde_urlencoded::from_bytes(data).expect("serde_urlencoded reads any bytes");
    assert!(
        call.keys().eq(pairs.iter().map(|(key, _)| key)),
        "serde_urlencoded sees other keys"
    );
    let value = |name: &str| {
        let pair = pairs.iter().find(|(key, _)| key == name);
        pair.map(|(_, value)| value.as_str())
    };
    assert_eq!(request.ipam_id.as_deref(), value("IpamId"));
    assert_eq!(request.client_token.as_deref(), value("ClientToken"));
}

/// Builds a request from the bytes and encodes it.
///
/// It decodes to itself, needs no character but RFC 3986's and the separators, and encoding fails
/// only on a list entry without members.
///
/// # Panics
///
/// When the codec breaks one of these promises.
pub fn form_encode(data: &[u8]) {
    let request = Parts::new(data).request();
    let body = match request.to_body() {
        Ok(body) => body,
        Err(error) => {
            assert_eq!(*error.kind(), ErrorKind::EmptyListEntry, "{request:?}");
            assert!(
                error.path().starts_with("TagSpecification."),
                "{error} for {request:?}"
            );
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
    assert_eq!(
        CreateIpamPolicy::from_body(&body).as_ref(),
        Ok(&request),
        "{body}"
    );
}

/// Decodes the bytes as a response, and as the body of a success and of an error.
///
/// What is accepted is well-formed to quick-xml as well, borrowing changes nothing, strict decoding
/// accepts no more and what it accepts can be encoded, encoding and decoding again gives the same
/// value, and without its last end tag the document is refused.
///
/// # Panics
///
/// When the codec breaks one of these promises.
pub fn xml_decode(data: &[u8]) {
    let error_reply = envelope::decode::<CreateIpamPolicyResponse>(400, data);
    assert!(
        !error_reply.is_ok_and(|reply| matches!(reply, Reply::Success(_))),
        "HTTP 400 is a success"
    );
    let reply = <CreateIpamPolicy>::decode_reply(200, data);

    let decoded = xml::from_slice::<CreateIpamPolicyResponse>(data);
    let strict = xml::Options::new()
        .strict()
        .from_slice::<CreateIpamPolicyResponse>(data);
    let borrowed = xml::from_slice::<CreateIpamPolicyResponse<Text<'_>>>(data);
    assert_eq!(
        borrowed.map(|response| owned(&response)),
        decoded,
        "borrowed and owned decoding differ"
    );
    let Ok(response) = decoded else {
        assert!(strict.is_err(), "strict decoding accepts more");
        return;
    };
    let success = reply.map(Reply::into_result);
    assert!(
        matches!(success, Ok(Ok(success)) if success.output == response),
        "a whole answer decodes to something else"
    );
    assert_well_formed(data);

    match xml::to_string(&response) {
        Ok(body) => assert_eq!(xml::from_str(&body).as_ref(), Ok(&response), "{body}"),
        Err(error) => {
            assert!(matches!(error.kind(), ErrorKind::IllegalCharacter(_)));
            assert!(strict.is_err(), "strict decoding accepts what has no form");
        }
    }

    let last = data.iter().rposition(|&byte| byte == b'>').unwrap_or(0);
    let tag = data.iter().rposition(|&byte| byte == b'<').unwrap_or(0);
    let is_end_of_root = data
        .get(tag..last)
        .is_some_and(|tag| tag.starts_with(b"</") && tag.ends_with(b"CreateIpamPolicyResponse"));
    if is_end_of_root {
        for cut in [tag, tag + 1, last] {
            let cut = xml::from_slice::<CreateIpamPolicyResponse>(data.get(..cut).unwrap_or(data));
            assert!(cut.is_err(), "a truncated document is accepted");
        }
    }
}

/// Builds a response from the bytes and encodes it.
///
/// It decodes to itself and is well-formed to quick-xml, and encoding fails only on a character
/// that XML cannot carry.
///
/// # Panics
///
/// When the codec breaks one of these promises.
pub fn xml_encode(data: &[u8]) {
    let mut parts = Parts::new(data);
    let request_id = parts.text().unwrap_or_default();
    let response = parts.response();
    let body = match <CreateIpamPolicy>::encode_response(&request_id, &response) {
        Ok(body) => body,
        Err(error) => {
            let ErrorKind::IllegalCharacter(code) = *error.kind() else {
                panic!("{error} for {response:?}");
            };
            assert!(
                code < 0x20 || code == 0xFFFE || code == 0xFFFF,
                "XML can carry U+{code:04X}"
            );
            return;
        }
    };
    assert_well_formed(body.as_bytes());
    let reply = <CreateIpamPolicy>::decode_reply(200, body.as_bytes())
        .expect("an encoded response decodes")
        .into_result()
        .expect("an encoded response is a success");
    assert_eq!(reply.request_id.as_deref(), Some(&*request_id), "{body}");
    assert_eq!(reply.output, response, "{body}");
}

/// Checks that quick-xml reads the document to its end.
fn assert_well_formed(document: &[u8]) {
    let mut reader = quick_xml::Reader::from_reader(document);
    reader.config_mut().check_comments = true;
    loop {
        match reader.read_event() {
            Ok(quick_xml::events::Event::Eof) => return,
            Ok(_) => {}
            Err(error) => panic!("quick-xml refuses what was accepted: {error}"),
        }
    }
}

fn owned(response: &CreateIpamPolicyResponse<Text<'_>>) -> CreateIpamPolicyResponse {
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

/// The fuzzer's bytes as members: parts with a `0xFF` between them, which no text has, so that any
/// text can be a member. A part that is a lone `-` is an absent member, as is one past the end.
struct Parts<'d>(std::slice::Split<'d, u8, fn(&u8) -> bool>);

impl<'d> Parts<'d> {
    fn new(data: &'d [u8]) -> Self {
        Self(data.split(|&byte| byte == 0xFF))
    }

    fn text(&mut self) -> Option<String> {
        match self.0.next() {
            None | Some(b"-") => None,
            Some(part) => Some(String::from_utf8_lossy(part).into_owned()),
        }
    }

    fn is_done(&self) -> bool {
        self.0.clone().next().is_none()
    }

    /// Keys and values, up to a part that is a lone `;` or the end.
    fn tags(&mut self) -> Vec<Tag> {
        let mut tags = Vec::new();
        while !self.is_done() {
            let key = self.text();
            if key.as_deref() == Some(";") {
                break;
            }
            let value = self.text();
            tags.push(Tag { key, value });
        }
        tags
    }

    fn request(&mut self) -> CreateIpamPolicy {
        let mut request = CreateIpamPolicy {
            dry_run: self.text().map(|text| text == "true"),
            client_token: self.text(),
            ipam_id: self.text(),
            tag_specifications: Vec::new(),
        };
        while !self.is_done() {
            request.tag_specifications.push(TagSpecification {
                resource_type: self.text().map(ResourceType::from),
                tags: self.tags(),
            });
        }
        request
    }

    fn response(&mut self) -> CreateIpamPolicyResponse {
        if self.is_done() {
            return CreateIpamPolicyResponse::default();
        }
        CreateIpamPolicyResponse {
            ipam_policy: Some(IpamPolicy {
                owner_id: self.text(),
                ipam_policy_id: self.text(),
                ipam_policy_arn: self.text(),
                ipam_policy_region: self.text(),
                state: self.text().map(IpamPolicyState::from),
                state_message: self.text(),
                ipam_id: self.text(),
                tag_set: (!self.is_done()).then(|| self.tags()),
            }),
        }
    }
}
