use super::Status;
use std::string::ToString;

#[test]
fn a_status_says_its_two_codes() {
    assert_eq!(Status::new("8.2.6", "3.8").to_string(), "8.2.6 - 3.8");
}
