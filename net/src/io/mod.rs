//! Reads that tell what came when the rest does not.
//!
//! They work on whatever implements the traits of `futures-io`, and complete what `futures::AsyncReadExt` and
//! `AsyncBufReadExt` offer with two habits of asyncio's streams: [`read_until`] has a limit, so that a peer
//! that never sends the separator cannot fill the memory, and the error of an early end,
//! [`IncompleteReadError`], holds what came before it.

mod errors;
mod exact;
mod until;

pub use self::errors::{IncompleteReadError, LimitOverrunError};
pub use self::exact::read_exact;
pub use self::until::read_until;
