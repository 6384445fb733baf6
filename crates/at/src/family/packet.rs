//! Packet data (TS 27.007, 10).

use alloc::vec::Vec;

use crate::{
    ArgError, ArgWriter, Args, Params, Text,
    wire::{lines, named, params},
};

named! {
    /// What a context carries (TS 27.007, 10.1.1).
    quoted pub enum PdpType {
        /// IPv4.
        Ip = "IP",
        /// IPv6.
        Ipv6 = "IPV6",
        /// Both.
        Ipv4v6 = "IPV4V6",
        /// PPP.
        Ppp = "PPP",
        /// Opaque data.
        NonIp = "Non-IP",
        /// Ethernet.
        Ethernet = "Ethernet",
        /// Unstructured, in a 5G core.
        Unstructured = "Unstructured",
    }
}

params! {
    /// `+CGDCONT=<cid>[,<PDP_type>[,<APN>[,<PDP_addr>[,<d_comp>[,<h_comp>]]]]]` and
    /// `+CGDCONT: …` (TS 27.007, 10.1.1). Later parameters are refused in a command and ignored
    /// in an answer.
    pub struct Cgdcont {
        /// Number of the context.
        pub context: u8,
        /// What it carries; none deletes the definition.
        pub kind: Option<PdpType>,
        /// The access point.
        pub access_point: Option<Text>,
        /// The address asked for.
        pub address: Option<Text>,
        /// Data compression.
        pub data_compression: Option<u8>,
        /// Header compression.
        pub header_compression: Option<u8>,
    }

    /// `+CGACT=[<state>[,<cid>[,<cid>…]]]` (TS 27.007, 10.1.10).
    pub struct CgactSet {
        /// 0 deactivate, 1 activate.
        pub state: u8,
        /// Which contexts; none means all.
        pub contexts: Vec<u8>,
    }

    /// `+CGACT: <cid>,<state>` (TS 27.007, 10.1.10), one line per context.
    pub struct CgactInfo {
        /// Number of the context.
        pub context: u8,
        /// 0 not active, 1 active.
        pub state: u8,
    }

    /// `+CGATT: <state>` (TS 27.007, 10.1.9).
    pub struct CgattInfo {
        /// 0 detached, 1 attached.
        pub state: u8,
    }

    /// `+CGPADDR: <cid>[,<addr_1>[,<addr_2>]]` (TS 27.007, 10.1.14).
    pub struct CgpaddrInfo {
        /// Number of the context.
        pub context: u8,
        /// IPv4, or the only one.
        pub first: Option<Text>,
        /// IPv6.
        pub second: Option<Text>,
    }

    /// `+CGEREP=[<mode>[,<bfr>]]` and `+CGEREP: …` (TS 27.007, 10.1.19).
    pub struct Cgerep {
        /// 0 none; 1 and 2 show `+CGEV`.
        pub mode: Option<u8>,
        /// What happens to what was buffered.
        pub buffer: Option<u8>,
    }

    /// `+CGDATA[=<L2P>[,<cid>…]]` (TS 27.007, 10.1.12).
    pub struct CgdataSet {
        /// The protocol, e.g. `PPP`.
        pub protocol: Text,
        /// Which contexts.
        pub contexts: Vec<u8>,
    }
}

lines! {
    Cgdcont = "+CGDCONT";
    CgactInfo = "+CGACT";
    CgattInfo = "+CGATT";
    CgpaddrInfo = "+CGPADDR";
    Cgerep = "+CGEREP";
    CgevUrc = "+CGEV";
}

/// `+CGEV: <event>` (TS 27.007, 10.1.19).
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum CgevUrc {
    /// `NW DETACH`: the network detached the device.
    NetworkDetach,
    /// `ME DETACH`: the device detached itself.
    DeviceDetach,
    /// `NW PDN DEACT <cid>`: the network closed a context.
    NetworkDeactivated(u8),
    /// `ME PDN DEACT <cid>`: the device closed a context.
    DeviceDeactivated(u8),
    /// `ME PDN ACT <cid>`: the device opened a context.
    DeviceActivated(u8),
    /// Any other event, as text.
    Other(Text),
}

impl Params for CgevUrc {
    fn encode_params(&self, to: &mut ArgWriter<'_>) {
        let (word, context): (&[u8], _) = match self {
            Self::NetworkDetach => (b"NW DETACH", None),
            Self::DeviceDetach => (b"ME DETACH", None),
            Self::NetworkDeactivated(context) => (b"NW PDN DEACT ", Some(*context)),
            Self::DeviceDeactivated(context) => (b"ME PDN DEACT ", Some(*context)),
            Self::DeviceActivated(context) => (b"ME PDN ACT ", Some(*context)),
            Self::Other(text) => (text.as_bytes(), None),
        };
        to.raw(|out| {
            out.extend_from_slice(word);
            if let Some(context) = context {
                crate::put_uint(context.into(), out);
            }
        });
    }

    fn parse_params(from: &mut Args<'_>) -> Result<Self, ArgError> {
        let event = from.take_rest();
        match event {
            b"NW DETACH" => return Ok(Self::NetworkDetach),
            b"ME DETACH" => return Ok(Self::DeviceDetach),
            _ => {}
        }
        // More parameters may follow the number in later releases.
        let after = |word| Args::new(event.strip_prefix(word)?).param::<u8>().ok();
        if let Some(context) = after(b"NW PDN DEACT ".as_slice()) {
            return Ok(Self::NetworkDeactivated(context));
        }
        if let Some(context) = after(b"ME PDN DEACT ") {
            return Ok(Self::DeviceDeactivated(context));
        }
        if let Some(context) = after(b"ME PDN ACT ") {
            return Ok(Self::DeviceActivated(context));
        }
        Text::new(event).map(Self::Other).map_err(|error| from.refuse(error.into()))
    }
}

#[cfg(any(test, feature = "testkit"))]
impl crate::testkit::Sample for CgevUrc {
    fn sample(source: &mut crate::testkit::Source<'_>) -> Self {
        match source.value::<u8>() % 6 {
            0 => Self::NetworkDetach,
            1 => Self::DeviceDetach,
            2 => Self::NetworkDeactivated(source.value()),
            3 => Self::DeviceDeactivated(source.value()),
            4 => Self::DeviceActivated(source.value()),
            _ => Text::new("ME CLASS B").map_or(Self::NetworkDetach, Self::Other),
        }
    }
}
