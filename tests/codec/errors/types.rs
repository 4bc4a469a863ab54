//! Text that a member's type refuses, in both formats.

use super::{Row, must_fail};
use ec2wire::form::{self, Call};
use ec2wire::ipam::{DescribeIpamPolicies, IpamPolicy};
use ec2wire::xml;
use ec2wire_test_support::Blob;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A member of each kind.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "decoded for the errors only")]
struct Other {
    required: Option<Required>,
    yes: Option<bool>,
    number: Option<u8>,
    fraction: Option<f32>,
    letter: Option<char>,
    blob: Option<Blob>,
    port: Option<Port>,
    variant: Option<Variant>,
    list: Option<Vec<String>>,
    pair: Option<(String, String)>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "decoded for the errors only")]
struct Required {
    name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Variant {
    OnDemand,
}

/// A type with its own checks.
#[derive(Debug)]
struct Port;

impl<'de> Deserialize<'de> for Port {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Err(serde::de::Error::custom(format_args!(
            "{text} is not a free port"
        )))
    }
}

pub(crate) fn of_requests() -> Vec<Row> {
    let mut rows: Vec<Row> = [
        "Number=256",
        "Number=-1",
        "Number=%201",
        "Fraction=a.5",
        "Fraction=inf",
        "Fraction=%2B1",
        "Letter=ab",
        "Blob=%25%25",
        "Port=80",
        "Required.Other=x",
        "Required.Name=a&Required.Other=x",
        "Variant=spot",
        "Variant.1=on-demand",
        "List.1=a&List.2.Name=b",
        "Pair.1=a",
        "Pair.1=a&Pair.2=b&Pair.3=c",
    ]
    .map(|body| must_fail(body, form::from_str::<Other>(body)))
    .into();
    let body = "MaxResults=2147483648";
    let describe = form::from_str::<DescribeIpamPolicies>(body);
    rows.push(must_fail(body, describe));
    let missing = form::from_str::<BTreeMap<String, Required>>("Name.Name=a&Next.1=b");
    rows.push(must_fail("Name.Name=a&Next.1=b, a map", missing));
    let missing = form::from_str::<Required>("Action=X");
    rows.push(must_fail("Action=X, a required member", missing));
    let call = Call::from_str("Action=A&Action=B&Version=%").unwrap();
    rows.push(must_fail("Action=A&Action=B, the action", call.action()));
    rows.push(must_fail("Version=%, the version", call.version()));
    rows
}

pub(crate) fn of_responses() -> Vec<Row> {
    let options = xml::Options::new().any_root();
    let mut rows: Vec<Row> = [
        "<p><number>256</number></p>",
        "<p><number> 1</number></p>",
        "<p><fraction>1,5</fraction></p>",
        "<p><letter></letter></p>",
        "<p><blob>%</blob></p>",
        "<p><port>80</port></p>",
        "<p><required/></p>",
        "<p><required><name>a</name><nahme>b</nahme></required></p>",
        "<p><variant>spot</variant></p>",
        "<p><list><item>a</item><item><a/></item></list></p>",
        "<p><pair><item>a</item></pair></p>",
        "<p><pair><item>a</item><item>b</item><item>c</item></pair></p>",
    ]
    .map(|body| must_fail(body, options.from_str::<Other>(body)))
    .into();
    let body = "<p><state><item>create-failed</item></state></p>";
    rows.push(must_fail(body, options.from_str::<IpamPolicy>(body)));
    rows
}
