//! Reads files of cases and requirements: the embedded ones, and those that people write.

use super::{Catalogue, check};
use crate::format::case::{Case, CaseFile, Phase, Step};
use crate::format::embedded;
use crate::format::place::{self, CatalogueError, Mistake, Under as _};
use crate::format::requirement::{Evidence, Requirement};
use ec2wire::contract::Level;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer, ValueDeserializer};

/// What files of cases and requirements have, and every mistake in them.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// How many files were read.
    pub files: usize,
    /// How many requirements they have.
    pub requirements: usize,
    /// How many cases they have, as `for-each` expands them.
    pub cases: usize,
    /// What is wrong, in the order of the files.
    pub mistakes: Vec<CatalogueError>,
}

impl Reading {
    /// Fails with the first mistake.
    fn valid(self) -> Result<(), CatalogueError> {
        self.mistakes.into_iter().next().map_or(Ok(()), Err)
    }
}

/// A file's name in errors, and its text.
struct Source {
    name: String,
    text: String,
}

/// A file's parts, each with its position among those of its kind.
#[derive(Default)]
struct Parts {
    prefix: String,
    phase: Phase,
    requirements: Vec<(usize, Requirement)>,
    cases: Vec<(usize, Case)>,
}

/// The beginning of the ids of the stories.
pub const STORIES: &str = "stories/";

impl Catalogue {
    /// Adds the stories: scenarios over many actions, with requirements of their own. They are not
    /// among the [embedded](Self::embedded) cases, because a server may well lack the actions.
    ///
    /// ```
    /// use ec2wire_inspect::Catalogue;
    ///
    /// let mut catalogue = Catalogue::without_cases()?;
    /// catalogue.add_stories()?;
    /// assert!(catalogue.cases().iter().any(|case| case.id == "stories/instance/life"));
    /// # Ok::<(), ec2wire_inspect::CatalogueError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Only if the embedded files are wrong, which a test excludes.
    pub fn add_stories(&mut self) -> Result<(), CatalogueError> {
        let sources = embedded::STORIES.iter().map(|file| Source {
            name: file.path.to_owned(),
            text: file.text.to_owned(),
        });
        let sources: Vec<Source> = sources.collect();
        self.read(&sources).valid()
    }

    /// Adds files of cases and requirements, and folders with `*.toml` files. A case may be about a
    /// requirement of any of the files.
    ///
    /// # Errors
    ///
    /// The first mistake. Nothing is added then.
    pub fn add_paths(&mut self, paths: &[PathBuf]) -> Result<(), CatalogueError> {
        self.read_paths(paths).valid()
    }

    /// Like [`add_paths`](Self::add_paths), but says everything that is wrong and how much there is.
    ///
    /// ```
    /// use ec2wire_inspect::Catalogue;
    ///
    /// let mut catalogue = Catalogue::without_cases()?;
    /// let reading = catalogue.read_paths(&["no-such-file.toml".into()]);
    /// assert_eq!((reading.files, reading.mistakes.len()), (0, 1));
    /// # Ok::<(), ec2wire_inspect::CatalogueError>(())
    /// ```
    pub fn read_paths(&mut self, paths: &[PathBuf]) -> Reading {
        let mut sources = Vec::new();
        let mut mistakes = Vec::new();
        for path in paths {
            match files_of(path) {
                Ok(found) => sources.extend(found),
                Err(mistake) => mistakes.push(mistake),
            }
        }
        let mut reading = self.read(&sources);
        mistakes.append(&mut reading.mistakes);
        Reading {
            mistakes,
            ..reading
        }
    }

    /// Adds a file of cases; `file` names it in errors.
    ///
    /// # Errors
    ///
    /// The first mistake. Nothing is added then.
    pub fn add_cases(&mut self, file: &str, text: &str) -> Result<(), CatalogueError> {
        let source = Source {
            name: file.to_owned(),
            text: text.to_owned(),
        };
        self.read(&[source]).valid()
    }

    fn read(&mut self, sources: &[Source]) -> Reading {
        let mut found: Vec<Vec<CatalogueError>> = Vec::new();
        let mut all = Vec::new();
        let mut own = Vec::new();
        // A case may be about a requirement of a later file.
        for source in sources {
            let mut mistakes = Vec::new();
            let parts = Parts::read(source, &mut mistakes, &mut |broken| {
                self.stand_in(broken, &mut own);
            });
            self.add_requirements(source, &parts.requirements, &mut mistakes, &mut own);
            found.push(mistakes);
            all.push(parts);
        }
        let mut reading = Reading {
            files: sources.len(),
            requirements: own.len(),
            ..Reading::default()
        };
        let mut ids: BTreeSet<String> = self.cases.iter().map(|case| case.id.clone()).collect();
        let mut cases = Vec::new();
        for ((source, parts), mut mistakes) in sources.iter().zip(all).zip(found) {
            cases.extend(self.expanded(source, parts, &mut ids, &mut mistakes));
            mistakes.sort_by_key(CatalogueError::line_and_column);
            reading.mistakes.extend(mistakes);
        }
        reading.cases = cases.len();
        if reading.mistakes.is_empty() {
            self.cases.extend(cases);
        } else {
            // A file with a mistake adds nothing.
            for id in own {
                self.requirements.remove(&id);
            }
        }
        reading
    }

    /// Adds a file's requirements. Those with a mistake are added too, so that no case is blamed for
    /// being about them.
    fn add_requirements(
        &mut self,
        source: &Source,
        requirements: &[(usize, Requirement)],
        mistakes: &mut Vec<CatalogueError>,
        own: &mut Vec<String>,
    ) {
        for (at, requirement) in requirements {
            let mut wrong = check::own_requirement(requirement);
            let id = &requirement.id;
            if own.contains(id) {
                let mistake = Mistake::new(format!("duplicate requirement id `{id}`"));
                wrong.push(mistake.under("id"));
            } else if self.requirements.contains_key(id) {
                let message = format!("the catalogue has a requirement `{id}` already");
                let mistake =
                    Mistake::new(message).hint(format!("choose another, such as `my-{id}`"));
                wrong.push(mistake.under("id"));
            } else {
                self.requirements.insert(id.clone(), requirement.clone());
                own.push(id.clone());
            }
            let wrong = wrong.under(*at).under("requirement");
            mistakes.extend(wrong.iter().map(|mistake| source.locate(mistake)));
        }
    }

    /// Adds a requirement in place of one that cannot be read.
    fn stand_in(&mut self, id: String, own: &mut Vec<String>) {
        if self.requirements.contains_key(&id) {
            return;
        }
        own.push(id.clone());
        let requirement = Requirement {
            id: id.clone(),
            level: Level::May,
            statement: String::new(),
            source: String::new(),
            evidence: Evidence::Unknown,
            since: None,
            asks_for_an_answer: false,
            untested: None,
        };
        self.requirements.insert(id, requirement);
    }

    /// The cases of a file, expanded. Those with a mistake are left out.
    fn expanded(
        &self,
        source: &Source,
        parts: Parts,
        ids: &mut BTreeSet<String>,
        mistakes: &mut Vec<CatalogueError>,
    ) -> Vec<Case> {
        let Parts {
            prefix,
            phase,
            cases,
            ..
        } = parts;
        if prefix.is_empty() && !cases.is_empty() {
            let mistake = Mistake::new("missing key `prefix`");
            let mistake = mistake.hint("it is the beginning of the ids: `prefix = \"mine\"`");
            mistakes.push(source.locate(&mistake.under(0).under("case")));
        }
        let mut added = Vec::new();
        for (at, mut case) in cases {
            let wrong = check::case(self, &case);
            if !wrong.is_empty() {
                let wrong = wrong.under(at).under("case");
                mistakes.extend(wrong.iter().map(|mistake| source.locate(mistake)));
                continue;
            }
            case.id = format!("{prefix}/{}", case.id);
            case.phase.get_or_insert(phase);
            let given = std::mem::take(&mut case.given);
            let premises = given.iter().filter_map(|name| self.premises.get(name));
            let premises = premises.flatten().map(|step| Step {
                setup: true,
                ..step.clone()
            });
            case.steps.splice(0..0, premises);
            for case in case.expand() {
                if ids.insert(case.id.clone()) {
                    added.push(case);
                } else {
                    let twice = Mistake::new(format!("duplicate case id `{}`", case.id));
                    let twice = twice.under("id").under(at).under("case");
                    mistakes.push(source.locate(&twice));
                }
            }
        }
        added
    }
}

/// The file, or the `*.toml` files of the folder, ordered by name.
fn files_of(path: &Path) -> Result<Vec<Source>, CatalogueError> {
    let failed = |path: &Path, error: std::io::Error| {
        CatalogueError::new(&path.display().to_string(), &error)
    };
    let mut files = vec![path.to_owned()];
    if path.is_dir() {
        files = std::fs::read_dir(path)
            .and_then(|entries| {
                entries
                    .map(|entry| Ok(entry?.path()))
                    .collect::<Result<Vec<_>, _>>()
            })
            .map_err(|error| failed(path, error))?;
        files.retain(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        });
        files.sort();
    }
    if files.is_empty() {
        return Err(CatalogueError::new(
            &path.display().to_string(),
            &"the folder has no .toml files",
        ));
    }
    let read = files.into_iter().map(|path| {
        let text = std::fs::read_to_string(&path).map_err(|error| failed(&path, error))?;
        let name = path.display().to_string();
        Ok(Source { name, text })
    });
    read.collect()
}

impl Source {
    fn locate(&self, mistake: &Mistake) -> CatalogueError {
        place::locate(&self.name, &self.text, mistake)
    }

    fn unread(&self, error: &toml::de::Error) -> CatalogueError {
        place::unread(&self.name, &self.text, error)
    }
}

impl Parts {
    /// Reads a file. If something in it cannot be read, all else is; `broken` gets the ids of
    /// requirements that cannot.
    fn read(
        source: &Source,
        mistakes: &mut Vec<CatalogueError>,
        broken: &mut dyn FnMut(String),
    ) -> Self {
        let error = match toml::from_str::<CaseFile>(&source.text) {
            Ok(file) => return Self::of(file),
            Err(error) => error,
        };
        let before = mistakes.len();
        let parts = match DeTable::parse(&source.text) {
            Ok(root) => Self::one_by_one(source, root, mistakes, broken),
            // The language itself is wrong.
            Err(_) => Self::default(),
        };
        if mistakes.len() == before {
            mistakes.push(source.unread(&error));
        }
        parts
    }

    fn of(file: CaseFile) -> Self {
        let CaseFile {
            prefix,
            phase,
            requirements,
            cases,
        } = file;
        Self {
            prefix,
            phase,
            requirements: requirements.into_iter().enumerate().collect(),
            cases: cases.into_iter().enumerate().collect(),
        }
    }

    fn one_by_one(
        source: &Source,
        mut root: Spanned<DeTable<'_>>,
        mistakes: &mut Vec<CatalogueError>,
        broken: &mut dyn FnMut(String),
    ) -> Self {
        let [requirements, cases] =
            ["requirement", "case"].map(|kind| entries(root.get_mut(), kind));
        let mut parts = match CaseFile::deserialize(Deserializer::from(root)) {
            Ok(rest) => Self::of(rest),
            Err(error) => {
                mistakes.push(source.unread(&error));
                Self {
                    // The file may have one.
                    prefix: "unread".to_owned(),
                    ..Self::default()
                }
            }
        };
        for (at, entry) in requirements.into_iter().enumerate() {
            let id = id_of(&entry);
            match Requirement::deserialize(ValueDeserializer::from(entry)) {
                Ok(requirement) => parts.requirements.push((at, requirement)),
                Err(error) => {
                    mistakes.push(source.unread(&error));
                    if let Some(id) = id {
                        broken(id);
                    }
                }
            }
        }
        for (at, entry) in cases.into_iter().enumerate() {
            match Case::deserialize(ValueDeserializer::from(entry)) {
                Ok(case) => parts.cases.push((at, case)),
                Err(error) => mistakes.push(source.unread(&error)),
            }
        }
        parts
    }
}

/// Takes the entries of an array out of the file. What is no array stays, and is a mistake.
fn entries<'i>(root: &mut DeTable<'i>, kind: &str) -> Vec<Spanned<DeValue<'i>>> {
    if !matches!(
        root.get(kind).map(Spanned::get_ref),
        Some(DeValue::Array(_))
    ) {
        return Vec::new();
    }
    match root.remove(kind).map(Spanned::into_inner) {
        Some(DeValue::Array(array)) => array.into_iter().collect(),
        _ => Vec::new(),
    }
}

fn id_of(entry: &Spanned<DeValue<'_>>) -> Option<String> {
    match entry.get_ref() {
        DeValue::Table(table) => match table.get("id")?.get_ref() {
            DeValue::String(id) => Some(id.to_string()),
            _ => None,
        },
        _ => None,
    }
}
