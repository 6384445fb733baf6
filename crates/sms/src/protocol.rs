//! TP-Protocol-Identifier (TS 23.040, 9.2.3.9).

/// TP-Protocol-Identifier: any octet is one; reserved values are stored as received.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ProtocolId(pub u8);

/// What a TP-Protocol-Identifier asks for (TS 23.040, 9.2.3.9).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Protocol {
    /// `000xxxxx`: no interworking, the SME-to-SME protocol in the low bits.
    SmeToSme(u8),
    /// `001xxxxx`: a telematic device of this kind.
    Telematic(u8),
    /// A short message of type 0: acknowledged, shown and stored nowhere.
    Type0,
    /// Replaces an earlier one with the same originator, and this type 1 to 7.
    Replace(u8),
    /// Device triggering (`01001000`).
    DeviceTriggering,
    /// Enhanced message service, obsolete (`01011110`).
    Enhanced,
    /// Return call message (`01011111`).
    ReturnCall,
    /// ANSI-136 R-DATA (`01111100`).
    Ansi136,
    /// ME data download (`01111101`).
    MeDataDownload,
    /// ME de-personalisation (`01111110`).
    MeDepersonalisation,
    /// (U)SIM data download: goes to the card in an ENVELOPE (`01111111`).
    SimDataDownload,
    /// Service centre specific use (`11xxxxxx`).
    ServiceCentreSpecific(u8),
    /// Reserved by the standard.
    Reserved(u8),
}

impl ProtocolId {
    /// Plain mobile to mobile text.
    pub const DEFAULT: Self = Self(0x00);
    /// Short message type 0.
    pub const TYPE_0: Self = Self(0x40);
    /// Return call message.
    pub const RETURN_CALL: Self = Self(0x5F);
    /// (U)SIM data download.
    pub const SIM_DATA_DOWNLOAD: Self = Self(0x7F);

    /// Returns what it asks for.
    #[must_use]
    pub const fn protocol(self) -> Protocol {
        match self.0 {
            v @ 0x00..=0x1F => Protocol::SmeToSme(v),
            v @ 0x20..=0x3F => Protocol::Telematic(v & 0x1F),
            0x40 => Protocol::Type0,
            v @ 0x41..=0x47 => Protocol::Replace(v & 0x07),
            0x48 => Protocol::DeviceTriggering,
            0x5E => Protocol::Enhanced,
            0x5F => Protocol::ReturnCall,
            0x7C => Protocol::Ansi136,
            0x7D => Protocol::MeDataDownload,
            0x7E => Protocol::MeDepersonalisation,
            0x7F => Protocol::SimDataDownload,
            v @ 0xC0..=0xFF => Protocol::ServiceCentreSpecific(v & 0x3F),
            v => Protocol::Reserved(v),
        }
    }
}
