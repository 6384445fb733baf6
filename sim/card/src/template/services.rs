//! Services of EF.UST, by number.

/// A service of EF.UST (TS 31.102, 4.2.8).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(crate) enum Service {
    FixedDialling = 2,
    Texts = 10,
    TextParameters = 12,
    Gid1 = 17,
    Gid2 = 18,
    ProviderName = 19,
    UserPlmns = 20,
    Msisdn = 21,
    GsmAccess = 27,
    SmsPointToPointDownload = 28,
    GsmSecurityContext = 38,
    OperatorPlmns = 42,
    HomePlmns = 43,
    NetworkNames = 45,
    OperatorNetworkList = 46,
    EquivalentHome = 71,
    EpsMobility = 85,
}

impl Service {
    /// What every USIM of ours has.
    pub(super) const ALWAYS: [Self; 15] = [
        Self::FixedDialling,
        Self::Texts,
        Self::TextParameters,
        Self::Gid1,
        Self::Gid2,
        Self::ProviderName,
        Self::UserPlmns,
        Self::Msisdn,
        Self::SmsPointToPointDownload,
        Self::OperatorPlmns,
        Self::HomePlmns,
        Self::NetworkNames,
        Self::OperatorNetworkList,
        Self::EquivalentHome,
        Self::EpsMobility,
    ];

    pub(super) const fn number(self) -> u8 {
        self as u8
    }

    /// Returns the byte of the table and the bit in it.
    pub(crate) const fn place(self) -> (usize, u8) {
        let index = self.number() - 1;
        ((index / 8) as usize, 1 << (index % 8))
    }
}
