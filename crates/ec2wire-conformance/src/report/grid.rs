//! The matrix on a terminal: a table, or a list where there is no room for one.

use super::brief::lines;
use super::matrix::{Cell, LEGEND, Look, Matrix, Row, rest};
use super::text::{pad, style};
use super::view::View;
use crate::explain::bytes::{cut_end, visible};
use crate::explain::{BOLD, DIM, Page, wrapped};
use crate::format::aspect::Aspect;
use crate::record::Verdict;
use std::fmt::{self, Write as _};
use unicode_width::UnicodeWidthStr as _;

/// The width of a column if the terminal is narrow, and otherwise.
const NARROW: usize = 5;
const WIDE: usize = 8;
/// The least width for the names of resources.
const NAME: usize = 16;
/// How many lines the reason for not judging most takes at most.
const REASON: usize = 2;

/// The matrix in about so many lines; empty if the run has none.
pub(super) fn render(view: &View<'_>, page: Page, room: usize) -> Result<String, fmt::Error> {
    let matrix = &view.matrix;
    let mut out = String::new();
    if matrix.is_empty() {
        return Ok(out);
    }
    let table = Table::new(matrix, page);
    let mut end = page.style(wrapped(LEGEND, page.width).join("\n"), DIM) + "\n";
    if let Some(reason) = matrix.not_judged(&view.unjudged) {
        let mut all = wrapped(&visible(&reason), page.width).into_iter();
        let first: Vec<String> = all.by_ref().take(REASON - 1).collect();
        let rest: Vec<String> = all.collect();
        for line in first {
            writeln!(end, "{line}")?;
        }
        if !rest.is_empty() {
            writeln!(end, "{}", cut_end(&rest.join(" "), page.width))?;
        }
    }
    table.head(&mut out)?;
    // One more line may say what is left out.
    let taken = lines(&end, page) + 1;
    for (index, row) in matrix.rows.iter().enumerate() {
        let mut text = String::new();
        table.row(&mut text, row)?;
        let is_full = lines(&out, page) + lines(&text, page) + taken > room;
        if index > 0 && is_full {
            let left_out = matrix.rows.get(index..).unwrap_or_default();
            let text = format!("{}; --verbose shows all", rest(left_out));
            writeln!(out, "{}", page.style(text, DIM))?;
            break;
        }
        out.push_str(&text);
    }
    out.push_str(&end);
    Ok(out)
}

/// How the rows are set.
struct Table<'v> {
    aspects: &'v [Aspect],
    page: Page,
    /// The widths of the names and of a column; `None` if there is no room for columns.
    widths: Option<(usize, usize)>,
}

impl<'v> Table<'v> {
    fn new(matrix: &'v Matrix<'_>, page: Page) -> Self {
        let names = matrix.rows.iter().map(|row| visible(row.resource).width());
        let longest = names.max().unwrap_or(0);
        let columns = matrix.aspects.len();
        let name = |column: usize| page.width.checked_sub(columns * (column + 1));
        let wide = name(WIDE).filter(|name| *name >= longest);
        let narrow = name(NARROW).filter(|name| *name >= NAME.min(longest));
        Self {
            aspects: &matrix.aspects,
            page,
            widths: wide
                .map(|_| (longest, WIDE))
                .or(narrow.map(|name| (name.min(longest), NARROW))),
        }
    }

    fn head(&self, out: &mut String) -> fmt::Result {
        let Some((name, column)) = self.widths else {
            return Ok(());
        };
        let mut line = " ".repeat(name);
        for aspect in self.aspects {
            let _ = write!(line, " {:column$}", title(*aspect, column));
        }
        writeln!(out, "{}", self.page.style(line.trim_end(), DIM))
    }

    fn row(&self, out: &mut String, row: &Row<'_>) -> fmt::Result {
        let resource = visible(row.resource);
        let Some((name, column)) = self.widths else {
            writeln!(out, "{}", self.page.style(resource, BOLD))?;
            let cells = self
                .aspects
                .iter()
                .map(|aspect| (aspect, row.cell(*aspect)));
            let cells = cells.filter(|(_, cell)| !cell.cases.is_empty());
            let said: Vec<String> = cells
                .map(|(aspect, cell)| format!("{aspect} {}", cell.mark(WIDE)))
                .collect();
            for line in wrapped(&said.join(", "), self.page.width.saturating_sub(2).max(20)) {
                writeln!(out, "  {line}")?;
            }
            return Ok(());
        };
        let resource = cut_end(&resource, name);
        out.push_str(&pad(&resource, name));
        // Nothing stands after the last mark.
        let has_cases = |aspect: &Aspect| !row.cell(*aspect).cases.is_empty();
        let used = self
            .aspects
            .iter()
            .rposition(has_cases)
            .map_or(0, |at| at + 1);
        for (index, aspect) in self.aspects.iter().take(used).enumerate() {
            let cell = row.cell(*aspect);
            let mark = cell.mark(column);
            let blanks = if index + 1 < used {
                " ".repeat(column.saturating_sub(mark.len()))
            } else {
                String::new()
            };
            write!(out, " {}{blanks}", self.marked(cell, mark))?;
        }
        out.push('\n');
        Ok(())
    }

    fn marked(&self, cell: &Cell<'_>, mark: String) -> String {
        match cell.look() {
            Look::Failed => self.page.style(mark, style(Verdict::Fail)),
            Look::Warned => self.page.style(mark, style(Verdict::Warn)),
            Look::Passed => self.page.style(mark, style(Verdict::Pass)),
            Look::NotJudged | Look::Empty => mark,
        }
    }
}

/// The head of a column.
fn title(aspect: Aspect, width: usize) -> &'static str {
    match aspect {
        _ if aspect.as_str().len() <= width => aspect.as_str(),
        Aspect::Filters => "filt",
        Aspect::States => "state",
        Aspect::Errors => "error",
        Aspect::Protocol => "prot",
        other => other.as_str(),
    }
}
