//! The service centre's address: EF.SMSP on the card, read when it is first needed
//! (TS 31.102, 4.2.27).

use crate::card::{
    CardPort, Change, Outcome, Owner, read_records, select_telecom_or_usim, update_record,
};
use crate::core::Core;
use crate::effects::Effects;
use polysim_at::CmeError;
use polysim_base::{Msisdn, bcd};

/// The address of a service centre.
pub(crate) type ServiceCentre = Msisdn;

const SMSP: u16 = 0x6F42;
/// Bytes of a record behind its name.
const FIXED: usize = 28;
/// Where the service centre stands in them.
const ADDRESS: usize = 13;
const ADDRESS_LEN: usize = 12;
/// Bit of the parameter indicators that says "no service centre".
const ABSENT: u8 = 0x02;

/// What is known of the service centre.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Centre {
    Unread,
    Reading,
    None,
    Known(ServiceCentre),
}

impl Core {
    /// The service centre of the card, if it was read.
    pub(crate) fn service_centre(&self) -> Option<Option<ServiceCentre>> {
        match self.messages.centre {
            Centre::Unread | Centre::Reading => None,
            Centre::None => Some(None),
            Centre::Known(centre) => Some(Some(centre)),
        }
    }

    /// Has the service centre read, on behalf of a port or of a text that waits.
    pub(crate) fn read_service_centre(&mut self, fx: &mut Effects) {
        if self.messages.centre == Centre::Unread {
            self.messages.centre = Centre::Reading;
            self.slot.start(fx.now, Owner::Device, read_centre);
            self.serve_card(fx);
        }
    }

    /// The service centre was read or written. Returns whether the command that waits for it, if
    /// any, is over.
    pub(crate) fn service_centre_read(
        &mut self,
        fx: &mut Effects,
        centre: Option<ServiceCentre>,
    ) -> bool {
        self.messages.centre = centre.map_or(Centre::None, Centre::Known);
        fx.card_settled = true;
        self.send_next(fx);
        true
    }
}

async fn read_centre(mut port: CardPort) -> Outcome {
    let centre = centre_record(&mut port).await.ok().and_then(|record| parse(&record));
    Outcome::done().changed(Change::ServiceCentre(centre))
}

async fn centre_record(port: &mut CardPort) -> Result<Vec<u8>, CmeError> {
    let shape = select_telecom_or_usim(port, SMSP).await?;
    let mut records = read_records(port, shape, 1, 1).await?;
    records.pop().map(|(_, record)| record).ok_or(CmeError::NotFound)
}

/// `+CSCA=…`: writes the first record of EF.SMSP.
pub(crate) async fn write_centre(mut port: CardPort, centre: ServiceCentre) -> Outcome {
    written(&mut port, centre).await.into()
}

async fn written(port: &mut CardPort, centre: ServiceCentre) -> Result<Outcome, CmeError> {
    let mut record = centre_record(port).await?;
    put(&mut record, &centre).ok_or(CmeError::MemoryFailure)?;
    update_record(port, 1, &record).await?;
    Ok(Outcome::done().changed(Change::ServiceCentre(Some(centre))))
}

fn parse(record: &[u8]) -> Option<ServiceCentre> {
    let fixed = record.get(record.len().checked_sub(FIXED)?..)?;
    if fixed.first()? & ABSENT != 0 {
        return None;
    }
    let address = fixed.get(ADDRESS..ADDRESS + ADDRESS_LEN)?;
    let (len, address) = address.split_first()?;
    let digits = address.get(1..usize::from(*len))?;
    Msisdn::parse(&bcd::unpack_filled(digits).ok()?).ok()
}

fn put(record: &mut [u8], centre: &ServiceCentre) -> Option<()> {
    let start = record.len().checked_sub(FIXED)?;
    let fixed = record.get_mut(start..)?;
    *fixed.first_mut()? &= !ABSENT;
    let digits: String = centre.digits().map(|d| char::from(b'0' + d)).collect();
    let packed = bcd::pack(&digits).ok()?;
    let field = fixed.get_mut(ADDRESS..ADDRESS + ADDRESS_LEN)?;
    field.fill(0xFF);
    *field.first_mut()? = u8::try_from(packed.len() + 1).ok()?;
    *field.get_mut(1)? = 0x91;
    field.get_mut(2..2 + packed.len())?.copy_from_slice(&packed);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_centre_is_read_as_it_was_written() {
        let mut record = vec![0xFF; 14 + FIXED];
        assert_eq!(parse(&record), None);
        let centre = Msisdn::parse("+447700900000").unwrap();
        put(&mut record, &centre).unwrap();
        assert_eq!(parse(&record), Some(centre));
        assert_eq!(parse(&record[..FIXED - 1]), None);
    }
}
