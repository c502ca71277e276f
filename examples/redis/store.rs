//! The keys, their values, and the timers of those that expire.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::rc::{Rc, Weak};
use std::time::Duration;

use runtime::callback::{TimerHandle, call_later};
use runtime::time::Instant;

/// What a key stands for.
pub(crate) enum Value {
    Text(Vec<u8>),
    List(VecDeque<Vec<u8>>),
}

/// A value of the other kind than a command is for.
#[derive(Debug)]
pub(crate) struct WrongKind;

struct Entry {
    value: Value,
    expiry: Option<Expiry>,
}

/// The end of a key, called off when this is dropped.
struct Expiry {
    at: Instant,
    timer: TimerHandle,
}

impl Drop for Expiry {
    fn drop(&mut self) {
        self.timer.cancel();
    }
}

/// All keys.
pub(crate) struct Store {
    entries: RefCell<HashMap<Vec<u8>, Entry>>,
    /// For timers, which find it gone at the end.
    this: Weak<Store>,
}

impl Store {
    pub(crate) fn new() -> Rc<Store> {
        Rc::new_cyclic(|this| Store { entries: RefCell::default(), this: this.clone() })
    }

    /// Calls `f` with the text of a key, if there is one.
    pub(crate) fn text<R>(
        &self,
        key: &[u8],
        f: impl FnOnce(Option<&[u8]>) -> R,
    ) -> Result<R, WrongKind> {
        match self.entries.borrow().get(key).map(|entry| &entry.value) {
            None => Ok(f(None)),
            Some(Value::Text(text)) => Ok(f(Some(text))),
            Some(Value::List(_)) => Err(WrongKind),
        }
    }

    /// Calls `f` with the text of a key, which is made if need be. It expires when it would have.
    pub(crate) fn text_mut<R>(
        &self,
        key: &[u8],
        f: impl FnOnce(&mut Vec<u8>) -> R,
    ) -> Result<R, WrongKind> {
        match self.or_insert(
            key,
            || Value::Text(Vec::new()),
            f,
            |value| match value {
                Value::Text(text) => Some(text),
                Value::List(_) => None,
            },
        ) {
            Some(result) => Ok(result),
            None => Err(WrongKind),
        }
    }

    /// Calls `f` with the list of a key, which is made if need be, and goes when it is empty.
    pub(crate) fn list<R>(
        &self,
        key: &[u8],
        f: impl FnOnce(&mut VecDeque<Vec<u8>>) -> R,
    ) -> Result<R, WrongKind> {
        let mut empty = false;
        let f = |list: &mut VecDeque<_>| {
            let result = f(list);
            empty = list.is_empty();
            result
        };
        let result = self.or_insert(
            key,
            || Value::List(VecDeque::new()),
            f,
            |value| match value {
                Value::List(list) => Some(list),
                Value::Text(_) => None,
            },
        );
        if empty {
            self.remove(key);
        }
        result.ok_or(WrongKind)
    }

    fn or_insert<T, R>(
        &self,
        key: &[u8],
        new: impl FnOnce() -> Value,
        f: impl FnOnce(&mut T) -> R,
        kind: fn(&mut Value) -> Option<&mut T>,
    ) -> Option<R> {
        let mut entries = self.entries.borrow_mut();
        if let Some(entry) = entries.get_mut(key) {
            return kind(&mut entry.value).map(f);
        }
        let entry = entries.entry(key.to_vec()).or_insert(Entry { value: new(), expiry: None });
        kind(&mut entry.value).map(f)
    }

    /// Sets a key to a text, whatever it was.
    pub(crate) fn set(&self, key: &[u8], text: &[u8]) {
        let mut entries = self.entries.borrow_mut();
        let value = Value::Text(text.to_vec());
        match entries.get_mut(key) {
            Some(entry) => *entry = Entry { value, expiry: None },
            None => drop(entries.insert(key.to_vec(), Entry { value, expiry: None })),
        }
    }

    /// Removes a key; tells whether there was one.
    pub(crate) fn remove(&self, key: &[u8]) -> bool {
        self.entries.borrow_mut().remove(key).is_some()
    }

    pub(crate) fn contains(&self, key: &[u8]) -> bool {
        self.entries.borrow().contains_key(key)
    }

    /// The name of the kind of a key's value.
    pub(crate) fn kind(&self, key: &[u8]) -> &'static str {
        match self.entries.borrow().get(key).map(|entry| &entry.value) {
            None => "none",
            Some(Value::Text(_)) => "string",
            Some(Value::List(_)) => "list",
        }
    }

    /// Has a key go in a while; tells whether there is one.
    pub(crate) fn expire(&self, key: &[u8], after: Duration) -> bool {
        let mut entries = self.entries.borrow_mut();
        let Some(entry) = entries.get_mut(key) else { return false };
        let (store, name) = (self.this.clone(), key.to_vec());
        let timer = call_later(after, move || {
            if let Some(store) = store.upgrade() {
                store.remove(&name);
            }
        });
        entry.expiry = Some(Expiry { at: Instant::now() + after, timer });
        true
    }

    /// Has a key stay for good; tells whether it would have expired.
    pub(crate) fn persist(&self, key: &[u8]) -> bool {
        let mut entries = self.entries.borrow_mut();
        entries.get_mut(key).and_then(|entry| entry.expiry.take()).is_some()
    }

    /// How long a key has to live; `None` within if it stays for good, and without if there is none.
    pub(crate) fn time_to_live(&self, key: &[u8]) -> Option<Option<Duration>> {
        let entries = self.entries.borrow();
        let expiry = entries.get(key)?.expiry.as_ref();
        Some(expiry.map(|expiry| expiry.at.saturating_duration_since(Instant::now())))
    }

    pub(crate) fn keys(&self) -> Vec<Vec<u8>> {
        self.entries.borrow().keys().cloned().collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.borrow().len()
    }

    pub(crate) fn clear(&self) {
        self.entries.borrow_mut().clear();
    }
}
