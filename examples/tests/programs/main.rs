//! The examples, run as the programs that they are.

mod chat;
mod each;
mod program;
