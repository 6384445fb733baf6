//! SELECT and STATUS (TS 102.221, 8.4, 11.1.1 and 11.1.2).

use polysim_apdu::{
    Channel, FileId, FileTarget, Occurrence, Path, Select, SelectReply, SelectTarget, Session,
    Status, StatusReply,
};

use crate::card::{Answer, Card};
use crate::channel::Selection;
use crate::template::{FileIndex, Template};

impl Card {
    /// SELECT. A SELECT that fails changes nothing.
    pub(crate) fn select(
        &mut self,
        channel: Channel,
        select: &Select<'_>,
        out: &mut Vec<u8>,
    ) -> Answer {
        let template = self.contents.profile.template();
        let selection = *self.selection(channel)?;
        let Some(index) = find(template, &selection, select.target) else {
            let applet = match select.target {
                SelectTarget::Aid { aid, .. } => {
                    let domain = self.select_domain(channel, aid, select.reply, out);
                    domain.or_else(|| self.select_applet(channel, aid, select.reply, out))
                }
                SelectTarget::FileId(_)
                | SelectTarget::ChildDf(_)
                | SelectTarget::ParentDf
                | SelectTarget::PathFromMf(_)
                | SelectTarget::PathFromCurrentDf(_) => None,
            };
            return applet.unwrap_or(Err(Status::FileNotFound));
        };
        self.deselect_applet(channel);
        self.deselect_domain(channel);
        if select.session == Session::Terminate {
            return self.terminate(channel, index);
        }
        *self.selection_mut(channel)? = self.selected(selection, index);
        match select.reply {
            SelectReply::Nothing => {}
            SelectReply::Fcp => self.append_fcp(index, out),
            SelectReply::Fci => match template_aid(self.contents.profile.template(), index) {
                Some(aid) => append_fci(aid, out),
                None => self.append_fcp(index, out),
            },
        }
        if self.is_deactivated(index) { Ok(Status::FileDeactivated) } else { Ok(Status::Success) }
    }

    /// Returns what is selected once this file is.
    pub(crate) fn selected(&self, mut selection: Selection, index: FileIndex) -> Selection {
        let template = self.contents.profile.template();
        if template.is_df(index) {
            selection.set_df(index);
            if template.application(index).is_some() {
                selection.adf = index;
            }
        } else {
            selection.set_ef(template.file(index).parent, index);
        }
        selection
    }

    /// Ends the session of an application; the MF is the current DF then.
    fn terminate(&mut self, channel: Channel, adf: FileIndex) -> Answer {
        if self.contents.profile.template().application(adf).is_none() {
            return Err(Status::IncorrectP1P2);
        }
        let selection = self.selection_mut(channel)?;
        if selection.adf != adf {
            return Err(Status::ConditionsNotSatisfied);
        }
        *selection = Selection::MF;
        Ok(Status::Success)
    }

    /// STATUS.
    pub(crate) fn status(&self, channel: Channel, reply: StatusReply, out: &mut Vec<u8>) -> Answer {
        let selection = self.selection(channel)?;
        match reply {
            StatusReply::Nothing => {}
            StatusReply::Fcp => self.append_fcp(selection.df, out),
            StatusReply::DfName => {
                let template = self.contents.profile.template();
                let aid = selection
                    .adf
                    .some()
                    .and_then(|adf| template_aid(template, adf))
                    .ok_or(Status::ConditionsNotSatisfied)?;
                append_name(aid, out);
            }
        }
        Ok(Status::Success)
    }

    /// Finds the file of a SELECT of class `A0`.
    pub(crate) fn sim_find(&self, select: &Select<'_>) -> Result<FileIndex, Status> {
        let selection = self.selection(Channel::BASIC)?;
        let found = find(self.contents.profile.template(), selection, select.target);
        found.ok_or(Status::FileNotFound)
    }

    /// Returns the file of a management command.
    pub(super) fn find_target(
        &self,
        selection: &Selection,
        target: FileTarget<'_>,
    ) -> Result<FileIndex, Status> {
        let template = self.contents.profile.template();
        let target = match target {
            FileTarget::Current => return Ok(selection.ef.some().unwrap_or(selection.df)),
            FileTarget::FileId(fid) => SelectTarget::FileId(fid),
            FileTarget::PathFromMf(path) => SelectTarget::PathFromMf(path),
            FileTarget::PathFromCurrentDf(path) => SelectTarget::PathFromCurrentDf(path),
        };
        find(template, selection, target).ok_or(Status::FileNotFound)
    }
}

fn template_aid(template: &Template, index: FileIndex) -> Option<&[u8]> {
    template.application(index).map(|application| &*application.aid)
}

/// Appends the FCI of an application: its name.
fn append_fci(aid: &[u8], out: &mut Vec<u8>) {
    out.extend([0x6F, u8::try_from(aid.len() + 2).unwrap_or(u8::MAX)]);
    append_name(aid, out);
}

fn append_name(aid: &[u8], out: &mut Vec<u8>) {
    out.extend([0x84, u8::try_from(aid.len()).unwrap_or(u8::MAX)]);
    out.extend_from_slice(aid);
}

/// Finds the file that SELECT means.
fn find(template: &Template, selection: &Selection, target: SelectTarget<'_>) -> Option<FileIndex> {
    match target {
        SelectTarget::FileId(fid) => by_file_id(template, selection, fid),
        SelectTarget::ChildDf(FileId(fid)) => {
            template.child(selection.df, fid).filter(|&index| template.is_df(index))
        }
        SelectTarget::ParentDf => Some(template.file(selection.df).parent),
        SelectTarget::Aid { aid, occurrence } => by_aid(template, selection.adf, aid, occurrence),
        SelectTarget::PathFromMf(path) => by_path(template, selection, FileIndex::MF, path),
        SelectTarget::PathFromCurrentDf(path) => by_path(template, selection, selection.df, path),
    }
}

/// TS 102.221, 8.4.1: children of the current DF, the DF itself, its parent, DFs beside it, the
/// MF; `7FFF` is the ADF of the active application.
fn by_file_id(template: &Template, selection: &Selection, fid: FileId) -> Option<FileIndex> {
    match fid {
        FileId::MF => return Some(FileIndex::MF),
        FileId::CURRENT_ADF => return selection.adf.some(),
        FileId(_) => {}
    }
    let FileId(fid) = fid;
    let current = template.file(selection.df);
    if let Some(child) = template.child(selection.df, fid) {
        return Some(child);
    }
    if current.fid == fid {
        return Some(selection.df);
    }
    if template.file(current.parent).fid == fid {
        return Some(current.parent);
    }
    template.child(current.parent, fid).filter(|&index| template.is_df(index))
}

/// A path may start with `7FFF`; from the MF, its own identifier is passed over.
fn by_path(
    template: &Template,
    selection: &Selection,
    start: FileIndex,
    path: Path<'_>,
) -> Option<FileIndex> {
    path.files().enumerate().try_fold(start, |df, (depth, fid)| match (depth, fid) {
        (0, FileId::CURRENT_ADF) if start == FileIndex::MF => selection.adf.some(),
        (0, FileId::MF) if start == FileIndex::MF => Some(FileIndex::MF),
        (_, FileId(fid)) => template.child(df, fid),
    })
}

/// Returns the ADF of an application by the first bytes of its AID (TS 102.221, 8.5.1).
fn by_aid(
    template: &Template,
    current: FileIndex,
    aid: &[u8],
    occurrence: Occurrence,
) -> Option<FileIndex> {
    let matching = || {
        let all = template.applications().iter();
        all.filter(|application| application.aid.starts_with(aid)).map(|found| found.adf)
    };
    let here = matching().position(|adf| adf == current);
    match occurrence {
        Occurrence::First => matching().next(),
        Occurrence::Last => matching().next_back(),
        Occurrence::Next => here.map_or_else(|| matching().next(), |at| matching().nth(at + 1)),
        Occurrence::Previous => match here {
            None => matching().next_back(),
            Some(at) => at.checked_sub(1).and_then(|before| matching().nth(before)),
        },
    }
}
