//! The measured programs: built once, then started for each run and killed if they hang.

use std::{
    io::Read,
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process_group};
use serde::Deserialize;
use xshell::{Shell, cmd};

use super::{
    python::{self, Python},
    results::Metrics,
    rows::{applies, is_beside_python},
};
use crate::Result;

/// The programs `scenario` and `memory` of the package `benches`, and its program for Python.
#[derive(Debug)]
pub(crate) struct Programs {
    target: PathBuf,
    python: Option<Python>,
}

/// What a run prints.
#[derive(Deserialize)]
struct Record {
    metrics: Metrics,
}

/// What `--list` prints.
#[derive(Deserialize)]
struct List {
    runtimes: Vec<String>,
}

impl Programs {
    /// Builds both programs, every runtime with the same flags; with `traced` also ours in a build that knows
    /// `tracing`.
    pub(crate) fn build(shell: &Shell, without: &[String], traced: bool) -> Result<Self> {
        let mut features = vec!["monoio", "compio", "glommio"];
        for name in without {
            if name != "python" && !features.contains(&name.as_str()) {
                let known = features.join(", ");
                return Err(format!("--without knows {known} and python, not {name:?}").into());
            }
        }
        features.retain(|feature| !without.iter().any(|name| name == feature));
        for name in without {
            println!("{name}: left out, as --without says");
        }
        println!("building the benchmarks: some minutes the first time");
        if traced {
            features.push("tracing");
        }
        let features = features.join(",");
        let build = cmd!(
            shell,
            "cargo build --profile measure --package benches --no-default-features --features {features}"
        );
        build.run().map_err(|error| {
            format!("{error}\nif a peer does not build here, leave it out: --without monoio,compio,glommio")
        })?;
        let metadata = cmd!(shell, "cargo metadata --format-version 1 --no-deps").quiet().read()?;
        let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
        let target = metadata["target_directory"]
            .as_str()
            .ok_or("cargo metadata names no target directory")?;
        Ok(Self { target: PathBuf::from(target), python: None })
    }

    /// Prepares loops of Python, and returns the interpreter's version if any can be run.
    pub(crate) fn add_python(&mut self, loops: &[&str]) -> Option<&str> {
        self.python = Python::prepare(&self.target, loops);
        self.python.as_ref().map(|python| python.version.as_str())
    }

    /// The runtimes that can be run.
    pub(crate) fn runtimes(&self) -> Result<Vec<String>> {
        let output = Command::new(self.path("scenario")).arg("--list").output()?;
        let mut runtimes = serde_json::from_slice::<List>(&output.stdout)?.runtimes;
        runtimes.extend(self.python.iter().flat_map(Python::runtimes).cloned());
        Ok(runtimes)
    }

    /// Whether a runtime has a scenario at all.
    pub(crate) fn has(&self, scenario: &str, runtime: &str) -> bool {
        if python::LOOPS.contains(&runtime) {
            // It knows more than there are columns for; what is not shown takes time for nothing.
            is_beside_python(scenario)
                && self.python.as_ref().is_some_and(|python| python.knows(scenario))
        } else {
            applies(scenario, runtime)
        }
    }

    /// The program that knows a scenario.
    pub(crate) fn path(&self, scenario: &str) -> PathBuf {
        let name = if scenario.starts_with("memory-") { "memory" } else { "scenario" };
        self.target.join("measure").join(name)
    }

    /// One run in a process of its own.
    pub(crate) fn run(
        &self,
        scenario: &str,
        runtime: &str,
        quick: bool,
        limit: Duration,
    ) -> Result<Metrics, String> {
        let program = self.path(scenario);
        let mut command = match &self.python {
            Some(python) if python::LOOPS.contains(&runtime) => python.command(&program),
            _ => Command::new(program),
        };
        command.args(["--runtime", runtime, "--scenario", scenario]);
        if quick {
            command.arg("--quick");
        }
        let output = run_to_end(command, limit)?;
        let record: Record = serde_json::from_str(output.stdout.trim())
            .map_err(|error| format!("printed no record: {error}"))?;
        Ok(record.metrics)
    }
}

/// What a process left behind.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs a command to its end, or kills it and all that it started when the time is up.
pub(crate) fn run_to_end(mut command: Command, limit: Duration) -> Result<Output, String> {
    let mut child = command
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("does not start: {error}"))?;
    let group = Pid::from_child(&child);
    let (mut stdout, mut stderr) =
        (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
    let errors = thread::spawn(move || {
        let mut text = Vec::new();
        let _ = stderr.read_to_end(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    });
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut text = String::new();
        let _ = stdout.read_to_string(&mut text);
        // The receiver is gone if the time was up.
        let _ = sender.send(text);
    });
    let Ok(stdout) = receiver.recv_timeout(limit) else {
        let _ = kill_process_group(group, Signal::KILL);
        let _ = child.wait();
        return Err(format!("hung, and was killed after {} s", limit.as_secs()));
    };
    let status = child.wait().map_err(|error| error.to_string())?;
    // A load generator that outlived its server would spin for ever.
    let _ = kill_process_group(group, Signal::KILL);
    let stderr = errors.join().unwrap_or_default();
    if status.success() {
        Ok(Output { stdout, stderr })
    } else {
        let reason =
            stderr.lines().filter(|line| !line.trim().is_empty()).take(2).collect::<Vec<_>>();
        Err(format!("{status}: {}", reason.join(" ")))
    }
}
