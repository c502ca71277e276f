//! Terminals, which a program shares with the shell that started it.

use std::fs::File;
use std::io::Write;
use std::os::fd::OwnedFd;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use crate::program::{Program, User, is_nonblocking, line, users};

pub(crate) const TESTS: &[(&str, fn(&str))] = &[
    ("a_line_that_is_typed_is_read", a_line_that_is_typed_is_read),
    ("the_end_that_is_typed_is_one", the_end_that_is_typed_is_one),
    ("a_terminal_stays_blocking_after_a_kill", a_terminal_stays_blocking_after_a_kill),
    (
        "a_read_of_a_terminal_does_not_hold_up_the_exit",
        a_read_of_a_terminal_does_not_hold_up_the_exit,
    ),
    #[cfg(target_os = "linux")]
    ("another_user_opens_the_controlling_terminal", another_user_opens_the_controlling_terminal),
    ("a_master_is_not_opened_again", a_master_is_not_opened_again),
];

/// The master of a terminal, and the terminal, which does not repeat what is typed.
fn terminal() -> (File, OwnedFd) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("there are terminals");
    grantpt(&master).and_then(|()| unlockpt(&master)).expect("it is ours");
    let name = ptsname(&master, Vec::new()).expect("it has a name");
    let flags = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY;
    let slave = rustix::fs::open(name.as_c_str(), flags, rustix::fs::Mode::empty());
    let slave = slave.expect("it can be opened");
    let mut settings = tcgetattr(&slave).expect("it has settings");
    settings.local_modes -= LocalModes::ECHO;
    tcsetattr(&slave, OptionalActions::Now, &settings).expect("they can be changed");
    (File::from(master), slave)
}

fn clone(fd: &OwnedFd) -> OwnedFd {
    fd.try_clone().expect("descriptors are left")
}

fn a_line_that_is_typed_is_read(selector: &str) {
    for user in users() {
        let (mut master, slave) = terminal();
        let task = (selector, "copy lines, each by a buffer of its own", user);
        let program = Program::start(task, clone(&slave), clone(&slave), None);
        // Twice, as the terminal gives a line at a time.
        master.write_all(b"one\ntwo\n\x04").expect("the terminal takes it");
        program.succeeds();
        slave_line(&slave);
        assert_eq!(line(&master).expect("the terminal shows it").trim_end(), "<one><two>");
    }
}

/// Ends the line on the terminal.
fn slave_line(slave: &OwnedFd) {
    File::from(clone(slave)).write_all(b"\n").expect("the terminal takes it");
}

fn the_end_that_is_typed_is_one(selector: &str) {
    let (mut master, slave) = terminal();
    let program =
        Program::start((selector, "copy", User::Same), clone(&slave), clone(&slave), None);
    master.write_all(b"\x04").expect("the terminal takes it");
    program.succeeds();
    slave_line(&slave);
    assert_eq!(line(&master).expect("the terminal shows it").trim_end(), "");
}

fn a_terminal_stays_blocking_after_a_kill(selector: &str) {
    for user in users() {
        let (master, slave) = terminal();
        let task = (selector, "begin to read and stay", user);
        let program =
            Program::start(task, clone(&slave), clone(&slave), Some(clone(&slave).into()));
        assert_eq!(line(&master).expect("it says so").trim_end(), "staying");
        assert!(!is_nonblocking(&slave));
        program.kill();
        assert!(!is_nonblocking(&slave));
    }
}

fn a_read_of_a_terminal_does_not_hold_up_the_exit(selector: &str) {
    for user in users() {
        let (master, slave) = terminal();
        let task = (selector, "begin to read and leave", user);
        Program::start(task, clone(&slave), clone(&slave), None).succeeds();
        assert_eq!(line(&master).expect("it says so").trim_end(), "leaving");
        assert!(!is_nonblocking(&slave));
    }
}

#[cfg(target_os = "linux")]
fn another_user_opens_the_controlling_terminal(selector: &str) {
    use std::process::Command;

    let has_setsid = Command::new("setsid").arg("--version").output().is_ok();
    if !has_setsid || !users().contains(&User::Other) {
        print!("(skipped) ");
        return;
    }
    let (_master, slave) = terminal();
    let (out, output) = crate::program::pipe();
    let task = (selector, "begin to read and tell how", User::OtherAtTerminal);
    Program::start(task, clone(&slave), output, None).succeeds();
    let said = crate::program::reading(File::from(out)).join().expect("the reader ends");
    assert_eq!(String::from_utf8_lossy(&said), "a descriptor");
    assert!(!is_nonblocking(&slave));
}

fn a_master_is_not_opened_again(selector: &str) {
    let (master, slave) = terminal();
    let input = OwnedFd::from(master);
    let task = (selector, "copy lines, each by a buffer of its own", User::Same);
    let (out, output) = crate::program::pipe();
    let program = Program::start(task, clone(&input), output, None);
    slave_line(&slave);
    File::from(clone(&slave)).write_all(b"typed\n").expect("the terminal takes it");
    // Had another pair of terminals been made, it would not have been heard.
    let mut out = File::from(out);
    let mut said = [0; 9];
    std::io::Read::read_exact(&mut out, &mut said).expect("it says what it has read");
    assert_eq!(&said, b"<><typed>");
    program.kill();
}
