//! USSD sessions (TS 24.090; TS 27.007, 7.15).

use crate::core::Core;
use crate::effects::Effects;
use crate::urc::Notice;
use polysim_at::{CmeError, UssdStatus};
use polysim_base::{Duration, Instant};
use polysim_radio::air::{Uplink, UssdDownlink, UssdUplink};

/// How long the network may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A session.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Ussd {
    #[default]
    Idle,
    /// The network is to answer.
    Asked { until: Instant },
    /// The user is to answer.
    Open,
}

impl Ussd {
    pub(crate) fn is_idle(self) -> bool {
        self == Self::Idle
    }

    pub(crate) const fn deadline(self) -> Option<Instant> {
        match self {
            Self::Asked { until } => Some(until),
            Self::Idle | Self::Open => None,
        }
    }
}

impl Core {
    /// Sends a request, or the user's answer in a session.
    pub(crate) fn ussd_request(&mut self, fx: &mut Effects, text: String) -> Result<(), CmeError> {
        if !self.radio.registered {
            return Err(CmeError::NoNetworkService);
        }
        let until = fx.now.plus(PATIENCE);
        let session = &mut self.rare().ussd;
        if matches!(session, Ussd::Asked { .. }) {
            return Err(CmeError::OperationNotAllowed);
        }
        *session = Ussd::Asked { until };
        fx.air(Uplink::Ussd(UssdUplink::Request(text)));
        Ok(())
    }

    /// Ends the session, if there is one.
    pub(crate) fn ussd_release(&mut self, fx: &mut Effects) {
        if let Some(rare) = &mut self.rare
            && !core::mem::take(&mut rare.ussd).is_idle()
        {
            fx.air(Uplink::Ussd(UssdUplink::Release));
        }
    }

    pub(crate) fn ussd_downlink(&mut self, fx: &mut Effects, message: UssdDownlink) {
        if self.ussd_of_card_over(fx, Some(&message)) {
            return;
        }
        let (session, status, text) = match message {
            UssdDownlink::Notify(text) => (Ussd::Idle, UssdStatus::Done, Some(text)),
            UssdDownlink::Request(text) => (Ussd::Open, UssdStatus::ActionRequired, Some(text)),
            UssdDownlink::Released => (Ussd::Idle, UssdStatus::Terminated, None),
            UssdDownlink::Refused => (Ussd::Idle, UssdStatus::NotSupported, None),
        };
        self.rare().ussd = session;
        let text = text.map(Into::into);
        fx.notice(Notice::Ussd { status, text });
    }

    pub(crate) fn ussd_timeout(&mut self, fx: &mut Effects) {
        if let Some(rare) = &mut self.rare
            && rare.ussd.deadline().is_some_and(|at| at <= fx.now)
        {
            rare.ussd = Ussd::Idle;
            if self.ussd_of_card_over(fx, None) {
                return;
            }
            fx.notice(Notice::Ussd { status: UssdStatus::TimedOut, text: None });
        }
    }

    /// A session ends with service.
    pub(crate) fn ussd_dropped(&mut self, fx: &mut Effects) {
        if let Some(rare) = &mut self.rare
            && !core::mem::take(&mut rare.ussd).is_idle()
            && !self.ussd_of_card_over(fx, None)
        {
            fx.notice(Notice::Ussd { status: UssdStatus::Terminated, text: None });
        }
    }
}
