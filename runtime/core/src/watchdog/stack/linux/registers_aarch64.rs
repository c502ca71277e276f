//! The registers of aarch64 by which frames are found.

use framehop::UnwindRegsNative;
use framehop::aarch64::PtrAuthMask;
use libc::ucontext_t;

/// How many there are.
pub(super) const COUNT: usize = 4;

const FRAME_POINTER: usize = 29;
const LINK: usize = 30;

/// Program counter, stack pointer, frame pointer, link register.
pub(super) fn of(context: &ucontext_t) -> [u64; COUNT] {
    let machine = &context.uc_mcontext;
    [machine.pc, machine.sp, machine.regs[FRAME_POINTER], machine.regs[LINK]]
}

/// The same for the unwinder, and the program counter. Return addresses may be signed in the bits above those
/// of any code.
pub(super) fn for_unwinding(registers: [u64; COUNT], max_code: u64) -> (u64, UnwindRegsNative) {
    let [pc, sp, fp, lr] = registers;
    let mask = PtrAuthMask::from_max_known_address(max_code);
    (pc, UnwindRegsNative::new_with_ptr_auth_mask(lr, sp, fp, mask))
}

/// The stack pointer.
pub(super) fn stack_pointer(registers: &[u64; COUNT]) -> u64 {
    registers[1]
}
