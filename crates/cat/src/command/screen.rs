//! The user: texts, keys, choices, menus and tones.

use super::header::{CommandBody, Head, HeadField, command, qualifier_bits};
use crate::{
    body::body,
    device::Device,
    error::CatError,
    object::{
        display::{
            Duration, FrameIdentifier, IconIdentifier, ItemIcons, NextActions, ResponseLength,
            TextAttribute, Tone,
        },
        text::{AlphaIdentifier, Item, ItemIdentifier, TextString},
    },
    objects::{Objects, Writer},
    tag,
};
use alloc::vec::Vec;

body! {
    /// How a command looks on the screen: each part may be ignored.
    #[derive(Default)]
    Look {
        /// An icon beside the text or in its place.
        icon: opt IconIdentifier = tag::ICON_IDENTIFIER.ignorable();
        /// Formats of the text.
        attribute: opt TextAttribute = tag::TEXT_ATTRIBUTE.ignorable();
        /// The frame it is shown in.
        frame: opt FrameIdentifier = tag::FRAME_IDENTIFIER.ignorable();
    }
}

qualifier_bits! {
    /// How a text is displayed.
    DisplayMode {
        /// Also over what is on the screen now.
        high_priority = 0x01;
        /// Until the user clears it, not for a while.
        wait_for_user = 0x80;
    }
    /// Which key is taken.
    InkeyMode {
        /// Any character, not digits only.
        alphabet = 0x01;
        /// Characters of UCS-2, not of the GSM default alphabet.
        ucs2 = 0x02;
        /// Yes or no.
        yes_no = 0x04;
        /// A digit ends it at once.
        immediate = 0x08;
        /// Help can be had.
        help = 0x80;
    }
    /// Which input is taken.
    EntryMode {
        /// Any character, not digits only.
        alphabet = 0x01;
        /// Characters of UCS-2, not of the GSM default alphabet.
        ucs2 = 0x02;
        /// Not to be shown on the screen.
        hidden = 0x04;
        /// To be sent packed.
        packed = 0x08;
        /// Help can be had.
        help = 0x80;
    }
    /// How a choice is presented.
    SelectMode {
        /// A type of presentation is asked for, the one that the next bit names.
        presentation = 0x01;
        /// As a choice of navigation options, not of data values.
        navigation = 0x02;
        /// Soft keys are preferred.
        soft_keys = 0x04;
        /// Help can be had.
        help = 0x80;
    }
    /// How a menu is presented.
    MenuMode {
        /// Soft keys are preferred.
        soft_keys = 0x01;
        /// Help can be had.
        help = 0x80;
    }
    /// How a tone is played.
    ToneMode {
        /// With vibration, if the terminal has it; else as the terminal likes.
        vibrate = 0x01;
    }
}

command! {
    /// DISPLAY TEXT (TS 102.223, 6.4.1 and 6.6.1).
    DisplayText to Display [
        /// How it is displayed.
        mode: DisplayMode;
    ] {
        /// The text.
        text: one TextString = tag::TEXT_STRING;
        /// The response is wanted at once, and the text stays.
        immediate_response: flag bool = tag::IMMEDIATE_RESPONSE;
        /// How long it stays.
        duration: opt Duration = tag::DURATION;
        /// How it looks.
        look: group Look;
    }
    /// GET INKEY (TS 102.223, 6.4.2 and 6.6.2).
    GetInkey to Terminal [
        /// Which key.
        mode: InkeyMode;
    ] {
        /// What the user is asked.
        text: one TextString = tag::TEXT_STRING;
        /// How long the user has.
        duration: opt Duration = tag::DURATION;
        /// How it looks.
        look: group Look;
    }
    /// GET INPUT (TS 102.223, 6.4.3 and 6.6.3).
    GetInput to Terminal [
        /// Which input.
        mode: EntryMode;
    ] {
        /// What the user is asked.
        text: one TextString = tag::TEXT_STRING;
        /// How long the answer can be.
        length: one ResponseLength = tag::RESPONSE_LENGTH;
        /// What stands there at first.
        default: opt TextString = tag::DEFAULT_TEXT;
        /// How long the user has.
        duration: opt Duration = tag::DURATION;
        /// How it looks.
        look: group Look;
    }
    /// SET UP IDLE MODE TEXT (TS 102.223, 6.4.22 and 6.6.22).
    SetUpIdleModeText to Terminal [] {
        /// The text; the null text takes it away.
        text: one TextString = tag::TEXT_STRING;
        /// How it looks.
        look: group Look;
    }
    /// PLAY TONE (TS 102.223, 6.4.5 and 6.6.5).
    PlayTone to Earpiece [
        /// How.
        mode: ToneMode;
    ] {
        /// What the user is told.
        alpha: opt AlphaIdentifier = tag::ALPHA_IDENTIFIER;
        /// The tone; without, a general beep.
        tone: opt Tone = tag::TONE;
        /// How long; without, as the terminal likes.
        duration: opt Duration = tag::DURATION;
        /// How it looks.
        look: group Look;
    }
}

/// SELECT ITEM (TS 102.223, 6.4.9 and 6.6.8).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct SelectItem {
    /// How the choice is presented.
    pub mode: SelectMode,
    /// The title.
    pub alpha: Option<AlphaIdentifier>,
    /// What can be chosen.
    pub items: Vec<Item>,
    /// The item chosen at first.
    pub default: Option<ItemIdentifier>,
    /// What belongs to the items.
    pub extras: ItemExtras,
    /// How it looks.
    pub look: Look,
}

/// SET UP MENU (TS 102.223, 6.4.8 and 6.6.7).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct SetUpMenu {
    /// How the menu is presented.
    pub mode: MenuMode,
    /// The title.
    pub alpha: AlphaIdentifier,
    /// The items of the menu; none takes the menu away.
    pub items: Vec<Item>,
    /// What belongs to the items.
    pub extras: ItemExtras,
    /// How it looks.
    pub look: Look,
}

body! {
    /// What belongs to items, in their order.
    #[derive(Default)]
    ItemExtras {
        /// Which types of command they lead to.
        next_actions: opt NextActions = tag::NEXT_ACTION.ignorable();
        /// Their icons.
        icons: opt ItemIcons = tag::ITEM_ICONS.ignorable();
        /// The formats of their texts.
        attributes: opt TextAttribute = tag::ITEM_TEXT_ATTRIBUTES.ignorable();
    }
}

impl CommandBody for SelectItem {
    fn take(head: &Head, objects: &mut Objects<'_>) -> Result<Self, CatError> {
        Ok(Self {
            mode: SelectMode::of_head(head)?,
            alpha: objects.opt(tag::ALPHA_IDENTIFIER)?,
            items: take_items(objects)?,
            default: objects.opt(tag::ITEM_IDENTIFIER)?,
            extras: ItemExtras::take(objects)?,
            look: Look::take(objects)?,
        })
    }

    fn put(&self, out: &mut Writer) {
        out.opt(tag::ALPHA_IDENTIFIER, &self.alpha);
        put_items(&self.items, out);
        out.opt(tag::ITEM_IDENTIFIER, &self.default);
        self.extras.put(out);
        self.look.put(out);
    }

    fn head(&self) -> Head {
        let mut head = Head::to(Device::Terminal);
        self.mode.set_head(&mut head);
        head
    }
}

impl CommandBody for SetUpMenu {
    fn take(head: &Head, objects: &mut Objects<'_>) -> Result<Self, CatError> {
        Ok(Self {
            mode: MenuMode::of_head(head)?,
            alpha: objects.one(tag::ALPHA_IDENTIFIER)?,
            items: take_items(objects)?,
            extras: ItemExtras::take(objects)?,
            look: Look::take(objects)?,
        })
    }

    fn put(&self, out: &mut Writer) {
        out.one(tag::ALPHA_IDENTIFIER, &self.alpha);
        put_items(&self.items, out);
        self.extras.put(out);
        self.look.put(out);
    }

    fn head(&self) -> Head {
        let mut head = Head::to(Device::Terminal);
        self.mode.set_head(&mut head);
        head
    }
}

/// Takes the items; an empty one stands for none (TS 102.223, 6.4.8).
fn take_items(objects: &mut Objects<'_>) -> Result<Vec<Item>, CatError> {
    if objects.take_empty(tag::ITEM) {
        return Ok(Vec::new());
    }
    let first = objects.one(tag::ITEM)?;
    let mut items = Vec::from([first]);
    items.extend(objects.many::<Item>(tag::ITEM)?);
    Ok(items)
}

fn put_items(items: &[Item], out: &mut Writer) {
    if items.is_empty() {
        out.raw(tag::ITEM, &[]);
    }
    out.many(tag::ITEM, items);
}

#[cfg(any(test, feature = "testkit"))]
crate::object::sample_fields! {
    SelectItem { mode, alpha, items, default, extras, look }
    SetUpMenu { mode, alpha, items, extras, look }
}
