//! Questions to the system's resolver, which blocks while it thinks.

use std::io;
use std::net::SocketAddr;

use runtime_core::Handle;
use runtime_core::task::AbortOnDropHandle;

/// Looks up the name of a host and of a service: the reverse of [`lookup_host`](crate::lookup_host).
///
/// The first string is the name of the host as the system's resolver knows it (`getnameinfo`, RFC 3493,
/// section 6.2), or the number in text when it has no name. The second is the name of the TCP service at the
/// port, or again the number. The call runs on the blocking pool. What it finds is for display and logs:
/// whoever controls an address decides what its name is.
///
/// # Errors
///
/// The resolver's own error when it cannot answer, and an error outside a loop or when the blocking pool has
/// been shut down.
///
/// # Cancel safety
///
/// Cancel safe, and abandonable as [`lookup_host`](crate::lookup_host) is.
///
/// # Examples
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async {
///     let address = "127.0.0.1:80".parse().unwrap();
///     let (host, service) = runtime::net::lookup_addr(address).await?;
///     println!("{address} is {service} at {host}"); // "http at localhost", as a rule
///     Ok(())
/// })
/// # }
/// ```
pub async fn lookup_addr(address: SocketAddr) -> io::Result<(String, String)> {
    let named = aside(move || dns_lookup::getnameinfo(&address, 0).map_err(io::Error::from));
    named.await.map_err(|error| {
        io::Error::new(error.kind(), format!("could not look up the name of {address}: {error}"))
    })
}

/// Asks the resolver for the addresses of a name.
pub(crate) async fn addresses(host: String, port: u16) -> io::Result<Vec<SocketAddr>> {
    let found = aside(move || {
        let found = std::net::ToSocketAddrs::to_socket_addrs(&(host.as_str(), port));
        found.map(Vec::from_iter).map_err(|error| {
            io::Error::new(error.kind(), format!("could not look up `{host}`: {error}"))
        })
    });
    found.await
}

/// Runs `question` on the blocking pool.
///
/// Whoever drops the future forgets the question: one that has not begun never will, and one that the
/// resolver is busy with goes on for nobody. Neither the task nor the end of the loop waits for it.
async fn aside<T: Send + 'static>(
    question: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let handle = Handle::try_current().map_err(io::Error::other)?;
    let answer = AbortOnDropHandle::new(handle.spawn_blocking(question));
    answer.await.unwrap_or_else(|error| {
        Err(io::Error::other(format!("the name look-up did not run: {error}")))
    })
}

#[cfg(test)]
#[path = "lookup_tests.rs"]
mod tests;
