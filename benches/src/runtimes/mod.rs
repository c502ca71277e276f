//! One file a runtime: how it does what a [`Peer`](crate::peer::Peer) does.

#[cfg(feature = "compio")]
pub(crate) mod compio;
#[cfg(feature = "glommio")]
pub(crate) mod glommio;
pub(crate) mod limit;
#[cfg(feature = "monoio")]
pub(crate) mod monoio;
pub(crate) mod ours;
pub(crate) mod smol;
pub(crate) mod tokio;
#[cfg(feature = "tracing")]
pub(crate) mod traced;

use crate::cli::Run;

/// The runtimes of this build.
pub(crate) const NAMES: &[&str] = &[
    "limit",
    "ours",
    "ours-nospin",
    "ours+debug",
    "ours+context",
    "ours+handler",
    "ours+factory",
    "ours+inspect",
    "ours+hooks",
    "ours+eager",
    "ours+priorities",
    "ours+watchdog",
    "ours+poll",
    #[cfg(feature = "tracing")]
    "ours+spans",
    #[cfg(feature = "tracing")]
    "ours+tracing",
    "ours+protocol",
    "ours+server",
    "tokio",
    "tokio-local",
    "smol",
    #[cfg(feature = "monoio")]
    "monoio",
    #[cfg(feature = "monoio")]
    "monoio-uring",
    #[cfg(feature = "compio")]
    "compio",
    #[cfg(feature = "glommio")]
    "glommio",
];

/// Gives a run the runtime of this name.
pub(crate) fn with(name: &str, run: Run<'_>) -> Result<(), String> {
    match name {
        "limit" => run.on::<limit::Limit>(),
        "ours" => run.on::<ours::Ours<ours::Default>>(),
        "ours-nospin" => run.on::<ours::Ours<ours::NoSpin>>(),
        "ours+debug" => run.on::<ours::Ours<ours::Debug>>(),
        "ours+context" => run.on::<ours::Ours<ours::Context>>(),
        "ours+handler" => run.on::<ours::Ours<ours::Handler>>(),
        "ours+factory" => run.on::<ours::Ours<ours::Factory>>(),
        "ours+inspect" => run.on::<ours::Ours<ours::Inspect>>(),
        "ours+hooks" => run.on::<ours::Ours<ours::Hooks>>(),
        "ours+eager" => run.on::<ours::Ours<ours::Eager>>(),
        "ours+priorities" => run.on::<ours::Ours<ours::Priorities>>(),
        "ours+watchdog" => run.on::<ours::Ours<ours::Watchdog>>(),
        "ours+poll" => run.on::<ours::Ours<ours::Poll>>(),
        #[cfg(feature = "tracing")]
        "ours+spans" => run.on::<ours::Ours<traced::Spans>>(),
        #[cfg(feature = "tracing")]
        "ours+tracing" => run.on::<ours::Ours<traced::Traced>>(),
        "ours+protocol" => run.on::<ours::Ours<ours::Protocol>>(),
        "ours+server" => run.on::<ours::Ours<ours::Served>>(),
        "tokio" => run.on::<tokio::Current>(),
        "tokio-local" => run.on::<tokio::Local>(),
        "smol" => run.on::<smol::Smol>(),
        #[cfg(feature = "monoio")]
        "monoio" => run.on::<monoio::Monoio<monoio::Epoll>>(),
        #[cfg(feature = "monoio")]
        "monoio-uring" => run.on::<monoio::Monoio<monoio::Uring>>(),
        #[cfg(feature = "compio")]
        "compio" => run.on::<compio::Compio>(),
        #[cfg(feature = "glommio")]
        "glommio" => run.on::<glommio::Glommio>(),
        _ => Err(format!("no runtime is called {name:?}")),
    }
}
