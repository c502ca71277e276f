//! An echo server for the programs of this machine, which knows who is talking to it.
//!
//! ```text
//! cargo run --example unix_echo                            serves, and asks itself
//! cargo run --example unix_echo -- --listen /tmp/echo      and then: nc -U /tmp/echo
//! cargo run --example unix_echo -- --listen @echo          an abstract name (Linux), and then: socat - ABSTRACT-CONNECT:echo
//! ```
//!
//! The file of the socket goes when the server ends in good order; one that a killed server left behind is
//! replaced.

#[cfg_attr(any(target_os = "android", target_os = "linux"), path = "names_linux.rs")]
#[cfg_attr(not(any(target_os = "android", target_os = "linux")), path = "names_other.rs")]
#[cfg(unix)]
mod names;
#[cfg(unix)]
mod unix;

#[cfg(unix)]
fn main() -> std::io::Result<()> {
    unix::main()
}

#[cfg(not(unix))]
fn main() {
    println!("only Unix has these sockets, and this is not Unix");
}
