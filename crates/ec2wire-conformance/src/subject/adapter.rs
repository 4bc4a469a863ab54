//! A client under test: a program that makes the calls it is told to make. Orders and results are
//! lines of JSON.

use crate::text::shell_quoted;
use crate::wire::secrets::Known;
use ec2wire_reference::client;
use ec2wire_reference::sabotage::Quirk;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::process::{Child, Command};
use tokio::task::JoinSet;

/// How much of a program's standard error is kept, in bytes.
const STDERR_KEPT: usize = 2000;
/// The maximum length of a program's output line, in bytes.
const LONGEST_LINE: u64 = 8 * 1024 * 1024;
/// How much a client in this process may leave unread, in bytes.
const PIPE: usize = 64 * 1024;
/// How long a program may take to end after it was told to.
const GRACE: Duration = Duration::from_millis(500);

/// A client that can be started.
#[derive(Debug, Clone)]
pub struct Adapter {
    program: Program,
    timeout: Duration,
}

#[derive(Debug, Clone)]
enum Program {
    Command {
        program: OsString,
        args: Vec<OsString>,
    },
    /// The reference client, in this process.
    Own(Option<&'static Quirk>),
}

/// An order to an adapter.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Order<'o> {
    pub(crate) id: &'o str,
    pub(crate) endpoint: &'o str,
    pub(crate) region: &'o str,
    pub(crate) credentials: Credentials<'o>,
    pub(crate) operation: &'o str,
    pub(crate) input: &'o serde_json::Value,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Credentials<'o> {
    pub(crate) access_key_id: &'o str,
    pub(crate) secret_access_key: &'o str,
}

/// The result that a client reports for a call.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub(crate) enum CallResult {
    Ok {
        output: serde_json::Value,
    },
    #[serde(rename_all = "camelCase")]
    Error {
        kind: ErrorKind,
        #[serde(default)]
        code: Option<String>,
        #[serde(default)]
        message: Option<String>,
        #[serde(default)]
        status: Option<u16>,
        #[serde(default)]
        request_id: Option<String>,
    },
}

/// The origin of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ErrorKind {
    /// EC2 answered with an error.
    Service,
    /// The client refused the call, or could not read the answer.
    Client,
    /// No complete answer came.
    Transport,
}

impl ErrorKind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Client => "client",
            Self::Transport => "transport",
        }
    }
}

/// Why a client returned no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lost {
    /// The program could not be started.
    NotStarted(String),
    /// The program ended.
    Died(String),
    /// No result came in time.
    Hung(Duration),
    /// The program wrote something other than a result.
    Garbled(String),
}

impl std::fmt::Display for Lost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotStarted(what) => write!(f, "the client could not be started: {what}"),
            Self::Died(what) => write!(f, "the client ended during the call: {what}"),
            Self::Hung(limit) => {
                write!(
                    f,
                    "the client returned no result within {} s",
                    limit.as_secs_f64()
                )
            }
            Self::Garbled(what) => write!(f, "invalid answer from the adapter: {what}"),
        }
    }
}

impl Adapter {
    /// The program and its arguments. `timeout` limits each call.
    pub fn new(program: OsString, args: Vec<OsString>, timeout: Duration) -> Self {
        Self {
            program: Program::Command { program, args },
            timeout,
        }
    }

    /// The reference client, which runs in this process, with a fault.
    pub fn own(quirk: Option<&'static Quirk>, timeout: Duration) -> Self {
        Self {
            program: Program::Own(quirk),
            timeout,
        }
    }

    /// The command as a shell takes it.
    pub fn command(&self) -> String {
        let (program, args) = match &self.program {
            Program::Command { program, args } => (program, args),
            Program::Own(None) => return "ec2wire adapter".into(),
            Program::Own(Some(quirk)) => {
                return format!("ec2wire adapter --sabotage {}", quirk.name);
            }
        };
        let words = std::iter::once(program).chain(args);
        let quoted: Vec<String> = words
            .map(|word| {
                let word = word.to_string_lossy();
                let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
                if !word.is_empty() && word.chars().all(plain) {
                    word.into_owned()
                } else {
                    shell_quoted(&word)
                }
            })
            .collect();
        quoted.join(" ")
    }

    /// The time limit for a call.
    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Starts the program.
    pub(crate) fn start(&self) -> Result<Process, Lost> {
        let (program, args) = match &self.program {
            Program::Command { program, args } => (program, args),
            Program::Own(quirk) => return Ok(Process::own(*quirk)),
        };
        let failed = |error: std::io::Error| {
            Lost::NotStarted(format!("{}: {error}", program.to_string_lossy()))
        };
        let mut command = Command::new(program);
        command
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut group = Group::start(&mut command).map_err(failed)?;
        let missing = || Lost::NotStarted("its standard streams are missing".into());
        let to = group.child.stdin.take().ok_or_else(missing)?;
        let from = group.child.stdout.take().ok_or_else(missing)?;
        let mut errors = group.child.stderr.take().ok_or_else(missing)?;
        let stderr = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&stderr);
        tokio::spawn(async move {
            let mut piece = [0; 1024];
            while let Ok(length @ 1..) = errors.read(&mut piece).await {
                if let Ok(mut kept) = kept.lock() {
                    kept.extend_from_slice(piece.get(..length).unwrap_or_default());
                    let over = kept.len().saturating_sub(STDERR_KEPT);
                    kept.drain(..over);
                }
            }
        });
        Ok(Process {
            runs: Running::Group(group),
            to: Box::new(to),
            from: buffered(from),
            stderr,
        })
    }
}

type From = Box<dyn AsyncRead + Send + Unpin>;

fn buffered(from: impl AsyncRead + Send + Unpin + 'static) -> BufReader<From> {
    BufReader::new(Box::new(from))
}

/// The next line that is not blank; `None` at the end. A line that is too long is cut.
async fn next_line(from: &mut BufReader<From>) -> std::io::Result<Option<Vec<u8>>> {
    loop {
        let mut line = Vec::new();
        let mut limited = (&mut *from).take(LONGEST_LINE + 1);
        if limited.read_until(b'\n', &mut line).await? == 0 {
            return Ok(None);
        }
        if !line.trim_ascii().is_empty() {
            return Ok(Some(line));
        }
    }
}

/// A program and its child processes: many a client is a script that starts another program.
#[derive(Debug)]
struct Group {
    child: Child,
    #[cfg(unix)]
    id: Option<rustix::process::Pid>,
}

impl Group {
    #[cfg(unix)]
    fn start(command: &mut Command) -> std::io::Result<Self> {
        let child = command.process_group(0).spawn()?;
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        let id = id.and_then(rustix::process::Pid::from_raw);
        Ok(Self { child, id })
    }

    #[cfg(not(unix))]
    fn start(command: &mut Command) -> std::io::Result<Self> {
        command.spawn().map(|child| Self { child })
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(id) = self.id {
            // A process that has ended needs no signal.
            _ = rustix::process::kill_process_group(id, rustix::process::Signal::KILL);
        }
    }
}

/// The running client, which ends when this is dropped.
#[derive(Debug)]
enum Running {
    Group(Group),
    Task(#[expect(dead_code, reason = "dropping it ends the task")] JoinSet<()>),
}

/// A running adapter.
pub(crate) struct Process {
    runs: Running,
    to: Box<dyn AsyncWrite + Send + Unpin>,
    from: BufReader<From>,
    /// The end of its standard error.
    stderr: Arc<Mutex<Vec<u8>>>,
}

#[derive(Deserialize)]
struct Line {
    id: serde_json::Value,
    #[serde(flatten)]
    result: CallResult,
}

impl Process {
    fn own(quirk: Option<&'static Quirk>) -> Self {
        let (to, orders) = tokio::io::duplex(PIPE);
        let (answers, from) = tokio::io::duplex(PIPE);
        let mut task = JoinSet::new();
        task.spawn(async move {
            // A broken stream ends the client, which is noticed.
            _ = client::adapt(BufReader::new(orders), answers, quirk).await;
        });
        Self {
            runs: Running::Task(task),
            to: Box::new(to),
            from: buffered(from),
            stderr: Arc::default(),
        }
    }

    /// Gives an order and waits that long for the result.
    ///
    /// After an error the process cannot be used any more.
    pub(crate) async fn call(
        &mut self,
        order: &Order<'_>,
        limit: Duration,
    ) -> Result<CallResult, Lost> {
        let mut line = serde_json::to_vec(order).map_err(|e| Lost::Garbled(e.to_string()))?;
        line.push(b'\n');
        let exchange = async {
            let sent = async {
                self.to.write_all(&line).await?;
                self.to.flush().await
            };
            if sent.await.is_err() {
                return Ok(None);
            }
            next_line(&mut self.from).await
        };
        match tokio::time::timeout(limit, exchange).await {
            Err(_) => Err(Lost::Hung(limit)),
            Ok(Err(error)) => Err(Lost::Garbled(error.to_string())),
            Ok(Ok(None)) => Err(Lost::Died(self.last_words().await)),
            // Redact before cutting: a cut text may end within the secret.
            Ok(Ok(Some(line))) => {
                let known = Known::new([order.credentials.secret_access_key]);
                parse_result(&known.redact(line), order.id).map_err(Lost::Garbled)
            }
        }
    }

    /// How the program ended, and the last line of its standard error.
    async fn last_words(&mut self) -> String {
        let child = match &mut self.runs {
            Running::Group(group) => &mut group.child,
            Running::Task(_) => return "the client returned".into(),
        };
        let ended = tokio::time::timeout(GRACE, child.wait()).await;
        let status = match ended {
            Ok(Ok(status)) => status.to_string(),
            _ => "the client closed its standard output".into(),
        };
        // The last lines may still be on their way.
        tokio::time::sleep(Duration::from_millis(20)).await;
        let stderr = self
            .stderr
            .lock()
            .map(|stderr| stderr.clone())
            .unwrap_or_default();
        let stderr = String::from_utf8_lossy(&stderr);
        match stderr.lines().rev().find(|line| !line.trim().is_empty()) {
            Some(last) => format!("{status}; {}", last.trim()),
            None => status,
        }
    }

    /// Lets the program end by itself, by closing its standard input.
    pub(crate) async fn stop(self) {
        let Self { runs, to, .. } = self;
        drop(to);
        if let Running::Group(mut group) = runs {
            // Dropping a program that does not end kills it.
            _ = tokio::time::timeout(GRACE, group.child.wait()).await;
        }
    }
}

fn parse_result(line: &[u8], id: &str) -> Result<CallResult, String> {
    if line.len() as u64 > LONGEST_LINE {
        return Err(format!("a line is longer than {LONGEST_LINE} bytes"));
    }
    let text = String::from_utf8_lossy(line);
    let shown: String = text.trim().chars().take(200).collect();
    let value: serde_json::Value = match serde_json::from_slice(line) {
        Ok(value @ serde_json::Value::Object(_)) => value,
        _ => {
            return Err(format!(
                "expected a JSON object on standard output, got `{shown}`"
            ));
        }
    };
    let line: Line =
        serde_json::from_value(value).map_err(|error| format!("{error}, got `{shown}`"))?;
    if line.id != id {
        return Err(format!("expected the id {id:?}, got {shown}"));
    }
    Ok(line.result)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;

    #[test]
    fn lines_are_read() {
        let ok = parse_result(
            br#"{"id":"1","outcome":"ok","output":{"A":1},"more":2}"#,
            "1",
        )
        .unwrap();
        assert!(matches!(ok, CallResult::Ok { output } if output == serde_json::json!({ "A": 1 })));
        let error = r#"{"id":"1","outcome":"error","kind":"service","code":"A","status":400,
            "requestId":null}"#;
        let CallResult::Error { kind, status, .. } = parse_result(error.as_bytes(), "1").unwrap()
        else {
            unreachable!()
        };
        assert_eq!((kind, status), (ErrorKind::Service, Some(400)));
        for wrong in [
            "",
            "hello",
            r#"{"id":"2","outcome":"ok","output":{}}"#,
            r#"{"id":"1","outcome":"ok"}"#,
            r#"{"id":"1","outcome":"error","kind":"other"}"#,
        ] {
            assert!(parse_result(wrong.as_bytes(), "1").is_err(), "{wrong}");
        }
    }

    #[test]
    fn commands_are_quoted() {
        let adapter = Adapter::new("python3".into(), vec!["a b.py".into()], GRACE);
        assert_eq!(adapter.command(), "python3 'a b.py'");
    }
}
