//! Whatever comes, the card stands.

use proptest::prelude::*;

use super::*;
use crate::applet::tests::issuance::card as applet_card;
use crate::{CardFault, FaultSpan};

/// What a terminal may do at any time.
#[derive(Clone, Debug)]
enum Act {
    Envelope(Vec<u8>),
    Message(Vec<u8>),
    Packet(Vec<u8>),
    Response(Vec<u8>),
    Answer,
    Fetch,
    Push,
    Reset,
    /// The power will go after that many durable steps of some command.
    Cut(u32),
}

fn act() -> impl Strategy<Value = Act> {
    let octets = |most| proptest::collection::vec(any::<u8>(), 0..most);
    prop_oneof![
        octets(200).prop_map(Act::Envelope),
        octets(140).prop_map(Act::Message),
        octets(400).prop_map(Act::Packet),
        octets(40).prop_map(Act::Response),
        Just(Act::Answer),
        Just(Act::Fetch),
        Just(Act::Push),
        Just(Act::Reset),
        (0_u32..5).prop_map(Act::Cut),
    ]
}

proptest! {
    #[test]
    fn nothing_breaks_the_card_and_one_command_at_most_is_out(
        acts in proptest::collection::vec(act(), 1..60),
        with_applet: bool,
    ) {
        let mut card = if with_applet { applet_card() } else { card() };
        let mut server = server();
        card.power_on().unwrap();
        exchange(&mut card, &hex_of("80100000", &ALL));
        let mut out: Option<Vec<u8>> = None;
        for act in acts {
            let answer = match act {
                Act::Envelope(octets) => exchange(&mut card, &hex_of("80C20000", &octets)),
                Act::Message(octets) => {
                    let mut message = messages(&[], Reference::Eight(0)).remove(0);
                    let coding = polysim_sms::DataCoding::OTA;
                    let header = polysim_sms::HeaderBuf::new();
                    message.user_data =
                        polysim_sms::UserData::from_octets(coding, &header, &octets).unwrap();
                    exchange(&mut card, &envelope(&message))
                }
                Act::Packet(script) => {
                    let sealed = server.seal(Tar::USIM_FILES, Spi::FULL, &script).unwrap();
                    download(&mut card, &sealed.packet)
                }
                Act::Response(octets) => exchange(&mut card, &hex_of("80140000", &octets)),
                Act::Answer => {
                    let details = out.clone().unwrap_or_default();
                    let response = [hex("8103"), details, hex("82028281830100")].concat();
                    let answer = exchange(&mut card, &hex_of("80140000", &response));
                    let taken = matches!(answer[..], [0x90 | 0x91, _]);
                    prop_assert!(answer.is_empty() || taken == out.is_some());
                    out = None;
                    answer
                }
                Act::Fetch => {
                    let answer = exchange(&mut card, &hex("8012000000"));
                    if answer.len() > 2 {
                        prop_assert!(out.is_none(), "two commands are out");
                        out = CommandDetails::find(&answer)
                            .map(|sent| vec![sent.number, sent.command_type, sent.qualifier]);
                    }
                    answer
                }
                Act::Push => {
                    let _full = card.push_proactive(command_of("D009810301010482028182"));
                    exchange(&mut card, &hex("80F2000C"))
                }
                Act::Reset => {
                    card.reset().unwrap();
                    out = None;
                    exchange(&mut card, &hex_of("80100000", &ALL))
                }
                Act::Cut(steps) => {
                    card.inject(CardFault::PowerLossAfter { steps }, FaultSpan::Commands(1));
                    exchange(&mut card, &hex("80F2000C"))
                }
            };
            prop_assert_eq!(card.is_on(), !answer.is_empty());
            let Some((_, status)) = answer.split_last_chunk::<2>() else {
                card.power_on().unwrap();
                out = None;
                continue;
            };
            prop_assert!(status[0] != 0x91 || out.is_none(), "offered while one is out");
        }
    }
}
