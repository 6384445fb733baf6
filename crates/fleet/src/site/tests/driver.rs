//! A site with the real driver of a modem, which speaks AT to a modem that answers at once.

use super::texts::text;
use super::{ANN, Rig, claim, iccid};
use crate::Revoke;
use crate::site::{ModemPhase, SiteInput};
use crate::wire::{Done, Kept, PartOutcome, SiteReport};
use polysim_base::{Instant, Machine as _, Out};
use polysim_modem::testkit::FakeModem;
use polysim_modem::{Config, InitPlan, InitStep, Modem, ModemInput, ModemOutput};
use polysim_sms::{Address, AtPdu, Deliver, MobileTerminated, Timestamp, UserData};
use std::collections::VecDeque;
use std::string::String;
use std::sync::Arc;
use std::vec::Vec;

/// A driver and its modem.
#[derive(Clone, Debug)]
pub(super) struct Real {
    driver: Modem,
    modem: FakeModem,
}

impl Real {
    fn new() -> Self {
        let all = InitPlan::LEAN.iter().copied();
        let steps: Vec<InitStep> = all.filter(|step| *step != InitStep::PowerOn).collect();
        let init = InitPlan { steps: steps.into(), ..InitPlan::lean() };
        let driver = Modem::new(Arc::new(Config { init, ..Config::default() }));
        let mut modem = FakeModem::default();
        let octets: Vec<String> =
            iccid(1).wire().iter().map(|octet| std::format!("{octet:02X}")).collect();
        let read = std::format!("\r\n+CRSM: 144,0,\"{}\"\r\n\r\nOK\r\n", octets.concat());
        modem.answers.insert("AT+CRSM=176,12258,0,0,10".into(), read);
        Self { driver, modem }
    }

    /// Gives the driver something, and carries bytes until it is silent.
    pub(super) fn drive(&mut self, now: Instant, input: ModemInput) -> Vec<SiteInput> {
        let mut said = Vec::new();
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            self.driver.handle(now, input);
            while let Some(Out::Do(output)) = self.driver.poll_output() {
                match output {
                    ModemOutput::Bytes(bytes) => {
                        inputs.push_back(ModemInput::Bytes(self.modem.handle(&bytes)));
                    }
                    other => said.push(SiteInput::Modem(0, other)),
                }
            }
        }
        said
    }
}

fn stored_text() -> String {
    let from = Address::international("491701234567").unwrap();
    let at = Timestamp::new((26, 3, 1), (12, 0, 0), 4).unwrap();
    let deliver = Deliver::new(from, at, UserData::from_text("old").unwrap());
    let mut line = Vec::new();
    AtPdu::new(MobileTerminated::Deliver(deliver)).write_hex(&mut line);
    String::from_utf8(line).unwrap()
}

fn lines(rig: &Rig) -> &[String] {
    &rig.real.as_ref().unwrap().modem.lines
}

#[test]
fn the_real_driver_brings_a_sim_to_standby_sends_a_text_and_lets_go() {
    let mut rig = Rig::with_cards();
    rig.real = Some(Real::new());
    let real = rig.real.as_mut().unwrap();
    real.modem.store.insert(4, stored_text());
    rig.grant(1, 1);
    rig.entitle(1, 1);
    assert_eq!(rig.phase(), ModemPhase::Draining, "{:?}", lines(&rig));
    assert!(matches!(&rig.kept()[..], [Kept::Text(text)] if text.claim == claim(1, 1)));
    assert!(rig.real.as_ref().unwrap().modem.store.is_empty(), "it is recorded, and deleted");
    rig.advance(polysim_base::Duration::from_secs(3));
    assert_eq!(rig.phase(), ModemPhase::Standby, "{:?}", lines(&rig));
    let at = |line: &str| lines(&rig).iter().position(|sent| sent == line);
    assert!(at("AT+CFUN=4") < at("AT+CPIN?"));
    assert!(at("AT+CPIN?") < at("AT+CMGD=4") && at("AT+CMGD=4") < at("AT+CFUN=1"));
    assert!(matches!(rig.act(ANN, text(1, "hello")), Some(Ok(Done::Accepted(_)))));
    let Some(Kept::Outcome(outcome)) = rig.kept().pop() else { panic!("{:?}", rig.kept()) };
    assert_eq!(outcome.parts, [PartOutcome::Sent { reference: 1 }]);
    rig.revoke(1, 1, Revoke::AtOnce);
    assert_eq!(lines(&rig).last().unwrap(), "AT+CFUN=4");
    assert!(rig.reports().contains(&SiteReport::Released(claim(1, 1))));
}
