//! What `hyper-util` wants to know of a connection that was opened for it.

use hyper_util::client::legacy::connect::{Connected, Connection};

use crate::tcp::TcpStream;

impl Connection for TcpStream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}
