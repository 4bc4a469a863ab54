//! Faults in an answer: around the members, and in the members.

use super::recode;
use crate::quirk::Area;
use crate::server::delivery::Delivery as Way;
use crate::server::sabotage::change::Change::{
    self, Answer, ContentType, Delivery, Document, Headers, Policy, PolicyId, Refusal,
};
use crate::server::sabotage::document::Element;
use crate::server::sabotage::row::{Row, fault_row};
use ec2wire::contract::Level::{self, Must, Should};
use ec2wire::ipam::{IpamPolicy, IpamPolicyState};
use ec2wire::xml::EC2_NAMESPACE;
use http::HeaderValue;

const fn envelope(level: Level, name: &'static str, summary: &'static str, change: Change) -> Row {
    fault_row(Area::Envelope, level, name, summary, change)
}

const fn field(level: Level, name: &'static str, summary: &'static str, change: Change) -> Row {
    fault_row(Area::Fields, level, name, summary, change)
}

const REQUEST_ID_HEADER: &str = "x-amzn-requestid";
const FIXED_ID: &str = "59dbff89-35bd-4eac-99ed-be587EXAMPLE";

pub(super) static ENVELOPE: &[Row] = &[
    envelope(
        Must,
        "request-id-constant",
        "every answer has the same request id (moto, cloudemu)",
        Document(|document| {
            document.root.each(&mut |element| {
                if element.name.eq_ignore_ascii_case("requestId") {
                    FIXED_ID.clone_into(&mut element.text);
                }
            });
        }),
    ),
    envelope(
        Must,
        "request-id-missing",
        "the document of an answer has no request id",
        Document(|document| {
            document.root.take("requestId");
        }),
    ),
    envelope(
        Must,
        "request-id-empty",
        "the request id of an answer is empty",
        Document(|document| {
            if let Some(id) = document.root.child("requestId") {
                id.text.clear();
            }
        }),
    ),
    envelope(
        Should,
        "request-id-header-missing",
        "the header x-amzn-requestid is missing",
        Headers(|headers| {
            headers.remove(REQUEST_ID_HEADER);
        }),
    ),
    envelope(
        Should,
        "request-id-header-differs",
        "the header x-amzn-requestid differs from the document's request id",
        Headers(|headers| {
            headers.insert(REQUEST_ID_HEADER, HeaderValue::from_static(FIXED_ID));
        }),
    ),
    envelope(
        Must,
        "root-misnamed",
        "the root element is CreateIpamPolicyResult",
        Document(|document| {
            document
                .root
                .rename("CreateIpamPolicyResponse", "CreateIpamPolicyResult");
        }),
    ),
    envelope(
        Must,
        "result-in-between",
        "an element CreateIpamPolicyResult surrounds the members, as in other services",
        Document(|document| {
            if document.root.name == "CreateIpamPolicyResponse" {
                let mut result = Element::new("CreateIpamPolicyResult", "");
                result.children = document.root.take("ipamPolicy");
                document.root.children.push(result);
            }
        }),
    ),
    envelope(
        Should,
        "namespace-missing",
        "the root declares no namespace",
        Document(|document| {
            document.root.attributes.clear();
        }),
    ),
    envelope(
        Should,
        "namespace-without-slash",
        "the namespace lacks its final slash (LocalStack, moto)",
        Document(|document| {
            let bare = EC2_NAMESPACE.trim_end_matches('/');
            document.root.attributes = document.root.attributes.replace(EC2_NAMESPACE, bare);
        }),
    ),
    envelope(
        Should,
        "names-with-prefix",
        "the names of a success's elements have a namespace prefix",
        Document(|document| {
            if !document.is_refusal() {
                let root = &mut document.root;
                root.attributes = root.attributes.replace("xmlns=", "xmlns:e=");
                root.each(&mut |element| element.name.insert_str(0, "e:"));
            }
        }),
    ),
    envelope(
        Should,
        "date-years-off",
        "the Date header is that of a clock that was never set",
        Headers(|headers| {
            let date = HeaderValue::from_static("Thu, 01 Jan 1970 00:00:07 GMT");
            headers.insert("date", date);
        }),
    ),
    envelope(
        Should,
        "content-type-application-xml",
        "the content type is application/xml",
        ContentType("application/xml;charset=UTF-8"),
    ),
    envelope(
        Should,
        "content-type-without-charset",
        "the content type has no charset",
        ContentType("text/xml"),
    ),
    envelope(
        Should,
        "content-type-json",
        "the content type is that of JSON",
        ContentType("application/json"),
    ),
    envelope(
        Should,
        "content-type-missing",
        "an answer has no content type",
        Headers(|headers| {
            headers.remove("content-type");
        }),
    ),
    envelope(
        Must,
        "error-root-errorresponse",
        "the root of an error is ErrorResponse, as in other services",
        Document(|document| {
            document.root.rename("Response", "ErrorResponse");
        }),
    ),
    envelope(
        Must,
        "error-without-errors",
        "no element Errors surrounds an error",
        Document(|document| {
            if let Some(mut errors) = document.root.take("Errors").pop() {
                document
                    .root
                    .children
                    .insert(0, errors.children.pop().unwrap_or_default());
            }
        }),
    ),
    envelope(
        Must,
        "error-list-empty",
        "the list of errors is empty, so there is no code",
        Document(|document| {
            if let Some(errors) = document.root.child("Errors") {
                errors.children.clear();
            }
        }),
    ),
    envelope(
        Should,
        "error-with-namespace",
        "an error document declares the namespace (LocalStack)",
        Document(|document| {
            if document.is_refusal() {
                document.root.attributes = format!(" xmlns=\"{EC2_NAMESPACE}\"");
            }
        }),
    ),
    envelope(
        Must,
        "error-id-requestid",
        "the request id of an error is named requestId, as in a success",
        Document(|document| {
            document.root.rename("RequestID", "requestId");
        }),
    ),
    envelope(
        Must,
        "error-id-missing",
        "an error has no request id",
        Document(|document| {
            document.root.take("RequestID");
        }),
    ),
    envelope(
        Should,
        "two-errors",
        "an error document has the same error twice",
        Refusal(|fault| {
            if let Some(first) = fault.errors.first().cloned() {
                fault.errors.push(first);
            }
        }),
    ),
    envelope(
        Must,
        "error-code-missing",
        "an error has no code",
        Document(|document| document.root.remove("Code")),
    ),
    envelope(
        Should,
        "error-message-missing",
        "an error has no message",
        Document(|document| document.root.remove("Message")),
    ),
    envelope(
        Must,
        "error-in-lower-case",
        "the elements of an error are named code and message, in lower case",
        Document(|document| {
            document.root.rename("Code", "code");
            document.root.rename("Message", "message");
        }),
    ),
    envelope(
        Must,
        "error-code-with-client",
        "error codes start with Client., as in CloudTrail",
        Refusal(|fault| {
            for entry in &mut fault.errors {
                entry.code.insert_str(0, "Client.");
            }
        }),
    ),
    envelope(
        Must,
        "error-status-200",
        "an error has status 200",
        Refusal(|fault| fault.status = 200),
    ),
    envelope(
        Must,
        "error-status-500",
        "an error in the request has status 500",
        Refusal(|fault| fault.status = 500),
    ),
    envelope(
        Should,
        "not-found-status-404",
        "the error for an unknown IPAM or policy has status 404",
        Refusal(|fault| {
            if fault.code().is_some_and(|code| code.ends_with(".NotFound")) {
                fault.status = 404;
            }
        }),
    ),
    envelope(
        Should,
        "ipam-not-found-code",
        "the error code for an unknown IPAM is InvalidParameterValue (cloudemu)",
        Refusal(|fault| {
            recode(fault, "InvalidIpamId.NotFound", "InvalidParameterValue");
        }),
    ),
    envelope(
        Should,
        "codes-of-another-service",
        "the error code InvalidParameterValue becomes ValidationException, as in other services",
        Refusal(|fault| {
            recode(fault, "InvalidParameterValue", "ValidationException");
        }),
    ),
    envelope(
        Must,
        "unknown-action-code",
        "the error code for an unknown action is UnknownOperationException",
        Refusal(|fault| {
            recode(fault, "InvalidAction", "UnknownOperationException");
        }),
    ),
    envelope(
        Must,
        "errors-as-json",
        "errors are JSON",
        Answer(|_, response| {
            if response.status >= 400 {
                response.body =
                    "{\"__type\":\"InvalidParameterValue\",\"message\":\"invalid\"}".into();
            }
        }),
    ),
    envelope(
        Must,
        "success-as-json",
        "a success is JSON",
        Answer(|_, response| {
            if response.status < 300 {
                response.body = format!(
                    "{{\"requestId\":\"{}\",\"ipamPolicy\":{{}}}}",
                    response.request_id
                );
            }
        }),
    ),
    envelope(
        Must,
        "success-without-body",
        "a success has no body",
        Answer(|_, response| {
            if response.status < 300 {
                response.body.clear();
            }
        }),
    ),
    envelope(
        Should,
        "success-status-201",
        "a success has status 201",
        Answer(|_, response| {
            if response.status == 200 {
                response.status = 201;
            }
        }),
    ),
    envelope(
        Should,
        "byte-order-mark",
        "an answer starts with a byte order mark",
        Answer(|_, response| {
            response.body.insert(0, '\u{FEFF}');
        }),
    ),
    envelope(
        Must,
        "other-encoding-declared",
        "an answer in UTF-8 declares UTF-16",
        Answer(|_, response| {
            response.body = response
                .body
                .replacen("encoding=\"UTF-8\"", "encoding=\"UTF-16\"", 1);
        }),
    ),
    envelope(
        Must,
        "ampersand-not-escaped",
        "an & in a tag is not escaped",
        Answer(|_, response| {
            response.body = response.body.replace("&amp;", "&");
        }),
    ),
    envelope(
        Must,
        "less-than-not-escaped",
        "a < in a tag is not escaped",
        Answer(|_, response| {
            response.body = response.body.replace("&lt;", "<");
        }),
    ),
    envelope(
        Must,
        "escaped-twice",
        "an & in a tag is escaped twice",
        Answer(|_, response| {
            response.body = response.body.replace("&amp;", "&amp;amp;");
        }),
    ),
    envelope(
        Must,
        "latin-1-answer",
        "an answer in ISO 8859-1 declares UTF-8",
        Delivery(|_| Way::Latin1),
    ),
    envelope(
        Must,
        "junk-after-root",
        "something follows the root element",
        Answer(|_, response| response.body.push_str("<!-- --><debug/>")),
    ),
    envelope(
        Must,
        "end-tag-missing",
        "the root element is not closed",
        Answer(|_, response| {
            let end = response.body.rfind("</").unwrap_or_default();
            response.body.truncate(end);
        }),
    ),
    envelope(
        Must,
        "answer-cut-short",
        "an answer is shorter than its Content-Length",
        Delivery(|body| {
            if is_create(body) {
                Way::Half
            } else {
                Way::Whole
            }
        }),
    ),
    envelope(
        Must,
        "chunks-cut-short",
        "a chunked answer ends without its last chunk",
        Delivery(|body| {
            if is_create(body) {
                Way::HalfChunked
            } else {
                Way::Whole
            }
        }),
    ),
];

pub(super) static FIELDS: &[Row] = &[
    field(
        Must,
        "arn-with-region",
        "the ARN contains a Region (gopherstack)",
        Policy(|policy| {
            arn(policy, |arn| arn.replace("ec2::", "ec2:us-east-1:"));
        }),
    ),
    field(
        Must,
        "arn-without-account",
        "the ARN has no account",
        Policy(|policy| {
            let owner = policy.owner_id.clone().unwrap_or_default();
            arn(policy, |arn| arn.replace(&owner, ""));
        }),
    ),
    field(
        Must,
        "arn-of-the-ipam",
        "the ARN is that of the IPAM",
        Policy(|policy| {
            let ipam = policy.ipam_id.clone().unwrap_or_default();
            arn(policy, |arn| {
                let (head, _) = arn.split_once(":ipam-policy/").unwrap_or((arn, ""));
                format!("{head}:ipam/{ipam}")
            });
        }),
    ),
    field(
        Must,
        "arn-missing",
        "the ARN is missing",
        Policy(|policy| policy.ipam_policy_arn = None),
    ),
    field(
        Must,
        "owner-missing",
        "ownerId is missing",
        Policy(|policy| policy.owner_id = None),
    ),
    field(
        Must,
        "owner-of-ten-digits",
        "ownerId has ten digits",
        Policy(|policy| {
            policy.owner_id = Some("1234567890".into());
            arn(policy, |arn| arn.replace("123456789012", "1234567890"));
        }),
    ),
    field(
        Must,
        "policy-id-missing",
        "ipamPolicyId is missing",
        Document(|document| {
            if document.root.name == "CreateIpamPolicyResponse" {
                document.root.remove("ipamPolicyId");
            }
        }),
    ),
    field(
        Should,
        "policy-id-uuid",
        "ipamPolicyId is its prefix and a UUID",
        PolicyId(|id| {
            format!(
                "{}-0000-4000-8000-{}",
                id.get(..20).unwrap_or(id),
                id.get(17..).unwrap_or_default()
            )
        }),
    ),
    field(
        Should,
        "policy-id-in-capitals",
        "ipamPolicyId has uppercase digits",
        PolicyId(|id| format!("ipam-policy-A{}", digits(id).to_uppercase())),
    ),
    field(
        Must,
        "policy-id-prefix",
        "ipamPolicyId starts with ipampolicy-",
        PolicyId(|id| format!("ipampolicy-{}", digits(id))),
    ),
    field(
        Must,
        "region-missing",
        "ipamPolicyRegion is missing",
        Policy(|policy| policy.ipam_policy_region = None),
    ),
    field(
        Should,
        "region-is-a-zone",
        "ipamPolicyRegion is an Availability Zone",
        Policy(|policy| {
            policy.ipam_policy_region = policy.ipam_policy_region.take().map(|region| region + "a");
        }),
    ),
    field(
        Must,
        "state-missing",
        "state is missing",
        Policy(|policy| policy.state = None),
    ),
    field(
        Should,
        "state-available",
        "the state is available, as for other resources",
        Policy(|policy| {
            policy.state = Some(IpamPolicyState::from("available"));
        }),
    ),
    field(
        Should,
        "state-with-underscores",
        "the state is spelled create_in_progress",
        Policy(|policy| {
            policy.state = policy
                .state
                .take()
                .map(|state| IpamPolicyState::from(state.as_str().replace('-', "_")));
        }),
    ),
    field(
        Should,
        "state-modified-at-once",
        "a new policy is modify-complete",
        Policy(|policy| {
            if policy.state == Some(IpamPolicyState::CreateInProgress) {
                policy.state = Some(IpamPolicyState::ModifyComplete);
            }
        }),
    ),
    field(
        Must,
        "ipam-id-missing",
        "ipamId is missing",
        Policy(|policy| policy.ipam_id = None),
    ),
    field(
        Must,
        "ipam-id-is-arn",
        "ipamId is the IPAM's ARN (winterbaume)",
        Policy(|policy| {
            policy.ipam_id = policy
                .ipam_id
                .take()
                .map(|id| format!("arn:aws:ec2::123456789012:ipam/{id}"));
        }),
    ),
    field(
        Must,
        "tag-set-missing",
        "a policy is shown without its tags",
        Policy(|policy| policy.tag_set = None),
    ),
    field(
        Must,
        "tag-set-named-tags",
        "the list of tags is named tags",
        Document(|document| document.root.rename("tagSet", "tags")),
    ),
    field(
        Must,
        "list-members-named-member",
        "list entries are named member, as in other services",
        Document(|document| {
            document.root.rename("item", "member");
        }),
    ),
    field(
        Must,
        "tag-set-flat",
        "no list surrounds the tags",
        Document(|document| {
            if let Some(policy) = document.root.child("ipamPolicy") {
                let tags = policy.take("tagSet").pop().unwrap_or_default();
                policy
                    .children
                    .extend(tags.children.into_iter().map(|tag| Element {
                        name: "tagSet".into(),
                        ..tag
                    }));
            }
        }),
    ),
    field(
        Must,
        "tags-capitalised",
        "the members of a tag are named Key and Value",
        Document(|document| {
            document.root.rename("key", "Key");
            document.root.rename("value", "Value");
        }),
    ),
    field(
        Must,
        "tags-swapped",
        "the keys and values of tags are swapped",
        Policy(|policy| {
            for tag in policy.tag_set.iter_mut().flatten() {
                std::mem::swap(&mut tag.key, &mut tag.value);
            }
        }),
    ),
    field(
        Must,
        "tag-key-lost",
        "a tag is shown without its key",
        Policy(|policy| {
            for tag in policy.tag_set.iter_mut().flatten() {
                tag.key = None;
            }
        }),
    ),
    field(
        Must,
        "system-tag-added",
        "the server adds a tag of its own",
        Policy(|policy| {
            policy
                .tag_set
                .get_or_insert_default()
                .push(ec2wire::Tag::new("aws:createdBy", "server"));
        }),
    ),
    field(
        Must,
        "members-not-nested",
        "the policy's members are directly in the root",
        Document(|document| {
            if let Some(policy) = document.root.take("ipamPolicy").pop() {
                document.root.children.extend(policy.children);
            }
        }),
    ),
    field(
        Must,
        "members-capitalised",
        "the members have the API's names, as IpamPolicyId",
        Document(|document| {
            if let Some(policy) = document.root.child("ipamPolicy") {
                policy.each(&mut |element| {
                    if let Some(first) = element.name.get_mut(..1) {
                        first.make_ascii_uppercase();
                    }
                });
            }
        }),
    ),
];

fn arn(policy: &mut IpamPolicy, edit: impl FnOnce(&str) -> String) {
    policy.ipam_policy_arn = policy.ipam_policy_arn.as_deref().map(edit);
}

/// The digits in the id of a policy.
fn digits(id: &str) -> &str {
    id.rsplit('-').next().unwrap_or_default()
}

fn is_create(body: &[u8]) -> bool {
    body.windows(24)
        .any(|part| part == b"Action=CreateIpamPolicy&")
}
