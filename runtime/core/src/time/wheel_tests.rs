//! Compares the wheel with a sorted map that does the same in the obvious way.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::task::{Wake, Waker};

use proptest::prelude::*;

use super::arena::TimerKey;
use super::wheel::Wheel;

type Log = Arc<Mutex<Vec<usize>>>;

struct Bell {
    name: usize,
    log: Log,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.log.lock().unwrap().push(self.name);
    }
}

/// A wheel beside the model that it has to agree with.
struct Pair {
    wheel: Wheel,
    model: BTreeMap<(u64, usize), usize>,
    /// By name: the key in the wheel and, while armed, the key in the model.
    timers: Vec<(TimerKey, Option<(u64, usize)>)>,
    log: Log,
    now: u64,
    arming: usize,
}

impl Pair {
    fn new(now: u64) -> Self {
        let wheel = Wheel::new(now);
        let log = Log::default();
        Self { wheel, model: BTreeMap::new(), timers: Vec::new(), log, now, arming: 0 }
    }

    fn arm(&mut self, deadline: u64) {
        let name = self.timers.len();
        let waker = Waker::from(Arc::new(Bell { name, log: Arc::clone(&self.log) }));
        let key = arm(&mut self.wheel, deadline, waker);
        self.timers.push((key, None));
        self.enter(name, deadline);
    }

    fn enter(&mut self, name: usize, deadline: u64) {
        self.arming += 1;
        self.model.insert((deadline, self.arming), name);
        self.timers[name].1 = Some((deadline, self.arming));
    }

    fn cancel(&mut self, name: usize) {
        let (key, entry) = self.timers[name];
        let expected =
            entry.map(|entry| self.model.remove(&entry).expect("armed timers are in the model"));
        let waker = self.wheel.cancel(key);
        assert_eq!(waker.is_some(), expected.is_some());
        assert!(self.wheel.deadline(key).is_none());
        self.timers[name].1 = None;
    }

    fn reset(&mut self, name: usize, deadline: u64) {
        let (key, entry) = self.timers[name];
        assert_eq!(self.wheel.reset(key, deadline), entry.is_some());
        if let Some(entry) = entry {
            self.model.remove(&entry).expect("armed timers are in the model");
            self.enter(name, deadline);
            assert_eq!(self.wheel.deadline(key), Some(deadline));
        }
    }

    fn advance(&mut self, now: u64) {
        self.now = self.now.max(now);
        let mut wakers = Vec::new();
        self.wheel.fire(self.now, &mut wakers);
        wakers.into_iter().for_each(Waker::wake);
        let fired = std::mem::take(&mut *self.log.lock().unwrap());
        let mut due = Vec::new();
        while let Some(first) = self.model.first_entry().filter(|first| first.key().0 <= self.now) {
            due.push(first.remove());
        }
        assert_eq!(fired, due);
        for name in due {
            self.timers[name].1 = None;
            assert!(self.wheel.deadline(self.timers[name].0).is_none());
        }
    }

    /// Checks `next_deadline`, and follows it until the first timer fires.
    fn sleep(&mut self) {
        let first =
            self.model.keys().next().map(|key| key.0).filter(|&deadline| deadline != u64::MAX);
        let mut naps = 0;
        while let Some(expected) = self.model.keys().next().map(|key| key.0) {
            if expected == u64::MAX || Some(expected) != first {
                break;
            }
            let next = self.wheel.next_deadline().expect("a timer is armed");
            assert!(next <= expected, "the loop would sleep past a deadline");
            self.advance(next);
            naps += 1;
            assert!(naps <= 10, "the loop wakes for nothing too often");
        }
        if first.is_none() {
            assert_eq!(self.wheel.next_deadline(), None);
        }
    }
}

fn arm(wheel: &mut Wheel, deadline: u64, waker: Waker) -> TimerKey {
    wheel.arm(deadline, waker).unwrap_or_else(|waker| wheel.grow(deadline, waker))
}

#[derive(Debug, Clone)]
enum Step {
    Arm(Vec<u64>),
    Cancel(usize),
    Reset(usize, u64),
    Advance(u64),
    Look,
    Sleep,
}

/// Distances of every order of magnitude, round ones and equal ones among them.
fn distance() -> impl Strategy<Value = u64> {
    prop_oneof![
        8 => (0u32..64, any::<u64>()).prop_map(|(bits, noise)| noise >> (63 - bits)),
        2 => (0u32..64).prop_map(|bit| 1 << bit),
        2 => 0u64..300_000,
        1 => Just(5_000_000),
        1 => Just(u64::MAX),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => prop::collection::vec(distance(), 1..20).prop_map(Step::Arm),
        3 => any::<usize>().prop_map(Step::Cancel),
        2 => (any::<usize>(), distance()).prop_map(|(name, to)| Step::Reset(name, to)),
        3 => distance().prop_map(Step::Advance),
        2 => (0u64..10_000_000).prop_map(Step::Advance),
        2 => Just(Step::Look),
        2 => Just(Step::Sleep),
    ]
}

proptest! {
    #[test]
    fn the_wheel_agrees_with_a_sorted_map(start in distance(), steps in prop::collection::vec(step(), 1..60)) {
        let mut pair = Pair::new(start >> 1);
        for step in steps {
            let now = pair.now;
            let count = pair.timers.len();
            match step {
                Step::Arm(distances) => {
                    for distance in distances {
                        pair.arm(now.saturating_add(distance));
                    }
                }
                Step::Cancel(name) if count > 0 => pair.cancel(name % count),
                Step::Reset(name, to) if count > 0 => pair.reset(name % count, now.saturating_add(to)),
                // Time that runs to the end of the range would only make the rest of the case dull.
                Step::Advance(by) => pair.advance(now.saturating_add(by >> 3).min(u64::MAX - 1)),
                Step::Look => {
                    let next = pair.wheel.next_deadline();
                    let first = pair.model.keys().next().map(|key| key.0).filter(|&first| first != u64::MAX);
                    prop_assert_eq!(next.is_some(), first.is_some());
                    prop_assert!(next <= first);
                    let wake = pair.wheel.next_wake();
                    prop_assert_eq!(wake.is_some(), first.is_some());
                    prop_assert!(wake <= first.map(|first| first.saturating_add(65_535)));
                    // Nobody waits but for company.
                    prop_assert!(wake <= first || pair.model.keys().any(|key| Some(key.0) == wake));
                }
                Step::Sleep => pair.sleep(),
                Step::Cancel(_) | Step::Reset(..) => {}
            }
            prop_assert_eq!(pair.wheel.is_idle(), pair.model.is_empty());
        }
        for name in 0..pair.timers.len() {
            pair.cancel(name);
        }
        prop_assert_eq!(pair.wheel.next_deadline(), None);
        prop_assert!(pair.wheel.is_idle());
    }
}

#[test]
fn deadlines_in_the_past_fire_in_order_at_the_next_look() {
    let mut pair = Pair::new(1 << 40);
    for deadline in [7, 3, 1 << 39, 3, 0] {
        pair.arm(deadline);
    }
    assert_eq!(pair.wheel.next_deadline(), Some(0));
    pair.advance(1 << 40);
    assert!(pair.wheel.is_idle());
}

#[test]
fn nothing_fires_within_the_tick_before_its_deadline() {
    let mut pair = Pair::new(0);
    pair.arm(65_535);
    pair.arm(65_534);
    pair.advance(65_533);
    assert_eq!(pair.wheel.next_deadline(), Some(65_534));
    pair.advance(65_534);
    assert_eq!(pair.wheel.next_deadline(), Some(65_535));
    pair.advance(65_535);
    assert!(pair.wheel.is_idle());
}

#[test]
fn a_lone_timer_costs_a_single_wake_up_however_far_it_is() {
    for bit in 0..64 {
        let mut pair = Pair::new(12_345);
        let deadline = 12_345 + (1u64 << bit);
        pair.arm(deadline);
        assert_eq!(pair.wheel.next_deadline(), Some(deadline));
    }
}

#[test]
fn timers_in_company_share_a_wake_up() {
    let mut pair = Pair::new(0);
    for deadline in [1_000, 31_000, 51_000, 66_536] {
        pair.arm(deadline);
    }
    assert_eq!(pair.wheel.next_deadline(), Some(1_000));
    assert_eq!(pair.wheel.next_wake(), Some(51_000));
    // The company leaves.
    pair.cancel(2);
    assert_eq!(pair.wheel.next_wake(), Some(31_000));
    pair.cancel(1);
    assert_eq!(pair.wheel.next_wake(), Some(1_000));
    // Others come.
    pair.arm(40_000);
    assert_eq!(pair.wheel.next_wake(), Some(40_000));
    pair.arm(500);
    assert_eq!(pair.wheel.next_deadline(), Some(500));
    pair.advance(40_000);
    assert_eq!(pair.wheel.next_wake(), Some(66_536));
}

#[test]
fn cancelled_timers_give_their_memory_back() {
    let mut pair = Pair::new(0);
    for round in 0..3 {
        for second in 1..=100_000 {
            pair.arm(second * 1_000_000_000);
        }
        pair.wheel.next_deadline();
        assert!(pair.wheel.capacity() >= 100_000);
        for name in round * 100_000..(round + 1) * 100_000 {
            pair.cancel(name);
        }
        assert!(!pair.wheel.is_idle());
        assert_eq!(pair.wheel.next_deadline(), None);
        assert!(pair.wheel.is_idle());
        assert!(pair.wheel.capacity() <= 1_000);
    }
}

#[test]
fn keys_outlive_the_slots_they_name() {
    let mut pair = Pair::new(0);
    for name in 0..10_000 {
        pair.arm(1_000);
        if name % 3 == 0 {
            pair.cancel(name);
        }
    }
    pair.advance(1_000);
    for name in 0..10_000 {
        pair.cancel(name);
        pair.reset(name, 5);
        pair.arm(2_000);
    }
    pair.advance(2_000);
}

#[test]
fn closing_hands_out_every_waker() {
    let mut wheel = Wheel::new(0);
    for bit in 0..64 {
        arm(&mut wheel, 1 << bit, Waker::noop().clone());
    }
    wheel.next_deadline();
    arm(&mut wheel, u64::MAX, Waker::noop().clone());
    let mut wakers = Vec::new();
    wheel.close(&mut wakers);
    assert_eq!(wakers.len(), 65);
    assert!(wheel.is_idle());
    assert_eq!(wheel.next_deadline(), None);
}
