//! A process tells what its loops do.
#![cfg(unix)]

mod common;

use runtime::inspect::Client;
use runtime::inspect::protocol::{Answered, Asked, Format, Order, State};

use common::{Home, Raw, asked_for_snapshot, server, snapshot, task};

#[test]
fn a_process_lists_its_loops_with_their_threads() {
    let (_directory, server) = server();
    let (first, second) = (Home::new(), Home::new());
    let mut client = Client::connect(server.path()).unwrap();
    let Answered::Process(process) = client.ask(Asked::Process).unwrap() else { panic!() };
    assert_eq!(process.pid, std::process::id());
    assert!(process.program.contains("answers"), "{}", process.program);
    for home in [&first, &second] {
        let found = process.loops.iter().find(|each| each.id == home.id).unwrap();
        assert_eq!(found.thread.as_deref(), Some("home"));
    }
    assert_ne!(first.id, second.id);
}

#[test]
fn a_snapshot_tells_who_waits_for_whom() {
    let (_directory, server) = server();
    let home = Home::new();
    let mut client = Client::connect(server.path()).unwrap();
    let snapshot = snapshot(client.ask(asked_for_snapshot(home.id)).unwrap());
    let (boss, worker) = (task(&snapshot, "boss"), task(&snapshot, "worker"));
    assert_eq!((boss.state, worker.state), (State::Waiting, State::Waiting));
    assert_eq!(boss.awaits.iter().map(|each| each.task).collect::<Vec<_>>(), [Some(worker.id)]);
    let waiters: Vec<_> = worker.awaited_by.iter().map(|each| each.task).collect();
    assert_eq!(waiters, [Some(boss.id)]);
    assert!(worker.location.contains("common/mod.rs:"), "{}", worker.location);
    assert_eq!((snapshot.total_tasks, snapshot.metrics.live_tasks), (2, 2));
}

#[test]
fn a_limit_leaves_out_tasks_and_says_so() {
    let (_directory, server) = server();
    let home = Home::new();
    let mut client = Client::connect(server.path()).unwrap();
    let asked = Asked::Snapshot { id: home.id, limit: Some(1), order: Order::Id, timeout_ms: None };
    let snapshot = snapshot(client.ask(asked).unwrap());
    assert_eq!((snapshot.tasks.len(), snapshot.total_tasks), (1, 2));
}

#[test]
fn a_graph_comes_as_text_as_json_and_for_dot() {
    let (_directory, server) = server();
    let home = Home::new();
    let mut client = Client::connect(server.path()).unwrap();
    let mut draw = |format| {
        let asked = Asked::Graph { id: home.id, format, timeout_ms: None };
        let Answered::Graph(drawing) = client.ask(asked).unwrap() else { panic!() };
        assert_eq!(drawing.format, format);
        drawing.text
    };
    let text = draw(Format::Text);
    let (boss, worker) = (text.find("`boss`").unwrap(), text.find("`worker`").unwrap());
    assert!(boss < worker, "{text}");
    let json: serde_json::Value = serde_json::from_str(&draw(Format::Json)).unwrap();
    assert_eq!(json["nodes"].as_array().unwrap().len(), 2);
    let dot = draw(Format::Dot);
    assert!(dot.starts_with("digraph ") && dot.contains(" -> "), "{dot}");
}

#[test]
fn what_a_client_leaves_out_has_its_default() {
    let (_directory, server) = server();
    let home = Home::new();
    let mut raw = Raw::connect(server.path());
    let answer = raw.ask(&format!(r#"{{"version":1,"request":"snapshot","loop":{}}}"#, home.id));
    assert_eq!(answer["version"], 1);
    assert_eq!(answer["snapshot"]["tasks"].as_array().unwrap().len(), 2);
    let answer = raw.ask(&format!(r#"{{"version":1,"request":"graph","loop":{}}}"#, home.id));
    assert_eq!(answer["graph"]["format"], "text");
}

#[test]
fn requests_sent_at_once_are_answered_in_their_order() {
    let (_directory, server) = server();
    let home = Home::new();
    let mut raw = Raw::connect(server.path());
    let graph = format!(r#"{{"version":1,"request":"graph","loop":{}}}"#, home.id);
    raw.send(format!("{graph}\nnonsense\n{{\"version\":1,\"request\":\"process\"}}\n").as_bytes());
    assert!(raw.answer().unwrap().get("graph").is_some());
    assert!(raw.answer().unwrap().get("error").is_some());
    assert!(raw.answer().unwrap().get("process").is_some());
}
