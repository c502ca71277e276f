//! A loop that is blocked is reported as such, and keeps nobody from looking at the others.
#![cfg(unix)]

mod common;

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use runtime::inspect::Client;
use runtime::inspect::protocol::{Asked, ErrorKind, Order, Refusal};

use common::{Home, asked_for_snapshot, server, snapshot};

fn impatient(id: u64) -> Asked {
    Asked::Snapshot { id, limit: None, order: Order::Id, timeout_ms: Some(20) }
}

fn refusal(error: std::io::Error) -> Refusal {
    error.downcast::<Refusal>().unwrap()
}

#[test]
fn a_blocked_loop_does_not_answer_until_it_goes_on() {
    let (_directory, server) = server();
    let home = Home::new();
    let release = home.block();
    let mut client = Client::connect(server.path()).unwrap();
    let refusal = refusal(client.ask(impatient(home.id)).unwrap_err());
    assert_eq!(refusal.kind, ErrorKind::DoesNotAnswer);
    assert!(refusal.message.contains("20ms"), "{refusal}");
    drop(release);
    let answer = client.ask(asked_for_snapshot(home.id)).unwrap();
    assert_eq!(snapshot(answer).tasks.len(), 2);
}

#[test]
fn a_watchdog_knows_which_task_keeps_a_loop_from_answering() {
    let (_directory, server) = server();
    let (release, released) = mpsc::channel::<()>();
    let (blocked, is_blocked) = mpsc::channel();
    let home = thread::spawn(move || {
        // It publishes polls, and has an hour before it complains about one.
        let rt = runtime::Builder::new().watchdog(Duration::from_secs(3600)).build().unwrap();
        let here = thread::current().id();
        let mut loops = runtime::inspect::loops().into_iter();
        let own = loops.find(|open| open.thread().id() == here).unwrap().id();
        let culprit = async move {
            blocked.send((own, runtime::task::id().number())).unwrap();
            let _ = released.recv();
        };
        rt.block_on(async move {
            runtime::task::Builder::new().name("culprit").spawn(culprit).await.unwrap();
        });
    });
    let (id, culprit) = is_blocked.recv().unwrap();
    let mut client = Client::connect(server.path()).unwrap();
    let refusal = refusal(client.ask(impatient(id)).unwrap_err());
    let poll = refusal.poll.as_ref().unwrap();
    assert_eq!(poll.task, Some(culprit));
    assert!(poll.what.contains("culprit"), "{poll}");
    assert!(refusal.to_string().contains("culprit"), "{refusal}");
    drop(release);
    home.join().unwrap();
}

#[test]
fn an_inspected_loop_is_told_with_its_poll_and_one_that_nobody_runs_as_such() {
    let (_directory, server) = server();
    let here = thread::current().id();
    let rt = runtime::Builder::new().inspect(true).build().unwrap();
    let mut loops = runtime::inspect::loops().into_iter();
    let id = loops.find(|open| open.thread().id() == here).unwrap().id();
    let path = server.path().to_owned();
    let ask = move || {
        let path = path.clone();
        let asking = thread::spawn(move || Client::connect(path).unwrap().ask(impatient(id)));
        refusal(asking.join().unwrap().unwrap_err())
    };
    let blocked = rt.block_on(async { ask() });
    assert!(blocked.message.contains("blocked"), "{blocked}");
    assert!(blocked.poll.unwrap().what.contains("main future"));
    let alone = ask();
    assert!(alone.message.contains("nobody runs it") && alone.poll.is_none(), "{alone}");
}

#[test]
fn the_other_loops_of_the_process_answer_meanwhile() {
    let (_directory, server) = server();
    let (blocked, free) = (Home::new(), Home::new());
    let release = blocked.block();
    let mut client = Client::connect(server.path()).unwrap();
    refusal(client.ask(impatient(blocked.id)).unwrap_err());
    assert_eq!(snapshot(client.ask(asked_for_snapshot(free.id)).unwrap()).tasks.len(), 2);
    drop(release);
}

#[test]
fn a_client_that_waits_for_a_blocked_loop_keeps_no_other_waiting() {
    let (_directory, server) = server();
    let (blocked, free) = (Home::new(), Home::new());
    let release = blocked.block();
    let mut patient = Client::connect(server.path()).unwrap();
    let id = blocked.id;
    let waiting = std::thread::spawn(move || patient.ask(asked_for_snapshot(id)));
    let mut other = Client::connect(server.path()).unwrap();
    assert_eq!(snapshot(other.ask(asked_for_snapshot(free.id)).unwrap()).tasks.len(), 2);
    drop(release);
    assert_eq!(snapshot(waiting.join().unwrap().unwrap()).tasks.len(), 2);
}
