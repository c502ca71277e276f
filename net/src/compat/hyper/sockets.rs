//! Our own streams, without an adapter.

use super::implement::implement;
use crate::server::Connection;
use crate::tcp::TcpStream;

implement!([] TcpStream);
implement!([S] Connection<S>);
