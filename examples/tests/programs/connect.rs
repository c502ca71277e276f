//! The dialler: it tries what it is given, in turns, and says what became of it.

use std::io;
use std::net::TcpListener;

use crate::program::Example;

#[test]
fn connect_goes_on_to_the_address_that_answers() {
    let output = Example::start("connect", &[]).output();
    assert_eq!(output.matches("trying 127.0.0.1:").count(), 2, "{output}");
    assert!(output.contains("connected to 127.0.0.1:"), "{output}");
    assert!(output.contains("which is "), "{output}");
}

#[test]
fn connect_takes_names_and_numbers_together() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    let closed = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
    let arguments = ["--delay", "100", &closed, &format!("localhost:{port}")];
    let output = Example::start("connect", &arguments).output();
    assert!(output.contains(&format!("trying {closed}")), "{output}");
    assert!(output.contains(&format!("connected to 127.0.0.1:{port}")), "{output}");
    Ok(())
}

#[test]
fn connect_lists_every_address_that_failed() -> io::Result<()> {
    // Both at once, or the second could be given the port of the first.
    let listeners = [TcpListener::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?];
    let [first, second] = listeners.map(|listener| listener.local_addr().map(|it| it.to_string()));
    let (first, second) = (first?, second?);
    let errors = Example::start("connect", &[&first, &second]).errors();
    assert!(errors.contains(&format!("{first}: ")), "{errors}");
    assert!(errors.contains(&format!("{second}: ")), "{errors}");
    Ok(())
}
