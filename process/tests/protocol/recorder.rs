//! A protocol that writes down what it is told, and does as a test says.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::rc::Rc;
use std::task::{Poll, Waker};

use runtime::process::protocol::{SubprocessProtocol, SubprocessTransport};

type Reaction = Rc<dyn Fn(&str, &SubprocessTransport)>;

/// What was heard, and what is to be done about it.
#[derive(Clone, Default)]
pub(crate) struct Log(Rc<Inner>);

#[derive(Default)]
struct Inner {
    events: RefCell<Vec<String>>,
    received: [RefCell<Vec<u8>>; 2],
    transport: RefCell<Option<SubprocessTransport>>,
    waker: RefCell<Option<Waker>>,
    reaction: RefCell<Option<Reaction>>,
}

impl Log {
    pub(crate) fn new() -> Log {
        Log::default()
    }

    /// Has the protocol do something in each callback, of which it is told the name.
    pub(crate) fn reacting(self, reaction: impl Fn(&str, &SubprocessTransport) + 'static) -> Log {
        *self.0.reaction.borrow_mut() = Some(Rc::new(reaction));
        self
    }

    pub(crate) fn protocol(&self) -> Recorder {
        Recorder(self.clone())
    }

    /// The names of the callbacks so far, calls that follow one of the same kind with data left out.
    pub(crate) fn events(&self) -> Vec<String> {
        self.0.events.borrow().clone()
    }

    pub(crate) fn count(&self, event: &str) -> usize {
        self.0.events.borrow().iter().filter(|other| *other == event).count()
    }

    /// What the child has said on descriptor 1 or 2.
    pub(crate) fn received(&self, fd: usize) -> Vec<u8> {
        self.0.received[fd - 1].borrow().clone()
    }

    pub(crate) fn forget_transport(&self) {
        let transport = self.0.transport.take();
        drop(transport);
    }

    pub(crate) async fn until(&self, condition: impl Fn(&Log) -> bool) {
        poll_fn(|cx| {
            if condition(self) {
                return Poll::Ready(());
            }
            *self.0.waker.borrow_mut() = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// Waits for the end, checks that it came as it has to, and returns how it was.
    pub(crate) async fn end(&self) -> String {
        self.until(|log| log.events().last().is_some_and(|last| last.starts_with("lost"))).await;
        let events = self.events();
        assert_eq!(events[0], "made", "{events:?}");
        assert_eq!(
            events.iter().filter(|event| event.starts_with("lost")).count(),
            1,
            "{events:?}"
        );
        for fd in ["0", "1", "2"] {
            let end = events.iter().position(|event| event.starts_with(&format!("pipe {fd} lost")));
            let data = events.iter().rposition(|event| *event == format!("data {fd}"));
            assert!(data.is_none() || data < end, "{events:?}");
        }
        events.last().expect("there is the end").clone()
    }

    fn note(&self, event: &str) {
        let repeated = self.0.events.borrow().last().is_some_and(|last| last == event);
        if !(repeated && event.starts_with("data")) {
            self.0.events.borrow_mut().push(event.to_owned());
        }
        let waker = self.0.waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
        let transport = self.0.transport.borrow().clone();
        let reaction = self.0.reaction.borrow().clone();
        if let (Some(transport), Some(reaction)) = (transport, reaction) {
            reaction(event, &transport);
        }
    }
}

pub(crate) struct Recorder(Log);

impl SubprocessProtocol for Recorder {
    fn connection_made(&mut self, transport: SubprocessTransport) {
        let former = self.0.0.transport.replace(Some(transport));
        assert!(former.is_none(), "a connection is made once");
        self.0.note("made");
    }

    fn pipe_data_received(&mut self, fd: i32, data: &[u8]) {
        assert!(!data.is_empty(), "there is always something");
        let place = usize::try_from(fd - 1).expect("1 or 2");
        self.0.0.received[place].borrow_mut().extend_from_slice(data);
        self.0.note(&format!("data {fd}"));
    }

    fn pipe_connection_lost(&mut self, fd: i32, error: Option<io::Error>) {
        self.0.note(&with_error(&format!("pipe {fd} lost"), error));
    }

    fn pause_writing(&mut self) {
        self.0.note("pause");
    }

    fn resume_writing(&mut self) {
        self.0.note("resume");
    }

    fn process_exited(&mut self) {
        self.0.note("exited");
    }

    fn connection_lost(&mut self, error: Option<io::Error>) {
        self.0.note(&with_error("lost", error));
    }
}

fn with_error(event: &str, error: Option<io::Error>) -> String {
    match error {
        None => event.to_owned(),
        Some(error) => format!("{event}: {:?}", error.kind()),
    }
}
