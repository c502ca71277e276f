//! asyncio's event loop, reborn in Rust: one thread, one reactor, one task executor.
//!
//! A [`Runtime`] runs futures on the thread that made it. Tasks need not be `Send`; join handles, sockets,
//! timers and wakers are, so other threads may hold, await and drop them. Futures, streams and I/O traits are
//! those of the `futures` crates.
//!
//! ```
//! use std::time::Duration;
//!
//! use futures::{AsyncReadExt, AsyncWriteExt};
//! use runtime::net::{TcpListener, TcpStream};
//!
//! #[runtime::main]
//! async fn main() -> std::io::Result<()> {
//!     let listener = TcpListener::bind("127.0.0.1:0").await?;
//!     let address = listener.local_addr()?;
//!
//!     runtime::spawn(async move {
//!         let (stream, _peer) = listener.accept().await?;
//!         futures::io::copy(&stream, &mut &stream).await
//!     });
//!
//!     let mut stream = TcpStream::connect(address).await?;
//!     stream.write_all(b"hello").await?;
//!     let mut reply = [0; 5];
//!     runtime::time::timeout(Duration::from_secs(1), stream.read_exact(&mut reply)).await??;
//!     assert_eq!(&reply, b"hello");
//!     Ok(())
//! }
//! ```
//!
//! # Where things are
//!
//! | module | what |
//! |---|---|
//! | [`run`], [`Runtime`], [`Builder`], [`Handle`] | making a loop, running it, reaching it from other threads |
//! | [`Runtime::run_forever`], [`Runtime::run_until`], [`Runtime::stop`] | running a loop until it is told to stop, and again |
//! | [`Runtime::turn`], [`Runtime::next_timeout`] | driving a loop from inside of another one |
//! | [`Runtime::shutdown`], [`ShutdownOptions`], [`ShutdownReport`] | an end with time to finish, and what it left behind |
//! | [`callback`] | functions that the loop calls, soon or at a given time |
//! | [`Builder::exception_handler`], [`ExceptionContext`], [`UnhandledPanic`] | failures that nobody asked after |
//! | [`Builder::debug`] | what keeps the loop from everything else |
//! | [`inspect`] | the tasks of a loop, what they wait for, how it is doing; for other processes, too (feature `inspect`) |
//! | [`Builder::watchdog`], [`watchdog`] | who blocks the loop, told while it goes on |
//! | `tracing` | spans for tasks, tokio-console (feature `tracing`) |
//! | [`task`] | spawning, joining, cancelling, aborting, yielding, a say in every spawn |
//! | [`task::cancel_safety`] | how work is ended early, what that costs, and what is lost |
//! | [`task::TaskGroup`], [`task::JoinSet`], [`task::scope`] | tasks that belong together, tasks joined as they end, futures that borrow |
//! | [`time`] | sleeps, timeouts, intervals, a clock for tests |
//! | [`net`] | TCP, UDP and Unix sockets, pipes, servers, name look-up, files sent without a copy |
//! | [`net::protocol`] | connections by callbacks |
//! | `net::tls` | TLS over any stream (feature `tls`) |
//! | `process` | child processes, and the standard streams of this one (feature `process`) |
//! | `compat` | our sockets under `hyper`, and under what reads and writes by the traits of `tokio` |
//! | `signal` | signals of Unix, Ctrl-C |
//! | `sync` | locks, channels and events (feature `sync`) |
//! | [`context`], [`context_var!`] | variables that tasks and callbacks inherit |
//! | [`blocking`], [`spawn_blocking`], [`task::run_in`] | work that would block the loop |
//! | [`LoopGroup`], [`group`] | one loop for each of several threads |
//! | [`policy`] | how the loops of a process are built |
//! | `seed` | tests that are run in many orders (feature `test-util`) |
//! | [`reactor`] | for authors of libraries: other kinds of I/O, other ways to wait for it |
//!
//! # Coming from tokio
//!
//! The names are the same wherever the things are: `spawn`, `JoinHandle`, `sleep`, `timeout`, `TcpStream`,
//! `AsyncFd`. What differs:
//!
//! - [`spawn`] asks for no `Send`, as tokio's `spawn_local` does, and needs no `LocalSet`. [`Handle::spawn`]
//!   asks for it and works from any thread.
//! - Locks and channels are in `sync` (feature `sync`), whose page has tokio's names beside them. `select!` and
//!   `join!` are those of the `futures` crate (`futures::select!` wants a `.fuse()`);
//!   [`AsyncFd`](reactor::AsyncFd) and `Interest` live in [`reactor`], budgets in [`task::coop`].
//!   [`task::Builder::spawn`] returns the handle itself. [`Builder::new`] has everything enabled.
//! - With `futures::AsyncReadExt` in scope, `stream.split()` means that trait's method, which takes the
//!   stream; write `TcpStream::split(&mut stream)` for ours, or use `&stream`, which reads and writes as
//!   well. `stream.close()` of `AsyncWriteExt` is what tokio calls `shutdown().await`.
//! - Reading and writing go through [`futures::io`](https://docs.rs/futures/latest/futures/io/), not tokio's
//!   traits of the same names, unless the feature `tokio-io` adds those.
//! - A [`Sleep`](time::Sleep) may be made anywhere; it joins the loop that first polls it. It is `Unpin`.
//! - `UnixListener` and `UnixDatagram` replace the file of a socket that nobody has open any more, and remove
//!   their own when they are told to (`unlink_on_drop`).
//! - [`AsyncFd`](reactor::AsyncFd) takes what has `AsFd`, and so cannot outlive its descriptor; for a number
//!   there is `BorrowedFd::borrow_raw`.
//! - What `tokio-util` has a `CancellationToken` for, each task has by itself: [`task::cancelled`],
//!   [`task::run_until_cancelled`] and [`cancel`](task::JoinHandle::cancel), next to `abort`.
//! - [`copy_bidirectional`](net::copy_bidirectional) is in [`net`], and goes by splice(2) between two sockets
//!   on Linux; `copy` and `BufReader` are those of `futures::io`. There is no `_buf` kind of the `try_`
//!   methods, which would tie them to the `bytes` crate.
//! - [`TcpListener::accept`](net::TcpListener::accept) waits out a lack of file descriptors instead of
//!   returning the error.
//! - Dropping a [`Runtime`] never waits for blocking jobs; [`Runtime::shutdown_timeout`] does, and tells what
//!   it left behind.
//!
//! # Coming from asyncio
//!
//! | asyncio | here |
//! |---|---|
//! | `asyncio.run`, `Runner` | [`run`], `#[runtime::main]`; [`Runtime::new`] and [`Runtime::block_on`] |
//! | `get_running_loop` | [`Handle::current`], [`Handle::try_current`] |
//! | `new_event_loop`, `set_event_loop` | [`Runtime::new`], [`Runtime::enter`] |
//! | `run_until_complete` | [`Runtime::block_on`]; [`Runtime::run_until`], if it may be stopped and resumed |
//! | `run_forever`, `stop`, `is_running`, `is_closed`, `close` | the same names, of [`Runtime`]; [`Handle::stop`] from other threads |
//! | `shutdown_asyncgens`, `shutdown_default_executor` | [`Runtime::shutdown`], [`Runtime::shutdown_blocking`] |
//! | `call_soon`, `call_later`, `call_at`, `time` | the same names, in [`callback`] and of [`Runtime`]; [`time::now`] |
//! | `asyncio.Handle`, `TimerHandle` | [`callback::CallbackHandle`], [`callback::TimerHandle`] |
//! | `call_soon_threadsafe`, `run_coroutine_threadsafe` | [`Handle::call_soon`], [`Handle::spawn`] |
//! | `create_task`, `Task.cancel` | [`spawn`], [`task::JoinHandle::cancel`] |
//! | `CancelledError`, `Task.cancelling`, `Task.uncancel` | [`task::cancelled`], [`task::cancelling`], [`task::uncancel`] |
//! | `shield` | [`task::shield`] |
//! | `create_task(name=, context=)` | [`task::Builder`] |
//! | `current_task`, `all_tasks` | [`task::current`], [`Handle::tasks`] |
//! | `capture_call_graph`, `python -m asyncio pstree` | [`Handle::graph`], [`inspect`] |
//! | `create_task(eager_start=True)`, `eager_task_factory` | [`task::spawn_eager`] |
//! | `sleep`, `wait_for` | [`time::sleep`], [`time::timeout`] |
//! | `timeout`, `Timeout.when`, `Timeout.reschedule`, `Timeout.expired` | [`time::TimeoutScope`] |
//! | `TaskGroup`, `ExceptionGroup` | [`task::TaskGroup`], [`task::GroupError`] |
//! | `wait`, `as_completed` | [`task::JoinSet`] |
//! | `gather` | `join!` and `join_all` of the `futures` crate |
//! | `create_future`, `Queue`, `Lock`, `Event`, `Condition`, `Semaphore`, `Barrier` | `sync` (feature `sync`), whose page lists them |
//! | `to_thread`, `run_in_executor` | [`spawn_blocking`], [`task::run_in`] |
//! | `set_default_executor` | [`Builder::blocking_executor`] |
//! | `contextvars` | [`context_var!`], [`context::Context`] |
//! | `add_reader`, `remove_reader`, `add_writer`, `remove_writer` | the same names, in [`reactor`] (Unix) |
//! | `open_connection`, `open_unix_connection` | [`net::TcpStream`], `net::UnixStream` |
//! | `start_server`, `start_unix_server`, `Server` | [`net::Server`]; the same names for its methods |
//! | `Protocol`, `BufferedProtocol`, `Transport`, `DatagramProtocol` | the same names, in [`net::protocol`] |
//! | `create_server`, `create_datagram_endpoint`, `connect_accepted_socket` | the same names, in [`net::protocol`] |
//! | `create_unix_connection`, `create_unix_server` | [`net::protocol::connect_accepted_socket`], [`net::server::Builder::serve_protocol`] |
//! | `sock_recv`, `sock_sendall`, `sock_accept` and so on | methods of [`net::TcpStream`], [`net::UdpSocket`], [`net::TcpListener`] |
//! | `get_extra_info` | [`net::protocol::Transport::with_stream`], `peer_addr` and so on |
//! | `connect_read_pipe`, `connect_write_pipe` | `net::unix::pipe`: `Receiver`, `Sender` |
//! | `start_tls`, `ssl=` | `net::tls` (feature `tls`): `start_tls`, `TlsConnector`, `TlsListener` |
//! | `StreamReader.readuntil`, `readexactly` | [`net::io::read_until`], [`net::io::read_exact`]; else `futures::io` |
//! | `create_connection` and its arguments | [`net::TcpConnector`]; [`net::protocol::create_connection`] |
//! | `getaddrinfo`, `getnameinfo` | [`net::lookup_host`], [`net::lookup_addr`] |
//! | `loop.sendfile`, `sock_sendfile` | [`net::sendfile`] |
//! | `create_subprocess_exec`, `create_subprocess_shell`, `Process` | `process::Command`, `process::Child` (feature `process`) |
//! | `SubprocessProtocol`, `loop.subprocess_exec`, `loop.subprocess_shell` | `process::protocol` (feature `process`); the same names |
//! | `connect_read_pipe(.., sys.stdin)`, `connect_write_pipe(.., sys.stdout)` | `process::{stdin, stdout, stderr}` (feature `process`) |
//! | `add_signal_handler`, `remove_signal_handler` | `signal::on` and its guard; `signal::signal`, a stream (feature `signal`) |
//! | `KeyboardInterrupt` | `#[runtime::main(ctrl_c = "cancel")]` (feature `signal`) |
//! | `set_exception_handler`, `call_exception_handler` | the same names, of [`Runtime`]; [`Builder::exception_handler`], [`Handle::call_exception_handler`] |
//! | `set_task_factory` | the same name, of [`Runtime`]; [`Builder::task_factory`] |
//! | `set_debug`, `PYTHONASYNCIODEBUG`, `slow_callback_duration` | [`Runtime::set_debug`], `RUNTIME_DEBUG=1`, [`Builder::slow_callback_duration`] |
//! | `set_event_loop_policy` | [`policy::set_policy`] |
//! | `SelectorEventLoop(selector)` | [`Builder::selector`], [`reactor::Selector`] |
//! | a process for each core | [`LoopGroup`]: a thread for each, with a loop of its own |
//!
//! What differs:
//!
//! - The loop keeps its tasks. Dropping a [`JoinHandle`](task::JoinHandle) detaches the task, which runs on.
//! - There is no `CancelledError` to catch. A task that is cancelled, and does not listen by
//!   [`task::cancelled`], is dropped where it waits, and cleans up in destructors.
//! - An exception is a `Result` that the task returns, or a panic. A panic reaches whoever awaits the task,
//!   else the exception handler; an `Err` that nobody takes is dropped, as any output is.
//! - [`Runtime::block_on`] runs on through [`Runtime::stop`]; [`Runtime::run_until`] returns [`Stopped`], and
//!   leaves the future to be resumed.
//! - A [`Runtime`] does not leave its thread, a [`Handle`] does: the compiler finds calls on the wrong
//!   thread. To arm a timer from another one, send a callback that does: `handle.call_soon(|| {
//!   call_later(delay, f); })`.
//! - A context is a snapshot that never changes: what is set inside of
//!   [`Context::run`](context::Context::run) is gone afterwards.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `macros` | yes | `#[runtime::main]`, `#[runtime::test]` |
//! | `net` | yes | [`net`] |
//! | `time` | yes | [`time`] |
//! | `signal` | | `signal`: what the system signals to this process |
//! | `process` | | `process`: child processes, and the standard streams of this one |
//! | `sync` | | `sync`: locks, channels and events of crates that run on any executor |
//! | `test-util` | | `time::pause`, `time::advance`, `Builder::start_paused`; `seed`, `Builder::seed`: other orders than first in, first out |
//! | `tls` | | `net::tls`: TLS over any stream, by rustls |
//! | `native-roots`, `webpki-roots` | | whom TLS clients trust: the system's certificates, or Mozilla's |
//! | `hyper` | | `compat::hyper`: HTTP servers and clients |
//! | `hyper-util` | | a connector for the pooling HTTP client of that crate |
//! | `tokio-io` | | `compat::tokio`: the traits of the `tokio` crate, without its runtime |
//! | `inspect` | | `inspect::serve`, `inspect::dump_on_signal`: a look into the loop from outside; JSON |
//! | `watchdog` | | stacks in the reports of [`Builder::watchdog`] |
//! | `tracing` | | [`tracing`](https://docs.rs/tracing) is told of tasks, as tokio-console has it, and of warnings |
//! | `full` | | all of them |
//!
//! # Platforms
//!
//! Linux is what it is tested on. macOS, FreeBSD and Windows are type-checked. The oldest compiler is Rust
//! 1.85.

#[cfg(feature = "sync")]
pub mod sync;

#[doc(inline)]
pub use runtime_core::{
    Builder, CallbackKind, CallbackSource, CloseError, Closed, EnterGuard, ExceptionContext,
    Handle, LeftTask, LoopGroup, Runtime, ShutdownOptions, ShutdownReport, Stopped, TaskSource,
    TryCurrentError, UnhandledPanic, default_exception_handler, run, spawn, spawn_blocking,
};
#[doc(inline)]
pub use runtime_core::{
    blocking, callback, context, context_var, group, policy, reactor, task, watchdog,
};

#[cfg(not(feature = "inspect"))]
#[doc(inline)]
pub use runtime_core::inspect;
#[cfg(feature = "inspect")]
#[doc(inline)]
pub use runtime_inspect as inspect;

#[cfg(feature = "time")]
#[doc(inline)]
pub use runtime_core::time;

#[cfg(feature = "test-util")]
#[doc(inline)]
pub use runtime_core::seed;

#[cfg(feature = "net")]
#[doc(inline)]
pub use runtime_net as net;

#[cfg(any(feature = "hyper", feature = "tokio-io"))]
#[doc(inline)]
pub use runtime_net::compat;

#[cfg(feature = "process")]
#[doc(inline)]
pub use runtime_process as process;

#[cfg(feature = "signal")]
#[doc(inline)]
pub use runtime_signal as signal;

#[cfg(feature = "tracing")]
pub mod tracing;

#[cfg(feature = "macros")]
pub use runtime_macros::{main, test};

/// What the attributes call, and nobody else.
#[doc(hidden)]
pub mod __attributes {
    #[cfg(all(unix, feature = "inspect"))]
    pub use runtime_inspect::serve_if_asked as begin;

    /// There is nothing to do without the feature `inspect`.
    #[cfg(not(all(unix, feature = "inspect")))]
    pub fn begin() -> Option<()> {
        None
    }
}
