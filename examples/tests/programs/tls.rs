//! The two ends of TLS, against each other and against the programs of others.

use std::path::Path;

use tempfile::TempDir;

use crate::peer;
use crate::program::Example;

/// A running server, its certificate, and its port.
struct Server {
    example: Example,
    folder: TempDir,
    port: String,
}

impl Server {
    fn start(arguments: &[&str]) -> Server {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let certificate = text(&folder.path().join("localhost.pem"));
        let first = ["--listen", "127.0.0.1:0", "--write", &certificate];
        let mut example = Example::start("tls_server", &[&first, arguments].concat());
        let line = example.line_with("tls on ");
        let port = line.trim().trim_end_matches('/').rsplit(':').next().expect("a port").to_owned();
        Server { example, folder, port }
    }

    fn certificate(&self) -> String {
        text(&self.folder.path().join("localhost.pem"))
    }

    fn at(&self, host: &str) -> String {
        format!("{host}:{}", self.port)
    }
}

fn text(path: &Path) -> String {
    path.to_str().expect("the folder has a plain name").to_owned()
}

#[test]
fn tls_client_fetches_the_page_of_tls_server() {
    let server = Server::start(&[]);
    let arguments = ["--root", &server.certificate(), &server.at("localhost")];
    let output = Example::start("tls_client", &arguments).output();
    for line in ["version: TLSv1_3", "name asked for: localhost", "protocol: http/1.1"] {
        assert!(output.contains(line), "{line:?} is missing in:\n{output}");
    }
    assert!(!output.contains("close_notify"), "{output}");
}

#[test]
fn tls_client_says_why_it_trusts_nobody() {
    let mut server = Server::start(&[]);
    let other = Server::start(&[]);
    let arguments = ["--root", &other.certificate(), &server.at("localhost")];
    let errors = Example::start("tls_client", &arguments).errors();
    assert!(errors.contains("with localhost failed: invalid peer certificate"), "{errors}");
    server.example.line_with("received fatal alert");

    let certificate = server.certificate();
    let address = server.at("localhost");
    let arguments = ["--root", &certificate, "--name", "example.org", &address];
    let errors = Example::start("tls_client", &arguments).errors();
    assert!(errors.contains("example.org") && errors.contains("localhost"), "{errors}");
}

#[test]
fn tls_server_knows_its_clients_if_told_to() {
    let made = rcgen::generate_simple_self_signed(["ada".to_owned()]).expect("it can be made");
    let folder = tempfile::tempdir().expect("a folder can be made");
    let chain = text(&folder.path().join("ada.pem"));
    let key = text(&folder.path().join("ada.key"));
    std::fs::write(&chain, made.cert.pem()).expect("the folder can be written to");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("so can it again");

    let mut server = Server::start(&["--clients", &chain]);
    let (certificate, address) = (server.certificate(), server.at("localhost"));
    let arguments = ["--root", &certificate, "--chain", &chain, "--key", &key, &address];
    let output = Example::start("tls_client", &arguments).output();
    assert!(output.contains("certificates shown: 1"), "{output}");

    let errors = Example::start("tls_client", &["--root", &certificate, &address]).errors();
    assert!(!errors.is_empty());
    server.example.line_with("peer sent no certificates");
}

#[test]
fn tls_server_talks_to_curl() {
    let server = Server::start(&[]);
    let url = format!("https://{}/", server.at("localhost"));
    let resolve = format!("{}:127.0.0.1", server.at("localhost"));
    let certificate = server.certificate();
    let Some(page) = peer::curl(&["--cacert", &certificate, "--resolve", &resolve, &url]) else {
        return;
    };
    assert!(page.contains("protocol: http/1.1"), "{page}");
}

#[test]
fn tls_server_talks_to_openssl() {
    let server = Server::start(&[]);
    let (address, certificate) = (server.at("127.0.0.1"), server.certificate());
    for (option, version) in [("-tls1_2", "TLSv1_2"), ("-tls1_3", "TLSv1_3")] {
        let trust =
            ["-CAfile", &certificate, "-verify_return_error", "-verify_hostname", "localhost"];
        let arguments = ["s_client", "-quiet", "-connect", &address, option];
        let arguments = [&arguments[..], &trust[..]].concat();
        let request = b"GET / HTTP/1.0\r\n\r\n";
        let Some(page) = peer::run_with("openssl", &arguments, request) else { return };
        assert!(page.contains(&format!("version: {version}")), "{page}");
    }
}
