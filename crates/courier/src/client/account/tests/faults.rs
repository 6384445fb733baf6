use super::net::{Fate, Net, RETRY, number};
use crate::client::{ClientCommand, ClientEvent};
use crate::server::account_config as config;
use proptest::prelude::*;

/// A user who wants their number registered, whatever happens.
fn insist(net: &mut Net, n: usize) {
    for _ in 0..4 {
        net.pass(RETRY.times(4));
        if net.is_registered(n) {
            return;
        }
        net.confirm(n);
        net.pass(RETRY.times(4));
        if net.is_registered(n) {
            return;
        }
        net.command(n, ClientCommand::Register(None));
    }
    panic!("{:?}", net.phones[n].told);
}

/// The server and each phone agree on who is registered.
fn agree(net: &Net) {
    for (n, phone) in net.phones.iter().enumerate() {
        let (device, number_here) = phone.client.machine.account.identity().unwrap();
        assert_eq!(number_here, number(n));
        assert_eq!(net.server.machine.holder(&number(n)), Some(device));
    }
}

fn story(net: &mut Net) {
    let contacts = alloc::vec![number(0), number(1), number(9)];
    net.command(0, ClientCommand::Contacts(contacts.clone()));
    net.command(0, ClientCommand::Register(None));
    net.confirm(0);
    net.command(1, ClientCommand::Register(None));
    net.confirm(1);
    net.command(1, ClientCommand::Contacts(contacts));
}

/// After all that was to happen, everybody is registered, and each sees the other.
fn ends_well(net: &mut Net) {
    net.fates.clear();
    (0..2).for_each(|n| net.connect(n));
    (0..2).for_each(|n| insist(net, n));
    let contacts = alloc::vec![number(0), number(1), number(8)];
    (0..2).for_each(|n| net.command(n, ClientCommand::Contacts(contacts.clone())));
    net.pass(super::net::REFRESH);
    agree(net);
    for n in 0..2 {
        let marked: alloc::vec::Vec<_> = net.phones[n].client.machine.contacts.marked().collect();
        assert_eq!(marked, [number(0), number(1)]);
    }
    assert!(net.texts <= 6, "three codes for each number in an hour: {}", net.texts);
    let in_clear = |event: &ClientEvent| matches!(event, ClientEvent::WrongCode { .. });
    assert!(!net.phones.iter().any(|phone| phone.told.iter().any(in_clear)));
}

#[test]
fn a_crash_at_any_output_of_either_end_loses_nothing() {
    let mut crashes = 0;
    for who in 0..2 {
        for at in 0.. {
            let mut net = Net::of(2, config());
            let crash_in = Some(at);
            match who {
                0 => net.server.crash_in = crash_in,
                _ => net.phones[0].client.crash_in = crash_in,
            }
            story(&mut net);
            let crash_in = [net.server.crash_in, net.phones[0].client.crash_in];
            if crash_in.iter().any(Option::is_some) {
                break;
            }
            crashes += 1;
            ends_well(&mut net);
        }
    }
    assert!(crashes > 40, "{crashes}");
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        4 => Just(Fate::Goes),
        1 => Just(Fate::IsLost),
        1 => Just(Fate::IsDoubled),
        1 => Just(Fate::IsOvertaken),
    ]
}

proptest! {
    #[test]
    fn lost_doubled_and_overtaken_messages_do_no_harm(
        fates in prop::collection::vec(fate(), 0..80),
        faults in prop::collection::vec((0_u8..5, 0_usize..2), 0..8),
    ) {
        let mut net = Net::of(2, config());
        net.fates.extend(fates);
        story(&mut net);
        for (fault, n) in faults {
            match fault {
                0 => net.cut(n),
                1 => net.crash_phone(n),
                2 => net.crash_server(),
                3 => net.connect(n),
                _ => net.pass(RETRY),
            }
            net.run();
            net.confirm(n);
        }
        ends_well(&mut net);
    }
}
