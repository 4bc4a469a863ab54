//! Whether a name is that of a secret, and whether a text gives one a value.

use super::table::{ANYWHERE, ENDS, HEADER_PARTS, HEADER_WORDS, NO_SECRETS, SCHEMES, TAILS, WHOLE};
use aho_corasick::AhoCorasick;
use ec2wire_model::{Kind, Model};
use percent_encoding::percent_decode_str;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::LazyLock;

/// How often a text may be percent-encoded.
const ENCODED: usize = 4;

/// The longest value that is found in a text, in characters.
const LONGEST: usize = 4096;

/// How much of an ARN is read, in bytes, before the name of the secret.
const LONGEST_ARN: usize = 128;

/// What a value follows, or has around it.
const SIGNS: [char; 8] = [':', '=', '"', '\'', '`', '(', '%', '\\'];

/// The wire names of members that are keys, passwords and the like. A name that is a secret in at
/// most half of its uses, such as `value`, is left out.
static MEMBERS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for shape in Model::ec2().shapes() {
        for member in shape.members() {
            let value = member.shape();
            // The members of a list or a structure count for themselves.
            let is_scalar = !matches!(value.kind(), Kind::Structure | Kind::List { .. });
            let names = [member.element_name().to_owned(), member.form_key()];
            let names: BTreeSet<String> = names.iter().map(|name| plain(name)).collect();
            for name in names {
                let (secret, all) = counts.entry(name).or_default();
                *secret += usize::from(is_scalar && value.is_sensitive());
                *all += 1;
            }
        }
    }
    let mostly = counts
        .into_iter()
        .filter(|(_, (secret, all))| secret * 2 > *all);
    mostly.map(|(name, _)| name).collect()
});

/// A name's letters and digits, in lowercase.
fn plain(name: &str) -> String {
    let mut plain = name.to_ascii_lowercase();
    plain.retain(|c| c.is_ascii_alphanumeric());
    plain
}

/// What a part of a name says of it.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    /// It is a secret's, wherever the part is.
    Anywhere,
    /// It is a secret's if it ends so.
    End,
    /// It is a secret's if that is all of it.
    Whole,
    /// It is no secret's if that is all of it.
    NoSecret,
}

/// All parts, for one search: it runs over every name of every message.
static PARTS: LazyLock<Option<(AhoCorasick, Vec<Part>)>> = LazyLock::new(|| {
    let of = |names: &[&'static str], part| names.iter().map(move |name| (*name, part)).collect();
    let tables: [Vec<(&str, Part)>; 4] = [
        of(ANYWHERE, Part::Anywhere),
        of(ENDS, Part::End),
        of(WHOLE, Part::Whole),
        of(NO_SECRETS, Part::NoSecret),
    ];
    let members = MEMBERS.iter().map(|name| (name.as_str(), Part::Whole));
    let all = tables.into_iter().flatten().chain(members);
    let (names, parts): (Vec<_>, Vec<_>) = all.unzip();
    let search = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(names);
    search.ok().map(|search| (search, parts))
});

/// Whether the name, or a part of it, is that of a secret.
pub(super) fn is_name(name: &str) -> bool {
    if name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        is_plain_name(name)
    } else {
        is_plain_name(&plain(name))
    }
}

/// The same for a name of letters and digits.
fn is_plain_name(name: &str) -> bool {
    // Without the search, every name may be a secret's.
    let Some((search, parts)) = PARTS.as_ref() else {
        return true;
    };
    let undigited = without_digits(name).len();
    let mut is_found = false;
    for found in search.find_overlapping_iter(name) {
        let is_end = || found.end() == undigited || found.end() == name.len();
        match parts.get(found.pattern().as_usize()) {
            Some(Part::Anywhere) => is_found = true,
            Some(Part::End) => is_found |= is_end() || is_tail(name.get(found.end()..)),
            Some(Part::Whole) => is_found |= found.start() == 0 && is_end(),
            Some(Part::NoSecret) if found.range() == (0..name.len()) => return false,
            Some(Part::NoSecret) | None => {}
        }
    }
    is_found
}

/// Whether that may follow the end of a secret's name.
fn is_tail(rest: Option<&str>) -> bool {
    let rest = rest.unwrap_or_default().to_ascii_lowercase();
    let is_known = |rest: &str| rest.is_empty() || TAILS.contains(&rest);
    let undigited = without_digits(&rest);
    [rest.as_str(), undigited]
        .into_iter()
        .any(|rest| is_known(rest) || rest.strip_suffix('s').is_some_and(is_known))
}

fn without_digits(name: &str) -> &str {
    name.trim_end_matches(|c: char| c.is_ascii_digit())
}

/// Whether a header's value is a secret.
pub fn is_secret_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let is_secret = |word: &str| {
        HEADER_WORDS.contains(&without_digits(word))
            || HEADER_PARTS.iter().any(|part| word.contains(part))
    };
    words.any(is_secret) || is_name(&name)
}

/// The text with its percent-encoding undone as often as there is one.
pub(super) fn decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    stages(text).pop().unwrap_or_default()
}

/// The text, and it with its percent-encoding undone once and more often.
fn stages(text: &str) -> Vec<String> {
    let undone = |text: &String| {
        let once = percent_decode_str(text).decode_utf8_lossy().into_owned();
        (once != *text).then_some(once)
    };
    std::iter::successors(Some(text.to_owned()), undone)
        .take(ENCODED + 1)
        .collect()
}

/// Whether a key names a secret in one of its parts, or as a whole: blanks, brackets and the like do
/// not belong to the name.
pub(super) fn is_key(key: &str) -> bool {
    let key = decoded(key);
    names_any(&key) || is_name(&key)
}

/// Whether the name of a secret occurs anywhere.
pub(super) fn names_any(text: &str) -> bool {
    let unescaped = without_unicode_escapes(text);
    words(unescaped.as_deref().unwrap_or(text)).any(|(_, word)| is_name(word))
}

/// The words of a text, with their places: letters, digits, hyphens and underscores.
fn words(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let is_end = |c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_';
    let mut next = 0;
    text.split_inclusive(is_end).filter_map(move |piece| {
        let start = next;
        next += piece.len();
        let word = piece.trim_end_matches(is_end);
        (!word.is_empty()).then_some((start..start + word.len(), word))
    })
}

/// The text with JSON's `\uXXXX` undone, if there is any.
fn without_unicode_escapes(text: &str) -> Option<String> {
    let (first, rest) = text.split_once("\\u")?;
    let mut plain = first.to_owned();
    for part in rest.split("\\u") {
        let code = part
            .get(..4)
            .and_then(|code| u32::from_str_radix(code, 16).ok());
        match code.and_then(char::from_u32) {
            Some(c) => {
                plain.push(c);
                plain.push_str(part.get(4..).unwrap_or_default());
            }
            None => plain.push_str(part),
        }
    }
    Some(plain)
}

/// Whether a text has a secret or names one.
pub(super) fn tells(text: &str) -> bool {
    names_any(text) || assigns(text)
}

/// Whether a text gives a secret a value, as in `password=..`, `"token": ".."` and `UserData '..'`,
/// or has one that needs no name.
pub(super) fn assigns(text: &str) -> bool {
    !values(text, 1).is_empty()
}

/// The first values that a text gives to secrets, at most that many, and the secrets in it that
/// need no name.
pub(super) fn values(text: &str, most: usize) -> Vec<String> {
    // Most texts have nothing that a value follows, not even encoded.
    if !text.contains(SIGNS) && !text.contains(BEGIN) {
        return Vec::new();
    }
    let stages = stages(text);
    let text = stages.last().map_or(text, String::as_str);
    let unescaped = without_unicode_escapes(text);
    let text = unescaped.as_deref().unwrap_or(text);
    let mut values: Vec<String> = named_values(text).take(most).collect();
    // What is decoded once more may end a URL before its password ends.
    let texts = stages.iter().map(String::as_str).chain([text]);
    let users = texts.flat_map(|text| {
        in_users(text.as_bytes()).into_iter().filter_map(|user| {
            // A user without a password is a token.
            let secret = user.password.unwrap_or(user.name);
            text.get(secret).map(str::to_owned)
        })
    });
    let keys = private_keys(text);
    values.extend(users.chain(keys).take(most - values.len().min(most)));
    values
}

/// Whether a text gives a secret a value by a name.
pub(super) fn assigns_by_name(text: &str) -> bool {
    text.contains(SIGNS) && named_values(&decoded(text)).next().is_some()
}

/// The values that a decoded text gives to secrets by names.
fn named_values(text: &str) -> impl Iterator<Item = String> {
    let names = words(text).filter(|(_, word)| is_name(word));
    names.filter_map(move |(span, _)| {
        if is_in_arn(text, span.start) {
            return None;
        }
        value_after(text.get(span.end..)?)
    })
}

/// Whether a name there is a part of the ARN of a secret, which says where it is, not what.
fn is_in_arn(text: &str, start: usize) -> bool {
    let from = start.saturating_sub(LONGEST_ARN);
    let before = text.as_bytes().get(from..start).unwrap_or_default();
    let is_end = |byte: &u8| !byte.is_ascii_alphanumeric() && !b"-:/".contains(byte);
    let arn = before.rsplit(is_end).next().unwrap_or_default();
    let service = b":secretsmanager:";
    arn.windows(service.len()).any(|window| window == service)
}

/// The value of the name that the text follows.
fn value_after(rest: &str) -> Option<String> {
    let after = rest.trim_start_matches(|c: char| c.is_whitespace() || "\"'`\\]})".contains(c));
    let value = if let Some(value) = after.strip_prefix([':', '=']) {
        value.trim_start_matches([':', '=', '>', ' ', '\\'])
    } else {
        // A quoted value may follow without a sign.
        let quoted = rest.trim_start();
        let is_apart = quoted.len() < rest.len();
        let is_quoted = quoted.starts_with(['"', '\'', '`', '(']);
        (is_apart && is_quoted).then_some(quoted)?
    };
    let value = value.trim_start();
    let value = value
        .char_indices()
        .nth(LONGEST)
        .map_or(value, |(end, _)| value.get(..end).unwrap_or_default());
    let is_end = |c: char| c.is_whitespace() || ",;&<>\"'})]".contains(c);
    let value = match value.chars().next()? {
        quote @ ('"' | '\'' | '`') => value.get(1..)?.split(quote).next()?,
        '(' => value.get(1..)?.split(')').next()?,
        _ => {
            // What follows a scheme is the secret.
            let mut parts = value.split(is_end);
            let first = parts.next()?;
            let is_scheme = SCHEMES.contains(&first.to_ascii_lowercase().as_str());
            let second = is_scheme.then(|| parts.next()).flatten();
            second.filter(|part| !part.is_empty()).unwrap_or(first)
        }
    };
    (!value.is_empty()).then(|| value.trim_end_matches('\\').to_owned())
}

/// Where a URL has a user, and the user's password.
pub(super) struct User {
    pub(super) name: Range<usize>,
    pub(super) password: Option<Range<usize>>,
}

/// The users in a text's URLs: what is before an `@`.
pub(super) fn in_users(text: &[u8]) -> Vec<User> {
    let mut users = Vec::new();
    if !text.contains(&b'@') {
        return users;
    }
    let is_end =
        |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'?' | b'#' | b'"' | b'<');
    let starts = text.windows(3).enumerate();
    for (at, _) in starts.filter(|(_, window)| *window == b"://") {
        let start = at + 3;
        let rest = text.get(start..).unwrap_or_default();
        let host = rest.split(is_end).next().unwrap_or_default();
        let Some(length) = host.iter().rposition(|&byte| byte == b'@') else {
            continue;
        };
        let user = host.get(..length).unwrap_or_default();
        let end = start + length;
        let colon = user.iter().position(|&byte| byte == b':');
        users.push(User {
            name: start..colon.map_or(end, |colon| start + colon),
            password: colon.map(|colon| start + colon + 1..end),
        });
    }
    users
}

/// What begins a key in PEM.
const BEGIN: &str = "-----BEGIN";

/// The insides of the private keys in PEM.
fn private_keys(text: &str) -> impl Iterator<Item = String> {
    text.split(BEGIN).skip(1).filter_map(|block| {
        let (label, inside) = block.split_once("-----")?;
        // A blank may still be a plus.
        let label = label.replace('+', " ");
        let inside = inside.split("-----END").next().unwrap_or(inside);
        // JSON has line breaks as two letters.
        let inside = inside.replace("\\r", "").replace("\\n", "\n");
        label
            .contains("PRIVATE KEY")
            .then(|| inside.trim().to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_known_whatever_is_around_them() {
        let names = "Password1 PasswordConfirmation passwordHash Secret2 SecretValue \
                     ClientSecretValue SharedSecretValue MfaTokenCode SecretKeys MyAppPassword2 \
                     DbPass UserPwd WifiPsk PassCode Credentials auth EncryptionKey token1 \
                     ApiKeyValue ApiKeys userDataBase64 user_data";
        for name in names.split_whitespace() {
            assert!(is_name(name), "{name}");
        }
        let names = "SecretArn CredentialArn GetPasswordData GetPasswordDataResponse NextToken \
                     PasswordLastUsed ClientToken HttpTokens X-Amz-Credential author passed \
                     DataEncryptionKeyId bypass";
        for name in names.split_whitespace() {
            assert!(!is_name(name), "{name}");
        }
        for name in ["X-Pass", "Api-Key2", "X-JWTAssertion"] {
            assert!(is_secret_header(name), "{name}");
        }
    }

    /// EC2's members that are not sensitive stay readable.
    #[test]
    fn few_of_the_models_names_are_secrets() {
        let mut names = BTreeSet::new();
        for shape in Model::ec2().shapes() {
            names.insert(plain(shape.name()));
            for member in shape.members() {
                names.insert(plain(member.element_name()));
                names.insert(plain(&member.form_key()));
            }
        }
        names.retain(|name| is_name(name) && !MEMBERS.contains(name));
        // The names of shapes with secrets, signatures, and the key that is imported: a private one
        // may be given by mistake.
        let known = [
            "publickeymaterial",
            "runinstancesuserdata",
            "s3storageuploadpolicysignature",
            "sensitivemaccredentials",
            "sensitiveuserdata",
            "signature",
        ];
        assert_eq!(names.into_iter().collect::<Vec<_>>(), known);
    }
}
