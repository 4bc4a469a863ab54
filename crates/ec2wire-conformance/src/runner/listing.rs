//! Reads a listing page by page, up to its end if it has one.

use super::Runner;
use crate::judge;
use crate::wire::Answered;
use crate::wire::referee::Element;
use std::collections::BTreeSet;

/// The most pages, since a server may make up new entries forever.
const MOST_PAGES: usize = 1000;
/// The longest pages together, in bytes, which all are kept.
const LONGEST_LISTING: usize = 8 << 20;
/// How many pages in a row may show nothing new. A filter may leave a page empty, and nothing says
/// that it is the last one.
const MOST_STALE: usize = 3;
/// After how many pages a listing that took all the time of its case is not tried again.
const MANY_PAGES: usize = 20;

/// The pages that were read.
#[derive(Default)]
struct Pages {
    read: Vec<Element>,
    /// The entries that they show, as the server wrote them.
    entries: BTreeSet<Vec<u8>>,
    tokens: BTreeSet<String>,
    length: usize,
    stale: usize,
}

/// What to do after a page.
enum Next {
    Page(String),
    End,
    /// Stop: the listing never ends.
    Never,
    /// Stop: this is not a listing, or it is too long.
    Fails,
}

impl Pages {
    /// Adds a page.
    fn add(&mut self, answered: Answered) -> Next {
        let Answered { body, document, .. } = answered;
        self.length += body.len();
        let Ok(page) = document else {
            return Next::Fails;
        };
        if self.length > LONGEST_LISTING {
            return Next::Fails;
        }
        let sets = page.children.iter().flat_map(|set| &set.children);
        let entries = sets.filter_map(|entry| body.get(entry.span.clone()));
        let before = self.entries.len();
        self.entries.extend(entries.map(<[u8]>::to_vec));
        let is_stale = self.entries.len() == before;
        self.stale = if is_stale { self.stale + 1 } else { 0 };
        let token = page.child("nextToken").map(|token| token.text.clone());
        self.read.push(page);
        match token.filter(|token| !token.is_empty()) {
            None => Next::End,
            // The same token gives the same pages again.
            Some(token) if !self.tokens.insert(token.clone()) => Next::Never,
            Some(_) if self.stale >= MOST_STALE || self.read.len() >= MOST_PAGES => Next::Never,
            Some(token) => Next::Page(token),
        }
    }
}

impl Runner<'_> {
    /// All pages of an action's list; `None` if the server cannot list it, or if the list has no end,
    /// which a run finds out once.
    pub(super) async fn pages(&self, action: &str) -> Option<Vec<Element>> {
        if self.run.endless.borrow().contains(action) {
            return None;
        }
        let mut seen = Pages::default();
        let mut token = None;
        loop {
            let pairs: Vec<(&str, &str)> = token
                .as_deref()
                .map(|token| ("NextToken", token))
                .into_iter()
                .collect();
            let answered = self.call(action, &pairs).await.ok()?;
            if !judge::is_success(Some(action), &answered) {
                return None;
            }
            match seen.add(answered) {
                Next::End => return Some(seen.read),
                Next::Fails => return None,
                Next::Never => {
                    self.note_endless(action);
                    return None;
                }
                Next::Page(next) => token = Some(next),
            }
            if self.patience.exhausted().is_some() {
                if seen.read.len() >= MANY_PAGES {
                    self.note_endless(action);
                }
                return None;
            }
        }
    }

    /// Remembers a listing that has no end, or whose end no case has the time to reach.
    fn note_endless(&self, action: &str) {
        self.run.endless.borrow_mut().insert(action.to_owned());
    }
}
