//! A program under `#[runtime::main]` can be looked into when its environment asks for that.
#![cfg(unix)]

use std::process::Command;

use runtime::inspect::protocol::{Answered, Asked};
use runtime::inspect::{Client, directory, find, serve, socket_of};

/// Looks into itself.
#[runtime::main]
async fn looks_at_itself() -> bool {
    let path = socket_of(&directory(), std::process::id());
    let look = move || {
        let Ok(mut client) = Client::connect(path) else { return false };
        let Answered::Process(process) = client.ask(Asked::Process).unwrap() else { panic!() };
        assert_eq!(process.loops.len(), 1);
        true
    };
    runtime::spawn_blocking(look).await.unwrap()
}

fn child(test: &str) -> Command {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", test, "--nocapture"]).env("ROLE", "child").env_remove("RUNTIME_INSPECT");
    child
}

#[test]
fn the_environment_decides() {
    if std::env::var_os("ROLE").is_some() {
        let looked = looks_at_itself();
        // What the attribute has started is over with the function.
        assert_eq!(find(&directory()).unwrap(), []);
        std::process::exit(if looked { 17 } else { 18 });
    }
    let place = tempfile::tempdir().unwrap();
    let status = child("the_environment_decides").env("RUNTIME_INSPECT", place.path()).status();
    assert_eq!(status.unwrap().code(), Some(17));
    let mut unasked = child("the_environment_decides");
    let status = unasked.env("XDG_RUNTIME_DIR", place.path()).status();
    assert_eq!(status.unwrap().code(), Some(18));
    let mut asked = child("the_environment_decides");
    asked.env("XDG_RUNTIME_DIR", place.path()).env("RUNTIME_INSPECT", "1");
    assert_eq!(asked.status().unwrap().code(), Some(17));
    assert!(place.path().join("runtime-rs").is_dir());
}

#[test]
fn a_program_may_serve_as_well() {
    if std::env::var_os("ROLE").is_some() {
        let first = serve().unwrap();
        let second = serve().unwrap();
        assert_eq!(first.path(), second.path());
        drop(first);
        Client::connect(second.path()).unwrap().ask(Asked::Process).unwrap();
        let path = second.path().to_owned();
        drop(second);
        assert!(!path.exists());
        drop(serve().unwrap());
        std::process::exit(17);
    }
    let place = tempfile::tempdir().unwrap();
    let status = child("a_program_may_serve_as_well").env("RUNTIME_INSPECT", place.path()).status();
    assert_eq!(status.unwrap().code(), Some(17));
}
