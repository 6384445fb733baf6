mod commands;
mod model;
