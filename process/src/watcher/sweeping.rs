//! What a sweep is where children can be asked for without naming one.

pub(super) use super::fast::reap_all;
pub(super) use super::strays::claim;
