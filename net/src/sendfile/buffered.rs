//! Sending a file by way of a buffer.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use futures_io::AsyncWrite;
use runtime_core::Handle;

use super::Part;
use crate::sys;

/// How much of the file a job reads.
const BUFFER: usize = 128 * 1024;

/// Sends a part of a file.
pub(super) async fn send(
    writer: &mut (dyn AsyncWrite + Send + Unpin),
    part: &mut Part<'_>,
) -> io::Result<()> {
    if part.left == 0 {
        return Ok(());
    }
    let handle = Handle::try_current().map_err(io::Error::other)?;
    let mut writer = Pin::new(writer);
    // A job may outlive this future, and with it the borrow of the file.
    let file = Arc::new(part.file.try_clone()?);
    let mut buffer = vec![0; part.next(BUFFER)];
    while part.left > 0 {
        let (wanted, offset, source) = (part.next(buffer.len()), part.offset, file.clone());
        let job = handle.spawn_blocking(move || {
            let outcome = read_at(&source, &mut buffer[..wanted], offset);
            (buffer, outcome)
        });
        let (returned, outcome) = job.await.map_err(io::Error::other)?;
        buffer = returned;
        let mut chunk = &buffer[..outcome?];
        if chunk.is_empty() {
            break;
        }
        while !chunk.is_empty() {
            let count = poll_fn(|cx| writer.as_mut().poll_write(cx, chunk)).await?;
            if count == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            chunk = &chunk[count..];
            part.advance(count);
        }
    }
    poll_fn(|cx| writer.as_mut().poll_flush(cx)).await
}

fn read_at(file: &std::fs::File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    loop {
        match sys::read_at(file, buffer, offset) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}
