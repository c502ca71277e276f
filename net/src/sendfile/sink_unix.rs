//! The streams that only Unix has.

use std::any::Any;

use super::{FileSink, as_sink};
use crate::server::Connection;
use crate::unix::{OwnedWriteHalf, UnixStream};
use crate::zero_copy;

impl<'a> From<&'a UnixStream> for FileSink<'a> {
    fn from(stream: &'a UnixStream) -> FileSink<'a> {
        FileSink { socket: zero_copy::socket(stream), writer: Box::new(stream) }
    }
}

pub(super) fn find(writer: &dyn Any) -> Option<FileSink<'_>> {
    as_sink::<UnixStream>(writer)
        .or_else(|| as_sink::<Connection<UnixStream>>(writer))
        .or_else(|| as_sink::<OwnedWriteHalf>(writer))
}
