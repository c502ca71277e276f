//! Runs the examples as programs, each of which has to come to an end.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// No example takes longer than this, whatever else the machine does.
const LIMIT: Duration = Duration::from_secs(120);

/// A running example, killed when it is dropped or has run for too long. It must not panic in any of its
/// tasks.
pub(crate) struct Example {
    name: &'static str,
    stdout: BufReader<ChildStdout>,
    stderr: ChildStderr,
    child: Child,
    /// Dropped when the example has ended, which calls off its killer.
    _ended: Sender<()>,
}

impl Example {
    pub(crate) fn start(name: &'static str, arguments: &[&str]) -> Example {
        let mut command = Command::new(path(name));
        let command = command.args(arguments).stdin(Stdio::null());
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child =
            command.spawn().unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        let stdout = BufReader::new(child.stdout.take().expect("the output is piped"));
        let stderr = child.stderr.take().expect("so are the errors");
        let (ended, ends) = channel::<()>();
        let pid = child.id().to_string();
        thread::spawn(move || {
            if ends.recv_timeout(LIMIT) == Err(RecvTimeoutError::Timeout) {
                // The child is not reaped before `ended` is dropped, so that the pid is still its own.
                let _ = Command::new("kill").args(["-9", &pid]).status();
            }
        });
        Example { name, stdout, stderr, child, _ended: ended }
    }

    #[cfg_attr(not(unix), allow(dead_code))]
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Reads the output until a line that holds `text`, and returns that line.
    pub(crate) fn line_with(&mut self, text: &str) -> String {
        let mut line = String::new();
        while !line.contains(text) {
            line.clear();
            let count = self.stdout.read_line(&mut line).expect("the output can be read");
            assert!(count > 0, "{} ended without a word of {text:?}", self.name);
        }
        line
    }

    /// Sends a signal, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(status.expect("there is such a program").success());
    }

    /// Waits for an end by a signal, and tells which.
    #[cfg(unix)]
    pub(crate) fn killed_by(mut self) -> Option<i32> {
        let status = self.child.wait().expect("the child can be waited for");
        std::os::unix::process::ExitStatusExt::signal(&status)
    }

    /// Waits for the end, and returns what was written.
    pub(crate) fn output(mut self) -> String {
        let mut output = String::new();
        self.stdout.read_to_string(&mut output).expect("the output is text");
        let status = self.child.wait().expect("the child can be waited for");
        assert!(status.success(), "{} ended with {status}, having written:\n{output}", self.name);
        output
    }

    /// Waits for an end in failure, and returns what was said of it.
    pub(crate) fn errors(mut self) -> String {
        let mut errors = String::new();
        self.stderr.read_to_string(&mut errors).expect("the errors are text");
        let status = self.child.wait().expect("the child can be waited for");
        assert!(!status.success(), "{} did not fail, having said:\n{errors}", self.name);
        assert!(!errors.contains("panicked"), "{}:\n{errors}", self.name);
        errors
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        // Fails if it has ended, as it should have.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let mut errors = String::new();
        let _ = self.stderr.read_to_string(&mut errors);
        if !thread::panicking() {
            assert!(!errors.contains("panicked"), "{}:\n{errors}", self.name);
        }
    }
}

/// Cargo builds the examples next to the tests: `target/debug/deps/this-test`, `target/debug/examples/echo`.
fn path(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("this test has a path");
    let profile = test.ancestors().nth(2).expect("the test is in `deps`");
    profile.join("examples").join(name).with_extension(std::env::consts::EXE_EXTENSION)
}
