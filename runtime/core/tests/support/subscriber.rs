//! A subscriber of `tracing` that remembers what the runtime had to say.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// What the loop's own events are about.
const LOG: [&str; 3] = ["runtime::exception", "runtime::slow", "runtime::debug"];

/// One event: its target and level, and its fields in words.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) target: &'static str,
    pub(crate) level: Level,
    fields: BTreeMap<&'static str, String>,
}

impl Said {
    /// A field in words, or nothing.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    pub(crate) fn message(&self) -> &str {
        self.field("message")
    }
}

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.fields.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.insert(field.name(), value.to_owned());
    }
}

#[derive(Clone, Default)]
struct Listener(Arc<Mutex<Vec<Said>>>);

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        LOG.contains(&metadata.target())
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut said = Said {
            target: event.metadata().target(),
            level: *event.metadata().level(),
            fields: BTreeMap::new(),
        };
        event.record(&mut said);
        self.0.lock().unwrap().push(said);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// What the runtime says on this thread while `f` runs.
pub(crate) fn listen(f: impl FnOnce()) -> Vec<Said> {
    let listener = Listener::default();
    tracing::subscriber::with_default(listener.clone(), f);
    listener.0.lock().unwrap().clone()
}
