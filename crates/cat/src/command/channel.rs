//! The bearer independent protocol and services on local links.

use alloc::vec::Vec;

use super::{
    header::{CommandBody, Head, HeadField, command, qualifier_bits},
    screen::Look,
};
use crate::{
    device::{ChannelId, Device},
    error::CatError,
    object::{
        channel::{
            AttributeInformation, BearerDescription, BufferSize, ChannelData, ChannelDataLength,
            DeviceFilter, NetworkAccessName, OtherAddress, RemoteEntityAddress, ServiceRecord,
            ServiceSearchPattern, TransportLevel,
        },
        display::Duration,
        network::Iari,
        number::{Address, Subaddress},
        text::{AlphaIdentifier, TextString},
    },
    objects::{Objects, Writer},
    tag,
};

qualifier_bits! {
    /// When a link is established.
    OpenMode {
        /// At once, not when there is something to send.
        immediate = 0x01;
        /// Again when it was lost.
        reconnect = 0x02;
        /// At once, in the background.
        background = 0x04;
        /// Addresses of DNS servers are asked for.
        dns = 0x08;
    }
    /// What becomes of what a channel used.
    CloseMode {
        /// A server listens again; else it is closed. Or: the access point name is used again.
        keep = 0x01;
    }
    /// When data is sent.
    SendMode {
        /// At once; else it is put into the buffer.
        immediate = 0x01;
    }
    /// What becomes of a service.
    DeclareMode {
        /// It is deleted; else it is added.
        delete = 0x01;
    }
}

/// The transport layer of a channel.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Transport {
    /// Protocol and port.
    pub level: TransportLevel,
    /// The server, for a client: it stands behind the level.
    pub destination: Option<OtherAddress>,
}

/// OPEN CHANNEL, over any bearer (TS 102.223, 6.4.27 and 6.6.27).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct OpenChannel {
    /// When the link is established.
    pub mode: OpenMode,
    /// What the user is told.
    pub alpha: Option<AlphaIdentifier>,
    /// The number to call, for circuit switched data.
    pub address: Option<Address>,
    /// Its subaddress.
    pub subaddress: Option<Subaddress>,
    /// How long it is dialled again, then how long a link stays without data.
    pub durations: Vec<Duration>,
    /// Over which bearer; a server has none.
    pub bearer: Option<BearerDescription>,
    /// How much is buffered.
    pub buffer: BufferSize,
    /// The access point.
    pub access_name: Option<NetworkAccessName>,
    /// The address of the terminal: it stands before the transport level.
    pub local_address: Option<OtherAddress>,
    /// Login and password of the user.
    pub credentials: Vec<TextString>,
    /// The transport layer.
    pub transport: Option<Transport>,
    /// The service on a local link.
    pub service: Option<ServiceRecord>,
    /// The entity at the other end of a local link.
    pub remote_entity: Option<RemoteEntityAddress>,
    /// The application of IMS (TS 31.111, 6.6.27).
    pub iari: Option<Iari>,
    /// How it looks.
    pub look: Look,
}

impl OpenChannel {
    /// Returns a channel with a buffer, and nothing else yet.
    #[must_use]
    pub fn new(mode: OpenMode, buffer: BufferSize) -> Self {
        Self {
            mode,
            alpha: None,
            address: None,
            subaddress: None,
            durations: Vec::new(),
            bearer: None,
            buffer,
            access_name: None,
            local_address: None,
            credentials: Vec::new(),
            transport: None,
            service: None,
            remote_entity: None,
            iari: None,
            look: Look::default(),
        }
    }
}

impl CommandBody for OpenChannel {
    fn take(head: &Head, objects: &mut Objects<'_>) -> Result<Self, CatError> {
        let at = objects.position(tag::TRANSPORT_LEVEL).unwrap_or_else(|| objects.end());
        let local_address = objects.opt_before(tag::OTHER_ADDRESS, at)?;
        let transport = match objects.opt(tag::TRANSPORT_LEVEL)? {
            Some(level) => Some(Transport { level, destination: objects.opt(tag::OTHER_ADDRESS)? }),
            None => None,
        };
        Ok(Self {
            mode: OpenMode::of_head(head)?,
            alpha: objects.opt(tag::ALPHA_IDENTIFIER)?,
            address: objects.opt(tag::ADDRESS)?,
            subaddress: objects.opt(tag::SUBADDRESS)?,
            durations: objects.many(tag::DURATION)?,
            bearer: objects.opt(tag::BEARER_DESCRIPTION)?,
            buffer: objects.one(tag::BUFFER_SIZE)?,
            access_name: objects.opt(tag::NETWORK_ACCESS_NAME)?,
            local_address,
            credentials: objects.many(tag::TEXT_STRING)?,
            transport,
            service: objects.opt(tag::SERVICE_RECORD)?,
            remote_entity: objects.opt(tag::REMOTE_ENTITY_ADDRESS)?,
            iari: objects.opt(tag::IARI)?,
            look: Look::take(objects)?,
        })
    }

    fn put(&self, out: &mut Writer) {
        out.opt(tag::ALPHA_IDENTIFIER, &self.alpha);
        out.opt(tag::ADDRESS, &self.address);
        out.opt(tag::SUBADDRESS, &self.subaddress);
        out.many(tag::DURATION, &self.durations);
        out.opt(tag::BEARER_DESCRIPTION, &self.bearer);
        out.one(tag::BUFFER_SIZE, &self.buffer);
        out.opt(tag::NETWORK_ACCESS_NAME, &self.access_name);
        out.opt(tag::OTHER_ADDRESS, &self.local_address);
        out.many(tag::TEXT_STRING, &self.credentials);
        if let Some(transport) = &self.transport {
            out.one(tag::TRANSPORT_LEVEL, &transport.level);
            out.opt(tag::OTHER_ADDRESS, &transport.destination);
        }
        out.opt(tag::SERVICE_RECORD, &self.service);
        out.opt(tag::REMOTE_ENTITY_ADDRESS, &self.remote_entity);
        out.opt(tag::IARI, &self.iari);
        self.look.put(out);
    }

    fn head(&self) -> Head {
        let mut head = Head::to(Device::Terminal);
        self.mode.set_head(&mut head);
        head
    }
}

command! {
    /// CLOSE CHANNEL (TS 102.223, 6.4.28 and 6.6.28).
    CloseChannel to Terminal [
        /// Which channel.
        channel: ChannelId;
        /// What becomes of what it used.
        mode: CloseMode;
    ] {
        /// What the user is told.
        alpha: opt AlphaIdentifier = tag::ALPHA_IDENTIFIER;
        /// How it looks.
        look: group Look;
    }
    /// RECEIVE DATA (TS 102.223, 6.4.29 and 6.6.29).
    ReceiveData to Terminal [
        /// From which channel.
        channel: ChannelId;
    ] {
        /// What the user is told.
        alpha: opt AlphaIdentifier = tag::ALPHA_IDENTIFIER;
        /// How much, at most.
        length: one ChannelDataLength = tag::CHANNEL_DATA_LENGTH;
        /// How it looks.
        look: group Look;
    }
    /// SEND DATA (TS 102.223, 6.4.30 and 6.6.30).
    SendData to Terminal [
        /// Into which channel.
        channel: ChannelId;
        /// When.
        mode: SendMode;
    ] {
        /// What the user is told.
        alpha: opt AlphaIdentifier = tag::ALPHA_IDENTIFIER;
        /// The data.
        data: one ChannelData = tag::CHANNEL_DATA;
        /// How it looks.
        look: group Look;
    }
    /// GET CHANNEL STATUS (TS 102.223, 6.4.31 and 6.6.31).
    GetChannelStatus to Terminal [] {}
    /// SERVICE SEARCH (TS 102.223, 6.4.32 and 6.6.32).
    ServiceSearch to Terminal [] {
        /// What the user is told.
        alpha: opt AlphaIdentifier = tag::ALPHA_IDENTIFIER;
        /// Which services.
        pattern: one ServiceSearchPattern = tag::SERVICE_SEARCH;
        /// On which devices.
        filter: opt DeviceFilter = tag::DEVICE_FILTER;
        /// How it looks.
        look: group Look;
    }
    /// GET SERVICE INFORMATION (TS 102.223, 6.4.33 and 6.6.33).
    GetServiceInformation to Terminal [] {
        /// What the user is told.
        alpha: opt AlphaIdentifier = tag::ALPHA_IDENTIFIER;
        /// Which attributes.
        attributes: one AttributeInformation = tag::ATTRIBUTE_INFORMATION;
        /// How it looks.
        look: group Look;
    }
    /// DECLARE SERVICE (TS 102.223, 6.4.34 and 6.6.34).
    DeclareService to Terminal [
        /// Added or deleted.
        mode: DeclareMode;
    ] {
        /// The service.
        service: one ServiceRecord = tag::SERVICE_RECORD;
        /// How it is reached.
        level: opt TransportLevel = tag::TRANSPORT_LEVEL;
    }
}

#[cfg(any(test, feature = "testkit"))]
crate::object::sample_fields! {
    Transport { level, destination }
    OpenChannel {
        mode, alpha, address, subaddress, durations, bearer, buffer, access_name, local_address,
        credentials, transport, service, remote_entity, iari, look,
    }
}
