use super::mail::{pdu, text};
use super::sent::outcome;
use super::*;

#[test]
fn messages_and_records_round_trip_with_their_version() {
    let mut fleet = Fleet::new(2, 1);
    fleet.standby(10, anywhere());
    fleet.assign(ALICE, 11, Parameters { evict: true, priority: 200, ..anywhere() });
    let claim = fleet.claim(10);
    assert!(fleet.keep(1, text(claim, pdu(1, "hello", None))));
    assert!(fleet.keep(1, outcome(claim, 1, 5, PartOutcome::Unknown)));
    fleet.user(ALICE, Ask::List);
    fleet.user(ALICE, Ask::Mail { after: MailId(0) });
    fleet.tells(10, |claim| SiteReport::AttachFailed(claim, Fault::Modem));
    fleet.give(hello(1, 2, 2, 2, 1, Kind::BuiltIn));
    for record in &fleet.records {
        let text = serde_json::to_string(&Envelope::new(record)).unwrap();
        let read: Envelope<Record> = serde_json::from_str(&text).unwrap();
        assert_eq!(read.open().as_ref(), Ok(record));
    }
    for output in &fleet.said {
        let text = serde_json::to_string(&Envelope::new(output)).unwrap();
        let read: Envelope<Output> = serde_json::from_str(&text).unwrap();
        assert_eq!(read.open().as_ref(), Ok(output));
    }
    let input = hello(1, 1, 1, 2, 1, Kind::Cloud);
    let text = serde_json::to_string(&input).unwrap();
    assert_eq!(serde_json::from_str::<Input>(&text).unwrap(), input);
}

#[test]
fn another_version_is_refused() {
    let text = r#"{"version":2,"body":{"Lead":1}}"#;
    let read: Envelope<Input> = serde_json::from_str(text).unwrap();
    assert_eq!(read.open(), Err(WrongVersion { given: 2 }));
}
