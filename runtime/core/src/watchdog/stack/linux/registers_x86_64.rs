//! The registers of x86-64 by which frames are found.

use framehop::UnwindRegsNative;
use libc::{REG_RBP, REG_RIP, REG_RSP, ucontext_t};

/// How many there are.
pub(super) const COUNT: usize = 3;

/// Instruction pointer, stack pointer, frame pointer.
pub(super) fn of(context: &ucontext_t) -> [u64; COUNT] {
    [REG_RIP, REG_RSP, REG_RBP].map(|register| context.uc_mcontext.gregs[register as usize] as u64)
}

/// The same for the unwinder, and the instruction pointer.
pub(super) fn for_unwinding(registers: [u64; COUNT], _max_code: u64) -> (u64, UnwindRegsNative) {
    let [ip, sp, bp] = registers;
    (ip, UnwindRegsNative::new(ip, sp, bp))
}

/// The stack pointer.
pub(super) fn stack_pointer(registers: &[u64; COUNT]) -> u64 {
    registers[1]
}
