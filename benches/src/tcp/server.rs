//! The server's side of a TCP scenario: serve for ever, and read the meters when the load generator says so.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    process::{Child, Command, Stdio},
    thread,
    time::Instant,
};

use serde::Deserialize;

use super::{Job, Load, Place};
use crate::{clock, clock::Cpu, report::Metrics};

/// What the load generator reports at its end.
#[derive(Debug, Deserialize)]
struct Latency {
    p50_us: f64,
    p99_us: f64,
    p999_us: f64,
}

/// Starts the load, serves it on this thread, and prints the record from another one, which ends the process.
pub(crate) fn measure(
    load: Load,
    serve: fn(TcpListener, Job) -> !,
    done: impl FnOnce(Metrics) + Send + 'static,
) -> ! {
    clock::raise_file_limit();
    let listener = listener();
    let place = place(&listener);
    measure_with(load, &place, move || serve(listener, load.job()), done)
}

/// Starts the load on a server that is bound already, and does as [`measure`] does.
pub(crate) fn measure_with(
    load: Load,
    place: &Place,
    serve: impl FnOnce() -> std::convert::Infallible,
    done: impl FnOnce(Metrics) + Send + 'static,
) -> ! {
    let client = start(load, place);
    clock::pin_to_core(0);
    thread::spawn(move || {
        done(watch(client, load));
        std::process::exit(0);
    });
    match serve() {}
}

/// A listener whose connections inherit TCP_NODELAY, on every loopback address.
fn listener() -> TcpListener {
    let listener = TcpListener::bind("0.0.0.0:0").expect("a port is free");
    let socket = socket2::SockRef::from(&listener);
    socket.set_tcp_nodelay(true).expect("TCP has TCP_NODELAY");
    socket.listen(4096).expect("a listener may change its backlog");
    listener
}

fn place(listener: &TcpListener) -> Place {
    Place::of_port(listener.local_addr().expect("a listener has an address").port())
}

fn start(load: Load, place: &Place) -> Child {
    let program = std::env::current_exe().expect("this program has a path");
    Command::new(program)
        .args(load.arguments(place))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the load generator starts")
}

/// Reads the meters at the start and at the end of the measured part.
fn watch(mut client: Child, load: Load) -> Metrics {
    let mut answers = client.stdin.take().expect("piped");
    let mut lines = BufReader::new(client.stdout.take().expect("piped")).lines();
    let mut reading = || {
        let line = lines.next().expect("the load generator lives").expect("it writes text");
        let reading = (line, Instant::now(), Cpu::now());
        answers.write_all(b"\n").expect("the load generator lives");
        reading
    };
    let (_, start, before) = reading();
    let (line, end, after) = reading();
    let latency: Latency = serde_json::from_str(&line).expect("the load generator writes JSON");
    let _ = client.wait();
    let used = after.since(before);
    let messages = load.messages as f64;
    Metrics::new()
        .with("cpu_ns", used.total().as_nanos() as f64 / messages)
        .with("user_ns", used.user.as_nanos() as f64 / messages)
        .with("rate", messages / (end - start).as_secs_f64())
        .with("p50_us", latency.p50_us)
        .with("p99_us", latency.p99_us)
        .with("p999_us", latency.p999_us)
}

/// Opens connections that say one byte each and then nothing, and weighs them from another thread.
pub(crate) fn idle_connections(
    count: u64,
    buffer: usize,
    serve: fn(TcpListener, Job) -> !,
    weigh: impl FnOnce(&mut dyn FnMut()) -> Metrics + Send + 'static,
    done: impl FnOnce(Metrics) + Send + 'static,
) -> ! {
    clock::raise_file_limit();
    let listener = listener();
    let place = place(&listener);
    thread::spawn(move || {
        let mut clients = Vec::with_capacity(count as usize + 100);
        // The first ones pay for what all will share.
        super::load::open_idle(&place, 100, &mut clients);
        let metrics = weigh(&mut || super::load::open_idle(&place, count, &mut clients));
        done(metrics);
        std::process::exit(0);
    });
    serve(listener, Job::Echo(buffer))
}
