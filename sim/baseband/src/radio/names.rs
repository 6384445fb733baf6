//! What networks are called.

use crate::core::Core;
use polysim_at::OperatorFormat;
use polysim_base::Plmn;
use polysim_radio::operators;
use std::sync::Arc;

/// Country codes of test networks (ITU-T E.212).
const TEST_COUNTRIES: [u16; 2] = [1, 999];

/// How a network calls itself.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) full: Arc<str>,
    pub(crate) short: Arc<str>,
}

/// The name the serving network gave itself (NITZ), and what is known of the others.
#[derive(Debug)]
pub(crate) struct Names<'a> {
    told: Option<(Plmn, &'a Told)>,
}

impl<'a> Names<'a> {
    pub(crate) fn of(core: &'a Core) -> Self {
        let serving = core.radio.serving.map(|cell| cell.plmn);
        Self { told: serving.zip(core.names.as_ref()) }
    }

    /// Returns the name of a network in a format; its digits where nothing better is known.
    pub(crate) fn name(&self, plmn: Plmn, format: OperatorFormat) -> String {
        let told = self.told.filter(|(serving, _)| *serving == plmn);
        let name = match (format, told) {
            (OperatorFormat::Long, Some((_, told))) => &*told.full,
            (OperatorFormat::Short, Some((_, told))) => &*told.short,
            _ => "",
        };
        if !name.is_empty() {
            return name.to_string();
        }
        let digits = plmn.to_string();
        let named = matches!(format, OperatorFormat::Long | OperatorFormat::Short);
        // The table is long, and test networks are not in it.
        let listed = named && !TEST_COUNTRIES.contains(&plmn.mcc());
        let known = if listed { operators::by_plmn(&digits) } else { None };
        known.map_or(digits, |operator| operator.name.to_string())
    }
}
