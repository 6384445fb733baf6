//! What an applet knows of the terminal, and forgets with every reset.

use alloc::boxed::Box;

use polysim_cat::{Feature, RefreshMode, TerminalProfile};

use crate::applet::channel::Connection;

/// Between two STATUS commands, as long as a terminal says nothing else (TS 102.221, 14.5.2).
const POLL_SECONDS: u32 = 30;

/// Since the last reset.
#[derive(Clone, Debug)]
pub(super) struct Session {
    /// What the terminal can do; none until it has said so.
    pub(super) terminal: Option<Terminal>,
    /// The command that is not answered yet.
    pub(super) asked: Option<Asked>,
    /// The transaction that is not answered yet.
    pub(super) commit: Option<Commit>,
    pub(super) device: DeviceRead,
    pub(super) clock: Clock,
    /// The event list is set up.
    pub(super) events: bool,
    /// The terminal cannot say where it is.
    pub(super) blind: bool,
    /// Where the terminal is, is to be asked.
    pub(super) look: bool,
    /// The platform has refused the binding: it is asked again after the next start.
    pub(super) refused: bool,
    /// The bearer does not work with this terminal: it is left to the tool on site.
    pub(super) mute: bool,
    /// The last message did not leave for want of a network.
    pub(super) starved: bool,
    /// How often a network that came back has ended the waiting.
    pub(super) revivals: u8,
    /// Messages tried without an answer.
    pub(super) tries: u8,
    /// REFRESH tried in a row.
    pub(super) refreshes: u8,
    /// Which REFRESH the terminal may be asked for; none is left.
    pub(super) refresh: Option<RefreshMode>,
    pub(super) connection: Option<Box<Connection>>,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            terminal: None,
            asked: None,
            commit: None,
            device: DeviceRead::Unasked { tries: 0 },
            clock: Clock { left: 0, running: false, polls: None },
            events: false,
            blind: false,
            look: false,
            refused: false,
            mute: false,
            starved: false,
            revivals: 0,
            tries: 0,
            refreshes: 0,
            refresh: Some(RefreshMode::UiccReset),
            connection: None,
        }
    }
}

/// A command that is not answered yet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Asked {
    Device,
    Events,
    Location,
    /// So many seconds.
    Timer(u32),
    Polls,
    Refresh(RefreshMode),
    Text,
    Open,
    /// So many octets of what is to be sent.
    Send(usize),
    Receive,
    Close,
}

/// A transaction that is not answered yet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Commit {
    /// The new subscription.
    Write {
        /// A proof waits for it.
        prove: bool,
        /// It was not tried before, so that failing leaves the old one.
        first: bool,
        /// The terminal works with the old one.
        live: bool,
    },
    /// The old subscription.
    Undo {
        /// The terminal works with the new one.
        live: bool,
    },
    /// Blank locations.
    Blank,
}

/// Whether it is known which device the card is in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum DeviceRead {
    Unasked { tries: u8 },
    Known,
    Unavailable,
}

/// What a terminal can do, as far as it is of interest: bits.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Terminal(u8);

impl Terminal {
    pub(super) const LOCATION_EVENT: Self = Self(0x01);
    pub(super) const REJECTION_EVENT: Self = Self(0x02);
    pub(super) const DATA_EVENT: Self = Self(0x04);
    pub(super) const CHANNEL_EVENT: Self = Self(0x08);
    pub(super) const LOCATION: Self = Self(0x10);
    pub(super) const TIMERS: Self = Self(0x20);
    pub(super) const TEXTS: Self = Self(0x40);
    pub(super) const CHANNELS: Self = Self(0x80);

    pub(super) fn of(profile: &TerminalProfile) -> Self {
        let events = |event| [Feature::SetUpEventList, event].to_vec();
        let known = [
            (Self::LOCATION_EVENT, events(Feature::EventLocationStatus)),
            (Self::REJECTION_EVENT, events(Feature::EventNetworkRejection)),
            (Self::DATA_EVENT, events(Feature::EventDataAvailable)),
            (Self::CHANNEL_EVENT, events(Feature::EventChannelStatus)),
            (Self::LOCATION, [Feature::LocalInformation].to_vec()),
            (Self::TIMERS, [Feature::TimerStartStop, Feature::TimerExpiration].to_vec()),
            (Self::TEXTS, [Feature::SendShortMessage].to_vec()),
            (
                Self::CHANNELS,
                [
                    Feature::OpenChannel,
                    Feature::CloseChannel,
                    Feature::ReceiveData,
                    Feature::SendData,
                    Feature::SetUpEventList,
                    Feature::EventDataAvailable,
                ]
                .to_vec(),
            ),
        ];
        let has = |needs: &[Feature]| needs.iter().all(|need| profile.supports(*need));
        let bits = known.iter().filter(|(_, needs)| has(needs)).map(|(bit, _)| bit.0);
        Self(bits.fold(0, |all, bit| all | bit))
    }

    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// One alarm, by a timer of the terminal or by counting its polls.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Clock {
    /// Seconds until the alarm; zero for none.
    left: u32,
    /// The terminal counts.
    running: bool,
    /// Seconds between two polls, once polls are counted.
    polls: Option<u32>,
}

impl Clock {
    pub(super) const fn set(&mut self, seconds: u32) {
        (self.left, self.running) = (seconds, false);
    }

    pub(super) const fn clear(&mut self) {
        self.set(0);
    }

    pub(super) const fn is_idle(&self) -> bool {
        self.left == 0
    }

    /// Returns the seconds that the terminal is to be asked to count.
    pub(super) const fn waits_for_start(&self) -> Option<u32> {
        if self.left > 0 && !self.running && self.polls.is_none() { Some(self.left) } else { None }
    }

    /// The terminal counts so many seconds, unless something else is to be counted by now.
    pub(super) const fn started(&mut self, seconds: u32) {
        self.running = self.left == seconds;
    }

    /// Counts polls from now on, which are so many seconds apart.
    pub(super) fn count_polls(&mut self, seconds: Option<u32>) {
        self.polls = Some(seconds.unwrap_or(POLL_SECONDS).max(1));
    }

    /// The timer ran out; returns whether that is the alarm.
    pub(super) const fn expired(&mut self) -> bool {
        let alarm = self.running && self.left > 0;
        if alarm {
            self.clear();
        }
        alarm
    }

    /// The terminal polls; returns whether that is the alarm.
    pub(super) const fn polled(&mut self) -> bool {
        let Some(seconds) = self.polls else { return false };
        let alarm = self.left > 0 && self.left <= seconds;
        self.left = self.left.saturating_sub(seconds);
        alarm
    }
}
