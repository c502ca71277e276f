//! Warnings through `tracing`.

use std::fmt;

pub(crate) fn warn(message: fmt::Arguments<'_>) {
    tracing::warn!(target: "runtime::net", "{message}");
}
