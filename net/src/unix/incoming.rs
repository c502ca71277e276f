//! The connections of a listener as a stream.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::stream::{FusedStream, Stream};

use super::{UnixListener, UnixStream};
use crate::backoff::Pause;

/// The stream of the connections that a listener accepts, made by [`UnixListener::incoming`].
///
/// It never ends. [`UnixListener::accept`] also tells the address of the peer.
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct Incoming<'a> {
    listener: &'a UnixListener,
    pause: Pause,
}

impl<'a> Incoming<'a> {
    pub(super) fn new(listener: &'a UnixListener) -> Incoming<'a> {
        Incoming { listener, pause: Pause::default() }
    }
}

impl Stream for Incoming<'_> {
    type Item = io::Result<UnixStream>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let accepted = this.listener.poll_accept_pausing(cx, &mut this.pause);
        accepted.map(|accepted| Some(accepted.map(|(stream, _)| stream)))
    }
}

impl FusedStream for Incoming<'_> {
    fn is_terminated(&self) -> bool {
        false
    }
}
