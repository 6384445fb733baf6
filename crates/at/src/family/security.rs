//! PINs, locks and passwords (TS 27.007, 7.4, 7.5, 8.3, 8.65).

use crate::wire::{Password, lines, named, params};

named! {
    /// What the device waits for (TS 27.007, 8.3, `+CPIN?`).
    bare pub enum PinStatus {
        /// Nothing is needed.
        Ready = "READY",
        /// The PIN of the card.
        SimPin = "SIM PIN",
        /// The PUK of the card.
        SimPuk = "SIM PUK",
        /// The code that locks the device to a card.
        PhSimPin = "PH-SIM PIN",
        /// The code that locks the device to the first card inserted.
        PhFSimPin = "PH-FSIM PIN",
        /// The unblocking code of that lock.
        PhFSimPuk = "PH-FSIM PUK",
        /// PIN2.
        SimPin2 = "SIM PIN2",
        /// PUK2.
        SimPuk2 = "SIM PUK2",
        /// Network lock.
        PhNetPin = "PH-NET PIN",
        /// Unblocking code of the network lock.
        PhNetPuk = "PH-NET PUK",
        /// Network subset lock.
        PhNetSubPin = "PH-NETSUB PIN",
        /// Unblocking code of the network subset lock.
        PhNetSubPuk = "PH-NETSUB PUK",
        /// Service provider lock.
        PhSpPin = "PH-SP PIN",
        /// Unblocking code of the service provider lock.
        PhSpPuk = "PH-SP PUK",
        /// Corporate lock.
        PhCorpPin = "PH-CORP PIN",
        /// Unblocking code of the corporate lock.
        PhCorpPuk = "PH-CORP PUK",
    }

    /// What is locked or barred (TS 27.007, 7.4, `+CLCK` and `+CPWD`).
    quoted pub enum Facility {
        /// Keyboard.
        Control = "CS",
        /// Device to the card inserted.
        PhoneToSim = "PS",
        /// Device to the very first card.
        PhoneToFirstSim = "PF",
        /// The card: its PIN.
        Sim = "SC",
        /// PIN2, for `+CPWD`.
        Pin2 = "P2",
        /// Bar all outgoing calls.
        AllOutgoing = "AO",
        /// Bar outgoing international calls.
        OutgoingInternational = "OI",
        /// Bar outgoing international calls but to the home country.
        OutgoingInternationalExceptHome = "OX",
        /// Bar all incoming calls.
        AllIncoming = "AI",
        /// Bar incoming calls while roaming.
        IncomingRoaming = "IR",
        /// Bar calls from numbers that are not in the device's memory.
        NotInMemory = "NT",
        /// Bar calls from numbers that are not on the card.
        NotOnSim = "NM",
        /// Bar calls from numbers in neither.
        NotStored = "NS",
        /// Bar calls from numbers not in any memory.
        NotAnywhere = "NA",
        /// All barring services.
        AllBarring = "AB",
        /// All outgoing barring services.
        AllOutgoingBarring = "AG",
        /// All incoming barring services.
        AllIncomingBarring = "AC",
        /// Fixed dialling.
        FixedDialling = "FD",
        /// Network lock.
        Network = "PN",
        /// Network subset lock.
        NetworkSubset = "PU",
        /// Service provider lock.
        ServiceProvider = "PP",
        /// Corporate lock.
        Corporate = "PC",
    }
}

params! {
    /// `+CPIN=<pin>[,<newpin>]` (TS 27.007, 8.3).
    pub struct CpinSet {
        /// The PIN, or the PUK when a PUK is needed.
        pub pin: Password,
        /// The new PIN, with a PUK.
        pub new_pin: Option<Password>,
    }

    /// `+CPIN: <code>` (TS 27.007, 8.3).
    pub struct CpinInfo {
        /// What the device waits for.
        pub status: PinStatus,
    }

    /// `+CPINR: <code>,<retries>[,<default retries>]` (TS 27.007, 8.65).
    pub struct CpinrInfo {
        /// Which code.
        pub code: PinStatus,
        /// Attempts left.
        pub retries: u8,
        /// Attempts when fresh.
        pub default_retries: Option<u8>,
    }

    /// `+CLCK=<fac>,<mode>[,<passwd>[,<class>]]` (TS 27.007, 7.4).
    pub struct ClckSet {
        /// What to lock.
        pub facility: Facility,
        /// 0 unlock, 1 lock, 2 query.
        pub mode: u8,
        /// The PIN or barring password.
        pub password: Option<Password>,
        /// Sum of service classes; 7 when left out.
        pub class: Option<u8>,
    }

    /// `+CLCK: <status>[,<class>]` (TS 27.007, 7.4).
    pub struct ClckInfo {
        /// 0 not active, 1 active.
        pub status: u8,
        /// Sum of service classes.
        pub class: Option<u8>,
    }

    /// `+CPWD=<fac>,<oldpwd>,<newpwd>` (TS 27.007, 7.5).
    pub struct CpwdSet {
        /// Which password.
        pub facility: Facility,
        /// The old one.
        pub old: Password,
        /// The new one.
        pub new: Password,
    }
}

lines! {
    CpinInfo = "+CPIN";
    CpinrInfo = "+CPINR";
    ClckInfo = "+CLCK";
}
