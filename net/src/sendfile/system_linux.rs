//! sendfile(2).

use std::fs::File;
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
    let mut end = end_of(part.file);
    while part.left > 0 {
        // Not past the end: up to Linux 6.4 a call that gets less than it asked for takes it that more will
        // follow, and the last packet waits for that, 200 ms. At the end one more call finds what the file
        // has grown by, and what the system does not count, as in /proc.
        let known = usize::try_from(end.saturating_sub(part.offset)).unwrap_or(usize::MAX);
        let most = if known == 0 { CALL } else { CALL.min(known) };
        let (wanted, mut offset) = (part.next(most), part.offset);
        let sending = poll_fn(|cx| {
            socket.poll_move(cx, Direction::Write, &mut |socket| {
                rustix::fs::sendfile(socket, part.file, Some(&mut offset), wanted)
            })
        });
        match sending.await {
            Ok(0) => break,
            // No file of this kind goes so far.
            Err(error) if Errno::from_io_error(&error) == Some(Errno::OVERFLOW) => break,
            Ok(count) => {
                part.advance(count);
                if known == 0 {
                    end = end_of(part.file);
                }
            }
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

/// Where a file ends, as far as that is known.
fn end_of(file: &File) -> u64 {
    file.metadata().map_or(0, |metadata| if metadata.is_file() { metadata.len() } else { 0 })
}
