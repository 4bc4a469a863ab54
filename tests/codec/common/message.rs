//! Checks that apply to every error message, and the list of error kinds.

use ec2wire::{Error, ErrorKind, Limit};

/// Kinds that decoding text to plain types does not raise: those of encoders and of custom types. The
/// suite `errors` has rows for them, `strictness` for all others.
pub(crate) const NOT_OF_INPUT: [&str; 5] = [
    "Custom",
    "EmptyListEntry",
    "IllegalName",
    "Unsupported",
    "Write",
];

/// Checks that a message is one line and reads well after a colon.
pub(crate) fn check_style(input: &str, error: &Error) {
    let kind = error.kind().to_string();
    assert!(!error.to_string().contains('\n'), "{input}: {kind}");
    assert!(!kind.starts_with(char::is_uppercase), "{input}: {kind}");
    assert!(!kind.ends_with(['.', '!', ' ']), "{input}: {kind}");
}

/// Checks that an error about input has a place, unless the input is too long or lacks a member.
pub(crate) fn check_place(input: &str, error: &Error) {
    let is_nowhere = match error.kind() {
        ErrorKind::LimitExceeded(Limit::Bytes, _) => true,
        ErrorKind::MissingMember(_) => error.path().is_empty(),
        _ => false,
    };
    assert_eq!(error.offset().is_none(), is_nowhere, "{input}: {error}");
}

/// The name of an error's kind, without its content.
pub(crate) fn kind_name(error: &Error) -> String {
    name(&format!("{:?}", error.kind()))
}

/// The name at the beginning of a line.
pub(crate) fn name(text: &str) -> String {
    text.chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect()
}
