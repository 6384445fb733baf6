use super::*;
use crate::CardEpoch;
use crate::testkit::MockCardLink;
use mockall::Sequence;

const EPOCH: CardEpoch = CardEpoch(4);
const AID: [u8; 7] = [0xA0, 0, 0, 0, 0x87, 0x10, 0x02];

/// A link that is asked exactly this, in this order, each time on this channel.
fn scripted(script: &[(u8, &str, &str)]) -> MockCardLink {
    let (mut link, mut order) = (MockCardLink::new(), Sequence::new());
    link.expect_epoch().return_const(EPOCH);
    for (number, command, answer) in script {
        let channel = CardChannel { number: *number, epoch: EPOCH };
        let (command, answer) = (hex(command), hex(answer));
        link.expect_transmit()
            .once()
            .in_sequence(&mut order)
            .withf(move |on, sent| (*on, sent) == (channel, command.as_slice()))
            .return_once(move |_, _| Ok(answer));
    }
    link
}

fn hex(text: &str) -> Vec<u8> {
    polysim_base::parse_hex(text.replace(' ', "").as_bytes()).unwrap()
}

#[test]
fn the_channel_goes_into_the_class_byte() {
    let on = |number, command: &str| command_on(number, &hex(command), "here").map_err(kind);
    assert_eq!(on(2, "00A4000C023F00"), Ok(hex("02A4000C023F00")));
    assert_eq!(on(5, "80F2000000"), Ok(hex("C1F2000000")));
    assert_eq!(on(0, "03B0000000"), Ok(hex("00B0000000")));
    assert_eq!(on(0, "A0A40000023F00"), Ok(hex("A0A40000023F00")));
    assert_eq!(on(0, "FF00000000"), Ok(hex("FF00000000")), "for the card to refuse");
}

#[test]
fn what_no_card_could_take_is_refused() {
    let on = |number, command: &str| command_on(number, &hex(command), "here").map_err(kind);
    for (number, command) in [
        (1, "A0A40000023F00"),
        (1, "FF00000000"),
        (20, "00B0000000"),
        (0, "00B000"),
        (0, "00A4000C053F00"),
        (4, "0CB0000000"),
    ] {
        assert_eq!(on(number, command), Err(CardErrorKind::BadCommand), "{command}");
    }
}

fn kind(error: CardError) -> CardErrorKind {
    *error.kind()
}

#[tokio::test]
async fn an_answer_is_fetched_whole() {
    let mut link = scripted(&[
        (0, "00A4000C023F00", "6103"),
        (0, "00C0000003", "AABBCC6101"),
        (0, "00C0000001", "DD9000"),
        (0, "00B0000000", "6C02"),
        (0, "00B0000002", "01029000"),
        (0, "A0A40000023F00", "9F02"),
        (0, "A0C0000002", "01029000"),
    ]);
    let basic = CardChannel::basic(EPOCH);
    for (command, whole) in [
        ("00A4000C023F00", "AABBCCDD9000"),
        ("00B0000000", "01029000"),
        ("A0A40000023F00", "01029000"),
    ] {
        let answer = transmit_whole(&mut link, basic, &hex(command)).await.unwrap();
        assert_eq!(answer, hex(whole));
    }
}

#[tokio::test]
async fn a_card_without_end_is_given_up() {
    for endless in ["6101", "6C01", "FF6100"] {
        let mut link = MockCardLink::new();
        link.expect_transmit().times(..=ROUNDS_MAX).returning(|_, _| Ok(hex(endless)));
        let basic = CardChannel::basic(EPOCH);
        let error = transmit_whole(&mut link, basic, &hex("00B0000000")).await.unwrap_err();
        assert_eq!(kind(error), CardErrorKind::BadAnswer);
    }
    let mut link = MockCardLink::new();
    link.expect_transmit().returning(|_, _| Ok(vec![0x90]));
    let answer = transmit_whole(&mut link, CardChannel::basic(EPOCH), &hex("00B0000000")).await;
    assert_eq!(answer.map_err(kind), Err(CardErrorKind::BadAnswer));
}

#[tokio::test]
async fn a_channel_is_opened_selected_and_closed() {
    let mut link = scripted(&[
        (0, "0070000001", "029000"),
        (2, "00A4040407A000000087100200", "6104"),
        (2, "00C0000004", "620282009000"),
        (0, "00708002", "9000"),
    ]);
    let (channel, said) = open_by_manage_channel(&mut link, &AID).await.unwrap();
    assert_eq!(channel, CardChannel { number: 2, epoch: EPOCH });
    assert_eq!(said, hex("620282009000"));
    close_by_manage_channel(&mut link, channel).await.unwrap();
}

#[tokio::test]
async fn a_card_that_knows_no_fcp_is_asked_for_the_fci() {
    let mut link = scripted(&[
        (0, "0070000001", "019000"),
        (1, "00A4040407A000000087100200", "6A86"),
        (1, "00A4040007A000000087100200", "6F009000"),
    ]);
    let (_, said) = open_by_manage_channel(&mut link, &AID).await.unwrap();
    assert_eq!(said, hex("6F009000"));
}

#[tokio::test]
async fn a_channel_to_no_application_is_closed_again() {
    let mut link = scripted(&[
        (0, "0070000001", "039000"),
        (3, "00A4040407A000000087100200", "6A82"),
        (0, "00708003", "9000"),
    ]);
    let opened = open_by_manage_channel(&mut link, &AID).await;
    assert_eq!(opened.map_err(kind), Err(CardErrorKind::Refused([0x6A, 0x82])));
}

#[tokio::test]
async fn a_refused_channel_and_a_nonsensical_one_are_told_apart() {
    for (answer, expected) in [
        ("6A81", CardErrorKind::Refused([0x6A, 0x81])),
        ("009000", CardErrorKind::BadAnswer),
        ("149000", CardErrorKind::BadAnswer),
        ("9000", CardErrorKind::BadAnswer),
    ] {
        let mut link = scripted(&[(0, "0070000001", answer)]);
        let opened = open_by_manage_channel(&mut link, &AID).await;
        assert_eq!(opened.map_err(kind), Err(expected), "{answer}");
    }
    let too_long = open_by_manage_channel(&mut MockCardLink::new(), &[0; 17]).await;
    assert_eq!(too_long.map_err(kind), Err(CardErrorKind::BadCommand));
    let mut link = scripted(&[(0, "00708000", "6881")]);
    let closed = close_by_manage_channel(&mut link, CardChannel::basic(EPOCH)).await;
    assert_eq!(closed.map_err(kind), Err(CardErrorKind::Refused([0x68, 0x81])));
}
