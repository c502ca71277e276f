//! Waiting for a descriptor, and calls that wait for it.

use std::io;
use std::os::fd::AsFd;
use std::task::{Context, Poll, ready};

use super::descriptor::Descriptor;
use super::{AsyncFd, AsyncFdReadyGuard, AsyncFdReadyMutGuard};
use crate::reactor::scope::Snapshot;
use crate::reactor::{Direction, Interest, Ready, poll_selector};

/// Waiting, and calls that wait.
impl<T: AsFd> AsyncFd<T> {
    /// Waits until there is something to read.
    ///
    /// # Errors
    ///
    /// If the loop has been closed.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    pub async fn readable(&self) -> io::Result<AsyncFdReadyGuard<'_, T>> {
        self.ready(Interest::READABLE).await
    }

    /// Waits until there is something to read, for a guard that borrows exclusively.
    ///
    /// # Errors
    ///
    /// If the loop has been closed.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    pub async fn readable_mut(&mut self) -> io::Result<AsyncFdReadyMutGuard<'_, T>> {
        self.ready_mut(Interest::READABLE).await
    }

    /// Waits until there is room to write.
    ///
    /// # Errors
    ///
    /// If the loop has been closed.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    pub async fn writable(&self) -> io::Result<AsyncFdReadyGuard<'_, T>> {
        self.ready(Interest::WRITABLE).await
    }

    /// Waits until there is room to write, for a guard that borrows exclusively.
    ///
    /// # Errors
    ///
    /// If the loop has been closed.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    pub async fn writable_mut(&mut self) -> io::Result<AsyncFdReadyMutGuard<'_, T>> {
        self.ready_mut(Interest::WRITABLE).await
    }

    /// Waits until the system has reported something of `interest`, an error, or a hang-up.
    ///
    /// # Errors
    ///
    /// If the loop has been closed.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    pub async fn ready(&self, interest: Interest) -> io::Result<AsyncFdReadyGuard<'_, T>> {
        let seen = self.snapshot(interest).await?;
        Ok(AsyncFdReadyGuard::new(self, interest, seen))
    }

    /// Waits until the system has reported something of `interest`, for a guard that borrows
    /// exclusively.
    ///
    /// # Errors
    ///
    /// If the loop has been closed.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    pub async fn ready_mut(
        &mut self,
        interest: Interest,
    ) -> io::Result<AsyncFdReadyMutGuard<'_, T>> {
        let seen = self.snapshot(interest).await?;
        Ok(AsyncFdReadyMutGuard::new(self, interest, seen))
    }

    /// Waits until there is something to read; only the last task to poll is called.
    ///
    /// # Errors
    ///
    /// If the loop has been closed.
    pub fn poll_read_ready<'a>(
        &'a self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<AsyncFdReadyGuard<'a, T>>> {
        let seen = ready!(self.poll_direction(cx, Direction::Read))?;
        Poll::Ready(Ok(AsyncFdReadyGuard::new(self, Interest::READABLE, seen)))
    }

    /// Waits until there is something to read; only the last task to poll is called.
    ///
    /// # Errors
    ///
    /// If the loop has been closed.
    pub fn poll_read_ready_mut<'a>(
        &'a mut self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<AsyncFdReadyMutGuard<'a, T>>> {
        let seen = ready!(self.poll_direction(cx, Direction::Read))?;
        Poll::Ready(Ok(AsyncFdReadyMutGuard::new(self, Interest::READABLE, seen)))
    }

    /// Waits until there is room to write; only the last task to poll is called.
    ///
    /// # Errors
    ///
    /// If the loop has been closed.
    pub fn poll_write_ready<'a>(
        &'a self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<AsyncFdReadyGuard<'a, T>>> {
        let seen = ready!(self.poll_direction(cx, Direction::Write))?;
        Poll::Ready(Ok(AsyncFdReadyGuard::new(self, Interest::WRITABLE, seen)))
    }

    /// Waits until there is room to write; only the last task to poll is called.
    ///
    /// # Errors
    ///
    /// If the loop has been closed.
    pub fn poll_write_ready_mut<'a>(
        &'a mut self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<AsyncFdReadyMutGuard<'a, T>>> {
        let seen = ready!(self.poll_direction(cx, Direction::Write))?;
        Poll::Ready(Ok(AsyncFdReadyMutGuard::new(self, Interest::WRITABLE, seen)))
    }

    /// Calls `f` until it gets something, and waits for the descriptor to become ready in between.
    ///
    /// The first call is made at once, or in the level-triggered mode as soon as the descriptor is
    /// ready.
    ///
    /// # Errors
    ///
    /// Whatever `f` fails with, except [`WouldBlock`](io::ErrorKind::WouldBlock); or that the loop
    /// has been closed.
    ///
    /// # Cancel safety
    ///
    /// `f` has not succeeded when the future is dropped before its end.
    pub async fn async_io<R>(
        &self,
        interest: Interest,
        mut f: impl FnMut(&T) -> io::Result<R>,
    ) -> io::Result<R> {
        if !self.level_triggered {
            return self.registered.with_io(interest, |descriptor| f(&descriptor.0)).await;
        }
        loop {
            self.snapshot(interest).await?;
            match f(self.get_ref()) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                outcome => return outcome,
            }
        }
    }

    /// Calls `f`, which borrows the object exclusively, until it gets something, and waits for the
    /// descriptor to become ready before each call.
    ///
    /// # Errors
    ///
    /// As for [`async_io`](AsyncFd::async_io).
    ///
    /// # Cancel safety
    ///
    /// `f` has not succeeded when the future is dropped before its end.
    pub async fn async_io_mut<R>(
        &mut self,
        interest: Interest,
        mut f: impl FnMut(&mut T) -> io::Result<R>,
    ) -> io::Result<R> {
        loop {
            let mut guard = self.ready_mut(interest).await?;
            if let Ok(outcome) = guard.try_io(|fd| f(fd.get_mut())) {
                return outcome;
            }
        }
    }

    /// Calls `f` if the descriptor may be ready, and learns from a `WouldBlock`.
    ///
    /// In the level-triggered mode `f` is called in any case.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if the descriptor is known not to be ready, in
    /// which case `f` is not called, or if `f` fails so; whatever else `f` fails with; or that the
    /// loop has been closed.
    pub fn try_io<R>(
        &self,
        interest: Interest,
        f: impl FnOnce(&T) -> io::Result<R>,
    ) -> io::Result<R> {
        if self.level_triggered {
            self.registered.check_open()?;
            return f(self.get_ref());
        }
        self.registered.try_io(interest, |descriptor| f(&descriptor.0))
    }

    /// Calls `f`, which borrows the object exclusively, if the descriptor may be ready.
    ///
    /// # Errors
    ///
    /// As for [`try_io`](AsyncFd::try_io).
    pub fn try_io_mut<R>(
        &mut self,
        interest: Interest,
        f: impl FnOnce(&mut T) -> io::Result<R>,
    ) -> io::Result<R> {
        if self.level_triggered {
            self.registered.check_open()?;
            return f(self.get_mut());
        }
        self.registered.try_io_mut(interest, |descriptor| f(&mut descriptor.0))
    }

    async fn snapshot(&self, interest: Interest) -> io::Result<Snapshot> {
        if !self.level_triggered {
            return self.registered.snapshot(interest).await;
        }
        self.registered.level_snapshot(interest, |descriptor| look(descriptor, interest)).await
    }

    fn poll_direction(
        &self,
        cx: &mut Context<'_>,
        direction: Direction,
    ) -> Poll<io::Result<Snapshot>> {
        if !self.level_triggered {
            return self.registered.poll_direction_snapshot(cx, direction);
        }
        let look = |descriptor: &Descriptor<T>| look(descriptor, direction.interest());
        self.registered.poll_direction_level(cx, direction, look)
    }
}

fn look<T: AsFd>(descriptor: &Descriptor<T>, interest: Interest) -> io::Result<Ready> {
    poll_selector::look(descriptor.0.as_fd(), interest)
}
