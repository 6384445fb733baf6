//! Unsolicited results, told apart by their names.

use crate::{
    CbmUrc, CbmiUrc, CcwaUrc, CdsUrc, CdsiUrc, CgevUrc, CievUrc, ClipUrc, CmtUrc, CmtiUrc, CnapUrc,
    ColpUrc, CringUrc, CssiUrc, CssuUrc, CtzeUrc, CtzvUrc, CusdUrc, FinalResult, Framing, Line,
    LineError, Registration, RegistrationDomain,
};
use alloc::vec::Vec;

macro_rules! urcs {
    ($( $(#[$meta:meta])* $variant:ident($type:ty), )*) => {
        /// An unsolicited result.
        ///
        /// Some names are those of answers too (`+CREG`, `+CCWA`, `+COLP`, `+CUSD`, `+CLIP`):
        /// while such a command is in flight, its own answer type is to be tried first.
        #[derive(Clone, Debug, Eq, PartialEq)]
        #[non_exhaustive]
        pub enum Urc {
            /// `RING`: a call comes in.
            Ring,
            /// `+CREG` and its kin: the registration changed.
            Registration(RegistrationDomain, Registration),
            $( $(#[$meta])* $variant($type), )*
        }

        impl Urc {
            /// Reads an unsolicited result. `Ok(None)` if the line has no name known here: free
            /// text, a vendor's own result such as `RDY` or `^RSSI: 20`, or an answer.
            ///
            /// # Errors
            /// The name is known and a parameter does not fit.
            pub fn parse(line: &[u8]) -> Result<Option<Self>, LineError> {
                let Some(name) = name_of(line) else {
                    return Ok((line == b"RING").then_some(Self::Ring));
                };
                match name {
                    b"+CREG" | b"+CGREG" | b"+CEREG" | b"+C5GREG" => {
                        let (domain, registration) = Registration::parse_urc(line)?;
                        Ok(Some(Self::Registration(domain, registration)))
                    }
                    $( _ if name == <$type>::NAME.as_bytes() => {
                        <$type>::parse(line).map(|urc| Some(Self::$variant(urc)))
                    } )*
                    _ => Ok(None),
                }
            }

            /// Appends the framed result. The PDU of `+CMT`, `+CDS` and `+CBM` is written with
            /// [`Framing::line_with_pdu`] instead.
            pub fn put(&self, framing: Framing, out: &mut Vec<u8>) {
                match self {
                    Self::Ring if framing.verbose => framing.text("RING", out),
                    Self::Ring => out.extend_from_slice(&[b'2', framing.cr]),
                    Self::Registration(domain, registration) => {
                        registration.put_urc(*domain, framing, out);
                    }
                    $( Self::$variant(urc) => framing.line(urc, out), )*
                }
            }
        }

        #[cfg(any(test, feature = "testkit"))]
        impl crate::testkit::Sample for Urc {
            fn sample(source: &mut crate::testkit::Source<'_>) -> Self {
                let makers: &[fn(&mut crate::testkit::Source<'_>) -> Self] = &[
                    |_| Self::Ring,
                    |source| Self::Registration(source.value(), source.value()),
                    $( |source| Self::$variant(source.value()), )*
                ];
                source.pick(makers)(source)
            }
        }
    };
}

urcs! {
    /// A call comes in, and of what kind.
    Cring(CringUrc),
    /// Who calls.
    Clip(ClipUrc),
    /// A call waits.
    Ccwa(CcwaUrc),
    /// Who took the call.
    Colp(ColpUrc),
    /// The caller's name.
    Cnap(CnapUrc),
    /// About an outgoing call.
    Cssi(CssiUrc),
    /// About an incoming call.
    Cssu(CssuUrc),
    /// A USSD message.
    Cusd(CusdUrc),
    /// A text; its PDU is the next line.
    Cmt(CmtUrc),
    /// A text was stored.
    Cmti(CmtiUrc),
    /// A status report; its PDU is the next line.
    Cds(CdsUrc),
    /// A status report was stored.
    Cdsi(CdsiUrc),
    /// A broadcast; its PDU is the next line.
    Cbm(CbmUrc),
    /// A broadcast was stored.
    Cbmi(CbmiUrc),
    /// A packet data event.
    Cgev(CgevUrc),
    /// An indicator changed.
    Ciev(CievUrc),
    /// The time zone changed.
    Ctzv(CtzvUrc),
    /// The time zone changed, at length.
    Ctze(CtzeUrc),
}

impl Urc {
    /// Whether the next line is this result's PDU.
    #[must_use]
    pub const fn has_pdu(&self) -> bool {
        matches!(self, Self::Cmt(_) | Self::Cds(_) | Self::Cbm(_))
    }

    /// Whether a final result came by itself, with no command in flight: a call was released.
    #[must_use]
    pub const fn is_release(result: FinalResult) -> bool {
        matches!(result, FinalResult::NoCarrier | FinalResult::Busy | FinalResult::NoAnswer)
    }
}

/// Returns the name of a line `<NAME>: …`.
fn name_of(line: &[u8]) -> Option<&[u8]> {
    if line.first() != Some(&b'+') {
        return None;
    }
    line.get(..line.iter().position(|b| *b == b':')?)
}
