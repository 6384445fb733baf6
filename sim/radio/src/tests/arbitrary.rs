//! Whatever devices send, in whatever state, nothing breaks and everything comes to rest.

use super::{Network, Texts, network::*};
use crate::{air::*, *};
use polysim_aka::{Auts, Res};
use proptest::prelude::*;

fn call() -> impl Strategy<Value = CallUplink> {
    let numbers = prop_oneof![
        Just("0171000001".to_string()),
        Just("+49172000001".to_string()),
        Just("112".to_string()),
        Just("+8613900000001".to_string()),
        "[0-9+*#]{0,20}",
    ];
    prop_oneof![
        4 => (numbers, any::<bool>())
            .prop_map(|(number, hide_number)| CallUplink::Setup { number, hide_number }),
        2 => Just(CallUplink::Alerting),
        3 => Just(CallUplink::Connect),
        2 => Just(CallUplink::Disconnect(CallCause::Normal)),
        1 => Just(CallUplink::Disconnect(CallCause::Busy)),
        1 => Just(CallUplink::Hold),
        1 => Just(CallUplink::Retrieve),
        1 => any::<u8>().prop_map(CallUplink::Dtmf),
        2 => any::<i16>()
            .prop_map(|n| CallUplink::Speech(SpeechFrame::from([n; SpeechFrame::SAMPLES]))),
    ]
}

fn service() -> impl Strategy<Value = ServiceRequest> {
    let services = prop_oneof![
        Just(Service::CallWaiting),
        Just(Service::ForwardAll),
        Just(Service::ForwardBusy),
        Just(Service::ForwardNoReply),
        Just(Service::ForwardNotReachable)
    ];
    let actions = prop_oneof![
        Just(ServiceAction::Activate),
        Just(ServiceAction::Deactivate),
        Just(ServiceAction::Erase),
        Just(ServiceAction::Register("+49172000001".into())),
        Just(ServiceAction::Register("0171000001".into())),
    ];
    (services, actions).prop_map(|(service, action)| ServiceRequest { service, action })
}

fn sms() -> impl Strategy<Value = SmsUplink> {
    let tpdus = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..40),
        Just(vec![0x21, 7, 10, 0x91, 0x94, 0x71, 0x01, 0, 0, 0, 0, 1, 0x41]),
        // To 0171000001, with a report.
        Just(vec![0x21, 7, 10, 0x81, 0x10, 0x17, 0, 0, 0x10, 0, 0, 1, 0x41]),
        // A command about it: delete.
        Just(vec![0x22, 9, 0, 2, 7, 10, 0x81, 0x10, 0x17, 0, 0, 0x10, 0]),
    ];
    let centre = operators()[0].smsc.number;
    prop_oneof![
        3 => (any::<u8>(), tpdus).prop_map(move |(reference, tpdu)| SmsUplink::Data { reference, centre, tpdu }),
        1 => any::<u8>().prop_map(|reference| SmsUplink::Ack { reference, tpdu: None }),
        1 => (0..4_u8, any::<u8>())
            .prop_map(|(reference, cause)| SmsUplink::Error { reference, cause, tpdu: None }),
        1 => any::<u8>().prop_map(|reference| SmsUplink::MemoryAvailable { reference }),
    ]
}

fn uplink() -> impl Strategy<Value = Uplink> {
    let packet = (0..18_u8, any::<bool>()).prop_map(|(context, on)| {
        let apn = String::new();
        let request = if on { PacketRequest::Activate { apn } } else { PacketRequest::Deactivate };
        Uplink::Packet { context, request }
    });
    let streams = prop_oneof![
        3 => Just(StreamUplink::Open { address: [192, 0, 2, 1], port: 443 }),
        2 => (0..4_000_usize).prop_map(|len| StreamUplink::Data(vec![7; len])),
        1 => Just(StreamUplink::Close),
    ];
    let stream = (0..3_u8, 0..9_u8, streams)
        .prop_map(|(context, stream, message)| Uplink::Stream { context, stream, message });
    let ussd = prop_oneof!["[*#0-9]{0,8}", Just("*123#".to_string()), Just("1".to_string())];
    prop_oneof![
        1 => Just(Uplink::Scan),
        2 => Just(Uplink::Detach),
        10 => (0..16_u8, call()).prop_map(|(transaction, message)| Uplink::Call { transaction, message }),
        6 => sms().prop_map(Uplink::Sms),
        2 => service().prop_map(Uplink::Service),
        2 => ussd.prop_map(|text| Uplink::Ussd(UssdUplink::Request(text))),
        2 => packet,
        3 => stream,
        1 => any::<[u8; 8]>().prop_map(|res| Uplink::Authentication(AuthenticationAnswer::Response(Res::from(res)))),
        1 => any::<[u8; 14]>().prop_map(|auts| Uplink::Authentication(AuthenticationAnswer::SyncFailure(Auts::from(auts)))),
        1 => Just(Uplink::Authentication(AuthenticationAnswer::MacFailure)),
    ]
}

#[derive(Clone, Debug)]
enum Step {
    Attach(usize, usize),
    Uplink(usize, Box<Uplink>),
    LoseLink(usize),
    Partition(bool),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..4_usize, 0..3_usize).prop_map(|(phone, cell)| Step::Attach(phone, cell)),
        12 => (0..4_usize, uplink()).prop_map(|(phone, uplink)| Step::Uplink(phone, Box::new(uplink))),
        1 => (0..4_usize).prop_map(Step::LoseLink),
        1 => any::<bool>().prop_map(Step::Partition),
        4 => (0..30_000_u64).prop_map(Step::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn nothing_breaks_and_everything_comes_to_rest(steps in proptest::collection::vec(step(), 1..60)) {
        let outside = polysim_base::Msisdn::parse("+8613900000001").unwrap();
        let mut network = Network::with(1, operators(), |d| d.with_outsider(outside, Outsider::Manual));
        let phones = [(ONE, 1), (ONE, 2), (TWO, 1), (TWO, 2)].map(|(op, n)| network.phone(op, n));
        network.dev(phones[1]).texts = Texts::Refuse(22);
        network.dev(phones[3]).rings = false;
        for (phone, cell) in phones.into_iter().zip([CELL_1, CELL_1, CELL_2, CELL_1]) {
            network.attached(phone, cell);
        }
        for step in steps {
            match step {
                Step::Attach(phone, cell) => network.attach(phones[phone], [CELL_1, CELL_1_GSM, CELL_2][cell]),
                Step::Uplink(phone, uplink) => network.uplink(phones[phone], *uplink),
                Step::LoseLink(phone) => network.region(HERE, RegionInput::LoseLink(phones[phone])),
                Step::Partition(on) => network.partitioned = if on { vec![TWO] } else { vec![] },
                Step::Wait(millis) => network.run_ms(millis),
            }
        }
        network.partitioned.clear();
        for phone in phones {
            network.region(HERE, RegionInput::LoseLink(phone));
        }
        // Longer than any text is valid.
        network.run_s(64 * 7 * 86_400);
        for core in network.cores.values() {
            prop_assert_eq!(core.call_count(), 0);
            prop_assert_eq!(core.stored_texts(), 0);
            prop_assert!(core.is_at_rest(), "{:?}", core);
        }
    }
}
