//! The descriptor of mio's selector, where it has none.

use std::sync::Arc;

use super::Descriptor;
use super::mio_selector::Remote;

/// Returns nothing.
pub(super) fn descriptor(_remote: &Arc<Remote>) -> Option<Descriptor> {
    None
}
