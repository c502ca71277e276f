//! What `hyper-util` wants to know of a Unix socket that was opened for it.

use hyper_util::client::legacy::connect::{Connected, Connection};

use crate::unix::UnixStream;

impl Connection for UnixStream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}
