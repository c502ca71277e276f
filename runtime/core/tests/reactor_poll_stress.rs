//! The selector for poll(2) while other threads unpark it, rearm and deregister its sources: each
//! message is reported, and reported once.

#![cfg(unix)]

use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Barrier};
use std::thread;

use mio::unix::pipe;
use runtime_core::reactor::{Deregister, Event, Interest, PollSelector, Rearm, Selector, Token};

const WORKERS: usize = 8;
const MESSAGES: usize = 1000;
/// Sources that come and go meanwhile have tokens from here on.
const SHORT_LIVED: usize = 1000;
const ROUNDS: usize = 500;

/// What a worker needs.
struct Worker {
    token: Token,
    ends: (pipe::Sender, pipe::Receiver),
    reports: Receiver<()>,
    rearmer: Arc<dyn Rearm>,
    deregistrar: Arc<dyn Deregister>,
}

impl Worker {
    /// Sends messages to itself by way of a pipe, and reads each when it has been reported.
    fn work(mut self) {
        let (sender, receiver) = &mut self.ends;
        sender.write_all(&[0]).unwrap();
        for message in 0..MESSAGES {
            self.reports.recv().expect("the selector is there until everybody is done");
            let mut bytes = [0; 8];
            assert_eq!(receiver.read(&mut bytes).unwrap(), 1);
            let error = receiver.read(&mut bytes).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
            if message + 1 == MESSAGES {
                break;
            }
            // What comes before the call is a level, what comes after it an edge.
            if message % 2 == 0 {
                sender.write_all(&[0]).unwrap();
                self.rearmer.rearm(self.token, Interest::READABLE);
            } else {
                self.rearmer.rearm(self.token, Interest::READABLE);
                sender.write_all(&[0]).unwrap();
            }
        }
        self.deregistrar.deregister(receiver).unwrap();
    }
}

#[test]
fn nothing_is_lost_and_nothing_is_told_twice() {
    let mut selector = PollSelector::new().unwrap();
    let rearmer = selector.rearmer().unwrap();
    let deregistrar = selector.deregistrar().unwrap();
    let unparker = selector.unparker();
    let busy = Arc::new(AtomicUsize::new(WORKERS + 1));
    let start = Arc::new(Barrier::new(WORKERS + 1));

    let mut reporters: Vec<Sender<()>> = Vec::new();
    let mut threads = Vec::new();
    for index in 0..WORKERS {
        let (sender, mut receiver) = pipe::new().unwrap();
        let token = Token(index);
        selector.register(&mut receiver, token, Interest::READABLE).unwrap();
        let (reporter, reports) = mpsc::channel();
        reporters.push(reporter);
        let worker = Worker {
            token,
            ends: (sender, receiver),
            reports,
            rearmer: rearmer.clone(),
            deregistrar: deregistrar.clone(),
        };
        let (start, busy, unparker) = (start.clone(), busy.clone(), unparker.clone());
        threads.push(thread::spawn(move || {
            start.wait();
            worker.work();
            busy.fetch_sub(1, Ordering::Relaxed);
            unparker.unpark();
        }));
    }

    // Closes, on its own thread, what was registered on this one.
    let (close, closes) = mpsc::channel::<(pipe::Sender, pipe::Receiver)>();
    let closer = thread::spawn({
        let (start, busy, unparker) = (start.clone(), busy.clone(), unparker.clone());
        move || {
            start.wait();
            while let Ok((mut sender, mut receiver)) = closes.recv() {
                sender.write_all(&[0]).unwrap();
                deregistrar.deregister(&mut receiver).unwrap();
                unparker.unpark();
            }
            busy.fetch_sub(1, Ordering::Relaxed);
            unparker.unpark();
        }
    });
    threads.push(closer);

    let mut close = Some(close);
    let mut count = 0;
    let mut round = 0;
    let mut events: Vec<Event> = Vec::new();
    while busy.load(Ordering::Relaxed) > 0 {
        match &close {
            Some(close) if round < ROUNDS => {
                let (sender, mut receiver) = pipe::new().unwrap();
                let token = Token(SHORT_LIVED + round);
                selector.register(&mut receiver, token, Interest::READABLE).unwrap();
                close.send((sender, receiver)).unwrap();
                round += 1;
            }
            _ => close = None,
        }
        selector.select(&mut events, None).unwrap();
        for event in events.drain(..).filter(|event| event.token.0 < SHORT_LIVED) {
            assert!(event.ready.is_readable());
            count += 1;
            reporters[event.token.0].send(()).unwrap();
        }
    }
    assert_eq!(count, WORKERS * MESSAGES);
    for thread in threads {
        thread.join().unwrap();
    }
}
