//! What operators do for servers and platforms: subscriptions, texts, connections.

use super::cards::number;
use super::config::{SteeringConfig, SteeringNode};
use super::message::{SteeringMessage, ToOperator, ToService};
use super::system::{Ctx, Steering};
use crate::issuance::outside;
use crate::world::MobileWorld;
use polysim_aka::Milenage;
use polysim_base::{Duration, Instant, Machine as _, Msisdn};
use polysim_radio::{Keys, NetworkEvent, Party, SmsEvent, SubscriberConfig, SubscriberExists};
use polysim_sms::{
    Address, DataCoding, Deliver, HeaderBuf, MobileTerminated, ProtocolId, Rp, Timestamp,
    Tpdu as _, UserData,
};
use polysim_steering::advisor::Path;

/// How long a service centre keeps a text of a platform.
const VALIDITY: Duration = Duration::from_secs(3_600);
/// A text for the card: USIM data download (TS 23.040, 9.2.3.9), 8-bit data of class 2.
const DOWNLOAD: ProtocolId = ProtocolId(0x7F);
const FOR_CARD: DataCoding = DataCoding(0xF6);
/// A text for a program on the host: 8-bit data of no class.
const FOR_HOST: DataCoding = DataCoding(0x04);

impl MobileWorld {
    /// Something reaches an operator from a service.
    pub(crate) fn operator_hears(&mut self, ctx: &mut Ctx<'_>, operator: u32, asked: ToOperator) {
        match asked {
            ToOperator::Provision { service, iccid, imsi, keys } => {
                if self.have_ready(operator, imsi, &keys) {
                    let message = ToService::Provisioned { iccid };
                    self.operator_says(ctx, operator, service, message);
                }
            }
            ToOperator::Progress { service, id, progress } => {
                self.with_steering(|steering, observer| {
                    let now = ctx.now();
                    if let (true, Some(observer)) = (steering.told.is_news(service, id), observer) {
                        steering.tell_progress(now, observer, (service, operator), &progress);
                    }
                });
                self.operator_says(ctx, operator, service, ToService::ProgressTaken { id });
            }
            ToOperator::Answer { to, said } => {
                self.with_steering(|steering, _| steering.answer_came(ctx, to, *said));
            }
            ToOperator::Frame { connection, frame } => {
                self.with_steering(|steering, _| steering.frame_on_stream(ctx, connection, &frame));
            }
            ToOperator::Text { service, to, frame } => {
                let Some(steering) = &mut self.steering else { return };
                let tpdu = steering.text(ctx.now(), service, &to, &frame);
                let from = SteeringConfig::number(service);
                let (Some(tpdu), Some(from)) = (tpdu, from) else { return };
                let command = outside(from, to, tpdu, None, Some(VALIDITY));
                self.core(ctx, operator, |core, now| core.handle(now, command));
            }
        }
    }

    /// Has a subscription ready, with the keys that the profile has. Asked again, it is the same.
    fn have_ready(&mut self, operator: u32, imsi: polysim_base::Imsi, keys: &Milenage) -> bool {
        let Some(steering) = &mut self.steering else { return false };
        let Some(home) = steering.operators.get(operator as usize) else { return false };
        let number = number(&home.config, operator as usize, &imsi);
        if steering.observed {
            steering.truth.ready(imsi);
        }
        let Some(core) = self.cores.get_mut(operator as usize).and_then(Option::as_mut) else {
            return false;
        };
        let keys = Keys::Stored(Box::new(keys.clone().into()));
        let mut subscriber = SubscriberConfig::new(imsi, number);
        subscriber.keys = keys.clone();
        match core.machine.add_subscriber(subscriber) {
            Ok(()) => true,
            Err(SubscriberExists::Imsi(imsi)) => core.machine.set_keys(&imsi, keys),
            Err(_) => false,
        }
    }

    fn operator_says(
        &mut self,
        ctx: &mut Ctx<'_>,
        operator: u32,
        service: usize,
        message: ToService,
    ) {
        let ends = (SteeringNode::Operator(operator as usize), SteeringNode::Service(service));
        self.with_steering(|steering, _| {
            steering.over(ctx, ends, SteeringMessage::Service(message));
        });
    }
}

impl Steering {
    /// Makes the SMS-DELIVER of a frame, for whatever the agent runs on.
    fn text(&self, now: Instant, service: usize, to: &Msisdn, frame: &[u8]) -> Option<Vec<u8>> {
        let originator = Address::from(SteeringConfig::number(service)?);
        let unix_s = u64::try_from(self.epoch).ok()?.saturating_add(now.as_micros() / 1_000_000);
        let timestamp = Timestamp::from_unix(unix_s, 0).ok()?;
        let on_host = self.truth.has_host_agent(to);
        let coding = if on_host { FOR_HOST } else { FOR_CARD };
        let user_data = UserData::from_octets(coding, &HeaderBuf::new(), frame).ok()?;
        let mut deliver = Deliver::new(originator, timestamp, user_data);
        if !on_host {
            deliver.protocol = DOWNLOAD;
        }
        Some(MobileTerminated::Deliver(deliver).to_octets())
    }

    /// Hears what an operator's network tells: texts for platforms.
    pub(crate) fn hears(&mut self, ctx: &mut Ctx<'_>, operator: usize, event: &NetworkEvent) {
        let NetworkEvent::Sms(SmsEvent::DeliveredOutside {
            from: Party::Number(from),
            to,
            tpdu,
            ..
        }) = event
        else {
            return;
        };
        let Some(service) = self.numbers.get(to).copied() else { return };
        let Ok(MobileTerminated::Deliver(text)) = MobileTerminated::parse(tpdu, Rp::Data) else {
            return;
        };
        let frame = text.user_data.payload().to_vec();
        self.send_frame(ctx, (operator, service), Path::Text(*from), frame);
    }
}
