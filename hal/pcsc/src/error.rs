//! What errors of the card service mean for a caller.

use pcsc::Error;
use polysim_hal::{CardError, CardErrorKind};

/// The name under which errors of the service itself are told.
pub(crate) const SERVICE: &str = "pcscd";

/// Returns an error of the service about `place`.
pub(crate) fn card_error(place: &str, error: Error) -> CardError {
    let kind = kind(error);
    let place = if kind == CardErrorKind::ServiceGone { SERVICE } else { place };
    CardError::new(kind, place).caused_by(error)
}

/// Returns what a caller decides by.
#[expect(clippy::wildcard_enum_match_arm, reason = "a foreign list of more than sixty codes")]
pub(crate) fn kind(error: Error) -> CardErrorKind {
    match error {
        Error::NoSmartcard => CardErrorKind::NoCard,
        Error::RemovedCard => CardErrorKind::CardGone,
        Error::UnresponsiveCard | Error::UnpoweredCard | Error::NotTransacted => {
            CardErrorKind::Mute
        }
        Error::ResetCard => CardErrorKind::Stale,
        Error::SharingViolation => CardErrorKind::Busy,
        Error::UnknownReader | Error::ReaderUnavailable | Error::NoReadersAvailable => {
            CardErrorKind::ReaderGone
        }
        // A handle is unknown to a service that was started anew, and the library tells a broken
        // connection to the service as a communication error.
        Error::NoService
        | Error::ServiceStopped
        | Error::Shutdown
        | Error::InvalidHandle
        | Error::CommError => CardErrorKind::ServiceGone,
        Error::InvalidParameter | Error::InvalidValue => CardErrorKind::BadCommand,
        Error::InsufficientBuffer | Error::PciTooSmall => CardErrorKind::BadAnswer,
        Error::Timeout | Error::WaitedTooLong => CardErrorKind::Timeout,
        Error::ProtoMismatch
        | Error::UnsupportedCard
        | Error::UnsupportedFeature
        | Error::ReaderUnsupported
        | Error::CardUnsupported => CardErrorKind::Unsupported,
        _ => CardErrorKind::Io,
    }
}

/// Tells whether the link to a card is of no more use.
pub(crate) const fn ends_the_link(kind: CardErrorKind) -> bool {
    use CardErrorKind::{CardGone, ReaderGone, ServiceGone};
    matches!(kind, CardGone | ReaderGone | ServiceGone)
}

#[cfg(test)]
mod tests {
    use super::{card_error, ends_the_link, kind};
    use pcsc::Error;
    use polysim_hal::CardErrorKind;
    use std::error::Error as _;

    #[test]
    fn what_the_contract_names_has_its_own_kind() {
        let expected = [
            (Error::NoSmartcard, CardErrorKind::NoCard),
            (Error::SharingViolation, CardErrorKind::Busy),
            (Error::UnknownReader, CardErrorKind::ReaderGone),
            (Error::ReaderUnavailable, CardErrorKind::ReaderGone),
            (Error::UnresponsiveCard, CardErrorKind::Mute),
            (Error::UnpoweredCard, CardErrorKind::Mute),
            (Error::RemovedCard, CardErrorKind::CardGone),
            (Error::ResetCard, CardErrorKind::Stale),
            (Error::NoService, CardErrorKind::ServiceGone),
            (Error::ServiceStopped, CardErrorKind::ServiceGone),
            (Error::InternalError, CardErrorKind::Io),
        ];
        for (error, wanted) in expected {
            assert_eq!(kind(error), wanted, "{error}");
        }
    }

    #[test]
    fn a_link_ends_with_its_card_its_reader_or_the_service() {
        assert!(ends_the_link(kind(Error::RemovedCard)));
        assert!(ends_the_link(kind(Error::ReaderUnavailable)));
        assert!(ends_the_link(kind(Error::CommError)));
        assert!(!ends_the_link(kind(Error::ResetCard)));
        assert!(!ends_the_link(kind(Error::NotTransacted)));
    }

    #[test]
    fn an_error_names_its_place_and_keeps_its_cause() {
        let error = card_error("Reader 00 00", Error::SharingViolation);
        assert_eq!(error.to_string(), "Reader 00 00: another program uses the card");
        assert!(error.source().unwrap().to_string().contains("outstanding"));
        assert_eq!(card_error("Reader 00 00", Error::NoService).place(), "pcscd");
    }
}
