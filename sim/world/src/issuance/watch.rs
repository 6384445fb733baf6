//! What passes between terminals and cards, as far as it shows what becomes of a card.

use super::build::APPLET_TAR;
use super::cards::keys_of;
use super::system::Issuance;
use super::tell::word;
use crate::observer::Observer;
use crate::world::MobileWorld;
use polysim_apdu::Ins;
use polysim_base::{Imei, Instant};
use polysim_card::{Card, SubscriptionKeySet};
use polysim_cat::{Command, ProactiveCommand, TerminalResponse};
use polysim_issuance::keys::CardKeys;
use polysim_issuance::on_site::Reply;
use polysim_issuance::wire::apdu::Progress;
use polysim_issuance::wire::stream::CardUnit;
use polysim_issuance::wire::{AppletAnswer, CardReport, OrderId, Outcome, UplinkFrame};
use polysim_ota::{
    Counter, KeyVersion, Protection, Response, ResponsePacket, Sender, Spi, StatusCode,
};
use polysim_sms::{MobileOriginated, Rp, Tpdu as _};

/// What is before a response packet in the answer to ENVELOPE (TS 31.115, 4.3).
const REPORT_HEADER: [u8; 3] = [0x02, 0x71, 0x00];

/// Class, instruction, parameters and length of a command with data.
const APDU_HEADER_LEN: usize = 5;

/// Returns whether a command is one after which a card is looked at.
pub(crate) fn shows(command: &[u8]) -> bool {
    let ins = command.get(1).copied().and_then(Ins::from_byte);
    matches!(
        ins,
        Some(
            Ins::Fetch
                | Ins::Envelope
                | Ins::GetResponse
                | Ins::TerminalResponse
                | Ins::TerminalProfile
                | Ins::Authenticate
                | Ins::Status
                | Ins::UpdateBinary
                | Ins::UpdateRecord
        )
    )
}

/// What a card was like when it was last looked at.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    /// The device of its mark.
    device: Option<Imei>,
    order: Option<(OrderId, Progress)>,
    /// The device that it asks to be bound to, while its terminal has not said how it did.
    asks: Option<Imei>,
}

impl MobileWorld {
    /// A card has answered its terminal.
    pub(crate) fn saw_card(&mut self, now: Instant, phone: u32, command: &[u8], response: &[u8]) {
        let Self { issuance: Some(issuance), observer: Some(observer), phones, .. } = self else {
            return;
        };
        if let Some(card) = phones.get(phone as usize).and_then(|phone| phone.card.as_ref()) {
            issuance.saw(now, observer, (phone, card), command, response);
        }
    }

    /// A card has answered in a reader.
    pub(crate) fn saw_in_reader(
        &mut self,
        now: Instant,
        phone: u32,
        card: &Card,
        command: &[u8],
        reply: &Reply,
    ) {
        if let Reply::Response(response) = reply {
            self.with_issuance(|issuance, observer| {
                if let Some(observer) = observer {
                    issuance.saw(now, observer, (phone, card), command, response);
                }
            });
        }
    }
}

impl Issuance {
    fn saw(
        &mut self,
        now: Instant,
        observer: &mut Observer,
        (phone, card): (u32, &Card),
        command: &[u8],
        response: &[u8],
    ) {
        let Some(index) = self.cards.in_phone(phone).filter(|_| shows(command)) else { return };
        let Some(ins) = command.get(1).copied().and_then(Ins::from_byte) else { return };
        let Some((data, _)) = response.split_last_chunk::<2>() else { return };
        if ins == Ins::Fetch {
            self.saw_command(index, data);
        } else if ins == Ins::TerminalResponse {
            self.saw_response(now, observer, (phone, index), command);
        } else if let Some(packet) = data.strip_prefix(&REPORT_HEADER) {
            self.saw_proof(now, observer, (phone, index), packet);
        }
        if !card.is_on() {
            return;
        }
        if self.truth.look(&self.cards, index, card) {
            self.look_at_record(index);
        }
        self.look_at_applet(now, observer, (phone, index), card);
    }

    /// A card has given its terminal a command.
    #[expect(clippy::wildcard_enum_match_arm, reason = "other commands carry no frame")]
    fn saw_command(&mut self, index: usize, data: &[u8]) {
        let Ok(command) = ProactiveCommand::decode(data) else { return };
        let frame = match command.command {
            Command::SendShortMessage(message) => {
                let tpdu = MobileOriginated::parse(message.tpdu.octets(), Rp::Data);
                let Ok(MobileOriginated::Submit(submit)) = tpdu else { return };
                UplinkFrame::parse(submit.user_data.payload()).ok()
            }
            Command::SendData(data) => {
                let mut octets = data.data.octets().to_vec();
                match CardUnit::take(&mut octets) {
                    Ok(Some(CardUnit::Frame(frame))) => Some(frame),
                    Ok(Some(CardUnit::Proof(_)) | None) | Err(_) => None,
                }
            }
            _ => None,
        };
        let report = frame.and_then(|frame| self.truth.says(&self.cards, index, &frame));
        if let (Some(CardReport::Bind { imei, .. }), Some(seen)) = (report, self.told.seen(index)) {
            seen.asks = Some(imei);
        }
    }

    /// A terminal has said how it did with a command.
    fn saw_response(
        &mut self,
        now: Instant,
        observer: &mut Observer,
        (phone, index): (u32, usize),
        command: &[u8],
    ) {
        let asks = self.told.seen(index).and_then(|seen| seen.asks.take());
        let said = command.get(APDU_HEADER_LEN..).map(TerminalResponse::decode);
        let (Some(imei), Some(Ok(said))) = (asks, said) else { return };
        let fields = [
            ("device", self.device_called(observer, &imei).into()),
            ("sent", said.result.is_performed().into()),
        ];
        observer.tell(now, "card.bind-requested", phone, fields);
    }

    /// A card has answered a packet.
    fn saw_proof(
        &self,
        now: Instant,
        observer: &mut Observer,
        (phone, index): (u32, usize),
        packet: &[u8],
    ) {
        let keys = self.cards.get(index).and_then(|card| keys_of(self.seed, card));
        let Some(proof) = keys.and_then(|keys| proof(packet, &keys)) else { return };
        let why = match (proof.status == StatusCode::Ok, AppletAnswer::parse(&proof.data)) {
            (false, _) => word(&proof.status),
            (true, Ok(answer)) if proof.tar == APPLET_TAR => match answer.outcome {
                Outcome::Done | Outcome::DoneBefore => return,
                outcome @ (Outcome::AnotherCard
                | Outcome::NoSuchKey
                | Outcome::Malformed
                | Outcome::Busy
                | Outcome::WriteFailed
                | Outcome::AnotherDevice) => word(&outcome),
            },
            (true, _) => return,
        };
        observer.tell(now, "card.refused", phone, [("why", why.into())]);
    }

    /// The card has another subscription: what its platform knows must have been true all along.
    fn look_at_record(&mut self, index: usize) {
        if let Some(state) = self.told.state_of(index) {
            self.truth.recorded(index, state);
        }
    }

    /// Tells what has become of the mark and of an order.
    fn look_at_applet(
        &mut self,
        now: Instant,
        observer: &mut Observer,
        (phone, index): (u32, usize),
        card: &Card,
    ) {
        let Some(applet) = card.applet() else { return };
        let Some(seen) = self.told.seen(index) else { return };
        let state = applet.state();
        let device = applet.device().filter(|_| state.bound);
        let before = core::mem::replace(seen, Seen { device, order: state.order, ..*seen });
        if device != before.device {
            self.truth.marked(index, device);
            let name = if state.bound { "card.bound" } else { "card.unbound" };
            observer.tell(now, name, phone, []);
        }
        if state.order == before.order {
            return;
        }
        let name = match state.order.map(|(_, progress)| progress) {
            Some(Progress::Written) => "card.written",
            Some(Progress::Effective) => "card.effective",
            Some(Progress::Reverted) => "card.reverted",
            Some(Progress::Writing | Progress::Trial) | None => return,
        };
        let operator = self.operator_of(observer, card.imsi());
        observer.tell(now, name, phone, [("operator", operator.into())]);
    }
}

/// Opens a response packet of a card: with the card's keys, or without as it refuses what it does
/// not believe.
fn proof(packet: &[u8], keys: &CardKeys) -> Option<Response> {
    let packet = ResponsePacket::parse(packet).ok()?;
    let header = Sender::new(keys.downlink.clone(), Counter::ZERO).header(APPLET_TAR, Spi::FULL);
    let secured = Protection::of_proof(&header, Some(&keys.downlink)).ok();
    let secured = secured.and_then(|protection| packet.open(&protection).ok());
    secured.or_else(|| packet.open(&Protection::NONE).ok())
}

/// Returns which subscription key a card uses, in a word.
pub(crate) fn key_word(card: &Card) -> String {
    match card.key_set() {
        None => String::new(),
        Some(SubscriptionKeySet::Preloaded(0)) => "seed".into(),
        Some(SubscriptionKeySet::Preloaded(index)) => format!("preloaded-{index}"),
        Some(SubscriptionKeySet::Carried) => "carried".into(),
    }
}

/// Returns the last counter that a card has accepted.
pub(crate) fn counter(card: &Card, version: KeyVersion) -> u64 {
    card.counter(version).map_or(0, Counter::value)
}
