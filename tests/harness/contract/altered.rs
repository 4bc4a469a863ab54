//! A correct server with one change, either to the requests or to the responses.

use ec2wire_reference::{Config, Request, Response, World};
use std::sync::Arc;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Respond, ResponseTemplate};

/// The IPAM that the server has from the start.
pub(crate) const IPAM: &str = "ipam-0123456789abcdef0";

/// A request's parameters, decoded.
pub(crate) type Pairs = Vec<(String, String)>;

/// The change.
#[derive(Clone, Copy)]
pub(crate) enum Change {
    /// To the parameters, before the server reads them.
    Request(fn(&mut Pairs)),
    /// To the bytes of the form, before the server reads them.
    Form(fn(&[u8]) -> Vec<u8>),
    /// To the response; the parameters are those of the request.
    Answer(fn(&Pairs, &mut Answer)),
    /// To the parameters, and then to the response.
    Both(fn(&mut Pairs), fn(&Pairs, &mut Answer)),
}

/// A response that can be changed.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    fn new(response: Response) -> Self {
        Self {
            status: response.status,
            headers: response
                .headers()
                .map(|(name, value)| (name, value.to_owned()))
                .collect(),
            body: response.body.into_bytes(),
        }
    }

    pub(crate) fn is_success(&self) -> bool {
        self.status == 200
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Replaces all occurrences of a text in the body.
    pub(crate) fn replace(&mut self, what: &str, with: &str) {
        self.body = self.text().replace(what, with).into_bytes();
    }

    pub(crate) fn header(&mut self, name: &'static str, value: Option<&str>) {
        self.headers.retain(|(known, _)| *known != name);
        self.headers
            .extend(value.map(|value| (name, value.to_owned())));
    }

    /// The first text between two others.
    pub(crate) fn between(&self, before: &str, after: &str) -> String {
        let text = self.text();
        let inside = text
            .split_once(before)
            .and_then(|(_, rest)| rest.split_once(after));
        inside
            .map(|(inside, _)| inside.to_owned())
            .unwrap_or_default()
    }
}

struct Altered {
    world: Arc<World>,
    change: Change,
}

impl Respond for Altered {
    fn respond(&self, request: &wiremock::Request) -> ResponseTemplate {
        let query = request.url.query().unwrap_or_default().as_bytes();
        let is_get = request.method.as_str() == "GET";
        let form = if is_get { query } else { &request.body };
        let mut pairs: Pairs = serde_urlencoded::from_bytes(form).unwrap_or_default();
        let form = match self.change {
            Change::Request(change) | Change::Both(change, _) => {
                change(&mut pairs);
                serde_urlencoded::to_string(&pairs)
                    .unwrap_or_default()
                    .into_bytes()
            }
            Change::Form(change) => change(form),
            Change::Answer(_) => form.to_vec(),
        };
        let path = format!("/?{}", String::from_utf8_lossy(&form));
        let request = Request {
            method: request.method.as_str(),
            path_and_query: if is_get { &path } else { "/" },
            content_type: Some(ec2wire::form::CONTENT_TYPE),
            authorization: None,
            body: if is_get { b"" } else { &form },
        };
        let mut answer = Answer::new(self.world.answer(&request));
        if let Change::Answer(change) | Change::Both(_, change) = self.change {
            change(&pairs, &mut answer);
        }
        let mut template = ResponseTemplate::new(answer.status).set_body_bytes(answer.body);
        for (name, value) in answer.headers {
            template = template.insert_header(name, value);
        }
        template
    }
}

/// Starts a server with one change.
pub(crate) async fn start(change: Change) -> MockServer {
    let server = MockServer::start().await;
    let config = Config {
        ipam_ids: vec![IPAM.into()],
        ..Config::default()
    };
    let world = Arc::new(World::new(config));
    Mock::given(any())
        .respond_with(Altered { world, change })
        .mount(&server)
        .await;
    server
}
