//! The examples, run as the programs that they are.

mod axum;
mod chat;
mod connect;
mod dns;
mod each;
mod http;
mod peer;
mod processes;
mod program;
mod proxy;
mod redis;
mod server;
#[cfg(unix)]
mod signals;
mod tls;
#[cfg(unix)]
mod top;
mod unix_echo;
mod watchdog;
mod websocket;
