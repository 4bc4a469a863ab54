//! How a client writes its requests, derived from the bytes it sent.

use ec2wire_conformance::inspect::Parameters;
use ec2wire_conformance::record::{CaseRecord, Message, RunRecord};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Variations that are all legal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Sends {
    /// How a space is written.
    space: String,
    /// Which characters are unescaped in values, besides letters and digits.
    bare: String,
    /// The order of the parameters of a call with every member.
    order: String,
    /// The header.
    content_type: String,
    accept_encoding: String,
    /// The form and position of a token that the client generates.
    token: String,
    /// What happens to a call without a required member.
    required_member: String,
    /// The numbers of a list of three entries whose second entry has no members.
    empty_entry: String,
    /// How often a call is sent if it is throttled once.
    throttled_once: String,
}

impl Sends {
    pub(super) fn of(record: &RunRecord) -> Self {
        let of = |case: &str| {
            let id = format!("create-ipam-policy/{case}");
            record.cases.iter().find(|known| known.id == id)
        };
        let request = |case: &str| {
            of(case)?
                .exchange
                .as_ref()
                .map(|exchange| &exchange.request)
        };
        let header = |name: &str| match request("request/minimal") {
            Some(message) => header(message, name),
            None => "-".into(),
        };
        Self {
            space: request("request/value/space").map_or_else(|| "-".into(), space),
            bare: bare(record),
            order: request("request/every-member").map_or_else(|| "-".into(), order),
            content_type: header("content-type"),
            accept_encoding: header("accept-encoding"),
            token: token(record),
            required_member: match of("request/ipam-id-absent") {
                Some(case) if case.exchange.is_some() => "sent without the member",
                Some(_) => "refused by the client",
                None => "-",
            }
            .into(),
            empty_entry: request("request/entry-empty").map_or_else(|| "refused".into(), numbers),
            throttled_once: of("retry/throttled").map_or_else(|| "-".into(), attempts),
        }
    }

    /// The variations, with their titles.
    pub(super) fn rows(&self) -> [(&'static str, &str); 9] {
        [
            ("a space is written as", &self.space),
            ("unescaped besides letters and digits", &self.bare),
            ("parameters of a call with every member", &self.order),
            ("Content-Type", &self.content_type),
            ("Accept-Encoding", &self.accept_encoding),
            ("a generated token", &self.token),
            ("no IpamId", &self.required_member),
            (
                "a list whose second of three entries is empty",
                &self.empty_entry,
            ),
            ("throttled once, then a success", &self.throttled_once),
        ]
    }
}

fn header(message: &Message, name: &str) -> String {
    let mut headers = message.headers.iter();
    let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map_or_else(|| "absent".into(), |(_, value)| value.clone())
}

/// The raw text between the `a` and the `b` of a value.
fn space(message: &Message) -> String {
    let body = &message.body;
    let value = body
        .split('&')
        .find_map(|pair| pair.split_once("Tag.1.Value=").map(|(_, value)| value));
    let value = value.unwrap_or_default();
    let inner = value
        .strip_prefix('a')
        .and_then(|rest| rest.strip_suffix('b'));
    inner.unwrap_or(value).to_owned()
}

fn bare(record: &RunRecord) -> String {
    let requests = record.cases.iter().flat_map(|case| {
        let exchanges = case.earlier.iter().chain(&case.exchange);
        exchanges.map(|exchange| exchange.request.body.as_str())
    });
    let mut bare = BTreeSet::new();
    for pair in requests.flat_map(|body| body.split('&')) {
        let value = pair.split_once('=').map_or("", |(_, value)| value);
        bare.extend(
            value
                .chars()
                .filter(|c| !c.is_ascii_alphanumeric() && !"%+".contains(*c)),
        );
    }
    let bare: Vec<String> = bare.into_iter().map(String::from).collect();
    bare.join(" ")
}

/// The first parts of the keys, each once.
fn order(message: &Message) -> String {
    let parameters = Parameters::read(message.body.as_bytes());
    let mut names: Vec<&str> = parameters
        .pairs
        .iter()
        .map(|pair| pair.key.split('.').next().unwrap_or_default())
        .collect();
    names.dedup();
    names.join(", ")
}

/// The form and position of generated tokens.
fn token(record: &RunRecord) -> String {
    let is_odd = |case: &CaseRecord| {
        let mut broken = case.deviations.iter();
        broken.any(|one| one.requirement == "client-token-uuid")
    };
    let own: Vec<&CaseRecord> = record
        .cases
        .iter()
        .filter(|case| case.id.contains("/answer/") && case.exchange.is_some())
        .collect();
    let odd = own.iter().filter(|case| is_odd(case)).count();
    let form = match (odd, own.len()) {
        (0, _) => "a version 4 UUID",
        (odd, all) if odd == all => "not a version 4 UUID",
        _ => "often not a version 4 UUID",
    };
    let last = own
        .first()
        .and_then(|case| case.exchange.as_ref())
        .is_some_and(|exchange| {
            let parameters = Parameters::read(exchange.request.body.as_bytes());
            parameters
                .pairs
                .last()
                .is_some_and(|pair| pair.key == "ClientToken")
        });
    let place = if last { "last" } else { "in the model's order" };
    format!("{form}, {place}")
}

fn numbers(message: &Message) -> String {
    let parameters = Parameters::read(message.body.as_bytes());
    let mut numbers: Vec<&str> = parameters
        .pairs
        .iter()
        .filter_map(|pair| {
            pair.key
                .strip_prefix("TagSpecification.")?
                .split('.')
                .next()
        })
        .collect();
    numbers.dedup();
    format!("numbered {}", numbers.join(", "))
}

fn attempts(case: &CaseRecord) -> String {
    match case.earlier.len() + usize::from(case.exchange.is_some()) {
        1 => "sent once".into(),
        2 => "sent twice".into(),
        more => format!("sent {more} times"),
    }
}
