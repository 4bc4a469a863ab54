//! Requests over plain sockets, to keep the loader's own cost low: a request is built once, and only the
//! status and length of a response are read.

#![expect(clippy::unwrap_used, reason = "a bench fails by panicking")]

use ec2wire::ipam::CreateIpamPolicy;
use ec2wire::{Operation as _, ResourceType, Tag, TagSpecification};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

/// A persistent connection.
pub struct Connection {
    stream: TcpStream,
    reader: BufReader<TcpStream>,
    line: String,
    body: Vec<u8>,
}

impl Connection {
    /// Connects to a server.
    ///
    /// # Panics
    ///
    /// If the connection fails.
    pub fn new(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            reader: BufReader::with_capacity(1 << 16, stream.try_clone().unwrap()),
            stream,
            line: String::new(),
            body: Vec::new(),
        }
    }

    /// Sends a request and reads the response.
    ///
    /// # Panics
    ///
    /// If the response is not a success, or the connection ends.
    pub fn ask(&mut self, request: &[u8]) {
        self.stream.write_all(request).unwrap();
        read_answer(&mut self.reader, &mut self.line, &mut self.body);
    }
}

/// Reads a response, which must be a success, with a content length or in chunks.
fn read_answer(reader: &mut BufReader<TcpStream>, line: &mut String, body: &mut Vec<u8>) {
    let mut next_line = |reader: &mut BufReader<TcpStream>| {
        line.clear();
        assert!(reader.read_line(line).unwrap() > 0, "the connection ended");
        line.trim_end().to_ascii_lowercase()
    };
    let status = next_line(reader);
    let mut length = None;
    loop {
        let header = next_line(reader);
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = Some(value.trim().parse::<usize>().unwrap());
        }
    }
    let mut read = |reader: &mut BufReader<TcpStream>, length: usize| {
        body.resize(length, 0);
        reader.read_exact(body).unwrap();
    };
    match length {
        Some(length) => read(reader, length),
        None => loop {
            let length = usize::from_str_radix(&next_line(reader), 16).unwrap();
            read(reader, length + 2);
            if length == 0 {
                break;
            }
        },
    }
    assert!(
        status.starts_with("http/1.1 200"),
        "{status}\n{}",
        String::from_utf8_lossy(body)
    );
}

/// A `CreateIpamPolicy` with a tag, as a whole HTTP request.
///
/// # Panics
///
/// Never: this request can always be encoded.
pub fn request(address: SocketAddr, ipam_id: &str) -> Vec<u8> {
    let mut request: CreateIpamPolicy = CreateIpamPolicy::new(ipam_id);
    let tag = Tag::new("Name", "a b");
    request.tag_specifications = vec![TagSpecification::new(ResourceType::IpamPolicy, [tag])];
    let body = request.to_body().unwrap();
    format!(
        "POST / HTTP/1.1\r\nhost: {address}\r\n\
         content-type: application/x-www-form-urlencoded; charset=utf-8\r\n\
         authorization: AWS4-HMAC-SHA256 Credential=test/20261101/us-east-1/ec2/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature=0\r\nx-amz-date: 20261101T000000Z\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
