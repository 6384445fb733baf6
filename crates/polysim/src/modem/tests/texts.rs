use super::*;
use crate::{ModemFault, TextContent};
use polysim_modem::{ModemError, OutgoingText, PartOutcome, Pin, TextBody, Verdict};
use polysim_sms::{MobileOriginated, Reference, Rp, SegmentOptions, segment};

#[tokio::test(start_paused = true)]
async fn a_modem_is_set_up_and_says_who_it_is() {
    let (modem, _far) = opened(FakeModem::default());
    let identity = modem.initialise(None).await.unwrap();
    assert_eq!(identity.imsi.unwrap().to_string(), "001010123456789");
    assert_eq!(modem.identity(), identity);
    assert_eq!(modem.ready().await, Ok(identity));
    let registered = modem.wait_registered(polysim_base::Duration::from_secs(1)).await.unwrap();
    assert!(registered.is_registered());
    assert_eq!(modem.name(), "memory: near");
}

#[tokio::test(start_paused = true)]
async fn a_pin_is_asked_for_and_entered() {
    let mut fake = FakeModem::default();
    fake.pin = Some("1234".into());
    let (modem, far) = opened(fake);
    let refused = modem.initialise(None).await;
    assert!(matches!(refused, Err(ModemFault::Modem(ModemError::PinRequired { .. }))));
    modem.initialise(Some(Pin::new("1234").unwrap())).await.unwrap();
    assert!(far.fake().pin.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_text_is_sent_in_parts_that_each_have_an_outcome() {
    let (modem, far) = ready().await;
    let outcome = modem.send_text("+46700000001", &"long ".repeat(60)).await.unwrap();
    assert_eq!(outcome.verdict(), Verdict::Sent);
    assert_eq!(outcome.parts, [1, 2].map(|reference| PartOutcome::Sent { reference }));
    assert_eq!(far.fake().submitted.len(), 2);
    let to = Address::parse_dialled("12").unwrap();
    modem.send(OutgoingText::new(to, "x").with_report()).await.unwrap();
    let pdu = polysim_base::parse_hex(far.fake().submitted[2].as_bytes()).unwrap();
    let MobileOriginated::Submit(submit) =
        AtPdu::<MobileOriginated>::parse(&pdu, Rp::Data).unwrap().tpdu
    else {
        panic!()
    };
    assert_eq!(submit.user_data.text().unwrap(), "x");
    assert!(matches!(modem.send_text("no number", "x").await, Err(ModemFault::Number(_))));
}

#[tokio::test(start_paused = true)]
async fn a_text_is_deleted_only_when_it_is_confirmed() {
    let (modem, far) = ready().await;
    let mut texts = modem.texts();
    far.fake().store.insert(3, short("hello"));
    far.say(&["+CMTI: \"SM\",3"]);
    let text = texts.next().await.unwrap();
    assert_eq!(text.text(), Some("hello"));
    assert_eq!(text.from.unwrap().to_string(), "+491701234567");
    assert_eq!(text.pdus.len(), 1);
    drop(text);
    secs(100).await;
    assert_eq!(far.fake().store.len(), 1, "dropped is not confirmed");
    let again = modem.texts().next().await.unwrap();
    assert_eq!(again.text(), Some("hello"));
    let twice = again.clone();
    again.confirm().await.unwrap();
    twice.confirm().await.unwrap();
    secs(1).await;
    assert!(far.fake().store.is_empty());
    assert_eq!(far.lines().iter().filter(|line| line.starts_with("AT+CMGD")).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_confirmed_comes_again_when_the_modem_is_opened_anew() {
    let (modem, far) = ready().await;
    far.fake().store.insert(3, short("hello"));
    far.say(&["+CMTI: \"SM\",3"]);
    assert_eq!(modem.texts().next().await.unwrap().text(), Some("hello"));
    modem.close().await;
    assert_eq!(modem.signal().await, Err(ModemFault::Closed));
    let fake = far.fake().clone();
    let (modem, _far) = opened(fake);
    modem.initialise(None).await.unwrap();
    assert_eq!(modem.texts().next().await.unwrap().text(), Some("hello"));
}

#[tokio::test(start_paused = true)]
async fn closing_lets_what_was_confirmed_be_deleted() {
    let (modem, far) = ready().await;
    for place in 1..=3 {
        far.fake().store.insert(place, short(&format!("text {place}")));
        far.say(&[&format!("+CMTI: \"SM\",{place}")]);
    }
    let mut texts = modem.texts();
    for _ in 0..3 {
        texts.next().await.unwrap().confirm().await.unwrap();
    }
    modem.close().await;
    assert!(far.fake().store.is_empty());
    assert!(texts.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_long_text_comes_whole_and_is_deleted_as_a_whole() {
    let (modem, far) = ready().await;
    let text = "many words ".repeat(30);
    let options = SegmentOptions::default().with_reference(Reference::Eight(9));
    let mut places = 1..;
    for part in segment(&text, &options).unwrap() {
        let place = places.next().unwrap();
        far.fake().store.insert(place, deliver(part));
        far.say(&[&format!("+CMTI: \"SM\",{place}")]);
    }
    let whole = modem.texts().next().await.unwrap();
    assert_eq!(whole.content, TextContent::Whole(TextBody::Text(text)));
    assert_eq!((whole.pdus.len(), far.fake().store.len()), (3, 3));
    whole.confirm().await.unwrap();
    secs(1).await;
    assert!(far.fake().store.is_empty());
}

#[tokio::test(start_paused = true)]
async fn more_texts_than_the_machine_holds_all_come_as_they_are_confirmed() {
    const TEXTS: u16 = 150;
    let mut fake = FakeModem::default();
    for place in 0..TEXTS {
        fake.store.insert(place, short(&format!("text {place}")));
    }
    let (modem, far) = opened(fake);
    modem.initialise(None).await.unwrap();
    let mut texts = modem.texts();
    let mut seen = std::collections::BTreeSet::new();
    while seen.len() < usize::from(TEXTS) {
        let text = texts.next().await.unwrap();
        assert!(seen.insert(text.text().unwrap().to_owned()), "none comes twice");
        text.confirm().await.unwrap();
    }
    modem.close().await;
    assert!(far.fake().store.is_empty());
}

#[tokio::test(start_paused = true)]
async fn reports_wait_for_a_reader_that_is_there_and_only_then() {
    let report = "0006010C91947110325476623010210000406230102100004000";
    let (modem, far) = ready().await;
    far.fake().store.insert(1, report.into());
    far.say(&["+CDSI: \"SM\",1"]);
    secs(1).await;
    assert!(far.fake().store.is_empty(), "without a reader it is an event only");
    let mut reports = modem.reports();
    far.fake().store.insert(2, report.into());
    far.say(&["+CDSI: \"SM\",2"]);
    let told = reports.next().await.unwrap();
    assert_eq!((told.reference, far.fake().store.len()), (1, 1));
    told.confirm().await.unwrap();
    secs(1).await;
    assert!(far.fake().store.is_empty());
}
