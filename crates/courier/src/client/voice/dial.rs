//! Which path a call takes, as far as this device knows, and what the user chooses.

use polysim_base::{Instant, Msisdn};

use super::super::{
    CallId, CarrierOrder, Choice, Client, ClientEvent, ClientOutput, ClientRecord, Offer, Why,
};
use super::call::{Call, State};
use super::{CallKey, OFFERS_MAX};
use crate::rate::PATIENCE;
use crate::wire::CallEnd;
use crate::{CallNumber, Rate};
use polysim_base::Out;

impl Client {
    /// The ordinary verb: whoever is no registered contact is called by the carrier.
    pub(in crate::client) fn dial(&mut self, now: Instant, to: Msisdn) {
        let id = self.voice.new_id();
        if !self.contacts.is_registered(&to) {
            self.carrier(id, to);
        } else if self.voice.current().is_some() {
            self.offer_call(id, to, Why::InCall);
        } else if !self.desk.linked {
            self.offer_call(id, to, Why::NoData);
        } else {
            let until = now.plus(PATIENCE);
            self.voice.calls.push(Call {
                id,
                peer: to,
                dialled: true,
                key: None,
                state: State::Measuring { until },
                lost_at: until,
                again: until,
            });
            self.measured(now);
            self.measure_if_asked(now);
        }
    }

    /// A call that waits for the link to be measured has it measured.
    fn measure_if_asked(&mut self, now: Instant) {
        let Some(call) = self.voice.current() else { return };
        let id = call.id;
        if matches!(call.state, State::Measuring { .. }) && !self.measure_now(now) {
            self.not_over_data(id, Why::Unmeasured);
        }
    }

    /// Perhaps the own rate is known now: goes on with the call that waits for it.
    pub(in super::super) fn measured(&mut self, now: Instant) {
        let Some(rate) = self.recent_rate(now) else { return };
        let Some(call) = self.voice.current() else { return };
        let id = call.id;
        if !matches!(call.state, State::Measuring { .. }) {
            return;
        }
        let threshold = self.desk.config.threshold;
        if rate < threshold {
            self.not_over_data(id, Why::Slow { rate, threshold });
        } else {
            self.ask_server(now, id, rate);
        }
    }

    /// The own link is fast enough: the server decides on.
    fn ask_server(&mut self, now: Instant, id: CallId, rate: Rate) {
        let lost_at = now.plus(self.desk.config.call_grace);
        let Some((from, _)) = self.account.identity() else {
            return self.not_over_data(id, Why::NoData);
        };
        let number = CallNumber(id.0);
        let Some(call) = self.voice.by_id(id) else { return };
        call.key = Some(CallKey { from, call: number });
        call.state = State::Calling { rate };
        call.lost_at = lost_at;
        self.desk.record(ClientRecord::Called(number));
        self.say_call_again(now, id);
    }

    /// A call does not go over data. If the server has heard of it, it is over there, or will be for
    /// want of anybody who asks for it.
    pub(super) fn not_over_data(&mut self, id: CallId, why: Why) {
        let Some(call) = self.voice.remove(id) else { return };
        if let Some(key) = call.key {
            self.voice.remember(key, None);
        }
        self.offer_call(id, call.peer, why);
    }

    /// The carrier, or quit? Where there is a standing rule, nobody is asked.
    pub(super) fn offer_call(&mut self, id: CallId, to: Msisdn, why: Why) {
        if self.desk.config.carrier_rule {
            return self.carrier(id, to);
        }
        if self.voice.offers.len() == OFFERS_MAX {
            self.voice.offers.pop_front();
        }
        self.voice.offers.push_back((id, to));
        self.desk.tell(ClientEvent::Offered { offer: Offer::Call(id), why });
    }

    pub(in crate::client) fn choose(&mut self, id: CallId, choice: Choice) {
        let Some(place) = self.voice.offers.iter().position(|(it, _)| *it == id) else { return };
        let chosen = match choice {
            Choice::Carrier | Choice::Quit => self.voice.offers.remove(place),
            // A call does not wait.
            Choice::Wait => None,
        };
        if let (Some((_, to)), Choice::Carrier) = (chosen, choice) {
            self.carrier(id, to);
        }
    }

    fn carrier(&mut self, call: CallId, to: Msisdn) {
        self.desk.out.push(Out::Do(ClientOutput::Carrier(CarrierOrder::Dial { call, to })));
    }

    /// Ends a call, or refuses one that rings here; the server is told until it answers.
    pub(in crate::client) fn hang_up(&mut self, now: Instant, id: CallId) {
        let lost_at = now.plus(self.desk.config.call_grace);
        let linked = self.desk.linked;
        let Some(call) = self.voice.by_id(id) else { return };
        if matches!(call.state, State::HangingUp { .. }) {
            return;
        }
        call.state = State::HangingUp { report: call.report() };
        call.lost_at = lost_at;
        if call.key.is_some() && linked {
            self.say_call_again(now, id);
        } else {
            self.end(id, CallEnd::HungUp, None);
        }
    }
}
