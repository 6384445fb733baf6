//! Proactive commands: fetched, obeyed and answered, one at a time (TS 102.223, 6).

use super::refresh::Reading;
use crate::BasebandEvent;
use crate::card::{CardPort, Change, Outcome, Owner, transmit};
use crate::core::Core;
use crate::effects::Effects;
use crate::urc::Notice;
use polysim_base::{Duration, Instant};
use polysim_cat::{
    ChannelId, Command, CommandDetails, GeneralResult, Instruction, ProactiveCommand, ResponseData,
    TerminalResponse, fetch_apdu,
};

/// Most commands that are fetched within [`BURST_TIME`]: a card that asks for ever is slowed down.
const BURST_MAX: u8 = 100;
const BURST_TIME: Duration = Duration::from_secs(1);
/// SW1 of a status word that offers a command.
const PENDING: u8 = 0x91;

/// What the card said in a flow of the toolkit.
#[derive(Debug)]
pub(crate) enum CardSaid {
    /// To FETCH: a command, or nothing that could be one.
    Command(Option<Vec<u8>>),
    /// To TERMINAL RESPONSE, whatever it was.
    Answered,
    /// To ENVELOPE; nothing if the card failed.
    Reply(Option<super::Reply>),
    /// All was written that had to be before a reset of the card.
    ReadyForReset,
    /// All was written that had to be before it is read anew.
    ReadyForReading,
}

/// The session with the card.
#[derive(Debug, Default)]
pub(super) struct Session {
    state: State,
    burst: Option<Burst>,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Idle,
    Fetching,
    Serving(Serving),
}

/// A command that was fetched and not answered yet.
#[derive(Debug)]
struct Serving {
    details: CommandDetails,
    /// Objects were passed over (TS 102.223, 6.10.4).
    partial: bool,
    waits: Waits,
}

/// What the response to a command waits for.
#[derive(Debug)]
pub(super) enum Waits {
    /// For nothing: it is being made.
    Nothing,
    /// For the card, to be free for this response.
    Card(Vec<u8>),
    /// The card has it.
    Sent,
    /// For the network, to take a text.
    Text,
    /// For the network, to answer USSD.
    Ussd,
    /// For a channel, to have its first link.
    Opening(ChannelId),
    /// For a channel, to have a link to send over.
    Sending(ChannelId),
    /// For the card, to be read anew.
    Reading(Reading),
    /// For cells, to be heard.
    Cells { until: Instant },
    /// For a host.
    Host { until: Instant },
}

#[derive(Debug)]
struct Burst {
    until: Instant,
    fetched: u8,
}

impl Burst {
    fn starting(now: Instant) -> Self {
        Self { until: now.plus(BURST_TIME), fetched: 0 }
    }
}

impl Session {
    pub(super) fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle) && self.held_until().is_none()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let waits = match self.waits() {
            Some(Waits::Host { until } | Waits::Cells { until }) => Some(*until),
            Some(_) | None => None,
        };
        [waits, self.held_until()].into_iter().flatten().min()
    }

    /// Returns whether what is waited for did not come in time.
    pub(super) fn timeout(&mut self, now: Instant) -> bool {
        self.burst.take_if(|burst| burst.until <= now);
        matches!(self.waits(), Some(Waits::Host { until } | Waits::Cells { until }) if *until <= now)
    }

    /// No command is under way.
    pub(super) const fn is_over(&self) -> bool {
        matches!(self.state, State::Idle)
    }

    pub(super) const fn waits(&self) -> Option<&Waits> {
        match &self.state {
            State::Serving(serving) => Some(&serving.waits),
            State::Idle | State::Fetching => None,
        }
    }

    pub(super) fn wait_for(&mut self, what: Waits) {
        if let State::Serving(serving) = &mut self.state {
            serving.waits = what;
        }
    }

    /// Takes what is waited for out, as the response is made now.
    pub(super) fn take_waits(&mut self, wanted: impl Fn(&Waits) -> bool) -> Option<Waits> {
        match &mut self.state {
            State::Serving(serving) if wanted(&serving.waits) => {
                Some(core::mem::replace(&mut serving.waits, Waits::Nothing))
            }
            State::Serving(_) | State::Idle | State::Fetching => None,
        }
    }

    /// The response that can be sent now.
    fn take_response(&mut self) -> Option<Vec<u8>> {
        let waits = self.take_waits(|waits| matches!(waits, Waits::Card(_)))?;
        self.wait_for(Waits::Sent);
        if let Waits::Card(response) = waits { Some(response) } else { None }
    }

    fn held_until(&self) -> Option<Instant> {
        self.burst.as_ref().filter(|burst| burst.fetched >= BURST_MAX).map(|burst| burst.until)
    }

    /// Counts one more command; not if there were too many.
    fn begin(&mut self, now: Instant) -> bool {
        let burst = self.burst.get_or_insert_with(|| Burst::starting(now));
        if burst.until <= now {
            *burst = Burst::starting(now);
        }
        if !matches!(self.state, State::Idle) || burst.fetched >= BURST_MAX {
            return false;
        }
        burst.fetched += 1;
        self.state = State::Fetching;
        true
    }
}

async fn fetch(mut port: CardPort, apdu: [u8; 5]) -> Outcome {
    let answer = transmit(&mut port, apdu.to_vec()).await.ok();
    let command = answer.filter(|answer| answer.status.is_done()).map(|answer| answer.data);
    Outcome::done().changed(Change::Toolkit(CardSaid::Command(command)))
}

async fn respond(mut port: CardPort, apdu: Vec<u8>) -> Outcome {
    // Whatever it says: a terminal answers once.
    drop(transmit(&mut port, apdu).await);
    Outcome::done().changed(Change::Toolkit(CardSaid::Answered))
}

impl Core {
    /// Gives the card what the toolkit has for it, if it is free. Returns whether there was
    /// anything.
    pub(crate) fn serve_toolkit(&mut self, fx: &Effects) -> bool {
        if !self.slot.is_free() || (self.slot.offer().is_none() && self.toolkit_now().is_none()) {
            return false;
        }
        if !self.slot.profile_sent {
            // Without a profile there is no toolkit.
            self.slot.take_offer();
            return false;
        }
        let now = fx.now;
        if let Some(response) = self.toolkit().session.take_response() {
            let apdu = Instruction::TerminalResponse.apdu(&response).unwrap_or_default();
            self.slot.start(now, Owner::Device, move |port| respond(port, apdu));
            return true;
        }
        if self.send_letter(now, false) {
            return true;
        }
        if let Some(length) = self.slot.offer()
            && let Some(apdu) = fetch_apdu([PENDING, length])
        {
            if self.toolkit().session.begin(now) {
                self.slot.take_offer();
                self.slot.start(now, Owner::Device, move |port| fetch(port, apdu));
                return true;
            }
            return false;
        }
        self.toolkit().session.is_over() && (self.send_letter(now, true) || self.poll_card(now))
    }

    /// A flow of the toolkit is over.
    pub(crate) fn card_said(&mut self, fx: &mut Effects, said: CardSaid) {
        match said {
            CardSaid::Command(octets) => self.take_command(fx, octets.as_deref()),
            CardSaid::Answered => {
                self.toolkit().session.state = State::Idle;
                if self.slot.offer().is_none() && self.slot.host_profile.is_some() {
                    fx.notice(Notice::ToolkitOver);
                }
            }
            CardSaid::Reply(reply) => self.take_reply(fx, reply),
            CardSaid::ReadyForReset => self.reset_card(fx),
            CardSaid::ReadyForReading => self.read_anew(fx),
        }
    }

    fn take_command(&mut self, fx: &mut Effects, octets: Option<&[u8]>) {
        let session = &mut self.toolkit().session;
        let Some(octets) = octets else {
            session.state = State::Idle;
            return;
        };
        // Without details there is nothing to repeat, and zeros do (TS 102.223, 6.8.1).
        let nothing = CommandDetails { number: 0, command_type: 0, qualifier: 0 };
        let details = CommandDetails::find(octets).unwrap_or(nothing);
        let decoded = ProactiveCommand::decode(octets);
        let partial = decoded.as_ref().is_ok_and(|command| !command.others.is_empty());
        session.state = State::Serving(Serving { details, partial, waits: Waits::Nothing });
        match decoded {
            Ok(ProactiveCommand { command, .. }) => {
                if self.slot.profile().allows(&command).is_err() {
                    self.conclude(fx, GeneralResult::BeyondCapabilities);
                } else if !self.pass_to_host(fx, &command, octets) {
                    self.obey(fx, command);
                }
            }
            Err(error) => self.conclude(fx, error.result()),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "of another crate, and beyond this one")]
    fn obey(&mut self, fx: &mut Effects, command: Command) {
        match command {
            Command::Refresh(refresh) => self.refresh(fx, refresh),
            Command::MoreTime(_)
            | Command::LanguageNotification(_)
            | Command::SetUpIdleModeText(_)
            | Command::SetUpMenu(_) => self.conclude(fx, GeneralResult::Performed),
            Command::PollInterval(poll) => self.set_polling(fx, poll.interval),
            Command::PollingOff(_) => self.stop_polling(fx),
            Command::SetUpEventList(list) => self.set_events(fx, list.events.0),
            Command::SendShortMessage(message) => self.send_for_card(fx, &message),
            Command::SendUssd(request) => self.ussd_for_card(fx, &request),
            Command::SendDtmf(tones) => self.tones_for_card(fx, &tones),
            Command::ProvideLocalInformation(local) => self.tell_local(fx, local),
            Command::TimerManagement(timer) => self.manage_timer(fx, timer),
            Command::OpenChannel(open) => self.open_channel(fx, open),
            Command::CloseChannel(close) => self.close_channel(fx, &close),
            Command::SendData(send) => self.send_data(fx, &send),
            Command::ReceiveData(receive) => self.receive_data(fx, &receive),
            Command::GetChannelStatus(_) => self.tell_channels(fx),
            command => self.conclude(fx, super::user::alone(&command)),
        }
    }

    pub(super) fn conclude(&mut self, fx: &mut Effects, result: GeneralResult) {
        self.conclude_with(fx, result, ResponseData::None);
    }

    /// Answers the command under way. The response goes out when the card is free.
    pub(super) fn conclude_with(
        &mut self,
        fx: &mut Effects,
        result: GeneralResult,
        data: ResponseData,
    ) {
        let State::Serving(Serving { details, partial, .. }) = &self.toolkit().session.state else {
            return;
        };
        let (details, partial) = (*details, *partial);
        let result = if partial && result == GeneralResult::Performed {
            GeneralResult::PartialComprehension
        } else {
            result
        };
        let response = TerminalResponse::new(details, result);
        let octets = response.clone().with_data(data).encode().or_else(|_| response.encode());
        self.respond_with(fx, octets.unwrap_or_default(), details.command_type, result.octets().0);
    }

    /// Answers the command under way with a response that a host made.
    pub(super) fn respond_with(&mut self, fx: &mut Effects, octets: Vec<u8>, kind: u8, result: u8) {
        self.toolkit().session.wait_for(Waits::Card(octets));
        fx.event(BasebandEvent::CommandAnswered { kind, result });
        self.serve_card(fx);
    }
}
