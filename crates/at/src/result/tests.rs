//! Tests of result codes.

use alloc::vec::Vec;

use proptest::prelude::*;

use crate::testkit::sampled;
use crate::*;

fn written(result: FinalResult, verbose: bool, errors: ErrorReporting) -> Vec<u8> {
    let mut out = Vec::new();
    Framing { verbose, ..Framing::default() }.result(result, errors, &mut out);
    out
}

#[test]
fn causes_are_reported_as_asked() {
    let cause = FinalResult::Cme(CmeError::SimPinRequired);
    let cms = FinalResult::Cms(CmsError::InvalidMemoryIndex);
    for (result, verbose, errors, expected) in [
        (cause, true, ErrorReporting::Off, "\r\nERROR\r\n"),
        (cause, true, ErrorReporting::Numeric, "\r\n+CME ERROR: 11\r\n"),
        (cause, true, ErrorReporting::Verbose, "\r\n+CME ERROR: SIM PIN required\r\n"),
        (cause, false, ErrorReporting::Off, "4\r"),
        (cause, false, ErrorReporting::Numeric, "+CME ERROR: 11\r"),
        (cms, true, ErrorReporting::Off, "\r\n+CMS ERROR: 321\r\n"),
        (cms, true, ErrorReporting::Verbose, "\r\n+CMS ERROR: invalid memory index\r\n"),
        (FinalResult::Ok, false, ErrorReporting::Off, "0\r"),
        (
            FinalResult::Connect { speed: Some(9600) },
            true,
            ErrorReporting::Off,
            "\r\nCONNECT 9600\r\n",
        ),
    ] {
        assert_eq!(written(result, verbose, errors), expected.as_bytes());
    }
}

#[test]
fn every_cause_has_one_number_and_one_text() {
    for cause in CmeError::ALL {
        assert_eq!(CmeError::from_number(cause.number()), *cause);
        assert_eq!(cause.text().and_then(|t| CmeError::from_text(t.as_bytes())), Some(*cause));
    }
    for cause in CmsError::ALL {
        assert_eq!(CmsError::from_number(cause.number()), *cause);
        assert_eq!(cause.text().and_then(|t| CmsError::from_text(t.as_bytes())), Some(*cause));
    }
}

#[test]
fn words_of_real_devices_are_understood() {
    let cme = |cause| Some(FinalResult::Cme(cause));
    for (line, expected) in [
        ("+CME ERROR: 10", cme(CmeError::SimNotInserted)),
        ("+CME ERROR:10", cme(CmeError::SimNotInserted)),
        ("+CME ERROR: sim not inserted", cme(CmeError::SimNotInserted)),
        ("+CME ERROR: something else", cme(CmeError::Unknown)),
        ("+CME ERROR: 70000", cme(CmeError::Unknown)),
        ("+CME ERROR: 999", cme(CmeError::Other(999))),
        ("+CMS ERROR: 321", Some(FinalResult::Cms(CmsError::InvalidMemoryIndex))),
        ("COMMAND NOT SUPPORT", Some(FinalResult::Error)),
        ("MODEM ERROR: 4", Some(FinalResult::Error)),
        ("NO DIAL TONE", Some(FinalResult::NoDialtone)),
        ("CONNECT 150000000", Some(FinalResult::Connect { speed: Some(150_000_000) })),
        ("CONNECT 115200/V42", Some(FinalResult::Connect { speed: None })),
        ("OKAY", None),
        ("0", None),
        ("+CREG: 1", None),
        ("", None),
    ] {
        assert_eq!(FinalResult::parse_verbose(line.as_bytes()), expected, "{line}");
    }
}

proptest! {
    #[test]
    fn every_result_comes_back(
        result in sampled::<FinalResult>(),
        verbose in any::<bool>(),
        errors in sampled::<ErrorReporting>(),
    ) {
        let bytes = written(result, verbose, errors);
        let mut reader = HostReader::default();
        reader.set_numeric(!verbose);
        let hidden = matches!(result, FinalResult::Cme(_)) && errors == ErrorReporting::Off;
        let expected = if hidden { FinalResult::Error } else { result };
        let item = reader.read(&mut bytes.as_slice(), b"");
        prop_assert_eq!(item, Some(HostItem::Result(expected)));
    }
}
