//! SEARCH RECORD, and SEEK of a 2G SIM (TS 102.221, 11.1.7; TS 51.011, 8.7).

use polysim_apdu::{Channel, Search, SearchFrom, SearchWithin, Status};

use crate::card::{Answer, Card};
use crate::template::{Operation, Structure};

impl Card {
    /// Answers the numbers of the records with the pattern in the order of the search; the first of
    /// them becomes the current record.
    pub(crate) fn search_record(
        &mut self,
        channel: Channel,
        search: &Search<'_>,
        out: &mut Vec<u8>,
    ) -> Answer {
        let fits = |structure| structure != Structure::Transparent;
        let ef = self.target(channel, search.file, fits, Operation::Read)?.ef;
        let len = usize::from(ef.record_len);
        if search.pattern.len() > len {
            return Err(Status::WrongLength);
        }
        let current = self.selection(channel)?.record;
        if let SearchFrom::Forward(number) | SearchFrom::Backward(number) = search.from
            && number > ef.records
        {
            return Err(Status::RecordNotFound);
        }
        let (first, forward) = start(search.from, current, ef.records);
        let mut record = Vec::with_capacity(len);
        let mut number = first;
        while number != 0 && number <= ef.records {
            record.clear();
            let stored = self.contents.store.stored_record(&ef, number);
            self.contents.store.read(
                self.contents.profile.template(),
                &ef,
                stored,
                (0, len),
                &mut record,
            );
            if contains(&record, search.within, search.pattern) {
                out.push(number);
            }
            number = if forward { number + 1 } else { number - 1 };
        }
        let Some(&found) = out.first() else {
            return Err(Status::EndOfFile);
        };
        self.selection_mut(channel)?.record = found;
        if !search.answer_numbers {
            out.clear();
        }
        Ok(Status::Success)
    }
}

/// Returns the first record looked at (0 or too high for none) and whether to go forward.
fn start(from: SearchFrom, current: u8, records: u8) -> (u8, bool) {
    match from {
        SearchFrom::Forward(0) => (current.max(1), true),
        SearchFrom::Forward(number) => (number, true),
        SearchFrom::Backward(0) if current == 0 => (records, false),
        SearchFrom::Backward(0) => (current, false),
        SearchFrom::Backward(number) => (number, false),
        SearchFrom::ForwardNext => (current.saturating_add(1), true),
        SearchFrom::BackwardPrevious if current == 0 => (records, false),
        SearchFrom::BackwardPrevious => (current - 1, false),
        SearchFrom::Last => (records, false),
    }
}

fn contains(record: &[u8], within: SearchWithin, pattern: &[u8]) -> bool {
    let from = match within {
        SearchWithin::Anywhere => Some(0),
        SearchWithin::Offset(offset) => Some(usize::from(offset)),
        SearchWithin::After(byte) => record.iter().position(|&b| b == byte).map(|at| at + 1),
    };
    from.and_then(|from| record.get(from..))
        .is_some_and(|rest| rest.windows(pattern.len().max(1)).any(|part| part == pattern))
}
