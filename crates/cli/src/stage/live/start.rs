//! Before time zero: ports are opened, modems set up, networks found.

use super::config::{Config, PhoneConfig};
use super::cut::Cut;
use super::driver::{Driver, Told, What};
use super::{ASKED_MAX, Hall, Live, Phone, TOLD_MAX, listen_for_interrupts, say};
use anyhow::{Context as _, Result, anyhow, bail};
use polysim::modem::{Line, Reopening};
use polysim::runner::drive;
use polysim_base::{Duration, Instant};
use polysim_hal::{Clock as _, ModemPort, TokioClock};
use polysim_modem::{Modem, ModemError, ModemEvent, ModemOutput, Reply};
use polysim_world::{Action, Users, Value};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// How long opening a port may take.
const OPEN_PATIENCE: Duration = Duration::from_secs(10);
/// How long modems may take to be set up, all of them.
const SET_UP_PATIENCE: Duration = Duration::from_secs(90);
/// How long modems may take to register, all of them. The run goes on without.
const REGISTRATION_PATIENCE: Duration = Duration::from_secs(60);

impl Live {
    /// Opens the ports of a scenario's phones and sets their modems up.
    pub(crate) fn start(cut: &Cut, config: &Config) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let hall = runtime.block_on(async {
            let mut hall = open(cut, config).await?;
            match hall.set_up(cut).await {
                Ok(()) => Ok(hall),
                Err(error) => {
                    hall.end().await;
                    Err(error)
                }
            }
        })?;
        Ok(Self { runtime, hall })
    }
}

async fn open(cut: &Cut, config: &Config) -> Result<Hall> {
    let clock = TokioClock::starting_at(Instant::ZERO);
    let (tell, told) = mpsc::channel(TOLD_MAX);
    let mut hall = Hall {
        clock,
        zero: None,
        users: Users::new(&cut.plan.world)?,
        phones: BTreeMap::new(),
        told,
        drivers: JoinSet::new(),
        interrupt: listen_for_interrupts()?,
        interrupted: false,
        events: 0,
    };
    for (index, number) in &cut.phones {
        let Some(phone) = config.phones.get(*number) else { continue };
        let port = open_port(phone, clock).await?;
        let line = Line::new(port, Reopening::default(), Arc::new(clock));
        let (asks, asked) = mpsc::channel(ASKED_MAX);
        let mut driver = Driver::new(*index, line, clock, asked, tell.clone());
        let name = phone.name.text.clone();
        hall.phones.insert(*index, Phone { name: name.clone(), asks });
        hall.drivers.spawn(async move {
            let mut machine = Modem::new(Arc::default());
            if let Err(stopped) = drive(&mut machine, &mut driver, &clock).await {
                say(&format!("{name}: nobody drives its modem any more: {stopped}"));
            }
        });
    }
    Ok(hall)
}

async fn open_port(phone: &PhoneConfig, clock: TokioClock) -> Result<Box<dyn ModemPort>> {
    let (name, address) = (&phone.name.text, phone.port.to_string());
    let opened = tokio::select! {
        biased;
        opened = polysim_hal_serial::open(&address) => opened.map_err(anyhow::Error::from),
        () = clock.sleep_until(clock.now().plus(OPEN_PATIENCE)) => {
            Err(anyhow!("no answer within {OPEN_PATIENCE}"))
        }
    };
    opened.with_context(|| {
        format!("{name}: cannot open {address} (`polysim doctor` lists ports and what they need)")
    })
}

/// What became of the setting up of a modem.
enum SetUp {
    /// It was asked for, with this number.
    Asked(u64),
    Done,
}

impl Hall {
    async fn set_up(&mut self, cut: &Cut) -> Result<()> {
        let all: Vec<usize> = self.phones.keys().copied().collect();
        say(&format!("setting up {} modems", all.len()));
        let asked = all.iter().filter_map(|phone| {
            let id = self.ask(&Action::Power { phone: *phone, on: true })?;
            Some((*phone, SetUp::Asked(id)))
        });
        let mut asked: BTreeMap<usize, SetUp> = asked.collect();
        let mut left = BTreeMap::new();
        self.wait_for_set_up(&mut asked, &mut left).await?;
        let off: Vec<usize> = all
            .iter()
            .copied()
            .filter(|phone| cut.plan.world.phones.get(*phone).is_some_and(|p| p.power_on.is_none()))
            .collect();
        for phone in &off {
            self.ask(&Action::Power { phone: *phone, on: false });
        }
        self.wait_for_registration(&all, &off, &mut left).await?;
        for (phone, texts) in left {
            say(&format!(
                "{}: {texts} texts and reports were in its store; they stay there and do not count",
                self.name(phone)
            ));
        }
        self.zero = Some(self.clock.now());
        Ok(())
    }

    async fn wait_for_set_up(
        &mut self,
        asked: &mut BTreeMap<usize, SetUp>,
        left: &mut BTreeMap<usize, u32>,
    ) -> Result<()> {
        let until = self.clock.now().plus(SET_UP_PATIENCE);
        while asked.values().any(|set_up| matches!(set_up, SetUp::Asked(_))) {
            let Some(Told { phone, at, what }) = self.told_until(until).await? else {
                let late = asked.iter().find(|(_, set_up)| matches!(set_up, SetUp::Asked(_)));
                let name = late.map_or("?", |(phone, _)| self.name(*phone));
                bail!("{name}: its modem was not set up within {SET_UP_PATIENCE}");
            };
            if let (What::Output(ModemOutput::Done { id, outcome }), Some(set_up)) =
                (&what, asked.get_mut(&phone))
                && matches!(set_up, SetUp::Asked(asked) if asked == id)
            {
                self.is_set_up(phone, outcome)?;
                *set_up = SetUp::Done;
            }
            self.hear_early(Told { phone, at, what }, left);
        }
        Ok(())
    }

    fn is_set_up(&self, phone: usize, outcome: &Result<Reply, ModemError>) -> Result<()> {
        let name = self.name(phone);
        match outcome {
            Ok(_) => say(&format!("{name}: its modem is set up")),
            // The scenario may be about that.
            Err(error @ (ModemError::PinRequired { .. } | ModemError::PinRefusedBefore)) => {
                say(&format!("{name}: {error}; `pin_file` in the configuration gives a PIN"));
            }
            Err(error) => bail!("{name}: its modem cannot be set up: {error}"),
        }
        Ok(())
    }

    async fn wait_for_registration(
        &mut self,
        all: &[usize],
        off: &[usize],
        left: &mut BTreeMap<usize, u32>,
    ) -> Result<()> {
        let until = self.clock.now().plus(REGISTRATION_PATIENCE);
        let yes = Value::Flag(true);
        let on = || all.iter().filter(|phone| !off.contains(phone));
        loop {
            let missing: Vec<usize> =
                on().copied().filter(|phone| !self.is(*phone, "registered", &yes)).collect();
            if missing.is_empty() {
                return Ok(());
            }
            let Some(told) = self.told_until(until).await? else {
                for phone in missing {
                    let name = self.name(phone);
                    say(&format!(
                        "{name}: not registered within {REGISTRATION_PATIENCE}; going on"
                    ));
                }
                return Ok(());
            };
            self.hear_early(told, left);
        }
    }

    /// Waits for something to hear; `None` when it is too late.
    async fn told_until(&mut self, until: Instant) -> Result<Option<Told>> {
        tokio::select! {
            biased;
            _ = self.interrupt.recv() => bail!("interrupted"),
            told = self.told.recv() => Ok(told),
            () = self.clock.sleep_until(until) => Ok(None),
        }
    }

    /// Hears what is told before time zero. Texts and reports from before, and calls, are no part
    /// of the scenario: the former stay where they are, and are counted.
    fn hear_early(&mut self, told: Told, left: &mut BTreeMap<usize, u32>) {
        match &told.what {
            What::Output(ModemOutput::Event(
                ModemEvent::TextReceived(_)
                | ModemEvent::StatusReport(_)
                | ModemEvent::UnreadableText(_),
            )) => *left.entry(told.phone).or_default() += 1,
            What::Output(ModemOutput::Event(
                ModemEvent::Text(_)
                | ModemEvent::TextIncomplete(_)
                | ModemEvent::Incoming(_)
                | ModemEvent::CallState(_)
                | ModemEvent::CallEnded { .. }
                | ModemEvent::Ussd { .. },
            )) => {}
            What::Output(_) | What::Lost(_) | What::Opened => self.hear(told),
        }
    }
}
