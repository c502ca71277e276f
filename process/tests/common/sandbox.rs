//! A sandbox that refuses system calls to one thread, to what it starts, and to its children (seccomp(2)).

#![allow(dead_code, unreachable_pub)]

use std::env::consts::ARCH;
use std::thread;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, apply_filter,
};

/// A system call, under which conditions it is refused, and the error.
pub struct Refusal {
    call: i64,
    conditions: Vec<SeccompCondition>,
    error: i32,
}

impl Refusal {
    pub fn of(call: i64, error: i32) -> Refusal {
        Refusal { call, conditions: Vec::new(), error }
    }

    /// Refuses it only if an argument has the bits that `operator` tells.
    pub fn if_argument(mut self, index: u8, operator: SeccompCmpOp, value: u64) -> Refusal {
        let condition = SeccompCondition::new(index, SeccompCmpArgLen::Dword, operator, value);
        self.conditions.push(condition.expect("there are six arguments"));
        self
    }

    fn apply(self) {
        let rules = match self.conditions.is_empty() {
            true => Vec::new(),
            false => vec![SeccompRule::new(self.conditions).expect("there are conditions")],
        };
        let filter = SeccompFilter::new(
            [(self.call, rules)].into(),
            SeccompAction::Allow,
            SeccompAction::Errno(self.error.unsigned_abs()),
            ARCH.try_into().expect("the architecture is known"),
        );
        let program: BpfProgram = filter.and_then(BpfProgram::try_from).expect("the filter is one");
        apply_filter(&program).expect("a thread may have filters");
    }
}

/// Runs a test where some calls are refused.
pub fn inside<R: Send>(refusals: Vec<Refusal>, test: impl FnOnce() -> R + Send) -> R {
    thread::scope(|scope| {
        let sandboxed = scope.spawn(|| {
            refusals.into_iter().for_each(Refusal::apply);
            test()
        });
        sandboxed.join().expect("the test does not panic")
    })
}
