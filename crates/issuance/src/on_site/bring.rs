//! Bringing a command packet to a card.

use alloc::vec::Vec;
use polysim_apdu::Response;
use polysim_apdu::ef::Contents;
use polysim_base::{Duration, Imsi};
use polysim_cat::{Envelope, EnvelopeStatus, Instruction, Message, SmsPpDownload, SmsTpdu};
use polysim_ota::sms::deliver;
use polysim_sms::{Address, Deliver, MobileTerminated, Reference, Timestamp, Tpdu as _};

use polysim_apdu::contact::Lane;

use super::contact::{Contact, Terminal, ToolPort};
use super::error::OnSiteError;
use super::session::Session;

/// How often a message is tried at a card whose toolkit is busy.
pub const BUSY_TRIES: u8 = 8;
const BUSY_WAIT: Duration = Duration::from_millis(500);
const ENVELOPE: &str = "ENVELOPE";
/// The beginning of the identifier of every USIM application (TS 101.220).
const USIM: [u8; 7] = [0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02];
/// SELECT of EF.IMSI, without an answer.
const SELECT_IMSI: [u8; 7] = [0x00, 0xA4, 0x00, 0x0C, 0x02, 0x6F, 0x07];
const READ_IMSI: [u8; 5] = [0x00, 0xB0, 0x00, 0x00, 0x09];
/// What is before a response packet in a report: the element `71` alone (TS 31.115, 4.3).
const REPORT_HEADER: [u8; 3] = [0x02, 0x71, 0x00];

/// A packet on its way to a card, as the service centre would have sent it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Delivery {
    /// The command packet.
    pub packet: Vec<u8>,
    /// Whose number the card is told: the platform's.
    pub from: Address,
    /// When the message is said to have been sent.
    pub at: Timestamp,
    /// What the parts of a long packet share.
    pub reference: Reference,
}

/// What came of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Brought {
    /// The response packet, if the card gave one here.
    pub proof: Option<Vec<u8>>,
    /// The card has asked to be read anew, and was reset.
    pub refreshed: bool,
    /// The subscription that is on the card now; `None` where it cannot be read, as without a PIN,
    /// or where a modem holds the card.
    pub imsi: Option<Imsi>,
}

/// Brings a command packet to a card by ENVELOPE, and carries out what the card wants then. In a
/// reader the card is reset before, and once more if it asks for it.
///
/// # Errors
/// [`OnSiteError`]. A card that gives a proof has not refused, whatever the proof says.
pub async fn bring(
    port: ToolPort,
    delivery: Delivery,
    terminal: Terminal,
) -> Result<Brought, OnSiteError> {
    let Delivery { packet, from, at, reference } = delivery;
    let messages = deliver(&packet, from, at, reference)?;
    let mut contact = Contact::new(port, terminal);
    let mut session = Session::default();
    if terminal == Terminal::Tool {
        contact.reset().await?;
        contact.begin(&mut session).await?;
        session = Session::default();
    }
    let mut proof = None;
    for message in messages {
        proof = contact.envelope(&mut session, message).await?.or(proof);
    }
    // The card says in the report that the proof comes in a message.
    if !session.proof.is_empty() {
        proof = Some(session.proof);
    }
    let refreshed = session.refreshed && contact.reset().await?;
    let imsi = match terminal {
        Terminal::Tool => contact.imsi().await?,
        Terminal::Modem => None,
    };
    Ok(Brought { proof, refreshed, imsi })
}

/// Reads the subscription on a card in a reader; `None` where that needs a PIN.
///
/// # Errors
/// [`OnSiteError::NoAnswer`] and the like.
pub async fn read_imsi(port: ToolPort) -> Result<Option<Imsi>, OnSiteError> {
    Contact::new(port, Terminal::Tool).imsi().await
}

impl Contact {
    /// Gives one message to the card, and returns the response packet in its answer.
    async fn envelope(
        &mut self,
        session: &mut Session,
        message: Deliver,
    ) -> Result<Option<Vec<u8>>, OnSiteError> {
        let apdu = envelope(message)?;
        for _ in 0..BUSY_TRIES {
            let Response { data, status } = self.transmit(Lane::Basic, apdu.clone()).await?;
            let proof = data.strip_prefix(&REPORT_HEADER).map(<[u8]>::to_vec);
            match EnvelopeStatus::of(status.to_bytes()) {
                EnvelopeStatus::Busy => self.sleep(BUSY_WAIT).await,
                EnvelopeStatus::Pending(_) => {
                    // A modem has seen that, and fetches.
                    if self.terminal() == Terminal::Tool {
                        self.serve(session, status).await?;
                    }
                    return Ok(proof);
                }
                EnvelopeStatus::Done | EnvelopeStatus::Response(_) => return Ok(proof),
                EnvelopeStatus::DownloadError | EnvelopeStatus::Refused if proof.is_some() => {
                    return Ok(proof);
                }
                EnvelopeStatus::DownloadError | EnvelopeStatus::Refused => {
                    return Err(OnSiteError::Refused { command: ENVELOPE, status });
                }
            }
        }
        Err(OnSiteError::Busy { tries: BUSY_TRIES })
    }

    async fn imsi(&mut self) -> Result<Option<Imsi>, OnSiteError> {
        match self.select(&USIM).await {
            Ok(()) => {}
            Err(OnSiteError::NoApplet | OnSiteError::Refused { .. }) => return Ok(None),
            Err(error) => return Err(error),
        }
        for apdu in [&SELECT_IMSI[..], &READ_IMSI] {
            let Response { data, status } = self.transmit(Lane::Basic, apdu.to_vec()).await?;
            if !status.is_done() {
                return Ok(None);
            }
            if apdu == READ_IMSI {
                return Ok(<Imsi as Contents>::parse(&data).ok());
            }
        }
        Ok(None)
    }
}

/// Returns the command that gives a message to the card.
fn envelope(message: Deliver) -> Result<Vec<u8>, OnSiteError> {
    let tpdu = MobileTerminated::Deliver(message).to_octets();
    let tpdu = SmsTpdu::new(&tpdu).map_err(|_| polysim_cat::TooLong {
        octets: tpdu.len(),
        limit: polysim_sms::TPDU_OCTETS_MAX,
    })?;
    let message = Message::SmsPpDownload(SmsPpDownload { service_centre: None, tpdu });
    let envelope = Envelope { message, others: Vec::new() };
    Ok(Instruction::Envelope.apdu(&envelope.encode()?)?)
}
