//! No such calls here, or none that we make.

use std::convert::Infallible;
use std::marker::PhantomData;

use crate::stream::split::Split;

/// There is none.
#[derive(Clone, Copy)]
pub(crate) struct Socket<'a> {
    pub(crate) never: Infallible,
    _stream: PhantomData<&'a ()>,
}

pub(crate) fn socket<T: Split>(_: &T) -> Option<Socket<'_>> {
    None
}

pub(crate) fn find<T>(_: &T) -> Option<Socket<'_>> {
    None
}
