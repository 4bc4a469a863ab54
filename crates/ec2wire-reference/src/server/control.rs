//! What a test asks of the endpoint itself, beside EC2's actions.

use super::world::World;
use http::{HeaderValue, Method, Response, StatusCode, header};
use std::sync::Arc;

/// What the paths of such requests begin with.
const PREFIX: &str = "/_ec2wire/";
const RESET: &str = "reset";
const SAVE: &str = "save";

/// Does what a request asks of the endpoint. `None` if it is for EC2.
pub(super) async fn answer(
    world: &Arc<World>,
    method: &Method,
    path: &str,
) -> Option<Response<String>> {
    let what = path.strip_prefix(PREFIX)?;
    let (status, text) = match what {
        RESET | SAVE if method != Method::POST => (
            StatusCode::METHOD_NOT_ALLOWED,
            format!("use POST {PREFIX}{what}\n"),
        ),
        RESET => {
            world.reset();
            (StatusCode::OK, "reset\n".to_owned())
        }
        SAVE => save(Arc::clone(world)).await,
        _ => (
            StatusCode::NOT_FOUND,
            format!(
                "nothing is at this path; POST {PREFIX}{RESET} forgets all resources, and POST \
                 {PREFIX}{SAVE} saves them\n"
            ),
        ),
    };
    let mut response = Response::new(text);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, plain);
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
    }
    Some(response)
}

/// Saves the world on a thread of its own: a file may be slow.
async fn save(world: Arc<World>) -> (StatusCode, String) {
    match tokio::task::spawn_blocking(move || world.save_as_set()).await {
        Ok(Some(Ok(()))) => (StatusCode::OK, "saved\n".to_owned()),
        Ok(None) => (
            StatusCode::CONFLICT,
            "no file to save to was given; start with --state FILE\n".to_owned(),
        ),
        Ok(Some(Err(error))) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")),
        // Only a fault of this program ends it early.
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")),
    }
}
