//! Child processes for the `runtime` event loop: an empty crate, for now.
//!
//! Nothing is here yet. The crate holds the place where `process::Command`, `Child` and its pipes,
//! and the strategies that notice the end of a child will live, so that the shape of the workspace
//! and its dependencies (`process` stands on `runtime-core` and `runtime-signal`) are settled
//! before the code is.
//!
//! Until then a program can run children with `std::process` inside `runtime::spawn_blocking`.
