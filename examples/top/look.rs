//! Letting others look.

use std::io;
use std::path::PathBuf;

use runtime::inspect::{DumpOnSignal, DumpTo, Server, dump_on_signal, serve};
use runtime::signal::SignalKind;

/// Lets others look until what is returned is dropped.
pub(crate) fn begin(socket: Option<PathBuf>) -> io::Result<(Server, DumpOnSignal)> {
    let dumps = dump_on_signal(SignalKind::user_defined1(), DumpTo::Stderr)?;
    let server = match socket {
        Some(path) => Server::builder().path(path).start()?,
        None => serve()?,
    };
    println!("look into {} by `cargo run -p runtime-ps -- top`", server.path().display());
    println!("kill -USR1 {} has it describe itself", std::process::id());
    Ok((server, dumps))
}
