//! What the terminal answers.

use polysim_base::Imei;
use polysim_cat::{GeneralResult, LocalData, RefreshMode, ResponseData, TerminalResponse};

use super::Applet;
use super::commands::{MINUTE, REFRESHES_MAX};
use super::memory::{Change, Stage};
use super::session::{Asked, DeviceRead};

/// How often a terminal is asked for its IMEI in a session.
const DEVICE_TRIES_MAX: u8 = 3;

impl Applet {
    /// The terminal has answered the command that is out.
    pub(super) fn answered(&mut self, response: &TerminalResponse) {
        let Some(asked) = self.session.asked.take() else { return };
        let result = response.result;
        match asked {
            Asked::Device => self.device_answered(response),
            Asked::Events => self.session.events = true,
            Asked::Location => self.located(response),
            Asked::Timer(seconds) if result.is_performed() => self.session.clock.started(seconds),
            Asked::Timer(_) => self.session.clock.count_polls(None),
            Asked::Polls => self.polls_answered(response),
            Asked::Refresh(mode) => self.refresh_answered(mode, result),
            Asked::Text if result.is_performed() => self.tried(true),
            Asked::Text => self.not_sent(result),
            Asked::Open if result.is_performed() => self.opened(response),
            Asked::Open => {
                self.session.connection = None;
                self.not_sent(result);
            }
            Asked::Send(octets) if result.is_performed() => self.sent(octets),
            Asked::Receive if result.is_performed() => self.received(response),
            Asked::Send(_) | Asked::Receive => self.end_connection(),
            Asked::Close => self.disconnect(),
        }
    }

    /// The command that is out is not for this terminal.
    pub(super) fn not_allowed(&mut self) {
        let Some(asked) = self.session.asked.take() else { return };
        match asked {
            Asked::Device => self.session.device = DeviceRead::Unavailable,
            Asked::Events => self.session.events = true,
            Asked::Location => self.session.blind = true,
            Asked::Timer(_) | Asked::Polls => self.session.clock.count_polls(None),
            Asked::Refresh(_) => self.session.refresh = None,
            Asked::Text => self.session.mute = true,
            Asked::Open | Asked::Send(_) | Asked::Receive | Asked::Close => {
                self.session.mute = true;
                self.session.connection = None;
            }
        }
    }

    fn device_answered(&mut self, response: &TerminalResponse) {
        if let ResponseData::Local(LocalData::Imei(Some(imei))) = response.data
            && response.result.is_performed()
        {
            return self.device_is(imei);
        }
        let DeviceRead::Unasked { tries } = self.session.device else { return };
        let tries = tries.saturating_add(1);
        if !response.result.is_temporary() || tries >= DEVICE_TRIES_MAX {
            self.session.device = DeviceRead::Unavailable;
            return;
        }
        self.session.device = DeviceRead::Unasked { tries };
        self.session.clock.set(MINUTE);
    }

    /// The mark belongs to a device. In another one, the card is to be bound anew.
    fn device_is(&mut self, imei: Imei) {
        self.session.device = DeviceRead::Known;
        if self.memory.imei != Some(imei) {
            self.keep(Change::Device(imei));
        }
    }

    fn located(&mut self, response: &TerminalResponse) {
        self.session.look = false;
        let found = matches!(response.data, ResponseData::Local(LocalData::Location(Some(_))));
        let result = response.result;
        if result.is_performed() && found && result != GeneralResult::LimitedService {
            self.in_service();
        } else if !result.is_performed() && !result.is_temporary() {
            self.session.blind = true;
        }
    }

    fn polls_answered(&mut self, response: &TerminalResponse) {
        let ResponseData::PollInterval(chosen) = &response.data else {
            return self.session.clock.count_polls(None);
        };
        let interval = chosen.interval.filter(|_| response.result.is_performed());
        let seconds = interval.map(|interval| interval.span().as_secs());
        self.session.clock.count_polls(seconds.and_then(|seconds| u32::try_from(seconds).ok()));
    }

    fn refresh_answered(&mut self, mode: RefreshMode, result: GeneralResult) {
        if result.is_performed() {
            // A terminal that resets the card says nothing after that.
            self.session.refreshes = REFRESHES_MAX;
            if mode != RefreshMode::UiccReset {
                self.restarted();
            }
        } else if result.is_temporary() {
            self.session.refreshes = self.session.refreshes.saturating_add(1);
            self.session.clock.set(MINUTE);
        } else {
            let other = RefreshMode::InitialisationAndFullFileChange;
            self.session.refresh = (mode == RefreshMode::UiccReset).then_some(other);
        }
    }

    /// The terminal has read the card anew without a reset.
    fn restarted(&mut self) {
        let session = &mut self.session;
        (session.events, session.look, session.starved) = (false, false, false);
        match self.memory.stage() {
            Some(Stage::Written) => self.keep(Change::Stage(Stage::Trial)),
            Some(Stage::Undone) => self.keep(Change::Stage(Stage::Reverted)),
            Some(
                Stage::Begun | Stage::Trial | Stage::Effective | Stage::Undoing | Stage::Reverted,
            )
            | None => {}
        }
        (self.session.refreshes, self.session.refresh) = (0, Some(RefreshMode::UiccReset));
        self.speak_anew();
    }

    /// A message did not leave: for now, or never by this terminal.
    fn not_sent(&mut self, result: GeneralResult) {
        let by_network = matches!(
            result,
            GeneralResult::RpError(_)
                | GeneralResult::ChannelError(_)
                | GeneralResult::AccessTechnology
        );
        if result.is_temporary() || by_network {
            self.tried(false);
        } else {
            self.session.mute = true;
        }
    }
}
