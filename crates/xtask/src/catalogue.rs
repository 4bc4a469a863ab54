//! The list of requirements and cases.

use ec2wire_conformance::laws::{self, Fixtures};
use ec2wire_conformance::{Case, Catalogue, CatalogueError, Evidence, Level, Phase};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A case, or all that `for-each` makes of one.
struct Family<'c> {
    id: &'c str,
    first: &'c Case,
    cases: usize,
}

/// What is said of a catalogue beside what is in it.
pub(crate) struct About {
    title: &'static str,
    /// The page that says how to add a case.
    how: &'static str,
    /// Whether runs make cases, too.
    generates: bool,
    /// Whether laws are made into cases.
    has_laws: bool,
}

/// The catalogue for servers.
pub(crate) const SERVERS: About = About {
    title: "Requirements and cases",
    how: "cases.md",
    generates: true,
    has_laws: true,
};

/// The catalogue for clients.
pub(crate) const CLIENTS: About = About {
    title: "Requirements and cases for clients",
    how: "client-authors.md",
    generates: false,
    has_laws: false,
};

/// The page.
pub(crate) fn page(catalogue: &Catalogue, about: &About) -> Result<String, CatalogueError> {
    let mut page = of_cases(catalogue, about);
    if about.has_laws {
        page.push_str(&of_laws(catalogue)?);
    }
    page.push_str(&of_requirements(catalogue));
    Ok(page)
}

/// The laws, with the number of cases that they are made into.
fn of_laws(catalogue: &Catalogue) -> Result<String, CatalogueError> {
    let mut made = Catalogue::without_cases()?;
    laws::add(&mut made, &["*".to_owned()], &Fixtures::embedded()?)?;
    let mut page = format!(
        "\n## Laws\n\nWhat holds for every action, or for each that has the members in question: \
         `--action` makes cases of them, {} for all of EC2. The id of a case is \
         `any/ACTION/` and that of the law, and the member where there is one for each.\n\n\
         | law | cases | level | what it shows | requirement |\n|---|---|---|---|---|\n",
        made.cases().len(),
    );
    for law in laws::all()? {
        let is_of = |case: &&Case| {
            let rest = case.id.splitn(3, '/').nth(2).unwrap_or_default();
            let rest = rest.strip_prefix(law.id.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let title = law.title.replace("${action}", "the action");
        let _ = writeln!(
            page,
            "| `{}` | {} | {} | {} | [{4}](#{4}) |",
            law.id,
            made.cases().iter().filter(is_of).count(),
            catalogue
                .requirement(&law.requirement)
                .map_or(Level::May, |requirement| requirement.level),
            text(
                &title
                    .replace("their ${member}", "a member that names them")
                    .replace("${member}", "a member")
            ),
            law.requirement,
        );
    }
    Ok(page)
}

/// The head of the page, and the cases.
fn of_cases(catalogue: &Catalogue, about: &About) -> String {
    let families = families(catalogue);
    let requirements: Vec<_> = catalogue.requirements().collect();
    let of_level = |level| requirements.iter().filter(|r| r.level == level).count();
    let mut page = format!(
        "# {}\n\n\
         <!-- Made from the data: `cargo xtask catalogue` writes it, and a test keeps it fresh. -->\n\n\
         There are {} requirements, of which {} are a must, {} a should and {} a may, and {} cases. \
         [How to add a case]({}) says what the words mean.\n\n\
         - [Cases](#cases), by phase\n\
         {}\
         - [Requirements](#requirements), with source, evidence and the cases that test them\n\n\
         ## Cases\n\n\
         A row with a number stands for as many cases, one for each value: their ids have the value \
         at the end.\n",
        about.title,
        requirements.len(),
        of_level(Level::Must),
        of_level(Level::Should),
        of_level(Level::May),
        catalogue.cases().len(),
        about.how,
        if about.has_laws {
            "- [Laws](#laws), which are made into cases of any action\n"
        } else {
            ""
        },
    );
    for phase in Phase::ALL {
        let rows: Vec<_> = families
            .iter()
            .filter(|f| f.first.phase() == phase)
            .collect();
        if rows.is_empty() && !about.generates {
            continue;
        }
        let cases: usize = rows.iter().map(|family| family.cases).sum();
        let _ = write!(page, "\n### {}\n\n", capitalised(phase.as_str()));
        if rows.is_empty() {
            page.push_str("Made anew for each run; see `--generate`.\n");
            continue;
        }
        let _ = write!(
            page,
            "{cases} cases.\n\n| case | | level | what it shows | requirement |\n|---|---|---|---|---|\n"
        );
        for family in rows {
            let number = match family.cases {
                1 => String::new(),
                number => number.to_string(),
            };
            let _ = writeln!(
                page,
                "| `{}` | {number} | {} | {} | [{3}](#{3}) |",
                family.id,
                catalogue.level(family.first),
                text(&family.first.title),
                family.first.requirement,
            );
        }
    }
    page
}

/// The requirements.
fn of_requirements(catalogue: &Catalogue) -> String {
    let families = families(catalogue);
    let mut page = String::from("\n## Requirements\n");
    let mut tested: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for family in &families {
        for id in catalogue.tested_by(family.first) {
            tested.entry(id).or_default().push(family.id);
        }
    }
    for requirement in catalogue.requirements() {
        let _ = write!(
            page,
            "\n### {}\n\n**{}**: {}\n\n- Source: {}\n- Evidence: {}\n",
            requirement.id,
            requirement.level,
            text(&requirement.statement),
            text(&requirement.source),
            evidence(requirement.evidence),
        );
        let cases = tested.get(&requirement.id).map(|ids| {
            let ids: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
            ids.join(", ")
        });
        match (cases, &requirement.untested) {
            (Some(cases), _) => {
                let _ = writeln!(page, "- Cases: {cases}");
            }
            (None, Some(reason)) => {
                let _ = writeln!(page, "- No case: {}", text(reason));
            }
            (None, None) => page.push_str("- No case\n"),
        }
    }
    page
}

/// The cases, those of one family together, in order.
fn families(catalogue: &Catalogue) -> Vec<Family<'_>> {
    let mut families: Vec<Family<'_>> = Vec::new();
    for case in catalogue.cases() {
        match families.last_mut() {
            Some(last) if last.id == case.family() && case.item.is_some() => last.cases += 1,
            _ => families.push(Family {
                id: case.family(),
                first: case,
                cases: 1,
            }),
        }
    }
    families
}

const fn evidence(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Seed => "the reference page of `CreateIpamPolicy`",
        Evidence::Docs => "AWS's documentation",
        Evidence::Model => "the service model",
        Evidence::Standard => "a standard that the protocol stands on",
        Evidence::Observed => "seen on AWS by a third party",
        Evidence::Inferred => "concluded from other requirements",
        Evidence::Unknown => "not established",
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// A text in Markdown as it stands.
pub(crate) fn text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => escaped.push(' '),
            '*' | '_' | '<' | '>' | '[' | ']' | '|' | '\\' => {
                escaped.push('\\');
                escaped.push(c);
            }
            _ => escaped.push(c),
        }
    }
    escaped
}
