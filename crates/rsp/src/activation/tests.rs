use std::format;
use std::string::{String, ToString};

use proptest::prelude::*;

use super::*;

fn code(text: &str) -> ActivationCode {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn error(text: &str) -> ActivationCodeError {
    text.parse::<ActivationCode>().expect_err(text)
}

#[test]
fn every_legal_form_is_read() {
    let short = code("LPA:1$smdp.example.com$TOKEN");
    assert_eq!((short.address(), short.token().expose()), ("smdp.example.com", "TOKEN"));
    assert_eq!((short.oid(), short.confirmation_code_required()), (None, false));
    for same in [
        "1$smdp.example.com$TOKEN",
        "lpa:1$smdp.example.com$TOKEN",
        "LPA:1$smdp.example.com$TOKEN$",
        "LPA:1$smdp.example.com$TOKEN$$",
        "LPA:1$smdp.example.com$TOKEN$$$",
        "LPA:1$smdp.example.com$TOKEN$$0",
        " LPA:1$smdp.example.com$TOKEN\n",
    ] {
        assert_eq!(code(same), short, "{same}");
    }
    assert!(code("1$a$$").token().is_empty());
    let full = code("1$a:8443$T$1.3.6.1.4.1.31746$1$81370F$what$comes");
    assert_eq!(full.oid(), Some("1.3.6.1.4.1.31746"));
    assert!(full.confirmation_code_required());
    assert_eq!(full.ci_key_id(), Some(&[0x81, 0x37, 0x0F][..]));
    assert_eq!(full.later_fields(), Some("what$comes"));
}

#[test]
fn an_empty_identifier_before_the_flag_is_no_identifier() {
    let code = code("LPA:1$smdp.example.com$TOKEN$$1");
    assert_eq!((code.oid(), code.confirmation_code_required()), (None, true));
    assert_eq!(code.to_string(), "LPA:1$smdp.example.com$TOKEN$$1");
}

#[test]
fn what_is_no_code_is_refused_where_it_is_wrong() {
    use ActivationCodeError::{Character, Empty, Format, Missing, TooLong};
    use Field::{Address, CiKeyId, ConfirmationCodeFlag, Later, Oid, Token};
    assert_eq!(error(""), Format { at: 0 });
    assert_eq!(error("LPA:2$a$b"), Format { at: 4 });
    assert_eq!(error("LPA:1"), Missing { field: Address, at: 5 });
    assert_eq!(error("LPA:1$a"), Missing { field: Token, at: 7 });
    assert_eq!(error("LPA:1$$b"), Empty { field: Address, at: 6 });
    assert_eq!(error("1$a_b$c"), Character { field: Address, at: 3 });
    assert_eq!(error("1$a..b$c"), Character { field: Address, at: 4 });
    assert_eq!(error("1$a-.b$c"), Character { field: Address, at: 3 });
    assert_eq!(error("1$a:0$c"), Character { field: Address, at: 4 });
    assert_eq!(error("1$a$b c"), Character { field: Token, at: 5 });
    assert_eq!(error("1$a$b$1..2"), Character { field: Oid, at: 8 });
    assert_eq!(error("1$a$b$1.x"), Character { field: Oid, at: 8 });
    assert_eq!(error("1$a$b$$2"), Character { field: ConfirmationCodeFlag, at: 7 });
    assert_eq!(error("1$a$b$$1$8"), Character { field: CiKeyId, at: 10 });
    assert_eq!(error("1$a$b$$1$$ü"), Character { field: Later, at: 10 });
    let long = format!("1$a${}", "X".repeat(252));
    assert_eq!(error(&long), TooLong { length: 256, limit: CODE_LEN_MAX });
    assert_eq!(code(&long[..255]).to_string().len(), 259);
}

#[test]
fn a_code_that_becomes_too_long_is_refused() {
    let code = ActivationCode::new("a", &"X".repeat(250)).unwrap();
    assert_eq!(
        code.with_oid("1.2"),
        Err(ActivationCodeError::TooLong { length: 258, limit: CODE_LEN_MAX })
    );
}

#[test]
fn secrets_are_masked_in_debug() {
    let text = format!("{:?}", code("1$a$SECRET"));
    assert!(!text.contains("SECRET"), "{text}");
    let text = format!("{:?}", ConfirmationCode::new("4711").unwrap());
    assert!(!text.contains("4711"), "{text}");
}

#[test]
fn a_confirmation_code_is_hashed_with_the_transaction() {
    // Computed by hashlib of Python.
    let hash = ConfirmationCode::new("1234").unwrap().hash(&[1, 2, 3]);
    assert_eq!(hash[..8], HASH);
}

const HASH: [u8; 8] = [0x70, 0x2b, 0xdc, 0xeb, 0x00, 0xab, 0x7d, 0xd8];

fn any_code() -> impl Strategy<Value = ActivationCode> {
    let host = "[a-zA-Z0-9]{1,8}(\\.[a-z0-9]{1,8}){0,3}(:[1-9][0-9]{0,3})?";
    let token = "[!-#%-~]{0,32}";
    let oid = proptest::option::of("[1-9][0-9]{0,4}(\\.[1-9][0-9]{0,5}){1,6}");
    let key_id = proptest::option::of(proptest::collection::vec(any::<u8>(), 1..=20));
    let later = proptest::option::of("[!-~]{1,20}");
    (host, token, oid, any::<bool>(), key_id, later).prop_map(
        |(address, token, oid, confirmation_code_required, ci_key_id, later)| ActivationCode {
            address,
            token: MatchingId::new(&token).unwrap(),
            oid,
            confirmation_code_required,
            ci_key_id,
            later,
        },
    )
}

proptest! {
    #[test]
    fn a_code_round_trips(code in any_code()) {
        prop_assert_eq!(code.to_string().parse::<ActivationCode>(), Ok(code));
    }

    #[test]
    fn no_text_panics_and_what_is_read_is_written_the_same(text in "(LPA:)?(1\\$)?[ -~ü$]{0,60}") {
        if let Ok(code) = text.parse::<ActivationCode>() {
            let written = code.to_string();
            prop_assert_eq!(written.parse::<ActivationCode>(), Ok(code));
            prop_assert!(written.len() <= CODE_LEN_MAX + PREFIX.len());
        }
    }

    #[test]
    fn an_error_points_into_the_text(text in "1\\$[ -~$]{0,40}") {
        let error = text.parse::<ActivationCode>().err();
        let at = error.and_then(|error| match error {
            ActivationCodeError::Format { at }
            | ActivationCodeError::Missing { at, .. }
            | ActivationCodeError::Empty { at, .. }
            | ActivationCodeError::Character { at, .. } => Some(at),
            ActivationCodeError::TooLong { .. } => None,
        });
        prop_assert!(at.is_none_or(|at| at <= text.len()), "{:?} in {} characters", at, text.len());
    }
}

#[test]
fn a_matching_id_may_stand_in_a_journal() {
    let id = MatchingId::new("A-1").unwrap();
    let json = serde_json::to_string(&id).unwrap();
    assert_eq!(serde_json::from_str::<MatchingId>(&json).unwrap(), id);
    assert!(serde_json::from_str::<MatchingId>("\"a b\"").is_err());
    assert_eq!(String::from(id), "A-1");
}
