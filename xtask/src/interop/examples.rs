//! The examples: built once, started for each trial.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

use xshell::{Shell, cmd};

use super::child::Running;
use crate::Result;

/// The examples that have been built.
pub(super) struct Examples {
    names: BTreeSet<String>,
    folder: PathBuf,
}

impl Examples {
    /// Builds those of `wanted` that the project has.
    pub(super) fn build<'a>(
        wanted: impl Iterator<Item = &'a str>,
        debug: bool,
    ) -> Result<Examples> {
        let shell = Shell::new()?;
        shell.change_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        let metadata = cmd!(shell, "cargo metadata --format-version 1 --no-deps").quiet().read()?;
        let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
        let target = metadata["target_directory"].as_str();
        let target = target.ok_or("cargo metadata names no target directory")?;
        let list = |value: &serde_json::Value| value.as_array().cloned().unwrap_or_default();
        let packages = list(&metadata["packages"]);
        let targets = packages.iter().flat_map(|package| list(&package["targets"]));
        let existing: BTreeSet<_> = targets
            .filter(|target| list(&target["kind"]).iter().any(|kind| kind == "example"))
            .filter_map(|target| target["name"].as_str().map(str::to_owned))
            .collect();
        let names: BTreeSet<_> =
            wanted.filter(|name| existing.contains(*name)).map(str::to_owned).collect();

        let options: Vec<_> = names.iter().flat_map(|name| ["--example", name]).collect();
        let (profile, folder) = if debug { ("dev", "debug") } else { ("release", "release") };
        if !names.is_empty() {
            cmd!(shell, "cargo build --profile {profile} --package examples {options...}").run()?;
        }
        Ok(Examples { names, folder: PathBuf::from(target).join(folder).join("examples") })
    }

    pub(super) fn have(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Starts an example, and waits until it says where it listens.
    pub(super) fn start(&self, name: &str, arguments: &[&str], backend: u16) -> Result<Server> {
        let program = self.folder.join(name).with_extension(std::env::consts::EXE_EXTENSION);
        let scratch = self.folder.display().to_string();
        let mut command = Command::new(program);
        command.args(arguments.iter().map(|argument| {
            argument.replace("{scratch}", &scratch).replace("{backend}", &backend.to_string())
        }));
        let (running, address) = Running::start(command, address_in)?;
        Ok(Server { _running: running, address, scratch })
    }
}

/// The first address in a line such as `http on http://127.0.0.1:8080/`.
fn address_in(line: &str) -> Option<SocketAddr> {
    line.split([' ', ',', '/']).find_map(|word| word.parse().ok())
}

/// An example that is running, and where.
pub(super) struct Server {
    _running: Running,
    address: SocketAddr,
    scratch: String,
}

impl Server {
    /// Puts in where the server is.
    pub(super) fn fill_in(&self, argument: &str) -> String {
        let (host, port) = (self.address.ip().to_string(), self.address.port().to_string());
        let argument = argument.replace("{address}", &self.address.to_string());
        let argument = argument.replace("{host}", &host).replace("{port}", &port);
        argument.replace("{scratch}", &self.scratch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_wherever_it_stands() {
        for (line, address) in [
            ("http on http://127.0.0.1:80/", "127.0.0.1:80"),
            ("dns server on [::1]:53, end it with Ctrl-C", "[::1]:53"),
            ("listening on 127.0.0.1:6379", "127.0.0.1:6379"),
        ] {
            assert_eq!(address_in(line), Some(address.parse().expect(address)));
        }
        assert_eq!(address_in("made a certificate: localhost.pem"), None);
    }
}
