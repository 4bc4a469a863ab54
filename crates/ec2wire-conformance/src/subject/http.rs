//! A server under test, accessed over HTTP/1.1 with signed requests.

use super::Sent;
use super::lane::{Idle, Lane};
use crate::format::case::{Framing, HeaderNames, Http, Transport};
use crate::record::Message;
use crate::wire::Answered;
use crate::wire::answered::Reuse;
use crate::wire::referee::{self, Element, MOST_TAGS};
use crate::wire::secrets::Known;
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri, Version};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use std::fmt;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

/// The longest answer that is read, in bytes. What a case asks for is far shorter; the longest one
/// that moto gives has 6 MB.
const ANSWER_LIMIT: usize = 8 << 20;

/// The credentials and the Region that requests are signed with.
#[derive(Clone)]
pub struct Signer {
    /// The access key's id.
    pub access_key_id: String,
    /// The secret.
    pub secret_access_key: String,
    /// The token of temporary credentials.
    pub session_token: Option<String>,
    /// The Region.
    pub region: String,
}

impl Default for Signer {
    /// `test` and `test` in `us-east-1`, which emulators accept.
    fn default() -> Self {
        Self {
            access_key_id: "test".into(),
            secret_access_key: "test".into(),
            session_token: None,
            region: "us-east-1".into(),
        }
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("access_key_id", &self.access_key_id)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

pub(crate) type Connector = HttpsConnector<HttpConnector>;

/// A server under test.
#[derive(Debug)]
pub struct HttpSubject {
    /// Connections for the requests that need none of their own.
    idle: Idle,
    connector: Connector,
    endpoint: Uri,
    signer: Signer,
    /// The caller's secrets, in case a server echoes them.
    secrets: Known,
    timeout: Duration,
}

/// An endpoint that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointError(String);

impl fmt::Display for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for EndpointError {}

/// Why no connection to a server was made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unreachable {
    /// The system's error.
    Refused(String),
    /// It took too long.
    TimedOut(Duration),
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(why) => f.write_str(why),
            Self::TimedOut(limit) => write!(f, "no connection within {} s", limit.as_secs_f64()),
        }
    }
}

impl std::error::Error for Unreachable {}

/// Why a request got no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SendError {
    /// HTTP cannot carry the request that the case asks for.
    Unsendable(String),
    /// No connection was made, so nothing was sent; the text says why.
    NoConnection(String),
    /// The connection broke; the text says what happened.
    NoAnswer(String),
    /// No answer came in time.
    TimedOut(Duration),
    /// The answer has more than is read of one; the text says of what.
    TooLong(String),
    /// The run does not wait for the answer, or no longer as long as it could; the text says why.
    GaveUp(String),
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsendable(what) => write!(f, "the request cannot be sent: {what}"),
            Self::NoConnection(what) => write!(f, "no connection: {what}"),
            Self::NoAnswer(what) => write!(f, "no answer: {what}"),
            Self::TimedOut(limit) => write!(f, "no answer within {} s", limit.as_secs_f64()),
            Self::TooLong(what) => write!(f, "the answer was not judged: it has more than {what}"),
            Self::GaveUp(why) => f.write_str(why),
        }
    }
}

/// A request before it is signed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    pub(crate) method: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) transport: Transport,
    /// The connection to use; a shared one if `None`.
    pub(crate) lane: Option<Lane>,
}

/// A signed request with its body and how to send that. It can be sent again if a connection turns
/// out to be closed.
pub(super) type Unsent = Request<(Vec<u8>, Framing)>;

impl SendError {
    pub(super) fn no_connection(error: &(dyn std::error::Error + 'static)) -> Self {
        let mut text = causes(error);
        // rustls cannot read the beginning of what should be a record.
        if text.contains("InvalidContentType") {
            text.push_str("; if the server speaks no TLS, its URL begins with http://");
        }
        Self::NoConnection(text)
    }

    pub(super) fn no_answer(error: &(dyn std::error::Error + 'static)) -> Self {
        Self::NoAnswer(causes(error))
    }

    /// For a request that was sent without TLS.
    pub(super) fn no_plain_answer(error: &hyper::Error) -> Self {
        let mut text = causes(error);
        // A server that expects TLS answers with an alert of TLS.
        if error.is_parse() {
            text.push_str("; if the server speaks TLS, its URL begins with https://");
        }
        Self::NoAnswer(text)
    }
}

impl HttpSubject {
    /// A server at an `http` or `https` URL. `timeout` limits each request.
    ///
    /// Fails if the URL is invalid, has another scheme, or has a path, a query or a password.
    pub fn new(endpoint: &str, signer: Signer, timeout: Duration) -> Result<Self, EndpointError> {
        if endpoint.contains('@') {
            // Do not echo it: it may contain a password.
            return Err(EndpointError("the endpoint has a user name in it".into()));
        }
        let error = |what: String| EndpointError(format!("the endpoint `{endpoint}` {what}"));
        let uri: Uri = endpoint
            .parse()
            .map_err(|e| error(format!("is not a URL: {e}")))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.host().is_none() {
            let hint = if endpoint.contains("://") {
                String::new()
            } else {
                format!("; did you mean `http://{endpoint}`?")
            };
            return Err(error(format!("must be an http or https URL{hint}")));
        }
        if uri.path_and_query().is_some_and(|path| path != "/") {
            return Err(error(
                "must not have a path or a query: EC2's requests go to `/`".into(),
            ));
        }
        let connector = connector()
            .map_err(|e| error(format!("cannot be used, because TLS is unavailable: {e}")))?;
        Ok(Self {
            idle: Idle::default(),
            connector,
            endpoint: uri,
            secrets: Known::new(
                [&signer.secret_access_key]
                    .into_iter()
                    .chain(&signer.session_token)
                    .map(String::as_str),
            ),
            signer,
            timeout,
        })
    }

    /// Whether the endpoint is AWS's.
    pub fn is_aws(&self) -> bool {
        let host = self
            .endpoint
            .host()
            .unwrap_or_default()
            .trim_end_matches('.');
        let host = host.to_ascii_lowercase();
        [
            "amazonaws.com",
            "amazonaws.com.cn",
            "amazonaws.eu",
            "api.aws",
            "amazonwebservices.com",
        ]
        .iter()
        .any(|domain| host == *domain || host.ends_with(&format!(".{domain}")))
    }

    /// The endpoint's URL.
    pub fn url(&self) -> String {
        self.endpoint.to_string()
    }

    /// The Region that requests are signed for.
    pub fn region(&self) -> &str {
        &self.signer.region
    }

    /// The time limit for an answer.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// A message without the caller's secrets, for the record.
    pub(crate) fn without_secrets_in(&self, message: Message) -> Message {
        self.secrets.redact_message(message)
    }

    /// A separate connection, opened for its first request.
    pub(crate) fn lane(&self, names: HeaderNames) -> Lane {
        Lane::new(self.connector.clone(), names)
    }

    /// Whether something listens at the endpoint.
    pub async fn is_reachable(&self) -> Result<(), Unreachable> {
        let host = self
            .endpoint
            .host()
            .unwrap_or_default()
            .trim_matches(['[', ']']);
        let https = self.endpoint.scheme_str() == Some("https");
        let port = self
            .endpoint
            .port_u16()
            .unwrap_or(if https { 443 } else { 80 });
        let connect = tokio::net::TcpStream::connect((host, port));
        match tokio::time::timeout(self.timeout, connect).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(Unreachable::Refused(error.to_string())),
            Err(_) => Err(Unreachable::TimedOut(self.timeout)),
        }
    }

    /// Signs and sends a request, and waits that long for the answer. Returns the sent request even
    /// if no answer came.
    pub(crate) async fn send(
        &self,
        draft: Draft,
        limit: Duration,
    ) -> (Sent, Result<Answered, SendError>) {
        let method = draft.method.unwrap_or_else(|| "POST".into());
        let mut url = self.url();
        let in_query = matches!(method.as_str(), "GET" | "HEAD");
        let mut headers = vec![(
            "host".to_owned(),
            self.endpoint
                .authority()
                .map(ToString::to_string)
                .unwrap_or_default(),
        )];
        let body = if in_query {
            url.push('?');
            url.push_str(&String::from_utf8_lossy(&draft.body));
            Vec::new()
        } else {
            headers.push((
                "content-type".into(),
                "application/x-www-form-urlencoded; charset=utf-8".into(),
            ));
            draft.body
        };
        for (name, value) in draft.headers {
            let name = name.to_ascii_lowercase();
            headers.retain(|(known, _)| *known != name);
            if !value.is_empty() {
                headers.push((name, value));
            }
        }
        let mut sent = Sent {
            method,
            url,
            headers,
            body,
            http: draft.transport.http,
        };
        let answer = match self.request(&mut sent, draft.transport) {
            Ok(request) => self.exchange(request, draft.lane.as_ref(), limit).await,
            Err(what) => Err(SendError::Unsendable(what)),
        };
        (sent, answer)
    }

    /// The signed request; its headers are added to `sent` in the order in which they are sent.
    fn request(&self, sent: &mut Sent, transport: Transport) -> Result<Unsent, String> {
        let credentials = Credentials::new(
            &self.signer.access_key_id,
            &self.signer.secret_access_key,
            self.signer.session_token.clone(),
            None,
            "ec2wire",
        );
        let identity = credentials.into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.signer.region)
            .name("ec2")
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .map_err(|error| error.to_string())?
            .into();
        let signable = SignableRequest::new(
            &sent.method,
            &sent.url,
            sent.headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
            SignableBody::Bytes(&sent.body),
        )
        .map_err(|error| error.to_string())?;
        let (instructions, _) = sign(signable, &params)
            .map_err(|error| error.to_string())?
            .into_parts();
        for (name, value) in instructions.headers() {
            sent.headers.push((name.to_owned(), value.to_owned()));
        }
        let mut headers = HeaderMap::new();
        for (name, value) in &sent.headers {
            let name = HeaderName::try_from(name).map_err(|error| error.to_string())?;
            headers.append(
                name,
                HeaderValue::try_from(value).map_err(|error| error.to_string())?,
            );
        }
        let version = match transport.http {
            Http::One1 => Version::HTTP_11,
            Http::One0 => Version::HTTP_10,
        };
        let mut request = Request::builder()
            .method(sent.method.as_str())
            .uri(sent.url.as_str())
            .version(version)
            .body((sent.body.clone(), transport.framing))
            .map_err(|error| error.to_string())?;
        *request.headers_mut() = headers;
        if transport.framing == Framing::Chunked {
            sent.headers
                .push(("transfer-encoding".into(), "chunked".into()));
        }
        if transport.header_names == HeaderNames::Title {
            for (name, _) in &mut sent.headers {
                *name = title_case(name);
            }
        }
        Ok(request)
    }

    async fn exchange(
        &self,
        request: Unsent,
        lane: Option<&Lane>,
        limit: Duration,
    ) -> Result<Answered, SendError> {
        let exchange = async {
            let own = lane.cloned();
            let is_shared = own.is_none();
            let lane = own.or_else(|| self.idle.take());
            let lane = lane.unwrap_or_else(|| self.lane(HeaderNames::Lower));
            let (response, reuse) = lane.send(&self.endpoint, &request).await?;
            // Other requests may have used a shared one in between.
            let connection = if is_shared { Reuse::New } else { reuse };
            let (head, body) = response.into_parts();
            let body = whole(body).await?;
            if is_shared {
                self.idle.put(lane);
            }
            // Redact here, so that no note or finding can quote the secrets.
            let body = self.secrets.redact(body);
            let headers = head.headers.iter().map(|(name, value)| {
                (
                    name.to_string(),
                    String::from_utf8_lossy(&self.secrets.redact(value.as_bytes().to_vec()))
                        .into_owned(),
                )
            });
            let document = Element::parse(&body);
            Ok(Answered {
                connection,
                status: head.status.as_u16(),
                headers: headers.collect(),
                body,
                document,
            })
        };
        match tokio::time::timeout(limit, exchange).await {
            Ok(answer) => answer,
            Err(_) => Err(SendError::TimedOut(limit)),
        }
    }
}

/// The whole of an answer's body. With an error, its connection is closed.
async fn whole(body: Incoming) -> Result<Vec<u8>, SendError> {
    let too_long = || SendError::TooLong(format!("{ANSWER_LIMIT} bytes"));
    // Nothing is read of what is announced as too long.
    if body.size_hint().lower() > ANSWER_LIMIT as u64 {
        return Err(too_long());
    }
    let body = Limited::new(body, ANSWER_LIMIT).collect().await;
    let body = body.map_err(|error| match error.downcast_ref::<LengthLimitError>() {
        Some(_) => too_long(),
        None => SendError::no_answer(&*error),
    })?;
    let body = body.to_bytes().to_vec();
    if referee::has_many_tags(&body) {
        return Err(SendError::TooLong(format!("{MOST_TAGS} tags")));
    }
    Ok(body)
}

/// A header name with the first letter of each word in capitals.
fn title_case(name: &str) -> String {
    let mut begins = true;
    name.chars()
        .map(|c| {
            let upper = std::mem::replace(&mut begins, c == '-');
            if upper { c.to_ascii_uppercase() } else { c }
        })
        .collect()
}

/// Opens connections. The system's certificates are read only once: a self-test has hundreds of
/// subjects.
pub(crate) fn connector() -> Result<HttpsConnector<HttpConnector>, String> {
    static CONNECTOR: OnceLock<Result<HttpsConnector<HttpConnector>, String>> = OnceLock::new();
    CONNECTOR
        .get_or_init(|| {
            let mut tcp = HttpConnector::new();
            tcp.enforce_http(false);
            // Pieces of a body must not wait for the server's delayed acknowledgement.
            tcp.set_nodelay(true);
            let https = hyper_rustls::HttpsConnectorBuilder::new()
                .with_native_roots()
                .map_err(|error| error.to_string())?;
            Ok(https.https_or_http().enable_http1().wrap_connector(tcp))
        })
        .clone()
}

/// An error with its sources.
fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}
