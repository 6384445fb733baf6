//! Words of the catalogue for what machines say.

use polysim_fleet::Epoch;
use polysim_fleet::terminal::{TerminalWish, WishError};
use polysim_fleet::wire::{Answer, Refusal, RingOver};
use std::fmt::Debug;

/// Returns the name of a variant in small letters with hyphens: `AnsweredElsewhere` is
/// `answered-elsewhere`.
pub(crate) fn word(value: &impl Debug) -> String {
    let mut word = String::new();
    for letter in format!("{value:?}").chars().take_while(char::is_ascii_alphanumeric) {
        if letter.is_ascii_uppercase() && !word.is_empty() {
            word.push('-');
        }
        word.push(letter.to_ascii_lowercase());
    }
    word
}

/// Returns an epoch as a number: it grows as epochs do.
pub(crate) fn number(epoch: Epoch) -> u64 {
    (u64::from(epoch.term().0) << 32) | u64::from(epoch.count())
}

/// Why nothing was changed.
pub(crate) fn refusal(refusal: &Refusal) -> String {
    if let Refusal::State(state) = refusal { word(state) } else { word(refusal) }
}

/// Why a wish cannot be had.
pub(crate) fn wish_error(error: WishError) -> String {
    match error {
        WishError::Modem(why) => word(&why),
        WishError::Exchange(why) => refusal(&why),
        WishError::NoAnswer | WishError::NoCall | WishError::Restless | WishError::TooMany => {
            word(&error)
        }
    }
}

/// Why a call rings no more.
pub(crate) fn ring_over(why: RingOver) -> String {
    if let RingOver::Ended(ending) = why { word(&ending) } else { word(&why) }
}

/// What a user wished.
pub(crate) fn wish(wish: &TerminalWish) -> String {
    word(wish)
}

/// What the exchange answered, and why, where it is not about a modem.
pub(crate) fn answer(answer: &Answer) -> Option<(&'static str, String)> {
    match answer {
        Answer::Assigned(_, why) => Some(("assigned", word(why))),
        Answer::Unchanged(why) => Some(("unchanged", word(why))),
        Answer::Waiting(why) => Some(("waiting", word(why))),
        Answer::Refused(why) => Some(("refused", refusal(why))),
        Answer::Dropped(why) => Some(("dropped", word(why))),
        Answer::Ended(why) => Some(("ended", word(why))),
        Answer::Explained(_, why) => Some(("explained", word(why))),
        Answer::At(..) | Answer::Moved(_) | Answer::Sims(_) | Answer::Mail(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polysim_fleet::wire::{CallEnding, EndReason};

    #[test]
    fn variants_become_words() {
        assert_eq!(word(&EndReason::Evicted(7)), "evicted");
        assert_eq!(word(&RingOver::AnsweredElsewhere), "answered-elsewhere");
        assert_eq!(ring_over(RingOver::Ended(CallEnding::NoAnswer)), "no-answer");
        assert_eq!(wish(&TerminalWish::HangUp), "hang-up");
    }
}
