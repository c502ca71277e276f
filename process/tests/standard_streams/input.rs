//! Standard inputs.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

use crate::child::a_lot;
use crate::program::{Program, User, is_nonblocking, line, pipe, reading, users, writing};

pub(crate) const TESTS: &[(&str, fn(&str))] = &[
    ("a_pipe_is_read_to_its_end", a_pipe_is_read_to_its_end),
    ("a_socket_is_read_to_its_end", a_socket_is_read_to_its_end),
    ("a_file_is_read_to_its_end", a_file_is_read_to_its_end),
    ("a_file_is_not_read_ahead_of_what_is_wanted", a_file_is_not_read_ahead_of_what_is_wanted),
    ("the_null_device_ends_at_once", the_null_device_ends_at_once),
    ("a_closed_input_ends_at_once", a_closed_input_ends_at_once),
    ("an_input_that_is_not_open_for_reading_fails", an_input_that_is_not_open_for_reading_fails),
    ("a_read_that_waits_does_not_hold_up_the_exit", a_read_that_waits_does_not_hold_up_the_exit),
    ("nothing_is_lost_with_reads_that_are_dropped", nothing_is_lost_with_reads_that_are_dropped),
    (
        "nothing_is_lost_with_buffers_that_are_dropped",
        nothing_is_lost_with_buffers_that_are_dropped,
    ),
    (
        "an_input_that_is_nonblocking_already_is_waited_for",
        an_input_that_is_nonblocking_already_is_waited_for,
    ),
    ("an_input_stays_blocking_for_others", an_input_stays_blocking_for_others),
    #[cfg(target_os = "linux")]
    (
        "only_what_cannot_be_opened_again_is_read_on_a_thread",
        only_what_cannot_be_opened_again_is_read_on_a_thread,
    ),
];

fn a_pipe_is_read_to_its_end(selector: &str) {
    for user in users() {
        let ((input, ours), (out, output)) = (pipe(), pipe());
        let program = Program::start((selector, "copy", user), input, output, None);
        let (writer, reader) = (writing(File::from(ours), a_lot()), reading(File::from(out)));
        writer.join().expect("the writer ends");
        assert!(reader.join().expect("the reader ends") == a_lot());
        program.succeeds();
    }
}

fn a_socket_is_read_to_its_end(selector: &str) {
    let (input, ours) = UnixStream::pair().expect("descriptors are left");
    let (out, output) = pipe();
    let kept = input.try_clone().expect("descriptors are left");
    let program =
        Program::start((selector, "copy", User::Same), OwnedFd::from(input), output, None);
    let (writer, reader) = (writing(ours, a_lot()), reading(File::from(out)));
    writer.join().expect("the writer ends");
    assert!(reader.join().expect("the reader ends") == a_lot());
    program.succeeds();
    assert!(!is_nonblocking(kept));
}

fn a_file_is_read_to_its_end(selector: &str) {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(&a_lot()).and_then(|()| file.rewind()).expect("room for a mebibyte");
    let (out, output) = pipe();
    let program = Program::start((selector, "copy", User::Same), file, output, None);
    assert!(reading(File::from(out)).join().expect("the reader ends") == a_lot());
    program.succeeds();
}

fn a_file_is_not_read_ahead_of_what_is_wanted(selector: &str) {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(&a_lot()).and_then(|()| file.rewind()).expect("room for a mebibyte");
    let (out, output) = pipe();
    let kept = file.try_clone().expect("descriptors are left");
    let task = "begin to read and leave";
    Program::start((selector, task, User::Same), file, output, None).succeeds();
    drop(out);
    // The offset is of the description, which is shared. The read may not have come to pass at all.
    let place = (&kept).stream_position().expect("files have places");
    assert!(place <= 1, "{place}");
}

fn the_null_device_ends_at_once(selector: &str) {
    let (out, output) = pipe();
    Program::start((selector, "copy", User::Same), Stdio::null(), output, None).succeeds();
    assert_eq!(reading(File::from(out)).join().expect("the reader ends"), b"");
}

fn a_closed_input_ends_at_once(selector: &str) {
    let program = std::env::current_exe().expect("this program has a path");
    let mut command = Command::new("sh");
    command.args(["-c", r#"exec "$0" child "$1" copy <&-"#]).arg(program).arg(selector);
    let output = command.output().expect("there is a shell");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(output.stdout, b"");
}

fn an_input_that_is_not_open_for_reading_fails(selector: &str) {
    let (_reading_end, input) = pipe();
    let (said, errors) = pipe();
    let task = "report the error of a read";
    let errors = Some(errors.into());
    Program::start((selector, task, User::Same), input, Stdio::null(), errors).succeeds();
    let said = reading(File::from(said)).join().expect("the reader ends");
    assert_eq!(said, format!("Some({})", rustix::io::Errno::BADF.raw_os_error()).as_bytes());
}

fn a_read_that_waits_does_not_hold_up_the_exit(selector: &str) {
    for user in users() {
        let ((input, _ours), (out, output)) = (pipe(), pipe());
        let task = "begin to read and leave";
        let program = Program::start((selector, task, user), input, output, None);
        program.succeeds();
        assert_eq!(reading(File::from(out)).join().expect("the reader ends"), b"leaving\n");
    }
}

fn nothing_is_lost_with_reads_that_are_dropped(selector: &str) {
    let bytes = &a_lot()[..50_000];
    for user in users() {
        let ((input, ours), (out, output)) = (pipe(), pipe());
        let task = "copy what is wanted now and then";
        let program = Program::start((selector, task, user), input, output, None);
        let reader = reading(File::from(out));
        let mut ours = File::from(ours);
        for part in bytes.chunks(1_000) {
            ours.write_all(part).expect("it is read");
        }
        drop(ours);
        assert!(reader.join().expect("the reader ends") == bytes);
        program.succeeds();
    }
}

fn nothing_is_lost_with_buffers_that_are_dropped(selector: &str) {
    for user in users() {
        let ((input, ours), (out, output)) = (pipe(), pipe());
        File::from(ours).write_all(b"one\ntwo\nthree\nfour").expect("a pipe has room");
        let task = "copy lines, each by a buffer of its own";
        Program::start((selector, task, user), input, output, None).succeeds();
        let mut text = String::new();
        File::from(out).read_to_string(&mut text).expect("there is an end");
        assert_eq!(text, "<one><two><three><four>");
    }
}

fn an_input_that_is_nonblocking_already_is_waited_for(selector: &str) {
    for user in users() {
        let ((input, ours), (out, output)) = (pipe(), pipe());
        rustix::io::ioctl_fionbio(&input, true).expect("pipes can be nonblocking");
        let task = "begin to read and stay";
        let program = Program::start((selector, task, user), input, output, None);
        assert_eq!(line(File::from(out)).expect("it says so"), "staying");
        drop((program, ours));

        let ((input, ours), (out, output)) = (pipe(), pipe());
        rustix::io::ioctl_fionbio(&input, true).expect("pipes can be nonblocking");
        let program = Program::start((selector, "copy", user), input, output, None);
        let (writer, reader) = (writing(File::from(ours), a_lot()), reading(File::from(out)));
        writer.join().expect("the writer ends");
        assert!(reader.join().expect("the reader ends") == a_lot());
        program.succeeds();
    }
}

fn an_input_stays_blocking_for_others(selector: &str) {
    for user in users() {
        let ((input, ours), (out, output)) = (pipe(), pipe());
        let kept =
            [input.try_clone(), output.try_clone()].map(|fd| fd.expect("descriptors are left"));
        let task = "begin to read and stay";
        let program = Program::start((selector, task, user), input, output, None);
        assert_eq!(line(File::from(out)).expect("it says so"), "staying");
        assert!(kept.iter().all(|fd| !is_nonblocking(fd)));
        program.kill();
        assert!(kept.iter().all(|fd| !is_nonblocking(fd)));
        drop(ours);
    }
}

#[cfg(target_os = "linux")]
fn only_what_cannot_be_opened_again_is_read_on_a_thread(selector: &str) {
    let task = "begin to read and tell how";
    for user in users() {
        let ((input, _ours), (out, output)) = (pipe(), pipe());
        Program::start((selector, task, user), input, output, None).succeeds();
        let expected = if user == User::Same { "a descriptor" } else { "a thread" };
        let said = reading(File::from(out)).join().expect("the reader ends");
        assert_eq!(String::from_utf8_lossy(&said), expected);
    }
}
