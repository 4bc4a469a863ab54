//! Reports the records of a run in the order of its cases, whichever ends first.

use super::Event;
use crate::record::CaseRecord;

pub(super) struct Turn {
    records: Vec<Option<CaseRecord>>,
    /// The first index whose record was not reported yet.
    next: usize,
}

impl Turn {
    pub(super) fn new(cases: usize) -> Self {
        Self {
            records: vec![None; cases],
            next: 0,
        }
    }

    pub(super) fn has(&self, index: usize) -> bool {
        matches!(self.records.get(index), Some(Some(_)))
    }

    /// Takes the record of the case at an index, and reports the records whose turn has come.
    pub(super) fn put(
        &mut self,
        index: usize,
        record: CaseRecord,
        watch: &mut dyn FnMut(Event<'_>),
    ) {
        if let Some(slot) = self.records.get_mut(index) {
            *slot = Some(record);
        }
        while let Some(Some(record)) = self.records.get(self.next) {
            watch(Event::Next(record));
            self.next += 1;
        }
    }

    /// Returns all records and leaves none.
    pub(super) fn take_records(&mut self) -> Vec<CaseRecord> {
        std::mem::take(&mut self.records)
            .into_iter()
            .flatten()
            .collect()
    }
}
