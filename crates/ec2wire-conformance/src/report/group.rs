//! Groups failures by cause. Known causes are in a table. Failures that no known cause explains are
//! grouped if their symptoms are identical, apart from ids.

use super::mask;
use super::misread::globs_of;
use crate::catalogue::CatalogueError;
use crate::explain::point::is_success;
use crate::format::{embedded, place};
use crate::record::{CaseRecord, Deviation, Exchange, Kind, Message, Place, RunRecord, Verdict};
use crate::text::count_of;
use ec2wire::contract::Level;
use globset::GlobSet;
use serde::Deserialize;
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::hash::{Hash, Hasher};

/// What headlines begin with that state a requirement.
const EXPECTED: &str = "expected";

/// Cases that failed or warned for one cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group<'r> {
    /// The id of the known cause, if any.
    pub(super) cause: Option<String>,
    /// For a known cause, what is wrong; otherwise what was expected.
    pub(super) headline: String,
    /// What the first case got, if the headline does not say it.
    pub(super) symptom: Option<&'r str>,
    /// How to fix it, if that is known.
    pub(super) fix: Option<String>,
    /// The worst verdict of the cases.
    pub(super) verdict: Verdict,
    /// The cases, in the record's order; at least one.
    pub(super) cases: Vec<&'r CaseRecord>,
}

impl<'r> Group<'r> {
    /// How many cases have the worst verdict, and how many have a better one.
    pub(super) fn counts(&self) -> (usize, usize) {
        let worst = self
            .cases
            .iter()
            .filter(|case| case.verdict == self.verdict);
        let worst = worst.count();
        (worst, self.cases.len() - worst)
    }

    /// The number of cases, and how many of them only warned.
    pub(super) fn size(&self) -> String {
        let all = count_of(self.cases.len(), "case");
        match self.counts() {
            (_, 0) => all,
            (worst, others) => format!("{all}: {worst} failed, {others} warned"),
        }
    }

    /// The action that all its requests are for.
    fn action(&self) -> Option<String> {
        let action = |case: &CaseRecord| {
            let pairs = sent_pairs(case).into_iter();
            let mut named = pairs.filter_map(|pair| Some(pair.strip_prefix("Action=")?.to_owned()));
            named.next()
        };
        let first = self.cases.first().and_then(|case| action(case))?;
        let is_same = self
            .cases
            .iter()
            .all(|case| action(case).as_ref() == Some(&first));
        is_same.then_some(first)
    }

    fn new(row: Option<&Row>, case: &'r CaseRecord) -> Self {
        let first = binding(case).next();
        Self {
            cause: row.map(|row| row.id.clone()),
            headline: match (row, first) {
                (Some(row), _) => row.headline.clone(),
                (None, Some(deviation)) => format!("{EXPECTED}: {}", deviation.statement),
                (None, None) => case.title.clone(),
            },
            symptom: first
                .filter(|_| row.is_none())
                .map(|deviation| deviation.found.as_str()),
            fix: row.map(|row| row.fix.clone()),
            verdict: case.verdict,
            cases: vec![case],
        }
    }
}

/// Adds what differs to headlines that are the same: the action, the place, or both.
pub(super) fn tell_apart(groups: &mut [Group<'_>]) {
    let mut same: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, group) in groups.iter().enumerate() {
        if group.cause.is_none() {
            same.entry(&group.headline).or_default().push(index);
        }
    }
    let several = same.into_values().filter(|indexes| indexes.len() > 1);
    let mut told = Vec::new();
    for indexes in several {
        let alike: Vec<&Group<'_>> = indexes.iter().filter_map(|&at| groups.get(at)).collect();
        let action = |group: &Group<'_>| {
            let action = group.action();
            action.map_or_else(String::new, |action| format!(" of {action}"))
        };
        let place = |group: &Group<'_>| {
            let first = group.cases.first().and_then(|case| binding(case).next());
            let difference = first.and_then(|first| first.difference.as_ref());
            let at = difference.map(|difference| difference.at.to_string());
            at.map_or_else(String::new, |at| format!(" at {at}"))
        };
        let both = |group: &Group<'_>| action(group) + &place(group);
        let ways: [&dyn Fn(&Group<'_>) -> String; 3] = [&action, &place, &both];
        let ways = ways.map(|way| alike.iter().map(|one| way(one)).collect::<Vec<String>>());
        let differing = |words: &Vec<String>| words.iter().collect::<BTreeSet<_>>().len();
        // The first way that tells most of them apart.
        let best = ways.into_iter().rev().max_by_key(differing);
        if let Some(words) = best.filter(|words| differing(words) > 1) {
            told.extend(indexes.into_iter().zip(words));
        }
    }
    for (at, words) in told {
        if let Some(group) = groups.get_mut(at)
            && let Some(rest) = group.headline.strip_prefix(EXPECTED)
        {
            group.headline = format!("{EXPECTED}{words}{rest}");
        }
    }
}

/// Cases that were not judged for the same reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unjudged<'r> {
    pub(super) verdict: Verdict,
    pub(super) reason: &'r str,
    pub(super) cases: Vec<&'r CaseRecord>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Row {
    id: String,
    headline: String,
    fix: String,
    /// The requirements whose cases prove the cause; if empty, all requirements in scope.
    #[serde(default)]
    proof: Vec<String>,
    /// How many requirements the cause must break, so that a single broken one is not enough.
    #[serde(default = "one")]
    least: usize,
    #[serde(default)]
    cases: Vec<String>,
    #[serde(default)]
    sends: Vec<String>,
    #[serde(default)]
    requirements: Vec<String>,
    #[serde(default)]
    at: Vec<String>,
    #[serde(default)]
    got: Vec<String>,
    #[serde(default)]
    breaks: Vec<String>,
    /// Whether the cause is that every request got the same response bytes.
    #[serde(default)]
    same_answer: bool,
}

const fn one() -> usize {
    1
}

/// A known cause: a row of the table, with its globs compiled.
#[derive(Debug)]
struct Cause {
    row: Row,
    cases: Globs,
    requirements: Globs,
    proof: Globs,
    at: Globs,
    got: Globs,
    breaks: Globs,
}

/// Globs; without any, everything matches.
#[derive(Debug)]
struct Globs(Option<GlobSet>);

impl Globs {
    fn new(patterns: &[String]) -> Result<Self, globset::Error> {
        match patterns {
            [] => Ok(Self(None)),
            _ => globs_of(patterns).map(|set| Self(Some(set))),
        }
    }

    fn fit(&self, text: &str) -> bool {
        self.0.as_ref().is_none_or(|set| set.is_match(text))
    }
}

impl Cause {
    fn new(row: Row) -> Result<Self, CatalogueError> {
        let error = |what: String| {
            let what = format!("`{}`: {what}", row.id);
            CatalogueError::new(embedded::CAUSES.path, &what)
        };
        let is_scoped = !row.cases.is_empty() || !row.sends.is_empty();
        if !is_scoped && row.requirements.is_empty() && !row.same_answer {
            return Err(error("the cause has no scope".into()));
        }
        let shows = !row.at.is_empty() || !row.got.is_empty() || !row.breaks.is_empty();
        if !shows && !row.same_answer {
            return Err(error("the cause has no symptom".into()));
        }
        if row.least == 0 {
            return Err(error("`least` must be at least 1".into()));
        }
        let globs =
            |patterns: &[String]| Globs::new(patterns).map_err(|wrong| error(wrong.to_string()));
        Ok(Self {
            cases: globs(&row.cases)?,
            requirements: globs(&row.requirements)?,
            proof: globs(&row.proof)?,
            at: globs(&row.at)?,
            got: globs(&row.got)?,
            breaks: globs(&row.breaks)?,
            row,
        })
    }

    /// Whether the case must show the cause, if the server has it.
    fn concerns(&self, case: &CaseRecord) -> bool {
        let sends = || {
            let pairs = sent_pairs(case);
            self.row
                .sends
                .iter()
                .any(|wanted| pairs.iter().any(|pair| pair == wanted))
        };
        self.cases.fit(&case.id)
            && case
                .requirements
                .first()
                .is_some_and(|own| self.requirements.fit(own))
            && (self.row.sends.is_empty() || sends())
    }

    /// Whether the case shows the cause's symptom and nothing else is wrong.
    fn shows_in(&self, case: &CaseRecord) -> bool {
        let mut deviations = binding(case).peekable();
        if self.row.same_answer {
            let exchange = case.exchange.as_ref();
            let is_answered = exchange.is_some_and(|exchange| exchange.response.is_some());
            return is_answered && deviations.peek().is_some();
        }
        deviations.peek().is_some()
            && deviations.all(|deviation| {
                deviation.difference.as_ref().is_some_and(|difference| {
                    self.breaks.fit(&deviation.requirement)
                        && self.at.fit(&difference.at.to_string())
                        && self.got.fit(difference.got.as_deref().unwrap_or_default())
                })
            })
    }

    /// Whether the server has the cause.
    fn holds(&self, record: &RunRecord) -> bool {
        if self.row.same_answer {
            return all_alike(record, self.row.least);
        }
        let judged = [Verdict::Pass, Verdict::Warn, Verdict::Fail];
        let own = |case: &CaseRecord| case.requirements.first().cloned().unwrap_or_default();
        let mut broken = BTreeSet::new();
        let mut proved = false;
        for case in &record.cases {
            if !judged.contains(&case.verdict) || !self.concerns(case) {
                continue;
            }
            let shows = self.shows_in(case);
            if self.proof.fit(&own(case)) {
                if !shows {
                    return false;
                }
                proved = true;
            }
            if shows {
                broken.insert(own(case));
            }
        }
        proved && broken.len() >= self.row.least
    }
}

/// Whether all requests of a run got the same bytes, although at least `least` different requests of
/// two or more actions were sent.
fn all_alike(record: &RunRecord, least: usize) -> bool {
    // In other runs the responses do not come from a server under test.
    if record.run.kind != Kind::Server {
        return false;
    }
    let cases = record.cases.iter();
    let exchanges = cases.flat_map(|case| case.earlier.iter().chain(&case.exchange));
    let mut answers = BTreeSet::new();
    let mut requests = BTreeSet::new();
    let mut actions = BTreeSet::new();
    for Exchange { request, response } in exchanges {
        let Some(response) = response else { continue };
        answers.insert((response.start.as_str(), response.bytes()));
        if answers.len() > 1 || response.cut || response.redacted {
            return false;
        }
        requests.insert((request.start.as_str(), request.bytes()));
        let pairs = pairs_of(request).into_iter();
        actions.extend(pairs.filter(|pair| pair.starts_with("Action=")));
    }
    requests.len() >= least && actions.len() > 1
}

/// The decoded pairs of the deciding request, as `KEY=VALUE`.
fn sent_pairs(case: &CaseRecord) -> Vec<String> {
    let exchange = case.exchange.as_ref();
    exchange.map_or_else(Vec::new, |exchange| pairs_of(&exchange.request))
}

/// The decoded pairs of a request, as `KEY=VALUE`.
fn pairs_of(request: &Message) -> Vec<String> {
    let query = request.query().unwrap_or_default();
    [query, request.body.as_str()]
        .into_iter()
        .filter_map(|text| serde_urlencoded::from_str::<Vec<(String, String)>>(text).ok())
        .flatten()
        .map(|(key, value)| format!("{key}={value}"))
        .collect()
}

/// The deviations that made the case fail or warn; all of them if every one is a MAY.
fn binding(case: &CaseRecord) -> impl Iterator<Item = &Deviation> {
    let binds = case.deviations.iter().any(|d| d.level > Level::May);
    case.deviations
        .iter()
        .filter(move |deviation| !binds || deviation.level > Level::May)
}

/// The known causes.
#[derive(Debug)]
pub(super) struct Causes(Vec<Cause>);

impl Causes {
    /// Reads the embedded table. Fails only if the table is invalid; a test checks that it is not.
    pub(super) fn embedded() -> Result<Self, CatalogueError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Table {
            cause: Vec<Row>,
        }
        let table: Table = place::read_embedded(embedded::CAUSES)?;
        let causes = table.cause.into_iter().map(Cause::new);
        causes.collect::<Result<_, _>>().map(Self)
    }

    /// Groups the cases that failed or warned. Failures come first, and among them the groups with most
    /// cases, since fixing those gains most; then the record's order decides. Every such case is in
    /// exactly one group, except known failures.
    pub(super) fn group<'r>(&self, record: &'r RunRecord) -> Vec<Group<'r>> {
        let causes: Vec<&Cause> = self.0.iter().filter(|cause| cause.holds(record)).collect();
        let mut groups: Vec<Group<'r>> = Vec::new();
        let mut known: HashMap<Key, usize> = HashMap::new();
        let blamed = [Verdict::Fail, Verdict::Warn];
        for case in record
            .cases
            .iter()
            .filter(|c| blamed.contains(&c.verdict) && c.expected.is_none())
        {
            let cause = causes
                .iter()
                .find(|cause| cause.concerns(case) && cause.shows_in(case));
            let key =
                cause.map_or_else(|| symptom(case), |cause| format!("cause {}", cause.row.id));
            let index = *known.entry(Key(key)).or_insert(groups.len());
            match groups.get_mut(index) {
                Some(group) => {
                    group.cases.push(case);
                    if case.verdict == Verdict::Fail {
                        group.verdict = Verdict::Fail;
                    }
                }
                None => groups.push(Group::new(cause.map(|cause| &cause.row), case)),
            }
        }
        // The sort is stable and so keeps the record's order.
        groups.sort_by_cached_key(|group| {
            let (worst, others) = group.counts();
            (
                group.verdict != Verdict::Fail,
                Reverse(worst),
                Reverse(others),
            )
        });
        groups
    }
}

/// A case's symptom, without anything that varies from run to run.
fn symptom(case: &CaseRecord) -> String {
    let mut key = String::new();
    for deviation in binding(case) {
        key.push_str(&deviation.requirement);
        key.push('\n');
        match &deviation.difference {
            // A fault's message may quote the request, so only its code and status identify
            // it. A response outside the protocol is identified by its body.
            Some(difference) if difference.at == Place::Answer => {
                key.push_str(&difference.at.to_string());
                let actual = case.actual.as_ref();
                let code = actual.and_then(|actual| actual.code.as_deref());
                let status = actual.map(|actual| actual.status.to_string());
                key.push_str(&status.unwrap_or_default());
                let is_success = difference.got.as_deref().is_some_and(is_success);
                match code {
                    Some(code) => key.push_str(code),
                    None if is_success => {}
                    None => key.push_str(&without_ids(body(case))),
                }
            }
            // What is there depends on the action and on what other cases left.
            Some(difference) if difference.at == Place::Created => {
                key.push_str(&difference.at.to_string());
            }
            Some(difference) => {
                let got = without_ids(difference.got.as_deref().unwrap_or("nothing"));
                // Two missing tags may have different causes.
                let wanted = without_ids(&difference.wanted);
                if is_an_id(&got) && is_an_id(&wanted) {
                    // Each action has its own place for the id of what it makes.
                    key.push_str("another id");
                } else {
                    key.push_str(&difference.at.to_string());
                    key.push('\n');
                    key.push_str(&got);
                    key.push('\n');
                    key.push_str(&wanted);
                }
            }
            // What came instead may differ from case to case.
            None => {
                let found = deviation.found.split(", got `").next();
                key.push_str(&without_ids(found.unwrap_or_default()));
            }
        }
        key.push('\n');
    }
    if key.is_empty() { case.id.clone() } else { key }
}

fn body(case: &CaseRecord) -> &str {
    let response = case.exchange.as_ref().and_then(|e| e.response.as_ref());
    response.map_or("", |response| response.body.as_str())
}

/// The text without what varies, and with each run of eight or more hexadecimal digits and dashes
/// replaced by `#`.
fn without_ids(text: &str) -> String {
    const ID_CHARS: usize = 8;
    let text = mask::masked(text);
    let mut masked = String::with_capacity(text.len());
    let mut run = String::new();
    let flush = |run: &mut String, masked: &mut String| {
        let is_id = run.len() >= ID_CHARS && run.contains(|c: char| c.is_ascii_digit());
        masked.push_str(if is_id { "#" } else { run });
        run.clear();
    };
    for c in text.chars() {
        if c.is_ascii_hexdigit() || (c == '-' && !run.is_empty()) {
            run.push(c);
        } else {
            flush(&mut run, &mut masked);
            masked.push(c);
        }
    }
    flush(&mut run, &mut masked);
    masked
}

/// Whether the text is nothing but the id of a resource, as `without_ids` leaves it.
fn is_an_id(masked: &str) -> bool {
    let prefix = masked.strip_suffix("-#");
    prefix.is_some_and(|prefix| prefix.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
}

/// The cases that were not judged, grouped by reason.
pub(super) fn unjudged<'r>(record: &'r RunRecord) -> Vec<Unjudged<'r>> {
    let unjudged = [Verdict::NotRun, Verdict::Unimplemented];
    let cases = record.cases.iter();
    let cases = cases.filter(|case| unjudged.contains(&case.verdict));
    let groups = gathered(cases, |case| {
        Key(format!(
            "{} {}",
            case.verdict.as_str(),
            without_ids(&case.note)
        ))
    });
    let group = |cases: Vec<&'r CaseRecord>| {
        let first = cases.first()?;
        Some(Unjudged {
            verdict: first.verdict,
            reason: &first.note,
            cases,
        })
    };
    groups.into_iter().filter_map(group).collect()
}

/// What puts a case into its group.
#[derive(Eq)]
struct Key(String);

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        #[cfg(test)]
        tests::COMPARED.set(tests::COMPARED.get() + 1);
        self.0 == other.0
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

/// Gathers what has the same key, in order of first appearance, with one look-up for each.
fn gathered<T>(all: impl Iterator<Item = T>, key: impl Fn(&T) -> Key) -> Vec<Vec<T>> {
    let mut groups: Vec<Vec<T>> = Vec::new();
    let mut known: HashMap<Key, usize> = HashMap::new();
    for one in all {
        let index = *known.entry(key(&one)).or_insert(groups.len());
        match groups.get_mut(index) {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail")]

    use super::*;
    use crate::Catalogue;
    use crate::format::case::Phase;
    use crate::record::{Difference, RunHead};
    use crate::report::terminal::{self, Detail, Layout};
    use crate::report::{self, Format, Settings};
    use std::cell::Cell;
    use std::io;

    #[test]
    fn the_table_names_existing_requirements_and_cases() {
        let catalogue = Catalogue::embedded().unwrap();
        let causes = Causes::embedded().unwrap();
        let mut ids = BTreeSet::new();
        for cause in &causes.0 {
            let id = &cause.row.id;
            assert!(ids.insert(id), "duplicate id {id}");
            for glob in cause.row.requirements.iter().chain(&cause.row.proof) {
                let globs = globs_of(std::slice::from_ref(glob)).unwrap();
                let known = catalogue.requirements().any(|r| globs.is_match(&r.id));
                assert!(known, "{id}: no requirement matches {glob}");
            }
            for glob in &cause.row.cases {
                let globs = globs_of(std::slice::from_ref(glob)).unwrap();
                let known = catalogue
                    .cases()
                    .iter()
                    .any(|case| globs.is_match(&case.id));
                assert!(known, "{id}: no case matches {glob}");
            }
        }
    }

    thread_local! {
        /// How many keys were compared.
        pub(super) static COMPARED: Cell<usize> = const { Cell::new(0) };
    }

    #[test]
    fn no_report_compares_each_case_with_the_others() {
        // All failures have different causes, and all gaps different reasons.
        let case = |number: usize| {
            let verdict = match number % 4 {
                0 => Verdict::Fail,
                1 => Verdict::Warn,
                2 => Verdict::NotRun,
                _ => Verdict::Unimplemented,
            };
            let id = format!("case-{number}");
            let mut case = CaseRecord::new(&id, &id, Phase::Semantics, Level::Must, verdict);
            let found = format!("reason {number}");
            if matches!(verdict, Verdict::Fail | Verdict::Warn) {
                let mut broken = Deviation::new(id, None, found, None);
                broken.level = if number.is_multiple_of(4) {
                    Level::Must
                } else {
                    Level::Should
                };
                case.deviations.push(broken);
            } else {
                case.note = found;
            }
            case
        };
        let all = 4000;
        let head = RunHead::new(Kind::Server, "http://127.0.0.1:1");
        let record = RunRecord::from_cases(head, (0..all).map(case).collect());
        let settings = Settings::default();
        let compared = |write: &dyn Fn()| {
            COMPARED.set(0);
            write();
            let compared = COMPARED.get();
            assert!(compared < all, "{compared}");
        };
        for format in Format::ALL {
            compared(&|| report::write(format, io::sink(), &record, &settings).unwrap());
        }
        for detail in [Detail::Totals, Detail::Findings, Detail::All] {
            let layout = Layout { width: 80, detail };
            compared(&|| terminal::write(io::sink(), &record, &settings, layout).unwrap());
        }
        assert_eq!(report::findings(&record).unwrap().len(), all / 2);
        assert_eq!(report::gaps(&record).len(), all / 2);
    }

    #[test]
    fn the_same_headline_of_several_causes_says_what_differs() {
        let case = |id: &str, action: &str, at: &str| {
            let mut case = CaseRecord::new(id, id, Phase::Semantics, Level::Must, Verdict::Fail);
            let difference = Difference::new(at, "b".into(), Some(format!("{id} c")));
            let mut broken = Deviation::new("a".into(), None, String::new(), Some(difference));
            broken.level = Level::Must;
            broken.statement = "It is so.".into();
            case.deviations.push(broken);
            case.exchange = Some(Exchange {
                request: Message {
                    body: format!("Action={action}"),
                    ..Message::default()
                },
                response: None,
            });
            case
        };
        let headlines = |cases: Vec<CaseRecord>| {
            let record = RunRecord::from_cases(RunHead::new(Kind::Server, "a"), cases);
            let mut groups = Causes::embedded().unwrap().group(&record);
            tell_apart(&mut groups);
            let headlines = groups.into_iter().map(|group| group.headline);
            headlines.collect::<Vec<String>>()
        };
        let (one, other) = (case("x", "CreateVpc", "p"), case("y", "CreateSubnet", "p"));
        let place = case("z", "CreateVpc", "q");
        assert_eq!(headlines(vec![one.clone()]), ["expected: It is so."]);
        assert_eq!(
            headlines(vec![one.clone(), other.clone()]),
            [
                "expected of CreateVpc: It is so.",
                "expected of CreateSubnet: It is so."
            ]
        );
        assert_eq!(
            headlines(vec![one.clone(), place.clone()]),
            ["expected at p: It is so.", "expected at q: It is so."]
        );
        assert_eq!(
            headlines(vec![one, other, place]),
            [
                "expected of CreateVpc at p: It is so.",
                "expected of CreateSubnet at p: It is so.",
                "expected of CreateVpc at q: It is so."
            ]
        );
    }

    #[test]
    fn ids_are_masked_but_numbers_are_not() {
        assert_eq!(
            without_ids(
                "arn:aws:ec2:us-east-1:123456789012:ipam-policy/ipam-policy-0123456789abcdef0"
            ),
            "arn:aws:ec2:us-east-1:#:ipam-policy/ipam-policy-#"
        );
        assert_eq!(
            without_ids("status 400, 7a62c49f-347e-4fc4-9331-6e8e"),
            "status 400, #"
        );
        assert_eq!(without_ids("deadbeef facade"), "deadbeef facade");
    }
}
