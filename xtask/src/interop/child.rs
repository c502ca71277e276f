//! A program that is run to its end, within a limit.

use std::io::{self, Read, Write};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A program that has ended.
pub(super) struct Ended {
    pub(super) success: bool,
    /// Its status in words.
    pub(super) how: String,
    /// What it wrote, output first.
    pub(super) text: String,
}

/// Runs a program with something to read; one that takes longer than `limit` is killed, and has failed.
pub(super) fn run_to_end(mut command: Command, input: &str, limit: Duration) -> io::Result<Ended> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let mut stdin = child.stdin.take().expect("the input is piped");
    let stdout = child.stdout.take().expect("so is the output");
    let stderr = child.stderr.take().expect("so are the errors");
    thread::scope(|scope| {
        // A program need not read to the end.
        scope.spawn(move || stdin.write_all(input.as_bytes()));
        let output = scope.spawn(|| everything(stdout));
        let errors = scope.spawn(|| everything(stderr));
        let waited = wait(&mut child, limit);
        let text = [output, errors].map(|reader| reader.join().expect("reading does not panic"));
        let (success, how) = waited?;
        Ok(Ended { success, how, text: text.concat() })
    })
}

fn everything(mut from: impl Read) -> String {
    let mut bytes = Vec::new();
    // What came before an error is worth having.
    let _ = from.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The standard library waits without a limit only, so this looks from time to time.
fn wait(child: &mut Child, limit: Duration) -> io::Result<(bool, String)> {
    let start = Instant::now();
    while start.elapsed() < limit {
        if let Some(status) = child.try_wait()? {
            return Ok((status.success(), status.to_string()));
        }
        thread::sleep(Duration::from_millis(10));
    }
    child.kill()?;
    child.wait()?;
    Ok((false, format!("killed after {limit:?}")))
}
