mod binding;
mod orders;
mod world;
