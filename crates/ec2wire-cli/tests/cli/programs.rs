//! Programs that run while a test talks to them.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

pub(crate) const OWN: &str = env!("CARGO_BIN_EXE_ec2wire");

/// A program that prints its URL in the first line.
pub(crate) struct Listening {
    pub(crate) child: Child,
    pub(crate) out: BufReader<ChildStdout>,
    pub(crate) url: String,
}

impl Listening {
    pub(crate) fn start(args: &[&str]) -> Self {
        Self::from(Command::new(OWN).args(args).stderr(Stdio::null()))
    }

    /// Starts a command that ends with the arguments of this program.
    pub(crate) fn from(command: &mut Command) -> Self {
        let mut child = command
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").unwrap();
        let url = url.trim_end_matches('/').to_owned();
        Self { child, out, url }
    }

    /// Sends a form, and returns the answer.
    pub(crate) fn call(&self, body: &str) -> String {
        self.post("/", body)
    }

    /// Sends a form to a path, and returns the answer.
    pub(crate) fn post(&self, path: &str, body: &str) -> String {
        let address = self.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let patience = Some(Duration::from_secs(20));
        stream.set_read_timeout(patience).unwrap();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\
             X-Amz-Security-Token: hidden\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

#[test]
fn a_seed_gives_the_same_ids_each_time() {
    let id = || {
        let server = Listening::start(&["serve", "--seed", "7"]);
        let answer = server.call("Action=CreateIpam&Version=2016-11-15");
        let (_, rest) = answer.split_once("<ipamId>").unwrap();
        rest.split_once('<').unwrap().0.to_owned()
    };
    assert_eq!(id(), id());
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal, such as `INT`.
pub(crate) fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    let sent = Command::new("kill").args(["-s", name, &id]).status();
    assert!(sent.unwrap().success());
}

/// How the program ends within that time; `None` if it does not.
#[cfg(unix)]
pub(crate) fn ends(child: &mut Child, within: Duration) -> Option<std::process::ExitStatus> {
    let since = std::time::Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        if since.elapsed() > within {
            return None;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
