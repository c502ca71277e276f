//! The selector for poll(2) knows no limit of sources but that of the process.

#![cfg(unix)]

use std::io::Write;
use std::time::Duration;

use mio::unix::pipe;
use runtime_core::reactor::{Event, Interest, PollSelector, Selector, Token};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What there is to report at this moment.
fn look(selector: &mut PollSelector) -> Vec<Event> {
    let mut events = Vec::new();
    selector.select(&mut events, Some(Duration::ZERO)).unwrap();
    events
}

// Alone in its process, because it takes most of the descriptors.
#[test]
fn thousands_of_sources_are_watched() {
    const SOURCES: usize = 2000;
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, ..limit };
    setrlimit(Resource::Nofile, raised).unwrap();

    let mut selector = PollSelector::new().unwrap();
    let mut pipes: Vec<_> = (0..SOURCES).map_while(|_| pipe::new().ok()).collect();
    // As many as the machine lets us have; on all but the meanest, numbers beyond 1024.
    assert!(pipes.len() > 100);
    for (index, (_, receiver)) in pipes.iter_mut().enumerate() {
        selector.register(receiver, Token(index), Interest::READABLE).unwrap();
    }
    assert_eq!(look(&mut selector), []);
    let mut expected = Vec::new();
    for (index, (sender, _)) in pipes.iter_mut().enumerate().step_by(7) {
        sender.write_all(b"x").unwrap();
        expected.push(Token(index));
    }
    let mut tokens: Vec<_> = look(&mut selector).iter().map(|event| event.token).collect();
    tokens.sort();
    assert_eq!(tokens, expected);
    assert_eq!(look(&mut selector), []);
    for (_, receiver) in &mut pipes {
        selector.deregister(receiver).unwrap();
    }
    for (sender, _) in &mut pipes {
        sender.write_all(b"y").unwrap();
    }
    assert_eq!(look(&mut selector), []);
}
