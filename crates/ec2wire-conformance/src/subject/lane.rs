//! A connection for consecutive requests, and those that any request may use.
//!
//! hyper's pool takes a connection back only some time after the answer, and opens another one for a
//! request that comes earlier. Then one could not tell whether the server keeps connections open.
//! Nor does it send a request again that fails because the server closed an idle connection just
//! then.

use super::http::{Connector, SendError, Unsent};
use super::outgoing::Outgoing;
use super::prompt::{Interim, Prompt};
use crate::format::case::HeaderNames;
use crate::wire::answered::Reuse;
use http::{Request, Response, Uri, Version, header};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::ext::on_informational;
use std::error::Error;
use std::io::{self, ErrorKind};
use std::sync::Arc;
use tokio::sync::Mutex;
use tower_service::Service as _;

/// A connection that is opened for the first request and used until the server closes it.
#[derive(Debug, Clone)]
pub(crate) struct Lane {
    connector: Connector,
    names: HeaderNames,
    kept: Arc<Mutex<Option<Kept>>>,
}

/// Connections that wait for a request.
#[derive(Debug, Default)]
pub(super) struct Idle {
    lanes: std::sync::Mutex<Vec<Lane>>,
}

impl Idle {
    /// The one that was used last, which is the least likely to be closed.
    pub(super) fn take(&self) -> Option<Lane> {
        self.lanes.lock().ok()?.pop()
    }

    /// Takes a connection back, after the whole of an answer.
    pub(super) fn put(&self, lane: Lane) {
        if let Ok(mut lanes) = self.lanes.lock() {
            lanes.push(lane);
        }
    }
}

/// A connection after an answer.
#[derive(Debug)]
struct Kept {
    sender: SendRequest<Outgoing>,
    interim: Interim,
    /// Whether the server said that it would close the connection.
    closes: bool,
}

impl Lane {
    pub(super) fn new(connector: Connector, names: HeaderNames) -> Self {
        Self {
            connector,
            names,
            kept: Arc::default(),
        }
    }

    /// Sends a request, and returns which connection it used.
    pub(super) async fn send(
        &self,
        endpoint: &Uri,
        request: &Unsent,
    ) -> Result<(Response<Incoming>, Reuse), SendError> {
        let mut place = self.kept.lock().await;
        let before = place.take();
        let announced = before.as_ref().is_some_and(|before| before.closes);
        if let Some(Kept {
            mut sender,
            interim,
            ..
        }) = before
            // Once the last answer is handled, the connection is either ready or known to be
            // closed.
            && sender.ready().await.is_ok()
        {
            let sending = sender.send_request(in_origin_form(request, &interim));
            match sending.await {
                Ok(response) => {
                    *place = Some(kept(sender, interim, &response));
                    return Ok((response, Reuse::Kept));
                }
                // The server closed it after the last answer, which is only noticed now. RFC 9112,
                // section 9.5, allows that at any time.
                Err(error) if is_closed(&error) => {}
                // It answered before, so it speaks the protocol.
                Err(error) => return Err(SendError::no_answer(&error)),
            }
        }
        let interim = Interim::default();
        let mut sender = self.connect(endpoint, interim.clone()).await?;
        let response = sender
            .send_request(in_origin_form(request, &interim))
            .await
            .map_err(|error| match endpoint.scheme_str() {
                Some("http") => SendError::no_plain_answer(&error),
                _ => SendError::no_answer(&error),
            })?;
        *place = Some(kept(sender, interim, &response));
        let reuse = if announced {
            Reuse::Announced
        } else {
            Reuse::New
        };
        Ok((response, reuse))
    }

    async fn connect(
        &self,
        endpoint: &Uri,
        interim: Interim,
    ) -> Result<SendRequest<Outgoing>, SendError> {
        let refused = |error: &(dyn Error + 'static)| SendError::no_connection(error);
        let stream = self
            .connector
            .clone()
            .call(endpoint.clone())
            .await
            .map_err(|error| refused(&*error))?;
        let (sender, connection) = http1::Builder::new()
            .title_case_headers(self.names == HeaderNames::Title)
            .handshake(Prompt::new(stream, interim))
            .await
            .map_err(|error| refused(&error))?;
        // Errors are reported to the sender of the request.
        tokio::spawn(async move {
            let _ = connection.await;
        });
        Ok(sender)
    }
}

/// Whether the connection ended before an answer. What came of one before that, if anything, is not
/// looked at: a server that fails so without a reason fails on the new connection too.
fn is_closed(error: &hyper::Error) -> bool {
    let mut causes = std::iter::successors(error.source(), |&cause| cause.source());
    let io = causes.find_map(|cause| cause.downcast_ref::<io::Error>());
    error.is_canceled()
        || error.is_incomplete_message()
        || io.is_some_and(|error| {
            matches!(
                error.kind(),
                ErrorKind::ConnectionReset
                    | ErrorKind::ConnectionAborted
                    | ErrorKind::BrokenPipe
                    | ErrorKind::NotConnected
                    | ErrorKind::UnexpectedEof
            )
        })
}

/// The request as it goes to the server directly: its target is the part after the host. Its interim
/// responses are counted anew.
fn in_origin_form(request: &Unsent, interim: &Interim) -> Request<Outgoing> {
    let mut request = request
        .clone()
        .map(|(body, framing)| Outgoing::new(body, framing));
    let target = request.uri().path_and_query().cloned();
    *request.uri_mut() = target.map_or_else(Uri::default, Uri::from);
    interim.renew();
    let interim = interim.clone();
    on_informational(&mut request, move |_| interim.note());
    request
}

fn kept(sender: SendRequest<Outgoing>, interim: Interim, response: &Response<Incoming>) -> Kept {
    let options = response.headers().get_all(header::CONNECTION);
    let is_close = |option: &str| option.trim().eq_ignore_ascii_case("close");
    let closes = options
        .iter()
        .any(|value| value.to_str().unwrap_or_default().split(',').any(is_close));
    Kept {
        sender,
        interim,
        closes: closes || response.version() == Version::HTTP_10,
    }
}
