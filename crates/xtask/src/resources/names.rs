//! Rules of names: how EC2 calls its actions, members and filters.

/// Words in front of a resource's name that only say what a request does with it, as in `PeerVpcId`.
const ROLES: &[&str] = &[
    "Accepter",
    "Add",
    "Associated",
    "Current",
    "Deregistered",
    "Destination",
    "Existing",
    "Ipv4",
    "Ipv6",
    "New",
    "Parent",
    "Peer",
    "Primary",
    "Referenced",
    "Referencing",
    "Registered",
    "Remove",
    "Requester",
    "Source",
    "Target",
    "Transport",
];

/// Actions that only read.
const READING: &[&str] = &["Describe", "Export", "Get", "List", "Search", "Validate"];

/// Actions that make something.
pub(super) const MAKING: &[&str] = &[
    "Allocate", "Copy", "Create", "Import", "Purchase", "Register", "Request", "Run", "Start",
];

/// Actions that end something.
pub(super) const ENDING: &[&str] = &["Cancel", "Delete", "Deregister", "Release", "Terminate"];

/// Actions that join two resources, and those that part them.
pub(super) const JOINING: &[(&str, &str)] = &[
    ("Assign", "Unassign"),
    ("Associate", "Disassociate"),
    ("Attach", "Detach"),
    ("Authorize", "Revoke"),
    ("Register", "Deregister"),
];

/// `vpc-endpoint` as `VpcEndpoint`.
pub(super) fn pascal(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        format!("{}{rest}", first.to_ascii_uppercase())
    });
    words.collect()
}

/// Whether a name is another one, or its plural.
pub(super) fn is_plural(plural: &str, name: &str) -> bool {
    let ending = |from: &str, to: &str| {
        let stem = name.strip_suffix(from);
        stem.is_some_and(|stem| plural.strip_prefix(stem) == Some(to))
    };
    plural == name
        || ending("", "s")
        || ending("y", "ies")
        || ending("sis", "ses")
        || ending("s", "ses")
}

/// The first word of an action's name, and the rest.
pub(super) fn verb(action: &str) -> (&str, &str) {
    let end = action.char_indices().skip(1);
    let end = end
        .filter(|(_, letter)| letter.is_ascii_uppercase())
        .map(|(at, _)| at);
    action.split_at(end.min().unwrap_or(action.len()))
}

/// Whether an action only reads.
pub(super) fn only_reads(action: &str) -> bool {
    READING.contains(&verb(action).0)
}

/// What a member such as `VpcIds` or `PeerVpcId` takes the id of, with and without what a request
/// does with it.
pub(super) fn named_by(member: &str) -> Option<(&str, Option<&str>)> {
    let name = member
        .strip_suffix("Ids")
        .or_else(|| member.strip_suffix("Id"))?;
    let plain = ROLES.iter().find_map(|role| name.strip_prefix(role));
    Some((name, plain.filter(|plain| !plain.is_empty())))
}

/// A name without case, hyphens and the like.
pub(super) fn plain(name: &str) -> String {
    let letters = name.bytes().filter(u8::is_ascii_alphanumeric);
    letters
        .map(|letter| char::from(letter.to_ascii_lowercase()))
        .collect()
}
