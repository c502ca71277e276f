//! From an attribute and the function under it to an ordinary function.
//!
//! ```text
//! #[runtime::main(debug = true)]        fn main() -> Outcome {
//! async fn main() -> Outcome {              async fn main() -> Outcome { body }
//!     body                         ──►      let _inspected = ::runtime::__attributes::begin();
//! }                                         ::runtime::policy::policy()
//!                                               .build(::runtime::Builder::new().debug(true))
//!                                               .expect(..).block_on(main())
//!                                       }
//! ```
//!
//! The async function stays what it was, one level further in. Wrapping the body in an async
//! block would be shorter, yet a block has no return type of its own: `?` and the coercion to
//! `Box<dyn Error>` would need annotations, and a mismatch would be reported far from its cause.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Error};

use crate::function::Function;
use crate::options::Options;

/// Which of the two attributes is at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    Main,
    Test,
}

impl Entry {
    fn attribute(self) -> &'static str {
        match self {
            Entry::Main => "#[runtime::main]",
            Entry::Test => "#[runtime::test]",
        }
    }
}

/// Expands one attribute.
///
/// A function always comes out, beside the errors if there are any, so that one mistake is one
/// message, and an editor still knows the function.
pub(crate) fn expand(entry: Entry, arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Vec::new();
    let options = Options::read(entry, arguments, &mut errors);
    let expanded = match syn::parse2::<Function>(item.clone()) {
        Ok(function) => function_of(entry, &options, function, &mut errors),
        Err(error) => {
            let message = format!("`{}` goes on an `async fn`", entry.attribute());
            errors.push(Error::new(error.span(), message));
            item
        }
    };
    let errors = errors.iter().map(Error::to_compile_error);
    quote!(#expanded #(#errors)*)
}

fn function_of(
    entry: Entry,
    options: &Options,
    mut function: Function,
    errors: &mut Vec<Error>,
) -> TokenStream {
    let test = match entry {
        Entry::Main => None,
        Entry::Test => {
            take_test_attributes(&mut function.attributes, errors);
            // By its full path: `test` alone may well be `use runtime::test`.
            Some(quote!(#[::core::prelude::v1::test]))
        }
    };
    if function.asyncness.is_none() {
        let message = "the `async` keyword is missing from the function declaration";
        errors.push(Error::new(function.fn_token.span, message));
        return quote!(#test #function);
    }
    let arguments_allowed = function.arguments.stream().is_empty();
    if !arguments_allowed {
        let message = format!("a function with `{}` cannot have arguments", entry.attribute());
        errors.push(Error::new(function.arguments.span(), message));
        if function.name != "main" {
            return quote!(#function);
        }
    }

    let turbofish = function.turbofish();
    let where_clause = function.where_clause();
    let Function { attributes, visibility, asyncness, qualifiers, .. } = &function;
    let Function { fn_token, name, generics, arguments, output, body, .. } = &function;
    let (never_called, last) = if arguments_allowed {
        let run = options.run(name, &quote!(#name #turbofish ()));
        let begin = match entry {
            Entry::Main => Some(options.begin()),
            Entry::Test => None,
        };
        (None, quote!(#begin #run))
    } else {
        // Nothing can call it, yet a `main` has to be there, and the body is worth checking.
        (Some(quote!(#[allow(dead_code)])), quote!(::core::unreachable!("this does not compile")))
    };
    quote! {
        #test
        #(#attributes)*
        #visibility #qualifiers #fn_token #name #generics () #output #where_clause {
            // It is async because the attribute asks for it, and it stays on its thread.
            #[allow(clippy::unused_async, clippy::future_not_send)]
            #never_called
            #asyncness #fn_token #name #generics #arguments #output #where_clause #body

            #last
        }
    }
}

/// Removes the attributes that would make a second test of the function, and reports each.
fn take_test_attributes(attributes: &mut Vec<Attribute>, errors: &mut Vec<Error>) {
    attributes.retain(|attribute| {
        let segments = &attribute.path().segments;
        let makes_a_test = segments.last().is_some_and(|last| last.ident == "test");
        if makes_a_test {
            let message = "this is a second test attribute, and the test would run twice: \
                           `#[runtime::test]` is enough";
            errors.push(Error::new_spanned(attribute, message));
        }
        !makes_a_test
    });
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;
    use quote::quote;

    use super::{Entry, expand};

    /// Returns the text of the tokens; the spaces between them depend on where they come from.
    fn text(tokens: TokenStream) -> String {
        tokens.to_string().replace(' ', "")
    }

    fn main_of(arguments: TokenStream, item: TokenStream) -> String {
        text(expand(Entry::Main, arguments, item))
    }

    #[test]
    fn without_options_the_policy_builds_the_loop() {
        let expanded = main_of(
            quote!(),
            quote!(
                async fn main() -> u8 {
                    1
                }
            ),
        );
        let expected = quote! {
            fn main() -> u8 {
                #[allow(clippy::unused_async, clippy::future_not_send)]
                async fn main() -> u8 { 1 }
                let _inspected = ::runtime::__attributes::begin();
                ::runtime::run(main())
            }
        };
        assert_eq!(expanded, text(expected));
    }

    #[test]
    fn options_become_calls_on_the_builder() {
        let expanded = main_of(
            quote!(debug = true, spin = false, crate = "a::b"),
            quote!(
                pub async fn start<T: Default>()
                where
                    T: Copy,
                {
                    work::<T>().await
                }
            ),
        );
        let expected = quote! {
            pub fn start<T: Default>() where T: Copy, {
                #[allow(clippy::unused_async, clippy::future_not_send)]
                async fn start<T: Default>() where T: Copy, { work::<T>().await }
                let _inspected = a::b::__attributes::begin();
                a::b::policy::policy()
                    .build(
                        a::b::Builder::new()
                            .debug(true)
                            .spin(::core::option::Option::<::core::time::Duration>::None)
                    )
                    .expect("the runtime could not be built")
                    .block_on(start::<T>())
            }
        };
        assert_eq!(expanded, text(expected));
    }

    #[test]
    fn a_test_keeps_its_attributes() {
        let item = quote!(
            #[should_panic(expected = "x")]
            #[ignore]
            async fn fails() {}
        );
        let expanded = text(expand(Entry::Test, quote!(), item));
        let expected = quote! {
            #[::core::prelude::v1::test]
            #[should_panic(expected = "x")]
            #[ignore]
            fn fails() {
                #[allow(clippy::unused_async, clippy::future_not_send)]
                async fn fails() {}
                ::runtime::run(fails())
            }
        };
        assert_eq!(expanded, text(expected));
    }

    #[test]
    fn a_second_test_attribute_is_reported_and_removed() {
        for attribute in ["#[test]", "#[::core::prelude::v1::test]", "#[tokio::test(x)]"] {
            let attribute: TokenStream = attribute.parse().expect("an attribute is tokens");
            let expanded = expand(Entry::Test, quote!(), quote!(#attribute async fn t() {}));
            let text = text(expanded);
            assert!(text.contains("compile_error"), "{text}");
            assert!(text.starts_with("#[::core::prelude::v1::test]fnt(){"), "{text}");
        }
        let item = quote!(
            #[cfg(test)]
            #[my_test]
            async fn t() {}
        );
        assert!(!expand(Entry::Test, quote!(), item).to_string().contains("compile_error"));
    }

    #[test]
    fn every_error_comes_with_the_function() {
        let cases = [
            (
                quote!(nonsense),
                quote!(
                    async fn main() {
                        body
                    }
                ),
            ),
            (
                quote!(),
                quote!(
                    fn main() {
                        body
                    }
                ),
            ),
            (
                quote!(),
                quote!(
                    async fn main(count: u8) {
                        body
                    }
                ),
            ),
            (
                quote!(),
                quote!(
                    struct body;
                ),
            ),
        ];
        for (arguments, item) in cases {
            let text = main_of(arguments, item);
            assert_eq!(text.matches("compile_error").count(), 1, "{text}");
            assert!(text.contains("body"), "{text}");
        }
    }
}
