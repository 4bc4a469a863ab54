//! What is known of secrets by name: one table. Names are in lowercase, without hyphens and
//! underscores.

/// What ends the name of a secret: of a parameter, an element, an attribute or a JSON member.
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
    "identitytoken",
    "idtoken",
    "keymaterial",
    "passphrase",
    "passwd",
    "password",
    "passworddata",
    "presharedkey",
    "privatekey",
    "refreshtoken",
    "samlassertion",
    "secret",
    "secretbinary",
    "secretkey",
    "secretaccesskey",
    "secretstring",
    "securitytoken",
    "sessiontoken",
    "signature",
    "userdata",
];

/// Names that are secrets only as a whole.
pub(super) const WHOLE: &[&str] = &[
    "authorization",
    "cookie",
    "jwt",
    "pass",
    "psk",
    "pwd",
    "setcookie",
    "token",
];

/// The words of a header's name that say that it is a secret.
pub(super) const HEADER_WORDS: &[&str] = &[
    "apikey",
    "assertion",
    "auth",
    "authentication",
    "authorization",
    "bearer",
    "cookie",
    "cookie2",
    "credential",
    "credentials",
    "csrf",
    "jwt",
    "key",
    "passphrase",
    "passwd",
    "password",
    "pwd",
    "secret",
    "session",
    "sessionid",
    "signature",
    "token",
    "xsrf",
];

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

/// The shortest secret that is looked for elsewhere, in bytes: shorter texts occur by chance.
pub(super) const SHORTEST: usize = 6;

/// The same for a secret that nobody took out, such as the caller's password.
pub(super) const SHORTEST_GIVEN: usize = 8;
