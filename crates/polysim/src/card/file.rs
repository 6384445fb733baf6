//! Reading and writing files.

use super::{Card, CardFault};
use polysim_apdu::{
    BinaryAddress, Channel, Command, Fcp, FcpError, FileId, FileStructure, Le, LifeCycle, Offset,
    RecordRef, Records, Status,
};

/// Most bytes read or written by one command: what every length byte, reader and modem carries.
const BLOCK: usize = 255;
/// The last place that READ BINARY and UPDATE BINARY reach (TS 102.221, 11.1.3.2).
const OFFSET_MAX: usize = 0x7FFF;

/// A file that was selected, by what the card said about it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct File {
    /// Its identifier; an application may have none.
    pub file_id: Option<FileId>,
    /// What kind of file it is.
    pub structure: FileStructure,
    /// Bytes of a transparent file.
    pub size: Option<u32>,
    /// Number and length of the records of a record file.
    pub records: Option<Records>,
    /// Whether it is activated, if the card tells.
    pub life_cycle: Option<LifeCycle>,
    /// The FCP template as it came; empty where the card gave none.
    pub template: Vec<u8>,
}

impl File {
    /// Takes an FCP template. Of what cannot be read nothing is known: the file may be read all
    /// the same.
    pub(super) fn new(template: Vec<u8>) -> Self {
        let fcp = Fcp::parse(&template).ok();
        Self {
            file_id: fcp.and_then(|fcp| fcp.file_id),
            structure: fcp.map_or(FileStructure::Unspecified, |fcp| fcp.descriptor.structure),
            size: fcp.and_then(|fcp| fcp.file_size),
            records: fcp.and_then(|fcp| fcp.descriptor.records),
            life_cycle: fcp.and_then(|fcp| fcp.life_cycle),
            template,
        }
    }

    /// Returns all that the card said about it; `None` if it said nothing.
    ///
    /// # Errors
    /// [`FcpError`].
    pub fn fcp(&self) -> Result<Option<Fcp<'_>>, FcpError> {
        if self.template.is_empty() { Ok(None) } else { Fcp::parse(&self.template).map(Some) }
    }
}

impl Card {
    /// Reads the whole of the selected transparent file, in as many commands as it takes.
    ///
    /// # Errors
    /// [`CardFault::Structure`] for another kind of file, [`CardFault::Refused`] and others.
    pub async fn read(&mut self, file: &File) -> Result<Vec<u8>, CardFault> {
        match file.structure {
            FileStructure::Transparent | FileStructure::Unspecified => {}
            structure @ (FileStructure::Df
            | FileStructure::LinearFixed
            | FileStructure::Cyclic
            | FileStructure::BerTlv) => return Err(CardFault::Structure { structure }),
        }
        let size = file.size.and_then(|size| usize::try_from(size).ok());
        let mut whole = Vec::new();
        while size.is_none_or(|size| whole.len() < size) {
            let room = size.map_or(BLOCK, |size| (size - whole.len()).min(BLOCK));
            let address = BinaryAddress::Current(offset(whole.len())?);
            let length = Le::new(room).unwrap_or(Le::ANY);
            let response = self.send(Command::read_binary(Channel::BASIC, address, length)).await?;
            match response.status {
                // The end of a file of which the size was not told.
                Status::WrongP1P2 | Status::IncorrectP1P2 if size.is_none() => break,
                status if !status.is_done() => {
                    return Err(CardFault::Refused { command: "READ BINARY", status });
                }
                _ => {}
            }
            let len = response.data.len();
            whole.extend(response.data);
            match size {
                None if len < room => break,
                Some(size) if len == 0 || len > room => {
                    return Err(CardFault::WrongLength { len: whole.len(), expected: size });
                }
                Some(_) | None => {}
            }
        }
        Ok(whole)
    }

    /// Reads one record of the selected file, counted from 1.
    ///
    /// # Errors
    /// [`CardFault::Refused`] with [`Status::RecordNotFound`] behind the last record, and others.
    pub async fn read_record(&mut self, file: &File, number: u8) -> Result<Vec<u8>, CardFault> {
        let length = record_length(file)?;
        let record = RecordRef::of_number(number);
        self.ask("READ RECORD", Command::read_record(Channel::BASIC, record, length)).await
    }

    /// Reads all records of the selected file.
    ///
    /// # Errors
    /// As [`read_record`](Self::read_record).
    pub async fn read_records(&mut self, file: &File) -> Result<Vec<Vec<u8>>, CardFault> {
        let count = file.records.map_or(u8::MAX - 1, |records| records.count);
        let mut records = Vec::new();
        for number in 1..=count {
            match self.read_record(file, number).await {
                Ok(record) => records.push(record),
                // The end of a file of which the number of records was not told.
                Err(CardFault::Refused { status: Status::RecordNotFound, .. })
                    if file.records.is_none_or(|records| records.count == 0) =>
                {
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(records)
    }

    /// Writes into the selected transparent file, in as many commands as it takes. If one of them
    /// fails, those before it are done.
    ///
    /// # Errors
    /// [`CardFault::Offset`], [`CardFault::Refused`] and others.
    pub async fn update(&mut self, at: usize, data: &[u8]) -> Result<(), CardFault> {
        for (block, data) in data.chunks(BLOCK).enumerate() {
            let address = BinaryAddress::Current(offset(at.saturating_add(block * BLOCK))?);
            let command = Command::update_binary(Channel::BASIC, address, data);
            self.ask("UPDATE BINARY", command).await?;
        }
        Ok(())
    }

    /// Writes one record of the selected file, counted from 1.
    ///
    /// # Errors
    /// [`CardFault::Refused`] and others.
    pub async fn update_record(&mut self, number: u8, data: &[u8]) -> Result<(), CardFault> {
        let record = RecordRef::of_number(number);
        self.ask("UPDATE RECORD", Command::update_record(Channel::BASIC, record, data))
            .await
            .map(drop)
    }
}

fn offset(at: usize) -> Result<Offset, CardFault> {
    let beyond = CardFault::Offset { offset: at, limit: OFFSET_MAX };
    u16::try_from(at).ok().and_then(Offset::new).ok_or(beyond)
}

fn record_length(file: &File) -> Result<Le, CardFault> {
    match file.structure {
        FileStructure::LinearFixed | FileStructure::Cyclic | FileStructure::Unspecified => {
            let length = file.records.map_or(0, |records| usize::from(records.length));
            Ok(Le::new(length).filter(|length| length.is_short()).unwrap_or(Le::ANY))
        }
        structure @ (FileStructure::Df | FileStructure::Transparent | FileStructure::BerTlv) => {
            Err(CardFault::Structure { structure })
        }
    }
}
