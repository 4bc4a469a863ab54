//! The generated phase of `ec2wire verify server`.

use crate::Failure;
use crate::args::Generate;
use ec2wire_conformance::Catalogue;
use ec2wire_conformance::generate::Generator;
use ec2wire_conformance::generate::save::{Saved, save};
use ec2wire_conformance::generate::shrink::{Limits, Shrunk, shrink};
use ec2wire_conformance::record::Generated;
use ec2wire_conformance::record::{CaseRecord, RunRecord};
use ec2wire_conformance::runner::Options;
use ec2wire_conformance::subject::http::HttpSubject;
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;

/// The generated cases of a run.
pub(crate) struct GeneratedPhase {
    /// The generator and its cases; `None` if --generate was not given.
    generator: Option<(Generator, Generated)>,
    folder: Option<PathBuf>,
}

impl GeneratedPhase {
    /// Adds the generated cases to the catalogue, and creates the folder for failures.
    pub(crate) fn prepare(args: &Generate, catalogue: &mut Catalogue) -> Result<Self, Failure> {
        let folder = args.save_failures.clone();
        if folder.is_some() && args.count == 0 {
            return Err(Failure::usage(
                "--save-failures requires --generate: only generated requests are saved",
            ));
        }
        if let Some(folder) = &folder {
            std::fs::create_dir_all(folder)
                .map_err(|error| Failure::usage(format!("{}: {error}", folder.display())))?;
        }
        let generator = if args.count == 0 {
            None
        } else {
            let generator = Generator::new(catalogue, args.seed).map_err(Failure::environment)?;
            let cases = generator.cases(args.count).map_err(Failure::environment)?;
            catalogue.add_generated(cases);
            let generated = Generated {
                count: args.count,
                seed: args.seed,
            };
            Some((generator, generated))
        };
        Ok(Self { generator, folder })
    }

    /// The facts for the run's record.
    pub(crate) fn generated(&self) -> Option<Generated> {
        self.generator.as_ref().map(|(_, generated)| *generated)
    }

    /// Whether the case is one of those that were generated.
    pub(crate) fn has_made(&self, case: &CaseRecord) -> bool {
        self.generator
            .as_ref()
            .is_some_and(|(generator, _)| generator.has_made(case))
    }

    /// Shrinks the failures, except on AWS, because it takes many requests.
    pub(crate) async fn shrink(
        &self,
        record: &mut RunRecord,
        catalogue: &Catalogue,
        subject: &HttpSubject,
        options: &Options,
    ) -> Result<Vec<Shrunk>, Failure> {
        match &self.generator {
            Some((generator, _))
                if !subject.is_aws()
                    && !record.summary.unreachable
                    && record.summary.stopped.is_none() =>
            {
                shrink(
                    record,
                    generator,
                    catalogue,
                    subject,
                    options,
                    Limits::default(),
                )
                .await
                .map_err(Failure::environment)
            }
            _ => Ok(Vec::new()),
        }
    }

    /// Reports what was generated, and saves the failures.
    pub(crate) fn finish(&self, shrunk: &[Shrunk]) -> Result<(), Failure> {
        let Some(Generated { count, seed }) = self.generated() else {
            return Ok(());
        };
        let mut lines = vec![format!(
            "{count} requests were generated; --generate {count} --seed {seed} generates the same ones"
        )];
        for shrunk in shrunk {
            let Some(folder) = &self.folder else {
                continue;
            };
            let saved = save(folder, shrunk)
                .map_err(|error| Failure::environment(format!("{}: {error}", folder.display())))?;
            lines.push(match saved {
                Saved::Written(path) => format!("saved {}", path.display()),
                Saved::Known(path) => format!("already saved: {}", path.display()),
                Saved::Kept(path) => {
                    format!(
                        "not saved: {} already exists with other content",
                        path.display()
                    )
                }
            });
        }
        if !shrunk.is_empty() && self.folder.is_none() {
            lines.push("to save the failures as cases, use --save-failures DIR".into());
        }
        match say(&lines) {
            // A reader that closes the pipe early, such as `head`, does not change the verdict.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            said => Ok(said?),
        }
    }
}

fn say(lines: &[String]) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    writeln!(out)?;
    for line in lines {
        writeln!(out, "{line}")?;
    }
    out.flush()
}
