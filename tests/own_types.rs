//! What types of a user's own meet, as far as the tables of the codec's rustdoc promise something
//! about the type and not about the input.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use ec2wire::{ErrorKind, form};
use serde::Deserialize;

/// An action without parameters.
#[derive(Debug, PartialEq, Deserialize)]
struct Unit;

/// `()` is read as a structure without members is, and so are the common parameters beside it.
#[test]
fn a_unit_is_a_structure_without_members() {
    for body in ["", "Action=A", "Action=A&Version=2016-11-15&X-Amz-Date=d"] {
        assert_eq!(form::from_str::<()>(body), Ok(()), "{body}");
        assert_eq!(form::from_str::<Unit>(body), Ok(Unit), "{body}");
    }
    let kind = |body: &str| {
        let unit = form::from_str::<()>(body).unwrap_err();
        assert_eq!(form::from_str::<Unit>(body).unwrap_err(), unit);
        unit.kind().clone()
    };
    assert_eq!(kind("Name=a"), ErrorKind::UnknownMember("Name".into()));
    assert_eq!(
        kind("Action.A=a"),
        ErrorKind::UnknownMember("Action".into())
    );
    assert_eq!(
        kind("Action=A&Action=B"),
        ErrorKind::RepeatedMember("Action".into())
    );
    let lenient = form::Options::new().lenient();
    assert_eq!(lenient.from_str("Action=A&Name=a"), Ok(()));
}
