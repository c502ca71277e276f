//! What a user sees.
#![cfg(unix)]

mod common;

use std::process::Stdio;

use common::{Home, command, own_pid};

/// The line of a table that has this word as one of its fields.
fn line<'a>(table: &'a str, word: &str) -> &'a str {
    let found = table.lines().find(|line| line.split_whitespace().any(|field| field == word));
    found.unwrap_or_else(|| panic!("no line has {word}:\n{table}"))
}

/// What a line of a table of tasks has under POLLS.
fn polls(line: &str) -> &str {
    line.split_whitespace().nth(3).unwrap()
}

#[test]
fn without_arguments_it_lists_processes() {
    let home = Home::new();
    for arguments in [&[][..], &["ps"]] {
        let table = home.look(arguments);
        assert!(line(&table, "PID").contains("PROGRAM"), "{table}");
        let own = line(&table, &own_pid());
        assert!(own.contains("home") && own.contains("looks"), "{table}");
    }
}

#[test]
fn ps_lists_the_tasks_of_a_process() {
    let home = Home::new();
    let socket = home.server.path().to_str().unwrap().to_owned();
    for target in [own_pid(), socket] {
        let table = home.look(&["ps", &target]);
        assert!(line(&table, "ID").contains("SPAWNED AT"), "{table}");
        let (boss, worker) = (line(&table, "boss"), line(&table, "worker"));
        assert!(boss.contains("waiting") && boss.contains("common/mod.rs:"), "{table}");
        let id = |line: &str| line.split_whitespace().next().unwrap().to_owned();
        assert!(boss.contains(&format!("task {}", id(worker))), "{table}");
        assert!(worker.contains(&format!("task {}", id(boss))), "{table}");
    }
}

#[test]
fn a_tree_shows_who_waits_for_whom() {
    let home = Home::new();
    // The only process need not be named.
    let tree = home.look(&["tree"]);
    let lines: Vec<_> = tree.lines().collect();
    let boss = lines.iter().position(|line| line.contains("`boss`")).unwrap();
    assert!(lines[boss + 1].contains("─ task") && lines[boss + 1].contains("`worker`"), "{tree}");

    let json = home.look(&["tree", &own_pid(), "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["nodes"].as_array().unwrap().len(), 3);
    let dot = home.look(&["tree", &own_pid(), "--dot"]);
    assert!(dot.starts_with("digraph ") && dot.contains("boss"), "{dot}");
}

#[test]
fn top_prints_look_after_look_where_there_is_no_terminal() {
    let home = Home::new();
    let text = home.look(&["top", &own_pid(), "-n", "2", "-d", "0.1"]);
    assert_eq!(text.matches("per second").count(), 2, "{text}");
    assert_eq!(text.matches("ticker").count(), 2, "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[test]
fn top_counts_the_polls_of_each_task() {
    let home = Home::new();
    let text = home.look(&["top", &own_pid(), "-n", "1", "-d", "0.2", "--sort", "polls"]);
    // The third column; the ticker, which is the only one that is polled, is at the top.
    let polls = |name| line(&text, name).split_whitespace().nth(2).unwrap().to_owned();
    assert_ne!(polls("ticker"), "0", "{text}");
    assert_eq!(polls("worker"), "0", "{text}");
    let place = |name| text.lines().position(|line| line.contains(name)).unwrap();
    assert!(place("ticker") < place("worker"), "{text}");
}

#[test]
fn a_loop_is_measured_only_while_somebody_looks() {
    let home = Home::new();
    home.look(&["top", &own_pid(), "-n", "1", "-d", "0.05"]);
    // The server sees the end of the connection a little later than we do.
    loop {
        let table = home.look(&["ps", &own_pid()]);
        if polls(line(&table, "ticker")) == "-" {
            return;
        }
    }
}

#[test]
fn ps_says_how_to_have_polls_counted_and_does_so_if_told() {
    let home = Home::new();
    let hint = |arguments: &[&str]| {
        let output = home.command(arguments).output().unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stderr).unwrap();
        (String::from_utf8(output.stdout).unwrap(), text)
    };
    let (table, complaint) = hint(&["ps", &own_pid()]);
    assert_eq!(polls(line(&table, "ticker")), "-", "{table}");
    assert!(complaint.contains("--observe"), "{complaint}");
    let (table, complaint) = hint(&["ps", &own_pid(), "--observe", "0.1"]);
    assert_ne!(polls(line(&table, "ticker")), "-", "{table}");
    assert_eq!(complaint, "");
}

#[test]
fn a_reader_who_has_seen_enough_is_no_failure() {
    let home = Home::new();
    let mut child = home
        .command(&["top", &own_pid(), "-d", "0.05"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn help_and_version_are_there() {
    for arguments in [&["--help"][..], &["ps", "--help"], &["tree", "--help"], &["top", "--help"]] {
        let output = command(arguments).output().unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("Usage: runtime-ps"), "{text}");
    }
    assert!(command(&["--version"]).output().unwrap().status.success());
    for arguments in [&["top", "-d", "0"][..], &["top", "-d", "x"], &["tree", "--json", "--dot"]] {
        assert_eq!(command(arguments).output().unwrap().status.code(), Some(2), "{arguments:?}");
    }
}
