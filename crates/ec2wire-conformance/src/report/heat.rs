//! The matrix as a heat map of an HTML page: a table whose cells lead to their cases.

use super::html::anchor;
use super::matrix::{Cell, LEGEND, Look};
use super::view::View;
use crate::explain::bytes::visible;
use crate::format::aspect::Aspect;
use crate::record::{CaseRecord, Verdict};
use maud::{Markup, html};

/// The widest mark.
const MARK: usize = 8;

pub(super) fn render(view: &View<'_>) -> Markup {
    let matrix = &view.matrix;
    if matrix.is_empty() {
        return html! {};
    }
    html! {
        section.matrix aria-labelledby="matrix" {
            h2 #matrix { "Resources" span.count { (matrix.rows.len()) } }
            // It scrolls by itself, so that a narrow page does not.
            div.scroll tabindex="0" role="region" aria-labelledby="matrix" {
                table {
                    thead {
                        tr {
                            td {}
                            @for aspect in &matrix.aspects { th scope="col" { (aspect) } }
                        }
                    }
                    tbody {
                        @for row in &matrix.rows {
                            tr {
                                th scope="row" { (visible(row.resource)) }
                                @for aspect in &matrix.aspects {
                                    (cell(row.resource, *aspect, row.cell(*aspect)))
                                }
                            }
                        }
                    }
                }
            }
            p.quiet { (LEGEND) }
            @if let Some(reason) = matrix.not_judged(&view.unjudged) {
                p.quiet { (visible(&reason)) }
            }
        }
    }
}

/// A cell. Its link leads to the worst of its cases; the script shows all of them instead.
fn cell(resource: &str, aspect: Aspect, cell: &Cell<'_>) -> Markup {
    let Some(case) = cell.cases.iter().min_by_key(|case| rank(case)) else {
        return html! { td {} };
    };
    let said = format!("{}, {aspect}: {}", visible(resource), cell.words());
    html! {
        td.(class(cell.look())) {
            a href={ "#" (anchor(&case.id)) } data-cell=(name(case)) aria-label=(said) title=(said) {
                (cell.mark(MARK))
            }
        }
    }
}

/// The name of a case's cell, which its row on the page has too; empty if it is in none.
pub(super) fn name(case: &CaseRecord) -> String {
    let Some(aspect) = case.aspect else {
        return String::new();
    };
    format!(
        "{} {aspect}",
        visible(case.resource.as_deref().unwrap_or_default())
    )
}

const fn class(look: Look) -> &'static str {
    match look {
        Look::Failed => "fail",
        Look::Warned => "warn",
        Look::Passed => "pass",
        Look::NotJudged | Look::Empty => "not-run",
    }
}

const fn rank(case: &CaseRecord) -> u8 {
    match case.verdict {
        Verdict::Fail => 0,
        Verdict::Warn => 1,
        Verdict::NotRun | Verdict::Unimplemented => 2,
        Verdict::Pass => 3,
    }
}
