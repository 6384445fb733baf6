mod build;
mod format;
mod install;
mod properties;
