//! The standard streams of a process, of programs that are started with all kinds of them.
//!
//! A test harness has streams of its own, so this file has none: it runs its tests one after the other, and
//! is itself the program that they start, when it is called with the word `child`. No watcher takes part: the
//! programs are children of the standard library, and have none themselves. So they run on each selector only.

#[cfg(unix)]
mod child;
#[cfg(unix)]
mod input;
#[cfg(unix)]
mod output;
#[cfg(unix)]
mod program;
#[cfg(unix)]
mod terminal;

#[cfg(unix)]
fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [word, selector, task] = &arguments[..] {
        if word == "child" {
            return child::main(selector, task);
        }
    }
    // As the usual harness: words are parts of names, options are for others, and tools may ask for a list.
    let listing = arguments.iter().any(|argument| argument == "--list");
    let mut words = arguments.iter().filter(|argument| !argument.starts_with('-'));
    let word = words.next().map_or("", String::as_str);
    for (name, test) in input::TESTS.iter().chain(output::TESTS).chain(terminal::TESTS) {
        for selector in ["mio", "poll"] {
            let name = format!("on_{selector}::{name}");
            if !name.contains(word) {
                continue;
            }
            if listing {
                println!("{name}: test");
                continue;
            }
            print!("test {name} ... ");
            test(selector);
            println!("ok");
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn main() {}
