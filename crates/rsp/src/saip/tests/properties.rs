use std::boxed::Box;
use std::vec::Vec;

use polysim_aka::{Key, Opc};
use polysim_apdu::{KeyRef, Pin};
use polysim_base::{Iccid, Imsi, Plmn};
use proptest::prelude::*;

use crate::saip::element::{
    AdfAccess, AkaParameter, AlgorithmId, AlgorithmParameter, AlgorithmSource, ElementKind, Fcp,
    File, FileItem, FileManagement, FileSet, GenericFileManagement, ManagementItem,
    MappingParameter, PeHeader, PinCodes, PinConfiguration, PinSource, ProfileElement,
    ProprietaryInfo, Rfm, Tries,
};
use crate::saip::template::Template;
use crate::saip::testkit::{everything, fuzz_saip_package};
use crate::saip::{
    Builder, EuiccResponse, Operator, PeStatus, Personal, ProfilePackage, Secret, Status,
    SubscriptionKeys, install, testkit,
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

fn octets(len: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), len)
}

prop_compose! {
    fn proprietary()(
        special in proptest::option::of(any::<u8>()),
        fill in proptest::option::of(octets(1..=200)),
        repeat in proptest::option::of(octets(1..=200)),
        size_max in proptest::option::of(any::<u32>()),
        details in proptest::option::of(any::<u8>()),
    ) -> ProprietaryInfo {
        ProprietaryInfo { special, fill, repeat, size_max, details }
    }
}

prop_compose! {
    fn fcp()(
        descriptor in proptest::option::of(octets(2..=4)),
        file_id in proptest::option::of(any::<u16>()),
        df_name in proptest::option::of(octets(5..=16)),
        life_cycle in proptest::option::of(any::<u8>()),
        security in proptest::option::of(octets(1..=3)),
        file_size in proptest::option::of(any::<u32>()),
        pin_status in proptest::option::of(octets(0..=10)),
        short_id in proptest::option::of(proptest::option::of(any::<u8>())),
        proprietary in proptest::option::of(proprietary()),
        link_path in proptest::option::of(octets(0..=8)),
    ) -> Fcp {
        Fcp {
            descriptor, file_id, df_name, life_cycle, security, file_size, pin_status, short_id,
            proprietary, link_path,
        }
    }
}

fn file() -> impl Strategy<Value = File> {
    let item = prop_oneof![
        Just(FileItem::DoNotCreate),
        fcp().prop_map(|fcp| FileItem::Descriptor(fcp.into())),
        any::<u16>().prop_map(FileItem::Offset),
        octets(0..=300).prop_map(FileItem::Content),
    ];
    proptest::collection::vec(item, 0..5).prop_map(File)
}

prop_compose! {
    fn header()(mandated in any::<bool>(), identification in 0_u16..=0x7FFF) -> PeHeader {
        PeHeader { mandated, identification }
    }
}

fn files() -> impl Strategy<Value = ProfileElement> {
    const KINDS: [ElementKind; 3] =
        [ElementKind::Usim, ElementKind::OptUsim, ElementKind::Df5gProse];
    let files = proptest::collection::btree_map(2_u32..128, file(), 0..6);
    (proptest::sample::select(&KINDS[..]), header(), files).prop_map(|(kind, header, files)| {
        let template = Template::new(kind).oid().unwrap();
        let files = files.into_iter().collect();
        ProfileElement::Files(FileSet { kind, header, template, files })
    })
}

fn aka() -> impl Strategy<Value = ProfileElement> {
    let algorithm = prop_oneof![
        Just(AlgorithmId::Milenage),
        Just(AlgorithmId::Tuak),
        (4..=255_u8).prop_map(AlgorithmId::Other),
    ];
    let parameter = (
        (algorithm, any::<u8>(), octets(0..=32), octets(0..=32)),
        proptest::option::of(any::<[u8; 5]>()),
        proptest::option::of(proptest::collection::vec(any::<u8>(), 80)),
        proptest::option::of(any::<[u8; 3]>()),
        proptest::option::of(any::<u8>()),
    );
    let parameter = parameter.prop_map(|(keys, rotation, xoring, counter_max, iterations)| {
        let (algorithm, options, key, opc) = keys;
        AlgorithmSource::Own(AlgorithmParameter {
            algorithm,
            options,
            key: Secret::new(&key),
            opc: Secret::new(&opc),
            rotation,
            xoring: xoring.map(|xoring| Box::new(xoring.try_into().unwrap())),
            counter_max,
            keccak_iterations: iterations,
        })
    });
    let mapping = (any::<u8>(), octets(5..=16)).prop_map(|(options, source)| {
        AlgorithmSource::Mapping(MappingParameter { options, source })
    });
    let sqn = || proptest::option::of(any::<[u8; 6]>());
    let sqns = proptest::option::of(proptest::collection::vec(any::<[u8; 6]>(), 32));
    let source = prop_oneof![parameter, mapping];
    (header(), source, proptest::option::of(any::<u8>()), sqn(), sqn(), sqns).prop_map(
        |(header, source, sqn_options, sqn_delta, sqn_age_limit, sqns)| {
            let sqn_init = sqns.map(|sqns| Box::new(sqns.try_into().unwrap()));
            ProfileElement::AkaParameter(AkaParameter {
                header,
                source,
                sqn_options,
                sqn_delta,
                sqn_age_limit,
                sqn_init,
            })
        },
    )
}

fn management() -> impl Strategy<Value = ProfileElement> {
    let item = prop_oneof![
        octets(0..=8).prop_map(ManagementItem::Path),
        fcp().prop_map(|fcp| ManagementItem::Create(fcp.into())),
        any::<u16>().prop_map(ManagementItem::Offset),
        octets(0..=40).prop_map(ManagementItem::Content),
    ];
    let command = proptest::collection::vec(item, 0..6).prop_map(FileManagement);
    (header(), proptest::collection::vec(command, 0..4)).prop_map(|(header, commands)| {
        ProfileElement::GenericFileManagement(GenericFileManagement { header, commands })
    })
}

fn codes() -> impl Strategy<Value = ProfileElement> {
    let tries = || (0..16_u8, 0..16_u8).prop_map(|(max, left)| Tries { max, left });
    let pin = (
        any::<u8>().prop_map(KeyRef),
        any::<[u8; 8]>().prop_map(Pin::new),
        proptest::option::of(any::<u8>().prop_map(KeyRef)),
        proptest::option::of(any::<u8>()),
        proptest::option::of(tries()),
    );
    let pin = pin.prop_map(|(reference, value, unblocked_by, attributes, tries)| {
        PinConfiguration { reference, value, unblocked_by, attributes, tries }
    });
    let source = prop_oneof![
        proptest::collection::vec(pin, 1..26).prop_map(PinSource::Own),
        octets(0..=8).prop_map(PinSource::Shared),
    ];
    (header(), source)
        .prop_map(|(header, source)| ProfileElement::PinCodes(PinCodes { header, source }))
}

prop_compose! {
    fn rfm()(
        header in header(),
        instance in octets(5..=16),
        domain in proptest::option::of(octets(5..=16)),
        tars in proptest::option::of(proptest::collection::vec(any::<[u8; 3]>(), 1..5)),
        security in any::<u8>(),
        (access, admin_access) in (octets(0..=9), octets(0..=9)),
        adf in proptest::option::of((octets(5..=16), octets(0..=9), octets(0..=9))),
    ) -> ProfileElement {
        let adf = adf.map(|(aid, access, admin_access)| AdfAccess { aid, access, admin_access });
        ProfileElement::Rfm(Rfm { header, instance, domain, tars, security, access, admin_access, adf })
    }
}

proptest! {
    #[test]
    fn an_element_survives_the_wire(
        element in prop_oneof![files(), aka(), management(), codes(), rfm()],
    ) {
        let mut der = Vec::new();
        element.encode(&mut der);
        prop_assert_eq!(ProfileElement::decode(&der), Ok(element));
        fuzz_saip_package(&der);
    }
}
