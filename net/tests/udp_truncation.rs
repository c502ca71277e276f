//! A datagram that does not fit its buffer is cut off, and that can be seen.

use std::io::{self, IoSliceMut};

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(a_cut_is_told, a_cut_affects_no_other_datagram, several_buffers_can_be_too_few);

fn a_cut_is_told() -> io::Result<()> {
    run(async {
        let (one, other) = common::udp_pair().await?;
        let mut buf = [0; 4];
        for (text, truncated) in [("abc", false), ("abcd", false), ("abcde", true)] {
            one.send(text.as_bytes()).await?;
            let received = other.recv_msg(&mut buf).await?;
            assert_eq!((received.len, received.truncated), (text.len().min(4), truncated));
            assert_eq!(&buf[..received.len], &text.as_bytes()[..received.len]);
        }
        Ok(())
    })
}

fn a_cut_affects_no_other_datagram() -> io::Result<()> {
    run(async {
        let (one, other) = common::udp_pair().await?;
        let mut buf = [0; 4];
        for _ in 0..2 {
            one.send(b"too long").await?;
            one.send(b"next").await?;
        }
        assert_eq!(other.peek(&mut buf).await?, 4);
        assert_eq!(other.recv(&mut buf).await?, 4);
        assert_eq!(&buf, b"too ");
        assert_eq!(other.recv(&mut buf).await?, 4);
        assert_eq!(&buf, b"next");
        assert_eq!(other.recv_from(&mut buf[..1]).await?, (1, one.local_addr()?));
        assert_eq!(other.recv(&mut buf).await?, 4);
        assert_eq!(&buf, b"next");
        Ok(())
    })
}

fn several_buffers_can_be_too_few() -> io::Result<()> {
    run(async {
        let (one, other) = common::udp_pair().await?;
        one.send(b"abcdef").await?;
        one.send(b"abcdef").await?;
        let (mut head, mut tail) = ([0; 2], [0; 2]);
        let mut bufs = [IoSliceMut::new(&mut head), IoSliceMut::new(&mut tail)];
        let received = other.recv_vectored(&mut bufs).await?;
        assert_eq!((received.len, received.truncated), (4, true));
        let received = other.recv_vectored(&mut []).await?;
        assert_eq!((received.len, received.truncated), (0, true));
        assert_eq!((&head, &tail), (b"ab", b"cd"));
        Ok(())
    })
}
