//! The requests that four real clients sent: the codec decodes all of them to the same value, and
//! encodes the same bytes as the Rust SDK.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use ec2wire::form::{self, Call};
use ec2wire::ipam::{CreateIpamPolicy, IpamPolicyState};
use ec2wire::{EC2_VERSION, Operation, ResourceType, Tag, TagSpecification};
use ec2wire_test_support::snapshots;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// What distinguishes a client on the wire. In all other respects, the tests below expect the same
/// typed request.
struct Client {
    name: &'static str,
    content_type: &'static str,
    /// How a space in a value is written.
    space: &'static str,
    /// The position of a token that the client generated.
    own_token: TokenPlace,
    /// The cases that the client refuses to send.
    refuses: &'static [&'static str],
}

#[derive(Debug, PartialEq)]
enum TokenPlace {
    /// The position in the service model: right before `IpamId`.
    Model,
    /// After everything else.
    Last,
}

const CLIENTS: &[Client] = &[
    Client {
        name: "awscli-v1",
        content_type: "application/x-www-form-urlencoded; charset=utf-8",
        space: "+",
        own_token: TokenPlace::Last,
        refuses: &["missing_required"],
    },
    Client {
        name: "boto3",
        content_type: "application/x-www-form-urlencoded; charset=utf-8",
        space: "+",
        own_token: TokenPlace::Last,
        refuses: &["missing_required"],
    },
    Client {
        name: "js-v3",
        content_type: "application/x-www-form-urlencoded",
        space: "%20",
        own_token: TokenPlace::Last,
        refuses: &[],
    },
    Client {
        name: "rust",
        content_type: "application/x-www-form-urlencoded",
        space: "%20",
        own_token: TokenPlace::Model,
        refuses: &[],
    },
];

/// Removes from a request what does not reach the wire.
type Change = fn(&mut CreateIpamPolicy);

/// Cases whose input contains something that no client sends, so that a server cannot see it. Cases
/// with an empty list (`empty_tags`, `empty_tagspecs`) are not among them, since the typed request has
/// the same value for an empty and an absent list.
const VANISHES: &[(&str, Change)] = &[("empty_spec", |request| {
    // `{}` has no member that could become a pair; the codec refuses to encode it.
    let error = request.to_body().unwrap_err();
    assert_eq!(*error.kind(), ec2wire::ErrorKind::EmptyListEntry);
    assert_eq!(
        request.tag_specifications.pop(),
        Some(TagSpecification::default())
    );
})];

/// An API input from `CASES.json`, with the API's member names.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Input {
    dry_run: Option<bool>,
    #[serde(default)]
    tag_specifications: Vec<InputSpecification>,
    client_token: Option<String>,
    ipam_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct InputSpecification {
    resource_type: Option<String>,
    #[serde(default)]
    tags: Vec<InputTag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct InputTag {
    key: Option<String>,
    value: Option<String>,
}

impl From<Input> for CreateIpamPolicy {
    fn from(input: Input) -> Self {
        let tag = |InputTag { key, value }| Tag { key, value };
        let specification = |spec: InputSpecification| TagSpecification {
            resource_type: spec.resource_type.map(ResourceType::from),
            tags: spec.tags.into_iter().map(tag).collect(),
        };
        Self {
            dry_run: input.dry_run,
            tag_specifications: input
                .tag_specifications
                .into_iter()
                .map(specification)
                .collect(),
            client_token: input.client_token,
            ipam_id: input.ipam_id,
        }
    }
}

/// One raw request, parsed.
struct Capture {
    request_line: String,
    headers: BTreeMap<String, String>,
    body: String,
}

fn captures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures")
}

impl Capture {
    fn read(client: &str, case: &str) -> Self {
        let path = captures().join(client).join(case).with_extension("http");
        let raw =
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let (head, body) = raw.split_once("\r\n\r\n").unwrap();
        let mut lines = head.split("\r\n").map(String::from);
        let request_line = lines.next().unwrap();
        let headers = lines
            .map(|line| {
                let (name, value) = line.split_once(": ").unwrap();
                (name.to_ascii_lowercase(), value.to_owned())
            })
            .collect();
        Self {
            request_line,
            headers,
            body: body.to_owned(),
        }
    }

    /// The typed request, decoded strictly.
    fn request(&self) -> CreateIpamPolicy {
        let call = Call::from_str(&self.body).unwrap();
        assert_eq!(
            call.action().unwrap().as_deref(),
            Some(<CreateIpamPolicy>::ACTION)
        );
        assert_eq!(call.version().unwrap().as_deref(), Some(EC2_VERSION));
        call.decode().unwrap()
    }

    /// The request's members in the order in which they were sent.
    fn members(&self) -> Vec<&str> {
        let mut members: Vec<&str> = self
            .body
            .split('&')
            .map(|pair| pair.split(['.', '=']).next().unwrap())
            .filter(|member| !matches!(*member, "Action" | "Version"))
            .collect();
        members.dedup();
        members
    }
}

/// A case's input, reduced to what can be on the wire.
struct Case {
    input: CreateIpamPolicy,
    on_the_wire: CreateIpamPolicy,
}

fn cases() -> BTreeMap<String, Case> {
    let text = fs::read_to_string(captures().join("CASES.json")).unwrap();
    let inputs: BTreeMap<String, Input> = serde_json::from_str(&text).unwrap();
    inputs
        .into_iter()
        .map(|(name, input)| {
            let input = CreateIpamPolicy::from(input);
            let mut on_the_wire = input.clone();
            if let Some((_, vanish)) = VANISHES.iter().find(|(case, _)| *case == name) {
                vanish(&mut on_the_wire);
            }
            (name, Case { input, on_the_wire })
        })
        .collect()
}

/// Every client that sends the case.
fn senders(case: &str) -> impl Iterator<Item = &'static Client> {
    CLIENTS
        .iter()
        .filter(move |client| !client.refuses.contains(&case))
}

#[test]
fn every_capture_is_of_a_known_case_and_client() {
    let manifest = fs::read_to_string(captures().join("MANIFEST.tsv")).unwrap();
    let listed: BTreeSet<&str> = manifest
        .lines()
        .skip(1)
        .map(|line| line.split('\t').next().unwrap())
        .collect();
    assert_eq!(listed, CLIENTS.iter().map(|client| client.name).collect());

    for client in CLIENTS {
        let files: BTreeSet<String> = fs::read_dir(captures().join(client.name))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        let expected: BTreeSet<String> = cases()
            .into_keys()
            .filter(|case| !client.refuses.contains(&case.as_str()))
            .collect();
        assert_eq!(files, expected, "{}", client.name);
    }
}

#[test]
fn every_capture_is_a_whole_post_in_the_clients_own_style() {
    for case in cases().keys() {
        for client in senders(case) {
            let capture = Capture::read(client.name, case);
            let at = format!("{} {case}", client.name);
            assert_eq!(capture.request_line, "POST / HTTP/1.1", "{at}");
            assert_eq!(
                capture.headers.get("content-length"),
                Some(&capture.body.len().to_string()),
                "{at}"
            );
            let content_type = capture.headers.get("content-type").map(String::as_str);
            assert_eq!(content_type, Some(client.content_type), "{at}");
            if case == "tags50" {
                let value = ["=Value", "49", "with", "some", "text"].join(client.space);
                assert!(capture.body.contains(&value), "{at}");
            }
        }
    }
}

#[test]
fn every_client_sends_what_it_was_given() {
    for (name, case) in cases() {
        for client in senders(&name) {
            let capture = Capture::read(client.name, &name);
            let mut request = capture.request();
            if case.input.client_token.is_none() {
                // The client generated it.
                let token = request.client_token.take().unwrap();
                assert_eq!(token.len(), 36, "{} {name}: {token}", client.name);
                let place = match capture.members().as_slice() {
                    [.., "ClientToken"] => TokenPlace::Last,
                    [.., "ClientToken", "IpamId"] => TokenPlace::Model,
                    members => panic!("{} {name}: {members:?}", client.name),
                };
                // Without an IpamId, the two positions are the same.
                if case.input.ipam_id.is_some() {
                    assert_eq!(place, client.own_token, "{} {name}", client.name);
                }
            }
            // An empty token counts as a token: none of the four clients replaces it.
            assert_eq!(request, case.on_the_wire, "{} {name}", client.name);
        }
    }
}

#[test]
fn encoding_again_preserves_the_request() {
    for name in cases().keys() {
        for client in senders(name) {
            let request = Capture::read(client.name, name).request();
            let body = request.to_body().unwrap();
            assert_eq!(
                form::from_str::<CreateIpamPolicy>(&body).unwrap(),
                request,
                "{} {name}",
                client.name
            );
        }
    }
}

/// Encodes the input, not the decoded capture: only the token comes from the capture.
#[test]
fn the_rust_sdk_writes_the_same_bytes() {
    for (name, case) in cases() {
        let capture = Capture::read("rust", &name);
        let mut request = case.on_the_wire;
        request.fill_client_token(|| capture.request().client_token.unwrap());
        assert_eq!(request.to_body().unwrap(), capture.body, "{name}");
    }
}

/// The snapshot shows the request as the codec encodes it, one pair per line, and the order in which
/// each client sends the members.
#[test]
fn each_case_on_the_wire() {
    let _area = snapshots::area("captures");
    for (name, case) in cases() {
        let mut shown = case.on_the_wire.to_body().unwrap().replace('&', "\n&");
        shown.push_str("\n\nmembers as sent");
        for client in CLIENTS {
            let members = if client.refuses.contains(&name.as_str()) {
                "(refuses to send)".to_owned()
            } else {
                Capture::read(client.name, &name).members().join(" ")
            };
            write!(shown, "\n{:9}  {members}", client.name).unwrap();
        }
        insta::assert_snapshot!(name, shown);
    }
}

#[test]
fn the_answer_that_the_clients_got() {
    let body = fs::read(captures().join("CANNED-RESPONSE.xml")).unwrap();
    let success = <CreateIpamPolicy>::decode_reply(200, &body)
        .unwrap()
        .into_result()
        .unwrap();
    assert_eq!(
        success.request_id.as_deref(),
        Some("7a62c49f-347e-4fc4-9331-6e8eEXAMPLE")
    );
    let policy = success.output.ipam_policy.unwrap();
    assert_eq!(policy.state, Some(IpamPolicyState::CreateInProgress));
    assert_eq!(policy.tags(), [Tag::new("Name", "é 日本 😀 &")]);
    assert_eq!(policy.ipam_id.as_deref(), Some("ipam-0123456789abcdef0"));
}
