mod bounds;
mod deputy;
mod episodes;
mod failures;
mod histories;
mod real;
mod rig;
mod setup;
