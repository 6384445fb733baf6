//! Cards at the contacts of a modem, or of a server of the SIM Access Profile.

use async_trait::async_trait;
use polysim_aka::SqnArray;
use polysim_apdu::{CardReply, CardSignal};
use polysim_hal::{CardChannel, CardErrorKind, CardLink, Reset};
use polysim_share::slave::SoftCard;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Signals that wait for a card; a terminal waits for its answer after each.
const SIGNALS_MAX: usize = 16;
/// Status words of ISO 7816-4, 5.6.
const NO_CHANNELS: [u8; 2] = [0x68, 0x81];
const NO_ANSWER: [u8; 2] = [0x6F, 0x00];
const MANAGE_CHANNEL: u8 = 0x70;
/// The bits of a class byte that name a channel (ISO 7816-4, 5.4.1).
const CHANNEL_BITS: u8 = 0x03;
const FURTHER: u8 = 0x40;

/// A card at its contacts.
#[async_trait]
pub trait ContactCard: Send {
    /// Does something to the card; returns what it says, in order: nothing where it is mute. Not broken
    /// off, unless the card is given up.
    async fn signal(&mut self, signal: CardSignal) -> Vec<CardReply>;

    /// Returns the sequence numbers that it has accepted; `None` where it does not tell them.
    fn sequence(&self) -> Option<SqnArray>;
}

/// Makes a card of parameters; `None` where they make none.
pub type MakeCard = Box<dyn FnMut(SoftCard) -> Option<Box<dyn ContactCard>> + Send>;

/// A card behind a [`CardLink`]: one in a reader, for a master that keeps its card.
///
/// It has the basic channel only: on a link that others share, further ones are the link's to open.
pub struct LinkedCard {
    link: Box<dyn CardLink>,
}

impl LinkedCard {
    /// Returns the card behind a link.
    #[must_use]
    pub fn new(link: Box<dyn CardLink>) -> Self {
        Self { link }
    }

    async fn reset(&mut self, kind: Reset) -> Vec<CardReply> {
        match self.link.reset(kind).await {
            Ok(_) => vec![CardReply::Atr(self.link.atr())],
            Err(error) => gone(error.kind()).into_iter().collect(),
        }
    }

    async fn command(&mut self, command: &[u8]) -> CardReply {
        if names_channel(command) {
            return CardReply::Response(NO_CHANNELS.to_vec());
        }
        let basic = CardChannel::basic(self.link.epoch());
        match self.link.transmit(basic, command).await {
            Ok(response) => CardReply::Response(response),
            Err(error) => {
                gone(error.kind()).unwrap_or_else(|| CardReply::Response(NO_ANSWER.to_vec()))
            }
        }
    }
}

/// Returns what a terminal sees where the card is away.
fn gone(kind: &CardErrorKind) -> Option<CardReply> {
    let is_gone = matches!(kind, CardErrorKind::CardGone | CardErrorKind::ReaderGone);
    is_gone.then_some(CardReply::Removed)
}

fn names_channel(command: &[u8]) -> bool {
    match command {
        [_, MANAGE_CHANNEL, ..] => true,
        // Class `A0` of a 2G SIM names none.
        [0xA0, ..] => false,
        [class, ..] => class & (CHANNEL_BITS | FURTHER) != 0,
        [] => false,
    }
}

#[async_trait]
impl ContactCard for LinkedCard {
    async fn signal(&mut self, signal: CardSignal) -> Vec<CardReply> {
        match signal {
            CardSignal::PowerOn => self.reset(Reset::Cold).await,
            CardSignal::Reset => self.reset(Reset::Warm).await,
            // A link has no such thing; the next that is done to the card is a cold reset.
            CardSignal::PowerOff => Vec::new(),
            CardSignal::Command(command) => vec![self.command(&command).await],
        }
    }

    fn sequence(&self) -> Option<SqnArray> {
        None
    }
}

impl std::fmt::Debug for LinkedCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LinkedCard").finish_non_exhaustive()
    }
}

/// What a card says.
pub(super) enum Said {
    /// To its terminal.
    Replies(Vec<CardReply>),
    /// It has accepted another sequence number. What it says to its terminal waits until that is written
    /// down, and is [`CardTask::settled`] then.
    Sequence(SqnArray),
}

/// A card in a task of its own: it may take its time.
pub(super) struct CardTask {
    signals: mpsc::Sender<CardSignal>,
    answers: mpsc::Receiver<Answer>,
    held: Vec<CardReply>,
    task: JoinHandle<()>,
}

/// What a card has answered, and the sequence numbers where they have changed.
struct Answer {
    replies: Vec<CardReply>,
    sequence: Option<SqnArray>,
}

impl CardTask {
    pub(super) fn new(card: Box<dyn ContactCard>) -> Self {
        let (signals, asked) = mpsc::channel(SIGNALS_MAX);
        let (tell, answers) = mpsc::channel(SIGNALS_MAX);
        let task = tokio::spawn(serve(card, asked, tell));
        Self { signals, answers, held: Vec::new(), task }
    }

    /// Does something to the card. A terminal that does not wait for answers is not served.
    pub(super) fn signal(&self, signal: CardSignal) {
        drop(self.signals.try_send(signal));
    }

    /// Waits for what the card says. Dropping the future loses nothing.
    pub(super) async fn said(&mut self) -> Said {
        loop {
            let Some(Answer { replies, sequence }) = self.answers.recv().await else {
                return std::future::pending().await;
            };
            match sequence {
                Some(sequence) => {
                    self.held.extend(replies);
                    return Said::Sequence(sequence);
                }
                None if self.held.is_empty() => return Said::Replies(replies),
                // In order, behind what waits.
                None => self.held.extend(replies),
            }
        }
    }

    /// All that was told is written down: returns what waited for that.
    pub(super) fn settled(&mut self) -> Vec<CardReply> {
        std::mem::take(&mut self.held)
    }
}

/// The card is powered off by whoever has it, or not at all: it is gone.
impl Drop for CardTask {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    mut card: Box<dyn ContactCard>,
    mut asked: mpsc::Receiver<CardSignal>,
    tell: mpsc::Sender<Answer>,
) {
    let mut known = card.sequence();
    while let Some(signal) = asked.recv().await {
        let replies = card.signal(signal).await;
        let sequence = card.sequence();
        let is_news = sequence != known;
        known.clone_from(&sequence);
        let answer = Answer { replies, sequence: sequence.filter(|_| is_news) };
        if tell.send(answer).await.is_err() {
            return;
        }
    }
}
