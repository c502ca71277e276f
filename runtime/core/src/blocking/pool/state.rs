//! What a pool knows, and every way in which that changes.
//!
//! One lock guards it all. A worker is in one of three states:
//!
//! ```text
//!                `cover`
//!    asleep ─────────────────────────► awake ──── look ───► running
//!       ▲                              │  ▲                    │
//!       └───────── look in vain ───────┘  └────── finish ──────┘
//!                                         ▲
//!                     a new thread ───────┘
//! ```
//!
//! *Awake* means: on its way to look at the queue, under the lock, before it sleeps. A queued job is
//! *covered* by an awake worker, one each. Whoever leaves a job uncovered wakes a worker, or starts
//! one, so that no job is forgotten and no thread is woken or started for nothing. With every worker
//! running and their number at the limit nobody has to act: a running worker looks at the queue when
//! its job is done.
//!
//! One thread is started at a time. When it arrives, it covers what is left, if need be by starting the
//! next. Threads are thus started by the pool itself, except the first, and a burst of short jobs does
//! not start as many threads as it has jobs.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::Thread;
use std::time::Instant;

use slab::Slab;

use crate::blocking::cancel::CancellationToken;
use crate::blocking::job::{Job, Origin};
use crate::blocking::report::StuckJob;

pub(super) type WorkerId = usize;

#[derive(Debug)]
pub(super) struct State {
    queue: VecDeque<Job>,
    workers: Slab<Worker>,
    /// The last to fall asleep is the first to be woken, so that those too many time out.
    asleep: Vec<WorkerId>,
    awake: usize,
    /// The one awake worker that spins for the next job.
    searching: Option<WorkerId>,
    /// A thread has been started that has not arrived yet.
    starting: bool,
    closed: bool,
    limit: usize,
}

#[derive(Debug, Default)]
struct Worker {
    /// Absent until the thread has arrived.
    thread: Option<Thread>,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    origin: Origin,
    token: CancellationToken,
    since: Instant,
}

/// What the caller has to do, outside the lock, so that every job is covered.
#[must_use]
#[derive(Debug)]
pub(super) enum Cover {
    Enough,
    Wake(Thread),
    Start(WorkerId),
}

/// What a worker does next.
#[must_use]
#[derive(Debug)]
pub(super) enum Next {
    Run(Job, Cover),
    /// Spin for a while, then look: the worker is awake.
    Search,
    /// Park the thread: the worker is asleep, until somebody wakes it or its time is over.
    Sleep,
    /// The worker has been taken off the books.
    Leave,
}

/// What is left of a pool that could not start its only thread.
#[must_use]
#[derive(Debug)]
pub(super) enum StartFailed {
    /// Other workers will get to the queue; this one may have to be woken for that.
    Others(Cover),
    /// Nobody will ever run these.
    Nobody(VecDeque<Job>),
}

/// What a pool held when it was closed.
#[must_use]
#[derive(Debug)]
pub(super) struct Closed {
    /// To be dropped.
    pub(super) unstarted: VecDeque<Job>,
    /// To be cancelled.
    pub(super) running: Vec<CancellationToken>,
    /// To be woken, so that they leave.
    pub(super) threads: Vec<Thread>,
}

impl State {
    pub(super) fn new(limit: usize) -> State {
        State {
            queue: VecDeque::new(),
            workers: Slab::new(),
            asleep: Vec::new(),
            awake: 0,
            searching: None,
            starting: false,
            closed: false,
            limit,
        }
    }

    /// Queues a job, or gives it back if the pool is closed.
    pub(super) fn push(&mut self, job: Job) -> Result<Cover, Job> {
        if self.closed {
            return Err(job);
        }
        self.queue.push_back(job);
        Ok(self.cover())
    }

    /// A new thread has come to life.
    pub(super) fn arrive(&mut self, id: WorkerId, thread: Thread, now: Instant) -> Next {
        self.starting = false;
        self.workers[id].thread = Some(thread);
        self.look(id, now)
    }

    /// A thread could not be started.
    pub(super) fn start_failed(&mut self, id: WorkerId) -> StartFailed {
        self.workers.remove(id);
        self.starting = false;
        self.awake -= 1;
        if self.workers.is_empty() {
            return StartFailed::Nobody(std::mem::take(&mut self.queue));
        }
        // A worker may have fallen asleep in the belief that the new thread covered a job. If none
        // has, they are all running, and will look at the queue afterwards.
        match self.uncovered() {
            true => StartFailed::Others(self.wake().map_or(Cover::Enough, Cover::Wake)),
            false => StartFailed::Others(Cover::Enough),
        }
    }

    /// A worker is done with its job. Without another one it falls asleep, or searches if it is
    /// `patient` and nobody else does.
    pub(super) fn finish(&mut self, id: WorkerId, patient: bool, now: Instant) -> Next {
        self.workers[id].running = None;
        self.awake += 1;
        if patient && self.searching.is_none() && self.queue.is_empty() && !self.closed {
            self.searching = Some(id);
            return Next::Search;
        }
        self.look(id, now)
    }

    /// An awake worker looks at the queue, and falls asleep if it is empty.
    pub(super) fn look(&mut self, id: WorkerId, now: Instant) -> Next {
        self.awake -= 1;
        if self.searching == Some(id) {
            self.searching = None;
        }
        if self.closed {
            self.workers.remove(id);
            return Next::Leave;
        }
        let Some(job) = self.queue.pop_front() else {
            self.asleep.push(id);
            return Next::Sleep;
        };
        let (origin, token) = (job.origin().clone(), job.cancellation_token());
        self.workers[id].running = Some(Running { origin, token, since: now });
        Next::Run(job, self.cover())
    }

    /// A sleeping worker's thread has come to: it has been woken, its time is over, or neither.
    pub(super) fn stir(&mut self, id: WorkerId, expired: bool, now: Instant) -> Next {
        let Some(position) = self.asleep.iter().rposition(|&asleep| asleep == id) else {
            return self.look(id, now);
        };
        if !expired && !self.closed {
            return Next::Sleep;
        }
        self.asleep.remove(position);
        self.workers.remove(id);
        Next::Leave
    }

    /// Closes the pool; returns what is to be done about jobs and threads.
    pub(super) fn close(&mut self) -> Closed {
        self.closed = true;
        let mut threads = Vec::with_capacity(self.asleep.len());
        while let Some(thread) = self.wake() {
            threads.push(thread);
        }
        let running = self.workers.iter().filter_map(|(_, worker)| worker.running.as_ref());
        Closed {
            running: running.map(|running| running.token.clone()).collect(),
            unstarted: std::mem::take(&mut self.queue),
            threads,
        }
    }

    pub(super) fn queued(&self) -> usize {
        self.queue.len()
    }

    pub(super) fn threads(&self) -> usize {
        self.workers.len()
    }

    /// Whether the pool is closed and its last thread has left.
    pub(super) fn is_over(&self) -> bool {
        self.closed && self.workers.is_empty()
    }

    #[cfg(test)]
    pub(super) fn sleeping(&self) -> usize {
        self.asleep.len()
    }

    /// Describes the jobs that are running.
    pub(super) fn running(
        &self,
        now: Instant,
        name: impl Fn(WorkerId) -> Arc<str>,
    ) -> Vec<StuckJob> {
        let describe = |(id, worker): (WorkerId, &Worker)| {
            let running = worker.running.as_ref()?;
            let elapsed = now.saturating_duration_since(running.since);
            Some(StuckJob::of(&running.origin, name(id), elapsed))
        };
        self.workers.iter().filter_map(describe).collect()
    }

    fn uncovered(&self) -> bool {
        self.queue.len() > self.awake
    }

    fn cover(&mut self) -> Cover {
        if !self.uncovered() {
            return Cover::Enough;
        }
        if let Some(thread) = self.wake() {
            return Cover::Wake(thread);
        }
        if self.starting || self.workers.len() >= self.limit {
            return Cover::Enough;
        }
        self.starting = true;
        self.awake += 1;
        Cover::Start(self.workers.insert(Worker::default()))
    }

    /// Declares the last worker to fall asleep awake.
    fn wake(&mut self) -> Option<Thread> {
        let id = self.asleep.pop()?;
        self.awake += 1;
        self.workers[id].thread.clone()
    }
}
