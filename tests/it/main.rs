//! Tests over several crates, in one binary so that there is one thing to link.

mod corpus;
mod esim;
mod golden;
mod scenarios;
mod tree;
mod vectors;
