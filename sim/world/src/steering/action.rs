//! What can be done about eSIMs that are steered, and what can break.

use super::config::SteeringNode;
use crate::config::LatencyRange;
use crate::links::LinkFault;

/// An action.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SteeringAction {
    /// What a platform knows of a device changes.
    Enrol {
        /// Which platform, by index among the services.
        service: usize,
        /// Which phone.
        phone: usize,
        /// Which operators it may have, by index; all without.
        entitled: Option<Vec<usize>>,
        /// How many downloads it may have in a month.
        downloads_per_month: u16,
    },
}

/// What can break.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SteeringFault {
    /// A service is down.
    Crash {
        /// Which.
        service: usize,
    },
    /// What a service says and hears takes longer.
    Slow {
        /// Which.
        service: usize,
        /// How long.
        by: LatencyRange,
    },
    /// The TLS certificate of a server is bad.
    TlsBadCertificate {
        /// Which.
        service: usize,
    },
    /// A server answers with a status of HTTP and nothing else.
    HttpError {
        /// Which.
        service: usize,
        /// Which status.
        status: u16,
    },
    /// A server answers another question than it was asked.
    WrongAnswers {
        /// Which.
        service: usize,
    },
    /// A server's packages are spoilt on their way.
    Corrupt {
        /// Which.
        service: usize,
    },
    /// No data connection in an operator's network leads anywhere.
    NoData {
        /// Which operator.
        operator: usize,
    },
    /// A link between two nodes is not as it should be.
    Link {
        /// The one.
        from: SteeringNode,
        /// The other.
        to: SteeringNode,
        /// How it is.
        fault: LinkFault,
    },
}
