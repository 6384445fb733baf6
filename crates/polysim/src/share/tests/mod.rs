mod cuts;
mod life;
mod rig;
