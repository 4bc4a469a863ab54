//! Takes secrets out of what is kept of a message.

use ec2wire_model::Model;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What stands where a secret was taken out.
pub(crate) const REDACTED: &str = "<redacted>";

/// Headers that carry secrets: their values never reach a record.
const HEADERS: [&str; 5] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "set-cookie",
    "x-amz-security-token",
];

/// Parameters that grant something to whoever has them.
const PARAMETERS: [&str; 4] = [
    "X-Amz-Signature",
    "X-Amz-Security-Token",
    "Signature",
    "SecurityToken",
];

/// The names on the wire of members that are secrets wherever they stand, keys and passwords. A name
/// such as `value`, which is one in few places, is none.
static MEMBERS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut always: BTreeMap<String, bool> = BTreeMap::new();
    for shape in Model::ec2().shapes() {
        for member in shape.members() {
            let is_secret = member.shape().is_sensitive();
            for name in [member.element_name().to_owned(), member.form_key()] {
                let so_far = always.entry(name).or_insert(true);
                *so_far &= is_secret;
            }
        }
    }
    let always = always.into_iter().filter(|(_, is_secret)| *is_secret);
    always.map(|(name, _)| name).collect()
});

/// Whether the value of a header is a secret.
pub(super) fn is_secret_header(name: &str) -> bool {
    HEADERS
        .iter()
        .any(|secret| name.eq_ignore_ascii_case(secret))
}

/// A form without what grants something.
pub(crate) fn out_of_form(form: &str) -> String {
    let is_secret = |key: &str| {
        let last = key.rsplit('.').next().unwrap_or(key);
        PARAMETERS.contains(&key) || MEMBERS.iter().any(|member| member == last)
    };
    let pairs: Vec<String> = form
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((key, _)) if is_secret(key) => format!("{key}={REDACTED}"),
            _ => pair.to_owned(),
        })
        .collect();
    pairs.join("&")
}

/// A body, a form or a document, without its secrets.
pub(super) fn out_of_body(body: String) -> String {
    if !body.trim_ascii_start().starts_with('<') {
        return if body.contains('=') {
            out_of_form(&body)
        } else {
            body
        };
    }
    let mut body = body;
    for name in MEMBERS.iter() {
        let (start, end) = (format!("<{name}>"), format!("</{name}>"));
        if !body.contains(&start) {
            continue;
        }
        let mut kept = String::with_capacity(body.len());
        let mut rest = body.as_str();
        while let Some((before, after)) = rest.split_once(&start) {
            kept.push_str(before);
            kept.push_str(&start);
            kept.push_str(REDACTED);
            // Of one that is cut off nothing is shown.
            rest = after
                .find(&end)
                .and_then(|at| after.get(at..))
                .unwrap_or_default();
        }
        kept.push_str(rest);
        body = kept;
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_passwords_are_taken_out_and_nothing_else() {
        let answer = "<R><keyName>a</keyName><keyMaterial>-----BEGIN</keyMaterial>\
            <tagSet><item><key>k</key><value>v</value></item></tagSet></R>";
        let expected = answer.replace("-----BEGIN", REDACTED);
        assert_eq!(out_of_body(answer.to_owned()), expected);
        assert_eq!(
            out_of_body("<R><keyMaterial>-----BEG".to_owned()),
            "<R><keyMaterial><redacted>"
        );
        let form = "Action=A&TunnelOption.1.PreSharedKey=x&Tag.1.Value=v&SecurityToken=t";
        assert_eq!(
            out_of_body(form.to_owned()),
            "Action=A&TunnelOption.1.PreSharedKey=<redacted>&Tag.1.Value=v\
             &SecurityToken=<redacted>"
        );
        assert_eq!(out_of_body("plain text".to_owned()), "plain text");
        for header in [
            "Cookie",
            "set-cookie",
            "Proxy-Authorization",
            "Authorization",
        ] {
            assert!(is_secret_header(header), "{header}");
        }
        assert!(!is_secret_header("host"));
    }
}
