use polysim_base::{Instant, Machine, Out};
use polysim_issuance::applet::*;
#[derive(Clone, Debug)]
pub enum Applet {}
#[derive(Clone, Debug)]
pub enum AppletRecord {}
impl Applet {
    pub fn config(&self) -> &AppletConfig {
        match *self {}
    }
}
impl Machine for Applet {
    type Input = AppletInput;
    type Output = AppletOutput;
    type Record = AppletRecord;
    type Timer = std::convert::Infallible;
    fn handle(&mut self, _: Instant, _: AppletInput) {}
    fn handle_timeout(&mut self, _: Instant) {}
    fn poll_output(&mut self) -> Option<Out<AppletRecord, AppletOutput>> {
        None
    }
    fn poll_timeout(&self) -> Option<(Instant, Self::Timer)> {
        None
    }
    fn restore(&mut self, _: AppletRecord) {}
}
