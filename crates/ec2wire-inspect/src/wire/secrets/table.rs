//! What is known of secrets by name: one table. Names are in lowercase, without hyphens and
//! underscores.

/// What says anywhere in a name that it is a secret's: of a parameter, an element, an attribute or a
/// JSON member. Rather a name too many is taken out than one too few.
pub(super) const ANYWHERE: &[&str] = &[
    "credential",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "presharedkey",
    "privatekey",
    "secret",
];

/// What ends the name of a secret. Digits may follow, one of [`TAILS`], and an `s`.
///
/// The members that the service model calls sensitive are added to these.
pub(super) const ENDS: &[&str] = &[
    "accesstoken",
    "apikey",
    "apitoken",
    "authorizationtoken",
    "authtoken",
    "bearertoken",
    "connectionstring",
    "customerkey",
    "encryptionkey",
    "identitytoken",
    "idtoken",
    "jwt",
    "keymaterial",
    "pass",
    "psk",
    "pwd",
    "refreshtoken",
    "samlassertion",
    "securitytoken",
    "sessiontoken",
    "signature",
    "tokencode",
    "userdata",
];

/// What may follow the end of a secret's name.
pub(super) const TAILS: &[&str] = &[
    "base64",
    "confirm",
    "confirmation",
    "hash",
    "value",
    "values",
];

/// Names that are secrets only as a whole. Digits may follow.
pub(super) const WHOLE: &[&str] = &["auth", "authorization", "cookie", "setcookie", "token"];

/// Names that are no secrets, although a part of them says so: EC2's action and what it answers
/// with, ARNs and kinds of secrets, the scope of a signature, and words.
pub(super) const NO_SECRETS: &[&str] = &[
    "bypass",
    "clientsecrettype",
    "compass",
    "credentialarn",
    "getpassworddata",
    "getpassworddatarequest",
    "getpassworddataresponse",
    "getpassworddataresult",
    "notacceptingcredentials",
    "passwordlastused",
    "passwordnotavailable",
    "presharedkeyarn",
    "presharedkeystorage",
    "secretarn",
    "secretsmanager",
    // The ARN of a secret.
    "sqlservercredentials",
    "xamzcredential",
];

/// What says anywhere in a word of a header's name that it is a secret.
pub(super) const HEADER_PARTS: &[&str] = &[
    "apikey",
    "assertion",
    "authentication",
    "authorization",
    "bearer",
    "cookie",
    "credential",
    "csrf",
    "jwt",
    "passphrase",
    "passwd",
    "password",
    "secret",
    "session",
    "signature",
    "token",
    "xsrf",
];

/// The words of a header's name that say that it is a secret. Digits may follow.
pub(super) const HEADER_WORDS: &[&str] = &["auth", "key", "keys", "pass", "psk", "pwd"];

/// The schemes before what a header authenticates with, whatever its name.
pub(super) const SCHEMES: &[&str] = &["basic", "bearer"];

/// The last part of keys whose value names a parameter, as in `Attribute=userData` and
/// `Filter.1.Name=..`, and the elements that do, in pages too.
pub(super) const NAMING: &[&str] = &[
    "attribute",
    "attributename",
    "dt",
    "field",
    "key",
    "label",
    "name",
    "parametername",
    "td",
    "th",
];

/// The part of the keys beside those that has the named one's value.
pub(super) const NAMED: &[&str] = &["content", "data", "text", "value", "values"];

/// The first bytes of packed data, whatever the headers say.
pub(super) const PACKED: &[&[u8]] = &[
    b"\x1f\x8b",
    b"\x28\xb5\x2f\xfd",
    b"\xfd7zXZ",
    b"BZh",
    b"PK\x03\x04",
    b"\x78\x01",
    b"\x78\x9c",
    b"\x78\xda",
];

/// The shortest secret that is looked for elsewhere, in bytes. A shorter one, such as `admin` or
/// `false`, occurs by chance in names and words, so it is taken out only where it is named.
pub(super) const SHORTEST: usize = 6;

/// The same for a secret that nobody took out, such as the caller's password.
pub(super) const SHORTEST_GIVEN: usize = 8;
