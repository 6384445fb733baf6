//! Closed subscriber groups (TS 31.102, 4.4.6).

use alloc::{string::String, vec::Vec};

use polysim_base::Plmn;
use polysim_base::tlv::{BerReader, put_ber};

use super::{Contents, EfError, fixed, utf8};

/// A record of EF.ACSGL or EF.OCSGL: groups allowed, by network.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct ClosedGroups(pub Vec<ClosedGroup>);

/// The groups of one network.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct ClosedGroup {
    /// `80`: the network.
    pub plmn: Option<Plmn>,
    /// `81`: its groups.
    pub groups: Vec<CsgInformation>,
    /// `82`: 0 all available groups are shown, 1 only those of the operator's list.
    pub display: Option<u8>,
}

/// One group.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct CsgInformation {
    /// Record of EF.CSGT; 0 for a type from elsewhere.
    pub type_record: u8,
    /// Record of EF.HNBN; 0 for a name from elsewhere.
    pub name_record: u8,
    /// Identity, 27 bits.
    pub id: u32,
}

/// Bits behind the 27 of an identity.
const ID_SHIFT: u32 = 5;
/// The greatest identity.
const ID_MAX: u32 = u32::MAX >> ID_SHIFT;

impl Contents for ClosedGroups {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let mut list = Vec::new();
        for object in BerReader::new(bytes) {
            let object = object?;
            if object.tag == 0xA0 {
                list.push(ClosedGroup::parse(object.children())?);
            }
        }
        Ok(Self(list))
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        for network in &self.0 {
            let mut value = Vec::new();
            if let Some(plmn) = network.plmn {
                put_ber(&mut value, 0x80, &plmn.wire());
            }
            for group in &network.groups {
                if group.id > ID_MAX {
                    return Err(EfError::Object { tag: 0x81, len: 4 });
                }
                let [a, b, c, d] = (group.id << ID_SHIFT).to_be_bytes();
                put_ber(&mut value, 0x81, &[group.type_record, group.name_record, a, b, c, d]);
            }
            if let Some(display) = network.display {
                put_ber(&mut value, 0x82, &[display]);
            }
            put_ber(out, 0xA0, &value);
        }
        Ok(())
    }
}

impl ClosedGroup {
    fn parse(objects: BerReader<'_>) -> Result<Self, EfError> {
        let mut network = Self::default();
        for object in objects {
            let object = object?;
            match object.tag {
                0x80 => network.plmn = Plmn::from_wire(fixed(object.tag, object.value)?)?,
                0x81 => {
                    let [type_record, name_record, a, b, c, d] = fixed(object.tag, object.value)?;
                    let id = u32::from_be_bytes([a, b, c, d]) >> ID_SHIFT;
                    network.groups.push(CsgInformation { type_record, name_record, id });
                }
                0x82 => network.display = Some(fixed::<1>(object.tag, object.value)?[0]),
                _ => {}
            }
        }
        Ok(network)
    }
}

/// A record of EF.CSGT: how a type of group is shown.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct GroupType {
    /// `89`: text as an alpha identifier, for [`crate::decode_alpha`].
    pub text: Option<Vec<u8>>,
    /// `80`: where an icon is.
    pub icon: Option<String>,
}

impl Contents for GroupType {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let mut kind = Self::default();
        for object in BerReader::new(bytes) {
            let object = object?;
            match object.tag {
                0x89 => kind.text = Some(object.value.to_vec()),
                0x80 => kind.icon = Some(utf8(object.tag, object.value)?.into()),
                _ => {}
            }
        }
        Ok(kind)
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        if let Some(text) = &self.text {
            put_ber(out, 0x89, text);
        }
        if let Some(icon) = &self.icon {
            put_ber(out, 0x80, icon.as_bytes());
        }
        Ok(())
    }
}
