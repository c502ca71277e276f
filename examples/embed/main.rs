//! The loop inside of another one, made of plain poll(2), which stands for that of a user interface or a
//! game.
//!
//! ```text
//! cargo run --example embed
//! ```

#[cfg(unix)]
mod foreign;
#[cfg(unix)]
mod scenes;

#[cfg(unix)]
fn main() -> std::io::Result<()> {
    scenes::play()
}

#[cfg(not(unix))]
fn main() {
    println!("this example needs poll(2), which only Unix has");
}
