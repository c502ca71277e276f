//! The load generator: a process of its own that never sleeps, so that only the server's waits show.
#![allow(unsafe_code)]

use std::{
    io::{ErrorKind, Read, Write},
    os::fd::AsRawFd,
    time::Instant,
};

use clap::{Args, ValueEnum};
use socket2::Socket;

use super::{Job, Place};
use crate::{clock, udp};

/// How the load generator talks to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Talk {
    /// One message in flight on each of some connections.
    Echo,
    /// A new connection for each message.
    Connect,
    /// As many messages as one connection takes.
    Bulk,
    /// Some datagrams in flight from each of some UDP sockets.
    Datagrams,
}

/// A load: who says what to how many.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Load {
    /// The manner of talking.
    #[arg(long)]
    pub(crate) talk: Talk,
    /// Connections open at a time.
    #[arg(long)]
    pub(crate) connections: usize,
    /// Datagrams in flight from each socket.
    #[arg(long)]
    pub(crate) window: usize,
    /// Bytes of one message.
    #[arg(long)]
    pub(crate) bytes: usize,
    /// Messages in the measured part.
    #[arg(long)]
    pub(crate) messages: u64,
    /// Messages before the measured part.
    #[arg(long)]
    pub(crate) warm_up: u64,
}

impl Load {
    /// What the server is to do; its buffer has room to spare, so that a short read tells it to wait.
    pub(crate) fn job(&self) -> Job {
        match self.talk {
            Talk::Bulk => Job::Drain(self.bytes),
            Talk::Echo | Talk::Connect | Talk::Datagrams => Job::Echo((2 * self.bytes).max(4096)),
        }
    }

    /// The command line that makes this program this load.
    pub(super) fn arguments(&self, place: &Place) -> Vec<String> {
        let talk = self.talk.to_possible_value().expect("no talk is hidden");
        let mut arguments = vec!["load".to_owned()];
        arguments.extend(place.arguments());
        for (name, value) in [
            ("--talk", talk.get_name().to_owned()),
            ("--connections", self.connections.to_string()),
            ("--window", self.window.to_string()),
            ("--bytes", self.bytes.to_string()),
            ("--messages", self.messages.to_string()),
            ("--warm-up", self.warm_up.to_string()),
        ] {
            arguments.push(name.to_owned());
            arguments.push(value);
        }
        arguments
    }

    /// Runs the load against a server of this machine and reports on the standard output.
    pub(crate) fn run(&self, place: &Place) {
        clock::raise_file_limit();
        clock::pin_to_core(1);
        match self.talk {
            Talk::Echo => {
                let mut echo = Echo::connect(self, place);
                echo.exchange(self.warm_up.max(self.connections as u64));
                echo.latencies.clear();
                tell_server("start");
                echo.exchange(self.messages);
                report(&mut echo.latencies);
            }
            Talk::Connect => {
                let mut latencies = Vec::with_capacity(self.messages as usize);
                latencies.extend((0..self.warm_up).map(|i| once(self, place, i)));
                latencies.clear();
                tell_server("start");
                latencies.extend((0..self.messages).map(|i| once(self, place, i)));
                report(&mut latencies);
            }
            Talk::Bulk => {
                let mut stream = place.open(0);
                let message = vec![7; self.bytes];
                let mut push = |messages| {
                    for _ in 0..messages {
                        stream.write_all(&message).expect("the server reads");
                    }
                };
                push(self.warm_up);
                tell_server("start");
                push(self.messages);
                drain(&stream);
                report(&mut [0]);
            }
            Talk::Datagrams => udp::exchange(self, place.port()),
        }
    }
}

/// Says a line to the server and waits until its meters are read.
pub(crate) fn tell_server(line: &str) {
    println!("{line}");
    std::io::stdin().read_exact(&mut [0]).expect("the server answers");
}

/// Tells the server the latencies, of which there is at least one, and waits for the end.
pub(crate) fn report(nanoseconds: &mut [u32]) {
    nanoseconds.sort_unstable();
    let at =
        |per_mille: usize| f64::from(nanoseconds[nanoseconds.len() * per_mille / 1000]) / 1000.0;
    let line = serde_json::json!({ "p50_us": at(500), "p99_us": at(990), "p999_us": at(999) });
    tell_server(&line.to_string());
}

/// Waits until the server has taken all that was sent.
fn drain(stream: &Socket) {
    let mut left = 0;
    loop {
        // SAFETY: TIOCOUTQ writes one int, which lives on this frame.
        unsafe { libc::ioctl(stream.as_raw_fd(), libc::TIOCOUTQ, &mut left) };
        if left == 0 {
            return;
        }
        std::hint::spin_loop();
    }
}

/// Connects, sends, receives and closes; returns the nanoseconds that took.
fn once(load: &Load, place: &Place, number: u64) -> u32 {
    let start = Instant::now();
    let mut stream = place.open(number);
    stream.set_nonblocking(true).expect("a socket can be made nonblocking");
    stream.write_all(&vec![7; load.bytes]).expect("the server reads");
    let mut buffer = vec![0; load.bytes];
    let mut received = 0;
    while received < load.bytes {
        received += receive(&mut stream, &mut buffer).unwrap_or(0);
    }
    drop(stream);
    start.elapsed().as_nanos() as u32
}

/// Reads what is there; `None` if that is nothing.
fn receive(stream: &mut Socket, buffer: &mut [u8]) -> Option<usize> {
    match stream.read(buffer) {
        Ok(0) => panic!("the server closed a connection"),
        Ok(count) => Some(count),
        Err(error) if error.kind() == ErrorKind::WouldBlock => None,
        Err(error) => panic!("a connection failed: {error}"),
    }
}

struct Client {
    stream: Socket,
    received: usize,
    sent: usize,
    start: Instant,
    waiting: bool,
}

struct Echo {
    clients: Vec<Client>,
    epoll: i32,
    message: Vec<u8>,
    buffer: Vec<u8>,
    latencies: Vec<u32>,
}

impl Echo {
    fn connect(load: &Load, place: &Place) -> Self {
        // SAFETY: a plain system call.
        let epoll = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        let mut clients = Vec::new();
        for number in 0..load.connections {
            let stream = place.open(0);
            stream.set_nonblocking(true).expect("a socket can be made nonblocking");
            let events = libc::EPOLLIN | libc::EPOLLOUT | libc::EPOLLET;
            let mut interest = libc::epoll_event { events: events as u32, u64: number as u64 };
            // SAFETY: both descriptors are open, and the event lives on this frame.
            unsafe {
                libc::epoll_ctl(epoll, libc::EPOLL_CTL_ADD, stream.as_raw_fd(), &mut interest)
            };
            clients.push(Client {
                stream,
                received: 0,
                sent: 0,
                start: Instant::now(),
                waiting: false,
            });
        }
        let latencies =
            Vec::with_capacity((load.messages + load.warm_up) as usize + load.connections);
        Self {
            clients,
            epoll,
            message: vec![7; load.bytes],
            buffer: vec![0; load.bytes],
            latencies,
        }
    }

    /// Exchanges so many messages in all, and ends with none in flight.
    fn exchange(&mut self, messages: u64) {
        let mut to_start = messages;
        for number in 0..self.clients.len() {
            if to_start > 0 {
                to_start -= 1;
                self.begin(number);
            }
        }
        let mut left = messages;
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; 256];
        while left > 0 {
            let ready = if self.clients.len() == 1 {
                events[0].u64 = 0;
                1
            } else {
                // SAFETY: the buffer has room for 256 events.
                unsafe { libc::epoll_wait(self.epoll, events.as_mut_ptr(), 256, 0) }
            };
            for event in &events[..usize::try_from(ready).expect("epoll_wait works")] {
                if self.advance(event.u64 as usize) {
                    left -= 1;
                    if to_start > 0 {
                        to_start -= 1;
                        self.begin(event.u64 as usize);
                    }
                }
            }
        }
    }

    fn begin(&mut self, number: usize) {
        let client = &mut self.clients[number];
        client.start = Instant::now();
        client.received = 0;
        client.sent = 0;
        client.waiting = true;
        self.send(number);
    }

    fn send(&mut self, number: usize) {
        let client = &mut self.clients[number];
        while client.sent < self.message.len() {
            match client.stream.write(&self.message[client.sent..]) {
                Ok(count) => client.sent += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => panic!("a connection failed: {error}"),
            }
        }
    }

    /// Moves one connection on; true if its message has come back, which is told once: an event may be of
    /// nothing but room.
    fn advance(&mut self, number: usize) -> bool {
        if self.clients[number].sent < self.message.len() {
            self.send(number);
        }
        let client = &mut self.clients[number];
        while client.received < client.sent {
            let Some(count) = receive(&mut client.stream, &mut self.buffer) else { return false };
            client.received += count;
        }
        let complete = client.waiting && client.received == self.message.len();
        if complete {
            client.waiting = false;
            self.latencies.push(client.start.elapsed().as_nanos() as u32);
        }
        complete
    }
}

/// Opens connections, has each echo one byte, and leaves them open.
pub(super) fn open_idle(place: &Place, count: u64, clients: &mut Vec<Socket>) {
    for _ in 0..count {
        let mut stream = place.open(0);
        stream.write_all(&[7]).expect("the server reads");
        stream.read_exact(&mut [0]).expect("the server echoes");
        clients.push(stream);
    }
}
