//! Where a file is: what the user calls it, and finding it on the card.

use super::known::{self, Holds, Root};
use anyhow::{Result, anyhow, bail};
use polysim::{Card, CardFault, File};
use polysim_apdu::FileId;
use std::fmt;

/// Most directories in one another on the way to a file.
const DEPTH_MAX: usize = 6;

/// The place of a file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Place {
    pub(super) root: Root,
    /// The way to it from its root.
    pub(super) path: Vec<u16>,
}

impl Place {
    /// Reads `3F00/2FE2`, `7F10/6F3A`, `usim/6F07`, `usim/EF.IMSI`, `EF.IMSI`.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let mut parts = text.split('/').filter(|part| !part.is_empty()).peekable();
        let named = match parts.peek().map(|first| first.to_lowercase()).as_deref() {
            Some("usim" | "adf.usim" | "7ff0" | "7fff") => Some(Root::Usim),
            Some("isim" | "adf.isim" | "7ff1") => Some(Root::Isim),
            Some("mf" | "3f00") => Some(Root::Mf),
            Some(_) => None,
            None => bail!(
                "which file? A path such as 3F00/2FE2 or usim/6F07, or a name such as EF.IMSI"
            ),
        };
        if named.is_some() {
            parts.next();
        }
        let rest: Vec<_> = parts.collect();
        if rest.len() > DEPTH_MAX {
            bail!("{text:?} has more than {DEPTH_MAX} directories in one another");
        }
        if let [name] = *rest
            && let Some((directory, file)) = known::by_name(named, name)
        {
            let path = directory.path.iter().copied().chain([file.fid]).collect();
            return Ok(Self { root: directory.root, path });
        }
        let root = named.unwrap_or(Root::Mf);
        let mut path = Vec::new();
        for part in rest {
            path.extend(steps(root, &path, part).ok_or_else(|| {
                anyhow!("{part:?} in {text:?} is neither a file identifier such as 6F07 nor a name that polysim knows")
            })?);
        }
        Ok(Self { root, path })
    }

    /// Selects the file. Within an application it selects the application first.
    pub(super) async fn select(&self, card: &mut Card) -> Result<File, CardFault> {
        enter(card, self.root).await?;
        at(card, self.root, &self.path).await
    }

    /// Returns the name of the file, if it has one.
    pub(super) fn name(&self) -> Option<&'static str> {
        known::by_path(self.root, &self.path).map(|known| known.name)
    }

    /// Returns what the file holds.
    pub(super) fn holds(&self) -> Holds {
        known::by_path(self.root, &self.path).map_or(Holds::Octets, |known| known.holds)
    }
}

/// Selects the application of a root, if it is one.
pub(super) async fn enter(card: &mut Card, root: Root) -> Result<Option<File>, CardFault> {
    let Some(aid) = root.aid() else {
        return Ok(None);
    };
    let application = match card.find_application(&aid).await {
        Ok(application) => application.aid,
        // A card without EF.DIR may know the application all the same.
        Err(CardFault::Refused { .. }) => aid.to_vec(),
        Err(error) => return Err(error),
    };
    card.select_application(&application).await.map(Some)
}

/// Selects a file of a root that was entered.
pub(super) async fn at(card: &mut Card, root: Root, path: &[u16]) -> Result<File, CardFault> {
    let first = match root {
        Root::Mf => FileId::MF,
        Root::Usim | Root::Isim => FileId::CURRENT_ADF,
    };
    let way: Vec<_> = [first].into_iter().chain(path.iter().copied().map(FileId)).collect();
    card.select(&way).await
}

/// Returns the identifiers that a part of a path stands for.
fn steps(root: Root, before: &[u16], part: &str) -> Option<Vec<u16>> {
    if part.len() == 4
        && let Ok(fid) = u16::from_str_radix(part, 16)
    {
        return Some(vec![fid]);
    }
    if let Some(directory) = known::directory(root, part.trim_start_matches("DF.")) {
        return directory.path.strip_prefix(before).map(<[u16]>::to_vec);
    }
    let directory = root.directories().find(|directory| directory.path == before)?;
    Some(vec![directory.find(part)?.fid])
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.root {
            Root::Mf => "3F00",
            Root::Usim => "usim",
            Root::Isim => "isim",
        })?;
        self.path.iter().try_for_each(|fid| write!(f, "/{fid:04X}"))
    }
}

#[cfg(test)]
mod tests {
    use super::Place;
    use crate::command::card::known::Root;

    fn place(text: &str) -> (Root, Vec<u16>) {
        let place = Place::parse(text).unwrap();
        (place.root, place.path)
    }

    #[test]
    fn paths_and_names_lead_to_the_same_file() {
        for text in ["usim/6F07", "usim/EF.IMSI", "EF.IMSI", "imsi", "EF_IMSI", "7FFF/6F07"] {
            assert_eq!(place(text), (Root::Usim, vec![0x6F07]), "{text}");
        }
        for text in ["3F00/2FE2", "2FE2", "mf/EF.ICCID", "iccid", "/3F00/2fe2"] {
            assert_eq!(place(text), (Root::Mf, vec![0x2FE2]), "{text}");
        }
        for text in ["usim/5FC0/4F0A", "usim/5GS/4F0A", "usim/DF.5GS/EF.Routing_Indicator"] {
            assert_eq!(place(text), (Root::Usim, vec![0x5FC0, 0x4F0A]), "{text}");
        }
        assert_eq!(place("telecom/6F3A"), (Root::Mf, vec![0x7F10, 0x6F3A]));
        assert_eq!(place("telecom/EF.ADN"), (Root::Mf, vec![0x7F10, 0x6F3A]));
        assert_eq!(place("3F00"), (Root::Mf, vec![]));
        assert_eq!(place("7F10/ABCD"), (Root::Mf, vec![0x7F10, 0xABCD]));
    }

    #[test]
    fn what_is_no_file_is_named_in_the_error() {
        for text in [
            "",
            "/",
            "nonsense",
            "usim/6F0",
            "usim/nope/6F07",
            "1111/2222/3333/4444/5555/6666/7777",
        ] {
            assert!(Place::parse(text).is_err(), "{text:?}");
        }
        let error = Place::parse("usim/nope").unwrap_err().to_string();
        assert!(error.contains("\"nope\"") && error.contains("usim/nope"), "{error}");
    }

    #[test]
    fn a_place_is_shown_as_it_can_be_given() {
        for text in ["3F00/2FE2", "usim/5FC0/4F0A", "isim/6F02"] {
            assert_eq!(Place::parse(text).unwrap().to_string(), text);
        }
    }
}
