//! A file descriptor with a callback for when it can be read.
//!
//! ```text
//! cargo run --example watch_fd
//! ```

#[cfg(unix)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use std::io::{Read, Write};
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixStream;

    use runtime::reactor::{add_reader, remove_reader};
    use runtime::{Handle, Runtime};

    let (mut receiver, mut sender) = UnixStream::pair()?;
    let rt = Runtime::new()?;
    let _entered = rt.enter();

    let number = receiver.as_raw_fd();
    add_reader(&number, move || {
        let mut data = [0; 100];
        let count = receiver.read(&mut data).expect("there is something to read");
        println!("received: {}", String::from_utf8_lossy(&data[..count]));
        // Done: unregister the descriptor, and stop the loop.
        assert!(remove_reader(&number));
        Handle::current().stop().expect("a loop that runs is not closed");
    })?;

    // As if it came from the network.
    rt.call_soon(move || sender.write_all(b"abc").expect("the other end is open"));

    rt.run_forever()?;
    Ok(())
}

#[cfg(not(unix))]
fn main() {
    println!("this example watches a file descriptor, which only Unix has");
}
