//! HAR files, as browsers and proxies write them.

use super::client;
use crate::wire::{Exchange, Request, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

#[derive(Deserialize)]
struct Har {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    started_date_time: Option<String>,
    request: HarRequest,
    response: Option<HarResponse>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HarRequest {
    method: String,
    url: String,
    http_version: Option<String>,
    headers: Option<Vec<Header>>,
    post_data: Option<PostData>,
}

#[derive(Deserialize)]
struct Header {
    name: String,
    value: String,
}

#[derive(Deserialize)]
struct PostData {
    text: Option<String>,
    params: Option<Vec<serde_json::Value>>,
}

#[derive(Deserialize)]
struct HarResponse {
    /// 0 or -1 if there is none.
    status: f64,
    headers: Option<Vec<Header>>,
    content: Option<Content>,
}

#[derive(Deserialize)]
struct Content {
    /// The text's length, or -1 if it is unknown.
    size: Option<f64>,
    text: Option<String>,
    encoding: Option<String>,
}

/// The exchanges with EC2.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Exchange>, String> {
    let har: Har = serde_json::from_slice(bytes)
        .map_err(|error| format!("the file is not a record, a HAR file or a cassette: {error}"))?;
    har.log
        .entries
        .into_iter()
        .enumerate()
        .filter_map(|(index, entry)| {
            found(entry)
                .map_err(|what| format!("entry {}: {what}", index + 1))
                .transpose()
        })
        .collect()
}

/// `None` if the entry is not about EC2.
fn found(entry: Entry) -> Result<Option<Exchange>, String> {
    let Entry {
        started_date_time,
        request,
        response,
    } = entry;
    let post = request.post_data.unwrap_or(PostData {
        text: None,
        params: None,
    });
    let is_parsed = post.text.as_deref().is_none_or(str::is_empty)
        && post.params.is_some_and(|params| !params.is_empty());
    let found = Request {
        method: request.method,
        target: String::new(),
        version: request
            .http_version
            .unwrap_or_default()
            .to_ascii_uppercase(),
        headers: headers(request.headers),
        body: post.text.unwrap_or_default().into_bytes(),
    };
    let Some(found) = client::completed(found, &request.url) else {
        return Ok(None);
    };
    // For long bodies, and for ones nobody looked at, browsers may record only the length.
    let content = response.as_ref().and_then(|one| one.content.as_ref());
    let response_cut = content.is_some_and(|content| {
        content.size.is_some_and(|size| size > 0.0)
            && content.text.as_deref().is_none_or(str::is_empty)
    });
    // A request that was given up has no answer: browsers record the status 0.
    let response = response
        .filter(|response| response.status > 0.0)
        .map(self::response)
        .transpose()?;
    let mut exchange = Exchange::new(Some(found), response);
    exchange.response_cut = response_cut;
    exchange.sent_at = started_date_time.and_then(|time| time.parse().ok());
    exchange.unreadable = is_parsed
        .then(|| "the file has the request's parameters but not its original body".to_owned());
    // Browsers remove secrets.
    exchange.is_stripped = true;
    exchange.is_unpacked = true;
    Ok(Some(exchange))
}

fn headers(headers: Option<Vec<Header>>) -> Vec<(String, String)> {
    headers
        .into_iter()
        .flatten()
        // HTTP/2's pseudo-headers are not HTTP/1 headers.
        .filter(|header| !header.name.starts_with(':'))
        .map(|header| (header.name, header.value))
        .collect()
}

fn response(response: HarResponse) -> Result<Response, String> {
    let content = response.content.unwrap_or(Content {
        size: None,
        text: None,
        encoding: None,
    });
    let text = content.text.unwrap_or_default();
    let body = match content.encoding.as_deref() {
        Some("base64") => STANDARD
            .decode(text.trim())
            .map_err(|error| format!("the content is not base64: {error}"))?,
        _ => text.into_bytes(),
    };
    let status = response.status.to_string();
    Ok(Response {
        status: status
            .parse()
            .map_err(|_| format!("invalid status {status}"))?,
        headers: headers(response.headers),
        body,
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    #[test]
    fn only_what_speaks_to_ec2_is_taken() {
        let har = r#"{"log":{"entries":[
            {"request":{"method":"GET","url":"https://example.com/a.js","headers":[]}},
            {"request":{"method":"GET","url":"wss://example.com/socket"}},
            {"request":{"method":"OPTIONS","url":"https://ec2.us-east-1.amazonaws.com/"},
             "response":{"status":200,"headers":null}},
            {"request":{"method":"POST","url":"http://127.0.0.1:4566/","httpVersion":"http/2.0",
              "headers":[{"name":":authority","value":"x"}],
              "postData":{"mimeType":"x","text":"Action=A&Version=2016-11-15"}},
             "response":{"status":200,"headers":[],
              "content":{"text":"PGEvPg==","encoding":"base64"}}},
            {"request":{"method":"POST","url":"https://ec2.us-east-1.amazonaws.com",
              "postData":{"params":[{"name":"Action","value":"A"}]}},
             "response":{"status":200,"headers":[],"content":{"size":587}}}]}}"#;
        let found = read(har.as_bytes()).unwrap();
        assert_eq!(found.len(), 2);
        let first = found.first().unwrap();
        let request = first.request.as_ref().unwrap();
        assert_eq!(
            (&*request.version, request.header("host")),
            ("HTTP/2.0", Some("127.0.0.1:4566"))
        );
        assert_eq!(first.response.as_ref().unwrap().body, b"<a/>");
        let last = found.last().unwrap();
        assert!(first.unreadable.is_none() && last.unreadable.is_some());
        assert!(!first.response_cut && last.response_cut);
    }

    #[test]
    fn damage_is_told() {
        let error = |text: &str| read(text.as_bytes()).unwrap_err();
        assert!(error("{}").contains("missing field `log`"));
        let content = r#"{"log":{"entries":[{"request":{"method":"GET",
            "url":"https://ec2.amazonaws.com/?Action=A"},
            "response":{"status":200,"content":{"text":"?","encoding":"base64"}}}]}}"#;
        assert!(error(content).starts_with("entry 1: the content is not base64: "));
    }
}
