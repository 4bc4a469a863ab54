//! The codec's allocations: only what the value itself needs.
//!
//! This also tells the decoders' fast paths from the slow ones, which give the same values.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use ec2wire::form::Call;
use ec2wire::ipam::{
    CreateIpamPolicy, CreateIpamPolicyResponse, DescribeIpamPolicies, IpamPolicy, IpamPolicyState,
};
use ec2wire::{Operation as _, ResourceType, Tag, TagSpecification, Text, form, xml};
use ec2wire_test_support::Blob;
use ec2wire_test_support::allocations::counted;
use serde::de::IgnoredAny;

#[global_allocator]
static ALLOCATOR: alloc_tracker::Allocator<std::alloc::System> = alloc_tracker::Allocator::system();

/// The lists of tag specifications and of at most four tags: one allocation each.
const LISTS: u64 = 2;

fn request() -> CreateIpamPolicy {
    let mut request = CreateIpamPolicy::new("ipam-1");
    let tags = [
        Tag::new("Name", "edge"),
        Tag::new("env", "prod"),
        Tag::new("k", ""),
    ];
    request.tag_specifications = vec![TagSpecification::new(ResourceType::IpamPolicy, tags)];
    request.client_token = Some("token".into());
    request.dry_run = Some(false);
    request
}

fn response() -> CreateIpamPolicyResponse {
    let policy = IpamPolicy {
        owner_id: Some("123456789012".into()),
        ipam_policy_id: Some("ipam-policy-1".into()),
        state: Some(IpamPolicyState::CreateInProgress),
        state_message: Some(String::new()),
        tag_set: Some(vec![Tag::new("Name", "edge"), Tag::new("env", "prod")]),
        ..IpamPolicy::default()
    };
    CreateIpamPolicyResponse {
        ipam_policy: Some(policy),
    }
}

/// The number of allocations for reading a request with borrowed texts.
fn of_request(body: &str) -> u64 {
    let (request, count) = counted(|| form::from_str::<CreateIpamPolicy<Text<'_>>>(body));
    request.unwrap();
    count
}

/// The number of allocations for reading a response with borrowed texts.
fn of_answer(body: &str) -> u64 {
    let read = || xml::from_str::<CreateIpamPolicyResponse<Text<'_>>>(body);
    let (response, count) = counted(read);
    response.unwrap();
    count
}

#[test]
fn a_buffer_with_room_is_enough() {
    let mut special = request();
    special.ipam_id = Some("a b&é\u{1F}%+".repeat(50));
    let many = (0..50).map(|n| Tag::new(format!("key-{n}"), "v".repeat(n)));
    special.tag_specifications = vec![TagSpecification::new(ResourceType::IpamPolicy, many)];
    for request in [CreateIpamPolicy::default(), request(), special] {
        let mut body = Vec::with_capacity(1 << 14);
        let ((), count) = counted(|| request.append_body(&mut body).unwrap());
        assert_eq!(count, 0, "{request:?}");
    }

    let mut special = response();
    let policy = special.ipam_policy.as_mut().unwrap();
    policy.state_message = Some("a<b>&é\r\n".repeat(50));
    policy.tag_set = Some((0..50).map(|n| Tag::new(format!("key-{n}"), "v")).collect());
    for response in [CreateIpamPolicyResponse::default(), response(), special] {
        let mut body = Vec::with_capacity(1 << 14);
        let ((), count) = counted(|| xml::append(&mut body, &response).unwrap());
        assert_eq!(count, 0, "{response:?}");
    }
}

/// A member of each kind, and some of them escaped.
#[derive(serde::Serialize)]
struct Everything {
    flag: bool,
    count: i64,
    small: f32,
    large: f64,
    none: f64,
    letter: char,
    text: String,
    blob: Blob,
    list: Vec<Blob>,
    pair: (f64, f64),
    absent: Option<f64>,
    a_member_whose_name_is_longer_than_most: u8,
}

/// With texts and bytes of the given length.
fn everything(len: usize) -> Everything {
    let bytes = |len: usize| Blob((0..=u8::MAX).rev().cycle().take(len).collect());
    Everything {
        flag: true,
        count: i64::MIN,
        small: 0.1,
        large: -f64::MAX,
        none: f64::NAN,
        letter: '<',
        text: "é<x".repeat(len),
        blob: bytes(len),
        list: (0..len).map(bytes).collect(),
        pair: (f64::NEG_INFINITY, f64::from_bits(1)),
        absent: None,
        a_member_whose_name_is_longer_than_most: 0,
    }
}

/// The promise of `append`'s documentation at its limits: any value needs at most 96 bytes besides its
/// text, and nothing the second time.
#[test]
fn a_value_needs_a_buffer_of_its_size() {
    type Append = fn(&mut Vec<u8>, &Everything) -> ec2wire::Result<()>;
    let formats: [(&str, Append); 2] = [("form", form::append), ("XML", xml::append)];
    for (format, append) in formats {
        for len in [0, 1, 2, 3, 7, 31, 383, 384, 385] {
            let value = everything(len);
            let mut body = Vec::new();
            append(&mut body, &value).unwrap();
            let text = body.clone();

            body.clear();
            let ((), count) = counted(|| append(&mut body, &value).unwrap());
            assert_eq!((count, &body), (0, &text), "{format}, {len}: again");

            let mut exact = Vec::with_capacity(text.len() + 96);
            let ((), count) = counted(|| append(&mut exact, &value).unwrap());
            assert_eq!((count, &exact), (0, &text), "{format}, {len}: with room");
        }
    }
}

/// A map keeps all its keys in one text of its own.
#[test]
fn a_map_needs_room_for_its_keys() {
    #[derive(serde::Serialize)]
    struct Holder {
        map: std::collections::BTreeMap<&'static str, u8>,
    }
    let map = [("a", 1), ("b", 2), ("c", 3)].into();
    let holder = Holder { map };
    let mut body = Vec::with_capacity(1 << 10);
    let ((), count) = counted(|| form::append(&mut body, &holder).unwrap());
    assert_eq!(count, 1);
    body.clear();
    let ((), count) = counted(|| xml::append(&mut body, &holder).unwrap());
    assert_eq!(count, 1);
}

#[test]
fn a_new_buffer_grows_a_few_times() {
    let mut request = request();
    request.ipam_id = Some("x".repeat(10_000));
    let (body, count) = counted(|| request.to_body().unwrap());
    assert!(body.len() > 10_000 && count <= 3, "{count}");
    let mut response = response();
    let policy = response.ipam_policy.as_mut().unwrap();
    policy.tag_set = Some(vec![Tag::new("key", "value"); 1_000]);
    let (body, count) = counted(|| xml::to_string(&response).unwrap());
    assert!(body.len() > 40_000 && count <= 9, "{count}");
}

#[test]
fn a_request_in_order_needs_its_lists() {
    assert_eq!(of_request("Action=CreateIpamPolicy&Version=2016-11-15"), 0);
    assert_eq!(of_request("DryRun=true&IpamId=ipam-1&ClientToken=t"), 0);
    // All common parameters except those of `SigV4`.
    let signed = "AWSAccessKeyId=A&SignatureVersion=2&SignatureMethod=H&Signature=s&Timestamp=t\
        &Expires=e&SecurityToken=t&Action=CreateIpamPolicy&Version=2016-11-15&IpamId=ipam-1";
    assert_eq!(of_request(signed), 0);
    // Members in another order than the type's, and common parameters among them.
    assert_eq!(
        of_request("ClientToken=t&Version=1&IpamId=a&Action=b&DryRun=true"),
        0
    );
    assert_eq!(of_request(&request().to_body().unwrap()), LISTS);
    let lenient = form::Options::new().lenient();
    let (_, count) = counted(|| {
        lenient
            .from_str::<CreateIpamPolicy<Text<'_>>>("&&IpamId=i&")
            .unwrap()
    });
    assert_eq!(count, 0);
    // Decoding an escape in place would change the body.
    assert_eq!(of_request("IpamId=a%20b"), 1);
    assert_eq!(of_request("IpamId=a+b"), 1);

    let body = request().to_body().unwrap();
    let (owned, count) = counted(|| form::from_str::<CreateIpamPolicy>(&body).unwrap());
    // The IPAM, the token, and of each tag the key and a value that is not empty.
    assert_eq!(count, LISTS + 2 + 5, "{owned:?}");

    let describe = "MaxResults=5&NextToken=t&Filter.1.Name=n&Filter.1.Value.1=v&Filter.1.Value.2=w";
    let (value, count) = counted(|| form::from_str::<DescribeIpamPolicies<Text<'_>>>(describe));
    // The filters, and one's values.
    assert_eq!(count, 2, "{value:?}");
    let (_, count) = counted(|| form::from_str::<IgnoredAny>(&body).unwrap());
    assert_eq!(count, 0);
}

/// The control: pairs that must be sorted.
#[test]
fn a_scattered_request_needs_more() {
    let tag = "TagSpecification.1.Tag";
    let body = format!("{tag}.2.Key=b&{tag}.1.Key=a&IpamId=i&{tag}.1.Value=c");
    assert!(of_request(&body) > LISTS);
}

#[test]
fn a_call_needs_one_list() {
    let body = request().to_body().unwrap();
    let (call, count) = counted(|| Call::from_str(&body).unwrap());
    assert_eq!(call.action().unwrap().as_deref(), Some("CreateIpamPolicy"));
    assert_eq!(count, 1);
    let (request, count) = counted(|| call.decode::<CreateIpamPolicy<Text<'_>>>());
    request.unwrap();
    assert_eq!(count, LISTS);
}

#[test]
fn an_answer_needs_its_lists() {
    let body = xml::to_string(&response()).unwrap();
    assert_eq!(of_answer(&body), 1);
    assert_eq!(of_answer(&body.replace("><", ">\n  <")), 1);
    let (_, count) = counted(|| xml::from_str::<IgnoredAny>(&body).unwrap());
    assert_eq!(count, 0);

    let text = |text: &str| {
        of_answer(&format!(
            "<CreateIpamPolicyResponse><ipamPolicy><ipamId>{text}</ipamId></ipamPolicy>\
             </CreateIpamPolicyResponse>"
        ))
    };
    for borrowed in [
        "",
        "plain",
        "é 日本",
        "<![CDATA[a&b]]>",
        "a<!-- -->",
        "<?p?>a",
    ] {
        assert_eq!(text(borrowed), 0, "{borrowed}");
    }
    for owned in [
        "a&amp;b",
        "&#65;&#x42;c&lt;",
        "a\r\nb",
        "a<!-- -->b",
        "R&amp;D &lt;Zürich&gt; 1",
    ] {
        assert_eq!(text(owned), 1, "{owned}");
    }
}

#[test]
fn unknown_elements_are_skipped_without_allocations() {
    let unknown = "<x a='&amp;'>t&lt;<!-- --><![CDATA[c]]><y z=\"1\"><z/></y></x>".repeat(20);
    let body = xml::to_string(&CreateIpamPolicyResponse::<String> {
        ipam_policy: Some(IpamPolicy::default()),
    });
    let body = body.unwrap();
    assert_eq!(of_answer(&body), 0);
    let body = body.replace("<ipamPolicy", &format!("{unknown}<ipamPolicy"));
    assert_eq!(of_answer(&body), 0);
}
