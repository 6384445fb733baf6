//! What passes between the machines of a fleet, and how it gets from one to the other.

use polysim_fleet::wire::{Answer, Directive, FromModem, Relay, SiteReport, ToModem, UserRequest};
use polysim_fleet::{MailId, RequestId, ServerId, SiteId, TerminalId, UserId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;

/// Most messages that wait for one machine; what comes beyond is lost, as on any network.
pub const MESSAGES_MAX: usize = 1_024;

/// A machine of a fleet.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub enum Node {
    /// A server.
    Server(ServerId),
    /// A site.
    Site(SiteId),
    /// A terminal of a user.
    Terminal(UserId, TerminalId),
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server(server) => write!(f, "server {}", server.0),
            Self::Site(site) => write!(f, "site {}", site.0),
            Self::Terminal(user, terminal) => {
                write!(f, "terminal {} of user {}", terminal.0, user.0)
            }
        }
    }
}

/// Whom a message is for.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum To {
    /// One machine.
    Node(Node),
    /// Every terminal of a user.
    TerminalsOf(UserId),
}

/// A message between two machines. A network puts it into an
/// [`Envelope`](polysim_fleet::wire::Envelope) and that into a
/// [`frame`](polysim_fleet::wire::frame).
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Message {
    /// From a site to a server.
    Report(SiteReport),
    /// From a terminal to a server.
    Request(UserRequest),
    /// From a server to a site.
    Directive(Directive),
    /// From a server to a terminal.
    Answer(RequestId, Answer),
    /// From a server to a terminal: something has come.
    Mail(MailId),
    /// From a terminal to a site.
    ToModem(ToModem),
    /// From a site to a terminal.
    FromModem(FromModem),
    /// From a site to a site.
    Relay(Relay),
}

/// What carries messages.
///
/// # Contract
/// It does not wait. Messages may be lost, doubled, late and overtaken: the machines say again what
/// matters. But `from` is true: whoever puts a network in between has it authenticated there.
pub trait Post: Send + Sync {
    /// Sends a message on its way.
    fn send(&self, from: Node, to: To, message: Message);
}

/// A machine of that name runs here already.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0} runs in this process already: stop it first, or give this one another name")]
pub struct NodeTaken(pub Node);

/// Carries messages within a process; those for machines that are not here go to a network, where
/// there is one. What a network brings is given to [`send`](Post::send).
#[derive(Default)]
pub struct Switch {
    boxes: Mutex<BTreeMap<Node, mpsc::Sender<(Node, Message)>>>,
    outside: Option<Arc<dyn Post>>,
    lost: AtomicU64,
}

impl Switch {
    /// Returns one without a network.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns one that gives to a network what is for machines elsewhere.
    #[must_use]
    pub fn with_outside(outside: Arc<dyn Post>) -> Self {
        Self { outside: Some(outside), ..Self::default() }
    }

    /// Returns how many messages were for nobody, or for a machine that did not keep up.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    fn boxes(&self) -> MutexGuard<'_, BTreeMap<Node, mpsc::Sender<(Node, Message)>>> {
        self.boxes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what is for a machine from now on, until the receiver is dropped.
    pub(super) fn attach(&self, node: Node) -> Result<mpsc::Receiver<(Node, Message)>, NodeTaken> {
        let mut boxes = self.boxes();
        if boxes.get(&node).is_some_and(|taken| !taken.is_closed()) {
            return Err(NodeTaken(node));
        }
        let (sender, receiver) = mpsc::channel(MESSAGES_MAX);
        boxes.insert(node, sender);
        Ok(receiver)
    }

    fn deliver(&self, from: Node, to: &mpsc::Sender<(Node, Message)>, message: Message) {
        if to.try_send((from, message)).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn send_outside(&self, from: Node, to: To, message: Message) {
        match &self.outside {
            Some(outside) => outside.send(from, to, message),
            None => drop(self.lost.fetch_add(1, Ordering::Relaxed)),
        }
    }
}

impl Post for Switch {
    fn send(&self, from: Node, to: To, message: Message) {
        match to {
            To::Node(node) => {
                let here = self.boxes().get(&node).cloned();
                match here {
                    Some(here) => self.deliver(from, &here, message),
                    None => self.send_outside(from, to, message),
                }
            }
            To::TerminalsOf(user) => {
                let (first, last) = (TerminalId(0), TerminalId(u32::MAX));
                let all = Node::Terminal(user, first)..=Node::Terminal(user, last);
                for (_, here) in self.boxes().range(all) {
                    self.deliver(from, here, message.clone());
                }
                if self.outside.is_some() {
                    self.send_outside(from, to, message);
                }
            }
        }
    }
}

impl fmt::Debug for Switch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Switch").field("lost", &self.lost()).finish_non_exhaustive()
    }
}
