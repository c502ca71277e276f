//! The arguments of the attributes: what may stand in the parentheses.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Error, Expr, Ident, Lit, Path, Token};

use crate::expand::Entry;
use crate::known::{self, Known, Meaning};

/// The options of one attribute.
pub(crate) struct Options {
    entry: Entry,
    facade: Option<Path>,
    /// Whether any option asks for a `Builder`.
    configures: bool,
    /// Whether Ctrl-C cancels the function.
    cancellable: bool,
    /// The seeds with which to run the function.
    seeds: Option<TokenStream>,
    /// The method calls on the `Builder`, `.debug(true).spin(None)`.
    calls: TokenStream,
}

impl Options {
    /// Reads the arguments of an attribute.
    ///
    /// Errors go into `errors`, and what was understood is returned in any case: an editor shows
    /// more of a function that still expands.
    pub(crate) fn read(entry: Entry, arguments: TokenStream, errors: &mut Vec<Error>) -> Options {
        let mut options = Options {
            entry,
            facade: None,
            configures: false,
            cancellable: false,
            seeds: None,
            calls: TokenStream::new(),
        };
        let read = |input: ParseStream<'_>| {
            options.read_all(input, errors);
            Ok(())
        };
        if let Err(error) = read.parse2(arguments) {
            errors.push(error);
        }
        options
    }

    /// Returns the statement with which a program begins: it serves whoever wants to look into it, if the
    /// environment and the facade's features say so, until the function returns.
    pub(crate) fn begin(&self) -> TokenStream {
        let facade = self.facade();
        quote!(let _inspected = #facade::__attributes::begin();)
    }

    fn facade(&self) -> TokenStream {
        match &self.facade {
            Some(path) => quote!(#path),
            None => quote!(::runtime),
        }
    }

    /// Returns the expression that runs `future` to its end on a new runtime; `name` is the function's.
    ///
    /// The runtime of a builder is a temporary: it is dropped, which cancels what is left, before
    /// the value reaches the caller.
    pub(crate) fn run(&self, name: &Ident, future: &TokenStream) -> TokenStream {
        let facade = self.facade();
        if !self.configures {
            return quote!(#facade::run(#future));
        }
        let builder = match &self.seeds {
            None => quote!(#facade::Builder::new()),
            // Not to be seen by the values of options.
            Some(_) => quote_spanned!(Span::mixed_site()=> builder),
        };
        let calls = &self.calls;
        let runtime = quote! {
            #facade::policy::policy()
                .build(#builder #calls)
                .expect("the runtime could not be built")
        };
        let run = if self.cancellable {
            quote!(#facade::signal::run_until_ctrl_c(#runtime, #future))
        } else {
            quote!(#runtime.block_on(#future))
        };
        let Some(seeds) = &self.seeds else { return run };
        let name = name.unraw().to_string();
        quote! {
            #facade::seed::run(
                ::core::concat!(::core::module_path!(), "::", #name),
                #facade::seed::Seeds:: #seeds,
                |#builder| #run,
            )
        }
    }

    fn read_all(&mut self, input: ParseStream<'_>, errors: &mut Vec<Error>) {
        let mut seen: Vec<Ident> = Vec::new();
        while !input.is_empty() {
            if let Err(error) = self.read_one(input, &mut seen) {
                errors.push(error);
                skip_to_comma(input);
            }
            if !input.is_empty() && input.parse::<Token![,]>().is_err() {
                errors.push(input.error("expected a comma before the next option"));
                skip_to_comma(input);
                let _ = input.parse::<Token![,]>();
            }
        }
    }

    fn read_one(&mut self, input: ParseStream<'_>, seen: &mut Vec<Ident>) -> syn::Result<()> {
        let Ok(name) = input.call(Ident::parse_any) else {
            return Err(input.error(format!("expected an option; {}", known::names(self.entry))));
        };
        if let Some((_, remedy)) = known::FOREIGN.iter().find(|(foreign, _)| name == foreign) {
            return Err(Error::new(name.span(), remedy));
        }
        let Some(known) = known::KNOWN.iter().find(|known| name == known.name) else {
            let message = format!("unknown option `{name}`; {}", known::names(self.entry));
            return Err(Error::new(name.span(), message));
        };
        if known.is_for_tests() && self.entry == Entry::Main {
            let message = format!(
                "`{name}` is an option of `#[runtime::test]` alone; any loop can be given a seed by `Builder::seed`"
            );
            return Err(Error::new(name.span(), message));
        }
        if seen.contains(&name) {
            return Err(Error::new(name.span(), format!("the option `{name}` is set twice")));
        }
        seen.push(name.clone());
        if let Some(value) = known.alone {
            if input.is_empty() || input.peek(Token![,]) {
                return self.set(known, &name, syn::parse_str(value)?);
            }
        }
        if input.parse::<Token![=]>().is_err() {
            return Err(known.wrong_value("needs", name.span()));
        }
        if input.is_empty() || input.peek(Token![,]) {
            return Err(known.wrong_value("needs", name.span()));
        }
        if known.meaning == Meaning::Seeds {
            return self.set_seeds(known, &name, input);
        }
        self.set(known, &name, input.parse()?)
    }

    /// Passes the value on unread: `syn` knows ranges and arrays with its feature "full" only.
    fn set_seeds(
        &mut self,
        known: &Known,
        name: &Ident,
        input: ParseStream<'_>,
    ) -> syn::Result<()> {
        let mut tokens = Vec::new();
        while !input.is_empty() && !input.peek(Token![,]) {
            tokens.push(input.parse::<TokenTree>()?);
        }
        if let [TokenTree::Literal(literal)] = tokens.as_slice() {
            return Err(known.wrong_value("takes", literal.span()));
        }
        self.seed(name, quote_spanned!(name.span()=> each(#(#tokens)*)))
    }

    fn set(&mut self, known: &Known, name: &Ident, value: Expr) -> syn::Result<()> {
        let value = without_invisible_groups(value);
        if let Expr::Lit(literal) = &value {
            if !(known.accepts)(&literal.lit) {
                return Err(known.wrong_value("takes", literal.lit.span()));
            }
        }
        match known.meaning {
            Meaning::Facade => self.facade = Some(facade(known, value)?),
            Meaning::Method => {
                self.configures = true;
                self.call(name, quote!(#value));
            }
            Meaning::CtrlC => {
                // What is no literal has not been looked at yet.
                if !matches!(value, Expr::Lit(_)) {
                    let span = syn::spanned::Spanned::span(&value);
                    return Err(known.wrong_value("takes", span));
                }
                self.configures = true;
                self.cancellable = true;
            }
            Meaning::Seed if is_random(&value) => {
                self.seed(name, quote_spanned!(name.span()=> random()))?;
            }
            Meaning::Seed => self.seed(name, quote_spanned!(name.span()=> each([#value])))?,
            Meaning::Seeds => unreachable!("read by `set_seeds`"),
            Meaning::Spin => {
                self.configures = true;
                match as_bool(&value) {
                    // The builder's own default.
                    Some(true) => {}
                    Some(false) => {
                        self.call(
                            name,
                            quote!(::core::option::Option::<::core::time::Duration>::None),
                        );
                    }
                    None => self.call(name, quote!(#value)),
                }
            }
        }
        Ok(())
    }

    /// Says with which seeds the function is run.
    fn seed(&mut self, name: &Ident, seeds: TokenStream) -> syn::Result<()> {
        if self.seeds.is_some() {
            let message = "one of `seed` and `seeds` is enough";
            return Err(Error::new(name.span(), message));
        }
        self.configures = true;
        self.seeds = Some(seeds);
        Ok(())
    }

    /// Adds a call whose errors, such as a wrong type, are shown at the option's name and value.
    fn call(&mut self, name: &Ident, value: TokenStream) {
        self.calls.extend(quote_spanned!(name.span()=> .#name(#value)));
    }
}

fn facade(known: &Known, value: Expr) -> syn::Result<Path> {
    match value {
        Expr::Path(path) if path.attrs.is_empty() && path.qself.is_none() => Ok(path.path),
        Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) => text
            .parse_with(Path::parse_mod_style)
            .map_err(|_| known.wrong_value("takes", text.span())),
        other => Err(known.wrong_value("takes", syn::spanned::Spanned::span(&other))),
    }
}

fn is_random(value: &Expr) -> bool {
    matches!(value, Expr::Path(path) if path.path.is_ident("random"))
}

fn as_bool(value: &Expr) -> Option<bool> {
    match value {
        Expr::Lit(syn::ExprLit { lit: Lit::Bool(literal), .. }) => Some(literal.value),
        _ => None,
    }
}

/// Unwraps what a `macro_rules!` passed on as `$value:expr`.
fn without_invisible_groups(mut value: Expr) -> Expr {
    while let Expr::Group(group) = value {
        value = *group.expr;
    }
    value
}

fn skip_to_comma(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        // An error leaves the input where it is, and there is a token, so this takes one.
        if input.parse::<TokenTree>().is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::{Group, TokenStream, TokenTree};
    use quote::{format_ident, quote};

    use super::Options;
    use crate::expand::Entry;
    use crate::known::KNOWN;

    /// Returns the expression that runs `f`, without spaces, and the error messages.
    fn read(arguments: TokenStream) -> (String, Vec<String>) {
        let mut errors = Vec::new();
        let options = Options::read(Entry::Test, arguments, &mut errors);
        let run = options.run(&format_ident!("f"), &quote!(f)).to_string().replace(' ', "");
        (run, errors.iter().map(ToString::to_string).collect())
    }

    fn calls(arguments: TokenStream) -> String {
        let (run, errors) = read(arguments);
        assert_eq!(errors, Vec::<String>::new());
        let policy = run.strip_prefix("::runtime::policy::policy()").expect("the policy is asked");
        let builder = policy.strip_prefix(".build(").expect("it builds");
        let calls = builder.strip_prefix("::runtime::Builder::new()").expect("from a builder");
        let (calls, _) = calls.split_once(").expect(").expect("a loop is expected");
        calls.to_owned()
    }

    fn error(arguments: TokenStream) -> String {
        let (_, mut errors) = read(arguments);
        assert_eq!(errors.len(), 1, "{errors:?}");
        errors.remove(0)
    }

    #[test]
    fn no_options_mean_the_policy() {
        assert_eq!(read(quote!()).0, "::runtime::run(f)");
        assert_eq!(read(quote!(crate = "a::b")).0, "a::b::run(f)");
        assert_eq!(read(quote!(crate = ::a::b)).0, "::a::b::run(f)");
        assert_eq!(read(quote!(crate = crate)).0, "crate::run(f)");
        assert_eq!(read(quote!(crate = "crate",)).0, "crate::run(f)");
    }

    #[test]
    fn the_options_are_called_in_their_order() {
        let written = quote!(thread_name = "w", debug = true, max_blocking_threads = 4);
        assert_eq!(calls(written), ".thread_name(\"w\").debug(true).max_blocking_threads(4)");
    }

    #[test]
    fn values_may_be_expressions() {
        assert_eq!(calls(quote!(debug = cfg!(test))), ".debug(cfg!(test))");
        assert_eq!(calls(quote!(event_interval = a::N * 2)), ".event_interval(a::N*2)");
        let written = quote!(thread_keep_alive = Duration::from_secs(2), debug = X);
        assert_eq!(calls(written), ".thread_keep_alive(Duration::from_secs(2)).debug(X)");
        let hidden = TokenTree::from(Group::new(proc_macro2::Delimiter::None, quote!(true)));
        assert_eq!(calls(quote!(start_paused = #hidden)), ".start_paused(true)");
    }

    #[test]
    fn spinning_is_a_switch_or_a_duration() {
        assert_eq!(calls(quote!(spin = true)), "");
        let off = ".spin(::core::option::Option::<::core::time::Duration>::None)";
        assert_eq!(calls(quote!(spin = false)), off);
        assert_eq!(calls(quote!(spin = SHORT)), ".spin(SHORT)");
    }

    #[test]
    fn a_seed_is_given_to_the_builder_that_the_runner_has() {
        let (run, errors) = read(quote!(start_paused, seed = 7));
        assert_eq!(errors, Vec::<String>::new());
        let expected = concat!(
            r#"::runtime::seed::run(::core::concat!(::core::module_path!(),"::","f"),"#,
            "::runtime::seed::Seeds::each([7]),",
            "|builder|::runtime::policy::policy().build(builder.start_paused(true))",
            r#".expect("theruntimecouldnotbebuilt").block_on(f),)"#,
        );
        assert_eq!(run, expected);
        assert!(read(quote!(seed = random)).0.contains("Seeds::random()"));
        assert!(read(quote!(seed = N + 1)).0.contains("Seeds::each([N+1])"));
        assert!(read(quote!(seeds = 0..100)).0.contains("Seeds::each(0..100)"));
    }

    #[test]
    fn one_of_seed_and_seeds_is_enough() {
        assert_eq!(error(quote!(seed = 1, seeds = 0..2)), "one of `seed` and `seeds` is enough");
    }

    #[test]
    fn seeds_are_for_tests() {
        for arguments in [quote!(seed = 7), quote!(seeds = 0..7)] {
            let mut errors = Vec::new();
            Options::read(Entry::Main, arguments, &mut errors);
            assert!(errors[0].to_string().contains("`#[runtime::test]` alone"), "{errors:?}");
        }
        let mut errors = Vec::new();
        Options::read(Entry::Main, quote!(nonsense), &mut errors);
        assert!(!errors[0].to_string().contains("seed"), "{errors:?}");
    }

    #[test]
    fn the_clock_is_paused_by_a_word() {
        assert_eq!(calls(quote!(start_paused)), ".start_paused(true)");
        assert_eq!(calls(quote!(start_paused, debug = true)), ".start_paused(true).debug(true)");
        assert_eq!(calls(quote!(start_paused = false)), ".start_paused(false)");
    }

    #[test]
    fn ctrl_c_cancels() {
        let (run, errors) = read(quote!(ctrl_c = "cancel", debug = true));
        assert_eq!(errors, Vec::<String>::new());
        assert!(run.starts_with("::runtime::signal::run_until_ctrl_c(::runtime::policy"), "{run}");
        assert!(run.contains("::runtime::Builder::new().debug(true)"), "{run}");
        assert!(run.ends_with(",f)"), "{run}");
        let wanted = "`ctrl_c` takes the string `\"cancel\"`, as in `ctrl_c = \"cancel\"`";
        for arguments in [quote!(ctrl_c = "stop"), quote!(ctrl_c = cancel), quote!(ctrl_c = true)] {
            assert_eq!(error(arguments), wanted);
        }
    }

    #[test]
    fn an_unknown_option_is_answered_with_all_of_them() {
        let message = error(quote!(ctrl_z = "cancel", debug = true));
        assert!(message.starts_with("unknown option `ctrl_z`"), "{message}");
        for known in KNOWN {
            assert!(message.contains(&format!("`{}`", known.name)), "{message}");
        }
        assert_eq!(
            error(quote!("text")),
            message.replace("unknown option `ctrl_z`", "expected an option")
        );
    }

    #[test]
    fn options_of_other_runtimes_can_be_removed() {
        for name in ["flavor", "worker_threads"] {
            let name = format_ident!("{name}");
            let message = error(quote!(#name = "current_thread"));
            assert!(message.contains("always single-threaded"), "{message}");
            assert!(message.contains("can be removed"), "{message}");
        }
    }

    #[test]
    fn a_missing_value_is_answered_with_an_example() {
        let wanted = "`debug` needs a `bool`, as in `debug = true`";
        for arguments in [quote!(debug), quote!(debug,), quote!(debug =), quote!(debug(true))] {
            assert_eq!(error(arguments), wanted);
        }
    }

    #[test]
    fn a_wrong_literal_is_answered_with_an_example() {
        for known in KNOWN {
            let name: TokenStream = known.name.parse().expect("a name is a token");
            let message = error(quote!(#name = 'c'));
            assert!(message.contains(known.takes), "{message}");
            assert!(message.contains(known.example), "{message}");
        }
        assert_eq!(
            error(quote!(max_blocking_threads = 0)),
            "`max_blocking_threads` takes a number of threads, at least 1, as in \
             `max_blocking_threads = 16`"
        );
        assert_eq!(
            error(quote!(crate = "a b")),
            "`crate` takes the path of the runtime crate, as in `crate = \"my_crate::runtime\"`"
        );
        error(quote!(crate = call()));
    }

    #[test]
    fn the_examples_in_the_messages_are_valid() {
        for known in KNOWN {
            let written = format!("{} = {}", known.name, known.example);
            let (_, errors) = read(written.parse().expect("an example is made of tokens"));
            assert_eq!(errors, Vec::<String>::new(), "{written}");
        }
    }

    #[test]
    fn an_option_can_be_set_once() {
        assert_eq!(error(quote!(debug = true, debug = true)), "the option `debug` is set twice");
    }

    #[test]
    fn options_are_separated_by_commas() {
        let wanted = "expected a comma before the next option";
        assert_eq!(error(quote!(debug = true spin = false)), wanted);
    }

    #[test]
    fn each_mistake_is_reported_and_the_rest_is_understood() {
        let (run, errors) = read(quote!(flavor = "x", debug = 1, nonsense(2), spin = false));
        assert_eq!(errors.len(), 3, "{errors:?}");
        assert!(run.contains(".spin("), "{run}");
    }
}
