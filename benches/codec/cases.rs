//! The measured cases: one list for the table, criterion's groups and the checks.

use crate::input::{self, Indexes, REQUEST_ID};
use crate::measure::Contender;
use crate::model;
use crate::ours;
use crate::peers::{by_hand, quick_xml, smithy, tree, urlencoded};
use ec2wire::ipam::{CreateIpamPolicy, CreateIpamPolicyResponse, DescribeIpamPoliciesResponse};
use ec2wire::{Operation as _, Text, envelope, form, xml};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;
use std::hint::black_box;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    FormEncode,
    FormDecode,
    XmlEncode,
    XmlDecode,
}

impl Operation {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::FormEncode => "form-encode",
            Self::FormDecode => "form-decode",
            Self::XmlEncode => "xml-encode",
            Self::XmlDecode => "xml-decode",
        }
    }

    /// The codec's two ways to do the operation, which are a case's first two contenders.
    pub(crate) const fn ways(self) -> [&'static str; 2] {
        match self {
            Self::FormEncode | Self::XmlEncode => ["reused buffer", "new buffer"],
            Self::FormDecode | Self::XmlDecode => ["borrowed", "owned"],
        }
    }
}

/// The minimum ratio of a peer's time to the time of one of the codec's ways, at 50 tags.
pub(crate) struct Ratio {
    pub(crate) operation: Operation,
    pub(crate) way: &'static str,
    pub(crate) peer: &'static str,
    pub(crate) at_least: f64,
}

pub(crate) const RATIOS: [Ratio; 8] = {
    use Operation::{FormDecode, FormEncode, XmlDecode, XmlEncode};
    [
        ratio(FormEncode, "reused buffer", "aws-smithy-query", 6.0),
        ratio(FormEncode, "new buffer", "aws-smithy-query", 6.0),
        ratio(FormDecode, "borrowed", "serde_urlencoded, map", 5.0),
        ratio(FormDecode, "owned", "serde_urlencoded, map", 5.0),
        ratio(XmlEncode, "reused buffer", "aws-smithy-xml", 8.0),
        ratio(XmlEncode, "new buffer", "aws-smithy-xml", 8.0),
        ratio(XmlDecode, "borrowed", "aws-smithy-xml", 9.0),
        ratio(XmlDecode, "owned", "aws-smithy-xml", 6.0),
    ]
};

const fn ratio(
    operation: Operation,
    way: &'static str,
    peer: &'static str,
    at_least: f64,
) -> Ratio {
    Ratio {
        operation,
        way,
        peer,
        at_least,
    }
}

/// The maximum ratio of the cost of a tag at 1,000 tags to its cost at 50.
pub(crate) const TAG_COST_GROWTH: f64 = 1.2;

/// The contenders of one operation on one input.
pub(crate) struct Case {
    pub(crate) operation: Operation,
    pub(crate) input: &'static str,
    /// Whether [`RATIOS`] apply.
    pub(crate) has_ratios: bool,
    /// Whether the first contender must not allocate.
    pub(crate) allocates_nothing: bool,
    build: Box<dyn Fn() -> Built>,
}

pub(crate) struct Built {
    /// The length of the body that is read or written, in bytes.
    pub(crate) bytes: usize,
    pub(crate) contenders: Vec<Contender>,
}

impl Case {
    fn new(operation: Operation, input: &'static str, build: impl Fn() -> Built + 'static) -> Self {
        Self {
            operation,
            input,
            has_ratios: false,
            allocates_nothing: false,
            build: Box::new(build),
        }
    }

    pub(crate) fn id(&self) -> String {
        format!("{}/{}", self.operation.name(), self.input)
    }

    /// Makes the contenders, and checks the result of each.
    pub(crate) fn build(&self) -> Built {
        let mut built = (self.build)();
        if self.allocates_nothing
            && let Some(first) = built.contenders.first_mut()
        {
            assert_eq!(first.allocations(), 0, "{} of {}", first.name, self.id());
        }
        built
    }
}

const TAGS: [(usize, &str); 4] = [
    (0, "0 tags"),
    (1, "1 tag"),
    (50, "50 tags"),
    (1_000, "1,000 tags"),
];

pub(crate) fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    for (count, name) in TAGS {
        cases.push(Case::new(Operation::FormEncode, name, move || {
            form_encode(count)
        }));
    }
    for (count, name) in TAGS {
        cases.push(Case::new(Operation::FormDecode, name, move || {
            form_decode(count)
        }));
    }
    for (count, name) in TAGS {
        let build = move || xml_encode(input::created(count));
        cases.push(Case::new(Operation::XmlEncode, name, build));
    }
    cases.push(Case::new(Operation::XmlEncode, "1,000 policies", || {
        xml_encode(input::described(1_000))
    }));
    for (count, name) in TAGS {
        cases.push(Case::new(Operation::XmlDecode, name, move || {
            let answer = input::created(count);
            xml_decode(input::indent(&document(&answer)), answer)
        }));
    }
    // EC2 no longer sends white space between elements.
    cases.push(Case::new(Operation::XmlDecode, "50 tags, one line", || {
        let answer = input::created(50);
        xml_decode(document(&answer), answer)
    }));
    cases.push(Case::new(Operation::XmlDecode, "1,000 policies", || {
        let answer = input::described(1_000);
        xml_decode(input::indent(&document(&answer)), answer)
    }));
    let unknown = "unknown elements";
    cases.push(Case::new(Operation::XmlDecode, unknown, || {
        let answer = input::created(0);
        let document = input::with_unknown_elements(&document(&answer));
        xml_decode(input::indent(&document), answer)
    }));
    for case in &mut cases {
        case.has_ratios = case.input.starts_with("50 tags");
        case.allocates_nothing = match case.operation {
            Operation::FormEncode | Operation::XmlEncode => case.has_ratios,
            Operation::FormDecode => false,
            Operation::XmlDecode => case.input == unknown,
        };
    }
    cases
}

fn document<R: Serialize>(answer: &R) -> String {
    envelope::encode(REQUEST_ID, answer).unwrap()
}

/// Leaks an input, so that results can borrow from it.
pub(crate) fn keep<T>(input: T) -> &'static T {
    Box::leak(Box::new(input))
}

fn keep_body(body: String) -> &'static [u8] {
    Box::leak(body.into_bytes().into_boxed_slice())
}

/// A contender that writes into its own buffer.
fn reusing<I>(
    name: &str,
    input: &'static I,
    expected: &'static [u8],
    append: impl Fn(&'static I, &mut Vec<u8>) + 'static,
) -> Contender {
    let mut buffer = Vec::new();
    append(input, &mut buffer);
    assert_eq!(buffer, expected, "{name}");
    let call = move |input| {
        buffer.clear();
        append(input, &mut buffer);
        black_box(buffer.as_slice());
    };
    Contender::new(name, input, call, |()| ())
}

/// A plain pass over the bytes, in two ways.
fn floors(body: &'static [u8]) -> [Contender; 2] {
    let mut copy = vec![0; body.len()];
    let call = move |body| {
        copy.copy_from_slice(body);
        black_box(copy.as_slice());
    };
    [
        Contender::new("from_utf8 (floor)", body, std::str::from_utf8, |text| {
            assert!(text.is_ok());
        }),
        Contender::new("memcpy (floor)", body, call, |()| ()),
    ]
}

fn form_encode_ours(request: &'static CreateIpamPolicy, body: &'static [u8]) -> [Contender; 2] {
    [
        reusing(
            "ec2wire, reused buffer",
            request,
            body,
            |request, buffer| {
                request.append_body(buffer).unwrap();
            },
        ),
        Contender::new(
            "ec2wire, new buffer",
            request,
            |request| request.to_body().unwrap(),
            |other| assert_eq!(other.as_bytes(), body),
        ),
    ]
}

fn form_encode(tag_count: usize) -> Built {
    let request = keep(input::request(tag_count));
    let body = keep_body(input::body(tag_count, Indexes::InOrder));
    let same = move |other: String| assert_eq!(other.as_bytes(), body);
    // For example, it writes `+` where EC2's own clients send `%20`.
    let equivalent = move |other: String| assert_eq!(form::from_str(&other).as_ref(), Ok(request));

    let mut contenders = Vec::from(form_encode_ours(request, body));
    contenders.extend(model::form_encode(<CreateIpamPolicy>::ACTION, body));
    contenders.extend([
        Contender::new("aws-smithy-query", request, smithy::encode_request, same),
        Contender::new(
            "serde_urlencoded",
            request,
            urlencoded::encode_serde,
            equivalent,
        ),
        Contender::new(
            "form_urlencoded",
            request,
            urlencoded::encode_form,
            equivalent,
        ),
        reusing(
            "by hand, reused buffer",
            request,
            body,
            by_hand::form::encode,
        ),
        Contender::new(
            "by hand, new buffer",
            request,
            |request| {
                let mut body = Vec::with_capacity(128);
                by_hand::form::encode(request, &mut body);
                String::from_utf8(body).unwrap()
            },
            same,
        ),
    ]);
    contenders.extend(floors(body));
    Built {
        bytes: body.len(),
        contenders,
    }
}

fn form_decode_ours(
    body: &'static [u8],
    options: form::Options,
    request: &'static CreateIpamPolicy,
) -> [Contender; 2] {
    [
        Contender::new(
            "ec2wire, borrowed",
            body,
            move |body| {
                options
                    .from_slice::<CreateIpamPolicy<Text<'_>>>(body)
                    .unwrap()
            },
            |other| assert_same(&other, request),
        ),
        Contender::new(
            "ec2wire, owned",
            body,
            move |body| options.from_slice::<CreateIpamPolicy>(body).unwrap(),
            |other| assert_eq!(&other, request),
        ),
    ]
}

fn form_decode(tag_count: usize) -> Built {
    let request = keep(input::request(tag_count));
    let body = keep_body(input::body(tag_count, Indexes::InOrder));
    let same = move |other: CreateIpamPolicy| assert_eq!(&other, request);

    let mut contenders = Vec::from(form_decode_ours(body, form::Options::new(), request));
    contenders.extend(model::form_decode(<CreateIpamPolicy>::ACTION, body));
    contenders.extend([
        // As in a server with more than one action.
        Contender::new(
            "ec2wire, owned, action first",
            body,
            |body| {
                let call = form::Call::from_slice(body).unwrap();
                assert!(call.action().unwrap().is_some());
                call.decode::<CreateIpamPolicy>().unwrap()
            },
            same,
        ),
        Contender::new(
            "serde_urlencoded, map",
            body,
            urlencoded::decode_serde,
            same,
        ),
        Contender::new("form_urlencoded, map", body, urlencoded::decode_form, same),
        Contender::new(
            "by hand, borrowed",
            body,
            |body| by_hand::form::decode::<Text<'_>>(body).unwrap(),
            |other| assert_same(&other, request),
        ),
        Contender::new(
            "by hand, owned",
            body,
            |body| by_hand::form::decode::<String>(body).unwrap(),
            same,
        ),
    ]);
    contenders.extend(floors(body));
    Built {
        bytes: body.len(),
        contenders,
    }
}

/// A response that the codec and all its peers support.
trait Answer:
    ours::Answer
    + smithy::Answer
    + quick_xml::Answer
    + tree::Answer
    + by_hand::xml::Write
    + for<'a> by_hand::xml::Answer<'a>
    + Serialize
    + DeserializeOwned
    + PartialEq
    + Debug
    + 'static
{
    type BorrowedByHand: by_hand::xml::Answer<'static> + Debug;
}

impl Answer for CreateIpamPolicyResponse {
    type BorrowedByHand = CreateIpamPolicyResponse<Text<'static>>;
}

impl Answer for DescribeIpamPoliciesResponse {
    type BorrowedByHand = DescribeIpamPoliciesResponse<Text<'static>>;
}

fn xml_encode_ours<R: Answer>(answer: &'static R, body: &'static [u8]) -> [Contender; 2] {
    [
        reusing("ec2wire, reused buffer", answer, body, |answer, buffer| {
            envelope::append(buffer, REQUEST_ID, answer).unwrap();
        }),
        Contender::new("ec2wire, new buffer", answer, document, |other| {
            assert_eq!(other.as_bytes(), body);
        }),
    ]
}

fn xml_encode<R: Answer>(answer: R) -> Built {
    let answer = keep(answer);
    let wire = keep(answer.to_wire(REQUEST_ID));
    let body = keep_body(document(answer));
    let same = move |other: String| assert_eq!(other.as_bytes(), body);
    // It writes an empty list as `<tagSet></tagSet>`.
    let equivalent = move |other: String| assert_eq!(xml::from_str(&other).as_ref(), Ok(answer));

    let mut contenders = Vec::from(xml_encode_ours(answer, body));
    contenders.extend(model::xml_encode(<R as ours::Answer>::ACTION, body));
    contenders.extend([
        Contender::new(
            "aws-smithy-xml",
            answer,
            |answer| smithy::encode(REQUEST_ID, answer),
            equivalent,
        ),
        Contender::new("quick-xml serde", wire, quick_xml::encode, equivalent),
        reusing("by hand, reused buffer", answer, body, |answer, buffer| {
            by_hand::xml::encode(REQUEST_ID, answer, buffer);
        }),
        Contender::new(
            "by hand, new buffer",
            answer,
            |answer| {
                let mut body = Vec::with_capacity(512);
                by_hand::xml::encode(REQUEST_ID, answer, &mut body);
                String::from_utf8(body).unwrap()
            },
            same,
        ),
    ]);
    contenders.extend(floors(body));
    Built {
        bytes: body.len(),
        contenders,
    }
}

fn xml_decode_ours<R: Answer>(body: &'static [u8], answer: &'static R) -> [Contender; 2] {
    [
        Contender::new(
            "ec2wire, borrowed",
            body,
            |body| xml::from_slice::<R::Borrowed>(body).unwrap(),
            |other| assert_same(&other, answer),
        ),
        Contender::new(
            "ec2wire, owned",
            body,
            |body| xml::from_slice::<R>(body).unwrap(),
            |other| assert_eq!(&other, answer),
        ),
    ]
}

fn xml_decode<R: Answer>(body: String, answer: R) -> Built {
    let answer = keep(answer);
    let body = keep_body(body);
    let same = move |other: R| assert_eq!(&other, answer);

    let mut contenders = Vec::from(xml_decode_ours(body, answer));
    let document = keep_body(document(answer));
    contenders.extend(model::xml_decode(
        <R as ours::Answer>::ACTION,
        body,
        document,
    ));
    contenders.extend([
        // As in a client that does not know yet whether the response is a success.
        Contender::new(
            "ec2wire, owned, success or fault",
            body,
            |body| {
                let reply = envelope::decode::<R>(200, body).unwrap();
                reply.into_result().unwrap().output
            },
            same,
        ),
        Contender::new(
            "aws-smithy-xml",
            body,
            |body| smithy::decode::<R>(body).unwrap(),
            same,
        ),
        Contender::new("quick-xml serde", body, quick_xml::decode::<R>, |wire| {
            same(R::from_wire(wire));
        }),
        Contender::new("roxmltree", body, tree::decode::<R>, same),
        Contender::new(
            "by hand, borrowed",
            body,
            |body| by_hand::xml::decode::<R::BorrowedByHand>(body).unwrap(),
            |other| assert_same(&other, answer),
        ),
        Contender::new(
            "by hand, owned",
            body,
            |body| by_hand::xml::decode::<R>(body).unwrap(),
            same,
        ),
    ]);
    contenders.extend(floors(body));
    Built {
        bytes: body.len(),
        contenders,
    }
}

/// Compares values with different text types, which print the same.
fn assert_same(a: &impl Debug, b: &impl Debug) {
    assert_eq!(format!("{a:?}"), format!("{b:?}"));
}

/// The codec alone, with 0, 50 and 1,000 tags.
pub(crate) struct Growth {
    pub(crate) operation: Operation,
    /// The order of the pairs in the body.
    pub(crate) order: &'static str,
    /// For each number of tags, the operation's two ways.
    pub(crate) contenders: Vec<Contender>,
}

pub(crate) const GROWTH_TAGS: [u32; 3] = [0, 50, 1_000];

pub(crate) fn growths() -> Vec<Growth> {
    let counts = || GROWTH_TAGS.iter().map(|count| *count as usize);
    let grow = |operation, order, ours: &dyn Fn(usize) -> [Contender; 2]| Growth {
        operation,
        order,
        contenders: counts().flat_map(ours).collect(),
    };
    let form_decode = |indexes, options: form::Options| {
        move |count| {
            let body = keep_body(input::body(count, indexes));
            let request = keep(input::request(count));
            form_decode_ours(body, options, request)
        }
    };
    let strict = form::Options::new();
    vec![
        grow(Operation::FormEncode, "in order", &|count| {
            let body = keep_body(input::body(count, Indexes::InOrder));
            form_encode_ours(keep(input::request(count)), body)
        }),
        grow(
            Operation::FormDecode,
            "in order",
            &form_decode(Indexes::InOrder, strict),
        ),
        grow(
            Operation::FormDecode,
            "shuffled",
            &form_decode(Indexes::Shuffled, strict),
        ),
        grow(
            Operation::FormDecode,
            "gapped",
            &form_decode(Indexes::Gapped, strict.lenient()),
        ),
        grow(Operation::XmlEncode, "in order", &|count| {
            let answer = keep(input::created(count));
            xml_encode_ours(answer, keep_body(document(answer)))
        }),
        grow(Operation::XmlDecode, "in order", &|count| {
            let answer = keep(input::created(count));
            xml_decode_ours(keep_body(input::indent(&document(answer))), answer)
        }),
    ]
}
