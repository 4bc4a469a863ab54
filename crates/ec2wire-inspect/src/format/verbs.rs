//! What the verb in an action's name says of it.

/// How the names of actions begin that change nothing.
const READING: [&str; 4] = ["Describe", "Get", "List", "Search"];

/// How the names of actions begin that create something, and whether they leave what they name
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

/// Whether the action creates something and leaves what it names unchanged.
pub fn only_creates(action: &str) -> bool {
    CREATING
        .iter()
        .any(|(verb, leaves)| *leaves && action.starts_with(verb))
}
