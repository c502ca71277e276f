//! The echo server on a Unix socket, asked by itself, by nc, and by socat.

use crate::peer;
use crate::program::Example;

#[test]
fn without_arguments_it_asks_itself_by_socket_and_by_pipe() {
    let output = Example::start("unix_echo", &[]).output();
    if output.contains("only Unix") {
        return;
    }
    for what in ["echo server on", "here is ", "echo: by the socket", "echo: by a pipe"] {
        assert!(output.contains(what), "{what:?} is missing in:\n{output}");
    }
}

#[cfg(unix)]
#[test]
fn nc_gets_its_echo() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("echo");
    let path = path.to_str().expect("a path of text");
    let mut server = Example::start("unix_echo", &["--listen", path]);
    server.line_with("echo server on ");
    let arguments = ["-N", "-w", "60", "-U", path];
    let Some(echo) = peer::run_with("nc", &arguments, b"hello\n") else { return };
    assert_eq!(echo, "hello\n");
    let who = server.line_with("here is ");
    assert!(!cfg!(target_os = "linux") || who.contains(" of user "), "{who}");
}

#[cfg(target_os = "linux")]
#[test]
fn socat_gets_its_echo_by_an_abstract_name() {
    let name = format!("unix_echo-{}", std::process::id());
    let mut server = Example::start("unix_echo", &["--listen", &format!("@{name}")]);
    server.line_with("echo server on ");
    let target = format!("ABSTRACT-CONNECT:{name}");
    let Some(echo) = peer::run_with("socat", &["-t", "60", "-", &target], b"hello\n") else {
        return;
    };
    assert_eq!(echo, "hello\n");
}
