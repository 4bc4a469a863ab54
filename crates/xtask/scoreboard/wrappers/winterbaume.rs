//! winterbaume's EC2 service behind hyper. It converts requests and responses as winterbaume-server
//! does, but routes to only one service.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::sync::Arc;
use winterbaume_core::{MockRequest, MockService as _};
use winterbaume_ec2::Ec2Service;

async fn answer(
    service: Arc<Ec2Service>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let host = request.headers().get("host");
    let host = host.and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let path = request.uri().path_and_query();
    let path = path.map_or_else(|| "/".to_owned(), ToString::to_string);
    let uri = format!("https://{host}{path}");
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes());
    let request = MockRequest {
        method: head.method.to_string(),
        uri,
        headers: head.headers,
        body: body.unwrap_or_default(),
    };
    let answered = service.handle(request).await;
    let mut response = Response::builder().status(answered.status);
    for (name, value) in &answered.headers {
        response = response.header(name, value);
    }
    Ok(response
        .body(Full::new(answered.body))
        .expect("the service's own headers"))
}

#[tokio::main]
async fn main() {
    let port = std::env::args().nth(1).expect("a port");
    let service = Arc::new(Ec2Service::new());
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}"))
        .await
        .expect("the port is free");
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let service = Arc::clone(&service);
        tokio::spawn(async move {
            let answer = service_fn(move |request| answer(Arc::clone(&service), request));
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), answer)
                .await;
        });
    }
}
