//! What goes wrong is said in words, with the remedy where there is one.
#![cfg(unix)]

mod common;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Output;
use std::thread;

use runtime::inspect::socket_of;

use common::{Home, command, complaint, own_pid};

fn look_in(directory: &Path, arguments: &[&str]) -> Output {
    command(arguments).arg("--dir").arg(directory).output().unwrap()
}

#[test]
fn a_process_that_does_not_exist() {
    let directory = tempfile::tempdir().unwrap();
    // Beyond the highest id that Linux gives out, and beyond those that fit.
    for pid in ["4194305", "4294967295"] {
        for command in ["ps", "tree", "top"] {
            let text = complaint(&look_in(directory.path(), &[command, pid]));
            assert!(text.contains(&format!("there is no process {pid}")), "{text}");
        }
    }
}

#[test]
fn a_process_that_cannot_be_looked_into() {
    let directory = tempfile::tempdir().unwrap();
    let text = complaint(&look_in(directory.path(), &["tree", &own_pid()]));
    assert!(text.contains("RUNTIME_INSPECT=1"), "{text}");
    assert!(text.contains(directory.path().to_str().unwrap()), "{text}");
}

#[test]
fn nothing_at_all() {
    let directory = tempfile::tempdir().unwrap();
    for directory in [directory.path(), Path::new("/nonexistent/of/course")] {
        let output = look_in(directory, &[]);
        assert!(output.status.success(), "an empty list is a list");
        assert!(output.stdout.is_empty());
        assert!(String::from_utf8(output.stderr).unwrap().contains("RUNTIME_INSPECT=1"));
        let text = complaint(&look_in(directory, &["top"]));
        assert!(text.contains("there is no process to look into"), "{text}");
    }
}

#[test]
fn a_process_that_is_gone_and_its_socket_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let socket = socket_of(directory.path(), 4_194_305);
    drop(UnixListener::bind(&socket).unwrap());
    let text = complaint(&look_in(directory.path(), &["ps", "4194305"]));
    assert!(text.contains("there is no process 4194305"), "{text}");
    // A listing cleans up.
    assert!(look_in(directory.path(), &[]).status.success());
    assert!(!socket.exists());
}

#[test]
fn a_socket_that_is_not_there() {
    let text = complaint(&command(&["ps", "/nonexistent/of/course"]).output().unwrap());
    assert!(text.contains("/nonexistent/of/course"), "{text}");
}

#[test]
fn a_loop_that_does_not_exist() {
    let home = Home::new();
    for command in ["ps", "tree", "top"] {
        let output = home.command(&[command, &own_pid(), "--loop", "77777"]).output().unwrap();
        let text = complaint(&output);
        assert!(text.contains("no loop 77777"), "{text}");
    }
}

#[test]
fn a_loop_that_does_not_answer() {
    let home = Home::new();
    let release = home.block();
    for command in ["ps", "tree"] {
        let text = complaint(&home.command(&[command, &own_pid()]).output().unwrap());
        assert!(text.contains("did not answer") && text.contains("culprit"), "{text}");
    }
    // Whoever watches wants to see how that goes on.
    let text = home.look(&["top", &own_pid(), "-n", "1"]);
    assert!(text.contains("did not answer") && text.contains("culprit"), "{text}");
    drop(release);
    assert!(home.look(&["ps", &own_pid()]).contains("boss"));
}

#[test]
fn several_processes_and_none_is_named() {
    let home = Home::new();
    // Another name for the same process.
    let other = socket_of(home.directory.path(), 4_194_305);
    std::os::unix::fs::symlink(home.server.path(), other).unwrap();
    let text = complaint(&home.command(&["top"]).output().unwrap());
    assert!(text.contains("several processes") && text.contains(&own_pid()), "{text}");
}

#[test]
fn a_directory_that_others_may_write_to() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let text = complaint(&look_in(directory.path(), &[]));
    assert!(text.contains("may be written to by others"), "{text}");
}

#[test]
fn a_socket_of_another_user() {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: only root can be somebody else");
        return;
    }
    let home = Home::new();
    let open = tempfile::tempdir().unwrap();
    let program = open.path().join("runtime-ps");
    fs::copy(common::program(), &program).unwrap();
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(open.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let mut other = std::process::Command::new(program);
    other.arg("ps").arg(home.server.path()).uid(65_534).gid(65_534);
    // A child that another test starts just now has the copy open for writing until it is another program.
    let output = loop {
        match other.output() {
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => {}
            output => break output.unwrap(),
        }
    };
    let text = complaint(&output);
    assert!(text.contains("ermission denied"), "{text}");
}

/// A process that answers every line with this one, or hangs up.
fn impostor(directory: &Path, answer: &'static str) -> String {
    let path = directory.join("impostor");
    let listener = UnixListener::bind(&path).unwrap();
    thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut line = String::new();
        BufReader::new(&stream).read_line(&mut line).unwrap();
        (&stream).write_all(answer.as_bytes()).unwrap();
    });
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_process_of_another_version() {
    let directory = tempfile::tempdir().unwrap();
    let path = impostor(directory.path(), "{\"version\":7,\"who\":\"knows\"}\n");
    let text = complaint(&command(&["ps", &path]).output().unwrap());
    assert!(text.contains("version 7") && text.contains('1'), "{text}");
}

#[test]
fn a_process_that_speaks_something_else() {
    for (answer, complains_of) in [
        ("220 mail.example.org ESMTP\n", "no answer of this protocol"),
        ("{\"version\":1,\"process\":{}}\n", "no answer of this protocol"),
        ("{\"version\":1,\"observing\":{\"on\":true}}\n", "something else"),
        ("", "hung up"),
        ("{\"version\":1,\"pro", "no answer of this protocol"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let path = impostor(directory.path(), answer);
        let text = complaint(&command(&["ps", &path]).output().unwrap());
        assert!(text.contains(complains_of), "{answer:?}: {text}");
    }
}

#[test]
fn a_process_that_is_stopped_is_mentioned_beside_the_others() {
    let home = Home::new();
    // It has a socket, and nobody who serves it.
    let _stopped = UnixListener::bind(socket_of(home.directory.path(), 4_194_305)).unwrap();
    let output = home.command(&[]).output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().contains(&own_pid()));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("4194305") && said.contains("may be stopped"), "{said}");
}

#[test]
fn a_process_that_ends_while_somebody_looks() {
    let home = Home::new();
    let mut child = home
        .command(&["top", &own_pid(), "-d", "0.05"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("ticker")));
    drop(home);
    thread::spawn(move || lines.for_each(drop));
    let text = complaint(&child.wait_with_output().unwrap());
    assert!(text.contains("hung up") || text.contains("closed"), "{text}");
}
