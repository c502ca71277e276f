//! `top` on a terminal: it takes the screen, obeys keys, and gives the screen back.
#![cfg(target_os = "linux")]

mod common;

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::process::{Child, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

use common::{Home, own_pid};

/// A terminal, and the program on it.
struct Terminal {
    keyboard: File,
    screen: File,
    slave: File,
    child: Child,
    /// All that was ever printed.
    seen: String,
}

impl Terminal {
    fn new(home: &Home, arguments: &[&str]) -> Terminal {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let slave = OpenOptions::new().read(true).write(true).open(name).unwrap();
        let size = Winsize { ws_row: 30, ws_col: 160, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&slave, size).unwrap();
        let child = home
            .command(arguments)
            .stdin(slave.try_clone().unwrap())
            .stdout(slave.try_clone().unwrap())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let master = File::from(master);
        let keyboard = master.try_clone().unwrap();
        Terminal { keyboard, screen: master, slave, child, seen: String::new() }
    }

    fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// Reads until `text` has appeared after all that was seen before.
    fn wait_for(&mut self, text: &str) {
        let from = self.seen.len();
        let mut buffer = [0; 4096];
        while !self.seen[from..].contains(text) {
            let count = self.screen.read(&mut buffer).unwrap();
            self.seen.push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
    }

    /// Reads until a whole picture is as it should be.
    fn wait_for_frame(&mut self, is_right: impl Fn(&str) -> bool) {
        loop {
            let from = self.seen.len();
            self.wait_for(BEGIN_FRAME);
            self.wait_for(END_FRAME);
            let begin = self.seen[..].rfind(BEGIN_FRAME).unwrap();
            let frame = &self.seen[begin..];
            if frame.contains(END_FRAME) && is_right(frame) {
                return;
            }
            assert!(self.seen.len() > from);
        }
    }

    fn echoes(&self) -> bool {
        tcgetattr(&self.slave).unwrap().local_modes.contains(LocalModes::ECHO)
    }
}

const BEGIN_FRAME: &str = "\u{1b}[?2026h";
const END_FRAME: &str = "\u{1b}[?2026l";
const ENTER_SCREEN: &str = "\u{1b}[?1049h";
const LEAVE_SCREEN: &str = "\u{1b}[?1049l";

#[test]
fn q_quits_and_gives_the_terminal_back() {
    let home = Home::new();
    for quit in ["q", "\u{3}"] {
        let mut terminal = Terminal::new(&home, &["top", &own_pid(), "-d", "0.05"]);
        terminal.wait_for(ENTER_SCREEN);
        terminal.wait_for("ticker");
        terminal.wait_for("q quit");
        assert!(!terminal.echoes(), "keys are not for the screen");
        terminal.press(quit);
        terminal.wait_for(LEAVE_SCREEN);
        assert!(terminal.child.wait().unwrap().success());
        assert!(terminal.echoes());
    }
}

#[test]
fn keys_change_the_order() {
    let home = Home::new();
    let mut terminal = Terminal::new(&home, &["top", &own_pid(), "-d", "0.05"]);
    let before = |frame: &str, first: &str, second: &str| {
        let place = |name| frame.find(name);
        place(first).is_some() && place(first) < place(second)
    };
    terminal.press("n");
    terminal.wait_for_frame(|frame| before(frame, "boss", "ticker"));
    terminal.press("p");
    terminal.wait_for_frame(|frame| before(frame, "ticker", "boss"));
    terminal.press("g");
    terminal.wait_for_frame(|frame| frame.contains("TASKS"));
    // It scrolls to the end and no further, where the last row stays.
    terminal.press("n\u{1b}[6~");
    terminal.wait_for_frame(|frame| !frame.contains("boss") && frame.contains("worker"));
    terminal.press("q");
    assert!(terminal.child.wait().unwrap().success());
}

#[test]
fn a_failure_is_told_when_the_terminal_is_back() {
    let home = Home::new();
    let mut terminal = Terminal::new(&home, &["top", &own_pid(), "-d", "0.05"]);
    terminal.wait_for("ticker");
    drop(home);
    terminal.wait_for(LEAVE_SCREEN);
    assert!(terminal.echoes());
    let mut complaint = String::new();
    terminal.child.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
    assert!(complaint.starts_with("error: "), "{complaint}");
    assert_eq!(terminal.child.wait().unwrap().code(), Some(1));
}
