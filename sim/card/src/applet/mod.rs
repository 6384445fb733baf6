//! The applet of a card that has one: what reaches it, and how what it wants is carried out.

mod commit;
mod program;
mod select;
#[cfg(test)]
pub(crate) mod tests;
mod updated;

use std::collections::VecDeque;

use polysim_aka::Algorithm;
use polysim_base::{Instant, Out};
use polysim_cat::ProactiveCommand;
use polysim_issuance::applet::{Applet, AppletInput, AppletOutput};
use polysim_ota::{Command, StatusCode, Tar};

pub(crate) use program::Program;
pub(crate) use select::stays_with_card;

use crate::card::Card;
use crate::remote::{Back, Received, Remote};
use crate::subscription::KeySets;
use crate::toolkit::Owner;
use updated::Updated;

/// Most inputs that an applet gets within one command of the terminal: one that keeps itself busy
/// does not keep the card from answering.
const INPUTS_MAX: usize = 64;

/// An applet and its surroundings. The applet, its keys and the choice among them are durable.
#[derive(Debug)]
pub(crate) struct Host {
    /// Taken out while it runs.
    program: Option<Program>,
    aid: Box<[u8]>,
    tar: Tar,
    pub(crate) keys: KeySets,
    /// What scripts have changed and it has not heard of: durable too.
    updated: Option<Updated>,
    /// The logical channels on which it is selected, a bit each.
    pub(crate) selected: u32,
    inbox: VecDeque<AppletInput>,
    /// The packet that it has to answer.
    secured: Option<Secured>,
    /// Its answer to an APDU.
    answer: Option<Vec<u8>>,
}

/// A packet for the applet.
#[derive(Debug)]
struct Secured {
    command: Box<Command>,
    /// Where the proof goes; to the applet itself if it brought the packet.
    back: Option<Back>,
}

impl Host {
    pub(crate) fn new(program: Program, preloaded: Vec<(u8, Algorithm)>, has_first: bool) -> Self {
        Self {
            aid: program.aid().into(),
            tar: program.tar(),
            program: Some(program),
            keys: KeySets::new(preloaded, has_first),
            updated: None,
            selected: 0,
            inbox: VecDeque::new(),
            secured: None,
            answer: None,
        }
    }

    /// Forgets what a loss of power ends.
    pub(crate) fn reset(&mut self) {
        (self.selected, self.secured, self.answer) = (0, None, None);
        self.inbox.clear();
    }
}

impl Card {
    pub(crate) fn host(&mut self) -> Option<&mut Host> {
        self.rare.as_mut()?.host.as_deref_mut()
    }

    /// Returns whether anything here wants to hear of envelopes.
    pub(crate) fn takes_envelopes(&self) -> bool {
        self.rare.as_ref().is_some_and(|rare| {
            rare.host.is_some() || rare.remote.is_some() || rare.resident.is_some()
        })
    }

    pub(crate) fn hosted_applet(&self) -> Option<&Applet> {
        match self.rare.as_ref()?.host.as_ref()?.program.as_ref()? {
            Program::Issuance(applet) => Some(applet),
            #[cfg(test)]
            Program::Scripted(_) => None,
        }
    }

    pub(crate) fn applet_tar(&self) -> Option<Tar> {
        self.rare.as_ref()?.host.as_ref().map(|host| host.tar)
    }

    /// Tells the applet something, if there is one: it hears of it before the command at hand is
    /// answered, or with the next one.
    #[inline]
    pub(crate) fn tell_applet(&mut self, input: impl FnOnce() -> AppletInput) {
        if let Some(host) = self.host() {
            let input = input();
            host.inbox.push_back(input);
        }
    }

    /// Tells the applet that the card starts anew, and of what it may not have heard before.
    pub(crate) fn reset_applet(&mut self) {
        self.tell_applet(|| AppletInput::Reset);
        self.tell_applet_updated();
    }

    /// Hands a packet to the applet. It answers one at a time: a packet that it brings while it has
    /// not answered another gets no proof.
    pub(crate) fn tell_applet_secured(&mut self, command: Box<Command>, back: Option<Back>) {
        let Some(host) = self.host() else {
            return;
        };
        if host.secured.is_some() {
            host.inbox.push_back(AppletInput::Proof(None));
            return;
        }
        let (counter, data) = (command.counter(), command.data().to_vec().into());
        host.inbox.push_back(AppletInput::Secured { counter, data });
        host.secured = Some(Secured { command, back });
    }

    /// Lets the toolkit and the applet do what is to be done before a command is answered. `out`
    /// takes the proof of a packet.
    pub(crate) fn settle(&mut self, now: Instant, out: &mut Vec<u8>) {
        for _ in 0..INPUTS_MAX {
            if self.power_failed() {
                return;
            }
            self.advance_toolkit();
            if !self.serve_applet(now, out) && !self.serve_agent(now) {
                break;
            }
        }
        if let Some(host) = self.host() {
            host.secured = None;
        }
    }

    /// Returns whether the applet has something to hear.
    pub(crate) fn applet_waits(&self) -> bool {
        let host = self.rare.as_ref().and_then(|rare| rare.host.as_ref());
        host.is_some_and(|host| !host.inbox.is_empty())
    }

    /// Gives the applet one input and carries out what it wants; returns whether there was one.
    fn serve_applet(&mut self, now: Instant, out: &mut Vec<u8>) -> bool {
        let Some(host) = self.host() else {
            return false;
        };
        let Some(input) = host.inbox.pop_front() else {
            return false;
        };
        let Some(mut program) = host.program.take() else {
            return false;
        };
        let updates = host.updated.take_if(|_| matches!(input, AppletInput::FilesUpdated { .. }));
        // What it remembers without power, should the power fail on the way.
        let mut durable = self.has_fault().then(|| program.clone());
        program.handle(now, input);
        while let Some(output) = program.poll_output() {
            match output {
                Out::Record(record) => {
                    if self.step().is_err() {
                        break;
                    }
                    if let Some(durable) = &mut durable {
                        durable.restore(record);
                    }
                }
                Out::Do(output) => self.carry_out(output, out),
            }
            if self.power_failed() {
                break;
            }
        }
        let lost = self.power_failed();
        if let Some(host) = self.host() {
            host.program = Some(durable.filter(|_| lost).unwrap_or(program));
            host.restore_updates(updates.filter(|_| lost));
        }
        true
    }

    fn carry_out(&mut self, output: AppletOutput, out: &mut Vec<u8>) {
        match output {
            AppletOutput::Command(command) => {
                let command = ProactiveCommand::new(1, *command);
                if !self.queue_command(Owner::Applet, command) {
                    self.tell_applet(|| AppletInput::NotAllowed);
                }
            }
            AppletOutput::Commit(transaction) => {
                let input = match self.commit(transaction) {
                    Ok(()) => AppletInput::Committed,
                    Err(_) => AppletInput::TransactionFailed,
                };
                if let Some(host) = self.host() {
                    host.inbox.push_front(input);
                }
            }
            AppletOutput::Prove { status, data } => self.prove(status, &data, out),
            AppletOutput::Packet(packet) => self.with_remote(|card, remote| {
                let proof = match remote {
                    Some(remote) => card.receive_from_applet(remote, &packet),
                    None => Some(None),
                };
                if let Some(proof) = proof {
                    card.tell_applet(|| AppletInput::Proof(proof));
                }
            }),
            AppletOutput::Answer(answer) => {
                if let Some(host) = self.host() {
                    host.answer = Some(answer);
                }
            }
        }
    }

    /// Answers the packet that the applet was given.
    fn prove(&mut self, status: StatusCode, data: &[u8], out: &mut Vec<u8>) {
        let Some(Secured { command, back }) = self.host().and_then(|host| host.secured.take())
        else {
            return;
        };
        match back {
            Some(back) => self.with_remote(|card, remote| {
                if let Some(remote) = remote {
                    card.answer_command(remote, &command, (status, data), back, out);
                }
            }),
            None => {
                let proof = command.prove(status, data).ok().flatten();
                self.tell_applet(|| AppletInput::Proof(proof.map(|proof| proof.packet)));
            }
        }
    }

    /// Takes a packet that the applet received; returns the proof, unless it comes later.
    fn receive_from_applet(
        &mut self,
        remote: &mut Remote,
        packet: &[u8],
    ) -> Option<Option<Vec<u8>>> {
        let proof = match self.receive_packet(remote, packet) {
            Received::Refused(proof) => proof,
            Received::Done(command, data) => command.prove(StatusCode::Ok, &data).ok().flatten(),
            Received::ForApplet(command) => {
                self.tell_applet_secured(command, None);
                return None;
            }
            Received::Lost => return None,
        };
        Some(proof.map(|proof| proof.packet))
    }

    /// Works with remote management beside the card.
    pub(crate) fn with_remote<T>(
        &mut self,
        work: impl FnOnce(&mut Self, Option<&mut Remote>) -> T,
    ) -> T {
        let mut remote = self.rare.as_mut().and_then(|rare| rare.remote.take());
        let result = work(self, remote.as_deref_mut());
        if let Some(rare) = &mut self.rare {
            rare.remote = remote;
        }
        result
    }
}
