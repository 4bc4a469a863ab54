//! A running server, for the duration of a run.

use super::Fallible;
use super::install::{Installed, tail};
use super::table::Server;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take to start listening.
const PATIENCE: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(100);

/// Ends the server when it is dropped.
#[derive(Debug)]
pub(super) struct Serving {
    child: Child,
    address: SocketAddr,
}

impl Serving {
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // These fail only if the process has already ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts the server on a free loopback port and waits until it listens there. `--wait` of the run
/// then waits until it responds.
pub(super) fn start(dir: &Path, server: &Server, installed: &Installed) -> Fallible<Serving> {
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
    let port = address.port().to_string();
    let filled = |text: &String| text.replace("{port}", &port);
    // The files that it writes to its working directory are deleted with the installation.
    let folder = dir.join(format!("{}.run", server.name));
    fs::create_dir_all(&folder)?;
    let path = dir.join(format!("{}.log", server.name));
    let log = fs::File::create(&path)?;
    let child = Command::new(&installed.program)
        .args(server.args.iter().map(filled))
        .envs(server.env.iter().map(|(key, value)| (key, filled(value))))
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .map_err(|error| format!("does not start: {}: {error}", installed.program.display()))?;
    let mut serving = Serving { child, address };
    let started = Instant::now();
    while TcpStream::connect(address).is_err() {
        if let Some(ended) = serving.child.try_wait()? {
            return Err(format!("does not start: {ended}: {}", tail(&path)).into());
        }
        if started.elapsed() > PATIENCE {
            let seconds = PATIENCE.as_secs();
            return Err(format!("does not listen within {seconds} s: {}", tail(&path)).into());
        }
        std::thread::sleep(PAUSE);
    }
    Ok(serving)
}
