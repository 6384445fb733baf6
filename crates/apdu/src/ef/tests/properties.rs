//! Records made of arbitrary values read back; `testkit` has the other way round.

use crate::ef::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn dialling_records_round_trip(
        name in "[a-zA-Z а-я]{0,8}",
        digits in "[0-9*#]{1,20}",
        ton_npi: u8,
        configuration in proptest::option::of(0_u8..255),
        extension in proptest::option::of(0_u8..255),
    ) {
        let number = Some(Number { ton_npi, digits });
        let adn = Adn { name, number, configuration, extension };
        prop_assert_eq!(Adn::parse(&adn.emit(34).unwrap()), Ok(adn));
    }

    #[test]
    fn sending_parameters_round_trip(
        name in "[a-z]{0,10}",
        destination in proptest::option::of("[0-9]{1,20}"),
        centre in proptest::option::of("[0-9]{1,20}"),
        fields: [Option<u8>; 3],
    ) {
        let number = |digits: Option<std::string::String>| {
            digits.map(|digits| Number { ton_npi: 0x91, digits })
        };
        let [protocol, coding, validity] = fields;
        let smsp = Smsp {
            name,
            destination: number(destination),
            service_centre: number(centre),
            protocol,
            coding,
            validity,
        };
        prop_assert_eq!(Smsp::parse(&smsp.emit(40).unwrap()), Ok(smsp));
    }
}
