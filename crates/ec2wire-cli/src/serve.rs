//! `ec2wire serve`.

use crate::args::{self, Serve};
use crate::log::aside;
use crate::{Failure, block_on, replace, signals};
use ec2wire_reference::sabotage::{self, Quirk};
use ec2wire_reference::{Config, Endpoint, World};
use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Write as _, stdout};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// The name that lists all faults or variants.
const LIST: &str = "list";

/// Runs the reference endpoint until it is interrupted.
pub(crate) fn run(args: &Serve) -> Result<u8, Failure> {
    if args.account.len() != 12 || !args.account.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Failure::usage("an account id must have 12 digits"));
    }
    if !is_name(&args.region, |byte| byte.is_ascii_lowercase()) {
        return Err(Failure::usage(format!(
            "the Region `{}` must be of lower-case letters, digits and hyphens, as us-east-1",
            args.region
        )));
    }
    let is_ipam = |id: &&String| is_name(id, |byte| byte.is_ascii_alphabetic());
    if let Some(id) = args.ipam_id.iter().find(|id| !is_ipam(id)) {
        return Err(Failure::usage(format!(
            "the IPAM id `{id}` must be of letters, digits and hyphens, as ipam-0123456789abcdef0"
        )));
    }
    if [&args.quirk.sabotage, &args.quirk.variant].contains(&&Some(LIST.into())) {
        return list(args.quirk.variant.is_some());
    }
    let quirk = find(&args.quirk)?;
    block_on(async {
        let config = Config {
            account: args.account.clone(),
            region: args.region.clone(),
            ipam_ids: args.ipam_id.clone(),
            policies_per_ipam: args.policies_per_ipam,
            strict: args.strict,
            forget_after: args.forget_after,
            seed: args.seed,
            quirk,
        };
        let state = args.state.clone().map(StateFile::new).map(Arc::new);
        let world = world(config, state.clone())?;
        // Before it listens, since clients may take all descriptors.
        let mut stopped = signals::interrupted().map_err(Failure::environment)?;
        let bound = Endpoint::bind_world(args.listen, Arc::clone(&world)).await;
        let endpoint = bound.map_err(|error| {
            let hint = match error.kind() {
                ErrorKind::AddrInUse => "; choose another one with --listen",
                _ => "",
            };
            Failure::environment(format!("{}: {error}{hint}", args.listen))
        })?;
        // Programs read the port from the first line. A program that then closes the pipe still needs the
        // endpoint, so later writes may fail.
        let mut out = stdout().lock();
        writeln!(out, "listening on {}", endpoint.url())?;
        out.flush()?;
        for id in &args.ipam_id {
            let _ = writeln!(out, "ipam {id}");
        }
        if let Some(quirk) = quirk {
            let kind = if quirk.is_variant() {
                "variant"
            } else {
                "sabotage"
            };
            let _ = writeln!(out, "{kind} {}: {}", quirk.name, quirk.summary);
        }
        drop(out);
        _ = stopped.wait_for(|stop| *stop).await;
        endpoint.stop().await;
        if let Some(state) = state {
            state.save(&world).map_err(Failure::environment)?;
        }
        Ok(0)
    })
}

/// Whether a text is of digits, hyphens and certain letters. No request could name anything else.
fn is_name(text: &str, is_letter: impl Fn(u8) -> bool) -> bool {
    let is_part = |byte: u8| byte.is_ascii_digit() || byte == b'-' || is_letter(byte);
    !text.is_empty() && text.bytes().all(is_part)
}

/// A world with what the file says, which tells when an answer is made up.
fn world(config: Config, state: Option<Arc<StateFile>>) -> Result<Arc<World>, Failure> {
    let world = World::new(config).noting_made_up(|action| {
        aside(format!(
            "made up: {action}; nothing is known of what it reads, and --strict refuses it"
        ));
    });
    let Some(state) = state else {
        return Ok(Arc::new(world));
    };
    state.load(&world)?;
    let world = world.saving(move |world| state.save(world));
    Ok(Arc::new(world))
}

/// The file that a world is loaded from and saved to.
struct StateFile {
    path: PathBuf,
    /// Held while it is written: two at once would get in each other's way.
    writing: Mutex<()>,
}

impl StateFile {
    fn new(path: PathBuf) -> Self {
        Self {
            path,
            writing: Mutex::new(()),
        }
    }

    /// Loads the file, if there is one. Fails if it could not be written later.
    fn load(&self, world: &World) -> Result<(), Failure> {
        let of_file = |error: &dyn fmt::Display| format!("{}: {error}", self.path.display());
        replace::try_path(&self.path).map_err(|error| Failure::environment(of_file(&error)))?;
        match File::open(&self.path) {
            Ok(file) => {
                let loaded = world.load(BufReader::new(file));
                loaded.map_err(|error| Failure::usage(of_file(&error)))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(Failure::environment(of_file(&error))),
        }
    }

    /// Writes the file as a whole: the old content stays until the new one is complete.
    fn save(&self, world: &World) -> io::Result<()> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut content = Vec::new();
        let saved = world.save(&mut content);
        let content = String::from_utf8(content).map_err(io::Error::other);
        saved
            .and(content)
            .and_then(|content| replace::write(&self.path, &content))
            .map_err(|error| {
                io::Error::new(error.kind(), format!("{}: {error}", self.path.display()))
            })
    }
}

fn find(args: &args::Quirk) -> Result<Option<&'static Quirk>, Failure> {
    match (&args.sabotage, &args.variant) {
        (Some(name), _) => sabotage::any_fault(name).map(Some),
        (None, Some(name)) => sabotage::any_variant(name).map(Some),
        (None, None) => Ok(None),
    }
    .map_err(Failure::usage)
}

/// Lists the faults or the variants, one per line.
fn list(variants: bool) -> Result<u8, Failure> {
    let quirks: Vec<&Quirk> = if variants {
        let of_world = sabotage::world_variants().map(|variant| variant.quirk);
        sabotage::variants().chain(of_world).collect()
    } else {
        let of_world = sabotage::world_faults().map(|fault| fault.quirk);
        sabotage::faults().chain(of_world).collect()
    };
    let name_width = quirks
        .iter()
        .map(|quirk| quirk.name.len())
        .max()
        .unwrap_or(0);
    let mut out = anstream::stdout().lock();
    for quirk in quirks {
        match quirk.area {
            Some(area) => writeln!(
                out,
                "{:6}  {area:11}  {:name_width$}  {}",
                quirk.level, quirk.name, quirk.summary
            )?,
            None => writeln!(out, "{:name_width$}  {}", quirk.name, quirk.summary)?,
        }
    }
    Ok(0)
}
