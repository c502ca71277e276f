//! Two programs to supervise, which are this one.

use std::env;
use std::future::pending;
use std::io;
use std::process::ExitCode;

use runtime::process::Command;

use crate::Options;
use crate::service::Service;

/// One that runs, and one that does not; patience with them is short.
pub(crate) fn services(options: &mut Options) -> io::Result<Vec<Service>> {
    (options.first_delay, options.give_up) = (0.02, 4);
    ["steady", "flaky"].map(service).into_iter().collect()
}

fn service(part: &str) -> io::Result<Service> {
    let mut command = Command::new(env::current_exe()?);
    command.args(["--demo", part]);
    Ok(Service { name: part.to_owned(), command })
}

/// What the children do.
pub(crate) async fn play(part: &str) -> io::Result<ExitCode> {
    match part {
        "steady" => pending().await,
        _ => Ok(ExitCode::from(7)),
    }
}
