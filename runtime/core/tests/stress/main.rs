//! Other threads clone, use and drop wakers and handles as fast as they can, while their loop runs,
//! completes, aborts and closes tasks. Meant for sanitizers; what can be counted is counted here.
//!
//! `RUNTIME_STRESS` multiplies the number of operations: `RUNTIME_STRESS=10 cargo test --release -p
//! runtime-core --test stress`.

mod callbacks;
mod cancels;
mod close;
mod joins;
mod parking;
mod tally;
mod wakers;
mod watchdog;

/// How much of the full work is done unless the environment says otherwise.
const SHARE: f64 = if cfg!(any(tsan, asan)) {
    0.1
} else if cfg!(debug_assertions) {
    0.05
} else {
    1.0
};

/// A number of operations, scaled to the kind of build and the wish of the user.
fn scaled(full: u64) -> u64 {
    let share = match std::env::var("RUNTIME_STRESS") {
        Ok(factor) => factor.parse().expect("`RUNTIME_STRESS` is a factor, such as 0.1 or 10"),
        Err(_) => SHARE,
    };
    ((full as f64 * share) as u64).max(10)
}

/// Pseudo-random numbers: the xorshift of Marsaglia.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Dice {
        Dice(0x9e37_79b9_7f4a_7c15 ^ (seed + 1))
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % bound
    }
}
