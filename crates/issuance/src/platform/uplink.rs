//! What cards say of their own accord.

use polysim_base::{Eid, Instant, Msisdn};
use polysim_ota::{Counter, CounterRefusal, MinimumSecurity, Receiver, RefusalReason};

use super::record::Change;
use super::send::Note;
use super::{Alarm, Platform, PlatformOutput, StreamEvent};
use crate::wire::stream::{CardUnit, STREAM_PACKET_MAX};
use crate::wire::{
    BusinessAnswer, CardMessage, CardReport, LocalWrite, Refusal, RequestId, StreamId, UplinkFrame,
};

/// The most connections that something has begun to come over.
const STREAMS_MAX: usize = 1 << 16;
/// The most octets that are taken at once.
const STREAM_OCTETS_MAX: usize = 64 * STREAM_PACKET_MAX;
/// How far a card's word sets the counter ahead at most: more would be used up too soon.
const HEARD_AHEAD_MAX: u64 = 1 << 32;

/// How something came, and how it is answered.
#[derive(Clone, Copy, Debug)]
pub(super) enum Path {
    Text(Msisdn),
    Stream(StreamId),
    Site(RequestId),
}

/// Why nothing is done for a frame.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum FrameError {
    NotAuthentic,
    Replayed,
}

impl Platform {
    pub(super) fn text(&mut self, now: Instant, from: Msisdn, octets: &[u8]) {
        // Anybody may send a text to the platform's number.
        if let Ok(frame) = UplinkFrame::parse(octets) {
            self.frame(now, &frame, Path::Text(from));
        }
    }

    pub(super) fn stream(&mut self, now: Instant, stream: StreamId, event: StreamEvent) {
        match event {
            StreamEvent::Opened | StreamEvent::Closed => drop(self.flight.streams.remove(&stream)),
            StreamEvent::Data(octets) => {
                let mut received = self.flight.streams.remove(&stream).unwrap_or_default();
                if received.len().saturating_add(octets.len()) > STREAM_OCTETS_MAX {
                    return;
                }
                received.extend(octets);
                loop {
                    match CardUnit::take(&mut received) {
                        Ok(Some(CardUnit::Frame(frame))) => {
                            self.frame(now, &frame, Path::Stream(stream));
                        }
                        // Nothing is sent over a connection that asks for one.
                        Ok(Some(CardUnit::Proof(_))) => {}
                        Ok(None) => break,
                        Err(_) => return,
                    }
                }
                if !received.is_empty() && self.flight.streams.len() < STREAMS_MAX {
                    // The room of what has been taken out is not kept.
                    received.shrink_to_fit();
                    self.flight.streams.insert(stream, received);
                }
            }
        }
    }

    fn frame(&mut self, now: Instant, frame: &UplinkFrame, path: Path) {
        let last = self.state.card(frame.eid).map_or(Counter::ZERO, |card| card.uplink);
        match self.open(frame, last) {
            Ok((counter, message)) => self.heard(now, counter, &message, path),
            Err(error) => self.alarm_frame(now, frame.eid, error),
        }
    }

    pub(super) fn alarm_frame(&mut self, now: Instant, eid: Eid, error: FrameError) {
        self.alarm_of_anybody(
            now,
            match error {
                FrameError::NotAuthentic => Alarm::NotAuthentic { eid },
                FrameError::Replayed => Alarm::Replayed { eid },
            },
        );
    }

    /// Opens a frame whose counter is above `last`.
    pub(super) fn open(
        &self,
        frame: &UplinkFrame,
        last: Counter,
    ) -> Result<(Counter, CardMessage), FrameError> {
        let keys = self.keys.uplink(frame.eid).ok_or(FrameError::NotAuthentic)?;
        let mut receiver = Receiver::new();
        receiver.install_keys(keys, last);
        receiver
            .register(self.config.tar, MinimumSecurity::FULL)
            .map_err(|_| FrameError::NotAuthentic)?;
        let pending = receiver.check(&frame.packet).map_err(|refusal| {
            if let RefusalReason::Counter(CounterRefusal::Low { .. }) = refusal.reason {
                FrameError::Replayed
            } else {
                FrameError::NotAuthentic
            }
        })?;
        let command = pending.commit();
        let message = CardMessage::parse(command.data()).map_err(|_| FrameError::NotAuthentic)?;
        if message.eid == frame.eid {
            Ok((command.counter(), message))
        } else {
            Err(FrameError::NotAuthentic)
        }
    }

    /// Takes what a card has said. It may be what it said last, again.
    pub(super) fn heard(
        &mut self,
        now: Instant,
        counter: Counter,
        message: &CardMessage,
        path: Path,
    ) {
        let eid = message.eid;
        let (uplink, downlink) = self
            .state
            .card(eid)
            .map_or((Counter::ZERO, Counter::ZERO), |card| (card.uplink, card.downlink));
        let ahead = message.heard.value().saturating_sub(downlink.value());
        let heard = if ahead <= HEARD_AHEAD_MAX { message.heard } else { downlink };
        if counter > uplink || heard > downlink {
            self.record(now, Change::Heard { eid, counter, heard });
        }
        if ahead > 0 {
            self.alarm(Alarm::Resynchronised { eid });
        }
        match message.report {
            CardReport::Bind { imei, iccid, imsi } => {
                let answer = self.bind(now, (eid, imei, iccid, imsi), path);
                self.answer_bind(now, eid, (imei, answer), path);
            }
            CardReport::Effective { order, imsi } => {
                self.effective(now, eid, (order, imsi), path);
                self.note(now, eid, Note::Noted(order), path);
            }
            CardReport::Reverted { order, imsi } => {
                self.reverted(now, eid, (order, imsi, message.heard), path);
                self.note(now, eid, Note::Noted(order), path);
            }
        }
    }

    fn answer_bind(
        &mut self,
        now: Instant,
        eid: Eid,
        (imei, answer): (polysim_base::Imei, Result<(), crate::wire::NotBound>),
        path: Path,
    ) {
        match (answer, path) {
            (Ok(()), _) => self.note(now, eid, Note::Bound(imei), path),
            (Err(_), Path::Site(request)) => {
                let answer = BusinessAnswer::Refused(Refusal::Conflict);
                self.say(PlatformOutput::Business { request, answer });
            }
            (Err(reason), Path::Text(_) | Path::Stream(_)) => {
                self.note(now, eid, Note::NotBound(imei, reason), path);
            }
        }
    }

    /// Answers a card the way that it came.
    fn note(&mut self, now: Instant, eid: Eid, note: Note, path: Path) {
        match path {
            Path::Text(to) => self.queue_note(eid, to, note),
            Path::Stream(stream) => {
                if let Some((_, octets)) = self.seal_note(now, eid, note) {
                    self.say(PlatformOutput::Stream { stream, octets });
                }
            }
            Path::Site(request) => {
                if let Some((_, packet)) = self.seal_note(now, eid, note) {
                    let answer = BusinessAnswer::Local(LocalWrite { order: None, eid, packet });
                    self.say(PlatformOutput::Business { request, answer });
                }
            }
        }
    }
}
