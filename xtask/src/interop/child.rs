//! Programs: run to their end within a limit, or running beside what is tried.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::Result;

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

/// A program that is running; killed when dropped.
pub(super) struct Running(Child);

impl Running {
    /// Starts a program, and waits until it has written a line that `find` finds something in.
    pub(super) fn start<T>(
        mut command: Command,
        find: impl Fn(&str) -> Option<T>,
    ) -> Result<(Running, T)> {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().expect("the output is piped");
        let running = Running(child);
        let mut lines = BufReader::new(output).lines();
        loop {
            let line = lines.next().ok_or("it ended before it was ready")??;
            if let Some(found) = find(&line) {
                // Read on, so that the program never waits for us. Ends with it.
                thread::spawn(move || lines.map_while(io::Result::ok).for_each(drop));
                return Ok((running, found));
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Fails if it has ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
