//! Encrypted streams, without an adapter.

use super::implement::{implement_read, implement_write};
use crate::tls::TlsStream;

implement_read!([S] TlsStream<S>);
implement_write!([S] TlsStream<S>);
