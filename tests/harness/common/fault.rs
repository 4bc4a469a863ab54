//! EC2's error document, for the tests' own servers.

/// A document with one error. Code and message are inserted unescaped.
pub(crate) fn document(code: &str, message: &str) -> String {
    format!(
        "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>\
         <RequestID>1</RequestID></Response>"
    )
}
