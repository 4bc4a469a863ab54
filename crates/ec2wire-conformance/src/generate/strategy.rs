//! Strategies for requests: one that breaks no rule, and one for each way to break one.
//!
//! A request breaks its rule by construction, so simpler versions break it too. Requests avoid what
//! is not established: control, unassigned and combining characters, blanks at either end of a
//! text, `AWS:` in other letter case, keys of 128 characters, texts within a limit in characters
//! but beyond it in UTF-16 units, and tags without a value.

use ec2wire::ipam::CreateIpamPolicy;
use ec2wire::{ResourceType, Tag, TagSpecification};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

/// Stands for `${ipam}` when the contract's rules are checked.
pub(super) const IPAM: &str = "ipam-0123456789abcdef0";
/// Stands for `${token}` when the contract's rules are checked: a UUID has 36 characters.
pub(super) const TOKEN: &str = "01234567-89ab-4cde-8f01-23456789abcd";

/// The longest key that every document allows, in UTF-16 units, of which a text has at least as
/// many as characters.
const KEY_UNITS: usize = 127;
const VALUE_UNITS: usize = 256;
const TAGS: usize = 50;
/// The longest text in a client token besides the UUID.
const TOKEN_REST: usize = 64 - TOKEN.len();

/// A way to make a request. `contract/generated.toml` says what each tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Way {
    Valid,
    DryRun,
    NoIpamId,
    NoResourceType,
    OtherResourceType,
    UnknownResourceType,
    RepeatedResourceType,
    TooManyTags,
    EmptyKey,
    NoKey,
    ReservedKey,
    LongKey,
    LongValue,
    RepeatedKey,
}

/// The strategy for a way.
pub(super) fn requests(way: Way) -> BoxedStrategy<CreateIpamPolicy> {
    let with = |specifications: BoxedStrategy<Vec<TagSpecification>>| {
        (request(), specifications)
            .prop_map(|(request, tag_specifications)| CreateIpamPolicy {
                tag_specifications,
                ..request
            })
            .boxed()
    };
    match way {
        Way::Valid => with(specifications()),
        Way::DryRun => with(specifications())
            .prop_map(|request| CreateIpamPolicy {
                dry_run: Some(true),
                ..request
            })
            .boxed(),
        Way::NoIpamId => with(specifications())
            .prop_map(|request| CreateIpamPolicy {
                ipam_id: None,
                ..request
            })
            .boxed(),
        Way::NoResourceType => with(of_type(Just(None).boxed())),
        Way::OtherResourceType => {
            let others: Vec<_> = ResourceType::ALL
                .iter()
                .filter(|kind| **kind != ResourceType::IpamPolicy)
                .cloned()
                .map(Some)
                .collect();
            with(of_type(select(others).boxed()))
        }
        Way::UnknownResourceType => {
            let name = vec(proptest::char::range('a', 'z'), 1..=12)
                .prop_map(|name| format!("no-{}", String::from_iter(name)));
            with(of_type(
                name.prop_map(|name| Some(ResourceType::from(name))).boxed(),
            ))
        }
        Way::RepeatedResourceType => {
            let two = (tags(1..=TAGS / 2), tags(1..=TAGS / 2));
            with(
                two.prop_map(|(one, two)| [one, two].map(ours).into())
                    .boxed(),
            )
        }
        Way::TooManyTags => {
            let count = TAGS + 1..=TAGS + 10;
            with(
                (tags(0..=TAGS / 2), count, value())
                    .prop_map(|(tags, count, value)| vec![ours(filled_up(tags, count, &value))])
                    .boxed(),
            )
        }
        Way::EmptyKey => with(among(value().prop_map(|value| Tag::new("", value)).boxed())),
        Way::NoKey => with(among(
            value()
                .prop_map(|value| Tag {
                    key: None,
                    value: Some(value),
                })
                .boxed(),
        )),
        Way::ReservedKey => {
            let key = text(0..=KEY_UNITS - "aws:".len()).prop_map(|rest| format!("aws:{rest}"));
            with(among((key, value()).prop_map(new_tag).boxed()))
        }
        Way::LongKey => with(among(
            (cycled(129..=400), value()).prop_map(new_tag).boxed(),
        )),
        Way::LongValue => with(among((key(), cycled(257..=800)).prop_map(new_tag).boxed())),
        Way::RepeatedKey => {
            let parts = (tags(1..=12), any::<Index>(), any::<Index>(), value());
            with(
                parts
                    .prop_map(|(mut tags, which, place, value)| {
                        let again = Tag {
                            value: Some(value),
                            ..which.get(&tags).clone()
                        };
                        tags.insert(place.index(tags.len() + 1), again);
                        vec![ours(tags)]
                    })
                    .boxed(),
            )
        }
    }
}

/// All members except the tags.
fn request() -> impl Strategy<Value = CreateIpamPolicy> {
    let dry_run = select(vec![None, Some(false)]);
    let rest = vec(proptest::char::range('!', '~'), 0..=TOKEN_REST)
        .prop_map(|rest| format!("{TOKEN}{}", without_variables(rest)));
    (dry_run, option::of(rest)).prop_map(|(dry_run, client_token)| CreateIpamPolicy {
        dry_run,
        client_token,
        ..CreateIpamPolicy::new(IPAM)
    })
}

/// No specification, or one with up to 50 tags.
fn specifications() -> BoxedStrategy<Vec<TagSpecification>> {
    some_tags(TAGS)
        .prop_map(|tags| (!tags.is_empty()).then(|| ours(tags)).into_iter().collect())
        .boxed()
}

/// Mostly a few tags, sometimes many, and often the maximum.
fn some_tags(most: usize) -> impl Strategy<Value = Vec<Tag>> {
    // Draws more tags than are kept.
    let many = option::weighted(0.3, tags(0..=most + most / 3));
    (tags(0..=4), many).prop_map(move |(few, many)| {
        let mut tags = unlike(few.into_iter().chain(many.into_iter().flatten()));
        tags.truncate(most);
        tags
    })
}

/// A specification with that resource type, alone or after a valid one.
fn of_type(kind: BoxedStrategy<Option<ResourceType>>) -> BoxedStrategy<Vec<TagSpecification>> {
    (option::weighted(0.3, tags(1..=4)), kind, tags(1..=4))
        .prop_map(|(before, resource_type, tags)| {
            let wrong = TagSpecification {
                resource_type,
                tags,
            };
            before.map(ours).into_iter().chain([wrong]).collect()
        })
        .boxed()
}

/// A specification with one tag among other, valid tags with other keys.
fn among(wrong: BoxedStrategy<Tag>) -> BoxedStrategy<Vec<TagSpecification>> {
    (some_tags(TAGS - 1), any::<Index>(), wrong)
        .prop_map(|(mut tags, place, wrong)| {
            tags.retain(|tag| tag.key != wrong.key);
            tags.insert(place.index(tags.len() + 1), wrong);
            vec![ours(tags)]
        })
        .boxed()
}

fn ours(tags: Vec<Tag>) -> TagSpecification {
    TagSpecification::new(ResourceType::IpamPolicy, tags)
}

/// Fills the tags up to `count`.
fn filled_up(mut tags: Vec<Tag>, count: usize, value: &str) -> Vec<Tag> {
    let taken: BTreeSet<_> = tags.iter().filter_map(|tag| tag.key.clone()).collect();
    let keys = (1..).map(|n: usize| n.to_string());
    let missing = count.saturating_sub(tags.len());
    let more = keys.filter(|key| !taken.contains(key)).take(missing);
    tags.extend(more.map(|key| Tag::new(key, value)));
    tags
}

/// Tags with distinct keys: fewer than `count` if a key was drawn twice, but not none unless
/// `count` allows it.
fn tags(count: RangeInclusive<usize>) -> impl Strategy<Value = Vec<Tag>> {
    vec((key(), value()).prop_map(new_tag), count).prop_map(unlike)
}

/// Removes tags whose key occurred before.
fn unlike(tags: impl IntoIterator<Item = Tag>) -> Vec<Tag> {
    let mut seen = BTreeSet::new();
    tags.into_iter()
        .filter(|tag| seen.insert(tag.key.clone()))
        .collect()
}

fn new_tag((key, value): (String, String)) -> Tag {
    Tag::new(key, value)
}

fn key() -> BoxedStrategy<String> {
    text(1..=KEY_UNITS)
}

fn value() -> BoxedStrategy<String> {
    text(0..=VALUE_UNITS)
}

/// A short text, or one that may have the maximum length, in UTF-16 units.
fn text(units: RangeInclusive<usize>) -> BoxedStrategy<String> {
    let (least, most) = units.into_inner();
    // Texts that are too long are cut, so the maximum length is drawn often.
    let long = cycled(least..=most + most / 3);
    prop_oneof![9 => vec(character(), least..=12).prop_map(tidy), 1 => long]
        .prop_map(move |mut text| {
            while text.encode_utf16().count() > most {
                text.pop();
            }
            tidy(text.chars())
        })
        .boxed()
}

/// A text of that many characters that repeats a few of them, so that it is quickly simplified.
fn cycled(count: RangeInclusive<usize>) -> BoxedStrategy<String> {
    (vec(character(), 1..=4), count)
        .prop_map(|(unit, count)| tidy(unit.into_iter().cycle().take(count)))
        .boxed()
}

/// Replaces some characters by `_`: blanks at the ends, and what would make the text a reserved key
/// or a case's variable. The length stays the same.
fn tidy(text: impl IntoIterator<Item = char>) -> String {
    let mut text = without_variables(text);
    let reserved = text
        .get(..4)
        .is_some_and(|s| s.eq_ignore_ascii_case("aws:"));
    if reserved || text.starts_with(' ') {
        text.replace_range(..1, "_");
    }
    if text.ends_with(' ') {
        text.pop();
        text.push('_');
    }
    text
}

fn without_variables(text: impl IntoIterator<Item = char>) -> String {
    let mut last = ' ';
    text.into_iter()
        .map(|c| {
            let c = if last == '$' && c == '{' { '_' } else { c };
            last = c;
            c
        })
        .collect()
}

/// A character of one to four bytes, the simplest first; many of them need escapes.
fn character() -> impl Strategy<Value = char> {
    // Draw the class as a number, so that shrinking can change the class.
    let class = (0_usize..13).prop_map(|n| match n {
        0..5 => 0,
        5..10 => 1,
        more => more - 8,
    });
    (class, 0_usize..1 << 20).prop_map(|(class, n)| {
        let class = CHARACTERS.get(class).map_or(&[][..], Vec::as_slice);
        let n = n.checked_rem(class.len()).unwrap_or_default();
        class.get(n).copied().unwrap_or('a')
    })
}

/// Letters and digits, other ASCII characters, and characters of two, three and four bytes.
static CHARACTERS: LazyLock<[Vec<char>; 5]> = LazyLock::new(|| {
    let ascii = (' '..='~').filter(|c| !c.is_ascii_alphanumeric());
    let two = ('à'..='ö')
        .chain('α'..='ω')
        .chain('а'..='я')
        .chain('א'..='ת');
    let three = ('あ'..='ん').chain('一'..='龥').chain('가'..='힣');
    let four = ('\u{1F300}'..='\u{1F5FF}').chain('\u{20000}'..='\u{2A6D6}');
    [
        ('a'..='z').chain('0'..='9').chain('A'..='Z').collect(),
        ascii.collect(),
        two.collect(),
        three.collect(),
        four.collect(),
    ]
});
