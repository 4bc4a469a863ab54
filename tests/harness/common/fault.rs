//! The document of an error, as EC2 sends it, for servers of the tests' own.

/// A document with one error. Code and message stand in it as they are.
pub(crate) fn document(code: &str, message: &str) -> String {
    format!(
        "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>\
         <RequestID>1</RequestID></Response>"
    )
}
