mod cuts;
mod entries;
mod life;
mod rig;
mod stopped;
