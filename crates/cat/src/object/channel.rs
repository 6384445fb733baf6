//! The bearer independent protocol, and services on local links.

use alloc::vec::Vec;
use core::net::{Ipv4Addr, Ipv6Addr};

use crate::{
    device::ChannelId,
    error::Flaw,
    object::{Object, octet, octet_enum, octets},
};

octet_enum! {
    /// What carries a channel (TS 102.223, 8.52; TS 31.111, 8.52).
    BearerType {
        /// Circuit switched data.
        Csd = 0x01,
        /// GPRS, UTRAN packet service, E-UTRAN, NG-RAN.
        Packet = 0x02,
        /// The default bearer for the transport layer that is asked for.
        Default = 0x03,
        /// A local link, of any technology.
        LocalLink = 0x04,
        /// Bluetooth.
        Bluetooth = 0x05,
        /// Infrared (`IrDA`).
        IrDa = 0x06,
        /// RS232.
        Rs232 = 0x07,
        /// cdma2000 packet data.
        Cdma2000 = 0x08,
        /// UTRAN packet service with extended parameters.
        UtranExtended = 0x09,
        /// WLAN.
        Wlan = 0x0A,
        /// E-UTRAN, or the UTRAN packet service mapped to it.
        EUtran = 0x0B,
        /// NG-RAN.
        NgRan = 0x0C,
        /// USB.
        Usb = 0x10,
    }
}

/// Bearer description (TS 102.223, 8.52).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct BearerDescription {
    /// What carries the channel.
    pub bearer: BearerType,
    /// Quality of service, as that bearer defines it.
    pub parameters: Vec<u8>,
}

impl Object for BearerDescription {
    fn parse(value: &[u8]) -> Result<Self, Flaw> {
        let (bearer, parameters) = value.split_first().ok_or(Flaw::Length)?;
        let bearer = BearerType::from_octet(*bearer).ok_or(Flaw::Contents(0))?;
        Ok(Self { bearer, parameters: parameters.to_vec() })
    }

    fn put(&self, out: &mut Vec<u8>) {
        out.push(self.bearer.octet());
        out.extend_from_slice(&self.parameters);
    }
}

/// How much a channel buffers, in octets (TS 102.223, 8.55).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct BufferSize(pub u16);

impl Object for BufferSize {
    fn parse(value: &[u8]) -> Result<Self, Flaw> {
        let [high, low, ..] = value else { return Err(Flaw::Length) };
        Ok(Self(u16::from_be_bytes([*high, *low])))
    }

    fn put(&self, out: &mut Vec<u8>) {
        out.extend(self.0.to_be_bytes());
    }
}

octet_enum! {
    /// The transport protocol of a channel (TS 102.223, 8.59).
    TransportProtocol {
        /// UDP to a remote server.
        UdpClient = 0x01,
        /// TCP to a remote server.
        TcpClient = 0x02,
        /// The card is a TCP server for the terminal.
        TcpServer = 0x03,
        /// UDP to a server in the terminal.
        UdpLocal = 0x04,
        /// TCP to a server in the terminal.
        TcpLocal = 0x05,
        /// A channel without transport protocol.
        Direct = 0x06,
    }
}

/// UICC/terminal interface transport level (TS 102.223, 8.59).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct TransportLevel {
    /// The protocol.
    pub protocol: TransportProtocol,
    /// The port: of the destination, or of the server that the card is.
    pub port: u16,
}

impl Object for TransportLevel {
    fn parse(value: &[u8]) -> Result<Self, Flaw> {
        let [protocol, high, low, ..] = value else { return Err(Flaw::Length) };
        let protocol = TransportProtocol::from_octet(*protocol).ok_or(Flaw::Contents(0))?;
        Ok(Self { protocol, port: u16::from_be_bytes([*high, *low]) })
    }

    fn put(&self, out: &mut Vec<u8>) {
        out.push(self.protocol.octet());
        out.extend(self.port.to_be_bytes());
    }
}

/// An address of the Internet (TS 102.223, 8.58).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum OtherAddress {
    /// An empty object: the address is to be assigned.
    Dynamic,
    /// `21`: IPv4.
    V4(Ipv4Addr),
    /// `57`: IPv6.
    V6(Ipv6Addr),
}

impl Object for OtherAddress {
    fn parse(value: &[u8]) -> Result<Self, Flaw> {
        let Some((kind, address)) = value.split_first() else { return Ok(Self::Dynamic) };
        match kind {
            0x21 => match address.first_chunk::<4>() {
                Some(address) => Ok(Self::V4(Ipv4Addr::from(*address))),
                None => Err(Flaw::Length),
            },
            0x57 => match address.first_chunk::<16>() {
                Some(address) => Ok(Self::V6(Ipv6Addr::from(*address))),
                None => Err(Flaw::Length),
            },
            _ => Err(Flaw::Contents(0)),
        }
    }

    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Dynamic => {}
            Self::V4(address) => {
                out.push(0x21);
                out.extend(address.octets());
            }
            Self::V6(address) => {
                out.push(0x57);
                out.extend(address.octets());
            }
        }
    }
}

octet_enum! {
    /// What a channel is doing: the top bits of its status (TS 102.223, 8.56).
    LinkState {
        /// No link, or a closed server.
        Down = 0x00,
        /// A server that listens.
        Listening = 0x40,
        /// A link, packet context or connection.
        Up = 0x80,
    }
}

/// Channel status (TS 102.223, 8.56).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ChannelStatus {
    /// Which channel; none when there is no channel at all.
    pub channel: Option<ChannelId>,
    /// What it is doing.
    pub link: LinkState,
    /// Further information: `00` nothing, `05` link dropped.
    pub information: u8,
}

impl ChannelStatus {
    /// The link was dropped by the network or the user.
    pub const LINK_DROPPED: u8 = 0x05;
}

impl Object for ChannelStatus {
    fn parse(value: &[u8]) -> Result<Self, Flaw> {
        let [status, information, ..] = value else { return Err(Flaw::Length) };
        let link = LinkState::from_octet(status & 0xC0).ok_or(Flaw::Contents(0))?;
        let channel = ChannelId::new(status & 0x07).ok();
        Ok(Self { channel, link, information: *information })
    }

    fn put(&self, out: &mut Vec<u8>) {
        let channel = self.channel.map_or(0, ChannelId::number);
        out.extend([self.link.octet() | channel, self.information]);
    }
}

octet! {
    /// How many octets: asked for, left to be received, or free to be sent; `FF` is that many or
    /// more (TS 102.223, 8.54).
    ChannelDataLength;
}

octets! {
    /// Channel data (TS 102.223, 8.53).
    ChannelData, "channel data", 0..=255;
    /// Network access name, as TS 23.003 (9.1) codes it (TS 102.223, 8.70).
    NetworkAccessName, "network access name", 1..=100;
    /// Service record (TS 102.223, 8.63).
    ServiceRecord, "service record", 2..=255;
    /// Device filter (TS 102.223, 8.64).
    DeviceFilter, "device filter", 1..=255;
    /// Service search (TS 102.223, 8.65).
    ServiceSearchPattern, "service search", 1..=255;
    /// Attribute information (TS 102.223, 8.66).
    AttributeInformation, "attribute information", 1..=255;
    /// Service availability (TS 102.223, 8.67).
    ServiceAvailability, "service availability", 0..=255;
    /// Remote entity address: how it is coded, then the address (TS 102.223, 8.68).
    RemoteEntityAddress, "remote entity address", 1..=255;
    /// PDP context activation parameters, as the network would get them (TS 31.111, 8.72).
    PdpParameters, "PDP context activation parameters", 1..=255;
    /// EPS PDN connection activation parameters (TS 31.111, 8.98).
    PdnParameters, "EPS PDN connection activation parameters", 1..=255;
}

#[cfg(any(test, feature = "testkit"))]
mod samples {
    use super::{BearerDescription, BufferSize, ChannelStatus, OtherAddress, TransportLevel};
    use crate::{
        object::sample_fields,
        sample::{Draw, Sample},
    };
    use core::net::{Ipv4Addr, Ipv6Addr};

    sample_fields! {
        BearerDescription { bearer, parameters }
        TransportLevel { protocol, port }
        ChannelStatus { channel, link, information }
    }

    impl Sample for BufferSize {
        fn sample(draw: &mut Draw) -> Self {
            Self(u16::sample(draw))
        }
    }

    impl Sample for OtherAddress {
        fn sample(draw: &mut Draw) -> Self {
            match draw.below(3) {
                0 => Self::Dynamic,
                1 => Self::V4(Ipv4Addr::from(core::array::from_fn::<u8, 4, _>(|_| draw.octet()))),
                _ => Self::V6(Ipv6Addr::from(core::array::from_fn::<u8, 16, _>(|_| draw.octet()))),
            }
        }
    }
}
