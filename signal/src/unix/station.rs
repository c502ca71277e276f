//! What a loop keeps for its listeners: its watch over what calls the loops.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Wake, Waker};

use mio::event::Source;
use mio::unix::SourceFd;
use mio::{Interest, Token};
use runtime_core::Handle;
use runtime_core::reactor::{self, Direction, Registered, try_loop_local};
use runtime_core::task::coop::unconstrained;

use super::registry;

/// One in each loop that has, or had, listeners.
#[derive(Debug)]
pub(super) struct Station {
    /// Tells loops apart.
    id: u64,
    watch: RefCell<Option<Watch>>,
}

impl Default for Station {
    fn default() -> Station {
        // Relaxed: only that they differ matters.
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Station { id: NEXT.fetch_add(1, Ordering::Relaxed), watch: RefCell::default() }
    }
}

impl Station {
    /// Has the current loop watch; returns the loop, and the id of its station.
    pub(super) fn of_current_loop() -> io::Result<(Handle, u64)> {
        let handle = Handle::try_current().map_err(io::Error::other)?;
        let watching = try_loop_local(|station: &Station| station.watch());
        let id = watching.unwrap_or_else(|| Err(io::Error::other("the runtime is closing")))?;
        Ok((handle, id))
    }

    fn watch(&self) -> io::Result<u64> {
        let wire = registry::open()?;
        let watched = self.watch.borrow().as_ref().map(Watch::number);
        if watched != Some(wire) {
            let watch = Watch::new(wire, self.id)?;
            watch.wait();
            self.watch.replace(Some(watch));
        }
        Ok(self.id)
    }

    /// Goes on watching if anybody in this loop listens. They may go on any thread, so that none does is found
    /// out by the next signal to anybody.
    fn go_on(&self, wanted: bool) {
        if wanted {
            if let Some(watch) = &*self.watch.borrow() {
                watch.wait();
            }
        } else {
            self.watch.take();
        }
    }
}

impl Drop for Station {
    fn drop(&mut self) {
        self.watch.take();
        registry::close(self.id);
    }
}

/// The registration with the loop, and who hears of events: no task, for all that there is to do is to tell
/// those who listen.
#[derive(Debug)]
struct Watch {
    source: Registered<Wire>,
    call: Waker,
}

impl Watch {
    fn new(wire: RawFd, station: u64) -> io::Result<Watch> {
        let source = Registered::with_interest(Wire(wire), reactor::Interest::READABLE)?;
        Ok(Watch { source, call: Waker::from(Arc::new(Call { station })) })
    }

    fn number(&self) -> RawFd {
        self.source.get_ref().0
    }

    /// Waits for the next event.
    fn wait(&self) {
        let nothing = |_: &Wire| Err::<(), _>(io::ErrorKind::WouldBlock.into());
        let wait = poll_fn(|cx| self.source.poll_io(cx, Direction::Read, nothing));
        // The budget of the task that runs is none of this one's, which would be called at once. If the loop
        // is closed there will be no more events.
        let _ = pin!(unconstrained(wait)).poll(&mut Context::from_waker(&self.call));
    }
}

/// Called by the loop when it has been called.
struct Call {
    station: u64,
}

impl Wake for Call {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let wanted = registry::answer(self.station);
        try_loop_local(|station: &Station| {
            if station.id == self.station {
                station.go_on(wanted);
            }
        });
    }
}

/// What loops watch. The number stays that as long as the process lives.
#[derive(Debug)]
struct Wire(RawFd);

impl AsRawFd for Wire {
    fn as_raw_fd(&self) -> RawFd {
        self.0
    }
}

impl Source for Wire {
    fn register(
        &mut self,
        registry: &mio::Registry,
        token: Token,
        interests: Interest,
    ) -> io::Result<()> {
        SourceFd(&self.0).register(registry, token, interests)
    }

    fn reregister(
        &mut self,
        registry: &mio::Registry,
        token: Token,
        interests: Interest,
    ) -> io::Result<()> {
        SourceFd(&self.0).reregister(registry, token, interests)
    }

    fn deregister(&mut self, registry: &mio::Registry) -> io::Result<()> {
        SourceFd(&self.0).deregister(registry)
    }
}
