//! Multimedia messages and frames of the screen.

use super::{
    header::command,
    screen::{DisplayMode, Look},
};
use crate::{
    object::{
        display::{FrameIdentifier, FrameLayout},
        file::FileList,
        network::{MmContentIdentifier, MmIdentifier, MmReference},
        text::AlphaIdentifier,
    },
    tag,
};

command! {
    /// SET FRAMES (TS 102.223, 6.4.35 and 6.6.35).
    SetFrames to Terminal [] {
        /// The frame that is divided.
        frame: one FrameIdentifier = tag::FRAME_IDENTIFIER;
        /// How it is divided.
        layout: opt FrameLayout = tag::FRAME_LAYOUT;
        /// The default frame.
        default: opt FrameIdentifier = tag::FRAME_IDENTIFIER;
    }
    /// GET FRAMES STATUS (TS 102.223, 6.4.36 and 6.6.36).
    GetFramesStatus to Terminal [] {}
    /// RETRIEVE MULTIMEDIA MESSAGE (TS 102.223, 6.4.37 and 6.6.37).
    RetrieveMultimediaMessage to Network [] {
        /// What the user is told.
        alpha: opt AlphaIdentifier = tag::ALPHA_IDENTIFIER;
        /// Which message.
        reference: one MmReference = tag::MM_REFERENCE;
        /// The file that takes it.
        file: one FileList = tag::FILE_LIST;
        /// Which parts.
        contents: many MmContentIdentifier = tag::MM_CONTENT_IDENTIFIER;
        /// The message in the file.
        identifier: opt MmIdentifier = tag::MM_IDENTIFIER;
        /// How it looks.
        look: group Look;
    }
    /// SUBMIT MULTIMEDIA MESSAGE (TS 102.223, 6.4.38 and 6.6.38).
    SubmitMultimediaMessage to Network [] {
        /// What the user is told.
        alpha: opt AlphaIdentifier = tag::ALPHA_IDENTIFIER;
        /// The file that holds it.
        file: one FileList = tag::FILE_LIST;
        /// The message in the file.
        identifier: opt MmIdentifier = tag::MM_IDENTIFIER;
        /// How it looks.
        look: group Look;
    }
    /// DISPLAY MULTIMEDIA MESSAGE (TS 102.223, 6.4.39 and 6.6.39).
    DisplayMultimediaMessage to Display [
        /// How it is displayed.
        mode: DisplayMode;
    ] {
        /// The file that holds it.
        file: one FileList = tag::FILE_LIST;
        /// The message in the file.
        identifier: opt MmIdentifier = tag::MM_IDENTIFIER;
        /// The response is wanted at once.
        immediate_response: flag bool = tag::IMMEDIATE_RESPONSE;
        /// The frame it is shown in.
        frame: opt FrameIdentifier = tag::FRAME_IDENTIFIER.ignorable();
    }
}
