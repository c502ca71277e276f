//! The event loops of Python, in a virtual environment under the target directory.
//!
//! Nothing here fails the run: a loop that is not to be had is named, once, with the reason.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use serde::Deserialize;

use super::program::run_to_end;

/// The loops, by the names of the table's columns.
pub(crate) const LOOPS: [&str; 3] = ["asyncio", "uvloop", "rloop"];

/// Where the programs are that have no part in the build.
const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../benches/python");

/// How long one step of the preparation may take: the last ones download.
const PATIENCE: Duration = Duration::from_secs(120);

/// An interpreter, and what it can run.
#[derive(Debug)]
pub(crate) struct Python {
    interpreter: PathBuf,
    list: List,
    /// As it calls itself, such as `Python 3.11.7`.
    pub(crate) version: String,
}

/// What `scenario.py --list` prints.
#[derive(Debug, Deserialize)]
struct List {
    runtimes: Vec<String>,
    missing: BTreeMap<String, String>,
    scenarios: Vec<String>,
}

impl Python {
    /// Makes the environment for some loops, or finds it made; `None` if there is nothing to run them with.
    pub(crate) fn prepare(target: &Path, wanted: &[&str]) -> Option<Self> {
        let skip_all = |reason: String| {
            println!("{}: skipped, for {reason}", wanted.join(", "));
            None
        };
        let version = match version() {
            Ok(version) => version,
            Err(reason) => return skip_all(format!("python3 {reason}")),
        };
        let mut refused = BTreeMap::new();
        // asyncio is part of Python, and needs no environment.
        let made = if wanted == ["asyncio"] {
            Ok(PathBuf::from("python3"))
        } else {
            environment(target, &version, &mut refused)
        };
        let interpreter = made.unwrap_or_else(|reason| {
            let packages = wanted.iter().filter(|name| **name != "asyncio");
            refused.extend(packages.map(|name| (name.to_string(), reason.clone())));
            PathBuf::from("python3")
        });
        let mut list = match list(&interpreter) {
            Ok(list) => list,
            Err(reason) => return skip_all(format!("their program {reason}")),
        };
        for name in wanted {
            if let Some(reason) = refused.get(*name).or_else(|| list.missing.get(*name)) {
                println!("{name}: skipped, for {reason}");
            }
        }
        list.runtimes.retain(|name| wanted.contains(&name.as_str()) && !refused.contains_key(name));
        Some(Self { interpreter, list, version })
    }

    /// The loops that can be run.
    pub(crate) fn runtimes(&self) -> &[String] {
        &self.list.runtimes
    }

    /// Whether the program has a scenario.
    pub(crate) fn knows(&self, scenario: &str) -> bool {
        self.list.scenarios.iter().any(|name| name == scenario)
    }

    /// The program, with the Rust program that puts load on a server of it.
    pub(crate) fn command(&self, load: &Path) -> Command {
        let mut command = program(&self.interpreter);
        command.arg("--load").arg(load);
        command
    }
}

/// The program, closed off from the variables and the packages of whoever runs it.
fn program(interpreter: &Path) -> Command {
    let mut command = Command::new(interpreter);
    command.arg("-I").arg(Path::new(SOURCES).join("scenario.py"));
    command
}

fn list(interpreter: &Path) -> Result<List, String> {
    let mut command = program(interpreter);
    command.arg("--list");
    let output = run_to_end(command, PATIENCE)?;
    serde_json::from_str(&output.stdout).map_err(|error| format!("printed no list: {error}"))
}

/// What `python3` calls itself.
fn version() -> Result<String, String> {
    let mut python = Command::new("python3");
    python.arg("--version");
    Ok(run_to_end(python, PATIENCE)?.stdout.trim().to_owned())
}

/// Makes a virtual environment, and returns its interpreter; says of each package it lacks why that is.
fn environment(
    target: &Path,
    version: &str,
    refused: &mut BTreeMap<String, String>,
) -> Result<PathBuf, String> {
    let directory = target.join("python");
    let interpreter = directory.join("bin/python3");
    let requirements = fs::read_to_string(Path::new(SOURCES).join("requirements.txt"))
        .map_err(|error| format!("benches/python/requirements.txt cannot be read: {error}"))?;
    // What was made by the same Python for the same list is used again.
    let stamp = directory.join("made-for");
    let made_for = format!("{version}\n{requirements}");
    if fs::read_to_string(&stamp).is_ok_and(|text| text == made_for) {
        return Ok(interpreter);
    }
    println!("making a virtual environment in {}", directory.display());
    let mut make = Command::new("python3");
    make.args(["-m", "venv", "--clear"]).arg(&directory);
    run_to_end(make, PATIENCE).map_err(|reason| format!("`python3 -m venv` failed: {reason}"))?;
    for pinned in requirements.lines().filter(|line| !line.starts_with('#')) {
        if let Err(reason) = install(&interpreter, pinned) {
            let name = pinned.split("==").next().unwrap_or(pinned);
            let remedy = "is the index within reach, and is there a wheel for this Python?";
            refused.insert(name.to_owned(), format!("pip failed: {reason}; {remedy}"));
        }
    }
    // Half an environment is not remembered, so that the next run tries again.
    if refused.is_empty() {
        fs::write(&stamp, made_for).map_err(|error| format!("{}: {error}", stamp.display()))?;
    }
    Ok(interpreter)
}

/// Installs the wheel of one line of the list; nothing is compiled here.
fn install(interpreter: &Path, pinned: &str) -> Result<(), String> {
    let mut pip = Command::new(interpreter);
    pip.args(["-m", "pip", "install", "-qq", "--no-input", "--disable-pip-version-check"]);
    pip.args(["--retries=0", "--timeout=15", "--only-binary=:all:", pinned]);
    run_to_end(pip, PATIENCE).map(drop)
}
