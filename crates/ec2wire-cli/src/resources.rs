//! `ec2wire describe --resources`, and `ec2wire describe` with the name of a resource.

use crate::Failure;
use crate::report::width;
use ec2wire_conformance::report::terminal::wrapped;
use ec2wire_model::{
    Digits, Fact, Filter, Join, Listing, Make, Model, Pages, Path, Resource, Source, States,
};
use std::collections::BTreeSet;
// Writing to a string cannot fail.
use std::fmt::Write as _;
use std::io::{self, Write as _};

/// How wide the labels are.
const LABEL: usize = 10;

/// Lists all resources, and counts what is known of them.
pub(crate) fn list(json: bool) -> Result<u8, Failure> {
    let rows = Model::ec2().resources();
    if json {
        return as_json(&rows);
    }
    let mut out = anstream::stdout().lock();
    let mut actions = BTreeSet::new();
    let (mut filters, mut known) = (0, 0);
    for row in rows {
        let own = row.actions();
        let own_filters = row.list.as_ref().map_or(0, |list| list.filters.len());
        let prefix = row
            .id
            .prefix
            .map_or_else(String::new, |prefix| format!(" {}-,", prefix.value));
        let text = format!(
            "{}:{prefix} {} actions, {own_filters} filters",
            row.name,
            own.len()
        );
        actions.extend(own);
        for filter in row
            .list
            .iter()
            .chain(&row.read)
            .flat_map(|list| &list.filters)
        {
            filters += 1;
            known += usize::from(filter.path.is_some());
        }
        let mut indent = "";
        for line in wrapped(&text, width().saturating_sub(2)) {
            writeln!(out, "{indent}{line}")?;
            indent = "  ";
        }
    }
    let total = format!(
        "{} resources reach {} of {} actions; {filters} filters, {known} of them with the member they look at",
        rows.len(),
        actions.len(),
        Model::ec2().operations().len(),
    );
    writeln!(out)?;
    for line in wrapped(&total, width()) {
        writeln!(out, "{line}")?;
    }
    Ok(0)
}

/// The resource of this name, if there is one.
pub(crate) fn named(name: &str) -> Option<&'static Resource> {
    let model = Model::ec2();
    model
        .resource(name)
        .or_else(|| model.resource(&name.to_ascii_lowercase()))
}

/// Shows one resource.
pub(crate) fn show(row: &Resource, json: bool) -> Result<u8, Failure> {
    if json {
        return as_json(row);
    }
    let mut page = Page {
        lines: Vec::new(),
        width: width(),
    };
    page.head(row);
    for make in &row.make {
        page.make(make);
    }
    if let Some(list) = &row.list {
        page.listing("list", list);
        page.filters(&list.filters);
    }
    for act in &row.change {
        page.fact(
            "change",
            &format!("{} by {}", act.action, act.member),
            act.source,
        );
    }
    for act in &row.end {
        page.fact(
            "end",
            &format!("{} by {}", act.action, act.member),
            act.source,
        );
    }
    for join in &row.join {
        page.join(join);
    }
    for read in &row.read {
        page.listing("read", read);
        page.filters(&read.filters);
    }
    if let Some(states) = &row.states {
        page.states(states);
    }
    page.errors(row);
    page.sources(row);
    let mut out = anstream::stdout().lock();
    for line in page.lines {
        writeln!(out, "{line}")?;
    }
    Ok(0)
}

fn as_json(value: &(impl serde::Serialize + ?Sized)) -> Result<u8, Failure> {
    let text = serde_json::to_string_pretty(value).map_err(Failure::environment)?;
    writeln!(io::stdout().lock(), "{text}")?;
    Ok(0)
}

struct Page {
    lines: Vec<String>,
    width: usize,
}

impl Page {
    /// A label, and a text beside it. The label is written once for texts that follow each other.
    fn put(&mut self, label: &str, text: &str) {
        let mut before = format!("{label:LABEL$}");
        for line in wrapped(text, self.width.saturating_sub(LABEL).max(20)) {
            self.lines.push(format!("{before}{line}"));
            before = " ".repeat(LABEL);
        }
    }

    fn fact(&mut self, label: &str, text: &str, source: Source) {
        self.put(label, &format!("{text} [{source}]"));
    }

    fn facts(&mut self, label: &str, facts: &[Fact]) {
        let facts: Vec<String> = facts
            .iter()
            .map(|fact| format!("{} [{}]", fact.value, fact.source))
            .collect();
        if !facts.is_empty() {
            self.put(label, &facts.join(", "));
        }
    }

    fn head(&mut self, row: &Resource) {
        let kind = match (row.resource_type, row.kind_of) {
            (Some(kind), _) => format!(", tagged as {kind}"),
            (None, Some(parent)) => format!(", a kind of {parent}"),
            (None, None) => String::new(),
        };
        self.lines.push(format!("{}{kind}", row.name));
        self.lines.push(String::new());
        let others: Vec<&str> = row.id.members.iter().map(|member| member.value).collect();
        let others = others.join(", ");
        let colon = if others.is_empty() { "" } else { ": " };
        self.put("member", &format!("{}{colon}{others}", row.id.member));
        let form = match row.id.digits {
            Digits::Seventeen => "17 hexadecimal digits",
            Digits::Uuid => "a UUID",
            Digits::ThirtyTwo => "32 hexadecimal digits",
            Digits::Eight => "8 letters and digits",
            _ => "unknown",
        };
        match row.id.prefix {
            Some(prefix) => self.fact(
                "id",
                &format!("{}- and {form}", prefix.value),
                prefix.source,
            ),
            None => self.put("id", form),
        }
        if let Some(arn) = row.id.arn {
            self.fact("arn", arn.value, arn.source);
        }
    }

    fn make(&mut self, make: &Make) {
        let mut text = make.action.to_owned();
        if let Some(id) = make.id {
            let _ = write!(text, ", id in {id}");
        }
        if let Some(tags) = make.tags {
            let _ = write!(text, ", tags by {tags}");
        }
        self.fact("make", &text, make.source);
        let needs: Vec<String> = (make.needs.iter())
            .map(|need| {
                let required = if need.required { ", required" } else { "" };
                format!("{} ({}{required})", need.member, need.resource)
            })
            .collect();
        if !needs.is_empty() {
            self.put("  needs", &needs.join(", "));
        }
        let shown: Vec<String> = (make.shown.iter())
            .map(|shown| {
                if shown.member == shown.path {
                    shown.path.to_string()
                } else {
                    format!("{} as {}", shown.member, shown.path)
                }
            })
            .collect();
        if !shown.is_empty() {
            self.put("  shown", &shown.join(", "));
        }
    }

    fn listing(&mut self, label: &str, listing: &Listing) {
        let mut text = listing.action.to_owned();
        if let Some(member) = listing.member {
            let _ = write!(text, " by {member}");
        }
        if !listing.path.is_nowhere() {
            let _ = write!(text, ", entries in {}", listing.path);
        }
        for (what, path) in [("id", listing.id), ("tags", listing.tags)] {
            if let Some(path) = path {
                let _ = write!(text, ", {what} in {path}");
            }
        }
        self.fact(label, &text, listing.source);
        if let Some(pages) = &listing.pages {
            self.pages(pages);
        }
    }

    fn pages(&mut self, pages: &Pages) {
        let mut text = format!("{} from {}", pages.token, pages.next);
        if let Some(limit) = pages.limit {
            let _ = write!(text, ", {limit}");
        }
        let bounds = match (pages.least, pages.most) {
            (Some(least), Some(most)) => format!(" of {least} to {most}"),
            (None, Some(most)) => format!(" of at most {most}"),
            (Some(least), None) => format!(" of at least {least}"),
            (None, None) => String::new(),
        };
        text.push_str(&bounds);
        if pages.not_with_ids.is_some() {
            text.push_str(", not with ids");
        }
        self.fact("  pages", &text, pages.source);
    }

    fn filters(&mut self, filters: &[Filter]) {
        let mut label = "  filters";
        for filter in filters {
            match filter.path {
                Some(path) => self.fact(
                    label,
                    &format!("{}: {path}", filter.name),
                    filter.path_source,
                ),
                None => self.put(label, filter.name),
            }
            label = "";
        }
    }

    fn join(&mut self, join: &Join) {
        let mut text = format!("{} by {}", join.action, join.member);
        for other in &join.with {
            let _ = write!(text, ", {} by {}", other.resource, other.member);
            if let Some(shown) = other.shown {
                let _ = write!(text, " (shown in {shown})");
            }
        }
        if let Some(part) = join.part {
            let _ = write!(text, "; {part}");
        }
        if let Some(member) = join.part_member {
            let _ = write!(text, " by {member}");
        }
        if let Some(link) = &join.link {
            let paths: Vec<&str> = link.paths.iter().map(Path::as_str).collect();
            let _ = write!(text, ", {} from {}", link.member, paths.join(" or "));
        }
        self.fact("join", &text, join.source);
    }

    fn states(&mut self, states: &States) {
        self.fact("state", &format!("in {}", states.path), states.source);
        for (name, facts) in states.lists() {
            self.facts(&format!("  {name}"), facts);
        }
        for (what, seconds) in [
            ("settled", states.settles_within),
            ("listed", states.listed_within),
        ] {
            if let Some(seconds) = seconds {
                self.fact(
                    "  waits",
                    &format!("until {what}: {seconds} s"),
                    Source::Waiters,
                );
            }
        }
    }

    fn errors(&mut self, row: &Resource) {
        for (about, facts) in row.codes.lists() {
            self.facts(&about.replace('-', " "), facts);
        }
        for keeper in &row.kept_by {
            let code = keeper
                .code
                .map_or_else(String::new, |code| format!(": {code}"));
            self.fact(
                "kept by",
                &format!("{}{code}", keeper.resource),
                keeper.source,
            );
        }
        for unique in &row.unique {
            let members: Vec<String> = unique.members.iter().map(ToString::to_string).collect();
            let text = format!("{}: {}", members.join(" and "), unique.code);
            self.fact("unique", &text, unique.source);
        }
    }

    /// What the keys of hand-written sources mean.
    fn sources(&mut self, row: &Resource) {
        let codes = row.codes.lists().into_iter();
        let facts = codes
            .flat_map(|(_, codes)| codes)
            .chain(&row.id.prefix)
            .chain(&row.id.arn);
        let mut sources: Vec<Source> = facts.map(|fact| fact.source).collect();
        sources.extend(row.kept_by.iter().map(|keeper| keeper.source));
        let keys: BTreeSet<(String, &str)> = (sources.iter())
            .filter(|source| matches!(source, Source::Hand(_)))
            .map(|source| {
                let text = source.to_string();
                (
                    text.split(' ').next().unwrap_or_default().to_owned(),
                    source.about(),
                )
            })
            .collect();
        if !keys.is_empty() {
            self.lines.push(String::new());
        }
        for (key, about) in keys {
            self.put(&key, about);
        }
    }
}
