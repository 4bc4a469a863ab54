//! What a test asks of the endpoint itself, beside EC2's actions.

use super::world::World;
use http::{Method, Response, StatusCode, header};

/// What the paths of such requests begin with.
const PREFIX: &str = "/_ec2wire/";
const RESET: &str = "reset";

/// Does what a request asks of the endpoint. `None` if it is for EC2.
pub(super) fn answer(world: &World, method: &Method, path: &str) -> Option<Response<String>> {
    let what = path.strip_prefix(PREFIX)?;
    let (status, text) = match what {
        RESET if method == Method::POST => {
            world.reset();
            (StatusCode::OK, "reset\n".to_owned())
        }
        RESET => (
            StatusCode::METHOD_NOT_ALLOWED,
            format!("use POST {PREFIX}{RESET}\n"),
        ),
        _ => (
            StatusCode::NOT_FOUND,
            format!("nothing is at this path; POST {PREFIX}{RESET} forgets all resources\n"),
        ),
    };
    let mut response = Response::new(text);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let plain = http::HeaderValue::from_static("text/plain; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, plain);
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(header::ALLOW, http::HeaderValue::from_static("POST"));
    }
    Some(response)
}
