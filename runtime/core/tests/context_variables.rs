//! Context variables outside of loops: defaults, tokens, contexts, threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use runtime::context::{Context, Token};
use support::{DropLog, OnDrop, Witness, panic_message};

mod support;

#[test]
fn a_default_is_evaluated_once_and_not_before_it_is_needed() {
    static TIMES: AtomicUsize = AtomicUsize::new(0);
    runtime::context_var! {
        static NUMBER: usize = TIMES.fetch_add(1, Ordering::SeqCst) + 1;
    }

    Context::current().run(|| {
        NUMBER.set(7);
        assert_eq!(NUMBER.get(), 7);
    });
    assert_eq!(TIMES.load(Ordering::SeqCst), 0);
    let readers: Vec<_> = (0..4).map(|_| thread::spawn(|| NUMBER.get())).collect();
    for reader in readers {
        assert_eq!(reader.join().unwrap(), 1);
    }
    assert_eq!((NUMBER.get(), TIMES.load(Ordering::SeqCst)), (1, 1));
}

#[test]
fn a_default_that_panics_is_tried_again() {
    static TIMES: AtomicUsize = AtomicUsize::new(0);
    runtime::context_var! {
        static NUMBER: usize = {
            let times = TIMES.fetch_add(1, Ordering::SeqCst);
            assert!(times > 0, "not yet");
            times
        };
    }

    assert_eq!(panic_message(|| NUMBER.get()), "not yet");
    assert_eq!(NUMBER.get(), 1);
}

#[test]
fn a_variable_without_a_default_has_to_be_set() {
    runtime::context_var! {
        static USER: &str;
    }

    assert_eq!(USER.try_get(), None);
    assert_eq!(USER.try_with(|user| user.len()), None);
    let message = panic_message(|| USER.get());
    assert!(message.starts_with("the context variable `USER` is not set"), "{message}");
    let token = USER.set("ada");
    assert_eq!((USER.get(), USER.with(|user| user.len())), ("ada", 3));
    USER.reset(token);
    assert_eq!(USER.try_get(), None, "reset to not being set");
}

mod inner {
    runtime::context_var! {
        /// Has documentation, and an attribute.
        #[allow(unused_qualifications)]
        pub(super) static FIRST: std::vec::Vec<u8> = vec![1];
        pub(crate) static SECOND: Option<u32> = None;
        pub static THIRD: &str = "third"
    }
}

#[test]
fn one_declaration_declares_several_with_attributes_and_visibility() {
    assert_eq!(inner::FIRST.get(), [1]);
    assert_eq!(inner::SECOND.get(), None);
    assert_eq!((inner::THIRD.get(), inner::THIRD.name()), ("third", "THIRD"));
    runtime::context_var!();
}

#[test]
fn declarations_need_no_name_of_the_crate_in_scope() {
    use ::runtime as renamed;

    mod std {}
    mod core {}
    mod runtime {}
    renamed::context_var! {
        static NUMBER: u8 = 1;
    }
    assert_eq!(NUMBER.get(), 1);
}

#[test]
fn reset_restores_what_was_before() {
    runtime::context_var! {
        static NUMBER: u32 = 0;
    }

    let first = NUMBER.set(1);
    let second = NUMBER.set(2);
    assert_eq!((first.old_value(), second.old_value()), (None, Some(&1)));
    assert_eq!(second.variable().name(), "NUMBER");
    NUMBER.reset(second);
    assert_eq!(NUMBER.get(), 1);
    NUMBER.reset(first);
    assert_eq!((NUMBER.get(), Context::current().get(&NUMBER)), (0, None));
}

#[test]
fn a_token_of_another_variable_is_refused() {
    runtime::context_var! {
        static ONE: u32 = 0;
        static TWO: u32 = 0;
    }

    let token = ONE.set(1);
    let message = panic_message(|| TWO.reset(token));
    assert_eq!(message, "the token belongs to the context variable `ONE`, and can not reset `TWO`");
    assert_eq!((ONE.get(), TWO.get()), (1, 0));
}

#[test]
fn a_token_of_another_context_is_refused() {
    runtime::context_var! {
        static NUMBER: u32 = 0;
    }

    #[track_caller]
    fn refused(token: Token<u32>) {
        let message = panic_message(|| NUMBER.reset(token));
        assert!(message.starts_with("the token was made in another context"), "{message}");
    }

    let of_the_thread = NUMBER.set(1);
    let of_a_section = Context::current().run(|| {
        refused(of_the_thread);
        assert_eq!(NUMBER.get(), 1);
        NUMBER.set(2)
    });
    refused(of_a_section);
    let of_another_thread = thread::spawn(|| NUMBER.set(3)).join().unwrap();
    refused(of_another_thread);
    assert_eq!(NUMBER.get(), 1);
}

#[test]
fn run_installs_a_context_and_takes_it_away_again() {
    runtime::context_var! {
        static NUMBER: u32 = 0;
        static TEXT: String = String::new();
    }

    NUMBER.set(1);
    let context = Context::current();
    NUMBER.set(2);
    let inside = context.run(|| {
        let before = NUMBER.get();
        let token = NUMBER.set(3);
        TEXT.set("inside".to_owned());
        let within = (before, NUMBER.get(), Context::new().run(|| (NUMBER.get(), TEXT.get())));
        NUMBER.reset(token);
        (within, NUMBER.get())
    });
    assert_eq!(inside, ((1, 3, (0, String::new())), 1));
    assert_eq!((NUMBER.get(), TEXT.get()), (2, String::new()));
    assert_eq!(context.get(&NUMBER), Some(&1), "a context never changes");
}

#[test]
fn a_panic_in_run_restores_the_context() {
    runtime::context_var! {
        static NUMBER: u32 = 0;
    }

    NUMBER.set(1);
    let message = panic_message(|| {
        Context::new().run(|| {
            NUMBER.set(2);
            panic!("in the middle");
        })
    });
    assert_eq!((message.as_str(), NUMBER.get()), ("in the middle", 1));
    let token = NUMBER.set(3);
    NUMBER.reset(token);
}

#[test]
fn a_context_runs_on_any_number_of_threads() {
    runtime::context_var! {
        static NUMBER: u32 = 0;
    }

    let context = Context::new().with_value(&NUMBER, 5);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                assert_eq!(NUMBER.get(), 0, "a thread begins with nothing set");
                assert_eq!(context.run(|| NUMBER.get()), 5);
            });
        }
    });
    assert_eq!(NUMBER.get(), 0);
}

#[test]
fn a_context_says_what_is_set() {
    runtime::context_var! {
        static ONE: u32 = 1;
        static TWO: u32 = 2;
    }

    let empty = Context::new();
    assert_eq!((empty.len(), empty.is_empty(), empty.get(&ONE)), (0, true, None));
    let two = empty.clone().with_value(&TWO, 20).with_value(&ONE, 10).with_value(&TWO, 21);
    assert_eq!(
        (two.len(), two.is_empty(), two.get(&ONE), two.get(&TWO)),
        (2, false, Some(&10), Some(&21))
    );
    assert_eq!(format!("{two:?}"), r#"Context { set: ["ONE", "TWO"] }"#);
    assert!(empty.is_empty(), "with_value made another");
}

#[test]
fn many_variables_do_not_get_mixed_up() {
    macro_rules! declare {
        ($($name:ident = $number:expr),* $(,)?) => {
            runtime::context_var! { $(static $name: usize = $number;)* }
            const ALL: &[&runtime::context::ContextVar<usize>] = &[];
            fn all() -> Vec<&'static runtime::context::ContextVar<usize>> {
                let mut all = ALL.to_vec();
                $(all.push(&$name);)*
                all
            }
        };
    }
    declare!(A = 0, B = 1, C = 2, D = 3, E = 4, F = 5, G = 6, H = 7);

    // In an order that is neither that of declaration nor its reverse.
    let order = [3, 0, 6, 1, 7, 5, 2, 4];
    let mut tokens: Vec<_> = order.iter().map(|&which| all()[which].set(which + 100)).collect();
    for (which, variable) in all().iter().enumerate() {
        assert_eq!(variable.get(), which + 100);
    }
    assert_eq!(Context::current().len(), 8);
    for (taken, which) in order.iter().rev().enumerate() {
        all()[*which].reset(tokens.pop().unwrap());
        assert_eq!((all()[*which].get(), Context::current().len()), (*which, 7 - taken));
    }
}

#[test]
fn values_are_dropped_with_the_last_context_that_has_them() {
    runtime::context_var! {
        static WITNESS: Option<Witness> = None;
    }

    let log = DropLog::new();
    let token = WITNESS.set(Some(log.witness()));
    let context = Context::current();
    WITNESS.reset(token);
    assert_eq!(log.count(), 0);
    let clone = context.clone();
    drop(context);
    assert_eq!(log.count(), 0);
    drop(clone);
    log.assert_dropped_here(1);

    let first = WITNESS.set(Some(log.witness()));
    let second = WITNESS.set(None);
    drop(first);
    assert_eq!(log.count(), 1, "a token keeps the value that it restores");
    drop(second);
    log.assert_dropped_here(2);
}

#[test]
fn a_value_being_looked_at_survives_being_replaced() {
    runtime::context_var! {
        static WITNESS: Option<Witness> = None;
    }

    let log = DropLog::new();
    drop(WITNESS.set(Some(log.witness())));
    WITNESS.with(|witness| {
        drop(WITNESS.set(None));
        assert!(witness.is_some() && WITNESS.with(Option::is_none));
        assert_eq!(log.count(), 0);
    });
    assert_eq!(log.count(), 1);
}

/// Something that uses variables while it is dropped.
struct Meddler(mpsc::Sender<u32>);

runtime::context_var! {
    static SEEN: u32 = 0;
    static MEDDLER: Option<Meddler> = None;
}

impl Drop for Meddler {
    fn drop(&mut self) {
        self.0.send(SEEN.get()).unwrap();
        SEEN.set(SEEN.get() + 1);
        self.0.send(SEEN.get()).unwrap();
    }
}

#[test]
fn a_value_may_use_variables_while_it_is_dropped() {
    let (sender, receiver) = mpsc::channel();
    SEEN.set(10);
    drop(MEDDLER.set(Some(Meddler(sender.clone()))));
    drop(MEDDLER.set(None));
    assert_eq!(receiver.try_iter().collect::<Vec<_>>(), [10, 11]);
    assert_eq!(SEEN.get(), 11);

    // What a section alone knew is dropped when the outside is back.
    Context::current().run(|| {
        SEEN.set(20);
        drop(MEDDLER.set(Some(Meddler(sender))));
    });
    assert_eq!(receiver.try_iter().collect::<Vec<_>>(), [11, 12]);
    assert_eq!(SEEN.get(), 12);
}

#[test]
fn variables_may_be_used_while_a_thread_ends() {
    use std::cell::RefCell;

    type Last = RefCell<Option<OnDrop<Box<dyn FnMut()>>>>;
    thread_local! {
        static BEFORE: Last = const { RefCell::new(None) };
        static AFTER: Last = const { RefCell::new(None) };
    }

    let (sender, receiver) = mpsc::channel();
    let thread = thread::spawn(move || {
        let meddle = |sender: mpsc::Sender<u32>| -> Box<dyn FnMut()> {
            Box::new(move || {
                let token = SEEN.set(1);
                SEEN.reset(token);
                // Whether there still is a context, in which it is 5, depends on the platform.
                sender.send(SEEN.get() % 5).unwrap();
            })
        };
        // In whatever order thread-locals are destroyed, one goes before the context and one after it.
        BEFORE.set(Some(OnDrop(meddle(sender.clone()))));
        SEEN.set(5);
        drop(MEDDLER.set(Some(Meddler(sender.clone()))));
        AFTER.set(Some(OnDrop(meddle(sender))));
    });
    thread.join().unwrap();
    // A value of the destroyed context finds nothing set, and what it sets has no effect.
    assert_eq!(receiver.iter().collect::<Vec<_>>(), [0, 0, 0, 0]);
}

#[test]
fn a_sync_scope_ends_with_its_closure() {
    runtime::context_var! {
        static NUMBER: u32 = 0;
        static OTHER: u32 = 0;
    }

    OTHER.set(1);
    let inside = NUMBER.sync_scope(2, || {
        let inside = (NUMBER.get(), OTHER.get());
        OTHER.set(3);
        inside
    });
    assert_eq!((inside, NUMBER.get(), OTHER.get()), ((2, 1), 0, 1));
    assert_eq!(panic_message(|| NUMBER.sync_scope(2, || panic!("out"))), "out");
    assert_eq!(NUMBER.get(), 0);
}
