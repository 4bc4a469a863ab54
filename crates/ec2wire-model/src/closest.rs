//! "Did you mean": the known name that is closest to a misspelt one.

/// The lowest similarity of a suggestion, where 1 is the same name.
const MIN_SIMILARITY: f64 = 0.7;

/// The shortest name that counts as a part of a longer one, in bytes.
const MIN_PART: usize = 4;

/// The longest name that is compared, in bytes. Names come from outside, and the time to compare two
/// grows with the product of their lengths.
const MAX_BYTES: usize = 128;

/// Finds the known name that is closest to a misspelt one. `None` if none is similar.
///
/// It compares by Damerau-Levenshtein distance and ignores case. Of equally similar names, it takes
/// the last one. If none is similar, it takes the only known name that contains the given one, which
/// must have at least 4 bytes. It compares no name longer than 128 bytes.
///
/// ```
/// use ec2wire_model::closest;
///
/// let known = ["IpamId", "ClientToken", "DryRun"];
/// assert_eq!(closest("IpamID", known), Some("IpamId"));
/// assert_eq!(closest("ClientTokne", known), Some("ClientToken"));
/// assert_eq!(closest("Token", known), Some("ClientToken"));
/// assert_eq!(closest("Color", known), None);
/// ```
pub fn closest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    if name.len() > MAX_BYTES {
        return None;
    }
    let name = name.to_lowercase();
    let mut closest = (MIN_SIMILARITY, None);
    let mut containing = Vec::new();
    for known in known {
        let lower = known.to_lowercase();
        let similarity = strsim::normalized_damerau_levenshtein(&name, &lower);
        if similarity >= closest.0 && similarity > MIN_SIMILARITY {
            closest = (similarity, Some(known));
        }
        if name.len() >= MIN_PART && lower.contains(&name) {
            containing.push(known);
        }
    }
    closest.1.or(match containing.as_slice() {
        [only] => Some(only),
        _ => None,
    })
}
