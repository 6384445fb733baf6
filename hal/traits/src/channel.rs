//! What every link that speaks raw APDUs needs: the channel in the class byte, answers fetched
//! whole, and channels by MANAGE CHANNEL.

use crate::{CardChannel, CardError, CardErrorKind, CardLink};
use polysim_apdu::{
    Channel, Class, Command, CommandApdu, Header, Ins, Instruction, Le, Occurrence,
    RESPONSE_LEN_MAX, Select, SelectReply, SelectTarget, Session, Status,
};

/// How many commands one answer may take: repeated with the right length, and GET RESPONSE until
/// [`RESPONSE_LEN_MAX`] in the largest pieces.
const ROUNDS_MAX: usize = 2 + RESPONSE_LEN_MAX / 256;
/// The longest application identifier (ISO 7816-4, 12.2.3).
const AID_LEN_MAX: usize = 16;

/// Returns a command with the number of a channel in its class byte (ISO 7816-4, 5.4.1): what a
/// link sends. On the basic channel a class byte that no standard knows stays as it is.
///
/// # Errors
/// [`BadCommand`](CardErrorKind::BadCommand) for bytes that are no command APDU, and for a class
/// byte that cannot name the channel, such as that of a 2G SIM.
pub fn command_on(number: u8, command: &[u8], place: &str) -> Result<Vec<u8>, CardError> {
    let bad = || CardError::new(CardErrorKind::BadCommand, place);
    let apdu = CommandApdu::parse(command).map_err(|error| bad().caused_by(error))?;
    let channel = Channel::new(number).ok_or_else(bad)?;
    let cla = match Class::parse(apdu.header().cla) {
        Ok(class) => class.on(channel).ok_or_else(bad)?.byte(),
        Err(_) if channel == Channel::BASIC => apdu.header().cla,
        Err(status) => return Err(bad().caused_by(status)),
    };
    let mut out = command.to_vec();
    if let Some(first) = out.first_mut() {
        *first = cla;
    }
    Ok(out)
}

/// Sends a command and fetches the whole answer: asks again with the right length after `6Cxx`,
/// and sends GET RESPONSE after `61xx` (`9Fxx` of a 2G SIM). Returns data and last status word.
///
/// # Errors
/// As [`CardLink::transmit`]; [`BadAnswer`](CardErrorKind::BadAnswer) where the card never comes
/// to an end.
pub async fn transmit_whole<L: CardLink + ?Sized>(
    link: &mut L,
    channel: CardChannel,
    command: &[u8],
) -> Result<Vec<u8>, CardError> {
    let mut whole = Vec::new();
    let mut next = command.to_vec();
    for _ in 0..ROUNDS_MAX {
        let answer = link.transmit(channel, &next).await?;
        let Some((data, &[sw1, sw2])) = answer.split_last_chunk::<2>() else {
            return Err(CardError::new(CardErrorKind::BadAnswer, "card"));
        };
        whole.extend_from_slice(data);
        if whole.len() > RESPONSE_LEN_MAX {
            break;
        }
        next = match sw1 {
            0x6C => with_length(&next, Le::of_byte(sw2))?,
            0x61 | 0x9F => get_response(command, Le::of_byte(sw2)),
            _ => {
                whole.extend_from_slice(&[sw1, sw2]);
                return Ok(whole);
            }
        };
    }
    Err(CardError::new(CardErrorKind::BadAnswer, "card").caused_by("an answer without an end"))
}

/// Opens a channel by MANAGE CHANNEL and selects the application there (TS 102.221, 11.1.17 and
/// 11.1.1): an implementation of [`CardLink::open_channel`] over
/// [`transmit`](CardLink::transmit). Where the card refuses the application, the channel is closed
/// again.
///
/// SELECT asks for the FCP; where the card will not have that (`6A86`), for the FCI.
///
/// Dropping the future may leave a channel open until the next reset.
///
/// # Errors
/// [`Refused`](CardErrorKind::Refused) where the card has no such application or no channel;
/// [`BadCommand`](CardErrorKind::BadCommand) for an AID that is none; as
/// [`CardLink::transmit`].
pub async fn open_by_manage_channel<L: CardLink + ?Sized>(
    link: &mut L,
    aid: &[u8],
) -> Result<(CardChannel, Vec<u8>), CardError> {
    if !(1..=AID_LEN_MAX).contains(&aid.len()) {
        return Err(CardError::new(CardErrorKind::BadCommand, "card")
            .caused_by("an application identifier has 1 to 16 octets"));
    }
    let epoch = link.epoch();
    let open = bytes(&Command::open_channel())?;
    let answer = transmit_whole(link, CardChannel::basic(epoch), &open).await?;
    let number = match *answer.as_slice() {
        [number @ 1..=19, 0x90, 0x00] => number,
        [.., 0x90, 0x00] => return Err(CardError::new(CardErrorKind::BadAnswer, "card")),
        _ => return Err(refusal(&answer)),
    };
    let channel = CardChannel { number, epoch };
    match select(link, channel, aid).await {
        Ok(said) => Ok((channel, said)),
        Err(error) => {
            if matches!(error.kind(), CardErrorKind::Refused(_) | CardErrorKind::BadAnswer) {
                // The refusal is what the caller must hear, whatever becomes of the channel.
                drop(close_by_manage_channel(link, channel).await);
            }
            Err(error)
        }
    }
}

/// Closes a channel by MANAGE CHANNEL: an implementation of [`CardLink::close_channel`].
///
/// # Errors
/// [`Refused`](CardErrorKind::Refused) where the card does not, as for the basic channel; as
/// [`CardLink::transmit`].
pub async fn close_by_manage_channel<L: CardLink + ?Sized>(
    link: &mut L,
    channel: CardChannel,
) -> Result<(), CardError> {
    let number = Channel::new(channel.number)
        .ok_or_else(|| CardError::new(CardErrorKind::BadCommand, "card"))?;
    let close = bytes(&Command::close_channel(number))?;
    let answer = transmit_whole(link, CardChannel::basic(channel.epoch), &close).await?;
    if is_done(&answer) { Ok(()) } else { Err(refusal(&answer)) }
}

async fn select<L: CardLink + ?Sized>(
    link: &mut L,
    channel: CardChannel,
    aid: &[u8],
) -> Result<Vec<u8>, CardError> {
    let command = |reply| {
        let target = SelectTarget::Aid { aid, occurrence: Occurrence::First };
        let select = Select { target, session: Session::Activate, reply };
        bytes(&Command::on(Channel::BASIC, Instruction::Select(select)))
    };
    let mut answer = transmit_whole(link, channel, &command(SelectReply::Fcp)?).await?;
    if answer.ends_with(&Status::IncorrectP1P2.to_bytes()) {
        answer = transmit_whole(link, channel, &command(SelectReply::Fci)?).await?;
    }
    if is_done(&answer) { Ok(answer) } else { Err(refusal(&answer)) }
}

fn bytes(command: &Command<'_>) -> Result<Vec<u8>, CardError> {
    let mut out = Vec::new();
    match command.emit(&mut out) {
        Ok(()) => Ok(out),
        Err(error) => Err(CardError::new(CardErrorKind::BadCommand, "card").caused_by(error)),
    }
}

/// Returns the command with another length expected.
fn with_length(command: &[u8], length: Le) -> Result<Vec<u8>, CardError> {
    let bad = |error| CardError::new(CardErrorKind::BadCommand, "card").caused_by(error);
    let apdu = CommandApdu::parse(command).map_err(bad)?;
    Ok(CommandApdu::new(apdu.header(), apdu.data(), Some(length)).map_err(bad)?.to_vec())
}

fn get_response(command: &[u8], length: Le) -> Vec<u8> {
    let class = command.first().map_or(Class::INTERINDUSTRY, |cla| match Class::parse(*cla) {
        Ok(class) => class.for_get_response(),
        Err(_) => Class::INTERINDUSTRY,
    });
    let header = Header::new(class.byte(), Ins::GetResponse.byte(), 0, 0);
    let mut out = header.bytes().to_vec();
    out.push(length.p3());
    out
}

fn is_done(answer: &[u8]) -> bool {
    answer.last_chunk::<2>().is_some_and(|&[sw1, sw2]| Status::from_bytes(sw1, sw2).is_done())
}

fn refusal(answer: &[u8]) -> CardError {
    let kind = match answer.last_chunk::<2>() {
        Some(status) => CardErrorKind::Refused(*status),
        None => CardErrorKind::BadAnswer,
    };
    CardError::new(kind, "card")
}

#[cfg(test)]
mod tests;
