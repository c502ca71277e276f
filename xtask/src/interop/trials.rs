//! What is tried.

/// A program of others, and what it has to get out of an example of ours.
pub(super) struct Trial {
    pub(super) peer: &'static str,
    pub(super) example: &'static str,
    /// What is tried, in words.
    pub(super) tried: &'static str,
    /// The arguments with which the peer is a server as well, at `{backend}`, to be reached by way of the
    /// example; mostly none.
    pub(super) backend: &'static [&'static str],
    /// The arguments of the example, where `{scratch}` is a folder to write to and `{backend}` the port of
    /// the peer's server.
    pub(super) server: &'static [&'static str],
    /// The arguments of the peer, where `{address}`, `{host}` and `{port}` are the server's.
    pub(super) arguments: &'static [&'static str],
    /// What the peer reads.
    pub(super) input: &'static str,
    /// What has to be in what it writes.
    pub(super) expected: &'static [&'static str],
    /// What must not be.
    pub(super) forbidden: &'static [&'static str],
    /// The line to show has this in it; none is shown if it is empty.
    pub(super) figure: &'static str,
}

/// Fills in what most trials have in common.
const NOTHING: Trial = Trial {
    peer: "",
    example: "",
    tried: "",
    backend: &[],
    server: &["--listen", "127.0.0.1:0"],
    arguments: &[],
    input: "",
    expected: &[],
    forbidden: &[],
    figure: "",
};

const TLS: &[&str] = &["--listen", "127.0.0.1:0", "--write", "{scratch}/localhost.pem"];

const PROXY: &[&str] = &["--listen", "127.0.0.1:0", "--to", "127.0.0.1:{backend}"];

const REQUEST: &str = "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";

#[rustfmt::skip]
pub(super) const TRIALS: &[Trial] = &[
    Trial {
        peer: "curl", example: "http", tried: "a page by HTTP/1.1",
        arguments: &["-sSm20", "--http1.1", "-w", "version %{http_version}, status %{http_code}", "http://{address}/"],
        expected: &["hello, world", "version 1.1, status 200"], figure: "version",
        ..NOTHING
    },
    Trial {
        peer: "curl", example: "http", tried: "a page by HTTP/2",
        arguments: &[
            "-sSm20", "--http2-prior-knowledge", "-w", "version %{http_version}, status %{http_code}", "http://{address}/",
        ],
        expected: &["hello, world", "version 2, status 200"], figure: "version",
        ..NOTHING
    },
    Trial {
        peer: "curl", example: "http", tried: "a body up and down",
        arguments: &["-sSm20", "--data-binary", "@-", "http://{address}/echo"],
        input: "there and back again", expected: &["there and back again"],
        ..NOTHING
    },
    Trial {
        peer: "nc", example: "http", tried: "a request by hand",
        arguments: &["{host}", "{port}"], input: REQUEST, expected: &["HTTP/1.1 200 OK", "hello, world"],
        ..NOTHING
    },
    Trial {
        peer: "wrk", example: "http", tried: "HTTP/1.1, 64 connections for 2 s",
        arguments: &["-t1", "-c64", "-d2s", "http://{address}/"],
        expected: &["Requests/sec"], forbidden: &["Socket errors", "Non-2xx"], figure: "Requests/sec",
        ..NOTHING
    },
    Trial {
        peer: "h2load", example: "http", tried: "HTTP/2, 32 connections of 16 streams",
        arguments: &["-n20000", "-c32", "-m16", "http://{address}/"],
        expected: &["20000 succeeded, 0 failed, 0 errored"], figure: "finished in",
        ..NOTHING
    },
    Trial {
        peer: "h2load", example: "http", tried: "HTTP/1.1, 32 connections",
        arguments: &["--h1", "-n20000", "-c32", "http://{address}/"],
        expected: &["20000 succeeded, 0 failed, 0 errored"], figure: "finished in",
        ..NOTHING
    },
    Trial {
        peer: "ab", example: "http", tried: "HTTP/1.0 with keep-alive, 32 connections",
        arguments: &["-q", "-k", "-n20000", "-c32", "http://{address}/"],
        expected: &["Complete requests:      20000", "Failed requests:        0"],
        forbidden: &["Non-2xx", "Write errors"], figure: "Requests per second",
        ..NOTHING
    },
    Trial {
        peer: "ab", example: "http", tried: "HTTP/1.0, a connection for each request",
        arguments: &["-q", "-n5000", "-c32", "http://{address}/"],
        expected: &["Complete requests:      5000", "Failed requests:        0"],
        forbidden: &["Non-2xx", "Write errors"], figure: "Requests per second",
        ..NOTHING
    },
    Trial {
        peer: "curl", example: "axum", tried: "a handler that sleeps",
        arguments: &["-sSfm20", "http://{address}/sleep/20"], expected: &["slept for"], figure: "slept",
        ..NOTHING
    },
    Trial {
        peer: "curl", example: "axum", tried: "a handler that connects",
        arguments: &["-sSfm20", "http://{address}/dial/{address}"], expected: &["connected to"], figure: "connected",
        ..NOTHING
    },
    Trial {
        peer: "wrk", example: "axum", tried: "HTTP/1.1, 64 connections for 2 s",
        arguments: &["-t1", "-c64", "-d2s", "http://{address}/"],
        expected: &["Requests/sec"], forbidden: &["Socket errors", "Non-2xx"], figure: "Requests/sec",
        ..NOTHING
    },
    Trial {
        peer: "websocat", example: "websocket", tried: "an echo",
        arguments: &["-1", "ws://{address}/"], input: "hello\n", expected: &["hello"],
        ..NOTHING
    },
    Trial {
        peer: "socat", example: "echo", tried: "an echo, and the end of the stream",
        arguments: &["-t20", "-", "TCP:{address}"], input: "there and back again", expected: &["there and back again"],
        ..NOTHING
    },
    Trial {
        peer: "curl", example: "tls_server", tried: "a page by HTTPS, the certificate checked", server: TLS,
        arguments: &["-sSfm20", "--cacert", "{scratch}/localhost.pem", "https://{address}/"],
        expected: &["version: TLSv1_3"], figure: "cipher suite",
        ..NOTHING
    },
    Trial {
        peer: "openssl", example: "tls_server", tried: "a page by TLS 1.3, the certificate checked", server: TLS,
        arguments: &[
            "s_client", "-connect", "{address}", "-CAfile", "{scratch}/localhost.pem", "-verify_return_error", "-tls1_3",
            "-servername", "localhost", "-alpn", "http/1.1", "-ign_eof",
        ],
        input: REQUEST,
        expected: &["Verify return code: 0 (ok)", "version: TLSv1_3", "protocol: http/1.1"], figure: "cipher suite",
        ..NOTHING
    },
    Trial {
        peer: "openssl", example: "tls_server", tried: "a page by TLS 1.2", server: TLS,
        arguments: &[
            "s_client", "-connect", "{address}", "-CAfile", "{scratch}/localhost.pem", "-verify_return_error", "-tls1_2",
            "-ign_eof",
        ],
        input: REQUEST, expected: &["Verify return code: 0 (ok)", "version: TLSv1_2"], figure: "cipher suite",
        ..NOTHING
    },
    Trial {
        peer: "iperf3", example: "proxy", tried: "bulk to a server behind the proxy, for 2 s",
        backend: &["-s", "-1", "--forceflush", "-B", "127.0.0.1", "-p", "{backend}"], server: PROXY,
        arguments: &["-c", "{host}", "-p", "{port}", "-t", "2"],
        expected: &["iperf Done."], forbidden: &["error"], figure: "receiver",
        ..NOTHING
    },
    Trial {
        peer: "iperf3", example: "proxy", tried: "bulk from a server behind the proxy, 4 connections", server: PROXY,
        backend: &["-s", "-1", "--forceflush", "-B", "127.0.0.1", "-p", "{backend}"],
        arguments: &["-c", "{host}", "-p", "{port}", "-t", "2", "-R", "-P", "4"],
        expected: &["iperf Done."], forbidden: &["error"], figure: "[SUM]   0.00-2",
        ..NOTHING
    },
    Trial {
        peer: "redis-cli", example: "redis", tried: "a ping",
        arguments: &["-h", "{host}", "-p", "{port}", "ping"], expected: &["PONG"],
        ..NOTHING
    },
    Trial {
        peer: "redis-benchmark", example: "redis", tried: "set and get, 16 at a time",
        arguments: &["-h", "{host}", "-p", "{port}", "-t", "set,get", "-n", "50000", "-P", "16", "-q"],
        expected: &["SET: ", "GET: ", "requests per second"], forbidden: &["Error"], figure: "GET: ",
        ..NOTHING
    },
    Trial {
        peer: "dig", example: "dns", tried: "a question over UDP",
        arguments: &["@{host}", "-p", "{port}", "+tries=3", "+time=5", "runtime.test", "MX"],
        expected: &["status: NOERROR", "mail.runtime.test.", "(UDP)"], figure: "Query time",
        ..NOTHING
    },
    Trial {
        peer: "dig", example: "dns", tried: "an answer too long for UDP",
        arguments: &["@{host}", "-p", "{port}", "+tries=3", "+time=5", "large.runtime.test", "TXT"],
        expected: &["status: NOERROR", "(TCP)"], figure: "MSG SIZE",
        ..NOTHING
    },
];
