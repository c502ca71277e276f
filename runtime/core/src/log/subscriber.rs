//! Records as events of `tracing`, or lines on the standard error stream as long as the program has no
//! subscriber.

use tracing::dispatcher::get_default;
use tracing::field;
use tracing::subscriber::NoSubscriber;

use crate::log::{Level, Record, stderr};

/// The fields have to be written where the event is, and the level be constant.
macro_rules! event {
    ($level:expr, $record:expr) => {
        tracing::event!(
            target: "runtime",
            $level,
            cause = $record.cause.as_ref().map(field::display),
            task.id = $record.task.map(|task| field::display(task.id())),
            task.name = $record.task.and_then(|task| task.name()),
            callback = $record.callback.map(|callback| field::display(callback.kind())),
            location = $record.location.map(field::display),
            duration = $record.duration.map(field::debug),
            count = $record.count,
            stack = $record.stack.map(field::display),
            "{}", $record.message
        )
    };
}

pub(crate) fn write(record: &Record<'_>) {
    if get_default(|dispatch| dispatch.is::<NoSubscriber>()) {
        stderr::write(record);
        return;
    }
    match record.level {
        Level::Warn => event!(tracing::Level::WARN, record),
        Level::Error => event!(tracing::Level::ERROR, record),
    }
}
