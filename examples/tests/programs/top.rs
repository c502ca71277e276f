//! A server that can be looked into.

use runtime::inspect::Client;
use runtime::inspect::protocol::{Answered, Asked, Order};

use crate::program::Example;

#[test]
fn top_can_be_looked_into_from_another_process() {
    let directory = tempfile::tempdir().expect("there is room");
    let socket = directory.path().join("socket");
    let path = socket.to_str().expect("the path is text");
    let mut example = Example::start("top", &["--clients", "3", "--socket", path]);
    example.line_with("kill -USR1");
    let mut client = Client::connect(&socket).expect("it serves");
    let Answered::Process(process) = client.ask(Asked::Process).expect("it answers") else {
        panic!("it answers something else");
    };
    assert_eq!(process.pid, example.id());

    let mut names_of = |id| {
        let asked = Asked::Snapshot { id, limit: None, order: Order::Id, timeout_ms: Some(10_000) };
        match client.ask(asked) {
            Ok(Answered::Snapshot(snapshot)) => {
                snapshot.tasks.into_iter().filter_map(|task| task.name).collect::<Vec<_>>()
            }
            // A loop that is just being made.
            _ => Vec::new(),
        }
    };
    // The loops are made one after the other, so it takes a while until all is as it will be.
    loop {
        let names: Vec<_> = (1..10).flat_map(&mut names_of).collect();
        let has = |wanted: &str| names.iter().any(|name| name == wanted);
        if has("session") && has("reindex") && has("client 2") {
            break;
        }
    }
    example.signal("INT");
    example.output();
    assert!(!socket.exists(), "it has cleaned up");
}
