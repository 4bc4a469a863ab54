//! The API version of an exchange. EC2 serves old versions, and the service model describes one: what
//! needs the model is judged for that version only.

use super::Parameters;
use crate::record::Spot;
use crate::text::quoted;
use crate::wire::Answered;
use crate::wire::form::FormPart;
use ec2wire::EC2_VERSION;

/// The start of EC2's namespace; the version and a slash follow.
const NAMESPACE: &str = "http://ec2.amazonaws.com/doc/";

/// The version that a request names, if the model is of another.
pub(super) fn other(parameters: &Parameters) -> Option<&str> {
    named(parameters).filter(|version| *version != EC2_VERSION)
}

/// The version that a request names.
pub(super) fn named(parameters: &Parameters) -> Option<&str> {
    let version = parameters.first("Version");
    version.filter(|version| !version.is_empty())
}

/// The version whose namespace an answer has.
pub(super) fn of_answer(answered: &Answered) -> Option<&str> {
    let namespace = answered.document.as_ref().ok()?.xmlns.as_deref()?;
    let version = namespace.strip_prefix(NAMESPACE)?;
    let version = version.strip_suffix('/').unwrap_or(version);
    is_date(version).then_some(version)
}

/// Why the model says nothing about an exchange of that version.
pub(super) fn note(version: &str) -> String {
    format!(
        "what needs the service model was not judged: the version is {}, and the model's is \
         {EC2_VERSION}",
        quoted(version)
    )
}

/// What is wrong with the version that a request names: the requirement, the words and the place.
pub(super) fn wrong(
    parameters: &Parameters,
    part: FormPart,
) -> Option<(&'static str, String, Spot)> {
    let pair = parameters.pairs.iter().find(|pair| pair.key == "Version");
    let Some(pair) = pair.filter(|pair| !pair.value.is_empty()) else {
        return Some(("version-named", "Version is missing".into(), Spot::Whole));
    };
    let found = format!("the version is `{}`", quoted(&pair.value));
    let spot = part.spot(pair.value_span.clone());
    if !is_date(&pair.value) {
        return Some(("version-form", found, spot));
    }
    // Only for these actions is it known since when they exist.
    let action = parameters.first("Action").unwrap_or_default();
    let is_new = action.contains("IpamPolic") && pair.value != EC2_VERSION;
    is_new.then_some(("version-current", found, spot))
}

/// Whether the text has the form of a date.
fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let lengths = [4, 2, 2];
    let is_right = lengths.iter().all(|length| {
        parts.next().is_some_and(|part| {
            part.len() == *length && part.bytes().all(|byte| byte.is_ascii_digit())
        })
    });
    is_right && parts.next().is_none()
}
