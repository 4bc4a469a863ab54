//! Signs a request, sends it over a connection of its own, and reads the answer to its end.

use super::call::Call;
use super::hooks::Hooks;
use super::message::{Answer, Signer};
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::fmt::Write as _;
use std::time::SystemTime;
use tokio::net::TcpStream;

/// Sends a form. The error says why no whole answer arrived.
pub(super) async fn send(
    call: &Call,
    body: String,
    hooks: &'static dyn Hooks,
) -> Result<Answer, String> {
    let request = signed(call, body, hooks)?;
    let uri: Uri = call.endpoint.parse().map_err(describe)?;
    let host = uri.host().ok_or("the endpoint has no host")?;
    let port = uri.port_u16().unwrap_or(80);
    let stream = TcpStream::connect((host, port)).await.map_err(describe)?;
    _ = stream.set_nodelay(true);
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(describe)?;
    let exchange = async {
        let response = sender.send_request(request).await.map_err(describe)?;
        let (head, body) = response.into_parts();
        let body = body.collect().await.map_err(describe)?.to_bytes();
        let id = head.headers.get("x-amzn-requestid");
        Ok(Answer {
            status: head.status.as_u16(),
            header_id: id.and_then(|id| id.to_str().ok()).map(str::to_owned),
            body: body.to_vec(),
        })
    };
    // The connection must be driven until the answer has arrived.
    tokio::select! {
        answer = exchange => answer,
        () = async {
            _ = connection.await;
            // The exchange fails with the reason.
            std::future::pending::<()>().await;
        } => Err("the connection ended".into()),
    }
}

/// An error with all its causes.
fn describe(error: impl std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let _ = write!(text, ": {cause}");
        next = cause.source();
    }
    text
}

fn signed(
    call: &Call,
    body: String,
    hooks: &'static dyn Hooks,
) -> Result<Request<Full<Bytes>>, String> {
    let uri: Uri = call.endpoint.parse().map_err(describe)?;
    let host = uri.authority().ok_or("the endpoint has no host")?;
    let mut headers: Vec<(String, String)> = vec![("host".into(), host.to_string())];
    let mut signer = Signer {
        secret: call.credentials.secret_access_key.clone(),
        service: "ec2".into(),
        content_type: Some(ec2wire::form::CONTENT_TYPE),
    };
    hooks.edit_signer(&mut signer);
    if let Some(content_type) = signer.content_type {
        headers.push(("content-type".into(), content_type.into()));
    }
    let identity = Credentials::new(
        &call.credentials.access_key_id,
        signer.secret,
        None,
        None,
        "ec2wire",
    )
    .into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(&call.region)
        .name(&signer.service)
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()
        .map_err(describe)?
        .into();
    let url = format!("{}/", call.endpoint.trim_end_matches('/'));
    let signable = SignableRequest::new(
        "POST",
        &url,
        headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str())),
        SignableBody::Bytes(body.as_bytes()),
    )
    .map_err(describe)?;
    let (instructions, _) = sign(signable, &params).map_err(describe)?.into_parts();
    for (name, value) in instructions.headers() {
        headers.push((name.to_owned(), value.to_owned()));
    }
    hooks.edit_headers(&mut headers);
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let name = HeaderName::try_from(name).map_err(describe)?;
        map.append(name, HeaderValue::try_from(value).map_err(describe)?);
    }
    let mut body = body;
    hooks.edit_signed_form(&mut body);
    let mut request = Request::builder()
        .method("POST")
        .uri("/")
        .body(Full::from(body))
        .map_err(describe)?;
    *request.headers_mut() = map;
    Ok(request)
}
