//! What holds for every error message, and which kinds of errors there are.

use ec2wire::{Error, ErrorKind, Limit};

/// Kinds that decoding text into plain types does not draw: those of encoders, and of types with a
/// mind of their own. The suite `errors` has rows for them, `strictness` for all others.
pub(crate) const NOT_OF_INPUT: [&str; 5] = [
    "Custom",
    "EmptyListEntry",
    "IllegalName",
    "Unsupported",
    "Write",
];

/// A message is one line of a style that fits behind a colon.
pub(crate) fn check_style(input: &str, error: &Error) {
    let kind = error.kind().to_string();
    assert!(!error.to_string().contains('\n'), "{input}: {kind}");
    assert!(!kind.starts_with(char::is_uppercase), "{input}: {kind}");
    assert!(!kind.ends_with(['.', '!', ' ']), "{input}: {kind}");
}

/// An error about input says where in it, but where it is too long or lacks a member of its own.
pub(crate) fn check_place(input: &str, error: &Error) {
    let is_nowhere = match error.kind() {
        ErrorKind::LimitExceeded(Limit::Bytes, _) => true,
        ErrorKind::MissingMember(_) => error.path().is_empty(),
        _ => false,
    };
    assert_eq!(error.offset().is_none(), is_nowhere, "{input}: {error}");
}

/// The name of an error's kind, without what it holds.
pub(crate) fn kind_name(error: &Error) -> String {
    name(&format!("{:?}", error.kind()))
}

/// The name that a line begins with.
pub(crate) fn name(text: &str) -> String {
    text.chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect()
}
