//! Who is there, and what is said to them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use futures::channel::{mpsc, oneshot};

/// Lines that wait for a member who reads slowly, before the room loses its patience.
const BACKLOG: usize = 64;

/// The longest nickname, in characters.
const NICKNAME: usize = 24;

/// Everybody, by nickname.
///
/// The whole server is one thread: a `RefCell` is all the locking there is.
#[derive(Default)]
pub(crate) struct Room {
    members: RefCell<BTreeMap<String, Member>>,
}

/// What the room keeps of a member; dropping it ends the member's connection.
struct Member {
    outbox: mpsc::Sender<Rc<str>>,
    _present: oneshot::Sender<()>,
}

/// A member's own side; dropping it leaves the room.
pub(crate) struct Seat {
    pub(crate) nickname: String,
    room: Rc<Room>,
}

/// What a member receives.
pub(crate) struct Inbox {
    pub(crate) lines: mpsc::Receiver<Rc<str>>,
    /// Ends when the room has removed the member.
    pub(crate) removed: oneshot::Receiver<()>,
}

impl Room {
    /// Takes a seat, unless the nickname is taken or none.
    pub(crate) fn join(self: &Rc<Room>, nickname: &str) -> Result<(Seat, Inbox), String> {
        let nickname = nickname.trim();
        if nickname.is_empty() || nickname.chars().count() > NICKNAME {
            return Err(format!("a nickname has 1 to {NICKNAME} characters"));
        }
        if nickname.chars().any(char::is_control) {
            return Err("a nickname has no control characters".to_owned());
        }
        if self.members.borrow().contains_key(nickname) {
            return Err(format!("{nickname} is here already"));
        }
        let (outbox, lines) = mpsc::channel(BACKLOG);
        let (present, removed) = oneshot::channel();
        let member = Member { outbox, _present: present };
        self.members.borrow_mut().insert(nickname.to_owned(), member);
        self.tell_all(&format!("* {nickname} has joined\n"), None);
        let seat = Seat { nickname: nickname.to_owned(), room: self.clone() };
        Ok((seat, Inbox { lines, removed }))
    }

    /// Returns the nicknames of all, in order.
    pub(crate) fn nicknames(&self) -> Vec<String> {
        self.members.borrow().keys().cloned().collect()
    }

    /// Queues a line for everybody but one; who has too many waiting is removed.
    fn tell_all(&self, line: &str, except: Option<&str>) {
        let line: Rc<str> = line.into();
        let mut removed = Vec::new();
        for (nickname, member) in self.members.borrow_mut().iter_mut() {
            if Some(nickname.as_str()) != except && member.outbox.try_send(line.clone()).is_err() {
                removed.push(nickname.clone());
            }
        }
        for nickname in removed {
            self.remove(&nickname, "does not keep up");
        }
    }

    fn remove(&self, nickname: &str, why: &str) {
        let member = self.members.borrow_mut().remove(nickname);
        if member.is_some() {
            self.tell_all(&format!("* {nickname} {why}\n"), None);
        }
    }
}

impl Seat {
    /// Says something to all the others.
    pub(crate) fn say(&self, text: &str) {
        self.room.tell_all(&format!("{}: {text}\n", self.nickname), Some(&self.nickname));
    }

    /// Says something to this member alone.
    pub(crate) fn note(&self, text: &str) {
        if let Some(member) = self.room.members.borrow_mut().get_mut(&self.nickname) {
            // Too slow to listen to everybody is too slow for this, and found out at the next line.
            let _ = member.outbox.try_send(format!("* {text}\n").into());
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.room.remove(&self.nickname, "has left");
    }
}
