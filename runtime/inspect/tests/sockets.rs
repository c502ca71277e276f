//! The socket's file: whose it is, what is in its place, and what becomes of it.
#![cfg(unix)]

mod common;

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use runtime::inspect::protocol::Asked;
use runtime::inspect::{Client, Server, find, socket_of, sweep};

use common::{Raw, kind, server};

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

fn start(path: &Path) -> std::io::Result<Server> {
    Server::builder().path(path).start()
}

/// What a process leaves behind that ends without a word.
fn leave_behind(path: &Path) {
    drop(UnixListener::bind(path).unwrap());
    assert!(fs::symlink_metadata(path).unwrap().file_type().is_socket());
}

#[test]
fn the_socket_is_its_users_alone_and_goes_with_the_server() {
    let (directory, server) = server();
    assert_eq!(mode(server.path()), 0o600);
    let names = || fs::read_dir(directory.path()).unwrap().count();
    assert_eq!(names(), 1, "and no draft of it");
    drop(server);
    assert_eq!(names(), 0);
}

#[test]
fn a_dead_socket_is_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s");
    leave_behind(&path);
    let _server = start(&path).unwrap();
    Client::connect(&path).unwrap().ask(Asked::Process).unwrap();
}

#[test]
fn a_socket_that_somebody_listens_at_is_left_alone() {
    let (_directory, server) = server();
    let error = start(server.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    assert!(error.to_string().contains(server.path().to_str().unwrap()), "{error}");
    Client::connect(server.path()).unwrap().ask(Asked::Process).unwrap();
}

#[test]
fn a_file_that_is_no_socket_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s");
    fs::write(&path, "a letter").unwrap();
    assert_eq!(start(&path).unwrap_err().kind(), ErrorKind::AddrInUse);
    assert_eq!(fs::read_to_string(&path).unwrap(), "a letter");
    let link = directory.path().join("link");
    symlink(directory.path().join("nowhere"), &link).unwrap();
    assert_eq!(start(&link).unwrap_err().kind(), ErrorKind::AddrInUse);
}

#[test]
fn a_socket_of_somebody_else_is_not_removed_with_the_server() {
    let (_directory, server) = server();
    let path = server.path().to_owned();
    fs::remove_file(&path).unwrap();
    let _other = UnixListener::bind(&path).unwrap();
    drop(server);
    assert!(path.exists());
}

#[test]
fn a_path_that_is_too_long_is_named_with_the_remedy() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x".repeat(200));
    let error = start(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let message = error.to_string();
    assert!(message.contains("too long") && message.contains("RUNTIME_INSPECT"), "{message}");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn a_directory_that_is_not_there_is_named() {
    let error = start(Path::new("/nonexistent/of/course")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("/nonexistent/of/course"), "{error}");
}

#[test]
fn a_sweep_removes_the_dead_and_leaves_the_living() {
    let directory = tempfile::tempdir().unwrap();
    let living = socket_of(directory.path(), std::process::id());
    let _server = start(&living).unwrap();
    let dead = socket_of(directory.path(), 1);
    leave_behind(&dead);
    let draft = directory.path().join(".2.sock");
    leave_behind(&draft);
    fs::write(directory.path().join("3.txt"), "").unwrap();
    let pids = || find(directory.path()).unwrap().iter().map(|found| found.pid).collect::<Vec<_>>();
    assert_eq!(pids(), [1, std::process::id()]);
    sweep(directory.path());
    assert_eq!(pids(), [std::process::id()]);
    assert!(draft.exists(), "its process may be about to finish it");
}

#[test]
fn nothing_is_found_where_there_is_no_directory() {
    assert_eq!(find(Path::new("/nonexistent/of/course")).unwrap(), []);
}

#[test]
fn a_directory_that_others_may_write_to_is_not_trusted() {
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let error = find(directory.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert!(error.to_string().contains("777"), "{error}");
}

/// As a child process, for it needs an environment of its own.
#[test]
fn the_environment_says_where_the_socket_is() {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("made");
    let mut ended = child("the_environment_says_where_the_socket_is");
    ended.env("RUNTIME_INSPECT", &place);
    if std::env::var_os("ROLE").is_some() {
        let server = runtime::inspect::serve_if_asked().unwrap();
        let place = runtime::inspect::directory();
        assert_eq!(mode(&place), 0o700);
        assert_eq!(server.path(), socket_of(&place, std::process::id()));
        Client::connect(server.path()).unwrap().ask(Asked::Process).unwrap();
        // It ends without a word, as programs do.
        std::process::exit(17);
    }
    assert_eq!(ended.status().unwrap().code(), Some(17));
    let left = find(&place).unwrap();
    assert_eq!(left.len(), 1);
    // The next one cleans up.
    assert_eq!(ended.status().unwrap().code(), Some(17));
    assert!(!left[0].path.exists());
}

#[test]
fn nobody_serves_who_is_not_asked_to() {
    if std::env::var_os("ROLE").is_some() {
        assert!(runtime::inspect::serve_if_asked().is_none());
        std::process::exit(17);
    }
    for value in ["", "0"] {
        let status =
            child("nobody_serves_who_is_not_asked_to").env("RUNTIME_INSPECT", value).status();
        assert_eq!(status.unwrap().code(), Some(17));
    }
}

#[test]
fn an_environment_that_is_of_no_use_is_reported_and_no_more() {
    if std::env::var_os("ROLE").is_some() {
        assert!(runtime::inspect::serve_if_asked().is_none());
        std::process::exit(17);
    }
    let mut child = child("an_environment_that_is_of_no_use_is_reported_and_no_more");
    let output = child.env("RUNTIME_INSPECT", "/dev/null/x").output().unwrap();
    assert_eq!(output.status.code(), Some(17));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("RUNTIME_INSPECT") && said.contains("/dev/null/x"), "{said}");
}

/// A client of another user, who got as far as the socket because somebody opened the door.
#[cfg(target_os = "linux")]
#[test]
fn another_user_is_refused() {
    if let Some(path) = std::env::var_os("ROLE") {
        let mut raw = Raw::connect(Path::new(&path));
        assert_eq!(kind(&raw.answer().unwrap()), "not-allowed");
        assert_eq!(raw.answer(), None);
        std::process::exit(17);
    }
    if !rustix::process::geteuid().is_root() {
        println!("skipped: only root can be somebody else");
        return;
    }
    let (directory, server) = server();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(server.path(), fs::Permissions::from_mode(0o666)).unwrap();
    // The test itself may be where the other user cannot go.
    let program = directory.path().join("test");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let mut client = Command::new(program);
    client.args(["--exact", "another_user_is_refused", "--nocapture"]);
    let status = client.env("ROLE", server.path()).uid(65_534).gid(65_534).status().unwrap();
    assert_eq!(status.code(), Some(17));
}

fn child(test: &str) -> Command {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", test, "--nocapture"]).env("ROLE", "child");
    child
}
