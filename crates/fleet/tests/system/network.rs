//! The network between the nodes: messages are lost, doubled, late and overtaken by its weather,
//! and links are cut.

use super::names::Node;
use polysim_base::{Duration, Instant, Stream};
use polysim_fleet::terminal::TerminalOutput;
use polysim_fleet::wire::{Answer, Directive, FromModem, Relay, SiteReport, ToModem, UserRequest};
use polysim_fleet::{MailId, RequestId};
use std::collections::BTreeSet;

/// What passes between nodes.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Message {
    Report(SiteReport),
    Request(UserRequest),
    Directive(Directive),
    Answer(RequestId, Answer),
    Mail(MailId),
    ToModem(ToModem),
    FromModem(FromModem),
    Relay(Relay),
}

impl Message {
    /// Returns what a terminal says, with whom it says it to; `None` for what stays with the user.
    pub(crate) fn of_terminal(output: &TerminalOutput) -> Option<(Node, Self)> {
        match output {
            TerminalOutput::Server(server, request) => {
                Some((Node::Server(server.0), Self::Request(*request)))
            }
            TerminalOutput::Site(site, to) => Some((Node::Site(site.0), Self::ToModem(to.clone()))),
            TerminalOutput::Speaker(_) | TerminalOutput::Tell(_) => None,
        }
    }
}

/// How messages fare at the moment.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Weather {
    /// So many of a million are lost.
    pub(crate) loss: u32,
    /// So many of a million come twice.
    pub(crate) doubled: u32,
    /// The longest that one may take beyond what it always takes.
    pub(crate) delay: Duration,
}

const LATENCY: Duration = Duration::from_millis(12);

/// All links.
#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) weather: Weather,
    cut: BTreeSet<(Node, Node)>,
    draws: Stream,
}

impl Network {
    pub(crate) const fn new(draws: Stream) -> Self {
        Self {
            weather: Weather { loss: 0, doubled: 0, delay: Duration::ZERO },
            cut: BTreeSet::new(),
            draws,
        }
    }

    pub(crate) fn cut(&mut self, one: Node, other: Node) {
        self.cut.insert((one.min(other), one.max(other)));
    }

    pub(crate) fn heal(&mut self, one: Node, other: Node) {
        self.cut.remove(&(one.min(other), one.max(other)));
    }

    pub(crate) fn heal_all(&mut self) {
        self.cut.clear();
        self.weather = Weather::default();
    }

    pub(crate) fn is_whole(&self) -> bool {
        self.cut.is_empty() && self.weather == Weather::default()
    }

    /// Returns when a message arrives: never, once or twice.
    pub(crate) fn carry(&mut self, now: Instant, from: Node, to: Node) -> Vec<Instant> {
        if self.cut.contains(&(from.min(to), from.max(to))) {
            return Vec::new();
        }
        if self.weather == Weather::default() {
            return vec![now.plus(LATENCY)];
        }
        let Weather { loss, doubled, delay } = self.weather;
        let times = if self.draws.chance(loss) {
            0
        } else if self.draws.chance(doubled) {
            2
        } else {
            1
        };
        let mut at = || now.plus(LATENCY).plus(self.draws.duration(Duration::ZERO, delay));
        (0..times).map(|_| at()).collect()
    }
}
