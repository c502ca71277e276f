//! Reading and writing through the traits of `futures-io`.

use super::TcpStream;
use crate::stream::{
    self, reading_methods, reading_traits, socket_methods, writing_methods, writing_traits,
};

reading_methods!(TcpStream);
writing_methods!(TcpStream);
socket_methods!(TcpStream);
reading_traits!(TcpStream, &TcpStream);
writing_traits!(TcpStream, &TcpStream => stream::close);
