use super::*;
use polysim_apdu::{FileId, FileStructure, KeyRef, Pin, Status};
use polysim_base::parse_hex;
use polysim_hal::testkit::{ScriptedCard, tiny_uicc};
use polysim_hal::{CardErrorKind, testkit::MockCardLink};
use std::collections::VecDeque;

/// A card that is asked exactly this, in this order.
fn asked(script: &[(&str, &str)]) -> Card {
    let script: VecDeque<(String, String)> =
        script.iter().map(|(command, answer)| ((*command).into(), (*answer).into())).collect();
    let life = move || {
        let mut script = script.clone();
        move |command: &[u8]| {
            let (expected, answer) = script.pop_front().unwrap_or_default();
            let command: String = command.iter().map(|byte| format!("{byte:02X}")).collect();
            assert_eq!(command, expected);
            parse_hex(answer.replace(' ', "").as_bytes()).unwrap()
        }
    };
    Card::new(Box::new(ScriptedCard::new(&[0x3B, 0x00], life)))
}

fn pin() -> Pin {
    Pin::from_digits("1234").unwrap()
}

/// FCP of a transparent file of so many bytes.
fn transparent(size: u16) -> String {
    format!("6208 82024121 8002{size:04X} 9000")
}

#[tokio::test]
async fn iccid_and_imsi_are_read() {
    let mut card = asked(&[
        ("00A40804022FE200", &transparent(10)),
        ("00B000000A", "98103254769810325476 9000"),
        ("00A40804022F0000", "6207 82054221000B01 9000"),
        ("00B201040B", "6109 4F07A0000000871002 9000"),
        ("00A4040407A000000087100200", "6103"),
        ("00C0000003", "620100 9000"),
        ("00A40804047FFF6F0700", &transparent(9)),
        ("00B0000009", "080910101032547698 9000"),
    ]);
    assert_eq!(card.iccid().await.unwrap().to_string().len(), 20);
    assert_eq!(card.imsi().await.unwrap().to_string(), "001010123456789");
}

#[tokio::test]
async fn a_channel_is_opened_used_and_closed() {
    let (iccid, imsi) = ([0x98; 10], [0x08, 0x09, 0x10, 0x10, 0x10, 0x32, 0x54, 0x76, 0x98]);
    let card = ScriptedCard::new(&[0x3B, 0x00], move || tiny_uicc(iccid, imsi, USIM_AID.to_vec()));
    let mut card = Card::new(Box::new(card));
    card.open_channel(&USIM_AID).await.unwrap();
    assert_eq!(card.channel().number, 1);
    let response = card.transmit(&[0x00, 0xA4, 0x00, 0x04, 0x02, 0x6F, 0x07, 0x00]).await.unwrap();
    assert!(response.status.is_done());
    assert_eq!(card.transmit(&[0x00, 0xB0, 0, 0, 0]).await.unwrap().data, imsi);
    card.close_channel().await.unwrap();
    assert_eq!(card.channel().number, 0);
    let none = card.open_channel(&[0xA0, 0xFF, 0, 0, 0]).await;
    assert!(matches!(none, Err(CardFault::NoApplication { .. })), "{none:?}");
}

#[tokio::test]
async fn a_long_file_is_read_in_blocks() {
    let (first, second) = ("AA".repeat(255), "BB".repeat(45));
    let mut card = asked(&[
        ("00A40804046F3A6F3B00", "610A"),
        ("00C000000A", &transparent(300)),
        ("00B00000FF", &format!("{first}9000")),
        ("00B000FF2D", &format!("{second}9000")),
    ]);
    let file = card.select(&[FileId(0x6F3A), FileId(0x6F3B)]).await.unwrap();
    assert_eq!((file.structure, file.size), (FileStructure::Transparent, Some(300)));
    let read = card.read(&file).await.unwrap();
    assert_eq!((read.len(), read[254], read[255]), (300, 0xAA, 0xBB));
    let records = card.read_records(&file).await;
    assert!(matches!(records, Err(CardFault::Structure { .. })));
}

#[tokio::test]
async fn a_card_that_gives_no_end_of_a_file_is_not_read_for_ever() {
    let mut card = asked(&[("00A40804022F0500", &transparent(300)), ("00B00000FF", "9000")]);
    let file = card.select(&[FileId(0x2F05)]).await.unwrap();
    let read = card.read(&file).await;
    assert!(matches!(read, Err(CardFault::WrongLength { len: 0, expected: 300 })), "{read:?}");
}

#[tokio::test]
async fn lengths_are_corrected_and_responses_fetched_whole() {
    let mut card =
        asked(&[("80F2000000", "6C05"), ("80F2000005", "0102030405 9000"), ("00C000000000", "")]);
    let response = card.transmit(&[0x80, 0xF2, 0, 0, 0]).await.unwrap();
    assert_eq!((response.data, response.status), (vec![1, 2, 3, 4, 5], Status::Success));
    let mut card = asked(&[
        ("80E2910003BF2E0000", "6102"),
        ("00C0000002", "0102 6103"),
        ("00C0000003", "6C01"),
        ("00C0000001", "03 9000"),
    ]);
    let response = card.transmit(&parse_hex(b"80E2910003BF2E0000").unwrap()).await.unwrap();
    assert_eq!((response.data, response.status), (vec![1, 2, 3], Status::Success));
    // A link or modem that fetches by itself gives the data at once.
    let mut card = asked(&[("80E2910003BF2E0000", "0102 9000")]);
    let response = card.transmit(&parse_hex(b"80E2910003BF2E0000").unwrap()).await.unwrap();
    assert_eq!(response.data, [1, 2]);
}

#[tokio::test]
async fn a_warning_stands_for_the_whole_and_its_data_is_fetched() {
    let mut card = asked(&[
        ("00A40804022F0500", "6283"),
        ("00C0000000", "6C04"),
        ("00C0000004", "62020000 9000"),
    ]);
    let response = card.transmit(&parse_hex(b"00A40804022F0500").unwrap()).await.unwrap();
    assert_eq!((response.data.len(), response.status), (4, Status::FileDeactivated));
    let mut card = asked(&[("00A40804022F0500", "6283"), ("00C0000000", "6D00")]);
    let response = card.transmit(&parse_hex(b"00A40804022F0500").unwrap()).await.unwrap();
    assert_eq!((response.data.len(), response.status), (0, Status::FileDeactivated));
}

#[tokio::test]
async fn a_response_without_end_is_given_up() {
    let card = ScriptedCard::new(&[], || |_: &[u8]| [&[0; 256][..], &[0x61, 0x00]].concat());
    let mut card = Card::new(Box::new(card));
    let endless = card.transmit(&[0x00, 0xB0, 0, 0, 0]).await;
    assert!(matches!(endless, Err(CardFault::Endless { .. })));
    let card = ScriptedCard::new(&[], || |_: &[u8]| vec![0x61, 0x00]);
    let endless = Card::new(Box::new(card)).transmit(&[0x00, 0xB0, 0, 0, 0]).await;
    assert!(matches!(endless, Err(CardFault::Endless { .. })));
    let card = ScriptedCard::new(&[], || |_: &[u8]| vec![0x6C, 0x07]);
    let response = Card::new(Box::new(card)).transmit(&[0x00, 0xB0, 0, 0, 0]).await.unwrap();
    assert_eq!(response.status, Status::WrongLe(7));
}

#[tokio::test]
async fn a_card_without_selection_by_path_is_walked() {
    let mut card = asked(&[
        ("00A40804047F102F0500", "6A86"),
        ("00A40004023F0000", "9000"),
        ("00A40004027F1000", "9000"),
        ("00A40004022F0500", &transparent(2)),
    ]);
    let file = card.select(&[FileId::MF, FileId(0x7F10), FileId(0x2F05)]).await.unwrap();
    assert_eq!(file.size, Some(2));
}

#[tokio::test]
async fn applications_are_found_by_the_beginning_of_their_identifier() {
    let mut card = asked(&[
        ("00A40804022F0000", "6207 82054221000E03 9000"),
        ("00B201040E", "6109 4F07A0000000871004 FFFFFF 9000"),
        ("00B202040E", "6109 4F07A0000000871002 FFFFFF 9000"),
        ("00B203040E", &format!("{}9000", "FF".repeat(14))),
        ("00A4040407A000000087100200", "9000"),
    ]);
    card.select_usim().await.unwrap();
}

#[tokio::test]
async fn a_pin_is_presented_only_while_enough_tries_are_left() {
    let presented = "002000010831323334FFFFFFFF";
    let mut card = asked(&[("00200001", "63C3"), (presented, "9000")]);
    assert_eq!(card.verify_pin(KeyRef::PIN1, pin()).await.unwrap(), PinOutcome::Verified);
    let mut card = asked(&[("00200001", "63C3"), (presented, "63C2"), ("00200001", "63C2")]);
    let wrong = card.verify_pin(KeyRef::PIN1, pin()).await;
    assert!(matches!(wrong, Err(CardFault::PinWrong { tries_left: 2, .. })), "{wrong:?}");
    let refused = card.verify_pin(KeyRef::PIN1, pin()).await;
    assert!(matches!(refused, Err(CardFault::PinAtRisk { tries_left: Some(2), .. })));
    assert!(refused.unwrap_err().to_string().contains("only 2 tries are left"));
    for (answer, needed) in [("9000", true), ("6984", true), ("6983", false), ("63C0", false)] {
        let mut card = asked(&[("00200001", answer)]);
        let outcome = card.verify_pin(KeyRef::PIN1, pin()).await;
        match outcome {
            Ok(outcome) => assert!(needed && outcome == PinOutcome::NotNeeded),
            Err(CardFault::PinBlocked { .. }) => assert!(!needed),
            Err(error) => panic!("{error}"),
        }
    }
    let mut card = asked(&[("00200001", "6F00")]);
    let unknown = card.verify_pin(KeyRef::PIN1, pin()).await;
    assert!(matches!(unknown, Err(CardFault::PinAtRisk { tries_left: None, .. })));
}

#[tokio::test]
async fn authentication_has_three_outcomes_and_shows_no_key() {
    let apdu = format!("0088008122 10{} 10{} 00", "11".repeat(16), "22".repeat(16));
    let apdu = apdu.replace(' ', "");
    let success =
        format!("DB 08{} 10{} 10{} 9000", "A1".repeat(8), "C1".repeat(16), "D1".repeat(16));
    let mut card = asked(&[
        (&apdu, &success),
        (&apdu, &format!("DC0E{}9000", "EE".repeat(14))),
        (&apdu, "9862"),
        (&apdu, "6982"),
    ]);
    let (rand, autn) = ([0x11; 16], [0x22; 16]);
    let answered = card.authenticate(&rand, &autn).await.unwrap();
    assert_eq!(format!("{answered:?}"), "Success { … }");
    let Authenticated::Success { res, ck, ik, kc } = answered else { panic!() };
    assert_eq!((res, ck, ik, kc), (vec![0xA1; 8], [0xC1; 16], [0xD1; 16], None));
    let auts = card.authenticate(&rand, &autn).await.unwrap();
    assert_eq!(auts, Authenticated::SyncFailure { auts: [0xEE; 14] });
    assert_eq!(card.authenticate(&rand, &autn).await.unwrap(), Authenticated::MacFailure);
    let refused = card.authenticate(&rand, &autn).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the card refused AUTHENTICATE: security status not satisfied (6982)"
    );
}

#[tokio::test]
async fn files_are_written_in_blocks_and_records() {
    let mut card =
        asked(&[(&format!("00D60005FF{}", "01".repeat(255)), "9000"), ("00D601040101", "9000")]);
    card.update(5, &[1; 256]).await.unwrap();
    let beyond = card.update(0x8000, &[1]).await;
    assert!(matches!(beyond, Err(CardFault::Offset { offset: 0x8000, .. })));
    let mut card = asked(&[("00DC0204030102FF", "6A83")]);
    let refused = card.update_record(2, &[1, 2, 0xFF]).await;
    let Err(CardFault::Refused { status, .. }) = refused else { panic!() };
    assert_eq!(status, Status::RecordNotFound);
}

#[tokio::test]
async fn a_reset_by_somebody_else_is_told_once_and_nothing_is_sent() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    let epoch = Arc::new(AtomicU64::new(1));
    let mut link = MockCardLink::new();
    let life = Arc::clone(&epoch);
    link.expect_epoch().returning(move || CardEpoch(life.load(Ordering::Relaxed)));
    let life = Arc::clone(&epoch);
    link.expect_transmit().times(2).returning(move |channel, _| {
        let epoch = CardEpoch(life.load(Ordering::Relaxed));
        polysim_hal::live(channel, epoch, "mock").map(|_| vec![0x90, 0x00])
    });
    let mut card = Card::new(Box::new(link));
    card.select(&[]).await.unwrap();
    epoch.store(2, Ordering::Relaxed);
    assert!(matches!(card.select(&[]).await, Err(CardFault::Reset)));
    card.select(&[]).await.unwrap();
}

#[tokio::test]
async fn a_reset_that_the_link_finds_only_while_it_sends_is_told_alike() {
    let mut link = MockCardLink::new();
    link.expect_epoch().returning(|| CardEpoch(1));
    link.expect_transmit()
        .returning(|_, _| Err(polysim_hal::CardError::new(CardErrorKind::Stale, "mock")));
    let mut card = Card::new(Box::new(link));
    assert!(matches!(card.select(&[]).await, Err(CardFault::Reset)));
}

#[tokio::test]
async fn a_reset_of_ones_own_is_no_surprise() {
    let mut card = asked(&[("00A40004023F0000", "9000")]);
    card.select(&[]).await.unwrap();
    card.reset(Reset::Warm).await.unwrap();
    card.select(&[]).await.unwrap();
}
