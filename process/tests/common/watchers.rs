//! Runs tests on each of the strategies that watch children.
//!
//! It is used as `on_each_selector!` is, and does what that does besides: the default strategy runs on each
//! selector, the others on the default one.

#![allow(dead_code, unused_imports, unused_macros)]

use std::io;

use runtime::Builder;
use runtime::process::BuilderExt;
use runtime::process::watcher::{
    ChildWatcher, DefaultWatcher, Fast, Polling, Signal, Thread, Watched,
};
use runtime::reactor::PollSelector;

use super::selectors::Choice;

#[cfg(target_os = "linux")]
pub use linux::PIDFD;

pub const DEFAULT: Choice = Choice {
    module: "on_default",
    setup: |builder| builder.child_watcher(Strict(DefaultWatcher::new())),
};
pub const POLL: Choice = Choice {
    module: "on_poll",
    setup: |builder| {
        let selector = PollSelector::new().expect("descriptors are left");
        builder.selector(selector).child_watcher(Strict(DefaultWatcher::new()))
    },
};
pub const SIGNAL: Choice =
    Choice { module: "on_signal", setup: |builder| builder.child_watcher(Strict(Signal::new())) };
pub const FAST: Choice =
    Choice { module: "on_fast", setup: |builder| builder.child_watcher(Strict(Fast::new())) };
pub const THREAD: Choice =
    Choice { module: "on_thread", setup: |builder| builder.child_watcher(Strict(Thread::new())) };
pub const POLLING: Choice =
    Choice { module: "on_polling", setup: |builder| builder.child_watcher(Strict(Polling::new())) };

/// Each strategy once.
#[cfg(target_os = "linux")]
pub const ALL: [Choice; 7] = [DEFAULT, POLL, PIDFD, SIGNAL, FAST, THREAD, POLLING];

#[cfg(target_os = "linux")]
mod linux {
    use runtime::process::BuilderExt;
    use runtime::process::watcher::Pidfd;

    use super::{Choice, Strict};

    pub const PIDFD: Choice =
        Choice { module: "on_pidfd", setup: |builder| builder.child_watcher(Strict(Pidfd::new())) };
}

/// A strategy that has to work: otherwise the next one would take its place in silence.
#[derive(Debug)]
pub struct Strict<W>(pub W);

impl<W: ChildWatcher> ChildWatcher for Strict<W> {
    fn watch(&self, child: &Watched) -> io::Result<()> {
        let result = self.0.watch(child);
        if let Err(error) = &result {
            panic!("{:?} cannot watch a child: {error}", self.0);
        }
        result
    }
}

/// Makes a test of each function that is named for each strategy, such as `on_pidfd::name` and
/// `on_polling::name`.
macro_rules! on_each_watcher {
    ($($(#[$attribute:meta])* $name:ident),+ $(,)?) => {
        $crate::common::watchers::on_one_watcher!(on_default DEFAULT $($(#[$attribute])* $name),+);
        $crate::common::watchers::on_one_watcher!(on_poll POLL $($(#[$attribute])* $name),+);
        #[cfg(target_os = "linux")]
        $crate::common::watchers::on_one_watcher!(on_pidfd PIDFD $($(#[$attribute])* $name),+);
        $crate::common::watchers::on_one_watcher!(on_signal SIGNAL $($(#[$attribute])* $name),+);
        $crate::common::watchers::on_one_watcher!(on_fast FAST $($(#[$attribute])* $name),+);
        $crate::common::watchers::on_one_watcher!(on_thread THREAD $($(#[$attribute])* $name),+);
        $crate::common::watchers::on_one_watcher!(on_polling POLLING $($(#[$attribute])* $name),+);
    };
}

macro_rules! on_one_watcher {
    ($module:ident $choice:ident $($(#[$attribute:meta])* $name:ident),+) => {
        mod $module {
            $(
                $(#[$attribute])*
                #[test]
                fn $name() -> impl std::process::Termination {
                    $crate::selectors::on($crate::common::watchers::$choice, super::$name)
                }
            )+
        }
    };
}

pub(crate) use {on_each_watcher, on_one_watcher};
