//! A service in operation: each request has an id, failures are counted, and the end lets requests finish.
//!
//! ```text
//! cargo run --example service
//! ```

use std::cell::Cell;
use std::error::Error;
use std::io::{self, BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::rc::Rc;
use std::thread;
use std::time::Duration;

use futures::{AsyncBufReadExt, AsyncWriteExt};
use runtime::context::Context;
use runtime::net::{TcpListener, TcpStream};
use runtime::{Handle, Runtime, ShutdownOptions};

runtime::context_var! {
    /// The request that is being served, wherever that is.
    static REQUEST: u64 = 0;
}

/// Nobody has passed the id to this function.
fn log(what: &str) {
    println!("request {}: {what}", REQUEST.get());
}

async fn serve(stream: TcpStream) -> io::Result<()> {
    let mut order = String::new();
    futures::io::BufReader::new(&stream).read_line(&mut order).await?;
    let reply = match order.trim_end() {
        "slow" => {
            (&stream).write_all(b"a moment\n").await?;
            // The id goes along to the pool.
            let work = || {
                thread::sleep(Duration::from_millis(50));
                log("computed on another thread");
            };
            runtime::spawn_blocking(work).await?;
            "slowly\n"
        }
        "bad" => panic!("there is a bug in here"),
        _ => "at once\n",
    };
    (&stream).write_all(reply.as_bytes()).await?;
    log("answered");
    Ok(())
}

async fn accept(listener: TcpListener) -> io::Result<()> {
    for id in 1.. {
        let (stream, _peer) = listener.accept().await?;
        let context = Context::current().with_value(&REQUEST, id);
        let task = runtime::task::Builder::new().name("request").context(context);
        task.spawn(async move {
            if let Err(error) = serve(stream).await {
                log(&format!("the connection broke: {error}"));
            }
        });
    }
    Ok(())
}

/// Three requests; in the midst of the third, the service is told to stop.
fn send_requests(address: SocketAddr, service: &Handle) -> io::Result<()> {
    let connect = |order: &str| {
        let mut stream = std::net::TcpStream::connect(address)?;
        stream.write_all(order.as_bytes())?;
        io::Result::Ok(BufReader::new(stream).lines())
    };
    let next = |lines: &mut io::Lines<_>| {
        match lines.next() {
            Some(line) => println!("client: {:?}", line?),
            None => println!("client: no answer"),
        }
        io::Result::Ok(())
    };
    next(&mut connect("quick\n")?)?;
    next(&mut connect("bad\n")?)?;
    let mut slow = connect("slow\n")?;
    next(&mut slow)?;
    service.stop().expect("it is not closed while a request is served");
    next(&mut slow)
}

fn main() -> Result<(), Box<dyn Error>> {
    let rt = Runtime::new()?;

    // A handler runs with the variables of what failed, so it knows the request, too. The hook of the
    // standard library, which knows less, need not report the same.
    std::panic::set_hook(Box::new(|_| ()));
    let failures = Rc::new(Cell::new(0));
    let counted = failures.clone();
    rt.set_exception_handler(move |context| {
        counted.set(counted.get() + 1);
        log(context.panic_message().unwrap_or("failed"));
    });

    let listener = rt.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    let acceptor = rt.spawn(accept(listener));
    let handle = rt.handle().clone();
    let client = thread::spawn(move || send_requests(address, &handle));

    rt.run_forever()?;
    println!("stopped, with {} failure(s)", failures.get());

    // No new requests; those that are being served have five seconds, and everything together ten.
    acceptor.abort();
    let options =
        ShutdownOptions::new().task_grace(Duration::from_secs(5)).deadline(Duration::from_secs(10));
    let report = rt.shutdown(options);
    client.join().expect("the client does not panic")?;
    println!("{report}");
    Ok(())
}
