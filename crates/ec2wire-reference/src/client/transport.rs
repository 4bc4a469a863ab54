//! Signs a request, sends it over a connection of its own, and reads the answer to its end.

use super::{Answered, Call};
use crate::sabotage::{ClientHooks as _, Quirk, Signer};
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

/// Sends a body. The error says in words why no whole answer came.
pub(super) async fn send(
    call: &Call,
    body: String,
    quirk: Option<&'static Quirk>,
) -> Result<Answered, String> {
    let request = signed(call, body, quirk)?;
    let uri: Uri = call.endpoint.parse().map_err(in_words)?;
    let host = uri.host().ok_or("the endpoint has no host")?;
    let port = uri.port_u16().unwrap_or(80);
    let stream = TcpStream::connect((host, port)).await.map_err(in_words)?;
    _ = stream.set_nodelay(true);
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(in_words)?;
    let exchange = async {
        let response = sender.send_request(request).await.map_err(in_words)?;
        let (head, body) = response.into_parts();
        let body = body.collect().await.map_err(in_words)?.to_bytes();
        let id = head.headers.get("x-amzn-requestid");
        Ok(Answered {
            status: head.status.as_u16(),
            header_id: id.and_then(|id| id.to_str().ok()).map(str::to_owned),
            body: body.to_vec(),
        })
    };
    // The connection is driven until the answer is there.
    tokio::select! {
        answered = exchange => answered,
        () = async {
            _ = connection.await;
            // What it ended with shows in the exchange.
            std::future::pending::<()>().await;
        } => Err("the connection ended".into()),
    }
}

fn in_words(error: impl std::error::Error) -> String {
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
    quirk: Option<&'static Quirk>,
) -> Result<Request<Full<Bytes>>, String> {
    let uri: Uri = call.endpoint.parse().map_err(in_words)?;
    let host = uri.authority().ok_or("the endpoint has no host")?;
    let mut headers: Vec<(String, String)> = vec![("host".into(), host.to_string())];
    let mut signer = Signer {
        secret: call.credentials.secret_access_key.clone(),
        service: "ec2".into(),
        content_type: Some(ec2wire::form::CONTENT_TYPE),
    };
    quirk.signer(&mut signer);
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
        .map_err(in_words)?
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
    .map_err(in_words)?;
    let (instructions, _) = sign(signable, &params).map_err(in_words)?.into_parts();
    for (name, value) in instructions.headers() {
        headers.push((name.to_owned(), value.to_owned()));
    }
    quirk.headers(&mut headers);
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let name = HeaderName::try_from(name).map_err(in_words)?;
        map.append(name, HeaderValue::try_from(value).map_err(in_words)?);
    }
    let mut body = body;
    quirk.sent(&mut body);
    let mut request = Request::builder()
        .method("POST")
        .uri("/")
        .body(Full::from(body))
        .map_err(in_words)?;
    *request.headers_mut() = map;
    Ok(request)
}
