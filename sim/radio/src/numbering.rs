//! Dialled digits to international numbers (ITU-T E.164).

use crate::config::OperatorConfig;
use polysim_base::Msisdn;

/// What was dialled.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Dialled {
    /// An emergency number.
    Emergency,
    /// An international number.
    Number(Msisdn),
    /// Nothing that can be reached.
    Nobody,
}

/// Returns what `digits` mean in the networks of `operator`: `+` or `00` for international, else
/// national with or without the trunk zero. Signs that people put between digits are skipped.
pub(crate) fn resolve(operator: &OperatorConfig, digits: &str) -> Dialled {
    let digits: String =
        digits.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '.')).collect();
    if operator.emergency.iter().any(|number| **number == *digits) {
        return Dialled::Emergency;
    }
    let international = |digits: &str| Msisdn::parse(digits).ok();
    let number = if let Some(rest) = digits.strip_prefix('+') {
        international(rest)
    } else if let Some(rest) = digits.strip_prefix("00") {
        international(rest)
    } else {
        let national = match digits.strip_prefix('0') {
            Some(rest) if operator.trunk_zero => rest,
            Some(_) | None => &digits,
        };
        international(&format!("{}{national}", operator.country_code))
    };
    number.map_or(Dialled::Nobody, Dialled::Number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::OperatorId;
    use polysim_base::Plmn;

    fn number(text: &str) -> Dialled {
        Dialled::Number(Msisdn::parse(text).unwrap())
    }

    #[test]
    fn every_form_leads_to_the_number() {
        let plmn = Plmn::parse("26201").unwrap();
        let smsc = Msisdn::parse("+491710760000").unwrap();
        let operator = OperatorConfig::new(OperatorId(1), "One", plmn, 49, smsc);
        for dialled in ["+491711234567", "00491711234567", "01711234567", "1711234567"] {
            assert_eq!(resolve(&operator, dialled), number("+491711234567"), "{dialled}");
        }
        assert_eq!(resolve(&operator, "(0171) 123-4567"), number("+491711234567"));
        assert_eq!(resolve(&operator, "112"), Dialled::Emergency);
        for nobody in ["", "+", "12*3", "+4917112345678901", "+0491"] {
            assert_eq!(resolve(&operator, nobody), Dialled::Nobody, "{nobody}");
        }
    }
}
