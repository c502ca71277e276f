//! The macro that declares variables.

/// Declares [context variables](crate::context): statics of type [`ContextVar`](crate::context::ContextVar).
///
/// Each has a type that is `Send + Sync + 'static`, and may have a default, which is evaluated once, when it
/// is first needed. A variable without one must be set before it is read.
///
/// # Examples
///
/// ```
/// runtime::context_var! {
///     /// Who is asking.
///     pub static USER: String = "nobody".to_owned();
///     static REQUEST: u64;
/// }
///
/// assert_eq!(USER.get(), "nobody");
/// assert_eq!(REQUEST.try_get(), None);
/// USER.set("ada".to_owned());
/// assert_eq!(USER.get(), "ada");
/// ```
#[macro_export]
macro_rules! context_var {
    ($($(#[$attribute:meta])* $visibility:vis static $name:ident: $type:ty $(= $default:expr)?);* $(;)?) => {
        $(
            $(#[$attribute])*
            $visibility static $name: $crate::context::ContextVar<$type> =
                $crate::context::ContextVar::declare(
                    ::core::stringify!($name),
                    $crate::__context_var_default!($($default)?),
                );
        )*
    };
}

/// The default of a variable, as `context_var!` hands it on.
#[doc(hidden)]
#[macro_export]
macro_rules! __context_var_default {
    () => {
        ::core::option::Option::None
    };
    ($default:expr) => {
        ::core::option::Option::Some(|| $default)
    };
}
