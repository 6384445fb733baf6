//! `polysim esim … download`

use super::args::{DownloadArgs, EsimArgs};
use super::open::Session;
use super::user::User;
use super::{qr, show};
use crate::command::hardware::Report;
use crate::files::read_text;
use anyhow::{Context as _, Result};
use polysim_base::Imei;
use polysim_lpa::{Decide, Download, LpaCommand, LpaDone, Source};
use polysim_rsp::activation::{ActivationCode, ConfirmationCode};
use polysim_rsp::data::{DeviceCapabilities, DeviceInfo, ProfileIdentifier, Version};
use serde_json::json;
use std::io::Read as _;
use std::path::Path;
use zeroize::Zeroizing;

/// The first digits of the IMEI of no device in particular.
const NO_TAC: [u8; 4] = [0x35, 0, 0, 0];
const CODE_LEN_MAX: usize = 1_024;

/// A download, its arguments read.
pub(super) struct Order {
    download: Download,
    enable: bool,
    yes: bool,
}

impl Order {
    pub(super) fn of(args: &DownloadArgs, _: &EsimArgs) -> Result<Self> {
        let source = match (&args.code, &args.qr) {
            (Some(code), _) => read(code).context("the activation code")?,
            (None, Some(image)) => {
                let code = qr::read(image)?;
                read(&code).with_context(|| format!("the code in {}", image.display()))?
            }
            (None, None) => Source::DefaultSmdp,
        };
        let code = match (&args.confirmation_code, &args.confirmation_code_file) {
            (Some(code), _) => Some(Zeroizing::new(code.clone())),
            (None, Some(file)) => Some(from_file(file)?),
            (None, None) => None,
        };
        let code = code.map(|code| ConfirmationCode::new(code.trim_ascii())).transpose();
        let download = Download {
            source,
            device: device(args.imei),
            confirmation_code: code.context("the confirmation code")?,
            consent: Decide::Ask,
        };
        Ok(Self { download, enable: args.enable, yes: args.yes })
    }

    pub(super) async fn carry_out(self, session: &mut Session<'_>) -> Result<Report> {
        session.needs_roots()?;
        let mut user = User::new(session.json);
        user.agrees = self.yes;
        let command = LpaCommand::Download(Box::new(self.download));
        let LpaDone::Downloaded(profile) = session.esim.carry_out(command, &mut user).await? else {
            return super::odd();
        };
        let iccid = profile.iccid();
        if self.enable {
            let profile = ProfileIdentifier::Iccid(iccid);
            session.ask(LpaCommand::Enable { profile, refresh: true }).await?;
        }
        session.notify().await;
        let state = if self.enable { "enabled" } else { "disabled" };
        let (name, provider) = (&profile.name, &profile.service_provider);
        let text = format!("{name} of {provider} ({iccid}) is installed, and {state}");
        Ok(show::done(
            &text,
            json!({
                "installed": true, "iccid": iccid.to_string(), "name": name, "provider": provider,
                "aid": polysim_base::Hex(&profile.aid).to_string(), "enabled": self.enable,
            }),
        ))
    }
}

fn read(code: &str) -> Result<Source> {
    let code: ActivationCode = code.parse()?;
    Ok(Source::ActivationCode(Box::new(code)))
}

fn from_file(path: &Path) -> Result<Zeroizing<String>> {
    if path != Path::new("-") {
        return Ok(Zeroizing::new(read_text(path, CODE_LEN_MAX)?));
    }
    let mut text = Zeroizing::new(String::new());
    std::io::stdin().lock().take(CODE_LEN_MAX as u64).read_to_string(&mut text)?;
    Ok(text)
}

/// Returns what a server is told of the device.
pub(super) fn device(imei: Option<Imei>) -> DeviceInfo {
    let release = Some(Version::new(15, 0, 0));
    let device_capabilities = DeviceCapabilities {
        gsm_supported_release: release,
        utran_supported_release: release,
        eutran_supported_release: release,
        ..DeviceCapabilities::default()
    };
    let Some(imei) = imei else {
        return DeviceInfo { tac: NO_TAC.to_vec().into(), device_capabilities, imei: None };
    };
    let mut digits: Vec<u8> = imei.digits().collect();
    digits.push(imei.check_digit());
    let pairs = |swapped: bool| {
        digits.chunks(2).map(move |pair| match (pair, swapped) {
            ([one, two], false) => one << 4 | two,
            ([one, two], true) => two << 4 | one,
            ([one, ..], _) => 0xF0 | one,
            ([], _) => 0xFF,
        })
    };
    let tac: Vec<u8> = pairs(false).take(4).collect();
    let imei: Vec<u8> = pairs(true).collect();
    let imei = <[u8; 8]>::try_from(imei).ok().map(Into::into);
    DeviceInfo { tac: tac.into(), device_capabilities, imei }
}
