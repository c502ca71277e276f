//! Where the one warning of this crate goes.

#[cfg(not(feature = "tracing"))]
mod stderr;
#[cfg(feature = "tracing")]
mod subscriber;

#[cfg(not(feature = "tracing"))]
pub(crate) use self::stderr::warn;
#[cfg(feature = "tracing")]
pub(crate) use self::subscriber::warn;
