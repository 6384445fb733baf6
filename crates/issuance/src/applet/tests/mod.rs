mod binding;
mod channel;
mod histories;
mod orders;
mod world;
