//! A subscriber of `tracing` that writes down what becomes of spans.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Level, Metadata, Subscriber};

/// What a subscriber is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    New(u64),
    Enter(u64),
    Exit(u64),
    Close(u64),
    /// What is done with a waker of the span.
    Waker(u64, String),
    /// Any other event.
    Event(String),
}

/// A span, with its fields in words.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    pub(crate) id: u64,
    pub(crate) name: &'static str,
    pub(crate) target: &'static str,
    fields: BTreeMap<&'static str, String>,
    references: usize,
}

impl Seen {
    /// A field in words, or nothing.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

impl Visit for Seen {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.fields.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.insert(field.name(), value.to_owned());
    }
}

#[derive(Debug, Default)]
struct Book {
    told: Vec<Told>,
    spans: Vec<Seen>,
}

/// Writes down what it is told, as long as the targets begin like one of its own.
#[derive(Debug, Clone)]
pub(crate) struct Recorder {
    targets: &'static [&'static str],
    book: Arc<Mutex<Book>>,
}

impl Recorder {
    /// Wants the spans of the loop and the events of the test.
    pub(crate) fn new() -> Recorder {
        Recorder::of(&["runtime::task", "runtime::waker", "test"])
    }

    pub(crate) fn of(targets: &'static [&'static str]) -> Recorder {
        Recorder { targets, book: Arc::default() }
    }

    /// Makes it the subscriber of this thread while `f` runs.
    pub(crate) fn record<R>(&self, f: impl FnOnce() -> R) -> R {
        tracing::subscriber::with_default(self.clone(), f)
    }

    pub(crate) fn dispatch(&self) -> Dispatch {
        Dispatch::new(self.clone())
    }

    /// All spans, in the order in which they were made.
    pub(crate) fn spans(&self) -> Vec<Seen> {
        self.book.lock().unwrap().spans.clone()
    }

    /// The spans of a kind.
    pub(crate) fn kind(&self, kind: &str) -> Vec<Seen> {
        self.spans().into_iter().filter(|span| span.field("kind") == kind).collect()
    }

    /// The span of the only task.
    pub(crate) fn task(&self) -> Seen {
        let tasks = self.kind("task");
        assert_eq!(tasks.len(), 1, "{tasks:?}");
        tasks[0].clone()
    }

    pub(crate) fn told(&self) -> Vec<Told> {
        self.book.lock().unwrap().told.clone()
    }

    /// How often it was told this.
    pub(crate) fn count(&self, told: &Told) -> usize {
        self.told().iter().filter(|other| *other == told).count()
    }

    /// How often this was done with a waker of a span.
    pub(crate) fn wakers(&self, id: u64, op: &str) -> usize {
        self.count(&Told::Waker(id, op.to_owned()))
    }

    fn note(&self, told: Told) {
        self.book.lock().unwrap().told.push(told);
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::TRACE
            && self.targets.iter().any(|target| metadata.target().starts_with(target))
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut book = self.book.lock().unwrap();
        let metadata = attributes.metadata();
        let id = book.spans.len() as u64 + 1;
        let mut span = Seen {
            id,
            name: metadata.name(),
            target: metadata.target(),
            references: 1,
            ..Seen::default()
        };
        attributes.record(&mut span);
        book.spans.push(span);
        book.told.push(Told::New(id));
        Id::from_u64(id)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut seen = Seen::default();
        event.record(&mut seen);
        self.note(match event.metadata().target() {
            "runtime::waker" => {
                Told::Waker(seen.field("task.id").parse().unwrap(), seen.field("op").to_owned())
            }
            "runtime::resource::poll_op" => {
                Told::Event(format!("{}: {}", seen.field("op_name"), seen.field("is_ready")))
            }
            "runtime::resource::state_update" => Told::Event(format!(
                "{} {} {}",
                seen.field("duration.op"),
                seen.field("duration"),
                seen.field("duration.unit")
            )),
            _ => Told::Event(seen.field("message").to_owned()),
        });
    }

    fn enter(&self, id: &Id) {
        self.note(Told::Enter(id.into_u64()));
    }

    fn exit(&self, id: &Id) {
        self.note(Told::Exit(id.into_u64()));
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.book.lock().unwrap().spans[id.into_u64() as usize - 1].references += 1;
        id.clone()
    }

    fn try_close(&self, id: Id) -> bool {
        let id = id.into_u64();
        let mut book = self.book.lock().unwrap();
        let span = &mut book.spans[id as usize - 1];
        span.references -= 1;
        let closes = span.references == 0;
        if closes {
            book.told.push(Told::Close(id));
        }
        closes
    }
}
