//! Finding and selecting files and applications.

use super::{Card, CardFault, File};
use polysim_apdu::ef::{Application, Contents};
use polysim_apdu::{Channel, Command, FileId, Path, Status};
use polysim_base::{Iccid, Imsi};

/// The beginning of the identifier of every USIM application (TS 31.101, Annex A; TS 101 220).
pub const USIM_AID: [u8; 7] = [0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02];
/// EF.DIR (TS 102.221, 13.1).
const DIR: FileId = FileId(0x2F00);
/// EF.ICCID (TS 102.221, 13.2).
const ICCID: FileId = FileId(0x2FE2);
/// EF.IMSI of an application (TS 31.102, 4.2.2).
const IMSI: FileId = FileId(0x6F07);

impl Card {
    /// Selects a file by the identifiers on the way to it: from the MF, named or not, or from
    /// [`FileId::CURRENT_ADF`]. An empty path is the MF.
    ///
    /// # Errors
    /// [`CardFault::Refused`] with [`Status::FileNotFound`] if there is none, and others.
    pub async fn select(&mut self, path: &[FileId]) -> Result<File, CardFault> {
        let below = path.strip_prefix(&[FileId::MF]).unwrap_or(path);
        let bytes: Vec<u8> = below.iter().flat_map(|file| file.bytes()).collect();
        let Some(way) = Path::new(&bytes) else {
            return self.select_id(FileId::MF).await;
        };
        let response = self.send(Command::select_path(Channel::BASIC, way)).await?;
        match response.status {
            // Cards need not know selection by path, and old ones do not.
            Status::IncorrectP1P2 | Status::WrongP1P2 | Status::FunctionNotSupported => {
                if below.first() != Some(&FileId::CURRENT_ADF) {
                    self.select_id(FileId::MF).await?;
                }
                let mut file = File::new(Vec::new());
                for id in below {
                    file = self.select_id(*id).await?;
                }
                Ok(file)
            }
            status if status.is_done() => Ok(File::new(response.data)),
            status => Err(CardFault::Refused { command: "SELECT", status }),
        }
    }

    async fn select_id(&mut self, file: FileId) -> Result<File, CardFault> {
        let template = self.ask("SELECT", Command::select_fid(Channel::BASIC, file)).await?;
        Ok(File::new(template))
    }

    /// Selects an application on the present channel by its identifier or the beginning of it.
    ///
    /// # Errors
    /// [`CardFault::NoApplication`] and others.
    pub async fn select_application(&mut self, aid: &[u8]) -> Result<File, CardFault> {
        let response = self.send(Command::select_aid(Channel::BASIC, aid)).await?;
        match response.status {
            Status::FileNotFound => Err(CardFault::NoApplication { aid: aid.to_vec() }),
            status if status.is_done() => Ok(File::new(response.data)),
            status => Err(CardFault::Refused { command: "SELECT", status }),
        }
    }

    /// Returns the applications that EF.DIR names.
    ///
    /// # Errors
    /// [`CardFault::Refused`] and others.
    pub async fn applications(&mut self) -> Result<Vec<Application>, CardFault> {
        let file = self.select(&[FileId::MF, DIR]).await?;
        let mut applications = Vec::new();
        for record in self.read_records(&file).await? {
            // Unused records are filled up.
            if record.iter().all(|byte| *byte == 0xFF) {
                continue;
            }
            applications.push(Application::parse(&record)?);
        }
        applications.retain(|application| !application.aid.is_empty());
        Ok(applications)
    }

    /// Returns the application of EF.DIR whose identifier begins so.
    ///
    /// # Errors
    /// [`CardFault::NoApplication`] and others.
    pub async fn find_application(&mut self, aid: &[u8]) -> Result<Application, CardFault> {
        let applications = self.applications().await?;
        applications
            .into_iter()
            .find(|application| application.aid.starts_with(aid))
            .ok_or_else(|| CardFault::NoApplication { aid: aid.to_vec() })
    }

    /// Selects the USIM on the present channel, as EF.DIR names it.
    ///
    /// # Errors
    /// [`CardFault::NoApplication`] and others.
    pub async fn select_usim(&mut self) -> Result<File, CardFault> {
        let usim = self.find_application(&USIM_AID).await?;
        self.select_application(&usim.aid).await
    }

    /// Returns the number of the card. It selects the file.
    ///
    /// # Errors
    /// [`CardFault::Contents`] if the file holds none, and others.
    pub async fn iccid(&mut self) -> Result<Iccid, CardFault> {
        let file = self.select(&[FileId::MF, ICCID]).await?;
        Ok(<Iccid as Contents>::parse(&self.read(&file).await?)?)
    }

    /// Returns the subscription of the USIM. It selects USIM and file; most cards want the PIN
    /// verified before.
    ///
    /// # Errors
    /// [`CardFault::Refused`] with [`Status::SecurityNotSatisfied`] without the PIN, and others.
    pub async fn imsi(&mut self) -> Result<Imsi, CardFault> {
        self.select_usim().await?;
        let file = self.select(&[FileId::CURRENT_ADF, IMSI]).await?;
        Ok(<Imsi as Contents>::parse(&self.read(&file).await?)?)
    }
}
