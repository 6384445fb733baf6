use super::object::{Object, Reader};
use super::{BodyError, decode_base64, encode_base64};
use crate::es9::Status;
use proptest::prelude::*;
use std::string::ToString;
use std::vec::Vec;

#[test]
fn base64_is_the_one_of_rfc_4648() {
    for (plain, text) in [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ] {
        assert_eq!(encode_base64(plain.as_bytes()), text);
        assert_eq!(decode_base64(text).as_deref(), Some(plain.as_bytes()), "{text}");
        let bare = text.trim_end_matches('=');
        assert_eq!(decode_base64(bare).as_deref(), Some(plain.as_bytes()), "{bare}");
    }
    assert_eq!(decode_base64("Zm9v\r\nYmFy\n").as_deref(), Some(b"foobar".as_slice()));
}

#[test]
fn what_is_no_base64_is_refused() {
    for text in ["Z", "Zh", "Zm9vY", "Zm9v*mFy", "Zg==Zg", "Zm9"] {
        assert_eq!(decode_base64(text), None, "{text}");
    }
}

#[test]
fn an_execution_is_a_success_only_where_it_says_so() {
    let status = |text: &str| Reader::body(text.as_bytes(), 999).unwrap().execution();
    assert_eq!(status("{}"), Ok(()));
    for good in ["Executed-Success", "Executed-WithWarning"] {
        let body = Object::success().body();
        let body = core::str::from_utf8(&body).unwrap().replace("Executed-Success", good);
        assert_eq!(status(&body), Ok(()));
    }
    let bare = r#"{"header":{"functionExecutionStatus":{"status":"Expired"}}}"#;
    let bare = status(bare).unwrap_err();
    assert_eq!(bare.message.as_deref(), Some("Expired"));
    let full = Status { message: Some("no".to_string()), ..Status::new("8.2.6", "3.8") };
    let body = Object::failure(&full).body();
    assert_eq!(Reader::body(&body, 999).unwrap().execution(), Err(full));
}

#[test]
fn a_body_that_is_too_long_is_not_read() {
    let error = Reader::body(b"{    }", 5).unwrap_err();
    assert_eq!(error, BodyError::TooLong { length: 6, max: 5 });
    assert_eq!(Reader::body(b"[]", 5).unwrap_err(), BodyError::NotJson);
}

proptest! {
    #[test]
    fn base64_round_trips(octets: Vec<u8>) {
        prop_assert_eq!(decode_base64(&encode_base64(&octets)), Some(octets));
    }

    #[test]
    fn no_text_makes_base64_panic(text: std::string::String) {
        drop(decode_base64(&text));
    }
}
