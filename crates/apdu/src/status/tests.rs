use super::{Outcome, Status};
use std::string::{String, ToString};

#[test]
fn every_word_has_one_status_and_goes_back_to_itself() {
    for word in 0..=u16::MAX {
        let status = Status::from(word);
        assert_eq!(u16::from(status), word);
        assert_eq!(Status::from(u16::from(status)), status);
        assert!(!status.to_string().is_empty());
    }
}

#[test]
fn named_words_are_distinct_and_have_distinct_meanings() {
    let mut meanings: std::vec::Vec<String> =
        Status::NAMED.iter().map(ToString::to_string).collect();
    meanings.sort();
    meanings.dedup();
    assert_eq!(meanings.len(), Status::NAMED.len());
    for status in Status::NAMED {
        assert_eq!(Status::from(u16::from(*status)), *status);
    }
}

#[test]
fn parameters_are_kept() {
    assert_eq!(Status::from(0x612F), Status::DataAvailable(0x2F));
    assert_eq!(Status::from(0x63C3), Status::TriesLeft(3));
    assert_eq!(Status::from(0x6C10), Status::WrongLe(16));
    assert_eq!(Status::from(0x910B), Status::ProactivePending(11));
    assert_eq!(Status::from(0x9204), Status::UpdatedAfterRetries(4));
    assert_eq!(Status::from(0x9F17), Status::ResponseLength(23));
    assert_eq!(Status::from(0x63D0).outcome(), Outcome::Warning);
    assert!(matches!(Status::from(0x63D0), Status::Other(_)));
    assert_eq!(u16::from(Status::TriesLeft(200)), 0x63CF);
}

#[test]
fn a_meaning_is_words() {
    assert_eq!(Status::FileNotFound.to_string(), "file not found");
    assert_eq!(Status::WrongLe(0).to_string(), "wrong expected length, 256 is right");
    assert_eq!(Status::TriesLeft(2).to_string(), "verification failed, 2 tries left");
    assert_eq!(Status::from(0x6F42).to_string(), "status 6F42 without a name");
}

#[test]
fn done_means_carried_out() {
    assert!(Status::Success.is_done());
    assert!(Status::ProactivePending(4).is_done());
    assert!(Status::EndOfFile.is_done());
    assert!(!Status::TriesLeft(0).is_done());
    assert!(!Status::ToolkitBusy.is_done());
    assert!(!Status::SimMemoryProblem.is_done());
    assert!(!Status::AuthenticationMacError.is_done());
}
