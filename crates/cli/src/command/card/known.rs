//! The files that standards give a card, by place (TS 102.221, 13; TS 31.102, 4; TS 31.103, 4;
//! TS 51.011, 10).

use super::show;
pub(super) use super::show::Holds;

/// What a path begins at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Root {
    Mf,
    Usim,
    Isim,
}

/// The beginning of the identifier of every ISIM application (TS 101 220).
const ISIM_AID: [u8; 7] = [0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x04];

impl Root {
    pub(super) const ALL: [Self; 3] = [Self::Mf, Self::Usim, Self::Isim];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Mf => "MF",
            Self::Usim => "ADF.USIM",
            Self::Isim => "ADF.ISIM",
        }
    }

    /// Returns the beginning of the identifier of the application.
    pub(super) const fn aid(self) -> Option<[u8; 7]> {
        match self {
            Self::Mf => None,
            Self::Usim => Some(polysim::card::USIM_AID),
            Self::Isim => Some(ISIM_AID),
        }
    }

    pub(super) fn directories(self) -> impl Iterator<Item = &'static Directory> {
        DIRECTORIES.iter().filter(move |directory| directory.root == self)
    }
}

/// A directory and the files in it.
#[derive(Debug)]
pub(super) struct Directory {
    pub(super) root: Root,
    pub(super) name: &'static str,
    /// The way to it from its root.
    pub(super) path: &'static [u16],
    pub(super) files: &'static [Known],
}

impl Directory {
    /// Finds a file in it by name.
    pub(super) fn find(&self, name: &str) -> Option<&'static Known> {
        self.files.iter().find(|file| bare(file.name) == bare(name))
    }
}

/// Returns a name as it is compared.
fn bare(name: &str) -> String {
    let upper = name.to_uppercase();
    upper.strip_prefix("EF.").or_else(|| upper.strip_prefix("EF_")).unwrap_or(&upper).to_owned()
}

/// A file with a name and a meaning.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) fid: u16,
    pub(super) name: &'static str,
    pub(super) holds: Holds,
}

const fn ef(fid: u16, name: &'static str, holds: Holds) -> Known {
    Known { fid, name, holds }
}

/// The MF and the USIM come first: a name that several have is theirs.
const DIRECTORIES: &[Directory] = &[
    Directory { root: Root::Mf, name: "MF", path: &[], files: MF },
    Directory { root: Root::Usim, name: "ADF.USIM", path: &[], files: USIM },
    Directory { root: Root::Usim, name: "DF.PHONEBOOK", path: &[0x5F3A], files: PHONEBOOK },
    Directory { root: Root::Usim, name: "DF.GSM-ACCESS", path: &[0x5F3B], files: GSM_ACCESS },
    Directory { root: Root::Usim, name: "DF.HNB", path: &[0x5F50], files: HNB },
    Directory { root: Root::Usim, name: "DF.5GS", path: &[0x5FC0], files: FIVE_GS },
    Directory { root: Root::Isim, name: "ADF.ISIM", path: &[], files: ISIM },
    Directory { root: Root::Mf, name: "DF.TELECOM", path: &[0x7F10], files: TELECOM },
    Directory { root: Root::Mf, name: "DF.PHONEBOOK", path: &[0x7F10, 0x5F3A], files: PHONEBOOK },
    Directory { root: Root::Mf, name: "DF.GSM", path: &[0x7F20], files: GSM },
];

const MF: &[Known] = &[
    ef(0x2F00, "EF.DIR", Holds::Text(show::application)),
    ef(0x2F05, "EF.PL", Holds::Text(show::languages)),
    ef(0x2F06, "EF.ARR", Holds::Text(show::access_rules)),
    ef(0x2F08, "EF.UMPC", Holds::Text(show::card_power)),
    ef(0x2FE2, "EF.ICCID", Holds::Text(show::iccid)),
];

const USIM: &[Known] = &[
    ef(0x6F05, "EF.LI", Holds::Text(show::languages)),
    ef(0x6F06, "EF.ARR", Holds::Text(show::access_rules)),
    ef(0x6F07, "EF.IMSI", Holds::Text(show::imsi)),
    ef(0x6F08, "EF.Keys", Holds::Keys),
    ef(0x6F09, "EF.KeysPS", Holds::Keys),
    ef(0x6F2C, "EF.DCK", Holds::Keys),
    ef(0x6F31, "EF.HPPLMN", Holds::Text(show::search_period)),
    ef(0x6F32, "EF.CNL", Holds::Octets),
    ef(0x6F37, "EF.ACMmax", Holds::Octets),
    ef(0x6F38, "EF.UST", Holds::Text(show::services)),
    ef(0x6F39, "EF.ACM", Holds::Octets),
    ef(0x6F3B, "EF.FDN", Holds::Text(show::dialling)),
    ef(0x6F3C, "EF.SMS", Holds::Text(show::message)),
    ef(0x6F3E, "EF.GID1", Holds::Octets),
    ef(0x6F3F, "EF.GID2", Holds::Octets),
    ef(0x6F40, "EF.MSISDN", Holds::Text(show::dialling)),
    ef(0x6F41, "EF.PUCT", Holds::Octets),
    ef(0x6F42, "EF.SMSP", Holds::Text(show::message_parameters)),
    ef(0x6F43, "EF.SMSS", Holds::Text(show::message_status)),
    ef(0x6F45, "EF.CBMI", Holds::Octets),
    ef(0x6F46, "EF.SPN", Holds::Text(show::provider)),
    ef(0x6F47, "EF.SMSR", Holds::Octets),
    ef(0x6F48, "EF.CBMID", Holds::Octets),
    ef(0x6F49, "EF.SDN", Holds::Text(show::dialling)),
    ef(0x6F4B, "EF.EXT2", Holds::Octets),
    ef(0x6F4C, "EF.EXT3", Holds::Octets),
    ef(0x6F4E, "EF.EXT5", Holds::Octets),
    ef(0x6F50, "EF.CBMIR", Holds::Octets),
    ef(0x6F56, "EF.EST", Holds::Text(show::services)),
    ef(0x6F57, "EF.ACL", Holds::Octets),
    ef(0x6F5B, "EF.START-HFN", Holds::Text(show::start_hfn)),
    ef(0x6F5C, "EF.THRESHOLD", Holds::Octets),
    ef(0x6F60, "EF.PLMNwAcT", Holds::Text(show::plmns_with_technologies)),
    ef(0x6F61, "EF.OPLMNwAcT", Holds::Text(show::plmns_with_technologies)),
    ef(0x6F62, "EF.HPLMNwAcT", Holds::Text(show::plmns_with_technologies)),
    ef(0x6F73, "EF.PSLOCI", Holds::Text(show::ps_location)),
    ef(0x6F78, "EF.ACC", Holds::Text(show::access_classes)),
    ef(0x6F7B, "EF.FPLMN", Holds::Text(show::plmns)),
    ef(0x6F7E, "EF.LOCI", Holds::Text(show::location)),
    ef(0x6FAD, "EF.AD", Holds::Text(show::administrative)),
    ef(0x6FB7, "EF.ECC", Holds::Text(show::emergency_number)),
    ef(0x6FC4, "EF.NETPAR", Holds::Octets),
    ef(0x6FC5, "EF.PNN", Holds::Text(show::network_name)),
    ef(0x6FC6, "EF.OPL", Holds::Text(show::network_area)),
    ef(0x6FC7, "EF.MBDN", Holds::Text(show::dialling)),
    ef(0x6FC9, "EF.MBI", Holds::Octets),
    ef(0x6FCA, "EF.MWIS", Holds::Octets),
    ef(0x6FCB, "EF.CFIS", Holds::Octets),
    ef(0x6FCD, "EF.SPDI", Holds::Octets),
    ef(0x6FD9, "EF.EHPLMN", Holds::Text(show::plmns)),
    ef(0x6FDB, "EF.EHPLMNPI", Holds::Octets),
    ef(0x6FE3, "EF.EPSLOCI", Holds::Text(show::eps_location)),
    ef(0x6FE4, "EF.EPSNSC", Holds::Keys),
    ef(0x6FE8, "EF.NASCONFIG", Holds::Octets),
    ef(0x6FEC, "EF.PWS", Holds::Octets),
];

const PHONEBOOK: &[Known] =
    &[ef(0x4F30, "EF.PBR", Holds::Octets), ef(0x4F3A, "EF.ADN", Holds::Text(show::dialling))];

const GSM_ACCESS: &[Known] = &[
    ef(0x4F20, "EF.Kc", Holds::Keys),
    ef(0x4F52, "EF.KcGPRS", Holds::Keys),
    ef(0x4F63, "EF.CPBCCH", Holds::Octets),
    ef(0x4F64, "EF.InvScan", Holds::Octets),
];

const HNB: &[Known] = &[
    ef(0x4F81, "EF.ACSGL", Holds::Octets),
    ef(0x4F82, "EF.CSGT", Holds::Octets),
    ef(0x4F83, "EF.HNBN", Holds::Octets),
    ef(0x4F84, "EF.OCSGL", Holds::Octets),
];

const FIVE_GS: &[Known] = &[
    ef(0x4F01, "EF.5GS3GPPLOCI", Holds::Text(show::five_gs_location)),
    ef(0x4F02, "EF.5GSN3GPPLOCI", Holds::Text(show::five_gs_location)),
    ef(0x4F03, "EF.5GS3GPPNSC", Holds::Keys),
    ef(0x4F04, "EF.5GSN3GPPNSC", Holds::Keys),
    ef(0x4F05, "EF.5GAUTHKEYS", Holds::Keys),
    ef(0x4F06, "EF.UAC_AIC", Holds::Octets),
    ef(0x4F07, "EF.SUCI_Calc_Info", Holds::Text(show::suci)),
    ef(0x4F08, "EF.OPL5G", Holds::Octets),
    ef(0x4F09, "EF.SUPI_NAI", Holds::Octets),
    ef(0x4F0A, "EF.Routing_Indicator", Holds::Text(show::routing_indicator)),
];

const ISIM: &[Known] = &[
    ef(0x6F02, "EF.IMPI", Holds::Text(show::ims_text)),
    ef(0x6F03, "EF.DOMAIN", Holds::Text(show::ims_text)),
    ef(0x6F04, "EF.IMPU", Holds::Text(show::ims_text)),
    ef(0x6F06, "EF.ARR", Holds::Text(show::access_rules)),
    ef(0x6F07, "EF.IST", Holds::Text(show::services)),
    ef(0x6F09, "EF.P-CSCF", Holds::Octets),
    ef(0x6FAD, "EF.AD", Holds::Text(show::administrative)),
];

const TELECOM: &[Known] = &[
    ef(0x6F06, "EF.ARR", Holds::Text(show::access_rules)),
    ef(0x6F3A, "EF.ADN", Holds::Text(show::dialling)),
    ef(0x6F3B, "EF.FDN", Holds::Text(show::dialling)),
    ef(0x6F3C, "EF.SMS", Holds::Text(show::message)),
    ef(0x6F40, "EF.MSISDN", Holds::Text(show::dialling)),
    ef(0x6F42, "EF.SMSP", Holds::Text(show::message_parameters)),
    ef(0x6F43, "EF.SMSS", Holds::Text(show::message_status)),
    ef(0x6F44, "EF.LND", Holds::Text(show::dialling)),
    ef(0x6F49, "EF.SDN", Holds::Text(show::dialling)),
];

const GSM: &[Known] = &[
    ef(0x6F05, "EF.LP", Holds::Octets),
    ef(0x6F07, "EF.IMSI", Holds::Text(show::imsi)),
    ef(0x6F20, "EF.Kc", Holds::Keys),
    ef(0x6F30, "EF.PLMNsel", Holds::Text(show::plmns)),
    ef(0x6F31, "EF.HPPLMN", Holds::Text(show::search_period)),
    ef(0x6F37, "EF.ACMmax", Holds::Octets),
    ef(0x6F38, "EF.SST", Holds::Octets),
    ef(0x6F39, "EF.ACM", Holds::Octets),
    ef(0x6F3E, "EF.GID1", Holds::Octets),
    ef(0x6F3F, "EF.GID2", Holds::Octets),
    ef(0x6F45, "EF.CBMI", Holds::Octets),
    ef(0x6F46, "EF.SPN", Holds::Text(show::provider)),
    ef(0x6F48, "EF.CBMID", Holds::Octets),
    ef(0x6F50, "EF.CBMIR", Holds::Octets),
    ef(0x6F52, "EF.KcGPRS", Holds::Keys),
    ef(0x6F53, "EF.LOCIGPRS", Holds::Text(show::ps_location)),
    ef(0x6F60, "EF.PLMNwAcT", Holds::Text(show::plmns_with_technologies)),
    ef(0x6F61, "EF.OPLMNwAcT", Holds::Text(show::plmns_with_technologies)),
    ef(0x6F62, "EF.HPLMNwAcT", Holds::Text(show::plmns_with_technologies)),
    ef(0x6F74, "EF.BCCH", Holds::Octets),
    ef(0x6F78, "EF.ACC", Holds::Text(show::access_classes)),
    ef(0x6F7B, "EF.FPLMN", Holds::Text(show::plmns)),
    ef(0x6F7E, "EF.LOCI", Holds::Text(show::location)),
    ef(0x6FAD, "EF.AD", Holds::Text(show::administrative)),
    ef(0x6FAE, "EF.Phase", Holds::Octets),
    ef(0x6FB7, "EF.ECC", Holds::Octets),
    ef(0x6FC5, "EF.PNN", Holds::Text(show::network_name)),
    ef(0x6FC6, "EF.OPL", Holds::Text(show::network_area)),
];

/// Finds a file by name, with or without `EF.` before it and whatever its case; in one root, or
/// in the first that has it.
pub(super) fn by_name(
    root: Option<Root>,
    name: &str,
) -> Option<(&'static Directory, &'static Known)> {
    DIRECTORIES
        .iter()
        .filter(|directory| root.is_none_or(|root| directory.root == root))
        .find_map(|directory| Some((directory, directory.find(name)?)))
}

/// Finds a file by its place.
pub(super) fn by_path(root: Root, path: &[u16]) -> Option<&'static Known> {
    let (fid, folder) = path.split_last()?;
    root.directories()
        .find(|directory| directory.path == folder)?
        .files
        .iter()
        .find(|file| file.fid == *fid)
}

/// Returns the name of a file or directory, of the first that has the identifier.
pub(in crate::command) fn name_of(fid: u16) -> Option<&'static str> {
    if fid == 0x7FFF {
        return Some("the application in use");
    }
    let directory = |directory: &&Directory| match directory.path.last() {
        Some(last) => *last == fid,
        None => directory.root == Root::Mf && fid == 0x3F00,
    };
    let files = || DIRECTORIES.iter().flat_map(|directory| directory.files);
    DIRECTORIES
        .iter()
        .find(directory)
        .map(|directory| directory.name)
        .or_else(|| files().find(|file| file.fid == fid).map(|file| file.name))
}

/// Finds a directory by its name, with or without `DF.` before it.
pub(super) fn directory(root: Root, name: &str) -> Option<&'static Directory> {
    let wanted = name.to_uppercase();
    root.directories()
        .find(|directory| directory.name.split_once('.').is_some_and(|(_, bare)| bare == wanted))
}
