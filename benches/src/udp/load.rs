//! The load generator: a socket a client, each with some datagrams in flight, few enough for every buffer on
//! the way.
#![allow(unsafe_code)]

use std::{
    collections::VecDeque,
    io::ErrorKind,
    net::{Ipv4Addr, UdpSocket},
    os::fd::AsRawFd,
    time::Instant,
};

use crate::tcp::{Load, report, tell_server};

/// Runs the load against a server of this machine and reports on the standard output.
pub(crate) fn exchange(load: &Load, port: u16) {
    let mut clients = Clients::connect(load, port);
    clients.exchange(load.warm_up.max((load.connections * load.window) as u64));
    clients.latencies.clear();
    tell_server("start");
    clients.exchange(load.messages);
    report(&mut clients.latencies);
}

struct Clients {
    sockets: Vec<(UdpSocket, VecDeque<Instant>)>,
    window: usize,
    epoll: i32,
    message: Vec<u8>,
    latencies: Vec<u32>,
}

impl Clients {
    fn connect(load: &Load, port: u16) -> Self {
        // SAFETY: a plain system call.
        let epoll = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        let mut sockets = Vec::new();
        for number in 0..load.connections {
            let socket = UdpSocket::bind("127.0.0.1:0").expect("a port is free");
            socket.connect((Ipv4Addr::LOCALHOST, port)).expect("the loopback is there");
            socket.set_nonblocking(true).expect("a socket can be made nonblocking");
            let events = (libc::EPOLLIN | libc::EPOLLET) as u32;
            let mut interest = libc::epoll_event { events, u64: number as u64 };
            // SAFETY: both descriptors are open, and the event lives on this frame.
            unsafe {
                libc::epoll_ctl(epoll, libc::EPOLL_CTL_ADD, socket.as_raw_fd(), &mut interest)
            };
            sockets.push((socket, VecDeque::with_capacity(load.window)));
        }
        let most = load.messages.max(load.warm_up) as usize + load.connections * load.window;
        let latencies = Vec::with_capacity(most);
        Self { sockets, window: load.window, epoll, message: vec![7; load.bytes], latencies }
    }

    /// Exchanges so many messages in all, and ends with none in flight.
    fn exchange(&mut self, messages: u64) {
        let mut to_start = messages;
        for number in 0..self.sockets.len() {
            for _ in 0..self.window {
                if to_start > 0 {
                    to_start -= 1;
                    self.begin(number);
                }
            }
        }
        let mut left = messages;
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; 256];
        while left > 0 {
            // SAFETY: the buffer has room for 256 events.
            let ready = unsafe { libc::epoll_wait(self.epoll, events.as_mut_ptr(), 256, 0) };
            for event in &events[..usize::try_from(ready).expect("epoll_wait works")] {
                let number = event.u64 as usize;
                while self.complete(number) {
                    left -= 1;
                    if to_start > 0 {
                        to_start -= 1;
                        self.begin(number);
                    }
                }
            }
        }
    }

    fn begin(&mut self, number: usize) {
        let (socket, starts) = &mut self.sockets[number];
        starts.push_back(Instant::now());
        socket.send(&self.message).expect("the server listens");
    }

    /// Receives an echo; false if there is none.
    fn complete(&mut self, number: usize) -> bool {
        let (socket, starts) = &mut self.sockets[number];
        match socket.recv(&mut [0; super::BUFFER]) {
            Ok(count) => {
                assert_eq!(count, self.message.len(), "the echo is the message");
                let start = starts.pop_front().expect("one has been sent");
                self.latencies.push(start.elapsed().as_nanos() as u32);
                true
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => false,
            Err(error) => panic!("a client failed: {error}"),
        }
    }
}
