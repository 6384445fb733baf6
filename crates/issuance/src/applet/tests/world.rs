//! A card with files around the applet, and a terminal by hand.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use std::format;
use std::vec::Vec;

use polysim_apdu::ef::{Adn, Contents, Number};
use polysim_base::{Eid, Iccid, Imei, Imsi, Instant, Machine as _, Msisdn, Out};
use polysim_cat::{
    Aid, Area, ChannelData, ChannelDataLength, ChannelId, ChannelStatus, Command, CommandDetails,
    DataReady, Envelope, EventData, Feature, GeneralResult, LinkState, LocalData, LocalInformation,
    LocationChanged, LocationInformation, LocationStatus, Message, OpenedResponse,
    ProactiveCommand, ReceivedResponse, RefreshMode, ResponseData, TerminalProblem,
    TerminalProfile, TerminalResponse, TimerExpiration, TimerId, TimerValue,
};
use polysim_ota::{Algorithm, Counter, Key, KeySet, KeyVersion, MinimumSecurity, Receiver, Tar};
use polysim_sms::{MobileOriginated, Rp, Tpdu as _};

use crate::applet::{
    Applet, AppletConfig, AppletInput, AppletOutput, AppletRecord, Bearer, SecuredData, Transaction,
};
use crate::files::Read;
use crate::wire::apdu::Progress;
use crate::wire::stream::CardUnit;
use crate::wire::{AppletAnswer, AppletMessage, CardMessage, CardReport, OrderId, UplinkFrame};
use crate::{FileSizes, FileWrite, KeyChoice, KeyIndex, Place, Subscription};

pub(super) const TAR: Tar = Tar([0xB0, 0x10, 0x01]);
pub(super) const SIZES: FileSizes = FileSizes { msisdn_record: 34, smsp_record: 52, forbidden: 12 };
pub(super) const TRIAL: u16 = 5;
pub(super) const EF_IMSI: [u16; 2] = [0x7FFF, 0x6F07];
pub(super) const EF_AD: [u16; 2] = [0x7FFF, 0x6FAD];
pub(super) const EF_LOCI: [u16; 2] = [0x7FFF, 0x6F7E];
pub(super) const EF_MSISDN: [u16; 2] = [0x7FFF, 0x6F40];
/// For this number of an IMSI the card holds no key.
pub(super) const WITHOUT_KEY: u8 = 9;

pub(super) fn eid() -> Eid {
    Eid::parse("89049032123451234512345678901235").unwrap()
}

/// IMSI number n; 0 is the seed.
pub(super) fn imsi(n: u8) -> Imsi {
    Imsi::parse(&format!("00101000000{:04}", 100 + u16::from(n))).unwrap()
}

pub(super) fn imei(n: u8) -> Imei {
    Imei::parse(&format!("352099001761{:02}", n % 100)).unwrap()
}

pub(super) fn subscription(n: u8) -> Subscription {
    Subscription {
        imsi: imsi(n),
        mnc_len: 2 + n % 2,
        msisdn: Msisdn::parse(&format!("+4917000{n:03}")).ok(),
        centre: None,
        key: KeyChoice::Preloaded(KeyIndex(n)),
    }
}

pub(super) fn write(order: u32, n: u8) -> AppletMessage {
    AppletMessage::Write { order: OrderId(order), eid: eid(), subscription: subscription(n) }
}

fn uplink_keys() -> KeySet {
    let key = |octet| Key::new(Algorithm::Aes128, &[octet; 16]).unwrap();
    KeySet::new(KeyVersion::new(2).unwrap(), key(0x51), key(0x52))
}

pub(super) fn config(seed: bool) -> AppletConfig {
    AppletConfig {
        eid: eid(),
        iccid: Iccid::parse("8949020000000000000").unwrap(),
        aid: Aid::new(&[0xF0, 0x50, 0x4F, 0x4C, 0x59]).unwrap(),
        tar: TAR,
        uplink: uplink_keys(),
        bearer: Bearer::Text(Msisdn::parse("+491700000999").unwrap()),
        seed: seed.then(|| imsi(0)),
        seed_msisdn: subscription(0).msisdn,
        seed_mnc_len: 2,
        seed_centre: None,
        preloaded: (0..WITHOUT_KEY).map(|n| (KeyIndex(n), Some(imsi(n)))).collect(),
        sizes: SIZES,
        trial_min: TRIAL,
    }
}

pub(super) fn profile() -> TerminalProfile {
    TerminalProfile::of(Feature::ALL.iter().copied())
}

/// What of the card keeps without power, and the applet in it.
#[derive(Clone)]
pub(super) struct Card {
    config: AppletConfig,
    pub(super) applet: Applet,
    records: Vec<AppletRecord>,
    pub(super) files: BTreeMap<Vec<u16>, Vec<u8>>,
    pub(super) key: KeyIndex,
    pub(super) profile: TerminalProfile,
    pub(super) imei: Imei,
    /// The command that is out.
    pub(super) asked: Option<Command>,
    /// What has left for the platform.
    pub(super) frames: Vec<UplinkFrame>,
    pub(super) answers: Vec<AppletAnswer>,
    pub(super) data: Vec<Vec<u8>>,
    /// Response packets that have left by a connection.
    pub(super) proofs: Vec<Vec<u8>>,
    /// What was given to the card to check.
    pub(super) packets: Vec<Vec<u8>>,
    /// What has left by a connection.
    pub(super) stream: Vec<u8>,
    /// What the terminal has for the applet.
    pub(super) incoming: Vec<u8>,
    pub(super) refreshes: Vec<RefreshMode>,
    pub(super) commands: usize,
    counter: Counter,
    pub(super) fail_next: bool,
    /// The power goes before this many outputs more.
    pub(super) cut: Option<usize>,
    pub(super) outputs: usize,
    /// Files that remote file management has changed and the applet was not told of.
    untold: Vec<FileWrite>,
    /// EF.IMSI after each change.
    pub(super) imsis: Vec<Option<Imsi>>,
    /// How often the files were changed for an order.
    pub(super) carried_out: BTreeMap<OrderId, usize>,
}

/// The power has gone.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Cut;

impl Card {
    pub(super) fn new(config: AppletConfig) -> Self {
        let mut files: BTreeMap<Vec<u16>, Vec<u8>> = BTreeMap::new();
        let ef = config.seed.map_or([0xFF; 9], |imsi| imsi.ef());
        files.insert(EF_IMSI.to_vec(), ef.to_vec());
        files.insert(EF_AD.to_vec(), [0, 0, 0, 2].to_vec());
        files.insert(EF_LOCI.to_vec(), [0x11; 11].to_vec());
        let number = config.seed_msisdn.map(|number| Number::new(&format!("{number}")));
        let number = Adn { number, ..Adn::default() }.emit(34).unwrap();
        files.insert(EF_MSISDN.to_vec(), number);
        let seed = config.seed;
        Self {
            applet: Applet::new(config.clone()),
            config,
            records: Vec::new(),
            files,
            key: KeyIndex(0),
            profile: profile(),
            imei: imei(1),
            asked: None,
            frames: Vec::new(),
            answers: Vec::new(),
            data: Vec::new(),
            proofs: Vec::new(),
            packets: Vec::new(),
            stream: Vec::new(),
            incoming: Vec::new(),
            carried_out: BTreeMap::new(),
            refreshes: Vec::new(),
            commands: 0,
            counter: Counter::ZERO,
            fail_next: false,
            cut: None,
            outputs: 0,
            untold: Vec::new(),
            imsis: [seed].to_vec(),
        }
    }

    /// Gives the applet an input; if the power goes meanwhile, the card is left without.
    pub(super) fn give(&mut self, input: AppletInput) -> Result<(), Cut> {
        self.applet.handle(Instant::ZERO, input);
        let mut committed = None;
        loop {
            if self.cut == Some(0) {
                self.cut = None;
                return Err(Cut);
            }
            let Some(output) = self.applet.poll_output() else { break };
            self.outputs += 1;
            self.cut = self.cut.map(|left| left - 1);
            match output {
                Out::Record(record) => self.records.push(record),
                Out::Do(effect) => self.take(effect, &mut committed),
            }
        }
        match committed {
            Some(true) => self.give(AppletInput::Committed),
            Some(false) => self.give(AppletInput::TransactionFailed),
            None => Ok(()),
        }
    }

    fn take(&mut self, effect: AppletOutput, committed: &mut Option<bool>) {
        match effect {
            AppletOutput::Command(command) => {
                assert!(self.asked.is_none(), "two commands are out: {command:?}");
                self.carry(&command);
                self.commands += 1;
                self.asked = Some(*command);
            }
            AppletOutput::Commit(transaction) => {
                assert!(committed.is_none(), "two transactions at once");
                let fails = core::mem::take(&mut self.fail_next);
                if !fails {
                    self.commit(transaction);
                }
                *committed = Some(!fails);
            }
            AppletOutput::Prove { data, .. } => {
                self.answers.push(AppletAnswer::parse(&data).unwrap());
            }
            AppletOutput::Packet(packet) => self.packets.push(packet),
            AppletOutput::Answer(data) => self.data.push(data),
        }
    }

    /// What leaves with a command.
    fn carry(&mut self, command: &Command) {
        #[expect(clippy::wildcard_enum_match_arm, reason = "the others carry nothing")]
        match command {
            Command::SendShortMessage(text) => {
                let tpdu = MobileOriginated::parse(text.tpdu.octets(), Rp::Data).unwrap();
                let MobileOriginated::Submit(submit) = tpdu else { panic!("no SUBMIT") };
                self.frames.push(UplinkFrame::parse(submit.user_data.octets()).unwrap());
            }
            Command::OpenChannel(_) => self.stream.clear(),
            Command::SendData(send) => {
                self.stream.extend_from_slice(send.data.octets());
                while let Some(unit) = CardUnit::take(&mut self.stream).unwrap() {
                    match unit {
                        CardUnit::Frame(frame) => self.frames.push(frame),
                        CardUnit::Proof(proof) => self.proofs.push(proof),
                    }
                }
            }
            _ => {}
        }
    }

    fn commit(&mut self, transaction: Transaction) {
        let before = self.imsi();
        for write in transaction.files {
            self.write_file(&write);
        }
        if let Some(KeyChoice::Preloaded(index)) = transaction.key {
            self.key = index;
        }
        if before != self.imsi()
            && let Some((order, Progress::Writing)) = self.applet.state().order
        {
            *self.carried_out.entry(order).or_default() += 1;
        }
    }

    fn write_file(&mut self, write: &FileWrite) {
        let Some(file) = self.files.get_mut(&write.path) else { return };
        let at = match write.place {
            Place::Offset(offset) => usize::from(offset),
            Place::Record(_) => 0,
        };
        file[at..at + write.data.len()].copy_from_slice(&write.data);
        if write.path == EF_IMSI && self.imsis.last() != Some(&self.imsi()) {
            self.imsis.push(self.imsi());
        }
    }

    /// The IMSI in the file.
    pub(super) fn imsi(&self) -> Option<Imsi> {
        Contents::parse(&self.files[&EF_IMSI[..]]).ok()
    }

    /// The power comes back, or the terminal resets the card: nothing but what is durable is left.
    pub(super) fn reset(&mut self) -> Result<(), Cut> {
        self.asked = None;
        let mut fresh = Applet::new(self.config.clone());
        for record in &self.records {
            fresh.restore(record.clone());
        }
        assert!(fresh.poll_output().is_none(), "restoring emits nothing");
        if self.applet.poll_output().is_none() {
            same_after_reset(self.applet.clone(), fresh.clone());
        }
        self.applet = fresh;
        self.give(AppletInput::Reset)?;
        self.tell_files()
    }

    pub(super) fn power_up(&mut self) -> Result<(), Cut> {
        self.reset()?;
        self.give(AppletInput::Profile(self.profile.clone()))
    }

    /// As [`Self::power_up`], however often the power goes.
    pub(super) fn power_up_at_last(&mut self) {
        while self.power_up() == Err(Cut) {}
    }

    pub(super) fn secured(&mut self, message: &AppletMessage) -> Result<(), Cut> {
        self.counter = self.counter.next().unwrap();
        let data = SecuredData::from(message.encode().to_vec());
        self.give(AppletInput::Secured { counter: self.counter, data })
    }

    /// A script of remote file management writes a subscription.
    pub(super) fn manage_files(&mut self, subscription: &Subscription) -> Result<(), Cut> {
        let files = subscription.files(&SIZES);
        for write in &files {
            self.write_file(write);
        }
        self.untold = files;
        if self.cut == Some(0) {
            self.cut = None;
            return Err(Cut);
        }
        self.tell_files()
    }

    fn tell_files(&mut self) -> Result<(), Cut> {
        if self.untold.is_empty() {
            return Ok(());
        }
        let whole = |write: &FileWrite| {
            let data = self.files.get(&write.path)?.clone();
            let place = match write.place {
                Place::Offset(_) => Place::Offset(0),
                Place::Record(record) => Place::Record(record),
            };
            Some(FileWrite { path: write.path.clone(), place, data })
        };
        let files = self.untold.iter().filter_map(whole).collect();
        self.counter = self.counter.next().unwrap();
        self.give(AppletInput::FilesUpdated { counter: self.counter, files })?;
        self.untold.clear();
        Ok(())
    }

    /// The terminal answers the command that is out.
    pub(super) fn answer(&mut self, result: GeneralResult) -> Result<(), Cut> {
        let Some(command) = self.asked.take() else { return Ok(()) };
        let details = details(&command);
        let mut data = ResponseData::None;
        if result.is_performed() {
            #[expect(clippy::wildcard_enum_match_arm, reason = "the others bring nothing")]
            match &command {
                Command::ProvideLocalInformation(local) => data = self.local(local.what),
                Command::OpenChannel(_) => data = opened(),
                Command::ReceiveData(receive) => data = self.receive(receive.length),
                Command::Refresh(refresh) => {
                    self.refreshes.push(refresh.mode);
                    if refresh.mode == RefreshMode::UiccReset {
                        return self.power_up();
                    }
                }
                _ => {}
            }
        }
        let response = TerminalResponse::new(details, result).with_data(data);
        self.give(AppletInput::Response(Box::new(response)))
    }

    fn receive(&mut self, length: ChannelDataLength) -> ResponseData {
        let part = usize::from(length.0).min(self.incoming.len());
        let octets: Vec<u8> = self.incoming.drain(..part).collect();
        let left = u8::try_from(self.incoming.len()).unwrap_or(u8::MAX);
        let (data, left) = (ChannelData::new(&octets).ok(), Some(ChannelDataLength(left)));
        ResponseData::Received(ReceivedResponse { data, left })
    }

    /// The platform sends over the connection.
    pub(super) fn arrives(&mut self, octets: &[u8]) -> Result<(), Cut> {
        self.incoming.extend_from_slice(octets);
        let (status, length) = (channel(LinkState::Up), ChannelDataLength(u8::MAX));
        self.event(EventData::DataAvailable(DataReady { status, length }))
    }

    fn local(&self, what: LocalInformation) -> ResponseData {
        if what == LocalInformation::Imei {
            return ResponseData::Local(LocalData::Imei(Some(self.imei)));
        }
        let area = Area::Cell { code: 1, cell: 2 };
        let location = LocationInformation { plmn: imsi(0).home(2), area };
        ResponseData::Local(LocalData::Location(Some(location)))
    }

    pub(super) fn event(&mut self, event: EventData) -> Result<(), Cut> {
        self.give(AppletInput::Envelope(Box::new(Envelope::new(Message::Event(event)))))
    }

    pub(super) fn service(&mut self, status: LocationStatus) -> Result<(), Cut> {
        self.event(EventData::LocationStatus(LocationChanged { status, location: None }))
    }

    pub(super) fn timer(&mut self) -> Result<(), Cut> {
        let expired =
            TimerExpiration { timer: TimerId::new(1).unwrap(), elapsed: TimerValue::default() };
        self.give(AppletInput::Envelope(Box::new(Envelope::new(Message::TimerExpiration(expired)))))
    }

    /// The terminal does all that it is asked until nothing is left; no more than so much.
    pub(super) fn settle(&mut self) {
        for _ in 0..50 {
            if self.asked.is_none() {
                return;
            }
            self.answer(GeneralResult::Performed).unwrap();
        }
        panic!("the applet never ends: {:?}", self.asked);
    }

    /// The terminal does what it is asked, but for what needs a network.
    pub(super) fn settle_without_service(&mut self) {
        for _ in 0..50 {
            let Some(command) = &self.asked else { return };
            let location = matches!(command, Command::ProvideLocalInformation(local)
                if local.what == LocalInformation::Location);
            let needs = location
                || matches!(command, Command::SendShortMessage(_) | Command::OpenChannel(_));
            let none = GeneralResult::TerminalBusy(TerminalProblem::NoService);
            self.answer(if needs { none } else { GeneralResult::Performed }).unwrap();
        }
        panic!("the applet never ends: {:?}", self.asked);
    }

    /// What the platform reads in all that has left.
    pub(super) fn said(&self) -> Vec<CardMessage> {
        let mut receiver = Receiver::new();
        receiver.install_keys(uplink_keys(), Counter::ZERO);
        receiver.register(TAR, MinimumSecurity::FULL).unwrap();
        let read = |frame: &UplinkFrame| {
            assert_eq!(frame.eid, self.config.eid);
            let pending = receiver.check(&frame.packet).expect("a counter is never used twice");
            let message = CardMessage::parse(pending.commit().data()).unwrap();
            assert_eq!(message.eid, frame.eid);
            message
        };
        self.frames.iter().map(read).collect()
    }

    pub(super) fn reports(&self) -> Vec<CardReport> {
        self.said().into_iter().map(|message| message.report).collect()
    }

    /// Whether IMSI, key and MNC length belong together.
    pub(super) fn is_of_one_subscription(&self) -> bool {
        let Some(imsi) = self.imsi() else { return true };
        let ad = self.files[&EF_AD[..]].clone();
        let ad = FileWrite { path: EF_AD.to_vec(), place: Place::Offset(0), data: ad };
        let found = (0..WITHOUT_KEY).find(|n| subscription(*n).imsi == imsi);
        found.is_some_and(|n| {
            self.key == KeyIndex(n) && Read::of(&[ad]).mnc_len == Some(subscription(n).mnc_len)
        })
    }
}

fn details(command: &Command) -> CommandDetails {
    ProactiveCommand::new(1, command.clone()).details()
}

pub(super) fn channel(link: LinkState) -> ChannelStatus {
    ChannelStatus { channel: ChannelId::new(1).ok(), link, information: 0 }
}

fn opened() -> ResponseData {
    let status = Some(channel(LinkState::Up));
    let (bearer, buffer, address, dns) = (None, None, None, Vec::new());
    ResponseData::Opened(OpenedResponse { status, bearer, buffer, address, dns })
}

/// An applet that kept its head over the reset does the same as one restored from its records.
fn same_after_reset(mut kept: Applet, mut fresh: Applet) {
    for applet in [&mut kept, &mut fresh] {
        applet.handle(Instant::ZERO, AppletInput::Reset);
    }
    let drain =
        |applet: &mut Applet| core::iter::from_fn(|| applet.poll_output()).collect::<Vec<_>>();
    assert_eq!(drain(&mut kept), drain(&mut fresh));
    assert_eq!(format!("{kept:?}"), format!("{fresh:?}"));
}
