//! Texts (TS 27.005).

use super::{Exchange, NO_SUCH_FORM, Progress, Step, WAITS};
use crate::sms::{
    Entry, Message, Outgoing, Purpose, Sender, ServiceCentre, Stores, exists, put_text_message,
    total, write_centre,
};
use crate::urc::INTERNATIONAL;
use polysim_at::{
    Acknowledgement, CmgdSet, CmglInfo, CmgrInfo, CmgsSet, CmgwInfo, CmgwSet, CmsError, CmssSet,
    CnmaSet, Cnmi, Command, CpmsCounts, CpmsInfo, CpmsSet, Csca, Csmp, CsmsInfo, CsmsSupport, Form,
    MessageStatus, MessageStore, StoreUse, Text,
};
use polysim_base::{Msisdn, parse_hex};
use polysim_sms::{Address, MobileOriginated, Rp, Tpdu};

impl Exchange<'_> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others belong to other families")]
    pub(super) fn texts(&mut self, command: &Command) -> Option<Progress> {
        Some(match command {
            Command::Csms(form) => self.service(form),
            Command::Cmgf(form) => self.switch("+CMGF", form, |x| &mut x.settings.text_mode),
            Command::Csdh(form) => self.switch("+CSDH", form, |x| &mut x.settings.show_header),
            Command::Cmgs(form) => match form {
                Form::Test => Ok(Step::Done),
                Form::Set(CmgsSet { length }) => self.prompt(Entry::Submit { length: *length }),
                Form::Read | Form::Execute => NO_SUCH_FORM,
            },
            Command::Cmgw(form) => match form {
                Form::Test => Ok(Step::Done),
                Form::Set(CmgwSet { length, status }) => {
                    self.prompt(Entry::Write { length: *length, status: *status })
                }
                Form::Read | Form::Execute => NO_SUCH_FORM,
            },
            Command::Cmss(form) => match form {
                Form::Test => Ok(Step::Done),
                Form::Set(set) => self.send_stored(set),
                Form::Read | Form::Execute => NO_SUCH_FORM,
            },
            Command::Cmgr(form) => match form {
                Form::Test => Ok(Step::Done),
                Form::Set(index) => self.read_message(*index),
                Form::Read | Form::Execute => NO_SUCH_FORM,
            },
            Command::Cmgl(form) => match form {
                Form::Test => self.test("+CMGL", "(0-4)"),
                Form::Execute => self.list_messages(MessageStatus::ReceivedUnread),
                Form::Set(status) => self.list_messages(*status),
                Form::Read => NO_SUCH_FORM,
            },
            Command::Cmgd(form) => match form {
                Form::Test => self.test_delete(),
                Form::Set(set) => self.delete_messages(set),
                Form::Read | Form::Execute => NO_SUCH_FORM,
            },
            Command::Cpms(form) => self.storage(form),
            Command::Cnmi(form) => self.indications(form),
            Command::Cnma(form) => match form {
                Form::Test => self.test("+CNMA", "(0-2)"),
                Form::Execute => self.acknowledge(false, None),
                Form::Set(set) => self.acknowledge_set(set),
                Form::Read => NO_SUCH_FORM,
            },
            Command::Csca(form) => self.centre(form),
            Command::Csmp(form) => self.text_parameters(form),
            Command::Csas(form) | Command::Cres(form) => match form {
                Form::Test | Form::Execute | Form::Set(_) => Ok(Step::Done),
                Form::Read => NO_SUCH_FORM,
            },
            _ => return None,
        })
    }

    fn service(&mut self, form: &Form<u8>) -> Progress {
        match form {
            Form::Test => self.test("+CSMS", "(0,1)"),
            Form::Read => {
                let service = self.core.messages.service;
                self.line(&CsmsInfo { service, terminated: 1, originated: 1, broadcast: 0 })
            }
            Form::Set(service @ 0..=1) => {
                self.core.messages.service = *service;
                self.line(&CsmsSupport { terminated: 1, originated: 1, broadcast: 0 })
            }
            Form::Set(_) => Err(CmsError::OperationNotSupported.into()),
            Form::Execute => NO_SUCH_FORM,
        }
    }

    /// The prompt, if sending or storing could come to something.
    fn prompt(&self, entry: Entry) -> Progress {
        if self.settings.text_mode {
            return Err(CmsError::InvalidTextParameter.into());
        }
        Ok(Step::Prompt(entry))
    }

    /// What was typed at the prompt.
    pub(crate) fn entered(&mut self, entry: Entry, typed: &[u8]) -> Progress {
        match entry {
            Entry::Submit { length } => {
                let (centre, tpdu) = Entry::parse_pdu(typed, length)?;
                self.submit(Purpose::Entered, centre, tpdu)
            }
            Entry::SubmitText { destination } => self.submit_text(destination, typed),
            Entry::Write { length, status } => {
                let pdu = parse_hex(typed.trim_ascii());
                let pdu = pdu.map_err(|_| CmsError::InvalidPduParameter)?;
                let message = Message {
                    status: status.unwrap_or(MessageStatus::StoredUnsent),
                    pdu: pdu.into(),
                };
                if message.tpdu_len() != length || length == 0 {
                    return Err(CmsError::InvalidPduParameter.into());
                }
                self.keep(message)
            }
            Entry::WriteText { destination } => {
                let mut pdu = vec![0];
                pdu.extend(self.compose(destination, typed)?);
                let message = Message { status: MessageStatus::StoredUnsent, pdu: pdu.into() };
                self.keep(message)
            }
            Entry::Acknowledge { refused, length } => {
                let report = parse_hex(typed.trim_ascii());
                let report = report.map_err(|_| CmsError::InvalidPduParameter)?;
                if report.len() != usize::from(length) {
                    return Err(CmsError::InvalidPduParameter.into());
                }
                self.acknowledge(refused, Some(report))
            }
        }
    }

    pub(crate) fn submit(
        &mut self,
        purpose: Purpose,
        centre: Option<ServiceCentre>,
        tpdu: Vec<u8>,
    ) -> Progress {
        let outgoing = Outgoing { sender: Sender::Port(self.port), purpose, centre, tpdu };
        self.core.submit(self.fx, outgoing)?;
        WAITS
    }

    fn keep(&mut self, message: Message) -> Progress {
        let (store, sizes) = (self.settings.write_store, self.core.model.stores);
        let index = self.core.messages.stores().add(store, message, &sizes);
        let index = index.ok_or(CmsError::MemoryFull)?;
        self.line(&CmgwInfo { index })
    }

    /// `+CMSS` (TS 27.005, 3.5.2).
    fn send_stored(&mut self, set: &CmssSet) -> Progress {
        let (store, sizes) = (self.settings.write_store, self.core.model.stores);
        let index = set.index;
        let stores = self.core.messages.kept();
        let message = stores.and_then(|stores| stores.get(store, index, &sizes));
        let message = message.ok_or(CmsError::InvalidMemoryIndex)?;
        let mut tpdu = message.tpdu().to_vec();
        if let Some(number) = &set.destination {
            let number = number.as_str().ok_or(CmsError::InvalidTextParameter)?;
            let destination =
                Address::parse_dialled(number).map_err(|_| CmsError::InvalidTextParameter)?;
            let parsed = MobileOriginated::parse(&tpdu, Rp::Data);
            let Ok(MobileOriginated::Submit(mut submit)) = parsed else {
                return Err(CmsError::InvalidPduParameter.into());
            };
            submit.destination = destination;
            tpdu = MobileOriginated::Submit(submit).to_octets();
        } else if MobileOriginated::parse(&tpdu, Rp::Data).is_err() {
            return Err(CmsError::InvalidPduParameter.into());
        }
        self.submit(Purpose::Stored { store, index }, None, tpdu)
    }

    /// `+CMGR` (TS 27.005, 4.2).
    fn read_message(&mut self, index: u16) -> Progress {
        let (store, sizes) = (self.settings.read_store, self.core.model.stores);
        if !Stores::is_index(store, index, &sizes) {
            return Err(CmsError::InvalidMemoryIndex.into());
        }
        let stores = self.core.messages.kept();
        let message = stores.and_then(|stores| stores.get(store, index, &sizes));
        let Some(message) = message.cloned() else {
            return Err(CmsError::InvalidMemoryIndex.into());
        };
        if self.settings.text_mode {
            let settings = self.settings.clone();
            put_text_message("+CMGR: ", &message, &settings, &mut self.writer());
        } else {
            let info = CmgrInfo { status: message.status, name: None, length: message.tpdu_len() };
            self.writer().line_with_pdu(&info, &message.pdu);
        }
        self.mark_read(store, index, message.status);
        Ok(Step::Done)
    }

    fn mark_read(&mut self, store: MessageStore, index: u16, status: MessageStatus) {
        if status == MessageStatus::ReceivedUnread {
            let sizes = self.core.model.stores;
            let stores = self.core.messages.stores();
            stores.mark(store, index, MessageStatus::ReceivedRead, &sizes);
        }
    }

    /// `+CMGL` (TS 27.005, 4.1).
    pub(crate) fn list_messages(&mut self, wanted: MessageStatus) -> Progress {
        if matches!(wanted, MessageStatus::Other(_)) {
            return Err(CmsError::InvalidPduParameter.into());
        }
        let (store, sizes) = (self.settings.read_store, self.core.model.stores);
        let Some(stores) = self.core.messages.kept() else {
            return Ok(Step::Done);
        };
        let listed: Vec<(u16, Message)> = stores
            .indexes(store, &sizes)
            .into_iter()
            .filter_map(|index| Some((index, stores.get(store, index, &sizes)?.clone())))
            .filter(|(_, m)| wanted == MessageStatus::All || m.status == wanted)
            .collect();
        for (index, message) in listed {
            if self.settings.text_mode {
                let settings = self.settings.clone();
                let head = format!("+CMGL: {index},");
                put_text_message(&head, &message, &settings, &mut self.writer());
            } else {
                let info = CmglInfo {
                    index,
                    status: message.status,
                    name: None,
                    length: message.tpdu_len(),
                };
                self.writer().line_with_pdu(&info, &message.pdu);
            }
            self.mark_read(store, index, message.status);
        }
        Ok(Step::Done)
    }

    fn test_delete(&mut self) -> Progress {
        let (store, sizes) = (self.settings.read_store, self.core.model.stores);
        let indexes = self.core.messages.kept().map(|stores| stores.indexes(store, &sizes));
        let indexes: Vec<String> =
            indexes.unwrap_or_default().iter().map(ToString::to_string).collect();
        self.test("+CMGD", &format!("({}),(0-4)", indexes.join(",")))
    }

    /// `+CMGD` (TS 27.005, 3.5.4).
    fn delete_messages(&mut self, set: &CmgdSet) -> Progress {
        let (store, sizes) = (self.settings.read_store, self.core.model.stores);
        let flag = set.flag.unwrap_or(0);
        if flag > 4 {
            return Err(CmsError::InvalidPduParameter.into());
        }
        if flag == 0 {
            if !Stores::is_index(store, set.index, &sizes) {
                return Err(CmsError::InvalidMemoryIndex.into());
            }
            self.core.messages.stores().remove(store, set.index, &sizes);
        } else {
            let goes = |status| match status {
                MessageStatus::ReceivedRead => flag >= 1,
                MessageStatus::StoredSent => flag >= 2,
                MessageStatus::StoredUnsent => flag >= 3,
                MessageStatus::ReceivedUnread | MessageStatus::All | MessageStatus::Other(_) => {
                    flag == 4
                }
            };
            let stores = self.core.messages.stores();
            for index in stores.indexes(store, &sizes) {
                if stores.get(store, index, &sizes).is_some_and(|m| goes(m.status)) {
                    stores.remove(store, index, &sizes);
                }
            }
        }
        self.core.announce_memory(self.fx);
        self.core.messages.tidy();
        Ok(Step::Done)
    }

    /// `+CPMS` (TS 27.005, 3.2.2).
    fn storage(&mut self, form: &Form<CpmsSet>) -> Progress {
        let sizes = self.core.model.stores;
        match form {
            Form::Test => {
                let known = [
                    MessageStore::Phone,
                    MessageStore::Combined,
                    MessageStore::Sim,
                    MessageStore::Reports,
                ];
                let names = known.iter().filter(|store| exists(**store, &sizes));
                let names: Vec<String> = names.map(|s| format!("\"{}\"", s.as_str())).collect();
                let list = names.join(",");
                self.test("+CPMS", &format!("({list}),({list}),({list})"))
            }
            Form::Read => {
                let info = CpmsInfo {
                    read: self.store_use(self.settings.read_store),
                    write: self.store_use(self.settings.write_store),
                    receive: self.store_use(self.core.messages.receive_store),
                };
                self.line(&info)
            }
            Form::Set(set) => {
                let wanted = [Some(set.read), set.write, set.receive];
                if wanted.into_iter().flatten().any(|store| !exists(store, &sizes)) {
                    return Err(CmsError::OperationNotSupported.into());
                }
                self.settings.read_store = set.read;
                self.settings.write_store = set.write.unwrap_or(self.settings.write_store);
                if let Some(receive) = set.receive {
                    self.core.messages.receive_store = receive;
                }
                let [read, write, receive] = [
                    self.store_use(self.settings.read_store),
                    self.store_use(self.settings.write_store),
                    self.store_use(self.core.messages.receive_store),
                ];
                self.line(&CpmsCounts {
                    read_used: read.used,
                    read_total: read.total,
                    write_used: Some(write.used),
                    write_total: Some(write.total),
                    receive_used: Some(receive.used),
                    receive_total: Some(receive.total),
                })
            }
            Form::Execute => NO_SUCH_FORM,
        }
    }

    fn store_use(&self, store: MessageStore) -> StoreUse {
        StoreUse {
            store,
            used: self.core.messages.kept().map_or(0, |stores| stores.used(store)),
            total: total(store, &self.core.model.stores),
        }
    }

    /// `+CNMI` (TS 27.005, 3.4.1).
    fn indications(&mut self, form: &Form<Cnmi>) -> Progress {
        match form {
            Form::Test => self.test("+CNMI", "(0-2),(0-3),(0-3),(0-2),(0,1)"),
            Form::Read => {
                let [mode, deliver, broadcast, report, buffer] = self.settings.indications;
                self.line(&Cnmi {
                    mode: Some(mode),
                    deliver: Some(deliver),
                    broadcast: Some(broadcast),
                    report: Some(report),
                    buffer: Some(buffer),
                })
            }
            Form::Set(set) => {
                let [mode, deliver, broadcast, report, buffer] = self.settings.indications;
                let wanted = [
                    set.mode.unwrap_or(mode),
                    set.deliver.unwrap_or(deliver),
                    set.broadcast.unwrap_or(broadcast),
                    set.report.unwrap_or(report),
                    set.buffer.unwrap_or(buffer),
                ];
                // Broadcasts are taken as asked for and never come.
                let limits = [2, 3, 3, 2, 1];
                if wanted.iter().zip(limits).any(|(value, limit)| *value > limit) {
                    return Err(CmsError::OperationNotSupported.into());
                }
                self.settings.indications = wanted;
                self.core.messages.route(self.port, Some(self.settings));
                Ok(Step::Done)
            }
            Form::Execute => NO_SUCH_FORM,
        }
    }

    fn acknowledge_set(&mut self, set: &CnmaSet) -> Progress {
        let refused = match set.acknowledgement {
            Acknowledgement::Plain | Acknowledgement::Ack => false,
            Acknowledgement::Error => true,
            Acknowledgement::Other(_) => return Err(CmsError::InvalidPduParameter.into()),
        };
        match set.length {
            Some(length) if length > 0 => Ok(Step::Prompt(Entry::Acknowledge { refused, length })),
            _ => self.acknowledge(refused, None),
        }
    }

    fn acknowledge(&mut self, refused: bool, report: Option<Vec<u8>>) -> Progress {
        if self.core.messages.service == 0 {
            return Err(CmsError::OperationNotAllowed.into());
        }
        self.core.acknowledged(self.fx, self.port, refused, report)?;
        Ok(Step::Done)
    }

    /// `+CSCA` (TS 27.005, 3.3.1).
    fn centre(&mut self, form: &Form<Csca>) -> Progress {
        match form {
            Form::Test => Ok(Step::Done),
            Form::Read => {
                if self.card_pending()? {
                    return Ok(Step::WaitForCard);
                }
                let Some(centre) = self.core.service_centre() else {
                    self.core.read_service_centre(self.fx);
                    return Ok(Step::WaitForCard);
                };
                let number = centre.map(|centre| centre.to_string()).unwrap_or_default();
                self.line(&Csca {
                    number: Text::new(number).unwrap_or_default(),
                    address_type: Some(INTERNATIONAL),
                })
            }
            Form::Set(set) => {
                let number = set.number.as_str().unwrap_or_default();
                let centre = Msisdn::parse(number).map_err(|_| CmsError::InvalidTextParameter)?;
                self.with_card(move |port| write_centre(port, centre))
            }
            Form::Execute => NO_SUCH_FORM,
        }
    }

    /// `+CSMP` (TS 27.005, 3.3.2).
    fn text_parameters(&mut self, form: &Form<Csmp>) -> Progress {
        let [first_octet, validity, protocol, coding] = self.core.messages.parameters;
        match form {
            Form::Test => Ok(Step::Done),
            Form::Read => self.line(&Csmp {
                first_octet: Some(first_octet),
                validity: Some(validity),
                protocol: Some(protocol),
                coding: Some(coding),
            }),
            Form::Set(set) => {
                self.core.messages.parameters = [
                    set.first_octet.unwrap_or(first_octet),
                    set.validity.unwrap_or(validity),
                    set.protocol.unwrap_or(protocol),
                    set.coding.unwrap_or(coding),
                ];
                Ok(Step::Done)
            }
            Form::Execute => NO_SUCH_FORM,
        }
    }
}
