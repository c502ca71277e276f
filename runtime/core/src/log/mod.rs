//! Where the few warnings of the loop go: to `tracing` with the feature of that name, else to the standard error stream.

#[cfg(not(feature = "tracing"))]
mod stderr;
#[cfg(feature = "tracing")]
mod subscriber;

#[cfg(not(feature = "tracing"))]
pub(crate) use self::stderr::warn;
#[cfg(feature = "tracing")]
pub(crate) use self::subscriber::warn;
