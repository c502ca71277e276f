//! Ctrl-C for main functions: the first asks, the second tells.

use std::future::poll_fn;
use std::io::Write;
use std::pin::pin;

use parking_lot::Mutex;
use runtime_core::task::run_until_cancelled;
use runtime_core::{Handle, Runtime};

use super::Interrupt;

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
///   a script or a loop that ran it, which a mere exit code would not make them do. (On Windows, with the status
///   `STATUS_CONTROL_C_EXIT`.)
///
/// A second Ctrl-C ends the process at once, wherever it is: no loop has to turn for that. It does so also if
/// there are other listeners, who hear the first one; when this function has returned they hear them all. A
/// process to which signals without a handler do nothing, the first of a container, exits with status 130
/// instead. A program that asks its main future itself, by
/// [`Handle::cancel_main`](runtime_core::Handle::cancel_main), does what the first Ctrl-C does.
///
/// Where Ctrl-C is ignored, as shells have it for what they start in the background, it stays so.
///
/// # Panics
///
/// If Ctrl-C cannot be listened to, for the reasons of [`ctrl_c`](super::ctrl_c()); and when `main` does.
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
    if Interrupt::is_ignored() {
        return rt.block_on(main);
    }
    let mut interrupt = Interrupt::listen(&rt).expect("Ctrl-C could not be listened to");
    // The loop goes first, with what its tasks do then.
    let (_impatience, rt) = (Impatience::begin(), rt);
    match rt.block_on(run_until_cancelled(asked_by(&mut interrupt, main))) {
        Ok(output) => output,
        Err(_) => {
            drop(rt);
            let _ = std::io::stdout().flush();
            Interrupt::die()
        }
    }
}

/// Runs `main`, which is asked to end when Ctrl-C comes.
async fn asked_by<F: Future>(interrupt: &mut Interrupt, main: F) -> F::Output {
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

/// Has the second Ctrl-C end the process, as long as there is any of these: who listens on afterwards hears
/// them all.
struct Impatience;

impl Impatience {
    fn begin() -> Impatience {
        let mut count = IMPATIENCE.lock();
        *count += 1;
        Interrupt::set_final(true);
        Impatience
    }
}

impl Drop for Impatience {
    fn drop(&mut self) {
        let mut count = IMPATIENCE.lock();
        *count -= 1;
        if *count == 0 {
            Interrupt::set_final(false);
        }
    }
}

/// How many there are.
static IMPATIENCE: Mutex<usize> = Mutex::new(0);
