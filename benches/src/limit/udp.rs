//! The least that an echo of datagrams can do one by one: epoll, edge-triggered, and two calls a message.

use std::{
    io::{Error, ErrorKind},
    mem,
    net::UdpSocket,
    os::fd::AsRawFd,
};

use crate::udp::BUFFER;

/// Serves until the process ends.
pub(crate) fn serve(socket: UdpSocket) -> ! {
    socket.set_nonblocking(true).expect("a socket can be made nonblocking");
    let descriptor = socket.as_raw_fd();
    // SAFETY: a plain system call.
    let epoll = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
    let events = (libc::EPOLLIN | libc::EPOLLET) as u32;
    let mut event = libc::epoll_event { events, u64: 0 };
    // SAFETY: both descriptors are open, and the event lives on this frame.
    let result = unsafe { libc::epoll_ctl(epoll, libc::EPOLL_CTL_ADD, descriptor, &mut event) };
    assert_eq!(result, 0, "epoll takes a socket");
    let mut buffer = [0; BUFFER];
    loop {
        while echo(descriptor, &mut buffer) {}
        // SAFETY: there is room for one event.
        unsafe { libc::epoll_wait(epoll, &mut event, 1, -1) };
    }
}

/// Sends one datagram back; false if none has arrived. The peer's address stays as the kernel writes it.
fn echo(descriptor: i32, buffer: &mut [u8]) -> bool {
    // SAFETY: all zeros are an address, of no family.
    let mut peer: libc::sockaddr_storage = unsafe { mem::zeroed() };
    let mut length = size_of_val(&peer) as libc::socklen_t;
    let address = (&raw mut peer).cast();
    // SAFETY: the call writes to the buffer and to the address, both of which have the lengths it is told.
    let count = unsafe {
        let bytes = buffer.as_mut_ptr().cast();
        libc::recvfrom(descriptor, bytes, buffer.len(), 0, address, &mut length)
    };
    if count < 0 {
        assert_eq!(Error::last_os_error().kind(), ErrorKind::WouldBlock);
        return false;
    }
    // SAFETY: so many bytes of the buffer and of the address were written just before.
    let sent = unsafe {
        libc::sendto(descriptor, buffer.as_ptr().cast(), count as usize, 0, address, length)
    };
    assert_eq!(sent, count, "a datagram goes as a whole");
    true
}
