//! What does it cost to pass a token from one task to another and back?

use std::{
    cell::Cell,
    future::poll_fn,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use futures::{
    SinkExt, StreamExt,
    channel::{mpsc, oneshot},
};

use crate::{
    peer::Peer,
    plan::{Plan, timed},
    report::Metrics,
};

/// What two players share: whose turn it is, and the waker of the one who waits.
struct Table {
    turn: Cell<bool>,
    waiter: Cell<Option<Waker>>,
}

/// One of two players; each move passes the turn to the other.
struct Player {
    table: Rc<Table>,
    me: bool,
    moves: u64,
}

impl Future for Player {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.table.turn.get() == self.me {
            self.table.turn.set(!self.me);
            if let Some(waiter) = self.table.waiter.take() {
                waiter.wake();
            }
            self.moves -= 1;
            if self.moves == 0 {
                return Poll::Ready(());
            }
        }
        self.table.waiter.set(Some(cx.waker().clone()));
        Poll::Pending
    }
}

/// Over a cell with a waker: what the wakes cost, and nothing else.
pub(crate) fn cell<P: Peer>(plan: Plan) -> Metrics {
    let mut peer = P::new();
    plan.time(1, |ops| {
        peer.block_on(timed(async {
            let table = Rc::new(Table { turn: Cell::new(false), waiter: Cell::new(None) });
            let ping = P::spawn(Player { table: Rc::clone(&table), me: false, moves: ops });
            let pong = P::spawn(Player { table, me: true, moves: ops });
            ping.await;
            pong.await;
        }))
    })
}

/// Over futures' bounded channels.
pub(crate) fn channel<P: Peer>(plan: Plan) -> Metrics {
    let mut peer = P::new();
    plan.time(1, |ops| {
        peer.block_on(timed(async {
            let (mut there, mut their_there) = mpsc::channel(1);
            let (mut their_back, mut back) = mpsc::channel(1);
            let pong = P::spawn(async move {
                while let Some(value) = their_there.next().await {
                    their_back.send(value).await.expect("ping waits");
                }
            });
            let ping = P::spawn(async move {
                for i in 0..ops {
                    there.send(i).await.expect("pong waits");
                    assert_eq!(back.next().await, Some(i));
                }
            });
            ping.await;
            pong.await;
        }))
    })
}

/// A new oneshot channel for each answer.
pub(crate) fn one_shot<P: Peer>(plan: Plan) -> Metrics {
    /// Where the asker leaves the sender, and the answerer its waker.
    #[derive(Default)]
    struct Counter {
        question: Cell<Option<oneshot::Sender<u64>>>,
        waiter: Cell<Option<Waker>>,
    }
    let mut peer = P::new();
    plan.time(1, |ops| {
        peer.block_on(timed(async {
            let counter = Rc::new(Counter::default());
            let theirs = Rc::clone(&counter);
            let pong = P::spawn(async move {
                for i in 0..ops {
                    let question = poll_fn(|cx| {
                        let question = theirs.question.take();
                        if question.is_none() {
                            theirs.waiter.set(Some(cx.waker().clone()));
                        }
                        question.map_or(Poll::Pending, Poll::Ready)
                    });
                    question.await.send(i).expect("ping waits");
                }
            });
            let ping = P::spawn(async move {
                for i in 0..ops {
                    let (sender, receiver) = oneshot::channel();
                    counter.question.set(Some(sender));
                    if let Some(waiter) = counter.waiter.take() {
                        waiter.wake();
                    }
                    assert_eq!(receiver.await, Ok(i));
                }
            });
            ping.await;
            pong.await;
        }))
    })
}
