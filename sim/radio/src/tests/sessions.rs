//! USSD, supplementary services and packet contexts.

use super::{Network, imsi, network::*, number};
use crate::{air::*, *};

fn phone() -> (Network, RadioId) {
    let mut network = Network::new(1);
    let phone = network.phone(ONE, 1);
    network.attached(phone, CELL_1);
    (network, phone)
}

fn ussd(network: &mut Network, phone: RadioId, text: &str) -> Vec<Downlink> {
    network.uplink(phone, Uplink::Ussd(UssdUplink::Request(text.into())));
    network.run_s(1);
    network.dev(phone).take()
}

fn notify(text: &str) -> [Downlink; 1] {
    [Downlink::Ussd(UssdDownlink::Notify(text.into()))]
}

#[test]
fn codes_tell_balance_and_own_number() {
    let (mut network, phone) = phone();
    let (imsi, amount) = (imsi(ONE, 1), Money(12_500_000));
    network.command(ONE, CoreCommand::TopUp { imsi, amount });
    assert_eq!(ussd(&mut network, phone, "*100#"), notify("Balance: 12.50 EUR"));
    for code in ["*#100#", "*135#"] {
        assert_eq!(ussd(&mut network, phone, code), notify("Your number: +49171000001"));
    }
    assert_eq!(ussd(&mut network, phone, "*999#"), [Downlink::Ussd(UssdDownlink::Refused)]);
    let asked = UssdUplink::Request("*100#".into());
    assert!(network.take_events().contains(&NetworkEvent::Ussd { imsi, message: asked }));
}

#[test]
fn a_menu_asks_until_something_is_chosen() {
    let (mut network, phone) = phone();
    let menu = [Downlink::Ussd(UssdDownlink::Request("1 Balance\n2 Own number".into()))];
    assert_eq!(ussd(&mut network, phone, "*123#"), menu);
    assert_eq!(ussd(&mut network, phone, "7"), menu);
    assert_eq!(ussd(&mut network, phone, "2"), notify("Your number: +49171000001"));
    assert_eq!(ussd(&mut network, phone, "2"), [Downlink::Ussd(UssdDownlink::Refused)]);
    assert_eq!(ussd(&mut network, phone, "*123#"), menu);
    assert_eq!(ussd(&mut network, phone, "1"), notify("Balance: 0.00 EUR"));
}

#[test]
fn a_menu_left_alone_is_released_and_a_user_can_end_it() {
    let (mut network, phone) = phone();
    ussd(&mut network, phone, "*123#");
    network.run_s(61);
    assert_eq!(network.dev(phone).take(), [Downlink::Ussd(UssdDownlink::Released)]);
    ussd(&mut network, phone, "*123#");
    network.uplink(phone, Uplink::Ussd(UssdUplink::Release));
    network.run_s(61);
    assert_eq!(network.dev(phone).take(), []);
    assert_eq!(ussd(&mut network, phone, "1"), [Downlink::Ussd(UssdDownlink::Refused)]);
}

#[test]
fn abroad_the_home_network_answers_or_nobody_does() {
    let (mut network, phone) = phone();
    network.travel(phone, ABROAD);
    network.attached(phone, CELL_3);
    assert_eq!(ussd(&mut network, phone, "*100#"), notify("Balance: 0.00 EUR"));
    network.partitioned.push(ONE);
    assert_eq!(ussd(&mut network, phone, "*100#"), []);
    network.run_s(10);
    assert_eq!(network.dev(phone).take(), [Downlink::Ussd(UssdDownlink::Refused)]);
}

#[test]
fn the_home_network_notifies() {
    let (mut network, phone) = phone();
    let (imsi, text) = (imsi(ONE, 1), "Welcome".to_string());
    network.command(ONE, CoreCommand::NotifyUssd { imsi, text });
    network.run_s(1);
    assert_eq!(network.dev(phone).take(), notify("Welcome"));
}

fn service(
    network: &mut Network,
    phone: RadioId,
    service: Service,
    action: ServiceAction,
) -> ServiceAnswer {
    network.uplink(phone, Uplink::Service(ServiceRequest { service, action }));
    network.run_s(1);
    match network.dev(phone).take().pop() {
        Some(Downlink::Service(answer)) => answer,
        other => panic!("{other:?}"),
    }
}

#[test]
fn services_are_asked_for_and_refused_where_they_make_no_sense() {
    let (mut network, phone) = phone();
    let state = |active, number: Option<&str>| ServiceAnswer::Done {
        active,
        number: number.map(Into::into),
    };
    let ask = ServiceAction::Interrogate;
    let mut does = |service, action| self::service(&mut network, phone, service, action);
    assert_eq!(does(Service::CallWaiting, ask.clone()), state(false, None));
    assert_eq!(does(Service::CallWaiting, ServiceAction::Activate), state(true, None));
    assert_eq!(does(Service::CallWaiting, ask.clone()), state(true, None));
    assert_eq!(does(Service::CallWaiting, ServiceAction::Erase), ServiceAnswer::Refused);
    let register = |digits: &str| ServiceAction::Register(digits.into());
    let to = Some("+49171000002");
    assert_eq!(does(Service::ForwardBusy, ask.clone()), state(false, None));
    assert_eq!(does(Service::ForwardBusy, register("0171000002")), state(true, to));
    assert_eq!(does(Service::ForwardBusy, ServiceAction::Deactivate), state(false, to));
    assert_eq!(does(Service::ForwardBusy, ask.clone()), state(false, to));
    assert_eq!(does(Service::ForwardAll, ask), state(false, None), "each has its own number");
    for digits in ["0171000001", "112", "no", ""] {
        assert_eq!(does(Service::ForwardBusy, register(digits)), ServiceAnswer::Refused);
    }
}

#[test]
fn a_service_request_abroad_without_the_home_network_is_refused() {
    let (mut network, phone) = phone();
    network.travel(phone, ABROAD);
    network.attached(phone, CELL_3);
    network.partitioned.push(ONE);
    let request =
        ServiceRequest { service: Service::CallWaiting, action: ServiceAction::Interrogate };
    network.uplink(phone, Uplink::Service(request));
    network.run_s(11);
    assert_eq!(network.dev(phone).take(), [Downlink::Service(ServiceAnswer::Refused)]);
}

pub(crate) fn activate(
    network: &mut Network,
    phone: RadioId,
    context: u8,
    apn: &str,
) -> PacketAnswer {
    let request = PacketRequest::Activate { apn: apn.into() };
    network.uplink(phone, Uplink::Packet { context, request });
    network.run_s(1);
    packets(network, phone).pop().unwrap()
}

pub(crate) fn packets(network: &mut Network, phone: RadioId) -> Vec<PacketAnswer> {
    let downlinks = network.dev(phone).take().into_iter();
    let answers = downlinks.filter_map(|downlink| match downlink {
        Downlink::Packet { answer, .. } => Some(answer),
        _ => None,
    });
    answers.collect()
}

#[test]
fn a_context_gets_an_address_and_the_rate_of_its_cell() {
    let (mut network, phone) = phone();
    let address = [10, 0, 0, 1];
    let lte = PacketAnswer::Active { address, down_kbps: 150_752, up_kbps: 51_024 };
    assert_eq!(activate(&mut network, phone, 1, ""), lte);
    let second = activate(&mut network, phone, 2, "Internet");
    assert!(matches!(second, PacketAnswer::Active { address: [10, 0, 0, 2], .. }));
    for (context, apn, cause) in [(3, "nowhere", 27), (0, "", 26), (16, "", 26)] {
        assert_eq!(activate(&mut network, phone, context, apn), PacketAnswer::Refused { cause });
    }
    network.uplink(phone, Uplink::Packet { context: 1, request: PacketRequest::Deactivate });
    network.run_s(1);
    assert_eq!(packets(&mut network, phone), [PacketAnswer::Inactive]);
    network.attach(phone, CELL_1_GSM);
    network.run_s(1);
    let gsm = PacketAnswer::Rate { down_kbps: 236, up_kbps: 118 };
    assert_eq!(packets(&mut network, phone), [gsm]);
}

#[test]
fn without_entitlement_there_is_no_context() {
    let mut network = Network::new(1);
    let mut subscriber = SubscriberConfig::new(imsi(ONE, 1), Some(number(ONE, 1)));
    subscriber.services.packet = false;
    network.subscribe(subscriber, ONE);
    let phone = network.device(RadioId(1), ONE, 1);
    network.attached(phone, CELL_1);
    assert_eq!(activate(&mut network, phone, 1, ""), PacketAnswer::Refused { cause: 33 });
}

#[test]
fn a_crowded_cell_is_shared() {
    let mut network = Network::new(1);
    let mut rates = Vec::new();
    for n in 1..=4 {
        let phone = network.phone(ONE, n);
        network.attached(phone, CELL_1_GSM);
        for context in 1..=2 {
            let answer = activate(&mut network, phone, context, "");
            let PacketAnswer::Active { down_kbps, .. } = answer else { panic!("{answer:?}") };
            rates.push(down_kbps);
        }
    }
    assert_eq!(rates, [236, 236, 236, 236, 188, 157, 134, 118]);
}

#[test]
fn a_throttling_fault_changes_the_rate_and_heals() {
    let (mut network, phone) = phone();
    activate(&mut network, phone, 1, "");
    network.command(ONE, CoreCommand::Fault(CoreFault::Throttle { permille: 10 }));
    network.command(ONE, CoreCommand::Fault(CoreFault::Heal));
    network.run_s(1);
    assert_eq!(
        packets(&mut network, phone),
        [
            PacketAnswer::Rate { down_kbps: 1_507, up_kbps: 510 },
            PacketAnswer::Rate { down_kbps: 150_752, up_kbps: 51_024 }
        ]
    );
}

#[test]
fn a_lost_link_ends_contexts_and_frees_their_addresses() {
    let (mut network, phone) = phone();
    activate(&mut network, phone, 1, "");
    network.region(HERE, RegionInput::LoseLink(phone));
    network.run_s(1);
    let inactive = NetworkEvent::ContextInactive { imsi: imsi(ONE, 1), radio: phone, context: 1 };
    assert!(network.take_events().contains(&inactive));
    network.attached(phone, CELL_1);
    network.uplink(phone, Uplink::Packet { context: 1, request: PacketRequest::Deactivate });
    network.run_s(1);
    assert_eq!(packets(&mut network, phone), [PacketAnswer::Inactive]);
}
