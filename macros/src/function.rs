//! The function under the attribute, read up to its body.
//!
//! The body stays one opaque group: it reaches the compiler token by token as it was written, so
//! every diagnostic inside it points at the user's code, a body that is half typed does not stop an
//! editor from understanding the rest, and reading a function costs the same whatever its length.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Error, Generics, Ident, ReturnType, Token, Visibility, WhereClause};

/// One free function, cut where the expansion has to get in between.
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) asyncness: Option<Token![async]>,
    /// Everything else that may stand before `fn`: `const`, `unsafe`, `extern "C"`.
    pub(crate) qualifiers: TokenStream,
    pub(crate) fn_token: Token![fn],
    pub(crate) name: Ident,
    pub(crate) generics: Generics,
    /// The parenthesised argument list.
    pub(crate) arguments: Group,
    pub(crate) output: ReturnType,
    /// The body with its braces, unread.
    pub(crate) body: Group,
}

impl Function {
    /// Returns the generic arguments with which the function's own generics are passed on,
    /// `::<T, N>`, or nothing.
    ///
    /// Lifetimes are left out: they are inferred, and naming one that is late-bound is an error.
    pub(crate) fn turbofish(&self) -> TokenStream {
        let names: Vec<&Ident> = self
            .generics
            .params
            .iter()
            .filter_map(|parameter| match parameter {
                syn::GenericParam::Type(parameter) => Some(&parameter.ident),
                syn::GenericParam::Const(parameter) => Some(&parameter.ident),
                _ => None,
            })
            .collect();
        if names.is_empty() { TokenStream::new() } else { quote!(::<#(#names),*>) }
    }

    /// Returns the where clause, which stands behind the return type, apart from the generics.
    pub(crate) fn where_clause(&self) -> Option<&WhereClause> {
        self.generics.where_clause.as_ref()
    }
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Function> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let mut asyncness = None;
        let mut qualifiers = TokenStream::new();
        while !input.peek(Token![fn]) {
            if input.peek(Token![async]) {
                asyncness = Some(input.parse()?);
            } else if input.peek(Token![const])
                || input.peek(Token![unsafe])
                || input.peek(Token![extern])
                || input.peek(syn::LitStr)
            {
                qualifiers.extend([input.parse::<TokenTree>()?]);
            } else {
                return Err(input.error("expected a function"));
            }
        }
        let fn_token = input.parse()?;
        let name = input.parse()?;
        let mut generics: Generics = input.parse()?;
        let arguments = group(input, Delimiter::Parenthesis)?;
        let output = input.parse()?;
        generics.where_clause = input.parse()?;
        let body = group(input, Delimiter::Brace)?;
        Ok(Function {
            attributes,
            visibility,
            asyncness,
            qualifiers,
            fn_token,
            name,
            generics,
            arguments,
            output,
            body,
        })
    }
}

/// The function as it was written, apart from the order of its qualifiers.
impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Function { attributes, visibility, asyncness, qualifiers, .. } = self;
        let Function { fn_token, name, generics, arguments, output, body, .. } = self;
        let where_clause = self.where_clause();
        tokens.extend(quote! {
            #(#attributes)*
            #visibility #asyncness #qualifiers #fn_token #name #generics #arguments #output
            #where_clause #body
        });
    }
}

/// Takes the next group, which has to have this delimiter; a body that a `macro_rules!` passed on
/// as `$body:block` sits in an invisible group of its own.
fn group(input: ParseStream<'_>, delimiter: Delimiter) -> syn::Result<Group> {
    let mut token = input.parse::<TokenTree>()?;
    loop {
        match token {
            TokenTree::Group(group) if group.delimiter() == delimiter => return Ok(group),
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                let mut inner = group.stream().into_iter();
                match (inner.next(), inner.next()) {
                    (Some(only), None) => token = only,
                    _ => return Err(expected(delimiter, group.span())),
                }
            }
            other => return Err(expected(delimiter, other.span())),
        }
    }
}

fn expected(delimiter: Delimiter, span: proc_macro2::Span) -> Error {
    let what = match delimiter {
        Delimiter::Parenthesis => "expected the parentheses of a function",
        _ => "expected the body of a function",
    };
    Error::new(span, what)
}

#[cfg(test)]
mod tests {
    use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
    use quote::{ToTokens, quote};

    use super::Function;

    /// Returns the text of the tokens; the spaces between them depend on where they come from.
    fn text(tokens: impl ToTokens) -> String {
        tokens.to_token_stream().to_string().replace(' ', "")
    }

    fn read(tokens: TokenStream) -> Function {
        syn::parse2(tokens).expect("the text is a function")
    }

    #[test]
    fn every_part_of_a_function_survives_the_round_trip() {
        let written = quote! {
            /// Words.
            #[should_panic(expected = "x")]
            pub(crate) async unsafe extern "C" fn name<'a, T: Default, const N: usize>()
                -> Result<[T; N], Box<dyn Error + 'a>>
            where
                T: Clone,
            {
                #![allow(unused)]
                body(|x| x + 1).await?
            }
        };
        let function = read(written.clone());
        assert!(function.asyncness.is_some());
        assert_eq!(text(function.turbofish()), "::<T,N>");
        assert_eq!(text(function), text(written));
    }

    #[test]
    fn a_body_is_not_read() {
        let function = read(quote!(
            async fn main() {
                let half. = typed match
            }
        ));
        assert_eq!(function.body.delimiter(), Delimiter::Brace);
        assert!(function.turbofish().is_empty());
    }

    #[test]
    fn a_body_in_an_invisible_group_is_found() {
        let hidden = TokenTree::from(Group::new(Delimiter::None, quote!({ 1 })));
        let function = read(quote!(async fn number() -> u8 #hidden));
        assert_eq!(text(function.body), "{1}");
    }

    #[test]
    fn other_items_are_refused() {
        for item in ["struct Unit;", "async fn main();", "async { }", "mod name {}", "pub", ""] {
            let tokens: TokenStream = item.parse().expect("the text is made of tokens");
            assert!(syn::parse2::<Function>(tokens).is_err(), "{item}");
        }
    }
}
