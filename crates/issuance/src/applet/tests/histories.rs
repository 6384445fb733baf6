//! Histories of a card: any terminal, any platform, and a power that goes.

use super::world::*;
use crate::applet::{AppletConfig, AppletInput, Bearer};
use crate::wire::apdu::StoredPair;
use crate::wire::{AppletMessage, NotBound, OrderId, Outcome};
use polysim_base::Eid;
use polysim_cat::{
    ChannelChanged, ChannelProblem, EventData, Feature, GeneralResult, LinkState, LocationStatus,
    TerminalProblem,
};
use polysim_ota::Counter;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::vec;
use std::vec::Vec;

/// Orders 1 to so much, each for the IMSI of its number.
const ORDERS: u32 = 4;
/// What a terminal can do or not.
const OPTIONS: [Feature; 11] = [
    Feature::LocalInformation,
    Feature::SetUpEventList,
    Feature::EventLocationStatus,
    Feature::EventNetworkRejection,
    Feature::EventDataAvailable,
    Feature::TimerStartStop,
    Feature::TimerExpiration,
    Feature::PollInterval,
    Feature::SendShortMessage,
    Feature::OpenChannel,
    Feature::Refresh,
];

#[derive(Clone, Debug)]
enum Step {
    /// The terminal answers.
    Answer(GeneralResult),
    /// The profile did not allow the command.
    NotAllowed,
    Service(LocationStatus),
    Timer,
    Polled,
    /// The device starts: which one, and what it can do.
    Power(u8, u16),
    /// The power goes before so many outputs more.
    Cut(usize),
    /// The platform says something, perhaps once more.
    Say(AppletMessage),
    Garbage(Vec<u8>),
    /// The next transaction fails.
    Fail,
    /// Remote file management writes a subscription.
    Manage(u8),
    Tool,
    Arrives(Vec<u8>),
    LinkDown,
    Proof(Option<Vec<u8>>),
}

fn message() -> impl Strategy<Value = AppletMessage> {
    let other = Eid::with_check_digits("890490321234512345123456789099").unwrap();
    prop_oneof![
        4 => (1..=ORDERS).prop_map(|order| write(order, u8::try_from(order).unwrap())),
        1 => (1..=ORDERS).prop_map(move |order| AppletMessage::Write {
            order: OrderId(order), eid: other, subscription: subscription(8),
        }),
        2 => (1_u8..=2).prop_map(|n| AppletMessage::Bound { imei: imei(n) }),
        1 => (1_u8..=2).prop_map(|n| AppletMessage::NotBound {
            imei: imei(n), reason: NotBound::CardMoved,
        }),
        2 => (0..=ORDERS).prop_map(|order| AppletMessage::Noted { order: OrderId(order) }),
    ]
}

fn result() -> impl Strategy<Value = GeneralResult> {
    prop_oneof![
        6 => Just(GeneralResult::Performed),
        1 => Just(GeneralResult::LimitedService),
        1 => Just(GeneralResult::TerminalBusy(TerminalProblem::NoService)),
        1 => Just(GeneralResult::TerminalBusy(TerminalProblem::CallBusy)),
        1 => Just(GeneralResult::NetworkBusy(0)),
        1 => Just(GeneralResult::RpError(38)),
        1 => Just(GeneralResult::ChannelError(ChannelProblem::Closed)),
        1 => Just(GeneralResult::BeyondCapabilities),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let status = prop_oneof![
        Just(LocationStatus::Normal),
        Just(LocationStatus::Limited),
        Just(LocationStatus::None),
    ];
    // Most terminals can nearly everything.
    let able = prop_oneof![3 => Just(0_u16), 1 => any::<u16>()];
    prop_oneof![
        12 => result().prop_map(Step::Answer),
        1 => Just(Step::NotAllowed),
        3 => status.prop_map(Step::Service),
        5 => Just(Step::Timer),
        2 => Just(Step::Polled),
        2 => (1_u8..=2, able).prop_map(|(device, lacks)| Step::Power(device, lacks)),
        3 => (0_usize..8).prop_map(Step::Cut),
        5 => message().prop_map(Step::Say),
        1 => prop::collection::vec(any::<u8>(), 0..30).prop_map(Step::Garbage),
        1 => Just(Step::Fail),
        1 => (6_u8..=WITHOUT_KEY).prop_map(Step::Manage),
        1 => Just(Step::Tool),
        1 => prop::collection::vec(0_u8..4, 0..300).prop_map(Step::Arrives),
        1 => Just(Step::LinkDown),
        1 => prop::option::of(Just([0, 1, 9].to_vec())).prop_map(Step::Proof),
    ]
}

fn take(card: &mut Card, step: Step) -> Result<(), Cut> {
    match step {
        Step::Answer(result) => card.answer(result),
        Step::NotAllowed if card.asked.take().is_some() => card.give(AppletInput::NotAllowed),
        Step::NotAllowed => Ok(()),
        Step::Service(status) => card.service(status),
        Step::Timer => card.timer(),
        Step::Polled => card.give(AppletInput::Polled),
        Step::Power(device, lacks) => {
            card.imei = imei(device);
            card.profile = profile();
            for (bit, feature) in OPTIONS.into_iter().enumerate() {
                if lacks >> bit & 1 == 1 {
                    card.profile.remove(feature);
                }
            }
            card.power_up()
        }
        Step::Cut(outputs) => {
            card.cut = Some(outputs);
            Ok(())
        }
        Step::Say(message) => card.secured(&message),
        Step::Garbage(data) => {
            let data = data.into();
            card.give(AppletInput::Secured { counter: Counter::ZERO, data })
        }
        Step::Fail => {
            card.fail_next = true;
            Ok(())
        }
        Step::Manage(n) => {
            // A key that cannot be written is tried again until it can; that is another test.
            card.fail_next = false;
            card.manage_files(&subscription(n))
        }
        Step::Tool => {
            let told = card.data.len();
            card.give(AppletInput::Apdu(StoredPair::get().to_vec()))?;
            if let Some([data @ .., 0x90, 0x00]) = card.data[told..].last().map(Vec::as_slice) {
                let frame = StoredPair::parse(data).unwrap().frame;
                card.frames.push(frame);
            }
            Ok(())
        }
        Step::Arrives(octets) => card.arrives(&octets),
        Step::LinkDown => {
            let status = channel(LinkState::Down);
            card.event(EventData::ChannelStatus(ChannelChanged {
                status,
                bearer: None,
                address: None,
            }))
        }
        Step::Proof(proof) => card.give(AppletInput::Proof(proof)),
    }
}

/// Whether there is nothing to say: neither now nor after this step.
fn is_quiet(card: &Card, step: &Step) -> bool {
    let state = card.applet.state();
    let settled = state.bound && state.order.is_none() && card.applet.device() == Some(card.imei);
    settled
        && match step {
            Step::Power(device, _) => imei(*device) == card.imei,
            Step::Say(AppletMessage::Bound { .. } | AppletMessage::Noted { .. }) => true,
            Step::Say(_) | Step::Manage(_) | Step::Tool => false,
            Step::Answer(_)
            | Step::NotAllowed
            | Step::Service(_)
            | Step::Timer
            | Step::Polled
            | Step::Cut(_)
            | Step::Garbage(_)
            | Step::Fail
            | Step::Arrives(_)
            | Step::LinkDown
            | Step::Proof(_) => true,
        }
}

/// In the end all is well, and everybody knows.
fn ends_well(card: &mut Card) {
    (card.cut, card.fail_next, card.profile) = (None, false, profile());
    card.power_up_at_last();
    for _ in 0..4 {
        card.settle();
        card.service(LocationStatus::Normal).unwrap();
        card.settle();
        if let Some((order, _)) = card.applet.state().order {
            card.secured(&AppletMessage::Noted { order }).unwrap();
        }
        card.secured(&AppletMessage::Bound { imei: card.imei }).unwrap();
    }
    card.settle();
    let state = card.applet.state();
    assert!(state.bound && state.order.is_none(), "{state:?}");
    assert_eq!(state.imsi, card.imsi(), "the applet knows what is in the files");
}

fn check(card: &Card) {
    assert!(card.is_of_one_subscription(), "{:?} with {:?}", card.imsi(), card.key);
    assert!(card.carried_out.iter().all(|(order, times)| order.0 == 0 || *times <= 1));
}

fn run(config: AppletConfig, steps: Vec<Step>) {
    let mut card = Card::new(AppletConfig { trial_min: 2, ..config });
    let mut done: BTreeMap<OrderId, usize> = BTreeMap::new();
    card.power_up().unwrap();
    for step in steps {
        let quiet = is_quiet(&card, &step).then_some(card.frames.len());
        let mut order = None;
        if let Step::Say(AppletMessage::Write { order: said, .. }) = &step {
            order = Some(*said);
        }
        let answered = card.answers.len();
        if take(&mut card, step) == Err(Cut) {
            let fails = card.fail_next;
            card.power_up_at_last();
            if !fails {
                assert_eq!(card.applet.state().imsi, card.imsi(), "it knows what the card has");
            }
        }
        check(&card);
        if let Some(said) = quiet {
            assert_eq!(card.frames.len(), said, "nothing is to be said");
        }
        let answers =
            card.answers[answered..].iter().filter(|answer| answer.outcome == Outcome::Done);
        if let (Some(order), 1..) = (order, answers.count()) {
            *done.entry(order).or_default() += 1;
        }
    }
    ends_well(&mut card);
    check(&card);
    assert!(done.values().all(|times| *times == 1), "{done:?}");
    card.said();
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 0..120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn a_card_by_texts_is_always_of_one_subscription(steps in steps(), seed: bool) {
        run(config(seed), steps);
    }

    #[test]
    fn a_card_by_a_connection_is_always_of_one_subscription(steps in steps(), seed: bool) {
        let bearer = Bearer::Channel { apn: "iot".into(), address: [10, 0, 0, 1], port: 4_000 };
        run(AppletConfig { bearer, ..config(seed) }, steps);
    }
}
