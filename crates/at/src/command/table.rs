//! The table of commands: one row gives a command its type, its name and its parameters.

use alloc::{boxed::Box, vec::Vec};

use super::{
    Basic, CommandError, CommandName, CommandProblem, Dial, Form, NoSet, OtherCommand, SRegister,
    basic::encode_basic, parse::unplaced,
};
use crate::{
    AccessTechnology, ArgError, CcfcSet, CchcSet, CchoSet, CcwaSet, CfunSet, CgactSet, CgdataSet,
    Cgdcont, Cgerep, CglaSet, CharacterSet, ClckSet, Clock, CmerSet, CmgdSet, CmgsSet, CmgwSet,
    CmssSet, CmuxSet, CnmaSet, Cnmi, CopsSet, CpbfSet, CpbrSet, CpbsSet, CpbwSet, CpinSet, CpmsSet,
    CpolSet, CpwdSet, CrsmSet, Csca, Cscb, Csim, Csmp, CssnSet, Cusatd, CusateSet, CusatrSet,
    CusattSet, CusatwSet, CusdSet, HoldAction, IfcSet, IndicatorValues, MessageStatus, Qpcmv, Text,
    VtsSet,
};

macro_rules! commands {
    ($( $(#[$meta:meta])* $variant:ident($set:ty) = $name:literal; )*) => {
        /// A command.
        ///
        /// Extended commands carry their [`Form`]; whether a device has that form is the device's
        /// matter. Parameters left out are `None`, never 0.
        #[derive(Clone, Debug, Eq, PartialEq)]
        #[non_exhaustive]
        pub enum Command {
            /// `AT` alone: are you there.
            Attention,
            /// A basic command and its number.
            Basic(Basic, Option<u8>),
            /// An S-register.
            Register(SRegister),
            /// `ATD`.
            Dial(Dial),
            $( #[doc = concat!("`", $name, "`: ")] $(#[$meta])* $variant(Form<$set>), )*
            /// An extended command without a type here.
            Other(Box<OtherCommand>),
        }

        #[expect(non_upper_case_globals, reason = "named after the variants")]
        mod key {
            $( pub(super) const $variant: u128 = super::pack($name.as_bytes()); )*
        }

        impl Command {
            /// Returns the name of an extended command, with its prefix.
            #[must_use]
            pub fn name(&self) -> Option<&str> {
                match self {
                    Self::Attention | Self::Basic(..) | Self::Register(_) | Self::Dial(_) => None,
                    $( Self::$variant(_) => Some($name), )*
                    Self::Other(other) => Some(other.name.as_str()),
                }
            }

            /// Appends the command without `AT` and line end.
            pub fn encode_body(&self, out: &mut Vec<u8>) {
                if let Some(name) = self.name() {
                    out.extend_from_slice(name.as_bytes());
                }
                match self {
                    Self::Attention => {}
                    Self::Basic(basic, value) => encode_basic(*basic, *value, out),
                    Self::Register(register) => register.encode(out),
                    Self::Dial(dial) => dial.encode(out),
                    $( Self::$variant(form) => form.encode(out), )*
                    Self::Other(other) => other.form.encode(out),
                }
            }

            pub(super) fn from_parts(
                name: &[u8],
                form: Form<&[u8]>,
            ) -> Result<Self, CommandError> {
                let refused = |error: ArgError| unplaced(error.into());
                Ok(match pack(name) {
                    $( key::$variant => Self::$variant(Form::parse(form).map_err(refused)?), )*
                    _ => Self::Other(Box::new(OtherCommand {
                        name: CommandName::new(name).map_err(|_| unplaced(CommandProblem::Name))?,
                        form: Form::parse(form).map_err(refused)?,
                    })),
                })
            }
        }

        #[cfg(any(test, feature = "testkit"))]
        impl Command {
            /// Makers of one sample per row of the table.
            pub(crate) const SAMPLES: &'static [fn(&mut crate::testkit::Source<'_>) -> Self] =
                &[$( |source| Self::$variant(source.value()), )*];
        }
    };
}

/// Packs a name into a number, lower case as upper case; 0 if it is too long for the table.
const fn pack(name: &[u8]) -> u128 {
    const LEN_MAX: usize = 16;
    if name.len() > LEN_MAX {
        return 0;
    }
    let mut packed = 0;
    let mut rest = name;
    while let [byte, tail @ ..] = rest {
        packed = packed << 8 | byte.to_ascii_uppercase() as u128;
        rest = tail;
    }
    packed
}

commands! {
    // Identification (TS 27.007, 5; V.250, 6.1).
    /// manufacturer.
    Cgmi(NoSet) = "+CGMI";
    /// model.
    Cgmm(NoSet) = "+CGMM";
    /// revision.
    Cgmr(NoSet) = "+CGMR";
    /// serial number, the IMEI; `=1` without check digit and so on.
    Cgsn(u8) = "+CGSN";
    /// manufacturer.
    Gmi(NoSet) = "+GMI";
    /// model.
    Gmm(NoSet) = "+GMM";
    /// revision.
    Gmr(NoSet) = "+GMR";
    /// serial number.
    Gsn(NoSet) = "+GSN";
    /// capabilities.
    Gcap(NoSet) = "+GCAP";
    /// IMSI.
    Cimi(NoSet) = "+CIMI";
    /// ICCID, as SIMCom and many others name it.
    Ccid(NoSet) = "+CCID";
    /// ICCID, as Quectel names it.
    Qccid(NoSet) = "+QCCID";
    /// ICCID, as Sierra and others name it.
    Iccid(NoSet) = "+ICCID";
    /// ICCID, as Huawei names it.
    HuaweiIccid(NoSet) = "^ICCID";
    /// which commands there are.
    Clac(NoSet) = "+CLAC";
    /// own numbers.
    Cnum(NoSet) = "+CNUM";
    /// which network the device is for.
    Ws46(u8) = "+WS46";

    // The device (TS 27.007, 5, 8, 9; V.250, 6.2).
    /// how causes are reported.
    Cmee(u8) = "+CMEE";
    /// character set.
    Cscs(CharacterSet) = "+CSCS";
    /// what works, and reset.
    Cfun(CfunSet) = "+CFUN";
    /// what the device does now.
    Cpas(NoSet) = "+CPAS";
    /// battery.
    Cbc(NoSet) = "+CBC";
    /// indicators.
    Cind(IndicatorValues) = "+CIND";
    /// indicator events.
    Cmer(CmerSet) = "+CMER";
    /// clock.
    Cclk(Clock) = "+CCLK";
    /// whether the network sets the clock.
    Ctzu(u8) = "+CTZU";
    /// whether time zone changes are shown.
    Ctzr(u8) = "+CTZR";
    /// flow control.
    Ifc(IfcSet) = "+IFC";
    /// port speed.
    Ipr(u32) = "+IPR";
    /// multiplexer.
    Cmux(CmuxSet) = "+CMUX";
    /// mute the microphone.
    Cmut(u8) = "+CMUT";
    /// loudspeaker volume.
    Clvl(u8) = "+CLVL";
    /// extended report of the last failure.
    Ceer(NoSet) = "+CEER";
    /// kind of device: how voice and data rank in EPS.
    Cemode(u8) = "+CEMODE";
    /// positioning.
    Cpos(NoSet) = "+CPOS";

    // PINs and locks.
    /// PIN.
    Cpin(Box<CpinSet>) = "+CPIN";
    /// attempts left.
    Cpinr(Text) = "+CPINR";
    /// locks and barring.
    Clck(ClckSet) = "+CLCK";
    /// change a password.
    Cpwd(Box<CpwdSet>) = "+CPWD";

    // Network.
    /// registration, circuit switched.
    Creg(u8) = "+CREG";
    /// registration, GPRS.
    Cgreg(u8) = "+CGREG";
    /// registration, EPS.
    Cereg(u8) = "+CEREG";
    /// registration, 5GS.
    C5greg(u8) = "+C5GREG";
    /// operator.
    Cops(CopsSet) = "+COPS";
    /// names of operators.
    Copn(NoSet) = "+COPN";
    /// preferred operators.
    Cpol(CpolSet) = "+CPOL";
    /// which list `+CPOL` works on.
    Cpls(u8) = "+CPLS";
    /// signal.
    Csq(NoSet) = "+CSQ";
    /// signal, at length.
    Cesq(NoSet) = "+CESQ";
    /// radio access to prefer.
    Cpsb(AccessTechnology) = "+CPSB";

    // The card.
    /// any APDU.
    Csim(Csim) = "+CSIM";
    /// access to files.
    Crsm(CrsmSet) = "+CRSM";
    /// open a logical channel.
    Ccho(CchoSet) = "+CCHO";
    /// close a logical channel.
    Cchc(CchcSet) = "+CCHC";
    /// any APDU on a logical channel.
    Cgla(CglaSet) = "+CGLA";
    /// applications on the card.
    Cuad(u8) = "+CUAD";

    // The toolkit of the card.
    /// read a profile.
    Cusatr(CusatrSet) = "+CUSATR";
    /// write a profile.
    Cusatw(CusatwSet) = "+CUSATW";
    /// which profile the card gets.
    Cusatd(Cusatd) = "+CUSATD";
    /// answer a proactive command.
    Cusatt(CusattSet) = "+CUSATT";
    /// tell the card.
    Cusate(CusateSet) = "+CUSATE";

    // Texts (TS 27.005).
    /// message service.
    Csms(u8) = "+CSMS";
    /// PDU mode, 0, or text mode, 1.
    Cmgf(u8) = "+CMGF";
    /// send.
    Cmgs(CmgsSet) = "+CMGS";
    /// write to the store.
    Cmgw(CmgwSet) = "+CMGW";
    /// send from the store.
    Cmss(CmssSet) = "+CMSS";
    /// read.
    Cmgr(u16) = "+CMGR";
    /// list.
    Cmgl(MessageStatus) = "+CMGL";
    /// delete.
    Cmgd(CmgdSet) = "+CMGD";
    /// stores.
    Cpms(CpmsSet) = "+CPMS";
    /// indications.
    Cnmi(Cnmi) = "+CNMI";
    /// acknowledge.
    Cnma(CnmaSet) = "+CNMA";
    /// service centre.
    Csca(Csca) = "+CSCA";
    /// text mode parameters.
    Csmp(Csmp) = "+CSMP";
    /// show text mode parameters.
    Csdh(u8) = "+CSDH";
    /// broadcasts.
    Cscb(Box<Cscb>) = "+CSCB";
    /// keep the link for more messages.
    Cmms(u8) = "+CMMS";
    /// texts over packet or circuit.
    Cgsms(u8) = "+CGSMS";
    /// save the settings.
    Csas(u8) = "+CSAS";
    /// restore the settings.
    Cres(u8) = "+CRES";

    // Calls.
    /// hang up.
    Chup(NoSet) = "+CHUP";
    /// hold, join, release.
    Chld(HoldAction) = "+CHLD";
    /// list of calls.
    Clcc(u8) = "+CLCC";
    /// show who calls.
    Clip(u8) = "+CLIP";
    /// withhold the own number.
    Clir(u8) = "+CLIR";
    /// show who answers.
    Colp(u8) = "+COLP";
    /// withhold the own number when answering.
    Colr(NoSet) = "+COLR";
    /// show the called number.
    Cdip(u8) = "+CDIP";
    /// show the caller's name.
    Cnap(u8) = "+CNAP";
    /// call waiting.
    Ccwa(CcwaSet) = "+CCWA";
    /// call forwarding.
    Ccfc(Box<CcfcSet>) = "+CCFC";
    /// send a tone.
    Vts(VtsSet) = "+VTS";
    /// length of tones.
    Vtd(u8) = "+VTD";
    /// show the kind of incoming calls.
    Crc(u8) = "+CRC";
    /// notifications of services.
    Cssn(CssnSet) = "+CSSN";
    /// USSD.
    Cusd(CusdSet) = "+CUSD";
    /// advice of charge.
    Caoc(u8) = "+CAOC";
    /// warning before the credit ends.
    Ccwe(u8) = "+CCWE";
    /// what hanging up does.
    Cvhu(u8) = "+CVHU";

    // Packet data.
    /// define a context.
    Cgdcont(Box<Cgdcont>) = "+CGDCONT";
    /// activate a context.
    Cgact(CgactSet) = "+CGACT";
    /// addresses of contexts.
    Cgpaddr(Vec<u8>) = "+CGPADDR";
    /// attach.
    Cgatt(u8) = "+CGATT";
    /// show packet events.
    Cgerep(Cgerep) = "+CGEREP";
    /// go to data.
    Cgdata(CgdataSet) = "+CGDATA";
    /// what to do with incoming contexts.
    Cgauto(u8) = "+CGAUTO";
    /// parameters of active contexts.
    Cgcontrdp(u8) = "+CGCONTRDP";

    // Phonebooks.
    /// which phonebook.
    Cpbs(CpbsSet) = "+CPBS";
    /// read.
    Cpbr(CpbrSet) = "+CPBR";
    /// find.
    Cpbf(CpbfSet) = "+CPBF";
    /// write.
    Cpbw(Box<CpbwSet>) = "+CPBW";

    // What clients in the field ask for beyond the standards.
    /// mode, asked by gammu of Siemens devices.
    Mode(u8) = "+MODE";
    /// protocols, asked by gammu.
    Cprot(u8) = "+CPROT";
    /// synchronisation, asked by gammu.
    Syncml(NoSet) = "+SYNCML";
    /// touch screen, asked by gammu of Samsung devices.
    Tsspcsw(u8) = "$TSSPCSW";
    /// state of the card, asked by ofono.
    Simstate(NoSet) = "+SIMSTATE";
    /// proactive commands, asked by ofono.
    Ptty(u8) = "+PTTY";
    /// network technology, asked by `ModemManager`.
    Cnti(u8) = "*CNTI";
    /// speech of calls on a port, as Quectel names it.
    Qpcmv(Qpcmv) = "+QPCMV";
    /// speech of calls on a port, as SIMCom names it.
    Cpcmreg(u8) = "+CPCMREG";
}
