//! What the server does besides.

use std::time::Duration;

use futures::StreamExt;
use futures::channel::mpsc::{UnboundedSender, unbounded};
use futures::channel::oneshot;
use runtime::task::{self, JoinHandle, awaiting, holding};
use runtime::time::{interval, sleep};

use crate::server::hash;

#[track_caller]
fn spawn_named<T: 'static>(name: &str, future: impl Future<Output = T> + 'static) -> JoinHandle<T> {
    task::Builder::new().name(name).spawn(future)
}

/// Starts it all; what is returned hears of requests.
pub(crate) fn spawn() -> UnboundedSender<u64> {
    let (counter, mut counted) = unbounded();
    spawn_named("count", async move {
        let mut total = 0_u64;
        while let Some(count) = awaiting("requests", counted.next()).await {
            total += count;
        }
        total
    });
    // Works too long without a pause: whoever is ready meanwhile waits for it.
    spawn_named("reindex", async {
        let mut ticks = interval(Duration::from_millis(500));
        loop {
            ticks.tick().await;
            std::hint::black_box(hash(1_000_000));
        }
    });
    spawn_named("archive", async {
        loop {
            let _ = runtime::spawn_blocking(|| std::thread::sleep(Duration::from_secs(2))).await;
        }
    });
    // A chain, to be seen in a tree.
    let (loaded, is_loaded) = oneshot::channel::<()>();
    let source = spawn_named("load the cache", async move {
        let _held = holding("the cache");
        sleep(Duration::from_secs(3600)).await;
        drop(loaded);
    });
    let merge = spawn_named("merge the cache", source);
    spawn_named("publish the cache", async move { merge.await.is_ok() });
    spawn_named(
        "wait for the cache",
        async move { awaiting("the cache", is_loaded).await.is_ok() },
    );
    counter
}
