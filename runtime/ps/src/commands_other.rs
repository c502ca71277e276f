//! Where there is no Unix, there is nothing to look into.

use std::process::ExitCode;

pub(crate) fn run() -> ExitCode {
    eprintln!("error: processes can be looked into on Unix only");
    ExitCode::FAILURE
}
