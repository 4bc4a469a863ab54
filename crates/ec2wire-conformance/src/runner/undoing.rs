//! What a run or a replay made, and how it takes that away again: in reverse order, and with a look
//! whether it is gone.

use super::case::EVENTUALLY_PAUSE;
use super::waiting::{Next, Wait};
use super::{Runner, limits};
use crate::format::case::{Listing, Undo};
use crate::judge;
use crate::judge::gone::Gone;
use crate::laws;
use crate::record::Left;
use crate::wire::Answered;
use crate::wire::form::escaped;
use crate::wire::referee::Element;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// How often the deletion of what others may need is tried again at the end of a run.
const MOST_ROUNDS: u32 = 5;
/// The longest pause between two looks.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// What is waited for after a deletion.
const DELETIONS: &str = "deletions";
/// The end of the codes that say that nothing has this id.
const NOT_FOUND: &str = "NotFound";

/// Something that a request made.
#[derive(Debug, Clone)]
pub(super) struct Made {
    /// The action that made it.
    pub(super) by: String,
    pub(super) id: String,
    pub(super) undo: Undo,
    /// Its other identifier.
    pub(super) alias: Option<String>,
    pub(super) fate: Fate,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// It was not deleted yet.
    Untried,
    /// Its deletion failed; the text is the answer.
    Refused(String),
    /// There is nothing of that id.
    Unknown,
    /// Its deletion was answered with success.
    Deleted(Instant),
}

impl Fate {
    /// What the answer to a deletion says became of it.
    pub(super) fn of(deletion: &str, answered: &Answered) -> Self {
        if judge::is_success(Some(deletion), answered) {
            Self::Deleted(Instant::now())
        } else if answered
            .codes()
            .iter()
            .any(|code| code.ends_with(NOT_FOUND))
        {
            Self::Unknown
        } else {
            Self::Refused(judge::describe(Some(deletion), answered))
        }
    }

    /// Whether its deletion may still be tried. What was only just made may not be known yet.
    fn is_open(&self) -> bool {
        !matches!(self, Self::Deleted(_))
    }

    /// Whether its deletion failed, and so it is there.
    fn has_failed(&self) -> bool {
        matches!(self, Self::Untried | Self::Refused(_))
    }

    /// What its deletion was answered with, if that was no success.
    fn refusal(&self) -> Option<&str> {
        match self {
            Self::Deleted(_) => None,
            Self::Refused(why) => Some(why),
            Self::Untried => Some("no answer"),
            Self::Unknown => Some("an answer that it does not exist"),
        }
    }
}

/// All that a run made, in the order of making. What has a place here keeps it.
#[derive(Debug, Default)]
pub(super) struct Ledger(RefCell<Vec<Made>>);

impl Ledger {
    /// Notes something, and returns its place. What is already known and still there is not noted
    /// twice: the same answer may come again.
    pub(super) fn note(&self, made: Made) -> usize {
        let mut all = self.0.borrow_mut();
        let is_same = |known: &Made| {
            known.id == made.id && known.undo.action == made.undo.action && known.fate.is_open()
        };
        if let Some(place) = all.iter().position(is_same) {
            return place;
        }
        all.push(made);
        all.len() - 1
    }

    /// Adds things that are not known yet.
    pub(super) fn extend(&self, made: impl Iterator<Item = Made>) {
        self.0.borrow_mut().extend(made);
    }

    fn get(&self, place: usize) -> Option<Made> {
        self.0.borrow().get(place).cloned()
    }

    fn set(&self, place: usize, fate: Fate) {
        if let Some(made) = self.0.borrow_mut().get_mut(place) {
            made.fate = fate;
        }
    }

    /// The places of what may still be deleted, the last one first.
    fn open(&self) -> Vec<usize> {
        let all = self.0.borrow();
        let open = all
            .iter()
            .enumerate()
            .filter(|(_, made)| made.fate.is_open());
        let mut places: Vec<usize> = open.map(|(place, _)| place).collect();
        places.reverse();
        places
    }
}

/// What was made by one action.
struct Group {
    made: Vec<Made>,
    listing: Option<Listing>,
}

impl Runner<'_> {
    /// Notes what a success says was made, and returns its place in the ledger. `sent` is the body of
    /// the request.
    pub(super) fn note_made(
        &self,
        by: &str,
        undo: &Undo,
        answered: &Answered,
        sent: &[u8],
    ) -> Option<usize> {
        let id = answered.text_at(&undo.at).filter(|id| !id.is_empty())?;
        // A name from an answer may be anybody's, unless the request chose it.
        let alias = undo.alias.as_ref();
        let alias = alias.and_then(|alias| answered.text_at(&alias.at));
        let alias = alias.filter(|text| !text.is_empty() && has_value(sent, text));
        Some(self.run.made.note(Made {
            by: by.to_owned(),
            id,
            undo: undo.clone(),
            alias,
            fate: Fate::Untried,
        }))
    }

    /// Notes what a request of a case deleted by itself.
    pub(super) fn note_undone(&self, places: &[usize], action: &str, sent: &[u8]) {
        for &place in places {
            if let Some(made) = self.run.made.get(place)
                && made.undo.action == action
                && has_value(sent, &made.id)
            {
                self.run.made.set(place, Fate::Deleted(Instant::now()));
            }
        }
    }

    /// Deletes something that was made, unless that was done. Returns why it may be left over.
    pub(super) async fn take_away(&self, place: usize) -> Option<String> {
        let made = self
            .run
            .made
            .get(place)
            .filter(|made| made.fate.is_open())?;
        let Made { id, undo, .. } = &made;
        let undone = self.call(&undo.action, &[(&undo.key, id)]).await;
        let (fate, why) = match &undone {
            Ok(answered) => {
                let why = judge::describe(Some(&undo.action), answered);
                (Fate::of(&undo.action, answered), why)
            }
            Err(error) => (Fate::Refused(error.to_string()), error.to_string()),
        };
        let is_deleted = matches!(fate, Fate::Deleted(_));
        self.run.made.set(place, fate);
        (!is_deleted).then(|| format!("{id} may be left over: {} got {why}", undo.action))
    }

    /// Deletes what could not be deleted before: what needed it is gone by now, or the server is less
    /// busy.
    pub(super) async fn take_away_rest(&self) {
        for round in 1..=MOST_ROUNDS {
            let open = self.run.made.open();
            let before = open.len();
            for place in open {
                self.take_away(place).await;
            }
            let left = self.run.made.open().len();
            if left == 0 || (left == before && round > 1) {
                return;
            }
            tokio::time::sleep(limits::retry_pause(round)).await;
        }
    }

    /// Looks whether what was deleted is gone, and adds what a deletion left. A `patient` look waits
    /// for listings that lag.
    pub(super) async fn look(&self, gone: &Gone, patient: bool, left: &mut Vec<Left>) {
        let mut groups: BTreeMap<(String, String), Group> = BTreeMap::new();
        for made in self.run.made.0.borrow().iter().cloned() {
            let key = (made.by.clone(), made.undo.action.clone());
            let group = groups.entry(key).or_insert_with(|| Group {
                made: Vec::new(),
                listing: laws::listing(&made.by, self.fixtures),
            });
            group.made.push(made);
        }
        for ((by, deletion), group) in groups {
            let ids = self.still_there(&group, &group.made, gone, patient).await;
            let there = group.made.iter().filter(|made| ids.contains(&made.id));
            let mut there: Vec<Made> = there.cloned().collect();
            let (named, key) = self.take_away_by_alias(&mut there).await;
            if let (Some(key), false) = (key, named.is_empty()) {
                let ids = self.still_there(&group, &named, gone, patient).await;
                let (kept, freed): (Vec<Made>, Vec<Made>) =
                    named.into_iter().partition(|made| ids.contains(&made.id));
                there.extend(kept);
                if !freed.is_empty() {
                    let mut freed = Left::new(&by, &deletion, &ids_of(&freed), None);
                    freed.then_by = Some(key);
                    left.push(freed);
                }
            }
            let (accepted, refused): (Vec<Made>, Vec<Made>) = there
                .into_iter()
                .partition(|made| made.fate.refusal().is_none());
            for made in [accepted, refused] {
                if let Some(first) = made.first() {
                    let refusal = first.fate.refusal();
                    left.push(Left::new(&by, &deletion, &ids_of(&made), refusal));
                }
            }
        }
    }

    /// Deletes by their other identifiers what a deletion by id left. Takes these out of the list, and
    /// returns them with the key.
    async fn take_away_by_alias(&self, there: &mut Vec<Made>) -> (Vec<Made>, Option<String>) {
        let (mut named, mut key) = (Vec::new(), None);
        for mut made in std::mem::take(there).into_iter().rev() {
            let alias = made.undo.alias.as_ref().zip(made.alias.as_deref());
            let deleted = match alias {
                Some((alias, text)) if made.fate.refusal().is_none() => {
                    key.get_or_insert_with(|| alias.key.clone());
                    let action = &made.undo.action;
                    let undone = self.call(action, &[(&alias.key, text)]).await;
                    undone.is_ok_and(|answered| judge::is_success(Some(action), &answered))
                }
                _ => false,
            };
            if deleted {
                made.fate = Fate::Deleted(Instant::now());
                named.push(made);
            } else {
                there.push(made);
            }
        }
        named.reverse();
        there.reverse();
        (named, key)
    }

    /// The ids of those that are still listed and not deleted; without a listing, of those whose
    /// deletion failed.
    async fn still_there(
        &self,
        group: &Group,
        made: &[Made],
        gone: &Gone,
        patient: bool,
    ) -> BTreeSet<String> {
        let mut ids: BTreeSet<String> = made.iter().map(|made| made.id.clone()).collect();
        let first_deleted = |ids: &BTreeSet<String>| {
            let of_those = made.iter().filter(|made| ids.contains(&made.id));
            let times = of_those.filter_map(|made| match made.fate {
                Fate::Deleted(at) => Some(at),
                _ => None,
            });
            times.min()
        };
        let mut wait: Option<Wait<'_>> = None;
        let mut pause = EVENTUALLY_PAUSE;
        loop {
            let listed = match &group.listing {
                Some(listing) => self.listed_still(listing, &ids, gone).await,
                None => None,
            };
            let Some(listed) = listed else {
                let failed = made.iter().filter(|made| made.fate.has_failed());
                return failed.map(|made| made.id.clone()).collect();
            };
            // What was gone once is gone, even if a lagging listing has it again.
            ids = listed;
            // If what was deleted first is still there after that time, so is the rest.
            let Some(since) = first_deleted(&ids).filter(|_| patient) else {
                return ids;
            };
            let rest = self.settle.saturating_sub(since.elapsed());
            let wait = wait.get_or_insert_with(|| Wait::new(&self.run.states, rest));
            if rest.is_zero() || !matches!(wait.goes_on(DELETIONS), Next::Again) {
                return ids;
            }
            tokio::time::sleep(pause.min(rest)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// The ids that a listing still shows, without those that it shows as deleted. `None` if the
    /// listing cannot be read.
    async fn listed_still(
        &self,
        listing: &Listing,
        ids: &BTreeSet<String>,
        gone: &Gone,
    ) -> Option<BTreeSet<String>> {
        let (place, id) = listing.at.rsplit_once('.')?;
        let pages = self.pages(&listing.action).await?;
        let entries = pages.iter().flat_map(|page| page.at(place));
        let there = entries.filter(|entry| !gone.is_said_by(entry));
        let found = there.filter_map(|entry: &Element| entry.child(id));
        let found = found.map(|id| id.text.clone());
        Some(found.filter(|id| ids.contains(id)).collect())
    }
}

fn ids_of(made: &[Made]) -> Vec<String> {
    made.iter().map(|made| made.id.clone()).collect()
}

/// Whether a form has the text as the value of a pair.
fn has_value(form: &[u8], text: &str) -> bool {
    let text = escaped(text);
    let mut pairs = form.split(|byte| *byte == b'&');
    pairs.any(|pair| {
        let value = pair.iter().position(|byte| *byte == b'=');
        let value = value.and_then(|at| pair.get(at + 1..));
        value == Some(text.as_bytes())
    })
}
