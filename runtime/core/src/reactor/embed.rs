//! How a foreign loop learns that this one has something to do, on Unix.

use std::os::fd::{AsFd, BorrowedFd};

use super::Reactor;

impl Reactor {
    /// Returns a descriptor that becomes readable when the selector has something to report; not
    /// every selector has one.
    pub(crate) fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.descriptor.as_ref().map(AsFd::as_fd)
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::BorrowedFd;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    use crate::current::LoopId;

    use super::super::scripted::Scripted;
    use super::super::{Interest, MioSelector};
    use super::Reactor;

    fn is_readable(descriptor: BorrowedFd<'_>) -> bool {
        let mut watched = [PollFd::new(&descriptor, PollFlags::IN)];
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        poll(&mut watched, Some(&now)).expect("one descriptor can be looked at") == 1
    }

    #[test]
    fn the_descriptor_is_readable_while_there_is_something_to_report() {
        let selector = MioSelector::new().expect("the system has descriptors left");
        let reactor = Reactor::new(LoopId::next(), Box::new(selector)).expect("the same");
        let descriptor = reactor.descriptor().expect("mio's selectors have one");
        assert!(!is_readable(descriptor));

        reactor.unparker().unpark();
        assert!(is_readable(descriptor));
        assert_eq!(reactor.select(None, &mut Vec::new()).unwrap(), 0);
        assert!(!is_readable(descriptor));

        let (mut sender, mut receiver) = mio::unix::pipe::new().unwrap();
        let entry = reactor.register(&mut receiver, Interest::READABLE, false).unwrap();
        assert!(!is_readable(descriptor));
        std::io::Write::write_all(&mut sender, b"something").unwrap();
        assert!(is_readable(descriptor));
        assert_eq!(reactor.select(None, &mut Vec::new()).unwrap(), 1);
        assert!(!is_readable(descriptor), "edges are reported once");
        reactor.deregister(&mut receiver, entry.token()).unwrap();
    }

    #[test]
    fn a_selector_need_not_have_a_descriptor() {
        let reactor = Reactor::new(LoopId::next(), Box::new(Scripted::new())).unwrap();
        assert!(reactor.descriptor().is_none());
    }
}
