//! Writes a curl command that sends a request again.

use super::Sent;
use crate::format::case::Http;
use crate::text::shell_quoted;
use crate::wire::secrets;
use std::fmt::Write as _;

/// The longest body that is put in the command line. Linux allows 128 KiB for a word.
const WORD_LIMIT: usize = 64 << 10;

/// Headers that curl adds and this project's client does not.
const ADDED_BY_CURL: [&str; 3] = ["Accept", "User-Agent", "Expect"];

impl Sent {
    /// A command for a POSIX shell that sends the request again, signed with the caller's own
    /// credentials. Method, target, body and headers are the same bytes, except for the signature.
    ///
    /// A body that cannot be a word of the command line goes through `printf` and a pipe.
    pub(crate) fn curl(&self, region: &str) -> String {
        let (before, data) = self.data();
        let mut command = before;
        let version = match self.http {
            Http::One1 => "--http1.1",
            Http::One0 => "--http1.0",
        };
        let _ = write!(command, "curl -sS {version} --globoff --path-as-is ");
        match self.method.as_str() {
            "HEAD" => command.push_str("--head "),
            method => {
                let _ = write!(command, "-X {} ", shell_quoted(method));
            }
        }
        let _ = write!(
            command,
            "{} --aws-sigv4 {} --user \"${{AWS_ACCESS_KEY_ID:-test}}:${{AWS_SECRET_ACCESS_KEY:-test}}\"",
            shell_quoted(&self.url),
            shell_quoted(&format!("aws:amz:{region}:ec2")),
        );
        for (name, value) in &self.headers {
            if name.eq_ignore_ascii_case("x-amz-security-token") {
                let _ = write!(command, " -H \"{name}: $AWS_SESSION_TOKEN\"");
            } else if !is_made_by_curl(name) {
                // With an empty value curl would drop the header; this form keeps it.
                let header = if value.is_empty() {
                    format!("{name};")
                } else {
                    format!("{name}: {value}")
                };
                let _ = write!(command, " -H {}", shell_quoted(&header));
            }
        }
        let sent = |name: &str| {
            self.headers
                .iter()
                .any(|(n, _)| n.eq_ignore_ascii_case(name))
        };
        let with_data = (!data.is_empty()).then_some("Content-Type");
        for name in ADDED_BY_CURL.into_iter().chain(with_data) {
            if !sent(name) {
                let _ = write!(command, " -H {}", shell_quoted(&format!("{name}:")));
            }
        }
        command.push_str(&data);
        command
    }

    /// The command in front of curl, and curl's options for the body.
    fn data(&self) -> (String, String) {
        if self.body.is_empty() {
            // A POST without a body sends a length of 0, as the client does.
            let none = matches!(self.method.as_str(), "GET" | "HEAD");
            let data = if none { "" } else { " --data-raw ''" };
            return (String::new(), data.into());
        }
        match std::str::from_utf8(&self.body) {
            Ok(text) if text.len() <= WORD_LIMIT && !text.contains(char::is_control) => {
                (String::new(), format!(" --data-raw {}", shell_quoted(text)))
            }
            _ => (
                format!("printf {} | ", printf_format(&self.body)),
                " --data-binary @-".into(),
            ),
        }
    }
}

/// Headers that curl sets itself, and those that carry secrets.
fn is_made_by_curl(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        "host",
        "content-length",
        "x-amz-date",
        "x-amz-content-sha256",
    ]
    .contains(&name.as_str())
        || secrets::is_secret_header(&name)
}

/// A quoted format with which every POSIX `printf` writes exactly these bytes.
fn printf_format(bytes: &[u8]) -> String {
    let mut format = String::with_capacity(bytes.len() + 2);
    format.push('\'');
    for &byte in bytes {
        match byte {
            b'%' => format.push_str("%%"),
            // Octal escapes with three digits are the only ones that all shells support.
            b'\\' | b'\'' | 0..=0x1F | 0x7F.. => {
                let _ = write!(format, "\\{byte:03o}");
            }
            _ => format.push(char::from(byte)),
        }
    }
    format.push('\'');
    format
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::process::{Command, Stdio};

    /// What curl sends for the request: the lines of the head, and the body.
    fn sent_by_curl(mut sent: Sent) -> (Vec<String>, Vec<u8>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        sent.url = sent.url.replace("PORT", &port.to_string());
        let command = sent.curl("us-east-1");
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut got = Vec::new();
            let mut chunk = [0; 8192];
            loop {
                let read = stream.read(&mut chunk).unwrap();
                got.extend_from_slice(chunk.get(..read).unwrap());
                let text = String::from_utf8_lossy(&got);
                let Some(end) = text.find("\r\n\r\n").map(|at| at + 4) else {
                    continue;
                };
                let lines: Vec<String> = text
                    .get(..end)
                    .unwrap()
                    .lines()
                    .filter(|line| !line.is_empty())
                    .map(str::to_owned)
                    .collect();
                let length = lines
                    .iter()
                    .find_map(|l| l.strip_prefix("Content-Length: "))
                    .map_or(0, |length| length.parse::<usize>().unwrap());
                if got.len() >= end + length {
                    stream
                        .write_all(
                            b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                        )
                        .unwrap();
                    return (lines, got.split_off(end));
                }
            }
        });
        // Run it as typed: the shell's own limit for a script is higher.
        let mut shell = Command::new("sh")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .env_remove("AWS_ACCESS_KEY_ID")
            .env_remove("AWS_SECRET_ACCESS_KEY")
            .env("AWS_SESSION_TOKEN", "a token")
            .spawn()
            .unwrap();
        let mut stdin = shell.stdin.take().unwrap();
        stdin.write_all(command.as_bytes()).unwrap();
        drop(stdin);
        let ended = shell.wait_with_output().unwrap();
        assert!(ended.status.success(), "{command}: {ended:?}");
        server.join().unwrap()
    }

    fn has_curl() -> bool {
        let there = Command::new("curl").arg("--version").output().is_ok();
        if !there {
            // Not captured with the test's output, so that it is seen.
            let _ = writeln!(std::io::stderr(), "skipped: curl is missing");
        }
        there
    }

    fn request(method: &str, query: &str, body: &[u8]) -> Sent {
        let headers = [
            ("host", "127.0.0.1"),
            (
                "content-type",
                "application/x-www-form-urlencoded; charset=utf-8",
            ),
            ("x-odd", "it's \"$HOME\" `x` \\"),
            ("x-empty", ""),
            ("x-amz-date", "20261124T000000Z"),
            ("authorization", "AWS4-HMAC-SHA256 Signature=hush"),
        ];
        Sent {
            method: method.into(),
            url: format!("http://127.0.0.1:PORT/{query}"),
            headers: headers.map(|(n, v)| (n.to_owned(), v.to_owned())).into(),
            body: body.into(),
            http: Http::One1,
        }
    }

    #[test]
    fn curl_sends_the_same_bytes() {
        if !has_curl() {
            return;
        }
        let every_byte: Vec<u8> = (0..=255).collect();
        let long = vec![b'v'; WORD_LIMIT * 3];
        for body in [
            b"Action=A&V=a+b%20c'd\"e$f`g\\h@i".as_slice(),
            b"@file",
            b"two\r\nlines\n",
            "é=日".as_bytes(),
            b"%s%d%",
            &every_byte,
            &long,
            b"",
        ] {
            let (head, got) = sent_by_curl(request("POST", "", body));
            assert!(got == body, "{:?}", String::from_utf8_lossy(body));
            assert_eq!(head.first().unwrap(), "POST / HTTP/1.1");
            assert!(
                head.contains(&format!("Content-Length: {}", body.len())),
                "{head:?}"
            );
            let mut names: Vec<String> = head
                .iter()
                .skip(1)
                .map(|line| line.split(':').next().unwrap().to_ascii_lowercase())
                .collect();
            names.sort();
            assert_eq!(
                names,
                [
                    "authorization",
                    "content-length",
                    "content-type",
                    "host",
                    "x-amz-date",
                    "x-empty",
                    "x-odd",
                ]
            );
            assert!(
                head.contains(&"x-odd: it's \"$HOME\" `x` \\".to_owned()),
                "{head:?}"
            );
            assert!(!head.iter().any(|line| line.contains("hush")), "{head:?}");
        }
    }

    #[test]
    fn curl_keeps_methods_targets_and_tokens() {
        if !has_curl() {
            return;
        }
        for (method, query) in [
            ("GET", "?Action=A&Tag.1.Value=%5Ba-c%5D+{x}"),
            ("HEAD", "?Action=A"),
            ("PUT", ""),
        ] {
            let mut sent = request(method, query, b"");
            sent.headers.retain(|(name, _)| name != "content-type");
            sent.headers
                .push(("x-amz-security-token".into(), "a secret".into()));
            let (head, _) = sent_by_curl(sent);
            assert_eq!(
                head.first().unwrap(),
                &format!("{method} /{query} HTTP/1.1")
            );
            assert!(
                head.contains(&"x-amz-security-token: a token".to_owned()),
                "{head:?}"
            );
            assert!(
                !head.iter().any(|line| line.starts_with("Content-Type")),
                "{head:?}"
            );
        }
    }

    #[test]
    fn no_secret_stands_in_the_command() {
        let mut sent = request("POST", "", b"x");
        sent.headers
            .push(("X-Amz-Security-Token".into(), "a secret".into()));
        let command = sent.curl("us-east-1");
        assert!(
            !command.contains("secret") && !command.contains("hush"),
            "{command}"
        );
    }
}
