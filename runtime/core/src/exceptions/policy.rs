//! What a panic that nobody asks after means for the loop.

/// What becomes of a loop after the panic of a task or callback that nobody heard of but the exception
/// handler.
///
/// See [`Builder::unhandled_panic`](crate::Builder::unhandled_panic). A panic counts as unhandled when the
/// task's join handle was dropped, or aborted, without its outcome having been taken. What a program itself
/// reports through [`call_exception_handler`](crate::Handle::call_exception_handler) is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum UnhandledPanic {
    /// The loop goes on.
    #[default]
    Report,
    /// The call that runs the loop panics at the end of the pass, with a message that names task and cause,
    /// and the loop is closed.
    Shutdown,
    /// The process is aborted.
    Abort,
}
