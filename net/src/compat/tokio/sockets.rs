//! Our own streams, without an adapter.

use super::implement::{implement_read, implement_write};
use crate::server::Connection;
use crate::tcp::{Reader, TcpStream, Writer};

implement_read!([] TcpStream);
implement_write!([] TcpStream);
implement_read!(['a] &'a TcpStream);
implement_write!(['a] &'a TcpStream);
implement_read!([S] Reader<S>);
implement_write!([S] Writer<S>);
implement_read!([S] Connection<S>);
implement_write!([S] Connection<S>);
implement_read!(['a, S] &'a Connection<S>);
implement_write!(['a, S] &'a Connection<S>);
