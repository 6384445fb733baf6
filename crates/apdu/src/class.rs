//! The class byte CLA (ISO 7816-4, 5.4.1; TS 102.221, 10.1.1).

use crate::Status;

/// A logical channel, 0 to 19.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Channel(u8);

impl Channel {
    /// The basic channel, always open.
    pub const BASIC: Self = Self(0);
    /// How many channels a class byte can name.
    pub const COUNT: usize = 20;

    /// Makes a channel of its number; `None` above 19.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        if number < 20 { Some(Self(number)) } else { None }
    }

    /// Returns the number, 0 to 19.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

/// Which commands a class byte opens.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Family {
    /// `0X`, `4X`, `6X`: commands of ISO 7816-4.
    Interindustry,
    /// `8X`, `CX`, `EX`: commands of TS 102.221 and of `GlobalPlatform`.
    Proprietary,
    /// `A0`: a 2G SIM (TS 51.011); only the basic channel.
    Sim,
}

/// Secure messaging indicated by a class byte.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum SecureMessaging {
    /// None.
    #[default]
    None,
    /// A proprietary form (first class bytes only).
    Proprietary,
    /// ISO 7816-4 form, header not authenticated.
    HeaderPlain,
    /// ISO 7816-4 form, header authenticated (first class bytes only).
    HeaderAuthenticated,
}

/// A class byte taken apart.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Class {
    family: Family,
    channel: Channel,
    secure_messaging: SecureMessaging,
    chained: bool,
}

impl Class {
    /// Class `00`.
    pub const INTERINDUSTRY: Self = Self::plain(Family::Interindustry);
    /// Class `80`.
    pub const PROPRIETARY: Self = Self::plain(Family::Proprietary);
    /// Class `A0`.
    pub const SIM: Self = Self::plain(Family::Sim);

    const fn plain(family: Family) -> Self {
        Self {
            family,
            channel: Channel::BASIC,
            secure_messaging: SecureMessaging::None,
            chained: false,
        }
    }

    /// Returns the class of a family without secure messaging on a channel. A 2G SIM knows only
    /// the basic channel: for it the channel is ignored.
    #[must_use]
    pub const fn new(family: Family, channel: Channel) -> Self {
        let plain = Self::plain(family);
        match family {
            Family::Sim => plain,
            Family::Interindustry | Family::Proprietary => Self { channel, ..plain },
        }
    }

    /// Returns this class on another channel; `None` where its class byte cannot name the channel:
    /// a 2G SIM has the basic channel only, and not every form of secure messaging goes with
    /// channels above 3.
    #[must_use]
    pub const fn on(self, channel: Channel) -> Option<Self> {
        let beyond = match (self.family, self.secure_messaging) {
            (Family::Sim, _) => channel.0 > 0,
            (_, SecureMessaging::Proprietary | SecureMessaging::HeaderAuthenticated) => {
                channel.0 > 3
            }
            (_, SecureMessaging::None | SecureMessaging::HeaderPlain) => false,
        };
        if beyond { None } else { Some(Self { channel, ..self }) }
    }

    /// Reads a class byte.
    ///
    /// # Errors
    /// [`Status::ClassNotSupported`] for values reserved in ISO 7816-4 and in TS 102.221.
    pub const fn parse(cla: u8) -> Result<Self, Status> {
        let family = match cla {
            0x00..=0x1F | 0x40..=0x7F => Family::Interindustry,
            0x80..=0x9F | 0xC0..=0xFE => Family::Proprietary,
            0xA0 => return Ok(Self::SIM),
            0x20..=0x3F | 0xA1..=0xBF | 0xFF => return Err(Status::ClassNotSupported),
        };
        let chained = cla & 0x10 != 0;
        if cla & 0x40 == 0 {
            let secure_messaging = match cla & 0x0C {
                0x00 => SecureMessaging::None,
                0x04 => SecureMessaging::Proprietary,
                0x08 => SecureMessaging::HeaderPlain,
                _ => SecureMessaging::HeaderAuthenticated,
            };
            Ok(Self { family, channel: Channel(cla & 0x03), secure_messaging, chained })
        } else {
            let secure_messaging =
                if cla & 0x20 == 0 { SecureMessaging::None } else { SecureMessaging::HeaderPlain };
            Ok(Self { family, channel: Channel((cla & 0x0F) + 4), secure_messaging, chained })
        }
    }

    /// Returns the class byte. Secure messaging forms that channels 4 to 19 cannot express are
    /// never in such a class: no constructor makes them.
    #[must_use]
    pub const fn byte(self) -> u8 {
        let family = match self.family {
            Family::Interindustry => 0x00,
            Family::Proprietary => 0x80,
            Family::Sim => return 0xA0,
        };
        let chained = if self.chained { 0x10 } else { 0x00 };
        let Channel(channel) = self.channel;
        if channel < 4 {
            let secure_messaging = match self.secure_messaging {
                SecureMessaging::None => 0x00,
                SecureMessaging::Proprietary => 0x04,
                SecureMessaging::HeaderPlain => 0x08,
                SecureMessaging::HeaderAuthenticated => 0x0C,
            };
            family | chained | secure_messaging | channel
        } else {
            let secure_messaging = match self.secure_messaging {
                SecureMessaging::None => 0x00,
                SecureMessaging::Proprietary
                | SecureMessaging::HeaderPlain
                | SecureMessaging::HeaderAuthenticated => 0x20,
            };
            family | chained | 0x40 | secure_messaging | (channel - 4)
        }
    }

    /// Returns which commands the class opens.
    #[must_use]
    pub const fn family(self) -> Family {
        self.family
    }

    /// Returns the logical channel.
    #[must_use]
    pub const fn channel(self) -> Channel {
        self.channel
    }

    /// Returns the secure messaging indicated.
    #[must_use]
    pub const fn secure_messaging(self) -> SecureMessaging {
        self.secure_messaging
    }

    /// Tells whether more commands of a chain follow.
    #[must_use]
    pub const fn is_chained(self) -> bool {
        self.chained
    }

    /// Returns the class with which GET RESPONSE fetches what a command of this class left: same
    /// channel, interindustry, or `A0` for a 2G SIM (TS 102.221, 7.3.1.1.4).
    #[must_use]
    pub const fn for_get_response(self) -> Self {
        match self.family {
            Family::Sim => Self::SIM,
            Family::Interindustry | Family::Proprietary => {
                Self::new(Family::Interindustry, self.channel)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Channel, Class, Family, SecureMessaging};
    use crate::Status;

    #[test]
    fn every_class_byte_parses_to_itself_or_is_refused() {
        for cla in 0..=u8::MAX {
            match Class::parse(cla) {
                Ok(class) => assert_eq!(class.byte(), cla),
                Err(status) => {
                    assert_eq!(status, Status::ClassNotSupported);
                    assert!(matches!(cla, 0x20..=0x3F | 0xA1..=0xBF | 0xFF));
                }
            }
        }
    }

    #[test]
    fn channels_0_to_19() {
        let channel = |cla| Class::parse(cla).unwrap().channel().number();
        assert_eq!(
            [0x00, 0x03, 0x40, 0x4F, 0x83, 0xC0, 0xCF].map(channel),
            [0, 3, 4, 19, 3, 4, 19]
        );
        assert_eq!(Channel::new(20), None);
        for number in 0..20 {
            let channel = Channel::new(number).unwrap();
            for family in [Family::Interindustry, Family::Proprietary] {
                let class = Class::new(family, channel);
                assert_eq!(Class::parse(class.byte()), Ok(class));
            }
        }
    }

    #[test]
    fn secure_messaging_and_chaining_are_told() {
        let class = Class::parse(0x0C).unwrap();
        assert_eq!(class.secure_messaging(), SecureMessaging::HeaderAuthenticated);
        assert_eq!(Class::parse(0x84).unwrap().secure_messaging(), SecureMessaging::Proprietary);
        assert_eq!(Class::parse(0x61).unwrap().secure_messaging(), SecureMessaging::HeaderPlain);
        assert!(Class::parse(0x10).unwrap().is_chained());
    }

    #[test]
    fn a_class_goes_to_another_channel_with_all_else_it_says() {
        let on = |cla, number| {
            let class = Class::parse(cla).unwrap().on(Channel::new(number).unwrap());
            class.map(|class| class.byte())
        };
        assert_eq!([on(0x00, 2), on(0x93, 0), on(0x84, 3)], [0x02, 0x90, 0x87].map(Some));
        assert_eq!([on(0x08, 4), on(0x60, 1), on(0xA0, 0)], [0x60, 0x09, 0xA0].map(Some));
        assert_eq!([on(0xA0, 1), on(0x04, 4), on(0x0C, 19)], [None, None, None]);
    }

    #[test]
    fn get_response_follows_the_channel() {
        assert_eq!(Class::parse(0x82).unwrap().for_get_response().byte(), 0x02);
        assert_eq!(Class::parse(0xC5).unwrap().for_get_response().byte(), 0x45);
        assert_eq!(Class::SIM.for_get_response().byte(), 0xA0);
    }
}
