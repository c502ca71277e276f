//! A stream of signals.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use runtime_core::task::coop;

use super::info::SignalInfo;
use super::kind::SignalKind;
use super::listener::Listener;
use super::registry;
use super::station::Station;

/// Begins to listen to signals of one kind.
///
/// From now on they do not do what they do otherwise, until the last listener is dropped.
///
/// # Errors
///
/// [`InvalidInput`](io::ErrorKind::InvalidInput) for what cannot be listened to: `SIGKILL`, `SIGSTOP`, faults
/// such as `SIGSEGV`, and numbers that are no signals; [`ResourceBusy`](io::ErrorKind::ResourceBusy) if other
/// code has replaced the handler of listeners that there are, or were: as long as that one stays, or any in its
/// place, for it may call ours; outside of a loop ("there is no reactor running"); if the system refuses a
/// descriptor.
///
/// # Examples
///
/// A daemon that reads its configuration anew when it is told to:
///
/// ```
/// use runtime::signal::{SignalKind, signal};
///
/// #[runtime::main]
/// async fn main() -> std::io::Result<()> {
///     let mut hangup = signal(SignalKind::hangup())?;
///     # rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::HUP)?;
///     while let Some(()) = hangup.recv().await {
///         println!("reading the configuration");
///         # break;
///     }
///     Ok(())
/// }
/// ```
pub fn signal(kind: SignalKind) -> io::Result<Signal> {
    kind.check()?;
    let (home, station) = Station::of_current_loop()?;
    let listener = Arc::new(Listener::new(kind.as_raw_value(), station, home));
    registry::subscribe(&listener)?;
    Ok(Signal { listener })
}

/// Listens to signals of one kind; made by [`signal`](signal()).
///
/// It is a [`Stream`] as well. It may be awaited and dropped on any thread; who waits is called by way of the
/// loop in which it was made, and it ends when that loop is closed.
pub struct Signal {
    listener: Arc<Listener>,
}

impl Signal {
    /// Waits for a signal.
    ///
    /// Signals that came since this was last called, or since the listener was made, are told as one; real-time
    /// signals (Linux) each by itself, up to 1,024, and the rest as one. `None` if the loop in which it was made
    /// is closed.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no signal is lost.
    pub async fn recv(&mut self) -> Option<()> {
        poll_fn(|cx| self.poll_recv(cx)).await
    }

    /// Waits for a signal, and tells who sent it.
    ///
    /// As [`recv`](Signal::recv); of signals that are told as one, it is about the last. Of real-time signals
    /// for which there was no room, nothing is known.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no signal is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::signal::{SignalKind, signal};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let mut usr1 = signal(SignalKind::user_defined1())?;
    ///     rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::USR1)?;
    ///     let info = usr1.recv_info().await.expect("the loop is open");
    ///     assert_eq!(info.pid(), Some(std::process::id()));
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub async fn recv_info(&mut self) -> Option<SignalInfo> {
        poll_fn(|cx| self.poll_recv_info(cx)).await
    }

    /// Tells whether a signal has come, without waiting.
    ///
    /// `None` also when there will be no more: see [`is_closed`](Signal::is_closed).
    pub fn try_recv(&mut self) -> Option<SignalInfo> {
        registry::catch_up();
        match self.listener.take() {
            Poll::Ready(info) => info,
            Poll::Pending => None,
        }
    }

    /// Whether there will be no more signals, as the loop in which it was made is closed. Some may wait still to
    /// be taken.
    pub fn is_closed(&self) -> bool {
        self.listener.is_closed()
    }

    /// Takes a signal, or has the current task called when there is one. Only the last task to poll is.
    ///
    /// Takes part in the cooperative budget, as do all ways to wait for a signal.
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<()>> {
        self.poll_recv_info(cx).map(|info| info.map(drop))
    }

    /// As [`poll_recv`](Signal::poll_recv), with who sent it.
    pub fn poll_recv_info(&mut self, cx: &mut Context<'_>) -> Poll<Option<SignalInfo>> {
        let budget = ready!(coop::poll_proceed(cx));
        let received = self.poll_at_once(cx);
        if received.is_ready() {
            budget.made_progress();
        }
        received
    }

    /// As [`poll_recv_info`](Signal::poll_recv_info), whatever the budget.
    pub(super) fn poll_at_once(&self, cx: &mut Context<'_>) -> Poll<Option<SignalInfo>> {
        registry::catch_up();
        self.listener.poll(cx, || registry::check(self.listener.signal))
    }

    /// Which signals it listens to.
    pub fn kind(&self) -> SignalKind {
        SignalKind::from_raw(self.listener.signal)
    }

    pub(super) fn listener(&self) -> &Arc<Listener> {
        &self.listener
    }
}

impl Stream for Signal {
    type Item = ();

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<()>> {
        self.poll_recv(cx)
    }
}

impl Drop for Signal {
    fn drop(&mut self) {
        registry::unsubscribe(&self.listener);
    }
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signal").field("kind", &self.kind()).finish_non_exhaustive()
    }
}
