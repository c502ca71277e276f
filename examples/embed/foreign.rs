//! A loop that knows nothing of futures: it waits for file descriptors, and for the time to come.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use runtime::Runtime;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pipe::pipe;

/// The loop, with a descriptor of its own, and another loop inside.
pub(crate) struct Foreign {
    guest: Runtime,
    /// Our own: a byte in it is a message to us.
    messages: OwnedFd,
    sender: OwnedFd,
    /// Times that we went round.
    rounds: u32,
    /// Times that the guest took a turn.
    turns: u32,
}

/// What a while of running took.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) rounds: u32,
    pub(crate) turns: u32,
}

impl Foreign {
    pub(crate) fn new(guest: Runtime) -> io::Result<Foreign> {
        let (messages, sender) = pipe()?;
        Ok(Foreign { guest, messages, sender, rounds: 0, turns: 0 })
    }

    pub(crate) fn guest(&self) -> &Runtime {
        &self.guest
    }

    /// Returns what messages are written to.
    pub(crate) fn sender(&self) -> io::Result<OwnedFd> {
        self.sender.try_clone()
    }

    /// Goes round until there is a message.
    pub(crate) fn run_until_message(&mut self) -> io::Result<Effort> {
        self.run(|this| this.round(None))
    }

    /// Goes round until the time is over.
    pub(crate) fn run_for(&mut self, time: Duration) -> io::Result<Effort> {
        let end = Instant::now() + time;
        self.run(|this| {
            let left = end.saturating_duration_since(Instant::now());
            Ok(this.round(Some(left))? || Instant::now() >= end)
        })
    }

    fn run(
        &mut self,
        mut round: impl FnMut(&mut Foreign) -> io::Result<bool>,
    ) -> io::Result<Effort> {
        let before = Effort { rounds: self.rounds, turns: self.turns };
        while !round(self)? {}
        Ok(Effort { rounds: self.rounds - before.rounds, turns: self.turns - before.turns })
    }

    /// Waits once, and does what there is to be done. Returns whether there was a message.
    fn round(&mut self, own_timeout: Option<Duration>) -> io::Result<bool> {
        self.rounds += 1;
        // Whichever of the two comes first; the guest has none while it waits for descriptors and other
        // threads only.
        let timeout = [own_timeout, self.guest.next_timeout()].into_iter().flatten().min();
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());

        let guest = self.guest.as_fd();
        let mut descriptors = [
            PollFd::new(&self.messages, PollFlags::IN),
            PollFd::from_borrowed_fd(guest, PollFlags::IN),
        ];
        match poll(&mut descriptors, timeout.as_ref()) {
            Err(rustix::io::Errno::INTR) => return Ok(false),
            result => result?,
        };
        let [message, wanted] = descriptors.map(|descriptor| !descriptor.revents().is_empty());

        // Its descriptor says that there is I/O or a wake, its timeout that a timer is due or a task ready.
        if wanted || self.guest.next_timeout() == Some(Duration::ZERO) {
            self.turns += 1;
            self.guest.turn(Some(Duration::ZERO)).map_err(io::Error::other)?;
        }
        if message {
            rustix::io::read(&self.messages, &mut [0; 1])?;
        }
        Ok(message)
    }
}
