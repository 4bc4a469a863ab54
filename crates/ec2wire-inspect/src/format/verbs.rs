//! What the verb in an action's name says about the action.

/// Verbs of actions that change nothing.
const READING: [&str; 4] = ["Describe", "Get", "List", "Search"];

/// Verbs of actions that create something, and whether they leave the resources they name
/// unchanged.
const CREATING: [(&str, bool); 9] = [
    ("Allocate", true),
    ("Copy", true),
    ("Create", true),
    ("Import", true),
    ("Provision", false),
    ("Purchase", false),
    ("Register", false),
    ("Request", true),
    ("Run", true),
];

/// Whether the action changes nothing.
pub fn is_reading(action: &str) -> bool {
    READING.iter().any(|verb| action.starts_with(verb))
}

/// Whether the action creates something.
pub fn is_creating(action: &str) -> bool {
    CREATING.iter().any(|(verb, _)| action.starts_with(verb))
}

/// Whether the action creates something and leaves the resources it names unchanged.
pub fn only_creates(action: &str) -> bool {
    CREATING
        .iter()
        .any(|(verb, leaves)| *leaves && action.starts_with(verb))
}
