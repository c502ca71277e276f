//! sendfile(2).

use std::future::poll_fn;
use std::io;

use runtime_core::reactor::Direction;
use runtime_core::task::yield_now;
use rustix::io::Errno;

use super::Part;
use crate::zero_copy::{Socket, is_unsupported};

/// How many bytes a call may move. The kernel would go on as long as the peer reads, and the loop stand
/// still.
const CALL: usize = 512 * 1024;
/// How many calls in a row before other tasks have their turn.
const CALLS: u32 = 8;

/// Sends a part of a file; tells whether the system does that. If not, the rest is left to others.
pub(super) async fn send(socket: Socket<'_>, part: &mut Part<'_>) -> io::Result<bool> {
    let mut calls = 0;
    while part.left > 0 {
        let (wanted, mut offset) = (part.next(CALL), part.offset);
        let sending = poll_fn(|cx| {
            socket.poll_move(cx, Direction::Write, &mut |socket| {
                rustix::fs::sendfile(socket, part.file, Some(&mut offset), wanted)
            })
        });
        match sending.await {
            Ok(0) => break,
            // No file of this kind goes so far.
            Err(error) if Errno::from_io_error(&error) == Some(Errno::OVERFLOW) => break,
            Ok(count) => part.advance(count),
            Err(error) if is_unsupported(&error) => return Ok(false),
            Err(error) => return Err(error),
        }
        calls += 1;
        if calls % CALLS == 0 {
            yield_now().await;
        }
    }
    Ok(true)
}
