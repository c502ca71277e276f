//! Ctrl-C for main functions: the first asks, the second tells.

use std::future::poll_fn;
use std::io::Write;
use std::pin::pin;

use runtime_core::task::run_until_cancelled;
use runtime_core::{Handle, Runtime};

use super::action::{self, Disposition};
use super::kind::SignalKind;
use super::signal::{Signal, signal};

/// Runs a future to its end, or until Ctrl-C, which asks it to end.
///
/// This is what `#[runtime::main(ctrl_c = "cancel")]` calls. `main` and `rt` are dropped in any case. The first
/// Ctrl-C asks `main` to end, as `cancel` asks a task:
///
/// - If it waits for [`cancelled`](runtime_core::task::cancelled), or asks
///   [`is_cancelling`](runtime_core::task::is_cancelling), it hears of it, with the reason `"Ctrl-C"`. It may await
///   whatever it takes to clean up, and how the program ends is what `main` returns.
/// - Else it is dropped where it waits, then `rt` with all its tasks, each on its loop and able to clean up in
///   destructors. Then the process ends by `SIGINT`: shells see that it was interrupted (status 130), and end
///   a script or a loop that ran it, which a mere exit code would not make them do.
///
/// A second Ctrl-C ends the process at once, wherever it is: no loop has to turn for that. It does so also if
/// there are other listeners to `SIGINT`, who hear the first one. A program that asks its main future itself, by
/// [`Handle::cancel_main`](runtime_core::Handle::cancel_main), does what the first Ctrl-C does.
///
/// Where `SIGINT` is ignored, as shells have it for what they start in the background, it stays so.
///
/// # Panics
///
/// If the system refuses a pipe to listen by; if other code has replaced the handler of earlier listeners;
/// and when `main` does.
///
/// # Examples
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// let answer = runtime::signal::run_until_ctrl_c(runtime::Runtime::new()?, async { 42 });
/// assert_eq!(answer, 42);
/// # Ok(())
/// # }
/// ```
pub fn run_until_ctrl_c<F: Future>(rt: Runtime, main: F) -> F::Output {
    let kind = SignalKind::interrupt();
    if Disposition::of(kind.as_raw_value()).is_ok_and(|now| now.is_ignored()) {
        return rt.block_on(main);
    }
    let mut interrupt = {
        let _entered = rt.enter();
        signal(kind).expect("Ctrl-C could not be listened to")
    };
    action::set_final(kind.as_raw_value(), true);
    match rt.block_on(run_until_cancelled(asked_by(&mut interrupt, main))) {
        Ok(output) => output,
        Err(_) => {
            // The listener goes with the loop, and the next Ctrl-C is the system's.
            drop(rt);
            let _ = std::io::stdout().flush();
            action::die_by(kind.as_raw_value())
        }
    }
}

/// Runs `main`, which is asked to end when the signal comes.
async fn asked_by<F: Future>(interrupt: &mut Signal, main: F) -> F::Output {
    let mut main = pin!(main);
    let mut asked = false;
    poll_fn(|cx| {
        if !asked && interrupt.poll_recv(cx).is_ready() {
            asked = true;
            // The loop is running, so it is open.
            let _ = Handle::current().cancel_main("Ctrl-C");
        }
        main.as_mut().poll(cx)
    })
    .await
}
