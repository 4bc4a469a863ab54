//! Lists that are written without an index, as EC2 was seen to take them.

use crate::pairs;
use ec2wire::{Error, ErrorKind};

/// The form, with an index after the name of the list at which decoding stopped, and after the names
/// of its like in other entries. `None` if it stopped at something else.
///
/// EC2 was seen to read `ImageId=ami-1` as a list of one, and `Filter.1.Value=` as a list of an empty
/// text. It refuses an empty value for a list of the request itself, `Filter=`.
pub(super) fn numbered(form: &[u8], error: &Error) -> Option<Vec<u8>> {
    let path = error.path();
    let is_nested = path.contains('.');
    let is_list = match error.kind() {
        ErrorKind::ExpectedIndex => true,
        ErrorKind::ExpectedMembers => is_nested && !ends_in_index(&path),
        _ => false,
    };
    if !is_list {
        return None;
    }
    let mut pairs = pairs::split(std::str::from_utf8(form).ok()?);
    let mut is_changed = false;
    for pair in &mut pairs {
        let is_bare = pair
            .value
            .as_deref()
            .is_some_and(|value| !value.is_empty() || is_nested);
        if is_bare && is_like(&pair.key, &path) {
            pair.key.push_str(".1");
            is_changed = true;
        }
    }
    is_changed.then(|| pairs::join(&pairs).into_bytes())
}

/// Whether the keys are the same apart from their indexes.
fn is_like(key: &str, path: &str) -> bool {
    let mut parts = path.split('.');
    key.split('.').all(|part| {
        parts
            .next()
            .is_some_and(|other| part == other || is_index(part) && is_index(other))
    }) && parts.next().is_none()
}

fn ends_in_index(path: &str) -> bool {
    path.rsplit('.').next().is_some_and(is_index)
}

fn is_index(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
}
