//! Ctrl-C, by which the operator tells the server to end, and what the demonstration has in its place.

use std::cell::Cell;
use std::future::pending;
use std::io;

use futures::channel::oneshot;
use futures::future::{Either, select};
use runtime::signal::ctrl_c;

thread_local! {
    static TELL: Cell<Option<oneshot::Sender<()>>> = const { Cell::new(None) };
}

pub(crate) struct Told {
    demo: Option<oneshot::Receiver<()>>,
}

impl Told {
    pub(crate) fn listen() -> io::Result<Told> {
        let (tell, told) = oneshot::channel();
        TELL.set(Some(tell));
        Ok(Told { demo: Some(told) })
    }

    /// Waits for one, and names it.
    pub(crate) async fn next(&mut self) -> String {
        let pressed = Box::pin(pressed());
        let Some(demo) = &mut self.demo else {
            pressed.await;
            return "Ctrl-C".to_owned();
        };
        match select(pressed, demo).await {
            Either::Left(_) => "Ctrl-C".to_owned(),
            Either::Right(_) => {
                self.demo = None;
                "its demonstration".to_owned()
            }
        }
    }
}

/// Waits for Ctrl-C, where that can be done.
async fn pressed() {
    if ctrl_c().await.is_err() {
        pending::<()>().await;
    }
}

/// Tells this very program.
pub(crate) fn tell() -> io::Result<()> {
    if let Some(tell) = TELL.take() {
        let _gone = tell.send(());
    }
    Ok(())
}
