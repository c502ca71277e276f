//! Encrypted streams, without an adapter.

use super::implement::implement;
use crate::tls::TlsStream;

implement!([S] TlsStream<S>);
