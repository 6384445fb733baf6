#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for what it names")]

use alloc::vec;
use alloc::vec::Vec;

use crate::client::account::tests::net::{Fate, Net, REFRESH, RETRY, number};
use crate::client::{ClientCommand, ClientEvent};
use crate::server::{Limits, ServerConfig, account_config as config};
use crate::wire::{FromDevice, Refresh, Refusal};
use crate::{ContactKey, ContactMode, MarkVersion};
use polysim_base::{Duration, Msisdn};

/// What a phone has asked about its contacts: since when, how many more, how many less, from nothing.
fn asked(net: &mut Net, n: usize) -> Vec<(bool, usize, usize, bool)> {
    let sent = core::mem::take(&mut net.phones[n].sent);
    let contacts = sent.into_iter().filter_map(|message| match message {
        FromDevice::Contacts(Refresh { since, add, remove, whole, .. }) => {
            Some((since > MarkVersion(0), add.len(), remove.len(), whole))
        }
        _ => None,
    });
    contacts.collect()
}

fn marked(n: usize, registered: bool) -> ClientEvent {
    ClientEvent::Marked { number: number(n), registered }
}

fn contacts(of: &[usize]) -> Vec<Msisdn> {
    of.iter().map(|n| number(*n)).collect()
}

#[test]
fn contacts_are_told_as_changes_and_marked_as_they_register() {
    for mode in [ContactMode::Digests, ContactMode::Numbers] {
        let mut net = Net::of(3, ServerConfig { contacts: mode, ..config() });
        net.register(1);
        net.command(0, ClientCommand::Contacts(contacts(&[1, 2])));
        assert_eq!(asked(&mut net, 0), []);
        net.register(0);
        assert_eq!(asked(&mut net, 0), [(false, 2, 0, true)]);
        let phone = &net.phones[0].client.machine;
        assert_eq!(phone.contacts.marked().collect::<Vec<_>>(), [number(1)]);
        net.register(2);
        assert_eq!(net.told(0), []);
        net.pass(REFRESH);
        assert_eq!(net.told(0), [marked(2, true)]);
        assert_eq!(asked(&mut net, 0), [(true, 0, 0, false)]);
        net.command(0, ClientCommand::Contacts(contacts(&[2, 1, 0, 1])));
        assert_eq!(asked(&mut net, 0), [(true, 1, 0, false)]);
        assert_eq!(net.told(0), [marked(0, true)]);
        net.command(0, ClientCommand::Contacts(contacts(&[1, 2])));
        assert_eq!(asked(&mut net, 0), [(true, 0, 1, false)]);
        net.command(1, ClientCommand::Deregister);
        net.pass(REFRESH);
        assert_eq!(net.told(0), [marked(1, false)]);
    }
}

#[test]
fn the_server_sees_digests_where_it_wants_these() {
    let mut net = Net::of(1, config());
    net.register(0);
    net.command(0, ClientCommand::Contacts(contacts(&[1])));
    let sent = net.phones[0].sent.last();
    let Some(FromDevice::Contacts(Refresh { add, .. })) = sent else { panic!("{sent:?}") };
    assert!(matches!(add[..], [ContactKey::Digest(_)]));
}

#[test]
fn contacts_and_marks_survive_a_crash() {
    let mut net = Net::of(2, config());
    net.register(1);
    net.register(0);
    net.command(0, ClientCommand::Contacts(contacts(&[1])));
    assert_eq!(net.told(0), [marked(1, true)]);
    asked(&mut net, 0);
    net.crash_phone(0);
    net.run();
    assert_eq!(net.told(0), []);
    assert_eq!(asked(&mut net, 0), [(true, 1, 0, true)]);
    net.command(0, ClientCommand::Deregister);
    assert_eq!(net.told(0), [ClientEvent::NotRegistered(None), marked(1, false)]);
    net.crash_phone(0);
    net.run();
    assert_eq!(net.phones[0].client.machine.contacts.marked().count(), 0);
}

#[test]
fn a_checkpoint_keeps_who_the_phone_is_its_contacts_and_their_marks() {
    let mut net = Net::of(3, config());
    net.register(1);
    let check = |net: &mut Net| {
        let before = net.restored(0);
        net.checkpoint_phone(0);
        assert_eq!(net.restored(0), before);
    };
    check(&mut net);
    net.command(0, ClientCommand::Contacts(contacts(&[1, 2])));
    check(&mut net);
    net.register(0);
    check(&mut net);
    net.register(2);
    net.pass(REFRESH);
    check(&mut net);
    net.command(0, ClientCommand::Dial(number(1)));
    net.pass(RETRY);
    check(&mut net);
    net.crash_phone(0);
    net.run();
    assert!(net.is_registered(0));
    let phone = &net.phones[0].client.machine;
    assert_eq!(phone.contacts.marked().collect::<Vec<_>>(), [number(1), number(2)]);
    net.command(0, ClientCommand::Deregister);
    check(&mut net);
}

#[test]
fn a_question_that_is_lost_is_asked_again_and_one_at_a_time() {
    let mut net = Net::of(1, config());
    net.register(0);
    net.cut(0);
    net.connect(0);
    net.run();
    asked(&mut net, 0);
    net.fates.push_back(Fate::IsLost);
    net.command(0, ClientCommand::Contacts(contacts(&[1])));
    net.command(0, ClientCommand::Contacts(contacts(&[1, 2])));
    assert_eq!(asked(&mut net, 0), [(true, 1, 0, false)]);
    net.pass(RETRY);
    assert_eq!(asked(&mut net, 0), vec![(true, 1, 0, false); 2]);
}

#[test]
fn after_a_lost_answer_the_server_is_told_all_contacts() {
    let mut net = Net::of(1, config());
    net.register(0);
    net.command(0, ClientCommand::Contacts(contacts(&[1])));
    net.cut(0);
    net.connect(0);
    net.run();
    asked(&mut net, 0);
    // The question goes, the answer does not.
    net.fates.extend([Fate::Goes, Fate::IsLost]);
    net.command(0, ClientCommand::Contacts(contacts(&[1, 2])));
    net.cut(0);
    net.command(0, ClientCommand::Contacts(contacts(&[1])));
    net.connect(0);
    net.run();
    assert_eq!(asked(&mut net, 0), [(true, 1, 0, false), (true, 1, 0, true)]);
}

#[test]
fn too_many_contacts_are_told_to_the_user() {
    let mut net = Net::of(1, config());
    net.register(0);
    let all: Vec<usize> = (0..301).collect();
    net.command(0, ClientCommand::Contacts(contacts(&all)));
    assert_eq!(net.told(0), [ClientEvent::Refused(Refusal::Full)]);
    net.command(0, ClientCommand::Contacts(contacts(&all[..10])));
    assert_eq!(net.told(0), [marked(0, true)]);
}

#[test]
fn a_phone_that_may_ask_no_more_asks_again_when_it_may() {
    let limits = Limits { contacts: 20, lookups_per_day: 24, ..config().limits };
    let mut net = Net::of(1, ServerConfig { limits, ..config() });
    net.register(0);
    let [first, second] = [0, 20].map(|n| (n..n + 20).collect::<Vec<usize>>());
    net.command(0, ClientCommand::Contacts(contacts(&first)));
    assert_eq!(net.told(0), [marked(0, true)]);
    net.command(0, ClientCommand::Contacts(contacts(&second)));
    let hours = |hours: u64| Duration::from_secs(3_600 * hours);
    assert_eq!(net.told(0), [ClientEvent::Refused(Refusal::LookupLimit(hours(16)))]);
    asked(&mut net, 0);
    net.pass(hours(15));
    assert_eq!(asked(&mut net, 0), []);
    net.pass(hours(1));
    assert_eq!(asked(&mut net, 0), [(true, 20, 20, false)]);
    assert_eq!(net.told(0), []);
}
