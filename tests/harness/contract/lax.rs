//! A server with many bugs at once, like an emulator that reads what it knows and checks nothing. Each
//! bug is reported once. Consequences are not reported: not that parameter names are case-insensitive
//! because it ignores unknown ones, nor that rules are not replaced because it shows none.

use super::altered::{self, Answer, Change, IPAM, Pairs};
use super::{in_short, judge};
use ec2wire_conformance::Verdict;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

const KNOWN: [&str; 12] = [
    "Action",
    "Version",
    "IpamId",
    "IpamPolicyId",
    "IpamPolicyId.1",
    "IpamPolicyId.2",
    "MaxResults",
    "NextToken",
    "OperatingRegion.1.RegionName",
    "Locale",
    "ResourceType",
    "AllocationRule.1.SourceIpamPoolId",
];

const MODIFY: &str = "ModifyIpamPolicyAllocationRules";
const GET_RULES: &str = "GetIpamPolicyAllocationRules";

fn value<'p>(pairs: &'p Pairs, key: &str) -> Option<&'p str> {
    let found = pairs.iter().find(|(known, _)| known == key);
    found.map(|(_, value)| value.as_str())
}

/// Supports neither dry runs nor client tokens, ignores unknown parameters, accepts any IPAM and any
/// version, and drops invalid tags.
fn reads(pairs: &mut Pairs) {
    let is_tag = |key: &str| key.starts_with("TagSpecification.1.");
    let key_of = |key: &str| key.ends_with(".Key");
    let keys: Vec<_> = pairs.iter().filter(|(key, _)| key_of(key)).collect();
    let distinct: BTreeSet<_> = keys.iter().map(|(_, key)| key).collect();
    let is_plain = |text: &str| {
        !text
            .chars()
            .any(|c| c.is_control() && !"\t\r\n".contains(c) || c == '\u{FFFE}')
    };
    let is_fit = |key: &str, value: &str| match key.rsplit('.').next() {
        Some("Key") => {
            (1..=128).contains(&value.chars().count())
                && !value.to_lowercase().starts_with("aws:")
                && is_plain(value)
        }
        Some("Value") => value.chars().count() <= 256 && is_plain(value),
        Some("ResourceType") => value == "ipam-policy",
        _ => false,
    };
    let all_fit = pairs
        .iter()
        .filter(|(key, _)| key.starts_with("TagSpecification."))
        .all(|(key, value)| is_tag(key) && is_fit(key, value));
    let every_key = pairs.iter().all(|(key, _)| {
        let tag = key.strip_suffix(".Value");
        tag.is_none_or(|tag| value(pairs, &format!("{tag}.Key")).is_some())
    });
    let keeps_tags = all_fit
        && every_key
        && (1..=50).contains(&keys.len())
        && distinct.len() == keys.len()
        && value(pairs, "TagSpecification.1.ResourceType").is_some();
    pairs.retain(|(key, _)| KNOWN.contains(&key.as_str()) || keeps_tags && is_tag(key));
    for (key, value) in pairs {
        match key.as_str() {
            "IpamId" if !value.is_empty() => IPAM.clone_into(value),
            "Version" => "2016-11-15".clone_into(value),
            _ => {}
        }
    }
}

/// Shows neither rules nor managedBy, and does not say whose rules were modified.
fn answers(pairs: &Pairs, answer: &mut Answer) {
    let mut take = |name: &str| {
        let (start, end) = (format!("<{name}>"), format!("</{name}>"));
        while answer.text().contains(&start) {
            let inside = answer.between(&start, &end);
            answer.replace(&format!("{start}{inside}{end}"), "");
        }
    };
    take("managedBy");
    match value(pairs, "Action") {
        Some(MODIFY) => {
            take("locale");
            take("resourceType");
        }
        Some(GET_RULES) => take("ipamPolicyDocumentSet"),
        _ => {}
    }
}

/// The findings on such a server: the requirements with their numbers of cases, and what was not run.
pub(crate) async fn told() -> String {
    let server = altered::start(Change::Both(reads, answers)).await;
    let run = [
        "create-ipam-policy/*",
        "ipam-policy/*",
        "protocol/*",
        "robustness/control/*",
    ];
    let record = judge(&server.uri(), &run, Some(IPAM)).await;
    let mut blamed = BTreeMap::<&str, (usize, &str)>::new();
    for case in &record.cases {
        let ids: BTreeSet<&str> = case.deviations.iter().map(|d| &*d.requirement).collect();
        for id in ids {
            blamed.entry(id).or_insert((0, &case.id)).0 += 1;
        }
    }
    let mut shown = String::new();
    for (id, (cases, first)) in blamed {
        writeln!(shown, "{id}: {cases}, {first}").unwrap();
    }
    writeln!(shown, "\nnot run").unwrap();
    for case in in_short(&record, |verdict| verdict == Verdict::NotRun) {
        writeln!(shown, "{case}").unwrap();
    }
    shown
}
