//! Records as events of `tracing`, or lines on the standard error stream as long as the program has no
//! subscriber.

use tracing::Level as TracingLevel;
use tracing::dispatcher::get_default;
use tracing::field;
use tracing::subscriber::NoSubscriber;

use crate::log::{Level, Record, Topic, stderr};

/// The fields have to be written where the event is, and target and level be constant.
macro_rules! event {
    ($target:expr, $level:ident, $record:expr) => {
        tracing::event!(
            target: $target,
            TracingLevel::$level,
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
    match (record.topic, record.level) {
        (Topic::Exception, Level::Error) => event!("runtime::exception", ERROR, record),
        (Topic::Exception, Level::Warn) => event!("runtime::exception", WARN, record),
        (Topic::Slow, _) => event!("runtime::slow", WARN, record),
        (Topic::Debug, _) => event!("runtime::debug", WARN, record),
    }
}
