//! EFs that follow from the identity of one card: computed when read, stored nowhere.

use polysim_base::{Iccid, Imsi, Msisdn};

/// The identity of one card at issue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Identity {
    /// None while an eUICC has no profile enabled.
    pub(crate) iccid: Option<Iccid>,
    /// None on a card without a subscription.
    pub(crate) imsi: Option<Imsi>,
    pub(crate) msisdn: Option<Msisdn>,
}

/// Which EF.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Personal {
    /// EF.ICCID (TS 102.221, 13.2).
    Iccid,
    /// EF.IMSI (TS 31.102, 4.2.2).
    Imsi,
    /// EF.ACC (TS 31.102, 4.2.15).
    AccessClass,
    /// EF.MSISDN (TS 31.102, 4.2.26).
    Msisdn,
    /// EF.IMPI (TS 31.103, 4.2.2).
    Impi,
    /// EF.IMPU (TS 31.103, 4.2.4).
    Impu,
}

impl Personal {
    /// Appends a record (1 for a transparent EF), padded with `FF` to `len` bytes.
    pub(crate) fn append(
        self,
        identity: &Identity,
        domain: &str,
        record: u8,
        len: usize,
        out: &mut Vec<u8>,
    ) {
        let start = out.len();
        match self {
            Self::Iccid => {
                if let Some(iccid) = &identity.iccid {
                    out.extend_from_slice(iccid.wire());
                }
            }
            Self::Imsi => {
                if let Some(imsi) = identity.imsi {
                    out.extend_from_slice(&imsi.ef());
                }
            }
            Self::AccessClass => {
                let class = identity.imsi.map_or(0, |imsi| 1_u16 << imsi.last_digit().min(9));
                out.extend_from_slice(&class.to_be_bytes());
            }
            Self::Msisdn => {
                if let (Some(msisdn), 1) = (&identity.msisdn, record) {
                    append_number(msisdn, len, out);
                }
            }
            Self::Impi => {
                if let Some(imsi) = identity.imsi {
                    append_tlv(out, |out| {
                        append_digits(imsi.digits(), out);
                        append_domain(domain, out);
                    });
                }
            }
            Self::Impu => append_public_identity(identity, domain, record, out),
        }
        out.resize(start + len, 0xFF);
    }
}

/// Appends `sip:IMSI@domain` as record 1, and by the number as record 2 if there is one.
fn append_public_identity(identity: &Identity, domain: &str, record: u8, out: &mut Vec<u8>) {
    match (record, identity.imsi, &identity.msisdn) {
        (1, Some(imsi), _) => append_tlv(out, |out| {
            out.extend_from_slice(b"sip:");
            append_digits(imsi.digits(), out);
            append_domain(domain, out);
        }),
        (2, _, Some(msisdn)) => append_tlv(out, |out| {
            out.extend_from_slice(b"sip:+");
            append_digits(msisdn.digits(), out);
            append_domain(domain, out);
        }),
        _ => {}
    }
}

/// Appends a record of the form of EF.ADN without a name: `len` is that of the record, of which
/// the last 14 bytes are the number.
fn append_number(msisdn: &Msisdn, len: usize, out: &mut Vec<u8>) {
    out.resize(out.len() + len.saturating_sub(14), 0xFF);
    let octets = msisdn.digit_count().div_ceil(2);
    out.push(u8::try_from(octets + 1).unwrap_or(u8::MAX));
    out.push(0x91);
    let mut low = None;
    for digit in msisdn.digits() {
        match low.take() {
            None => low = Some(digit),
            Some(low) => out.push(digit << 4 | low),
        }
    }
    if let Some(low) = low {
        out.push(0xF0 | low);
    }
}

/// Appends tag `80`, a length of one byte and what `value` appends.
fn append_tlv(out: &mut Vec<u8>, value: impl FnOnce(&mut Vec<u8>)) {
    out.push(0x80);
    let at = out.len();
    out.push(0);
    value(out);
    let len = u8::try_from(out.len() - at - 1).unwrap_or(u8::MAX);
    if let Some(place) = out.get_mut(at) {
        *place = len;
    }
}

fn append_digits(digits: impl Iterator<Item = u8>, out: &mut Vec<u8>) {
    out.extend(digits.map(|digit| b'0' + digit));
}

fn append_domain(domain: &str, out: &mut Vec<u8>) {
    out.push(b'@');
    out.extend_from_slice(domain.as_bytes());
}
