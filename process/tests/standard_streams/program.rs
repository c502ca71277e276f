//! Starting this program as another process.

use std::env;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use rustix::fs::{OFlags, fcntl_getfl};
use rustix::process::{Pid, Signal, kill_process};

/// No program takes longer than this, whatever else the machine does.
const LIMIT: Duration = Duration::from_secs(120);

/// A program that has been started; killed when it takes too long, or is dropped.
pub(crate) struct Program {
    child: Child,
    /// Dropped when the program has been waited for, which calls off its killer.
    _ended: Sender<()>,
}

/// Who runs a program.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum User {
    Same,
    /// One that may not open what this user has opened.
    Other,
    /// The other one, whose controlling terminal is the standard input, as after su(1).
    OtherAtTerminal,
}

impl Program {
    /// Starts a program with what is given for standard streams; without the standard error stream, it has
    /// that of the tests.
    pub(crate) fn start(
        (selector, task, user): (&str, &str, User),
        stdin: impl Into<Stdio>,
        stdout: impl Into<Stdio>,
        stderr: Option<Stdio>,
    ) -> Program {
        let mut command = command(user);
        command.args(["child", selector, task]).stdin(stdin).stdout(stdout);
        if let Some(stderr) = stderr {
            command.stderr(stderr);
        }
        let child = command.spawn().expect("this program can be started again");
        let pid = Pid::from_child(&child);
        let (ended, ends) = channel::<()>();
        thread::spawn(move || {
            // Its child has not been reaped when the sender is still there.
            if ends.recv_timeout(LIMIT) == Err(RecvTimeoutError::Timeout) {
                let _ = kill_process(pid, Signal::KILL);
            }
        });
        Program { child, _ended: ended }
    }

    /// Waits for the end, which has to be a success.
    #[track_caller]
    pub(crate) fn succeeds(mut self) {
        let status = self.child.wait().expect("the child can be waited for");
        assert!(status.success(), "{status}");
    }

    /// Ends it in the way that leaves it no chance to clean up.
    pub(crate) fn kill(mut self) -> ExitStatus {
        self.child.kill().expect("it runs");
        self.child.wait().expect("the child can be waited for")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Fails if it has ended, as it should have.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(user: User) -> Command {
    let program = env::current_exe().expect("this program has a path");
    if user == User::Same {
        return Command::new(program);
    }
    if user == User::Other {
        let mut command = as_another();
        command.arg(program);
        return command;
    }
    let mut command = Command::new("setsid");
    command
        .arg("--ctty")
        .arg(as_another().get_program())
        .args(as_another().get_args())
        .arg(program);
    command
}

fn as_another() -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]);
    command
}

/// Those who can run programs here; the other user only where this one may become it.
pub(crate) fn users() -> Vec<User> {
    let program = env::current_exe().expect("this program has a path");
    let test = as_another().args(["test", "-x"]).arg(program).stderr(Stdio::null()).status();
    if test.is_ok_and(|status| status.success()) {
        return vec![User::Same, User::Other];
    }
    print!("(skipped for another user) ");
    vec![User::Same]
}

/// Whether the open file description is nonblocking.
pub(crate) fn is_nonblocking(fd: impl AsFd) -> bool {
    fcntl_getfl(fd).expect("it is open").contains(OFlags::NONBLOCK)
}

pub(crate) fn pipe() -> (OwnedFd, OwnedFd) {
    rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).expect("descriptors are left")
}

/// Reads a line, byte by byte, from what may have no end.
pub(crate) fn line(mut from: impl Read) -> io::Result<String> {
    let (mut line, mut byte) = (Vec::new(), [0]);
    while from.read(&mut byte)? > 0 && byte != *b"\n" {
        line.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&line).into_owned())
}

/// Reads everything, on a thread.
pub(crate) fn reading(mut from: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut sum = Vec::new();
        from.read_to_end(&mut sum).expect("there is an end");
        sum
    })
}

/// Writes everything, on a thread, and closes.
pub(crate) fn writing(
    mut to: impl Write + Send + 'static,
    bytes: Vec<u8>,
) -> thread::JoinHandle<()> {
    thread::spawn(move || to.write_all(&bytes).expect("it is read"))
}
