//! Slips in an answer: what is around the members, and the members themselves.

use super::super::change::Change::{
    self, Answer, ContentType, Delivery, Document, Headers, Policy, PolicyId, Refusal,
};
use super::super::change::Delivery as Way;
use super::super::document::Element;
use super::super::{Area, Quirk};
use super::recode;
use ec2wire::contract::Level::{self, Must, Should};
use ec2wire::ipam::{IpamPolicy, IpamPolicyState};
use ec2wire::xml::EC2_NAMESPACE;
use http::HeaderValue;

const fn envelope(
    level: Level,
    name: &'static str,
    summary: &'static str,
    change: Change,
) -> Quirk {
    Quirk::fault(Area::Envelope, level, name, summary, change)
}

const fn field(level: Level, name: &'static str, summary: &'static str, change: Change) -> Quirk {
    Quirk::fault(Area::Fields, level, name, summary, change)
}

const REQUEST_ID_HEADER: &str = "x-amzn-requestid";
const FIXED_ID: &str = "59dbff89-35bd-4eac-99ed-be587EXAMPLE";

pub(super) static ENVELOPE: &[Quirk] = &[
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
        "an answer has no request id in its document",
        Document(|document| {
            document.root.take("requestId");
        }),
    ),
    envelope(
        Must,
        "request-id-empty",
        "an answer's request id is empty",
        Document(|document| {
            if let Some(id) = document.root.child("requestId") {
                id.text.clear();
            }
        }),
    ),
    envelope(
        Should,
        "request-id-header-missing",
        "there is no header x-amzn-requestid",
        Headers(|headers| {
            headers.remove(REQUEST_ID_HEADER);
        }),
    ),
    envelope(
        Should,
        "request-id-header-differs",
        "the header x-amzn-requestid is not the document's request id",
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
        "there is an element CreateIpamPolicyResult around the members, as other services have it",
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
        "the namespace has no slash at its end (LocalStack, moto)",
        Document(|document| {
            let bare = EC2_NAMESPACE.trim_end_matches('/');
            document.root.attributes = document.root.attributes.replace(EC2_NAMESPACE, bare);
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
        "the content type names no charset",
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
        "the root of an error is ErrorResponse, as other services have it",
        Document(|document| {
            document.root.rename("Response", "ErrorResponse");
        }),
    ),
    envelope(
        Must,
        "error-without-errors",
        "an error has no element Errors around it",
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
        "the list of errors is empty, so that there is no code",
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
        "an error has its request id in requestId, as a success has",
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
        "code and message of an error are written code and message",
        Document(|document| {
            document.root.rename("Code", "code");
            document.root.rename("Message", "message");
        }),
    ),
    envelope(
        Must,
        "error-code-with-client",
        "the codes of errors begin with Client., as in CloudTrail",
        Refusal(|fault| {
            for entry in &mut fault.errors {
                entry.code.insert_str(0, "Client.");
            }
        }),
    ),
    envelope(
        Must,
        "error-status-200",
        "an error comes with status 200",
        Refusal(|fault| fault.status = 200),
    ),
    envelope(
        Must,
        "error-status-500",
        "an error of the request comes with status 500",
        Refusal(|fault| fault.status = 500),
    ),
    envelope(
        Should,
        "not-found-status-404",
        "an unknown IPAM or policy is answered with status 404",
        Refusal(|fault| {
            if fault.code().is_some_and(|code| code.ends_with(".NotFound")) {
                fault.status = 404;
            }
        }),
    ),
    envelope(
        Should,
        "ipam-not-found-code",
        "an unknown IPAM is answered with InvalidParameterValue (cloudemu)",
        Refusal(|fault| {
            recode(fault, "InvalidIpamId.NotFound", "InvalidParameterValue");
        }),
    ),
    envelope(
        Should,
        "codes-of-another-service",
        "refused tags are answered with ValidationException",
        Refusal(|fault| {
            recode(fault, "InvalidParameterValue", "ValidationException");
        }),
    ),
    envelope(
        Must,
        "unknown-action-code",
        "an unknown action is answered with UnknownOperationException",
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
        "a success comes with status 201",
        Answer(|_, response| {
            if response.status == 200 {
                response.status = 201;
            }
        }),
    ),
    envelope(
        Should,
        "byte-order-mark",
        "a byte order mark stands in front of an answer",
        Answer(|_, response| {
            response.body.insert(0, '\u{FEFF}');
        }),
    ),
    envelope(
        Must,
        "other-encoding-declared",
        "an answer in UTF-8 says that it is in UTF-16",
        Answer(|_, response| {
            response.body = response
                .body
                .replacen("encoding=\"UTF-8\"", "encoding=\"UTF-16\"", 1);
        }),
    ),
    envelope(
        Must,
        "ampersand-not-escaped",
        "an & in a tag is written as it is",
        Answer(|_, response| {
            response.body = response.body.replace("&amp;", "&");
        }),
    ),
    envelope(
        Must,
        "less-than-not-escaped",
        "a < in a tag is written as it is",
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
        "an answer is in ISO 8859-1 and says UTF-8",
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
        "an answer is shorter than its content-length",
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
        "an answer in chunks ends without the last one",
        Delivery(|body| {
            if is_create(body) {
                Way::HalfChunked
            } else {
                Way::Whole
            }
        }),
    ),
];

pub(super) static FIELDS: &[Quirk] = &[
    field(
        Must,
        "arn-with-region",
        "the ARN has a Region in it (gopherstack)",
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
        "there is no ARN",
        Policy(|policy| policy.ipam_policy_arn = None),
    ),
    field(
        Must,
        "owner-missing",
        "there is no owner",
        Policy(|policy| policy.owner_id = None),
    ),
    field(
        Must,
        "owner-of-ten-digits",
        "the owner is an account of ten digits",
        Policy(|policy| {
            policy.owner_id = Some("1234567890".into());
            arn(policy, |arn| arn.replace("123456789012", "1234567890"));
        }),
    ),
    field(
        Must,
        "policy-id-missing",
        "there is no ipamPolicyId",
        Document(|document| {
            if document.root.name == "CreateIpamPolicyResponse" {
                document.root.remove("ipamPolicyId");
            }
        }),
    ),
    field(
        Should,
        "policy-id-uuid",
        "ipamPolicyId is a UUID behind the prefix",
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
        "the digits of ipamPolicyId are in capitals",
        PolicyId(|id| format!("ipam-policy-A{}", digits(id).to_uppercase())),
    ),
    field(
        Must,
        "policy-id-prefix",
        "ipamPolicyId begins with ipampolicy-",
        PolicyId(|id| format!("ipampolicy-{}", digits(id))),
    ),
    field(
        Must,
        "region-missing",
        "there is no ipamPolicyRegion",
        Policy(|policy| policy.ipam_policy_region = None),
    ),
    field(
        Should,
        "region-is-a-zone",
        "ipamPolicyRegion is an availability zone",
        Policy(|policy| {
            policy.ipam_policy_region = policy.ipam_policy_region.take().map(|region| region + "a");
        }),
    ),
    field(
        Must,
        "state-missing",
        "there is no state",
        Policy(|policy| policy.state = None),
    ),
    field(
        Must,
        "state-available",
        "the state is available, as of other resources",
        Policy(|policy| {
            policy.state = Some(IpamPolicyState::from("available"));
        }),
    ),
    field(
        Must,
        "state-with-underscores",
        "the state is spelt create_in_progress",
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
        "there is no ipamId",
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
        "the entries of lists are named member, as other services have it",
        Document(|document| {
            document.root.rename("item", "member");
        }),
    ),
    field(
        Must,
        "tag-set-flat",
        "the tags have no list around them",
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
        "the parts of a tag are named Key and Value",
        Document(|document| {
            document.root.rename("key", "Key");
            document.root.rename("value", "Value");
        }),
    ),
    field(
        Must,
        "tags-swapped",
        "the keys of tags stand as values and the values as keys",
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
        "the policy's members stand in the root",
        Document(|document| {
            if let Some(policy) = document.root.take("ipamPolicy").pop() {
                document.root.children.extend(policy.children);
            }
        }),
    ),
    field(
        Must,
        "members-capitalised",
        "the members are named as the API names them, IpamPolicyId",
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

/// The digits of a policy's id.
fn digits(id: &str) -> &str {
    id.rsplit('-').next().unwrap_or_default()
}

fn is_create(body: &[u8]) -> bool {
    body.windows(24)
        .any(|part| part == b"Action=CreateIpamPolicy&")
}
