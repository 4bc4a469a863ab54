//! The matrix: what of EC2 a server does, and how well. A row for each resource, a column for each
//! aspect.

use super::group::Unjudged;
use crate::format::aspect::Aspect;
use crate::record::{CaseRecord, Verdict};
use crate::text::count_of;
use std::collections::HashMap;

/// The row of the cases whose action is about no resource of the table.
const OTHER: &str = "(no resource)";

/// What the marks of cells mean.
pub(super) const LEGEND: &str =
    "ok passed; 12/14 passed of judged; ~ only warned; ? not all and - none judged";

/// The cases of a record by what they are about.
#[derive(Debug, Default)]
pub(super) struct Matrix<'r> {
    /// The columns that have cases, in the order of the aspects.
    pub(super) aspects: Vec<Aspect>,
    /// The worst come first; otherwise, they have the record's order.
    pub(super) rows: Vec<Row<'r>>,
}

/// A resource, with the cells of all aspects.
#[derive(Debug)]
pub(super) struct Row<'r> {
    pub(super) resource: &'r str,
    cells: [Cell<'r>; Aspect::ALL.len()],
}

/// The cases on one aspect of a resource.
#[derive(Debug, Default)]
pub(super) struct Cell<'r> {
    pub(super) cases: Vec<&'r CaseRecord>,
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) warned: usize,
}

/// How a cell, or a row as a whole, looks. The worst comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Look {
    Failed,
    Warned,
    Passed,
    NotJudged,
    /// No case is about it.
    Empty,
}

impl<'r> Matrix<'r> {
    /// The matrix of all cases that have an aspect. It has no rows if none of them was judged.
    pub(super) fn of(cases: &'r [CaseRecord]) -> Self {
        let mut rows: Vec<Row<'r>> = Vec::new();
        let mut known: HashMap<&str, usize> = HashMap::new();
        for case in cases {
            let Some(aspect) = case.aspect else {
                continue;
            };
            let resource = case.resource.as_deref().unwrap_or(OTHER);
            let at = *known.entry(resource).or_insert(rows.len());
            if at == rows.len() {
                rows.push(Row::new(resource));
            }
            if let Some(cell) = rows.get_mut(at).and_then(|row| row.cell_mut(aspect)) {
                cell.add(case);
            }
        }
        if rows.iter().all(|row| row.look() >= Look::NotJudged) {
            return Self::default();
        }
        // The sort is stable and so keeps the record's order.
        rows.sort_by_key(Row::look);
        let has_cases =
            |aspect: &Aspect| rows.iter().any(|row| !row.cell(*aspect).cases.is_empty());
        Self {
            aspects: Aspect::ALL.into_iter().filter(has_cases).collect(),
            rows,
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// What was not judged, and why most of that was not; `None` if everything was.
    pub(super) fn not_judged(&self, reasons: &[Unjudged<'_>]) -> Option<String> {
        let all: usize = self.rows.iter().map(Row::not_judged).sum();
        let count = |reason: &Unjudged<'_>| {
            let cases = reason.cases.iter();
            cases.filter(|case| case.aspect.is_some()).count()
        };
        // The first of several that are equally common.
        let commonest = reasons.iter().rev().max_by_key(|reason| count(reason))?;
        let of_it = count(commonest);
        let why = match (commonest.verdict, commonest.reason) {
            (Verdict::Unimplemented, "") => "the server does not have the action",
            (_, reason) => reason,
        };
        let most = if of_it == all {
            String::new()
        } else {
            format!(", {of_it} of them")
        };
        (all > 0 && of_it > 0)
            .then(|| format!("not judged: {}{most}: {why}", count_of(all, "case")))
    }
}

/// The resources that are left out, in words.
pub(super) fn rest(rows: &[Row<'_>]) -> String {
    let mut said = Vec::new();
    for (look, words) in [
        (Look::Failed, "failed"),
        (Look::Warned, "warned"),
        (Look::Passed, "passed"),
        (Look::NotJudged, "not judged"),
    ] {
        match rows.iter().filter(|row| row.look() == look).count() {
            0 => {}
            count => said.push(format!("{count} {words}")),
        }
    }
    format!(
        "{}: {}",
        count_of(rows.len(), "more resource"),
        said.join(", ")
    )
}

impl<'r> Row<'r> {
    fn new(resource: &'r str) -> Self {
        Self {
            resource,
            cells: Default::default(),
        }
    }

    fn cell_mut(&mut self, aspect: Aspect) -> Option<&mut Cell<'r>> {
        self.cells.get_mut(aspect as usize)
    }

    pub(super) fn cell(&self, aspect: Aspect) -> &Cell<'r> {
        let [first, ..] = &self.cells;
        self.cells.get(aspect as usize).unwrap_or(first)
    }

    /// The look of its worst cell.
    pub(super) fn look(&self) -> Look {
        let looks = self.cells.iter().map(Cell::look);
        looks.min().unwrap_or(Look::Empty)
    }

    fn not_judged(&self) -> usize {
        self.cells.iter().map(Cell::not_judged).sum()
    }
}

impl<'r> Cell<'r> {
    fn add(&mut self, case: &'r CaseRecord) {
        self.cases.push(case);
        match case.verdict {
            Verdict::Pass => self.passed += 1,
            Verdict::Fail => self.failed += 1,
            Verdict::Warn => self.warned += 1,
            Verdict::Unimplemented | Verdict::NotRun => {}
        }
    }

    const fn judged(&self) -> usize {
        self.passed + self.failed + self.warned
    }

    pub(super) const fn not_judged(&self) -> usize {
        self.cases.len() - self.judged()
    }

    pub(super) const fn look(&self) -> Look {
        if self.failed > 0 {
            Look::Failed
        } else if self.warned > 0 {
            Look::Warned
        } else if self.passed > 0 {
            Look::Passed
        } else if self.cases.is_empty() {
            Look::Empty
        } else {
            Look::NotJudged
        }
    }

    /// Its mark, which needs no colour, in at most so many columns: a percentage takes less room than
    /// two large numbers.
    pub(super) fn mark(&self, room: usize) -> String {
        let before = match self.look() {
            Look::Empty => return String::new(),
            Look::NotJudged => return "-".to_owned(),
            Look::Warned => "~",
            Look::Failed | Look::Passed => "",
        };
        let after = if self.not_judged() > 0 { "?" } else { "" };
        if self.passed == self.judged() {
            return format!("ok{after}");
        }
        let exact = format!("{before}{}/{}{after}", self.passed, self.judged());
        if exact.len() <= room {
            return exact;
        }
        // Rounded down, so that it is 100 for none of them.
        let percent = self.passed * 100 / self.judged().max(1);
        format!("{before}{percent}%{after}")
    }

    /// What it says, in words.
    pub(super) fn words(&self) -> String {
        let counts = [
            (self.passed, "passed"),
            (self.failed, "failed"),
            (self.warned, "warned"),
            (self.not_judged(), "not judged"),
        ];
        let counts = counts.iter().filter(|(count, _)| *count > 0);
        let said: Vec<String> = counts
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        said.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::case::Phase;
    use ec2wire::contract::Level;
    use proptest::prelude::*;

    const VERDICTS: [Verdict; 5] = [
        Verdict::Pass,
        Verdict::Fail,
        Verdict::Warn,
        Verdict::Unimplemented,
        Verdict::NotRun,
    ];

    fn case(verdict: Verdict, aspect: Option<Aspect>, resource: Option<&str>) -> CaseRecord {
        let mut case = CaseRecord::new("a", "a", Phase::Semantics, Level::Must, verdict);
        (case.aspect, case.resource) = (aspect, resource.map(str::to_owned));
        case
    }

    fn cell(counts: [usize; 5]) -> Vec<CaseRecord> {
        let verdicts = VERDICTS.iter().zip(counts);
        let cases = verdicts.flat_map(|(verdict, count)| {
            std::iter::repeat_n(case(*verdict, Some(Aspect::Make), None), count)
        });
        cases.collect()
    }

    #[test]
    fn marks_need_no_colour() {
        for (counts, mark) in [
            ([3, 0, 0, 0, 0], "ok"),
            ([3, 0, 0, 1, 0], "ok?"),
            ([12, 2, 0, 0, 0], "12/14"),
            ([112, 2, 0, 0, 1], "98%?"),
            ([3, 0, 1, 0, 0], "~3/4"),
            ([999, 0, 1, 0, 0], "~99%"),
            ([0, 0, 0, 0, 2], "-"),
        ] {
            let mut all = Cell::default();
            let cases = cell(counts);
            for case in &cases {
                all.add(case);
            }
            assert_eq!(all.mark(5), mark);
        }
    }

    #[test]
    fn the_commonest_reason_is_told() {
        let mut cases = cell([1, 0, 0, 0, 3]);
        for (case, note) in cases.iter_mut().skip(1).zip(["a", "b", "b"]) {
            note.clone_into(&mut case.note);
        }
        let run = crate::record::RunHead::new(crate::record::Kind::Server, "http://h/");
        let record = crate::record::RunRecord::from_cases(run, cases);
        let matrix = Matrix::of(&record.cases);
        assert_eq!(
            matrix.not_judged(&super::super::group::unjudged(&record)),
            Some("not judged: 3 cases, 2 of them: b".to_owned())
        );
    }

    proptest! {
        #[test]
        fn each_case_with_an_aspect_is_in_one_cell(
            picked in proptest::collection::vec((0..5_usize, 0..11_usize, 0..4_usize), 0..60),
        ) {
            let names = ["vpc", "subnet", "image"];
            let cases: Vec<CaseRecord> = picked
                .into_iter()
                .filter_map(|(verdict, aspect, name)| {
                    let aspect = Aspect::ALL.get(aspect).copied();
                    Some(case(*VERDICTS.get(verdict)?, aspect, names.get(name).copied()))
                })
                .collect();
            let matrix = Matrix::of(&cases);
            let of = |verdicts: &[Verdict]| {
                let cases = cases.iter().filter(|case| case.aspect.is_some());
                cases.filter(|case| verdicts.contains(&case.verdict)).count()
            };
            if of(&[Verdict::Pass, Verdict::Fail, Verdict::Warn]) == 0 {
                prop_assert!(matrix.is_empty());
                return Ok(());
            }
            let sum = |count: fn(&Cell<'_>) -> usize| -> usize {
                let rows = matrix.rows.iter();
                rows.flat_map(|row| matrix.aspects.iter().map(|aspect| count(row.cell(*aspect)))).sum()
            };
            prop_assert_eq!(sum(|cell| cell.passed), of(&[Verdict::Pass]));
            prop_assert_eq!(sum(|cell| cell.failed), of(&[Verdict::Fail]));
            prop_assert_eq!(sum(|cell| cell.warned), of(&[Verdict::Warn]));
            prop_assert_eq!(
                sum(|cell| cell.cases.len() - cell.judged()),
                of(&[Verdict::Unimplemented, Verdict::NotRun])
            );
            for row in &matrix.rows {
                for aspect in &matrix.aspects {
                    let cell = row.cell(*aspect);
                    let is_here = |case: &&CaseRecord| {
                        case.aspect == Some(*aspect)
                            && case.resource.as_deref().unwrap_or(OTHER) == row.resource
                    };
                    prop_assert!(cell.cases.iter().all(is_here));
                }
            }
        }
    }
}
