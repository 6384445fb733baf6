//! Packet data (TS 27.007, 10).

use super::{Exchange, NO_SUCH_FORM, Progress, Refusal, Step, WAITS};
use crate::packet::{CONTEXT_MAX, Context, ContextState, Definition};
use polysim_at::{
    CgactInfo, CgactSet, CgattInfo, Cgdcont, Cgerep, CgpaddrInfo, CmeError, Command, FinalResult,
    Form, Text,
};

impl Exchange<'_> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others belong to other families")]
    pub(super) fn packets(&mut self, command: &Command) -> Option<Progress> {
        Some(match command {
            Command::Cgdcont(form) => self.definition(form),
            Command::Cgact(form) => self.activation(form),
            Command::Cgpaddr(form) => self.addresses(form),
            Command::Cgatt(form) => self.attachment(form),
            Command::Cgerep(form) => match form {
                Form::Test => self.test("+CGEREP", "(0-2),(0,1)"),
                Form::Read => {
                    let mode = self.settings.packet_events;
                    self.numbers("+CGEREP", &[mode.into(), 0])
                }
                Form::Set(Cgerep { mode, .. }) if mode.unwrap_or(0) <= 2 => {
                    self.settings.packet_events = mode.unwrap_or(0);
                    Ok(Step::Done)
                }
                Form::Set(_) => Err(CmeError::IncorrectParameters.into()),
                Form::Execute => NO_SUCH_FORM,
            },
            Command::Cgdata(form) => match form {
                Form::Test => self.test("+CGDATA", "(\"PPP\")"),
                Form::Set(set) => self.data(set.contexts.first().copied().unwrap_or(1)),
                Form::Read | Form::Execute => NO_SUCH_FORM,
            },
            Command::Cgcontrdp(form) => match form {
                Form::Test => self.test("+CGCONTRDP", "()"),
                Form::Execute => self.active_parameters(None),
                Form::Set(id) => self.active_parameters(Some(*id)),
                Form::Read => NO_SUCH_FORM,
            },
            _ => return None,
        })
    }

    fn contexts(&self) -> Vec<(u8, Context)> {
        let contexts = self.core.rare.iter().flat_map(|rare| &rare.packet.contexts);
        contexts.map(|(id, context)| (*id, context.clone())).collect()
    }

    /// `+CGDCONT` (TS 27.007, 10.1.1).
    fn definition(&mut self, form: &Form<Box<Cgdcont>>) -> Progress {
        match form {
            Form::Test => {
                for kind in ["IP", "IPV6", "IPV4V6"] {
                    self.test("+CGDCONT", &format!("(1-{CONTEXT_MAX}),\"{kind}\",,,(0),(0)"))?;
                }
                Ok(Step::Done)
            }
            Form::Read => {
                for (id, context) in self.contexts() {
                    let Some(definition) = context.defined else {
                        continue;
                    };
                    let address = match context.state {
                        ContextState::Active { address } => dotted(address),
                        ContextState::Inactive => String::new(),
                    };
                    self.writer().line(&Cgdcont {
                        context: id,
                        kind: Some(definition.kind),
                        access_point: Text::new(&*definition.access_point).ok(),
                        address: Text::new(address).ok(),
                        data_compression: Some(0),
                        header_compression: Some(0),
                    });
                }
                Ok(Step::Done)
            }
            Form::Set(set) => {
                self.check_context(set.context)?;
                let packet = &mut self.core.rare().packet;
                let Some(kind) = set.kind else {
                    packet.contexts.remove(&set.context);
                    return Ok(Step::Done);
                };
                let access_point = set.access_point.as_ref().and_then(|text| text.as_str());
                packet.context(set.context).defined = Some(Definition {
                    kind,
                    access_point: access_point.unwrap_or_default().into(),
                });
                Ok(Step::Done)
            }
            Form::Execute => NO_SUCH_FORM,
        }
    }

    fn check_context(&self, id: u8) -> Result<(), Refusal> {
        if !(1..=CONTEXT_MAX).contains(&id) {
            return Err(CmeError::IncorrectParameters.into());
        }
        let rare = self.core.rare.as_ref();
        let active = rare.and_then(|rare| rare.packet.contexts.get(&id));
        if active.is_some_and(|context| context.state != ContextState::Inactive) {
            return Err(CmeError::OperationNotAllowed.into());
        }
        Ok(())
    }

    /// `+CGACT` (TS 27.007, 10.1.10).
    fn activation(&mut self, form: &Form<CgactSet>) -> Progress {
        match form {
            Form::Test => self.test("+CGACT", "(0,1)"),
            Form::Read => {
                for (id, context) in self.contexts() {
                    let state = u8::from(context.state != ContextState::Inactive);
                    self.writer().line(&CgactInfo { context: id, state });
                }
                Ok(Step::Done)
            }
            Form::Set(set) => {
                let known: Vec<u8> = self.contexts().iter().map(|(id, _)| *id).collect();
                let ids =
                    if set.contexts.is_empty() { known.clone() } else { set.contexts.clone() };
                if let Some(unknown) = ids.iter().find(|id| !known.contains(id)) {
                    // Context 1 stands for the subscription's default without a definition.
                    if set.state == 1 && *unknown != 1 {
                        return Err(CmeError::UnknownPdpAddress.into());
                    }
                }
                let waits = match set.state {
                    0 => self.core.deactivate_contexts(self.fx, self.port, &ids),
                    1 => self.core.activate_contexts(self.fx, self.port, &ids, false)?,
                    _ => return Err(CmeError::IncorrectParameters.into()),
                };
                if waits { WAITS } else { Ok(Step::Done) }
            }
            Form::Execute => NO_SUCH_FORM,
        }
    }

    /// `+CGPADDR` (TS 27.007, 10.1.14).
    fn addresses(&mut self, form: &Form<Vec<u8>>) -> Progress {
        let wanted = match form {
            Form::Test => return self.test("+CGPADDR", "()"),
            Form::Execute => Vec::new(),
            Form::Set(ids) => ids.clone(),
            Form::Read => return NO_SUCH_FORM,
        };
        for (id, context) in self.contexts() {
            if !wanted.is_empty() && !wanted.contains(&id) {
                continue;
            }
            let first = match context.state {
                ContextState::Active { address } => Text::new(dotted(address)).ok(),
                ContextState::Inactive => None,
            };
            self.writer().line(&CgpaddrInfo { context: id, first, second: None });
        }
        Ok(Step::Done)
    }

    /// `+CGATT` (TS 27.007, 10.1.9).
    fn attachment(&mut self, form: &Form<u8>) -> Progress {
        match form {
            Form::Test => self.test("+CGATT", "(0,1)"),
            Form::Read => {
                let state = u8::from(self.core.radio.registered && self.core.radio.packet);
                self.line(&CgattInfo { state })
            }
            Form::Set(0) => {
                self.core.set_packet_wanted(self.fx, false);
                Ok(Step::Done)
            }
            Form::Set(1) => {
                self.core.set_packet_wanted(self.fx, true);
                Ok(Step::Done)
            }
            Form::Set(_) => Err(CmeError::IncorrectParameters.into()),
            Form::Execute => NO_SUCH_FORM,
        }
    }

    /// `+CGCONTRDP` (TS 27.007, 10.1.23).
    fn active_parameters(&mut self, wanted: Option<u8>) -> Progress {
        for (id, context) in self.contexts() {
            let ContextState::Active { address } = context.state else {
                continue;
            };
            if wanted.is_some_and(|wanted| wanted != id) {
                continue;
            }
            let apn = context.defined.map(|definition| definition.access_point);
            let apn = apn.unwrap_or_default();
            let address = dotted(address);
            self.text(format!("+CGCONTRDP: {id},5,\"{apn}\",\"{address}\""))?;
        }
        Ok(Step::Done)
    }

    /// `ATD*99***<cid>#` and `ATD*98…`.
    pub(super) fn dial_data(&mut self, number: &str) -> Progress {
        let packet = number.starts_with("*99") || number.starts_with("*98");
        if !packet || !number.ends_with('#') {
            // Circuit switched data is a thing of the past.
            return Err(Refusal(FinalResult::NoCarrier));
        }
        let digits = number.trim_end_matches('#').rsplit('*').next().unwrap_or_default();
        let id = if number.contains("***") { digits.parse().unwrap_or(1) } else { 1 };
        self.data(id)
    }

    fn data(&mut self, id: u8) -> Progress {
        if !(1..=CONTEXT_MAX).contains(&id) {
            return Err(Refusal(FinalResult::NoCarrier));
        }
        let activated = self.core.activate_contexts(self.fx, self.port, &[id], true);
        match activated {
            Ok(true) => Ok(Step::Wait { abortable: true }),
            Ok(false) => Ok(Step::Result(FinalResult::Connect { speed: Some(150_000_000) })),
            Err(_) => Err(Refusal(FinalResult::NoCarrier)),
        }
    }

    /// `ATO`.
    pub(super) fn back_online(&self) -> Progress {
        let rare = self.core.rare.as_ref();
        let mine = rare.and_then(|rare| rare.packet.data).filter(|(port, _)| *port == self.port);
        Err(Refusal(if mine.is_some() {
            FinalResult::Connect { speed: None }
        } else {
            FinalResult::NoCarrier
        }))
    }
}

fn dotted([a, b, c, d]: [u8; 4]) -> String {
    format!("{a}.{b}.{c}.{d}")
}
