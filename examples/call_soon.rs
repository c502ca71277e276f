//! Hello world as a callback, which then stops the loop.
//!
//! ```text
//! cargo run --example call_soon
//! ```

use std::error::Error;

use runtime::{Handle, Runtime};

fn main() -> Result<(), Box<dyn Error>> {
    let rt = Runtime::new()?;
    rt.call_soon(hello_world);
    // Until somebody says stop.
    rt.run_forever()?;
    rt.close()?;
    Ok(())
}

fn hello_world() {
    println!("hello, world");
    Handle::current().stop().expect("a loop that runs is not closed");
}
