use std::string::String;

use polysim_aka::{Key, Opc};
use polysim_base::{Iccid, Imsi, Plmn};
use proptest::prelude::*;

use crate::saip::testkit::{everything, fuzz_saip_package};
use crate::saip::{
    Builder, EuiccResponse, Operator, PeStatus, Personal, ProfilePackage, Status, SubscriptionKeys,
    install, testkit,
};

prop_compose! {
    fn builder()(
        iccid in "89[0-9]{17}",
        imsi in "00101[0-9]{10}",
        key in any::<[u8; 16]>(),
        opc in any::<[u8; 16]>(),
        name in "[A-Za-z ]{1,16}",
        phonebook in 0_u8..=250,
        texts in 1_u8..=180,
        period in any::<u8>(),
    ) -> Builder {
        let keys = SubscriptionKeys::Milenage { key: Key::from(key), opc: Opc::from(opc) };
        let personal =
            Personal::new(Iccid::parse(&iccid).unwrap(), Imsi::parse(&imsi).unwrap(), keys);
        let mut operator = Operator::new(Plmn::parse("001-01").unwrap(), &name);
        (operator.phonebook, operator.texts, operator.search_period) = (phonebook, texts, period);
        Builder::new(personal, operator)
    }
}

fn status() -> impl Strategy<Value = PeStatus> {
    let option = |max| proptest::option::of(0..=max);
    let status = any::<u16>().prop_map(Status::of);
    (status, option(0x7FFF_u32), option(255), option(0x7FFF_FFFF)).prop_map(
        |(status, identification, additional, offset)| PeStatus {
            status,
            identification: identification.map(|id| u16::try_from(id).unwrap()),
            additional: additional.map(|info| u8::try_from(info).unwrap()),
            offset,
        },
    )
}

proptest! {
    #[test]
    fn what_is_built_installs_and_survives_the_wire(builder in builder()) {
        let package = builder.build().unwrap();
        let der = package.encode();
        let read = ProfilePackage::decode(&der).unwrap();
        prop_assert!(read.elements().eq(package.elements()));
        prop_assert_eq!(read.encode(), der);
        let image = install(&read, &everything()).image.unwrap();
        prop_assert_eq!(image.imsi(), Some(builder.personal.imsi));
        prop_assert_eq!(image.ef_iccid(), Some(builder.personal.iccid));
    }

    #[test]
    fn no_octets_make_the_reader_panic(octets in proptest::collection::vec(any::<u8>(), 0..512)) {
        fuzz_saip_package(&octets);
    }

    #[test]
    fn no_change_to_a_package_makes_anything_panic(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let mut der = testkit::builder().build().unwrap().encode().to_vec();
        for (at, octet) in changes {
            let at = at.index(der.len());
            der[at] = octet;
        }
        if let Some(cut) = cut {
            der.truncate(cut.index(der.len()));
        }
        fuzz_saip_package(&der);
    }

    #[test]
    fn a_response_survives_the_wire(
        states in proptest::collection::vec(status(), 0..8),
        aborted in any::<bool>(),
        message in proptest::option::of("[ -~]{2,64}"),
    ) {
        let message = message.map(String::from);
        let response = EuiccResponse { states, aborted, message };
        prop_assert_eq!(EuiccResponse::decode(&response.encode()), Ok(response));
    }

    #[test]
    fn no_octets_make_the_reader_of_responses_panic(
        octets in proptest::collection::vec(any::<u8>(), 0..64),
    ) {
        drop(EuiccResponse::decode(&octets));
    }
}
