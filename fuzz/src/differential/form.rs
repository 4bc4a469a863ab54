//! Requests as `serde_urlencoded` reads them.
//!
//! It reads only pairs, not lists and structures. So there are two comparisons: of the pairs, for any
//! type, and of a request's members, for which the pairs are sorted by hand into the request's
//! `Shape`.

use super::{Verdict, judge};
use ec2wire::ipam::{
    CreateIpam, CreateIpamPolicy, DeleteIpam, DeleteIpamPolicy, DescribeIpamPolicies,
};
use ec2wire::{ErrorKind, Limit, Operation, form};
use serde::de::{Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde::ser::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Decoded keys and values.
pub type Pairs = Vec<(String, String)>;

/// A row about requests.
pub type Decision = super::Decision<Facts>;

/// What is wrong with a body, at least for a strict decoder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a separate fact")]
pub struct Facts {
    lenient: bool,
    bad_utf8: bool,
    bad_escape: bool,
    bare: BTreeSet<char>,
    empty_pair: bool,
    missing_equals: bool,
    empty_key: bool,
    empty_part: bool,
    repeated_key: bool,
    value_and_prefix: bool,
    too_deep: bool,
    unknown_key: bool,
    nested_common: bool,
    gap: bool,
    index_zero: bool,
    leading_zeros: bool,
    two_spellings: bool,
    no_index: bool,
    value_for_members: bool,
    members_for_value: bool,
    bad_boolean: bool,
    bad_number: bool,
}

/// The rows in which the codec and `serde_urlencoded` may differ.
pub const DECISIONS: &[Decision] = &[
    Decision {
        row: "an unescaped space or control character",
        due: |facts| !facts.lenient && !facts.bare.is_empty(),
        kind: |kind, facts| matches!(kind, ErrorKind::BareCharacter(c) if facts.bare.contains(c)),
        example: b"IpamId=a b",
    },
    Decision {
        row: "`%zz`, `%4`, `%`",
        due: |facts| facts.bad_escape,
        kind: |kind, _| matches!(kind, ErrorKind::BadPercentEscape),
        example: b"IpamId=%4",
    },
    Decision {
        row: "`%FF`, overlong UTF-8, surrogates, bytes that are not UTF-8",
        due: |facts| facts.bad_utf8,
        kind: |kind, _| matches!(kind, ErrorKind::InvalidUtf8),
        example: b"IpamId=%C0%80",
    },
    Decision {
        row: "`&&`, an `&` at either end",
        due: |facts| !facts.lenient && facts.empty_pair,
        kind: |kind, _| matches!(kind, ErrorKind::EmptyPair),
        example: b"IpamId=a&",
    },
    Decision {
        row: "a pair without `=`",
        due: |facts| !facts.lenient && facts.missing_equals,
        kind: |kind, _| matches!(kind, ErrorKind::MissingEquals),
        example: b"IpamId",
    },
    Decision {
        row: "`=`, `=a`",
        due: |facts| facts.empty_key,
        kind: |kind, _| matches!(kind, ErrorKind::EmptyKey),
        example: b"=a",
    },
    Decision {
        row: "a key with an empty part",
        due: |facts| facts.empty_part,
        kind: |kind, _| matches!(kind, ErrorKind::EmptyKey),
        example: b"TagSpecification..ResourceType=ipam-policy",
    },
    Decision {
        row: "an unknown key",
        due: |facts| !facts.lenient && facts.unknown_key,
        kind: |kind, _| matches!(kind, ErrorKind::UnknownMember(_)),
        example: b"IpamID=a",
    },
    Decision {
        row: "a common parameter with more parts",
        due: |facts| !facts.lenient && facts.nested_common,
        kind: |kind, _| matches!(kind, ErrorKind::UnknownMember(_)),
        example: b"Action.1=CreateIpamPolicy",
    },
    Decision {
        row: "a repeated key",
        due: |facts| !facts.lenient && facts.repeated_key,
        kind: |kind, _| matches!(kind, ErrorKind::RepeatedMember(_)),
        example: b"IpamId=a&IpamId=a",
    },
    Decision {
        row: "a gap in a list's indexes",
        due: |facts| !facts.lenient && facts.gap,
        kind: |kind, _| matches!(kind, ErrorKind::IndexGap(_)),
        example: b"TagSpecification.2.ResourceType=ipam-policy",
    },
    Decision {
        row: "index 0",
        due: |facts| !facts.lenient && facts.index_zero,
        kind: |kind, _| matches!(kind, ErrorKind::BadIndex),
        example: b"TagSpecification.0.ResourceType=ipam-policy",
    },
    Decision {
        row: "an index with leading zeros",
        due: |facts| !facts.lenient && facts.leading_zeros,
        kind: |kind, _| matches!(kind, ErrorKind::BadIndex),
        example: b"TagSpecification.01.ResourceType=ipam-policy",
    },
    Decision {
        row: "one index in two spellings",
        due: |facts| facts.lenient && facts.two_spellings,
        kind: |kind, _| matches!(kind, ErrorKind::RepeatedMember(_)),
        example: b"TagSpecification.1.Tag.1.Key=a&TagSpecification.01.Tag.1.Key=a",
    },
    Decision {
        row: "a larger index, or one that is not a number",
        due: |facts| facts.no_index,
        kind: |kind, _| matches!(kind, ErrorKind::BadIndex),
        example: b"TagSpecification.member.1.ResourceType=ipam-policy",
    },
    Decision {
        row: "a key that is both a value and a prefix",
        due: |facts| facts.value_and_prefix,
        kind: |kind, _| matches!(kind, ErrorKind::ExpectedScalar | ErrorKind::ExpectedMembers),
        example: b"IpamId=a&IpamId.1=b",
    },
    Decision {
        row: "a value for a structure or a list of structures, an empty value for any list, `Filter=`",
        due: |facts| facts.value_for_members,
        kind: |kind, _| matches!(kind, ErrorKind::ExpectedMembers),
        example: b"TagSpecification=",
    },
    Decision {
        row: "members or a list for a value",
        due: |facts| facts.members_for_value,
        kind: |kind, _| matches!(kind, ErrorKind::ExpectedScalar),
        example: b"IpamId.1=a",
    },
    Decision {
        row: "booleans as `True`, `TRUE`, `1`, `0`",
        due: |facts| !facts.lenient && facts.bad_boolean,
        kind: |kind, _| matches!(kind, ErrorKind::InvalidScalar(_)),
        example: b"DryRun=1",
    },
    Decision {
        row: "other text for a boolean",
        due: |facts| facts.lenient && facts.bad_boolean,
        kind: |kind, _| matches!(kind, ErrorKind::InvalidScalar(_)),
        example: b"DryRun=yes",
    },
    Decision {
        row: "a number with a sign, a space or a fraction, or out of range",
        due: |facts| facts.bad_number,
        kind: |kind, _| matches!(kind, ErrorKind::InvalidScalar(_)),
        example: b"Action=DescribeIpamPolicies&MaxResults=%2B5",
    },
    Decision {
        row: "more than 4 MiB, 65,536 pairs or 32 levels",
        due: |facts| facts.too_deep,
        kind: |kind, _| matches!(kind, ErrorKind::LimitExceeded(Limit::Depth, _)),
        example: b"a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=",
    },
];

/// A body as `serde_urlencoded` reads it, and what is wrong with its syntax.
struct Body {
    pairs: Pairs,
    syntax: Facts,
}

impl Body {
    fn new(data: &[u8], lenient: bool) -> Self {
        let mut facts = Facts {
            lenient,
            bad_utf8: std::str::from_utf8(data).is_err(),
            ..Facts::default()
        };
        let bare = data
            .iter()
            .filter(|byte| byte.is_ascii_control() || **byte == b' ');
        facts.bare = bare.map(|byte| char::from(*byte)).collect();
        for pair in data.split(|&byte| byte == b'&') {
            let equals = pair.iter().position(|&byte| byte == b'=');
            facts.empty_pair |= pair.is_empty() && !data.is_empty();
            facts.missing_equals |= !pair.is_empty() && equals.is_none();
            facts.empty_key |= equals == Some(0);
            let (key, value) = pair.split_at(equals.unwrap_or(pair.len()));
            for text in [key, value] {
                match unescaped(text) {
                    None => facts.bad_escape = true,
                    Some(bytes) => facts.bad_utf8 |= std::str::from_utf8(&bytes).is_err(),
                }
            }
        }
        let pairs = serde_urlencoded::from_bytes(data).expect("it reads any bytes");
        let mut body = Self {
            pairs,
            syntax: facts,
        };
        // For every type, strict decoding refuses repeated keys.
        let keys: BTreeSet<&str> = body.pairs.iter().map(|(key, _)| key.as_str()).collect();
        body.syntax.repeated_key = keys.len() < body.pairs.len();
        body
    }

    /// The facts if each key is a path into untyped structures.
    fn facts(&self) -> Facts {
        const DEPTH: usize = form::Options::LIMITS.depth;

        let mut facts = self.syntax.clone();
        let mut prefixes = BTreeSet::new();
        for (key, _) in &self.pairs {
            facts.empty_part |= key.split('.').any(str::is_empty);
            facts.too_deep |= key.split('.').nth(DEPTH).is_some();
            prefixes.extend(key.match_indices('.').map(|(dot, _)| &key[..dot]));
        }
        facts.value_and_prefix = self.pairs.iter().any(|(key, _)| prefixes.contains(&**key));
        facts
    }

    /// The first pair of each key, sorted.
    fn sorted(&self) -> Pairs {
        let mut first = BTreeMap::new();
        for (key, value) in &self.pairs {
            first.entry(key.clone()).or_insert_with(|| value.clone());
        }
        first.into_iter().collect()
    }
}

/// The bytes with `+` and `%XX` decoded; `None` if a `%` does not begin an escape.
fn unescaped(text: &[u8]) -> Option<Vec<u8>> {
    let mut parts = text.split(|&byte| byte == b'%');
    let mut bytes = parts.next().unwrap_or_default().to_vec();
    for part in parts {
        let digits = std::str::from_utf8(part.get(..2)?).ok()?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(&part[2..]);
    }
    Some(bytes)
}

/// Reads every pair through the codec: as a value if the other reader saw one under the same key,
/// otherwise as members.
struct Read<'a> {
    keys: &'a BTreeSet<&'a str>,
    key: String,
    pairs: &'a mut Pairs,
}

impl<'de> DeserializeSeed<'de> for Read<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.keys.contains(&*self.key) {
            let value = String::deserialize(deserializer)?;
            self.pairs.push((self.key, value));
            Ok(())
        } else {
            deserializer.deserialize_map(self)
        }
    }
}

impl<'de> Visitor<'de> for Read<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("members")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(part) = map.next_key::<String>()? {
            let key = if self.key.is_empty() {
                part
            } else {
                format!("{}.{part}", self.key)
            };
            map.next_value_seed(Read {
                keys: self.keys,
                key,
                pairs: &mut *self.pairs,
            })?;
        }
        Ok(())
    }
}

/// A type that is read by a [`Read`], which cannot be passed to
/// [`Call::decode`](form::Call::decode).
struct Whole(Pairs);

thread_local! {
    /// The keys that [`Whole`] reads as values.
    static KEYS: std::cell::RefCell<BTreeSet<String>> = std::cell::RefCell::default();
}

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut pairs = Pairs::new();
        KEYS.with_borrow(|keys| {
            let keys = keys.iter().map(String::as_str).collect();
            deserializer.deserialize_map(Read {
                keys: &keys,
                key: String::new(),
                pairs: &mut pairs,
            })
        })?;
        pairs.sort();
        Ok(Self(pairs))
    }
}

fn options(lenient: bool) -> form::Options {
    if lenient {
        form::Options::new().lenient()
    } else {
        form::Options::new()
    }
}

/// The body's pairs as the codec reads them, sorted.
///
/// # Errors
///
/// The kind of the codec's error.
pub fn our_pairs(data: &[u8], lenient: bool) -> Result<Pairs, ErrorKind> {
    let theirs = Body::new(data, lenient).pairs;
    KEYS.set(theirs.into_iter().map(|(key, _)| key).collect());
    options(lenient)
        .from_slice::<Whole>(data)
        .map(|whole| whole.0)
        .map_err(|error| error.kind().clone())
}

/// Compares the body's pairs with what `serde_urlencoded` reads.
///
/// # Errors
///
/// How they differ, if no decision documents the difference.
pub fn judge_pairs(
    data: &[u8],
    lenient: bool,
    ours: &Result<Pairs, ErrorKind>,
) -> Result<Verdict, String> {
    let body = Body::new(data, lenient);
    judge(DECISIONS, &body.facts(), ours, Some(&body.sorted()))
}

/// The kind of a member.
enum Shape {
    Text,
    Boolean,
    Number,
    List(&'static Shape),
    Structure(&'static [(&'static str, &'static Shape)]),
}

const TEXT: &Shape = &Shape::Text;
const BOOLEAN: &Shape = &Shape::Boolean;
const TAGS: &Shape = &Shape::List(&Shape::Structure(&[
    ("ResourceType", TEXT),
    (
        "Tag",
        &Shape::List(&Shape::Structure(&[("Key", TEXT), ("Value", TEXT)])),
    ),
]));

/// The members of each request, from the service model.
const REQUESTS: &[(&str, Decode, &Shape)] = &[
    (
        "CreateIpam",
        decode::<CreateIpam>,
        &Shape::Structure(&[
            ("DryRun", BOOLEAN),
            ("Description", TEXT),
            (
                "OperatingRegion",
                &Shape::List(&Shape::Structure(&[("RegionName", TEXT)])),
            ),
            ("TagSpecification", TAGS),
            ("ClientToken", TEXT),
            ("Tier", TEXT),
            ("EnablePrivateGua", BOOLEAN),
            ("MeteredAccount", TEXT),
        ]),
    ),
    (
        "DeleteIpam",
        decode::<DeleteIpam>,
        &Shape::Structure(&[("DryRun", BOOLEAN), ("IpamId", TEXT), ("Cascade", BOOLEAN)]),
    ),
    (
        "DescribeIpamPolicies",
        decode::<DescribeIpamPolicies>,
        &Shape::Structure(&[
            ("DryRun", BOOLEAN),
            (
                "Filter",
                &Shape::List(&Shape::Structure(&[
                    ("Name", TEXT),
                    ("Value", &Shape::List(TEXT)),
                ])),
            ),
            ("MaxResults", &Shape::Number),
            ("NextToken", TEXT),
            ("IpamPolicyId", &Shape::List(TEXT)),
        ]),
    ),
    (
        "DeleteIpamPolicy",
        decode::<DeleteIpamPolicy>,
        &Shape::Structure(&[("DryRun", BOOLEAN), ("IpamPolicyId", TEXT)]),
    ),
    // The last one is used for unknown actions.
    (
        <CreateIpamPolicy>::ACTION,
        decode::<CreateIpamPolicy>,
        &Shape::Structure(&[
            ("DryRun", BOOLEAN),
            ("TagSpecification", TAGS),
            ("ClientToken", TEXT),
            ("IpamId", TEXT),
        ]),
    ),
];

/// The common parameters and those of signatures; more of them begin with `X-Amz-`.
pub const COMMON: &[&str] = &[
    "Action",
    "Version",
    "AWSAccessKeyId",
    "SignatureVersion",
    "SignatureMethod",
    "Signature",
    "Timestamp",
    "Expires",
    "SecurityToken",
];

/// A request's members, sorted into its shape. Members without a pair are `None`.
enum Member {
    Value(String),
    /// The entries, each with its index as spelled.
    List(BTreeMap<u32, (String, Option<Member>)>),
    Structure(BTreeMap<&'static str, Option<Member>>),
}

impl Member {
    /// Appends the pairs, with lists renumbered. Returns whether there were any; `None` if a list's entry
    /// has none, because that cannot be encoded.
    fn flatten(&self, key: &str, pairs: &mut Pairs) -> Option<bool> {
        let join = |part: &str| match key {
            "" => part.to_owned(),
            _ => format!("{key}.{part}"),
        };
        let before = pairs.len();
        match self {
            Self::Value(value) => pairs.push((key.to_owned(), value.clone())),
            Self::List(entries) => {
                for (index, (_, entry)) in (1_usize..).zip(entries.values()) {
                    if !entry.as_ref()?.flatten(&join(&index.to_string()), pairs)? {
                        return None;
                    }
                }
            }
            Self::Structure(members) => {
                for (name, member) in members {
                    if let Some(member) = member {
                        member.flatten(&join(name), pairs)?;
                    }
                }
            }
        }
        Some(pairs.len() > before)
    }

    /// Whether any list has a gap in its indexes.
    fn has_gap(&self) -> bool {
        let any = |member: &Option<Self>| member.as_ref().is_some_and(Self::has_gap);
        match self {
            Self::Value(_) => false,
            Self::List(entries) => {
                entries.keys().zip(1..).any(|(index, due)| *index != due)
                    || entries.values().any(|(_, entry)| any(entry))
            }
            Self::Structure(members) => members.values().any(any),
        }
    }
}

/// Stores a pair at the path in the rest of its key; `None` is the end of the key.
fn place(
    slot: &mut Option<Member>,
    shape: &'static Shape,
    key: Option<&str>,
    value: &str,
    facts: &mut Facts,
) {
    let (part, rest) = match (shape, key) {
        (Shape::List(_) | Shape::Structure(_), None) => {
            facts.value_for_members = true;
            return;
        }
        (Shape::List(_) | Shape::Structure(_), Some(key)) => match key.split_once('.') {
            Some((part, rest)) => (part, Some(rest)),
            None => (key, None),
        },
        (_, Some(_)) => {
            facts.members_for_value = true;
            return;
        }
        (_, None) => {
            // The first of several equal keys counts.
            slot.get_or_insert_with(|| Member::Value(scalar(shape, value, facts)));
            return;
        }
    };
    match shape {
        _ if part.is_empty() => facts.empty_part = true,
        Shape::Structure(fields) => {
            let node = slot.get_or_insert_with(|| Member::Structure(BTreeMap::new()));
            let field = fields.iter().find(|(name, _)| *name == part);
            match (node, field) {
                (Member::Structure(members), Some((name, shape))) => {
                    place(members.entry(name).or_default(), shape, rest, value, facts);
                }
                _ => facts.unknown_key = true,
            }
        }
        Shape::List(shape) => {
            let node = slot.get_or_insert_with(|| Member::List(BTreeMap::new()));
            match (node, index(part)) {
                (Member::List(entries), Some(index)) => {
                    facts.index_zero |= index == 0;
                    facts.leading_zeros |= part.starts_with('0') && part.len() > 1;
                    let (spelling, entry) = entries
                        .entry(index)
                        .or_insert_with(|| (part.to_owned(), None));
                    facts.two_spellings |= spelling != part;
                    place(entry, shape, rest, value, facts);
                }
                _ => facts.no_index = true,
            }
        }
        Shape::Text | Shape::Boolean | Shape::Number => {}
    }
}

/// The number of a list's entry, in any spelling.
fn index(part: &str) -> Option<u32> {
    if !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match part.trim_start_matches('0') {
        "" => Some(0),
        digits => digits.parse().ok(),
    }
}

/// A scalar as the codec writes it.
fn scalar(shape: &Shape, value: &str, facts: &mut Facts) -> String {
    match shape {
        Shape::Boolean => {
            let lower = value.to_ascii_lowercase();
            match (value, &*lower) {
                ("true" | "false", _) => {}
                (_, "true") | ("1", _) if facts.lenient => return "true".to_owned(),
                (_, "false") | ("0", _) if facts.lenient => return "false".to_owned(),
                _ => facts.bad_boolean = true,
            }
        }
        Shape::Number => {
            let digits = value.strip_prefix('-').unwrap_or(value);
            let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            match value.parse::<i32>() {
                Ok(number) if is_number => return number.to_string(),
                _ => facts.bad_number = true,
            }
        }
        _ => {}
    }
    value.to_owned()
}

/// The sorted pairs of an encoded request; `None` if a list entry has no members, because that cannot
/// be encoded.
pub type Request = Option<Pairs>;

type Decode = fn(&[u8], form::Options) -> Result<Request, ErrorKind>;

fn decode<T: DeserializeOwned + Serialize>(
    data: &[u8],
    options: form::Options,
) -> Result<Request, ErrorKind> {
    let request: T = options
        .from_slice(data)
        .map_err(|error| error.kind().clone())?;
    match form::to_string(&request) {
        Ok(body) => {
            let mut pairs: Pairs = serde_urlencoded::from_str(&body).expect("it reads any text");
            pairs.sort();
            Ok(Some(pairs))
        }
        Err(error) if *error.kind() == ErrorKind::EmptyListEntry => Ok(None),
        Err(error) => panic!("a decoded value cannot be encoded: {error}"),
    }
}

fn request(pairs: &Pairs) -> &'static (&'static str, Decode, &'static Shape) {
    let action = pairs.iter().find(|(key, _)| key == "Action");
    let known = action.and_then(|(_, action)| REQUESTS.iter().find(|(name, ..)| name == action));
    known.unwrap_or(&REQUESTS[REQUESTS.len() - 1])
}

/// The request as the codec reads it, with the type of the body's action.
///
/// # Errors
///
/// The kind of the codec's error.
pub fn our_request(data: &[u8], lenient: bool) -> Result<Request, ErrorKind> {
    let (_, decode, _) = request(&Body::new(data, lenient).pairs);
    decode(data, options(lenient))
}

/// Compares a request with the pairs of `serde_urlencoded`, sorted into its shape.
///
/// # Errors
///
/// How they differ, if no decision documents the difference.
pub fn judge_request(
    data: &[u8],
    lenient: bool,
    ours: &Result<Request, ErrorKind>,
) -> Result<Verdict, String> {
    let body = Body::new(data, lenient);
    let (_, _, shape) = request(&body.pairs);
    let mut facts = body.syntax;
    let mut root = None;
    for (key, value) in &body.pairs {
        let first = key.split('.').next().unwrap_or_default();
        if COMMON.contains(&first) || first.starts_with("X-Amz-") {
            facts.nested_common |= first != key;
            // A decoder that ignores unknown members does not look into them.
            let is_both = || body.pairs.iter().any(|(other, _)| other == first);
            facts.value_and_prefix |= !lenient && first != key && is_both();
        } else {
            place(&mut root, shape, Some(key), value, &mut facts);
        }
    }
    let root = root.unwrap_or(Member::Structure(BTreeMap::new()));
    // Two spellings of an index are two entries here, and each may lack members of the other.
    facts.gap = root.has_gap() || facts.two_spellings;
    let mut pairs = Pairs::new();
    let theirs = root.flatten("", &mut pairs).map(|_| {
        pairs.sort();
        pairs
    });
    judge(DECISIONS, &facts, ours, Some(&theirs))
}

/// Compares all readings of a body.
///
/// # Errors
///
/// How two readings differ, if no decision documents the difference.
pub fn check(data: &[u8]) -> Result<Vec<Verdict>, String> {
    let mut verdicts = Vec::new();
    for lenient in [false, true] {
        let mode = if lenient { "lenient" } else { "strict" };
        let pairs = our_pairs(data, lenient);
        let verdict = judge_pairs(data, lenient, &pairs);
        verdicts.push(verdict.map_err(|why| format!("{mode}: pairs {why}"))?);
        let request = our_request(data, lenient);
        let verdict = judge_request(data, lenient, &request);
        verdicts.push(verdict.map_err(|why| format!("{mode}: request {why}"))?);

        if let Ok(call) = options(lenient).call_from_slice(data) {
            let body = Body::new(data, lenient);
            if !call.keys().eq(body.pairs.iter().map(|(key, _)| key)) {
                return Err(format!("{mode}: the keys differ"));
            }
        }
    }
    Ok(verdicts)
}
