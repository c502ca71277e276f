//! Which types may go to other threads.

#![cfg(unix)]

use runtime::signal::{Signal, SignalGuard, SignalInfo, SignalKind, ctrl_c};

#[test]
fn everything_may_go_to_other_threads() {
    fn all<T: Send + Sync + Unpin + 'static>() {}
    all::<Signal>();
    all::<SignalGuard>();
    all::<SignalInfo>();
    all::<SignalKind>();
}

#[test]
fn waiting_may_go_to_other_threads() {
    fn send<T: Send>(future: T) -> T {
        future
    }
    drop(send(ctrl_c()));
    let _ = |mut signal: Signal| drop(send(signal.recv()));
    let _ = |mut signal: Signal| drop(send(signal.recv_info()));
}
