//! From a command APDU to what carries it out (TS 102.221, 10.1).

use polysim_apdu::{Channel, Class, Command, CommandApdu, Family, Instruction, Status};
use polysim_base::Instant;
use polysim_issuance::applet::AppletInput;

use crate::card::{Answer, Card};
use crate::channel::Selection;
use crate::gsm;

impl Card {
    /// Carries a command out and appends the data of the answer, however much of it is asked for.
    #[inline]
    pub(crate) fn execute(
        &mut self,
        now: Instant,
        apdu: &CommandApdu<'_>,
        out: &mut Vec<u8>,
    ) -> Status {
        let family = Class::parse(apdu.header().cla).map(Class::family);
        let answer = match &self.rare {
            None => self.checked(apdu).and_then(|command| self.run(&command, out)),
            Some(_) => self.execute_beside_applet(now, apdu, out),
        };
        match answer {
            Ok(Status::Success) => match self.proactive_pending() {
                Some(length) => Status::ProactivePending(length),
                None => Status::Success,
            },
            Ok(status) => status,
            Err(status) => {
                out.clear();
                if family == Ok(Family::Sim) { gsm::status(status) } else { status }
            }
        }
    }

    /// The same where there may be an applet: commands may be for it, and what it wants to do in
    /// the wake of any command comes before the answer.
    fn execute_beside_applet(
        &mut self,
        now: Instant,
        apdu: &CommandApdu<'_>,
        out: &mut Vec<u8>,
    ) -> Answer {
        if self.applet_waits() || self.agent_waits() {
            // After a reset: before the terminal reads anything.
            self.settle(now, &mut Vec::new());
            if self.power_failed() {
                return Err(Status::TechnicalProblem);
            }
        }
        if let Some(answer) = self.give_to_domain(now, apdu, out) {
            self.settle(now, &mut Vec::new());
            return answer;
        }
        if self.give_to_applet(apdu) {
            self.settle(now, out);
            out.clear();
            return Ok(self.take_applet_answer(out));
        }
        let answer = self.checked(apdu).and_then(|command| self.run(&command, out));
        self.settle(now, out);
        answer
    }

    /// Checks class and channel before all else, and reads the command.
    #[inline]
    pub(crate) fn checked<'a>(&self, apdu: &CommandApdu<'a>) -> Result<Command<'a>, Status> {
        let class = Class::parse(apdu.header().cla)?;
        if class.family() == Family::Sim && !self.contents.profile.config().applications.gsm {
            return Err(Status::ClassNotSupported);
        }
        self.selection(class.channel())?;
        Command::decode(apdu)
    }

    #[inline]
    #[expect(clippy::wildcard_enum_match_arm, reason = "what is left goes to the second half")]
    pub(crate) fn run(&mut self, command: &Command<'_>, out: &mut Vec<u8>) -> Answer {
        let channel = command.class.channel();
        let sim = command.class.family() == Family::Sim;
        match command.instruction {
            Instruction::Select(select) if sim => self.sim_select(&select, out),
            Instruction::Select(select) => self.select(channel, &select, out),
            Instruction::ReadBinary { address, length } => {
                self.read_binary(channel, address, length, out)
            }
            Instruction::UpdateBinary { address, data } => {
                self.update_binary(channel, address, data)
            }
            Instruction::ReadRecord { file, record, length } => {
                self.handle_read_record(channel, (file, record), length, out)
            }
            Instruction::UpdateRecord { file, record, data } => {
                self.update_record(channel, (file, record), data)
            }
            Instruction::Status { reply, .. } => {
                self.tell_applet(|| AppletInput::Polled);
                if sim { self.sim_status(out) } else { self.status(channel, reply, out) }
            }
            Instruction::Authenticate(authentication) => {
                self.authenticate(channel, authentication, out)
            }
            other => self.run_rarer(channel, other, out),
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a non-exhaustive enum, and all else is 6D00"
    )]
    fn run_rarer(
        &mut self,
        channel: Channel,
        instruction: Instruction<'_>,
        out: &mut Vec<u8>,
    ) -> Answer {
        match instruction {
            Instruction::SearchRecord(search) => self.search_record(channel, &search, out),
            Instruction::Increase { file, value } => self.increase(channel, file, value, out),
            Instruction::VerifyPin { key, pin } => {
                done(self.contents.pins.verify(key, pin.as_ref()))
            }
            Instruction::ChangePin { key, old, new } => {
                done(self.contents.pins.change(key, &old, &new))
            }
            Instruction::DisablePin { key, pin, replacement } => {
                done(self.contents.pins.disable(key, &pin, replacement))
            }
            Instruction::EnablePin { key, pin } => done(self.contents.pins.enable(key, &pin)),
            Instruction::UnblockPin { key, values } => {
                done(self.contents.pins.unblock(key, values.as_ref().map(|(puk, new)| (puk, new))))
            }
            Instruction::DeactivateFile(target) => self.set_active(channel, target, false),
            Instruction::ActivateFile(target) => self.set_active(channel, target, true),
            Instruction::RunGsmAlgorithm { rand } => self.run_gsm_algorithm(rand, out),
            Instruction::OpenChannel(number) => self.open_channel(channel, number, out),
            Instruction::CloseChannel(number) => self.close_channel(number),
            Instruction::GetChallenge { length } => {
                let start = out.len();
                out.resize(start + length.bytes(), 0);
                self.stream.fill(out.get_mut(start..).unwrap_or_default());
                Ok(Status::Success)
            }
            Instruction::TerminalProfile(profile) => self.terminal_profile(profile),
            Instruction::Envelope(envelope) => self.envelope(envelope, out),
            Instruction::Fetch { length } => self.fetch(length, out),
            Instruction::TerminalResponse(response) => self.terminal_response(response),
            Instruction::TerminalCapability(_) => Ok(Status::Success),
            // GET RESPONSE is answered before; files are neither made nor removed; this card never
            // sleeps; TS 31.102, 7.5 and the data objects of TS 102.221, 11.3 are not for it.
            _ => Err(Status::InsNotSupported),
        }
    }

    /// MANAGE CHANNEL, open (TS 102.221, 11.1.17): from the basic channel with the MF selected,
    /// from another with what is selected there.
    fn open_channel(
        &mut self,
        from: Channel,
        number: Option<Channel>,
        out: &mut Vec<u8>,
    ) -> Answer {
        let selection = match from {
            Channel::BASIC => Selection::MF,
            other => *self.selection(other)?,
        };
        let limit = match self.euicc() {
            Some(euicc) => euicc.model().channels,
            None => self.contents.profile.config().channels,
        };
        let free = |card: &Self, channel: &Channel| card.selection(*channel).is_err();
        let channel = match number {
            Some(channel) => Some(channel).filter(|channel| channel.number() < limit),
            None => (1..limit).filter_map(Channel::new).find(|channel| free(self, channel)),
        };
        let channel = channel.filter(|channel| free(self, channel));
        let channel = channel.ok_or(match number {
            Some(_) => Status::ChannelNotSupported,
            None => Status::FunctionNotSupported,
        })?;
        self.rare.get_or_insert_default().others.open(channel, selection);
        if number.is_none() {
            out.push(channel.number());
        }
        Ok(Status::Success)
    }

    /// MANAGE CHANNEL, close.
    fn close_channel(&mut self, channel: Channel) -> Answer {
        let closed = self.rare.as_mut().is_some_and(|rare| rare.others.close(channel));
        if !closed {
            return Err(Status::ChannelNotSupported);
        }
        self.deselect_applet(channel);
        self.deselect_domain(channel);
        self.tidy();
        Ok(Status::Success)
    }
}

/// A command that only succeeds or not.
fn done(result: Result<(), Status>) -> Answer {
    result.map(|()| Status::Success)
}
