//! Gives names to what only some systems have, for the lines that choose a module.

use cfg_aliases::cfg_aliases;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    cfg_aliases! {
        // Calls that make a socket, or use it, take flags: `MSG_NOSIGNAL`, `SOCK_CLOEXEC` and their like.
        call_flags: { any(
            target_os = "android",
            target_os = "dragonfly",
            target_os = "freebsd",
            target_os = "linux",
            target_os = "netbsd",
            target_os = "openbsd"
        ) },
        // The number of keep-alive probes and the time between them can be set for a socket.
        keepalive_probes: { any(
            target_os = "android",
            target_os = "dragonfly",
            target_os = "freebsd",
            target_os = "ios",
            target_os = "linux",
            target_os = "macos",
            target_os = "netbsd",
            windows
        ) },
    }
}
