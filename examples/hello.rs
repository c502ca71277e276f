//! Two tasks on one thread, and a third that waits for them.
//!
//! ```text
//! cargo run --example hello
//! ```

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use runtime::time::sleep;

#[runtime::main]
async fn main() {
    // Tasks stay on this thread: an `Rc` does where elsewhere it takes an `Arc<Mutex<..>>`.
    let words = Rc::new(RefCell::new(Vec::new()));

    let hello = runtime::spawn(say("hello,", Duration::from_millis(10), words.clone()));
    let world = runtime::spawn(say("world", Duration::from_millis(20), words.clone()));

    hello.await.expect("the task does not panic");
    world.await.expect("the task does not panic");
    println!("{}", words.borrow().join(" "));
}

async fn say(word: &'static str, delay: Duration, words: Rc<RefCell<Vec<&'static str>>>) {
    sleep(delay).await;
    words.borrow_mut().push(word);
}
