//! `crate = ..` names the facade, and each other option is one call on its `Builder`, with which its policy
//! builds.
//!
//! The facade here is a stand-in that answers with what it was asked.

use std::time::Duration;

mod stand_in {
    /// Everything that the real facade has and an expansion uses.
    pub(crate) mod runtime {
        use std::future::Future;
        use std::pin::pin;
        use std::task::{Context, Poll, Waker};
        use std::time::Duration;

        /// What the expansion asked for: nothing, or the calls on the builder.
        #[derive(Debug, Default, PartialEq)]
        pub(crate) struct Asked(pub(crate) Option<Vec<String>>);

        /// The output of every function under test: the stand-in fills it in.
        pub(crate) fn run(future: impl Future<Output = Asked>) -> Asked {
            finish(future);
            Asked(None)
        }

        #[derive(Debug)]
        pub(crate) enum UnhandledPanic {
            Shutdown,
        }

        #[derive(Default)]
        pub(crate) struct Builder(Vec<String>);

        impl Builder {
            pub(crate) fn new() -> Builder {
                Builder::default()
            }

            fn with(mut self, call: String) -> Builder {
                self.0.push(call);
                self
            }

            pub(crate) fn debug(self, debug: bool) -> Builder {
                self.with(format!("debug {debug}"))
            }

            pub(crate) fn event_interval(self, polls: u32) -> Builder {
                self.with(format!("event_interval {polls}"))
            }

            pub(crate) fn inspect(self, inspect: bool) -> Builder {
                self.with(format!("inspect {inspect}"))
            }

            pub(crate) fn watchdog(self, threshold: Duration) -> Builder {
                self.with(format!("watchdog {threshold:?}"))
            }

            pub(crate) fn max_blocking_threads(self, threads: usize) -> Builder {
                self.with(format!("max_blocking_threads {threads}"))
            }

            pub(crate) fn slow_callback_duration(self, threshold: Duration) -> Builder {
                self.with(format!("slow_callback_duration {threshold:?}"))
            }

            pub(crate) fn spin(self, limit: impl Into<Option<Duration>>) -> Builder {
                self.with(format!("spin {:?}", limit.into()))
            }

            pub(crate) fn start_paused(self, paused: bool) -> Builder {
                self.with(format!("start_paused {paused}"))
            }

            pub(crate) fn thread_keep_alive(self, idle: Duration) -> Builder {
                self.with(format!("thread_keep_alive {idle:?}"))
            }

            pub(crate) fn thread_name(self, name: impl Into<String>) -> Builder {
                self.with(format!("thread_name {}", name.into()))
            }

            pub(crate) fn thread_stack_size(self, bytes: usize) -> Builder {
                self.with(format!("thread_stack_size {bytes}"))
            }

            pub(crate) fn unhandled_panic(self, policy: UnhandledPanic) -> Builder {
                self.with(format!("unhandled_panic {policy:?}"))
            }
        }

        pub(crate) mod policy {
            use std::io;
            use std::sync::Arc;

            use super::{Builder, Runtime};

            pub(crate) trait Policy {
                fn build(&self, builder: Builder) -> io::Result<Runtime>;
            }

            struct Plain;

            impl Policy for Plain {
                fn build(&self, builder: Builder) -> io::Result<Runtime> {
                    Ok(Runtime(builder.0))
                }
            }

            pub(crate) fn policy() -> Arc<dyn Policy> {
                Arc::new(Plain)
            }
        }

        pub(crate) mod __attributes {
            pub(crate) fn begin() -> Option<()> {
                None
            }
        }

        pub(crate) struct Runtime(Vec<String>);

        impl Runtime {
            pub(crate) fn block_on(self, future: impl Future<Output = Asked>) -> Asked {
                finish(future);
                Asked(Some(self.0))
            }
        }

        fn finish(future: impl Future<Output = Asked>) {
            let mut context = Context::from_waker(Waker::noop());
            assert_eq!(pin!(future).poll(&mut context), Poll::Ready(Asked::default()));
        }
    }
}

use stand_in::runtime::{Asked, UnhandledPanic};

fn asked(calls: &[&str]) -> Asked {
    Asked(Some(calls.iter().map(ToString::to_string).collect()))
}

#[test]
fn no_option_leaves_the_loop_to_the_policy() {
    #[runtime::main(crate = "stand_in::runtime")]
    async fn as_text() -> Asked {
        Asked::default()
    }
    #[runtime::main(crate = crate::stand_in::runtime)]
    async fn as_path() -> Asked {
        Asked::default()
    }
    assert_eq!(as_text(), Asked(None));
    assert_eq!(as_path(), Asked(None));
}

#[test]
fn each_option_is_a_call() {
    const THREADS: usize = 2;

    #[runtime::main(
        crate = "stand_in::runtime",
        debug = cfg!(test),
        event_interval = 61,
        max_blocking_threads = THREADS * 2,
        slow_callback_duration = Duration::from_millis(50),
        spin = Duration::from_micros(20),
        start_paused = true,
        thread_keep_alive = Duration::from_secs(3),
        thread_name = "worker",
        thread_stack_size = 65536,
        unhandled_panic = UnhandledPanic::Shutdown,
        inspect = true,
        watchdog = Duration::from_millis(100),
    )]
    async fn main() -> Asked {
        Asked::default()
    }
    let wanted = [
        "debug true",
        "event_interval 61",
        "max_blocking_threads 4",
        "slow_callback_duration 50ms",
        "spin Some(20µs)",
        "start_paused true",
        "thread_keep_alive 3s",
        "thread_name worker",
        "thread_stack_size 65536",
        "unhandled_panic Shutdown",
        "inspect true",
        "watchdog 100ms",
    ];
    assert_eq!(main(), asked(&wanted));
}

#[test]
fn spinning_can_be_switched_off_or_left_alone() {
    #[runtime::main(spin = false, crate = "stand_in::runtime")]
    async fn off() -> Asked {
        Asked::default()
    }
    #[runtime::main(spin = true, crate = "stand_in::runtime")]
    async fn on() -> Asked {
        Asked::default()
    }
    assert_eq!(off(), asked(&["spin None"]));
    assert_eq!(on(), asked(&[]));
}
