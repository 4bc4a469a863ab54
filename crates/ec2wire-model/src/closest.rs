//! "Did you mean": the known name that is closest to a misspelt one.

/// The lowest similarity of a suggestion, where 1 is the same name.
const MIN_SIMILARITY: f64 = 0.59;

/// The shortest name that counts as a part of a longer one, in bytes.
const MIN_PART: usize = 4;

/// The longest name that is compared, in bytes. Names come from outside, and the time to compare two
/// grows with the product of their lengths.
const MAX_BYTES: usize = 128;

/// Finds the known name that is closest to a misspelt one. `None` if none is similar.
///
/// It compares by Damerau-Levenshtein distance and ignores case. If none is similar, it takes the
/// only known name that begins with the given one, or else the only one that contains it; the given
/// one must then have at least 4 bytes. It compares no name longer than 128 bytes.
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
    let found = Similar::new(name, known);
    found.by_distance.first().copied().or_else(|| {
        let only = |names: &[&'n str]| match names {
            [only] => Some(*only),
            _ => None,
        };
        only(&found.beginning).or_else(|| only(&found.containing))
    })
}

/// The known names that are similar to a misspelt one or contain it, the closest first.
///
/// ```
/// let known = ["token-ignored", "one-token-for-all", "dry-run-ignored"];
/// assert_eq!(ec2wire_model::similar("token", known), ["token-ignored", "one-token-for-all"]);
/// ```
pub fn similar<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
    let Similar {
        mut by_distance,
        containing,
        ..
    } = Similar::new(name, known);
    for name in containing {
        if !by_distance.contains(&name) {
            by_distance.push(name);
        }
    }
    by_distance
}

/// What known names have in common with a misspelt one.
struct Similar<'n> {
    /// Those that few letters tell from it, the closest first.
    by_distance: Vec<&'n str>,
    /// Those that begin with it.
    beginning: Vec<&'n str>,
    /// Those that contain it.
    containing: Vec<&'n str>,
}

impl<'n> Similar<'n> {
    fn new(name: &str, known: impl IntoIterator<Item = &'n str>) -> Self {
        let mut found = Self {
            by_distance: Vec::new(),
            beginning: Vec::new(),
            containing: Vec::new(),
        };
        if name.len() > MAX_BYTES {
            return found;
        }
        let name = name.to_lowercase();
        let mut by_distance = Vec::new();
        for known in known {
            let lower = known.to_lowercase();
            let similarity = strsim::normalized_damerau_levenshtein(&name, &lower);
            if similarity > MIN_SIMILARITY {
                by_distance.push((similarity, known));
            }
            if name.len() >= MIN_PART && lower.contains(&name) {
                found.containing.push(known);
                if lower.starts_with(&name) {
                    found.beginning.push(known);
                }
            }
        }
        by_distance.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        found.by_distance = by_distance.into_iter().map(|(_, known)| known).collect();
        found
    }
}
