mod crashes;
mod downloads;
mod orders;
mod refusals;
mod reports;
mod rig;
