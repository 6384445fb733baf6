//! USSD (TS 24.090): asked at the serving core, answered at home.

use crate::{
    air::{Downlink, RadioId, UssdDownlink, UssdUplink},
    deadlines::Deadline,
    event::NetworkEvent,
    ids::OperatorId,
    message::SessionMessage,
    network::{Core, CoreTimer, QUESTION_TIMEOUT, Visitor},
};
use alloc::collections::BTreeMap;
use polysim_base::{Duration, Imsi};

/// How long a menu waits for a choice.
const MENU_TIMEOUT: Duration = Duration::from_secs(60);
const MENU: &str = "1 Balance\n2 Own number";

/// Menus that wait for a choice, at the home core.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sessions(BTreeMap<Imsi, Session>);

#[derive(Clone, Copy, Debug)]
struct Session {
    serving: OperatorId,
    radio: RadioId,
    deadline: Deadline,
}

/// What a subscriber wants to know.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Wish {
    Balance,
    OwnNumber,
    Menu,
    /// Nothing that is known here.
    Unknown,
}

impl Wish {
    fn of_code(code: &str) -> Self {
        match code.trim() {
            "*100#" => Self::Balance,
            "*#100#" | "*135#" => Self::OwnNumber,
            "*123#" => Self::Menu,
            _ => Self::Unknown,
        }
    }

    fn of_choice(choice: &str) -> Self {
        match choice.trim() {
            "1" => Self::Balance,
            "2" => Self::OwnNumber,
            _ => Self::Menu,
        }
    }
}

#[cfg(test)]
impl Sessions {
    pub(crate) fn is_at_rest(&self) -> bool {
        self.0.is_empty()
    }
}

impl Core {
    /// At the serving core: a device asks, chooses or ends.
    pub(crate) fn ussd_uplink(&mut self, radio: RadioId, visitor: &Visitor, message: UssdUplink) {
        if matches!(message, UssdUplink::Request(_)) {
            let deadline = self.port.wake_after(QUESTION_TIMEOUT, CoreTimer::Ussd(radio));
            let before = self.requests.ussd.insert(radio, deadline);
            self.port.cancel(before);
        }
        let imsi = visitor.imsi;
        let message = SessionMessage::Ussd { radio, imsi, message };
        self.port.send(visitor.home, message);
    }

    /// At the serving core: the home network answers, or begins.
    pub(crate) fn ussd_reply(&mut self, radio: RadioId, imsi: &Imsi, message: UssdDownlink) {
        if let Some(deadline) = self.requests.ussd.remove(&radio) {
            self.port.cancel(deadline);
        }
        let visitor = self.visitors.serving(radio, imsi);
        if let Some(region) = visitor.map(|visitor| visitor.region) {
            self.port.tell_device(region, radio, Downlink::Ussd(message));
        }
    }

    /// At the serving core: the home network does not answer.
    pub(crate) fn ussd_overdue(&mut self, radio: RadioId) {
        self.requests.ussd.remove(&radio);
        if let Some(visitor) = self.visitors.get(radio) {
            let region = visitor.region;
            let refused = Downlink::Ussd(UssdDownlink::Refused);
            self.port.tell_device(region, radio, refused);
        }
    }

    /// At the serving core: a device is out of reach.
    pub(crate) fn end_session(&mut self, radio: RadioId) {
        for requests in [&mut self.requests.ussd, &mut self.requests.services] {
            if let Some(deadline) = requests.remove(&radio) {
                self.port.cancel(deadline);
            }
        }
    }

    /// At home: a subscriber asks, chooses or ends.
    pub(crate) fn ussd_request(
        &mut self,
        from: OperatorId,
        radio: RadioId,
        imsi: Imsi,
        message: UssdUplink,
    ) {
        let told = message.clone();
        self.port.event(|| NetworkEvent::Ussd { imsi, message: told });
        let session = self.sessions.0.remove(&imsi);
        self.port.cancel(session.map(|session| session.deadline));
        let UssdUplink::Request(text) = message else {
            return;
        };
        let inside = session.is_some_and(|session| session.radio == radio);
        let wish = if inside { Wish::of_choice(&text) } else { Wish::of_code(&text) };
        let message = self.ussd_answer(from, radio, imsi, wish);
        let reply = SessionMessage::UssdReply { radio, imsi, message };
        self.port.send(from, reply);
    }

    fn ussd_answer(
        &mut self,
        serving: OperatorId,
        radio: RadioId,
        imsi: Imsi,
        wish: Wish,
    ) -> UssdDownlink {
        let Some(subscriber) = self.subscribers.get(&imsi) else {
            return UssdDownlink::Refused;
        };
        match wish {
            Wish::Balance => {
                let letters = self.config.tariff.currency;
                let currency = core::str::from_utf8(&letters).unwrap_or_default();
                let balance = subscriber.balance;
                UssdDownlink::Notify(format!("Balance: {balance} {currency}"))
            }
            Wish::OwnNumber => UssdDownlink::Notify(match subscriber.msisdn {
                Some(number) => format!("Your number: {number}"),
                None => "You have no number.".into(),
            }),
            Wish::Menu => {
                let timer = CoreTimer::UssdSession(imsi);
                let session =
                    Session { serving, radio, deadline: self.port.wake_after(MENU_TIMEOUT, timer) };
                self.sessions.0.insert(imsi, session);
                UssdDownlink::Request(MENU.into())
            }
            Wish::Unknown => UssdDownlink::Refused,
        }
    }

    /// At home: nobody has chosen.
    pub(crate) fn session_overdue(&mut self, imsi: Imsi) {
        if let Some(session) = self.sessions.0.remove(&imsi) {
            let message = SessionMessage::UssdReply {
                radio: session.radio,
                imsi,
                message: UssdDownlink::Released,
            };
            self.port.send(session.serving, message);
        }
    }
}
