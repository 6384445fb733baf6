//! What the terminal is asked next: one command at a time, the most urgent first.

use alloc::boxed::Box;

use polysim_base::Out;
use polysim_cat::{
    Command, Duration, Event, EventList, LocalInformation, PollInterval, ProvideLocalInformation,
    Refresh, RefreshMode, SetUpEventList, TimeUnit, TimerAction, TimerId, TimerManagement,
    TimerValue,
};

use super::memory::Stage;
use super::session::{Asked, DeviceRead, Terminal};
use super::{Applet, AppletOutput, Bearer};

/// The timer that is used.
pub(super) const TIMER: u8 = 1;
/// Seconds of a step of the trial, and between two tries of what the terminal was busy for.
pub(super) const MINUTE: u32 = 60;
/// How often in a row a terminal is asked for REFRESH. After that the next start of the device has
/// to do.
pub(super) const REFRESHES_MAX: u8 = 3;

impl Applet {
    /// Gives the terminal the next command, if there is one and none is out.
    pub(super) fn advance(&mut self) {
        let session = &self.session;
        if session.terminal.is_none() || session.asked.is_some() || session.commit.is_some() {
            return;
        }
        if let Some((asked, command)) = self.next_command() {
            self.session.asked = Some(asked);
            self.out.push(Out::Do(AppletOutput::Command(Box::new(command))));
        }
    }

    fn next_command(&mut self) -> Option<(Asked, Command)> {
        if let Some(device) = self.ask_device() {
            return Some(device);
        }
        if self.session.connection.is_some() {
            return self.converse().or_else(|| self.start_clock());
        }
        if !self.is_busy() {
            self.session.clock.clear();
            return None;
        }
        self.set_up_events()
            .or_else(|| self.ask_refresh())
            .or_else(|| self.look_around())
            .or_else(|| self.say())
            .or_else(|| self.start_clock())
    }

    /// Tells whether anything is to be waited for.
    fn is_busy(&self) -> bool {
        let by_stage = match self.memory.stage() {
            Some(Stage::Begun | Stage::Written | Stage::Trial | Stage::Undoing | Stage::Undone) => {
                true
            }
            Some(Stage::Effective | Stage::Reverted) | None => false,
        };
        by_stage
            || self.due().is_some()
            || matches!(self.session.device, DeviceRead::Unasked { .. })
    }

    fn ask_device(&self) -> Option<(Asked, Command)> {
        let DeviceRead::Unasked { tries } = self.session.device else { return None };
        if tries > 0 && !self.session.clock.is_idle() {
            return None;
        }
        Some((Asked::Device, local(LocalInformation::Imei)))
    }

    fn set_up_events(&self) -> Option<(Asked, Command)> {
        let terminal = self.session.terminal?;
        if self.session.events {
            return None;
        }
        let mut events = [
            (Terminal::LOCATION_EVENT, Event::LocationStatus),
            (Terminal::REJECTION_EVENT, Event::NetworkRejection),
        ]
        .to_vec();
        if let Bearer::Channel { .. } = self.config.bearer {
            events.push((Terminal::DATA_EVENT, Event::DataAvailable));
            events.push((Terminal::CHANNEL_EVENT, Event::ChannelStatus));
        }
        events.retain(|(bit, _)| terminal.has(*bit));
        if events.is_empty() {
            return None;
        }
        let events = EventList(events.into_iter().map(|(_, event)| event).collect());
        Some((Asked::Events, Command::from(SetUpEventList { events })))
    }

    /// The terminal works with another subscription than the card has: it is to start anew.
    /// UICC reset comes first, since it leaves nothing behind. Plain file change and plain
    /// initialisation are not for a changed IMSI (TS 31.111, 6.4.7).
    fn ask_refresh(&self) -> Option<(Asked, Command)> {
        let wanted = matches!(self.memory.stage(), Some(Stage::Written | Stage::Undone));
        let time = self.session.clock.is_idle() && self.session.refreshes < REFRESHES_MAX;
        if !wanted || !time {
            return None;
        }
        let mode = self.session.refresh?;
        Some((Asked::Refresh(mode), refresh(mode)))
    }

    fn look_around(&self) -> Option<(Asked, Command)> {
        let wanted = self.session.look && !self.session.blind;
        let able = self.session.terminal.is_some_and(|able| able.has(Terminal::LOCATION));
        (wanted && able && self.memory.stage() == Some(Stage::Trial))
            .then(|| (Asked::Location, local(LocalInformation::Location)))
    }

    fn start_clock(&mut self) -> Option<(Asked, Command)> {
        if self.memory.stage() == Some(Stage::Trial) && self.session.clock.is_idle() {
            self.session.clock.set(MINUTE);
        }
        let seconds = self.session.clock.waits_for_start()?;
        if self.session.terminal.is_some_and(|terminal| terminal.has(Terminal::TIMERS)) {
            let timer = TimerId::new(TIMER).ok()?;
            let span = polysim_base::Duration::from_secs(u64::from(seconds));
            let action = TimerAction::Start(TimerValue::of_span(span));
            return Some((Asked::Timer(seconds), Command::from(TimerManagement { timer, action })));
        }
        let interval = Duration { unit: TimeUnit::Minutes, interval: 1 };
        Some((Asked::Polls, Command::from(PollInterval { interval })))
    }
}

fn local(what: LocalInformation) -> Command {
    Command::from(ProvideLocalInformation { what, measurements: None })
}

fn refresh(mode: RefreshMode) -> Command {
    Command::from(Refresh::new(mode))
}
