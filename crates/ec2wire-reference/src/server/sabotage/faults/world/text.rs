//! Faults in texts.

use crate::pairs;
use crate::server::sabotage::change::Change::{Form, World};
use crate::server::sabotage::row::{WorldRow, world_fault};
use crate::server::sabotage::twist::Twist::{Body, Of, Reads, Writes};
use ec2wire::contract::Level::Must;

pub(super) static TABLE: &[WorldRow] = &[
    world_fault(
        Must,
        "security-group-text-escaped-twice",
        "DescribeSecurityGroups escapes texts twice",
        "security-group",
        &["DescribeSecurityGroups"],
        World(Writes {
            actions: &["DescribeSecurityGroups"],
            text: escaped,
        }),
    ),
    world_fault(
        Must,
        "volume-text-not-escaped",
        "DescribeVolumes does not escape texts",
        "volume",
        &["DescribeVolumes"],
        World(Body {
            action: "DescribeVolumes",
            text: unescaped,
        }),
    ),
    world_fault(
        Must,
        "snapshot-plus-kept",
        "CreateSnapshot does not read a plus as a blank",
        "snapshot",
        &["CreateSnapshot", "DescribeSnapshots"],
        Form(|form| {
            if form.is("CreateSnapshot") {
                form.each_escaped(|text| text.replace('+', "%2B"));
            }
        }),
    ),
    world_fault(
        Must,
        "image-text-read-as-latin-1",
        "CreateImage reads UTF-8 as Latin-1",
        "image",
        &["DescribeImages"],
        World(Reads {
            actions: &["CreateImage"],
            text: latin_1,
        }),
    ),
    world_fault(
        Must,
        "vpc-tags-decoded-twice",
        "CreateTags decodes percent escapes of a VPC's tags twice",
        "vpc",
        &["DescribeVpcs", "DescribeTags"],
        World(Of(
            "vpc",
            &Reads {
                actions: &["CreateTags"],
                text: decoded,
            },
        )),
    ),
    world_fault(
        Must,
        "network-interface-text-trimmed",
        "CreateNetworkInterface trims texts",
        "network-interface",
        &["CreateNetworkInterface", "DescribeNetworkInterfaces"],
        World(Reads {
            actions: &["CreateNetworkInterface"],
            text: |text| text.trim().to_owned(),
        }),
    ),
    world_fault(
        Must,
        "security-group-text-cut",
        "CreateSecurityGroup keeps the first 64 characters of texts",
        "security-group",
        &["DescribeSecurityGroups"],
        World(Reads {
            actions: &["CreateSecurityGroup"],
            text: |text| text.chars().take(64).collect(),
        }),
    ),
];

/// A text as XML has it.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// A document without escapes in its texts.
fn unescaped(body: &str) -> String {
    body.replace("&lt;", "<").replace("&amp;", "&")
}

/// The bytes of a text as characters.
fn latin_1(text: &str) -> String {
    text.bytes().map(char::from).collect()
}

/// The text that a text stands for if it is escaped.
fn decoded(text: &str) -> String {
    pairs::unescape(text).unwrap_or_else(|| text.to_owned())
}
