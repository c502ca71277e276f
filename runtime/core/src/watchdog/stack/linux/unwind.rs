//! From a copy of a stack to the addresses of its frames.

use std::fmt;

use framehop::{CacheNative, FrameAddress, MayAllocateDuringUnwind, Unwinder as _, UnwinderNative};

use super::modules::{self, Loaded};
use super::registers;
use super::signal::Copy;

/// More frames than that are not looked at: the largest copy has room for as many.
const MOST: usize = 64 * 1024;
/// How many of the innermost frames are kept, and of the outermost.
const INNERMOST: usize = 64;
const OUTERMOST: usize = 32;
/// How many frames are kept that may be of the loop itself, to find those of the task among them by their
/// names.
const BEYOND: usize = 8;

/// A function that was being executed.
#[derive(Debug, Clone, Copy)]
pub(super) struct RawFrame {
    /// An address in the instruction that is being executed, or in the call that has not returned.
    pub(super) address: u64,
    /// Where in the stack the frame begins, its lowest address.
    pub(super) stack: u64,
}

/// A stack as far as the loop, the innermost frame first.
#[derive(Debug)]
pub(super) struct RawStack {
    pub(super) frames: Vec<RawFrame>,
    /// Of the frames of the loop, the first is this one or comes after it.
    pub(super) below: usize,
    /// After which frame there are some that have been left out, and how many.
    pub(super) gap: Option<(usize, usize)>,
    /// Whether the frames of the loop are there.
    pub(super) is_complete: bool,
}

/// Knows the code that is loaded.
pub(super) struct Unwinder {
    inner: UnwinderNative<Vec<u8>, MayAllocateDuringUnwind>,
    cache: CacheNative<MayAllocateDuringUnwind>,
    loaded: Loaded,
}

impl Unwinder {
    pub(super) fn new() -> Unwinder {
        let (inner, cache) = (UnwinderNative::new(), CacheNative::new());
        Unwinder { inner, cache, loaded: Loaded::new() }
    }

    /// The frames of a stack, as far as those in which the anchor is.
    pub(super) fn frames(&mut self, copy: &Copy, anchor: u64) -> RawStack {
        self.update();
        let max_code = self.inner.max_known_code_address();
        let (ip, mut registers) = registers::for_unwinding(copy.registers(), max_code);
        let mut address = FrameAddress::from_instruction_pointer(ip);
        let mut frames = Vec::new();
        let mut word = |address| copy.word(address).ok_or(());
        // What there is beyond the anchor, if that is known.
        let mut beyond = 0;
        while frames.len() < MOST && beyond < BEYOND {
            beyond += usize::from(anchor != 0 && registers.sp() > anchor);
            frames.push(RawFrame { address: address.address_for_lookup(), stack: registers.sp() });
            let caller =
                self.inner.unwind_frame(address, &mut registers, &mut self.cache, &mut word);
            // An error is where the copy ends, or code that does not say how to unwind it.
            match caller.ok().flatten().and_then(FrameAddress::from_return_address) {
                Some(caller) => address = caller,
                None => break,
            }
        }
        let below = frames.iter().rposition(|frame| frame.stack <= anchor).unwrap_or(0);
        let stack = RawStack { frames, below, gap: None, is_complete: anchor == 0 || beyond > 0 };
        stack.shorten()
    }

    /// Takes notice of what has been loaded and unloaded.
    fn update(&mut self) {
        let now: Loaded =
            modules::mappings().into_iter().map(|mapping| (mapping.range.start, mapping)).collect();
        for (start, mapping) in &self.loaded {
            if now.get(start) != Some(mapping) {
                self.inner.remove_module(*start);
            }
        }
        for (start, mapping) in &now {
            if self.loaded.get(start) != Some(mapping) {
                if let Some(module) = mapping.load() {
                    self.inner.add_module(module);
                }
            }
        }
        self.loaded = now;
    }
}

impl RawStack {
    fn shorten(mut self) -> RawStack {
        let kept = INNERMOST + OUTERMOST;
        if let Some(left_out @ 1..) = self.frames.len().checked_sub(kept) {
            self.frames.drain(INNERMOST..INNERMOST + left_out);
            self.below = self.below.saturating_sub(left_out).max(INNERMOST);
            self.gap = Some((INNERMOST, left_out));
        }
        self
    }
}

impl fmt::Debug for Unwinder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unwinder").field("loaded", &self.loaded.len()).finish_non_exhaustive()
    }
}
