//! What the commands do.

use std::str;
use std::time::Duration;

use crate::store::{Store, WrongKind};
use crate::wire::Replies;

/// What becomes of the connection after a command.
#[derive(Debug, PartialEq)]
pub(crate) enum Next {
    GoOn,
    Close,
    Shutdown,
}

/// Why a command has not been carried out, in the words that clients look for.
enum Refusal {
    WrongKind,
    NotAnInteger,
    Syntax,
    Arguments,
    Unknown,
}

impl From<WrongKind> for Refusal {
    fn from(_: WrongKind) -> Refusal {
        Refusal::WrongKind
    }
}

/// Carries a command out.
pub(crate) fn execute(store: &Store, words: &[&[u8]], replies: &mut Replies) -> Next {
    let Some((name, arguments)) = words.split_first() else { return Next::GoOn };
    let upper = name.to_ascii_uppercase();
    match upper.as_slice() {
        b"QUIT" => {
            replies.status("OK");
            return Next::Close;
        }
        b"SHUTDOWN" => return Next::Shutdown,
        _ => {}
    }
    if let Err(refusal) = try_execute(store, &upper, arguments, replies) {
        let name = String::from_utf8_lossy(name);
        match refusal {
            Refusal::WrongKind => {
                replies.error("WRONGTYPE Operation against a key holding the wrong kind of value");
            }
            Refusal::NotAnInteger => replies.error("ERR value is not an integer or out of range"),
            Refusal::Syntax => replies.error("ERR syntax error"),
            Refusal::Arguments => replies.error(format_args!(
                "ERR wrong number of arguments for '{}' command",
                name.to_lowercase()
            )),
            Refusal::Unknown => replies.error(format_args!("ERR unknown command '{name:.64}'")),
        }
    }
    Next::GoOn
}

/// Replies once, or fails without having replied.
fn try_execute(
    store: &Store,
    name: &[u8],
    arguments: &[&[u8]],
    replies: &mut Replies,
) -> Result<(), Refusal> {
    match (name, arguments) {
        (b"PING", []) => replies.status("PONG"),
        (b"PING" | b"ECHO", [text]) => replies.text(text),

        (b"GET", [key]) => store.text(key, |text| replies.text_or_null(text))?,
        (b"MGET", [_, ..]) => {
            replies.list(arguments.len());
            for key in arguments {
                if store.text(key, |text| replies.text_or_null(text)).is_err() {
                    replies.null();
                }
            }
        }
        (b"SET", [key, text, options @ ..]) => set(store, key, text, options, replies)?,
        (b"SETNX", [key, text]) => {
            let vacant = !store.contains(key);
            if vacant {
                store.set(key, text);
            }
            replies.integer(vacant.into());
        }
        (b"MSET", [_, _, ..]) if arguments.len() % 2 == 0 => {
            for pair in arguments.chunks_exact(2) {
                store.set(pair[0], pair[1]);
            }
            replies.status("OK");
        }
        (b"APPEND", [key, more]) => {
            let length = store.text_mut(key, |text| {
                text.extend_from_slice(more);
                text.len()
            })?;
            replies.integer(length as i64);
        }
        (b"STRLEN", [key]) => {
            let length = store.text(key, |text| text.map_or(0, <[u8]>::len))?;
            replies.integer(length as i64);
        }
        (b"INCR", [key]) => add(store, key, 1, replies)?,
        (b"DECR", [key]) => add(store, key, -1, replies)?,
        (b"INCRBY", [key, by]) => add(store, key, integer(by)?, replies)?,
        (b"DECRBY", [key, by]) => {
            let by = integer(by)?.checked_neg().ok_or(Refusal::NotAnInteger)?;
            add(store, key, by, replies)?;
        }

        (b"DEL" | b"UNLINK", [_, ..]) => {
            let removed = arguments.iter().filter(|key| store.remove(key)).count();
            replies.integer(removed as i64);
        }
        (b"EXISTS", [_, ..]) => {
            let there = arguments.iter().filter(|key| store.contains(key)).count();
            replies.integer(there as i64);
        }
        (b"TYPE", [key]) => replies.status(store.kind(key)),
        (b"EXPIRE", [key, time]) => expire(store, key, time, 1000, replies)?,
        (b"PEXPIRE", [key, time]) => expire(store, key, time, 1, replies)?,
        (b"PERSIST", [key]) => replies.integer(store.persist(key).into()),
        (b"TTL", [key]) => time_to_live(store, key, 1000, replies),
        (b"PTTL", [key]) => time_to_live(store, key, 1, replies),
        (b"KEYS", [pattern]) => {
            let mut keys = store.keys();
            // Of the patterns, the simplest: all, or all that begin with something.
            if let Some(prefix) = pattern.strip_suffix(b"*") {
                keys.retain(|key| key.starts_with(prefix));
            } else {
                keys.retain(|key| key == pattern);
            }
            replies.list(keys.len());
            keys.iter().for_each(|key| replies.text(key));
        }
        (b"DBSIZE", []) => replies.integer(store.len() as i64),
        (b"FLUSHALL" | b"FLUSHDB", _) => {
            store.clear();
            replies.status("OK");
        }

        (b"LPUSH" | b"RPUSH", [key, items @ ..]) if !items.is_empty() => {
            let length = store.list(key, |list| {
                for item in items {
                    if name == b"LPUSH" {
                        list.push_front(item.to_vec());
                    } else {
                        list.push_back(item.to_vec());
                    }
                }
                list.len()
            })?;
            replies.integer(length as i64);
        }
        (b"LPOP", [key]) => {
            let item = store.list(key, |list| list.pop_front())?;
            replies.text_or_null(item.as_deref());
        }
        (b"RPOP", [key]) => {
            let item = store.list(key, |list| list.pop_back())?;
            replies.text_or_null(item.as_deref());
        }
        (b"LLEN", [key]) => replies.integer(store.list(key, |list| list.len())? as i64),
        (b"LRANGE", [key, first, last]) => {
            let (first, last) = (integer(first)?, integer(last)?);
            store.list(key, |list| {
                let length = list.len() as i64;
                // Negative ones count from the end.
                let place =
                    |index: i64| if index < 0 { index.saturating_add(length) } else { index };
                let (first, last) = (place(first).max(0), place(last).min(length - 1));
                let count = (last - first + 1).max(0) as usize;
                replies.list(count);
                let items = list.iter().skip(first as usize).take(count);
                items.for_each(|item| replies.text(item));
            })?;
        }

        // What clients ask before they begin.
        (b"SELECT", [b"0"]) | (b"CLIENT", [_, ..]) => replies.status("OK"),
        (b"SELECT", [_]) => replies.error("ERR DB index is out of range"),
        (b"COMMAND", _) => replies.list(0),
        (b"CONFIG", [_, name]) => {
            replies.list(2);
            replies.text(name);
            replies.text(b"");
        }
        (b"HELLO", []) | (b"HELLO", [b"2", ..]) => {
            replies.list(4);
            [b"server".as_slice(), b"example", b"proto"].iter().for_each(|word| replies.text(word));
            replies.integer(2);
        }
        (b"HELLO", _) => replies.error("NOPROTO unsupported protocol version"),
        (b"INFO", _) => replies.text(format!("# Keyspace\r\nkeys:{}\r\n", store.len()).as_bytes()),

        (
            b"PING" | b"ECHO" | b"GET" | b"MGET" | b"SET" | b"SETNX" | b"MSET" | b"APPEND"
            | b"STRLEN" | b"INCR" | b"DECR" | b"INCRBY" | b"DECRBY" | b"DEL" | b"UNLINK"
            | b"EXISTS" | b"TYPE" | b"EXPIRE" | b"PEXPIRE" | b"PERSIST" | b"TTL" | b"PTTL"
            | b"KEYS" | b"DBSIZE" | b"LPUSH" | b"RPUSH" | b"LPOP" | b"RPOP" | b"LLEN" | b"LRANGE"
            | b"SELECT" | b"CLIENT" | b"CONFIG",
            _,
        ) => return Err(Refusal::Arguments),
        _ => return Err(Refusal::Unknown),
    }
    Ok(())
}

fn integer(digits: &[u8]) -> Result<i64, Refusal> {
    let digits = str::from_utf8(digits).map_err(|_| Refusal::NotAnInteger)?;
    digits.parse().map_err(|_| Refusal::NotAnInteger)
}

/// The time of an option or a command, which counts so many milliseconds.
fn time(digits: &[u8], unit: u64) -> Result<Duration, Refusal> {
    let count = u64::try_from(integer(digits)?).map_err(|_| Refusal::NotAnInteger)?;
    count.checked_mul(unit).map(Duration::from_millis).ok_or(Refusal::NotAnInteger)
}

fn set(
    store: &Store,
    key: &[u8],
    text: &[u8],
    options: &[&[u8]],
    replies: &mut Replies,
) -> Result<(), Refusal> {
    let (mut wanted, mut after) = (None, None);
    let mut rest = options;
    while let Some((option, more)) = rest.split_first() {
        rest = more;
        match option.to_ascii_uppercase().as_slice() {
            b"NX" => wanted = Some(false),
            b"XX" => wanted = Some(true),
            unit @ (b"EX" | b"PX") => {
                let (count, more) = rest.split_first().ok_or(Refusal::Syntax)?;
                after = Some(time(count, if unit == b"EX" { 1000 } else { 1 })?);
                rest = more;
            }
            _ => return Err(Refusal::Syntax),
        }
    }
    if wanted.is_some_and(|wanted| wanted != store.contains(key)) {
        replies.null();
        return Ok(());
    }
    store.set(key, text);
    if let Some(after) = after {
        store.expire(key, after);
    }
    replies.status("OK");
    Ok(())
}

fn add(store: &Store, key: &[u8], by: i64, replies: &mut Replies) -> Result<(), Refusal> {
    // A key that is not a number stays as it is, and one that is not there is not made for it.
    let number = store.text(key, |text| text.map_or(Ok(0), integer))??;
    let sum = number.checked_add(by).ok_or(Refusal::NotAnInteger)?;
    store.text_mut(key, |text| *text = sum.to_string().into_bytes())?;
    replies.integer(sum);
    Ok(())
}

fn expire(
    store: &Store,
    key: &[u8],
    digits: &[u8],
    unit: u64,
    replies: &mut Replies,
) -> Result<(), Refusal> {
    let there = if integer(digits)? <= 0 {
        store.remove(key)
    } else {
        store.expire(key, time(digits, unit)?)
    };
    replies.integer(there.into());
    Ok(())
}

fn time_to_live(store: &Store, key: &[u8], unit: u64, replies: &mut Replies) {
    replies.integer(match store.time_to_live(key) {
        None => -2,
        Some(None) => -1,
        Some(Some(left)) => left.as_millis().div_ceil(unit.into()) as i64,
    });
}
