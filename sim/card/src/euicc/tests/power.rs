//! The power fails at every durable step of a function: the old state or the new one, as a whole.

use polysim_rsp::data::{
    EuiccMemoryResetRequest, NotificationSentRequest, PprIds, ResetOptions,
    SetDefaultDpAddressRequest, SetNicknameRequest,
};

use super::*;
use crate::{CardFault, FaultSpan};

/// What must be old or new together.
fn state(card: &Card) -> String {
    let euicc = card.euicc().unwrap();
    let profiles: Vec<_> = euicc.profiles().map(|one| (one.iccid, one.enabled)).collect();
    let notifications: Vec<_> = euicc.pending_notifications().collect();
    let (free, address) = (euicc.free_memory(), euicc.default_dp_address());
    format!(
        "{profiles:?} {notifications:?} {free} {address:?} {:?}",
        euicc.isdps.first().map(|isdp| &isdp.nickname)
    )
}

/// Cuts the power at every step of a function, and says how many there are.
fn sweep(
    config: impl Fn() -> EuiccConfig,
    request: &[u8],
    mut check: impl FnMut(&mut Card),
) -> u32 {
    let old = state(&made(config()));
    let new = {
        let mut card = made(config());
        assert!(!card.es10(Instant::ZERO, request).is_empty());
        state(&card)
    };
    assert_ne!(old, new);
    for steps in 0.. {
        let mut card = made(config());
        let lpa = Lpa::open(&mut card);
        card.inject(CardFault::PowerLossAfter { steps }, FaultSpan::Commands(1));
        let (answer, status) = lpa.ask_raw(&mut card, request);
        let lost = !card.is_on();
        assert_eq!((lost, answer.is_empty()), (status == [0, 0], lost));
        card.heal();
        card.power_on().unwrap();
        let now = state(&card);
        assert_eq!(now, if steps == 0 { old.clone() } else { new.clone() }, "after {steps} steps");
        check(&mut card);
        if !lost {
            return steps;
        }
    }
    0
}

fn with_rules(rules: PprIds) -> EuiccConfig {
    let mut config = config();
    Arc::make_mut(&mut config.presets[0].metadata).rules = rules;
    config
}

fn none_enabled() -> EuiccConfig {
    let mut config = config();
    config.presets[0].enabled = false;
    config
}

#[test]
fn one_is_enabled_wherever_the_power_fails_while_another_is_enabled() {
    for refresh in [false, true] {
        let one = |card: &mut Card| {
            let enabled = card.euicc().unwrap().enabled().unwrap().iccid;
            assert_eq!(card.iccid(), enabled, "the terminal sees the enabled one after a reset");
        };
        assert_eq!(sweep(config, &encode(&enable(1, refresh)), one), 2);
        let gone = || with_rules(PprIds::PPR3);
        assert_eq!(sweep(gone, &encode(&enable(1, refresh)), one), 2);
    }
}

#[test]
fn everything_else_is_done_or_not_too() {
    let identifier = ProfileIdentifier::Iccid(iccid(0));
    let disable = DisableProfileRequest { profile_identifier: identifier, refresh_flag: false };
    sweep(config, &encode(&disable), |_| {});
    sweep(none_enabled, &encode(&DeleteProfileRequest::Iccid(iccid(0))), |_| {});
    let named = SetNicknameRequest { iccid: iccid(0), profile_nickname: "mine".to_owned() };
    sweep(config, &encode(&named), |_| {});
    let options = ResetOptions::DELETE_OPERATIONAL_PROFILES;
    let reset = EuiccMemoryResetRequest { reset_options: options };
    sweep(config, &encode(&reset), |card| {
        assert_eq!(card.euicc().unwrap().enabled().is_some(), card.iccid().is_some());
    });
    let address = SetDefaultDpAddressRequest { default_dp_address: "other.example".to_owned() };
    sweep(config, &encode(&address), |_| {});
}

#[test]
fn a_notification_is_there_until_it_is_removed_for_good() {
    for steps in 0..2 {
        let mut card = made(config());
        card.es10(Instant::ZERO, &encode(&enable(1, false)));
        let lpa = Lpa::open(&mut card);
        card.inject(CardFault::PowerLossAfter { steps }, FaultSpan::Commands(1));
        lpa.ask_raw(&mut card, &encode(&NotificationSentRequest { seq_number: 1 }));
        card.heal();
        card.power_on();
        let left = card.euicc().unwrap().pending_notifications().count();
        assert_eq!(left, if steps == 0 { 2 } else { 1 });
    }
}

#[test]
fn what_runs_on_the_card_is_cut_as_well() {
    let mut card = made(config());
    card.inject(CardFault::PowerLossAfter { steps: 1 }, FaultSpan::Commands(1));
    assert!(card.es10(Instant::ZERO, &encode(&enable(1, false))).is_empty());
    assert!(!card.is_on());
    assert!(card.es10(Instant::ZERO, &encode(&enable(0, false))).is_empty(), "it is off");
    card.power_on();
    assert_eq!(seen(&card).as_deref(), Some(IMSIS[1]));
}
