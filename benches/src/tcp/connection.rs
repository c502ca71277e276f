//! The server's side of a connection, for the runtimes whose streams are those of the futures crate.

use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::Job;

/// Does the job until the peer closes.
pub(crate) async fn connection(mut stream: impl AsyncRead + AsyncWrite + Unpin, job: Job) {
    let mut buffer = vec![0; job.buffer()];
    loop {
        let Ok(count @ 1..) = stream.read(&mut buffer).await else { return };
        if job.echoes() && stream.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
}
