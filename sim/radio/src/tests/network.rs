//! Three operators, two regions: `one` and `two` share region 0, `three` is across the border.

use super::{Device, Texts};
use crate::{air::*, *};
use polysim_aka::SqnArray;
use polysim_base::{Duration, Imei, Imsi, Instant, Machine, Msisdn, Out, Plmn};
use std::collections::BTreeMap;
use std::sync::Arc;

const LATENCY: Duration = Duration::from_millis(10);

#[derive(Debug)]
enum Mail {
    Region(RegionId, RegionInput),
    Core(OperatorId, CoreInput),
    Device(RadioId, Downlink),
}

pub(crate) struct Network {
    pub(crate) now: Instant,
    pub(crate) regions: BTreeMap<RegionId, Region>,
    pub(crate) cores: BTreeMap<OperatorId, Core>,
    pub(crate) devices: BTreeMap<RadioId, Device>,
    pub(crate) events: Vec<(OperatorId, NetworkEvent)>,
    /// What devices said on streams, and to be answered by the test.
    pub(crate) streams: Vec<(StreamRef, Imsi, StreamUplink)>,
    /// Everything that was carried, for comparisons.
    pub(crate) log: Vec<String>,
    /// Cores whose signalling with others is cut.
    pub(crate) partitioned: Vec<OperatorId>,
    mail: BTreeMap<(Instant, u64), Mail>,
    sent: u64,
}

pub(crate) const ONE: OperatorId = OperatorId(1);
pub(crate) const TWO: OperatorId = OperatorId(2);
pub(crate) const THREE: OperatorId = OperatorId(3);
pub(crate) const HERE: RegionId = RegionId(0);
pub(crate) const ABROAD: RegionId = RegionId(1);
/// Cells: of `one` (LTE, then GSM), of `two`, of `three` abroad.
pub(crate) const CELL_1: CellId = CellId(10);
pub(crate) const CELL_1_GSM: CellId = CellId(11);
pub(crate) const CELL_2: CellId = CellId(20);
pub(crate) const CELL_3: CellId = CellId(30);
/// 2023-11-14 22:13:20 UTC.
pub(crate) const START_S: u64 = 1_700_000_000;

/// The n-th subscription of an operator.
pub(crate) fn imsi(operator: OperatorId, n: u32) -> Imsi {
    let mcc_mnc = ["26201", "26202", "20801"][usize::from(operator.0) - 1];
    Imsi::parse(&format!("{mcc_mnc}{n:010}")).unwrap()
}

/// Its number.
pub(crate) fn number(operator: OperatorId, n: u32) -> Msisdn {
    let prefix = ["+49171", "+49172", "+33601"][usize::from(operator.0) - 1];
    Msisdn::parse(&format!("{prefix}{n:06}")).unwrap()
}

pub(crate) fn operators() -> Vec<OperatorConfig> {
    [
        (ONE, "One", "26201", 49, "+49171"),
        (TWO, "Two", "26202", 49, "+49172"),
        (THREE, "Trois", "20801", 33, "+33601"),
    ]
    .into_iter()
    .map(|(id, name, plmn, country, prefix)| {
        let smsc = Msisdn::parse(&format!("{prefix}999999")).unwrap();
        let plmn = Plmn::parse(plmn).unwrap();
        let mut config = OperatorConfig::new(id, name, plmn, country, smsc);
        config.prefixes = vec![NumberPrefix::parse(prefix).unwrap()];
        config.key_seed = 1_000 + u64::from(id.0);
        config
    })
    .collect()
}

fn cell(id: CellId, operator: OperatorId, plmn: &str, rat: Rat, level_dbm: i16) -> CellConfig {
    let plmn = Plmn::parse(plmn).unwrap();
    CellConfig { id, operator, plmn, rat, level_dbm, area: 1, capacity: 100, barred: false }
}

impl Network {
    pub(crate) fn new(seed: u64) -> Self {
        Self::with(seed, operators(), |directory| directory)
    }

    pub(crate) fn with(
        seed: u64,
        operators: Vec<OperatorConfig>,
        fill: impl FnOnce(Directory) -> Directory,
    ) -> Self {
        let directory = Arc::new(fill(Directory::new(&operators)));
        let cores = operators.into_iter().map(|config| {
            let settings = CoreSettings {
                directory: Arc::clone(&directory),
                seed,
                unix_start_s: START_S,
                observe: Observe::Everything,
            };
            (config.id, Core::new(config, settings))
        });
        let here = RegionConfig {
            id: HERE,
            cells: vec![
                cell(CELL_1, ONE, "26201", Rat::Lte, -80),
                cell(CELL_1_GSM, ONE, "26201", Rat::Gsm, -70),
                cell(CELL_2, TWO, "26202", Rat::Lte, -90),
            ],
            zone_quarters: 4,
            daylight_h: 0,
        };
        let abroad = RegionConfig {
            id: ABROAD,
            cells: vec![cell(CELL_3, THREE, "20801", Rat::Lte, -75)],
            zone_quarters: 4,
            daylight_h: 0,
        };
        Self {
            now: Instant::ZERO,
            regions: BTreeMap::from([(HERE, Region::new(here)), (ABROAD, Region::new(abroad))]),
            cores: cores.collect(),
            devices: BTreeMap::new(),
            events: Vec::new(),
            streams: Vec::new(),
            log: Vec::new(),
            partitioned: Vec::new(),
            mail: BTreeMap::new(),
            sent: 0,
        }
    }

    /// Adds the n-th subscription of an operator with the device of the same number, in region 0.
    pub(crate) fn phone(&mut self, home: OperatorId, n: u32) -> RadioId {
        self.subscribe(SubscriberConfig::new(imsi(home, n), Some(number(home, n))), home);
        self.device(RadioId(u32::from(home.0) * 100 + n), home, n)
    }

    pub(crate) fn subscribe(&mut self, subscriber: SubscriberConfig, home: OperatorId) {
        self.core(home).add_subscriber(subscriber).unwrap();
    }

    /// Adds a device with the card of a subscription.
    pub(crate) fn device(&mut self, radio: RadioId, home: OperatorId, n: u32) -> RadioId {
        let imsi = imsi(home, n);
        let device = Device {
            region: HERE,
            imsi,
            imei: Imei::parse(&format!("350000{:08}", radio.0)).unwrap(),
            algorithm: derived_algorithm(1_000 + u64::from(home.0), &imsi),
            window: SqnArray::default(),
            inbox: Vec::new(),
            challenges: 0,
            texts: Texts::Take,
            rings: true,
            wrong_res: false,
            answers: true,
            registered: false,
        };
        self.devices.insert(radio, device);
        self.post(Mail::Region(HERE, RegionInput::Enter(radio)));
        radio
    }

    pub(crate) fn core(&mut self, id: OperatorId) -> &mut Core {
        self.cores.get_mut(&id).unwrap()
    }

    pub(crate) fn dev(&mut self, radio: RadioId) -> &mut Device {
        self.devices.get_mut(&radio).unwrap()
    }

    fn post(&mut self, mail: Mail) {
        self.sent += 1;
        self.mail.insert((self.now.plus(LATENCY), self.sent), mail);
    }

    pub(crate) fn uplink(&mut self, radio: RadioId, uplink: Uplink) {
        let region = self.dev(radio).region;
        self.post(Mail::Region(region, RegionInput::FromDevice(radio, uplink)));
    }

    pub(crate) fn region(&mut self, region: RegionId, input: RegionInput) {
        self.post(Mail::Region(region, input));
        self.run_ms(0);
    }

    pub(crate) fn command(&mut self, core: OperatorId, command: CoreCommand) {
        self.post(Mail::Core(core, CoreInput::Command(command)));
    }

    /// Takes a device to another region.
    pub(crate) fn travel(&mut self, radio: RadioId, to: RegionId) {
        let from = std::mem::replace(&mut self.dev(radio).region, to);
        self.post(Mail::Region(from, RegionInput::Leave(radio)));
        self.post(Mail::Region(to, RegionInput::Enter(radio)));
    }

    pub(crate) fn attach(&mut self, radio: RadioId, cell: CellId) {
        let (imsi, imei) = (self.dev(radio).imsi, self.dev(radio).imei);
        let update = self.dev(radio).registered;
        self.uplink(radio, Uplink::Attach { cell, imsi, imei, update });
    }

    /// A device loses its power for a moment, and knows of nothing that was.
    pub(crate) fn restarted(&mut self, radio: RadioId, cell: CellId) {
        self.dev(radio).registered = false;
        self.attached(radio, cell);
    }

    /// Attaches and lets it finish; what the device heard is thrown away.
    pub(crate) fn attached(&mut self, radio: RadioId, cell: CellId) {
        self.attach(radio, cell);
        self.run_ms(500);
        assert!(self.dev(radio).registered, "{:?}", self.dev(radio).inbox);
        self.dev(radio).take();
    }

    pub(crate) fn say(&mut self, radio: RadioId, transaction: u8, message: CallUplink) {
        self.uplink(radio, Uplink::Call { transaction, message });
        self.run_ms(500);
    }

    pub(crate) fn run_s(&mut self, secs: u64) {
        self.run(Duration::from_secs(secs));
    }

    pub(crate) fn run_ms(&mut self, millis: u64) {
        self.run(Duration::from_millis(millis));
    }

    fn run(&mut self, duration: Duration) {
        let end = self.now.plus(duration);
        loop {
            let mail = self.mail.keys().next().map(|(at, _)| *at);
            let timers = self.cores.iter().filter_map(|(id, core)| {
                let (due, _) = core.poll_timeout()?;
                Some((due, *id))
            });
            let timer = timers.min();
            match (mail, timer) {
                (Some(at), timer) if at <= end && timer.is_none_or(|(due, _)| at <= due) => {
                    self.now = at;
                    let (_, mail) = self.mail.pop_first().unwrap();
                    self.carry(mail);
                }
                (_, Some((due, id))) if due <= end => {
                    self.now = due;
                    self.core(id).handle_timeout(due);
                    self.drain_core(id);
                    let next = self.core(id).poll_timeout();
                    assert!(next.is_none_or(|(next, _)| next > due), "stuck at {next:?}");
                }
                _ => break,
            }
        }
        self.now = end;
    }

    fn carry(&mut self, mail: Mail) {
        self.log.push(format!("{} {mail:?}", self.now));
        let now = self.now;
        match mail {
            Mail::Region(id, input) => {
                let region = self.regions.get_mut(&id).unwrap();
                region.handle(now, input);
                let mut outputs = Vec::new();
                while let Some(Out::Do(output)) = region.poll_output() {
                    outputs.push(output);
                }
                for output in outputs {
                    match output {
                        RegionOutput::ToDevice(radio, downlink) => {
                            self.post(Mail::Device(radio, downlink));
                        }
                        RegionOutput::ToCore { operator, radio, message } => {
                            let input = CoreInput::Radio { region: id, radio, message };
                            self.post(Mail::Core(operator, input));
                        }
                        RegionOutput::Congested { .. } => {}
                    }
                }
            }
            Mail::Core(id, input) => {
                self.core(id).handle(now, input);
                self.drain_core(id);
            }
            Mail::Device(radio, downlink) => {
                for uplink in self.dev(radio).hear(downlink) {
                    self.uplink(radio, uplink);
                }
            }
        }
    }

    fn drain_core(&mut self, id: OperatorId) {
        while let Some(Out::Do(output)) = self.core(id).poll_output() {
            match output {
                CoreOutput::ToRegion { region, radio, downlink } => {
                    let operator = id;
                    let input = RegionInput::FromCore { operator, radio, downlink };
                    self.post(Mail::Region(region, input));
                }
                CoreOutput::ToCore { to, message } => {
                    if !self.partitioned.contains(&id) && !self.partitioned.contains(&to) {
                        self.post(Mail::Core(to, CoreInput::Core { from: id, message }));
                    }
                }
                CoreOutput::Stream { stream, imsi, message } => {
                    self.streams.push((stream, imsi, message));
                }
                CoreOutput::Event(event) => self.events.push((id, event)),
            }
        }
    }

    /// Takes the events since the last look.
    pub(crate) fn take_events(&mut self) -> Vec<NetworkEvent> {
        std::mem::take(&mut self.events).into_iter().map(|(_, event)| event).collect()
    }
}
