//! The web server by axum, asked by curl.

use crate::peer;
use crate::program::Example;

fn start() -> (Example, String) {
    let mut server = Example::start("axum", &["--listen", "127.0.0.1:0"]);
    let line = server.line_with("axum on http://");
    let address = line.trim().trim_start_matches("axum on http://").trim_end_matches('/');
    (server, address.to_owned())
}

#[test]
fn handlers_answer_sleep_dial_and_fetch() {
    let (_server, address) = start();
    let fetch = format!("/fetch?url=http://{address}/");
    let dial = format!("/dial/{address}");
    for (path, expected) in [
        ("/", "hello, world\n200"),
        ("/sleep/5", "slept for "),
        (&dial, "connected to 127.0.0.1:"),
        (&fetch, "hello, world\n200"),
        ("/nothing", "404"),
        ("/sleep/soon", "400"),
    ] {
        let url = format!("http://{address}{path}");
        for version in ["--http1.1", "--http2-prior-knowledge"] {
            let Some(text) = peer::curl(&[version, "--write-out", "%{http_code}", &url]) else {
                return;
            };
            assert!(text.contains(expected), "{version} {path}: {text}");
        }
    }
}

#[test]
fn a_body_is_parsed_and_sorted_on_the_pool() {
    let (_server, address) = start();
    let url = format!("http://{address}/sort");
    let json = ["--header", "content-type: application/json", "--data", "[3, 1, 2]", &url];
    let Some(text) = peer::curl(&json) else { return };
    assert_eq!(text, "[1,2,3]");
}

#[test]
fn what_cannot_be_reached_is_named() {
    let (_server, address) = start();
    // A port that nobody listens on.
    let dead =
        std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let dead = dead.expect("a free port").to_string();
    for path in [format!("/dial/{dead}"), format!("/fetch?url=http://{dead}/")] {
        let url = format!("http://{address}{path}");
        let Some(text) = peer::curl(&["--write-out", "%{http_code}", &url]) else { return };
        assert!(text.contains(&dead) && text.ends_with("502"), "{path}: {text}");
    }
}
