//! Standard outputs and error streams.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::Stdio;

use crate::child::a_lot;
use crate::program::{Program, User, is_nonblocking, line, pipe, reading, users, writing};

pub(crate) const TESTS: &[(&str, fn(&str))] = &[
    (
        "what_is_written_to_a_pipe_is_there_after_the_exit",
        what_is_written_to_a_pipe_is_there_after_the_exit,
    ),
    (
        "what_is_written_to_a_socket_is_there_after_the_exit",
        what_is_written_to_a_socket_is_there_after_the_exit,
    ),
    (
        "what_is_written_to_a_file_is_there_after_the_exit",
        what_is_written_to_a_file_is_there_after_the_exit,
    ),
    ("the_error_stream_takes_as_much", the_error_stream_takes_as_much),
    ("a_full_output_does_not_block_the_loop", a_full_output_does_not_block_the_loop),
    ("a_reader_that_is_gone_is_an_error", a_reader_that_is_gone_is_an_error),
    ("a_full_device_is_an_error", a_full_device_is_an_error),
];

fn what_is_written_to_a_pipe_is_there_after_the_exit(selector: &str) {
    for user in users() {
        let (out, output) = pipe();
        let kept = out.try_clone().expect("descriptors are left");
        let program = Program::start((selector, "write a lot", user), Stdio::null(), output, None);
        assert!(reading(File::from(out)).join().expect("the reader ends") == a_lot());
        program.succeeds();
        assert!(!is_nonblocking(kept));
    }
}

fn what_is_written_to_a_socket_is_there_after_the_exit(selector: &str) {
    let (out, output) = UnixStream::pair().expect("descriptors are left");
    let kept = output.try_clone().expect("descriptors are left");
    let task = (selector, "write a lot", User::Same);
    let program = Program::start(task, Stdio::null(), OwnedFd::from(output), None);
    let mut bytes = vec![0; a_lot().len()];
    (&out).read_exact(&mut bytes).expect("all of it");
    assert!(bytes == a_lot());
    program.succeeds();
    assert!(!is_nonblocking(kept));
}

fn what_is_written_to_a_file_is_there_after_the_exit(selector: &str) {
    let file = tempfile::tempfile().expect("a file");
    let mut kept = file.try_clone().expect("descriptors are left");
    Program::start((selector, "write a lot", User::Same), Stdio::null(), file, None).succeeds();
    let mut bytes = Vec::new();
    kept.rewind().and_then(|()| kept.read_to_end(&mut bytes)).expect("files can be read");
    assert!(bytes == a_lot());
}

fn the_error_stream_takes_as_much(selector: &str) {
    let ((input, ours), (out, output)) = (pipe(), pipe());
    let task = (selector, "copy to stderr", User::Same);
    let program = Program::start(task, input, Stdio::null(), Some(output.into()));
    let (writer, reader) = (writing(File::from(ours), a_lot()), reading(File::from(out)));
    writer.join().expect("the writer ends");
    assert!(reader.join().expect("the reader ends") == a_lot());
    program.succeeds();
}

fn a_full_output_does_not_block_the_loop(selector: &str) {
    for user in users() {
        let ((_out, output), (said, errors)) = (pipe(), pipe());
        let kept = output.try_clone().expect("descriptors are left");
        let task = (selector, "fill stdout and stay", user);
        let program = Program::start(task, Stdio::null(), output, Some(errors.into()));
        assert_eq!(line(File::from(said)).expect("it says so"), "full");
        assert!(!is_nonblocking(&kept));
        program.kill();
        assert!(!is_nonblocking(&kept));
    }
}

fn a_reader_that_is_gone_is_an_error(selector: &str) {
    for user in users() {
        let ((out, output), (said, errors)) = (pipe(), pipe());
        drop(out);
        let task = (selector, "report the error of a write", user);
        Program::start(task, Stdio::null(), output, Some(errors.into())).succeeds();
        assert_eq!(reading(File::from(said)).join().expect("the reader ends"), b"BrokenPipe");
    }
}

fn a_full_device_is_an_error(selector: &str) {
    let Ok(full) = OpenOptions::new().write(true).open("/dev/full") else {
        print!("(skipped: there is no /dev/full) ");
        return;
    };
    let (said, errors) = pipe();
    let task = (selector, "report the error of a write", User::Same);
    Program::start(task, Stdio::null(), full, Some(errors.into())).succeeds();
    assert_eq!(reading(File::from(said)).join().expect("the reader ends"), b"StorageFull");
}
