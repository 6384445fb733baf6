//! Forwarding and waiting in the network (TS 27.007, 7.11, 7.12).

use super::{Exchange, NO_SUCH_FORM, Progress, WAITS};
use polysim_at::{CcfcSet, CmeError, Form, ForwardMode, ForwardReason};
use polysim_radio::air::{Service, ServiceAction};

const CONDITIONAL: [Service; 3] =
    [Service::ForwardBusy, Service::ForwardNoReply, Service::ForwardNotReachable];
const ALL: [Service; 4] = [
    Service::ForwardAll,
    Service::ForwardBusy,
    Service::ForwardNoReply,
    Service::ForwardNotReachable,
];

impl Exchange<'_> {
    pub(super) fn forwarding(&mut self, form: &Form<Box<CcfcSet>>) -> Progress {
        let set = match form {
            Form::Test => return self.test("+CCFC", "(0-5)"),
            Form::Read | Form::Execute => return NO_SUCH_FORM,
            Form::Set(set) => set,
        };
        let services: &[Service] = match set.reason {
            ForwardReason::Unconditional => &[Service::ForwardAll],
            ForwardReason::Busy => &[Service::ForwardBusy],
            ForwardReason::NoReply => &[Service::ForwardNoReply],
            ForwardReason::NotReachable => &[Service::ForwardNotReachable],
            ForwardReason::All => &ALL,
            ForwardReason::AllConditional => &CONDITIONAL,
            ForwardReason::Other(_) => return Err(CmeError::IncorrectParameters.into()),
        };
        let number = set.number.as_ref().and_then(|number| number.as_str());
        let action = match set.mode {
            ForwardMode::Disable => ServiceAction::Deactivate,
            ForwardMode::Enable => ServiceAction::Activate,
            ForwardMode::Query => ServiceAction::Interrogate,
            ForwardMode::Register => {
                let number = number.filter(|number| !number.is_empty());
                ServiceAction::Register(number.ok_or(CmeError::IncorrectParameters)?.to_string())
            }
            ForwardMode::Erase => ServiceAction::Erase,
            ForwardMode::Other(_) => return Err(CmeError::IncorrectParameters.into()),
        };
        self.core.request_services(self.fx, self.port, services, &action)?;
        WAITS
    }

    pub(super) fn waiting_in_network(&mut self, mode: u8) -> Progress {
        let action = match mode {
            0 => ServiceAction::Deactivate,
            1 => ServiceAction::Activate,
            2 => ServiceAction::Interrogate,
            _ => return Err(CmeError::IncorrectParameters.into()),
        };
        let services = [Service::CallWaiting];
        self.core.request_services(self.fx, self.port, &services, &action)?;
        WAITS
    }
}
