//! The four directions of the codec for `CreateIpamPolicy` with 0, 1 and 50 tags, beside
//! `serde_urlencoded` and quick-xml's serde front end on the same bytes.
//!
//! The peers are not asked for more than they can do. `serde_urlencoded` is flat, so for it the
//! keys are built by hand and what it decodes are pairs; quick-xml decodes into structs that have
//! a level more for each list.
//!
//! One tag value in five needs escaping.

#![expect(clippy::unwrap_used, reason = "a bench fails by panicking")]

#[path = "../tests/common/mirror.rs"]
mod mirror;

use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
};
use ec2wire::ipam::{CreateIpamPolicy, CreateIpamPolicyResponse, IpamPolicy, IpamPolicyState};
use ec2wire::{Operation, ResourceType, Tag, TagSpecification, Text, envelope, form, xml};
use std::borrow::Cow;
use std::hint::black_box;

const TAGS: [usize; 3] = [0, 1, 50];

const REQUEST_ID: &str = "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE";

fn tags(count: usize) -> Vec<Tag> {
    (0..count)
        .map(|n| {
            let value = if n % 5 == 4 {
                format!("R&D <é> {n}")
            } else {
                format!("value-{n}-of-some-length")
            };
            Tag::new(format!("key-{n}"), value)
        })
        .collect()
}

fn request(tag_count: usize) -> CreateIpamPolicy {
    let mut request = CreateIpamPolicy::new("ipam-0123456789abcdef0");
    request.client_token = Some("11111111-2222-3333-4444-555555555555".into());
    if tag_count > 0 {
        request.tag_specifications = vec![TagSpecification::new(
            ResourceType::IpamPolicy,
            tags(tag_count),
        )];
    }
    request
}

fn response(tag_count: usize) -> CreateIpamPolicyResponse {
    let id = "ipam-policy-0123456789abcdef0";
    CreateIpamPolicyResponse {
        ipam_policy: Some(IpamPolicy {
            owner_id: Some("123456789012".into()),
            ipam_policy_id: Some(id.into()),
            ipam_policy_arn: Some(format!("arn:aws:ec2::123456789012:ipam-policy/{id}")),
            ipam_policy_region: Some("us-east-1".into()),
            state: Some(IpamPolicyState::CreateInProgress),
            state_message: None,
            tag_set: Some(tags(tag_count)),
            ipam_id: Some("ipam-0123456789abcdef0".into()),
        }),
    }
}

/// The request's pairs for a serializer that is flat.
fn pairs(request: &CreateIpamPolicy) -> Vec<(Cow<'static, str>, &str)> {
    let mut pairs: Vec<(Cow<'static, str>, &str)> = vec![
        ("Action".into(), <CreateIpamPolicy>::ACTION),
        ("Version".into(), <CreateIpamPolicy>::VERSION),
    ];
    for (at, spec) in (1..).zip(&request.tag_specifications) {
        if let Some(kind) = &spec.resource_type {
            let key = format!("TagSpecification.{at}.ResourceType");
            pairs.push((key.into(), kind.as_str()));
        }
        for (tag_at, tag) in (1..).zip(&spec.tags) {
            if let Some(key) = &tag.key {
                let name = format!("TagSpecification.{at}.Tag.{tag_at}.Key");
                pairs.push((name.into(), key));
            }
            if let Some(value) = &tag.value {
                let name = format!("TagSpecification.{at}.Tag.{tag_at}.Value");
                pairs.push((name.into(), value));
            }
        }
    }
    if let Some(token) = &request.client_token {
        pairs.push(("ClientToken".into(), token));
    }
    if let Some(ipam_id) = &request.ipam_id {
        pairs.push(("IpamId".into(), ipam_id));
    }
    pairs
}

type Group<'c> = BenchmarkGroup<'c, criterion::measurement::WallTime>;

/// Benches one way for one number of tags.
fn bench<T>(group: &mut Group<'_>, name: &str, tag_count: usize, mut run: impl FnMut() -> T) {
    group.bench_function(BenchmarkId::new(name, tag_count), |bencher| {
        bencher.iter(&mut run);
    });
}

fn form_encode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("form-encode");
    for tag_count in TAGS {
        let request = request(tag_count);
        let body = request.to_body().unwrap();
        let peer = serde_urlencoded::to_string(pairs(&request)).unwrap();
        let same = |body| serde_urlencoded::from_str::<Vec<(String, String)>>(body).unwrap();
        assert_eq!(same(&body), same(&peer));

        group.throughput(Throughput::Bytes(body.len() as u64));
        bench(&mut group, "ec2wire", tag_count, || {
            black_box(&request).to_body()
        });
        let mut buffer = Vec::with_capacity(body.len());
        bench(&mut group, "ec2wire-reused-buffer", tag_count, || {
            buffer.clear();
            black_box(&request).append_body(&mut buffer)
        });
        bench(&mut group, "serde_urlencoded", tag_count, || {
            serde_urlencoded::to_string(pairs(black_box(&request)))
        });
    }
    group.finish();
}

fn form_decode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("form-decode");
    for tag_count in TAGS {
        let body = request(tag_count).to_body().unwrap();
        group.throughput(Throughput::Bytes(body.len() as u64));
        bench(&mut group, "ec2wire", tag_count, || {
            form::from_str::<CreateIpamPolicy>(black_box(&body))
        });
        bench(&mut group, "ec2wire-borrowed", tag_count, || {
            form::from_str::<CreateIpamPolicy<Text<'_>>>(black_box(&body)).map(drop)
        });
        bench(&mut group, "serde_urlencoded", tag_count, || {
            serde_urlencoded::from_str::<Vec<(String, String)>>(black_box(&body))
        });
        bench(&mut group, "serde_urlencoded-borrowed", tag_count, || {
            serde_urlencoded::from_str::<Vec<(&str, Cow<'_, str>)>>(black_box(&body)).map(drop)
        });
    }
    group.finish();
}

fn xml_encode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("xml-encode");
    for tag_count in TAGS {
        let response = response(tag_count);
        let body = envelope::encode(REQUEST_ID, &response).unwrap();
        let mirror = mirror::Response::new(REQUEST_ID, response.clone());
        let peer = quick_xml::se::to_string(&mirror).unwrap();
        assert_eq!(
            xml::from_str::<CreateIpamPolicyResponse>(&peer).unwrap(),
            response
        );

        group.throughput(Throughput::Bytes(body.len() as u64));
        bench(&mut group, "ec2wire", tag_count, || {
            envelope::encode(REQUEST_ID, black_box(&response))
        });
        bench(&mut group, "quick-xml", tag_count, || {
            quick_xml::se::to_string(black_box(&mirror))
        });
    }
    group.finish();
}

fn xml_decode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("xml-decode");
    for tag_count in TAGS {
        let response = response(tag_count);
        let body = envelope::encode(REQUEST_ID, &response).unwrap();
        let peer = quick_xml::de::from_str::<mirror::Response>(&body).unwrap();
        assert_eq!(peer, mirror::Response::new(REQUEST_ID, response));

        group.throughput(Throughput::Bytes(body.len() as u64));
        bench(&mut group, "ec2wire", tag_count, || {
            xml::from_str::<CreateIpamPolicyResponse>(black_box(&body))
        });
        bench(&mut group, "ec2wire-borrowed", tag_count, || {
            xml::from_str::<CreateIpamPolicyResponse<Text<'_>>>(black_box(&body)).map(drop)
        });
        bench(&mut group, "quick-xml", tag_count, || {
            quick_xml::de::from_str::<mirror::Response>(black_box(&body))
        });
    }
    group.finish();
}

criterion_group!(codec, form_encode, form_decode, xml_encode, xml_decode);
criterion_main!(codec);
