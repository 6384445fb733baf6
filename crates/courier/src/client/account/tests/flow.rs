use super::net::{Fate, Net, RETRY, card, number};
use crate::client::{ClientCommand, ClientEvent};
use crate::server::account_config as config;
use crate::wire::{AccountFromDevice, FromDevice, Refusal};
use crate::{Code, Invitation};
use polysim_base::Duration;

#[test]
fn the_number_of_the_card_is_registered_with_the_code_that_came() {
    let mut net = Net::of(1, config());
    net.command(0, ClientCommand::Register(None));
    let told = net.told(0);
    assert!(matches!(told[..], [ClientEvent::CodeSent(_), ClientEvent::CodeCame(_)]), "{told:?}");
    let ClientEvent::CodeCame(code) = told[1] else { unreachable!() };
    assert!(!net.is_registered(0), "the user has not confirmed");
    net.command(0, ClientCommand::Confirm(code));
    assert_eq!(net.told(0), [ClientEvent::Registered(number(0))]);
    assert!(net.is_registered(0));
    net.crash_phone(0);
    net.run();
    assert!(net.is_registered(0));
    assert_eq!(net.told(0), []);
}

#[test]
fn the_user_types_the_number_where_the_card_has_none() {
    let mut net = Net::of(1, config());
    net.insert(0, Some(card(0, None)));
    net.command(0, ClientCommand::Register(None));
    assert_eq!(net.told(0), [ClientEvent::NumberWanted]);
    net.command(0, ClientCommand::Register(Some(number(0))));
    assert_eq!(net.told(0), [ClientEvent::CodeSent(number(0))]);
}

#[test]
fn a_number_that_is_typed_is_registered_and_not_that_of_the_card() {
    let mut net = Net::of(1, config());
    net.insert(0, Some(card(0, Some(number(5)))));
    net.command(0, ClientCommand::Register(Some(number(0))));
    assert_eq!(net.told(0), [ClientEvent::CodeSent(number(0))]);
    net.command(0, ClientCommand::Register(None));
    assert_eq!(net.told(0)[0], ClientEvent::CodeSent(number(5)));
}

#[test]
fn a_text_that_is_no_proof_is_no_code() {
    let mut net = Net::of(1, config());
    net.phones[0].inbox.push(Code::of(1).text());
    net.run();
    assert_eq!(net.told(0), [], "nobody waits for a code");
    net.command(0, ClientCommand::Register(None));
    net.told(0);
    net.phones[0].inbox.push(alloc::string::String::from("Your code is 123456"));
    net.run();
    assert_eq!(net.told(0), []);
    net.command(0, ClientCommand::Confirm(Code::of(1)));
    assert_eq!(net.told(0), [ClientEvent::WrongCode { tries_left: 4 }]);
}

#[test]
fn a_code_that_the_carrier_brings_before_the_server_speaks_is_kept_for_it() {
    let mut net = Net::of(1, config());
    net.fates = [Fate::Goes, Fate::IsLost].into();
    net.command(0, ClientCommand::Register(None));
    let told = net.told(0);
    let [ClientEvent::CodeCame(code)] = told[..] else { panic!("{told:?}") };
    net.command(0, ClientCommand::Confirm(code));
    assert_eq!(net.told(0), [], "nothing is refused");
    net.pass(RETRY);
    let registered = [ClientEvent::CodeSent(number(0)), ClientEvent::Registered(number(0))];
    assert_eq!(net.told(0), registered);
    assert_eq!(net.texts, 1);
}

#[test]
fn a_code_is_kept_for_the_registration_that_it_was_confirmed_in_and_no_other() {
    let mut net = Net::of(1, config());
    net.command(0, ClientCommand::Confirm(Code::of(1)));
    assert_eq!(net.told(0), [ClientEvent::NotRegistered(Some(Refusal::Expired))]);
    net.cut(0);
    net.command(0, ClientCommand::Register(None));
    net.command(0, ClientCommand::Confirm(Code::of(1)));
    net.command(0, ClientCommand::Register(None));
    net.connect(0);
    net.run();
    let told = net.told(0);
    assert!(matches!(told[..], [ClientEvent::CodeSent(_), ClientEvent::CodeCame(_)]), "{told:?}");
}

#[test]
fn a_lost_link_in_the_middle_costs_no_second_text() {
    let mut net = Net::of(1, config());
    net.command(0, ClientCommand::Register(None));
    net.cut(0);
    net.confirm(0);
    assert!(!net.is_registered(0));
    net.crash_server();
    net.run();
    assert!(net.is_registered(0));
    assert_eq!(net.texts, 1);
}

#[test]
fn a_code_that_was_not_confirmed_in_time_costs_no_second_text_unless_the_user_wants_it() {
    let mut net = Net::of(1, config());
    net.command(0, ClientCommand::Register(None));
    net.told(0);
    net.cut(0);
    net.pass(Duration::from_secs(601));
    net.connect(0);
    net.run();
    assert_eq!(net.told(0), [ClientEvent::NotRegistered(Some(Refusal::Expired))]);
    assert_eq!(net.texts, 1);
    net.command(0, ClientCommand::Register(None));
    net.confirm(0);
    assert!(net.is_registered(0));
    assert_eq!(net.texts, 2);
}

#[test]
fn what_the_server_refuses_is_told() {
    let mut net = Net::of(2, config());
    net.command(0, ClientCommand::Invite);
    let no = ClientEvent::NotRegistered(Some(Refusal::NotRegistered));
    assert_eq!(net.told(0), [no]);
    net.command(0, ClientCommand::Confirm(Code::of(1)));
    assert_eq!(net.told(0), [ClientEvent::NotRegistered(Some(Refusal::Expired))]);
    net.command(0, ClientCommand::Redeem(Invitation([0; 16])));
    assert_eq!(net.told(0), [ClientEvent::NotRegistered(Some(Refusal::Expired))]);
    net.register(0);
    net.command(0, ClientCommand::Redeem(Invitation([0; 16])));
    assert_eq!(net.told(0), [ClientEvent::Refused(Refusal::Expired)]);
}

#[test]
fn a_device_is_linked_and_unlinked() {
    let mut net = Net::of(2, config());
    net.register(0);
    net.command(0, ClientCommand::Invite);
    let told = net.told(0);
    let [ClientEvent::Invited(invitation)] = &told[..] else { panic!("{told:?}") };
    net.command(1, ClientCommand::Redeem(invitation.clone()));
    assert_eq!(net.told(1), [ClientEvent::Registered(number(0))]);
    assert!(net.is_registered(1));
    let (device, _) = net.phones[1].client.machine.account.identity().unwrap();
    net.command(0, ClientCommand::Unlink(device));
    assert_eq!(net.told(0), [ClientEvent::Unlinked(device)]);
    assert_eq!(net.told(1), [ClientEvent::NotRegistered(None)]);
    net.crash_phone(1);
    net.run();
    assert!(!net.is_registered(1));
}

#[test]
fn a_number_is_given_up() {
    let mut net = Net::of(1, config());
    net.register(0);
    net.command(0, ClientCommand::Deregister);
    assert_eq!(net.told(0), [ClientEvent::NotRegistered(None)]);
    net.register(0);
    assert!(net.is_registered(0));
}

#[test]
fn another_card_asks_for_another_proof() {
    let mut net = Net::of(1, config());
    net.register(0);
    net.insert(0, None);
    assert_eq!(net.told(0), []);
    net.insert(0, Some(card(7, Some(number(0)))));
    let hour = Duration::from_secs(3_600);
    assert_eq!(net.told(0), [ClientEvent::ProofWanted(hour)]);
    net.cut(0);
    net.connect(0);
    net.run();
    assert_eq!(net.told(0), [], "it is told once");
    net.register(0);
    net.pass(hour.times(2));
    assert!(net.is_registered(0));
    net.insert(0, Some(card(8, Some(number(0)))));
    net.told(0);
    net.pass(hour);
    assert_eq!(net.told(0), [ClientEvent::NotRegistered(None)]);
}

#[test]
fn a_phone_whose_number_is_taken_over_is_told() {
    let mut net = Net::of(2, config());
    net.register(0);
    net.insert(1, Some(card(1, Some(number(0)))));
    net.insert(0, None);
    net.register(1);
    assert_eq!(net.told(0), [ClientEvent::NotRegistered(None)]);
    net.command(0, ClientCommand::Register(Some(number(0))));
    let told = net.told(0);
    assert!(matches!(told[..], [ClientEvent::NotRegistered(Some(Refusal::HeldDown(_)))]));
}

#[test]
fn what_is_not_answered_is_said_again_until_it_is() {
    let mut net = Net::of(1, config());
    net.fates.extend([Fate::IsLost; 3]);
    net.command(0, ClientCommand::Register(None));
    net.pass(RETRY.times(2));
    assert_eq!(net.told(0), []);
    net.pass(RETRY);
    assert_eq!(net.told(0).len(), 2);
    let asked =
        |it: &&FromDevice| matches!(it, FromDevice::Account(AccountFromDevice::Register { .. }));
    assert_eq!(net.phones[0].sent.iter().filter(asked).count(), 4);
    net.pass(RETRY.times(50));
    assert_eq!(net.phones[0].sent.iter().filter(asked).count(), 4, "it is the user's turn");
}
