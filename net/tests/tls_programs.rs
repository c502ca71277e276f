//! TLS with the programs of others, where the machine has them.

#![cfg(all(feature = "tls", unix))]

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use futures::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use runtime::net::tls::rustls::version::{TLS12, TLS13};
use runtime::net::tls::{Identity, TlsAcceptor, TlsConnector, TlsListener, start_tls_server};
use runtime::net::{Server, TcpListener, TcpStream};
use tempfile::TempDir;

mod common;
#[path = "common/tls.rs"]
mod tls;

use common::selectors::run;
use tls::Authority;

/// A program that is running, and killed when the test is done with it.
struct Program(Child);

impl Program {
    /// Starts a program; `None`, and a line that says so, where there is none.
    fn start(name: &str, arguments: &[&str]) -> Option<Program> {
        let mut command = Command::new(name);
        command.args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        match command.spawn() {
            Ok(child) => Some(Program(child)),
            Err(error) => {
                println!("skipped: {name} does not start on this machine: {error}");
                None
            }
        }
    }

    /// Has it read `text`, and waits for its end; what it has written, and whether it is content.
    async fn finish(mut self, text: &'static [u8]) -> io::Result<(String, bool)> {
        let job = move || {
            let mut stdin = self.0.stdin.take().expect("the input is piped");
            // Fails if it does not read to the end.
            let _ = stdin.write_all(text);
            drop(stdin);
            let mut output = String::new();
            let stdout = self.0.stdout.as_mut().expect("the output is piped");
            io::Read::read_to_string(stdout, &mut output)?;
            let mut errors = String::new();
            let stderr = self.0.stderr.as_mut().expect("the errors are piped");
            io::Read::read_to_string(stderr, &mut errors)?;
            Ok((output + &errors, self.0.wait()?.success()))
        };
        runtime::spawn_blocking(job).await?
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Fails if it has ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Certificates in files, as programs want them.
struct Files {
    authority: Authority,
    folder: TempDir,
}

impl Files {
    fn new() -> io::Result<Files> {
        let (authority, folder) = (Authority::new(), tempfile::tempdir()?);
        std::fs::write(folder.path().join("authority.pem"), authority.pem())?;
        Ok(Files { authority, folder })
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().expect("the folder has a plain name").to_owned()
    }

    /// Signs a certificate for `name`, in two files of that name.
    fn sign(&self, name: &str) -> io::Result<(String, String)> {
        let (chain, key) = self.authority.sign(&[name], |_| {});
        let paths = (self.path(&format!("{name}.pem")), self.path(&format!("{name}.key")));
        std::fs::write(&paths.0, chain)?;
        std::fs::write(&paths.1, key)?;
        Ok(paths)
    }
}

#[test]
fn openssl_s_server_answers_our_client() -> io::Result<()> {
    let files = Files::new()?;
    let (chain, key) = files.sign("localhost")?;
    let (own_chain, own_key) = files.sign("ada")?;
    let own = Identity::from_pem(std::fs::read(own_chain)?, std::fs::read(own_key)?)?;
    let authority = files.path("authority.pem");
    for version in [&TLS12, &TLS13] {
        // Turns each line around; insists on a certificate.
        let arguments =
            ["s_server", "-accept", "127.0.0.1:0", "-cert", &chain, "-key", &key, "-rev"];
        let clients = ["-CAfile", &authority, "-Verify", "2", "-verify_return_error"];
        let arguments = [&arguments[..], &clients[..], &["-alpn", "lines"]].concat();
        let Some(mut program) = Program::start("openssl", &arguments) else { return Ok(()) };
        let output = program.0.stdout.as_mut().expect("the output is piped");
        let address = BufReader::new(output)
            .lines()
            .find_map(|line| line.ok()?.strip_prefix("ACCEPT ").map(ToOwned::to_owned));
        let Some(address) = address else {
            println!("skipped: this openssl does not tell where it listens");
            return Ok(());
        };
        run(async {
            let connector = TlsConnector::builder()
                .root_pem(std::fs::read(&authority)?)
                .identity(own.clone())
                .alpn(["other", "lines"])
                .protocol_versions(&[version])
                .build()?;
            let stream = TcpStream::connect(address.as_str()).await?;
            let mut stream = connector.connect("localhost", stream).await?;
            assert_eq!(stream.protocol_version(), Some(version.version));
            assert_eq!(stream.alpn_protocol(), Some(&b"lines"[..]));
            for _ in 0..10 {
                stream.write_all(b"desserts\n").await?;
                let mut line = String::new();
                stream.read_line(&mut line).await?;
                assert_eq!(line, "stressed\n");
            }
            // What ends the conversation for it, upon which it announces its end.
            stream.write_all(b"CLOSE\n").await?;
            assert_eq!(stream.read(&mut [0]).await?, 0);
            stream.close().await
        })?;
    }
    Ok(())
}

#[test]
fn openssl_s_client_is_answered_by_our_server() -> io::Result<()> {
    let files = Files::new()?;
    let authority = files.path("authority.pem");
    let (chain, key) = files.sign("ada")?;
    for option in ["-tls1_2", "-tls1_3"] {
        let done = run(async {
            let acceptor = TlsAcceptor::builder()
                .identity(files.authority.identity(&["localhost"]))
                .require_client_certificates(files.authority.roots())
                .build()?;
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let address = listener.local_addr()?.to_string();
            let arguments = ["s_client", "-quiet", "-connect", &address, option];
            let trust = ["-CAfile", &authority, "-verify_return_error", "-servername", "localhost"];
            let own = ["-cert", &chain, "-key", &key];
            let arguments = [&arguments[..], &trust[..], &own[..]].concat();
            let Some(program) = Program::start("openssl", &arguments) else { return Ok(false) };
            let output = runtime::spawn(program.finish(b"hello from openssl\n"));
            let (stream, _) = listener.accept().await?;
            let mut stream = acceptor.accept(stream).await?;
            assert_eq!(stream.server_name(), Some("localhost"));
            // Its own, and that of the authority.
            assert!(!stream.peer_certificates().expect("it was asked for them").is_empty());
            let mut line = String::new();
            stream.read_line(&mut line).await?;
            assert_eq!(line, "hello from openssl\n");
            // More than a socket holds.
            stream.write_all(&[b'x'; 1_000_000]).await?;
            stream.write_all(b" and goodbye\n").await?;
            stream.close().await?;
            let (output, content) = output.await??;
            assert!(content && output.contains("x and goodbye"), "{}", output.replace('x', ""));
            assert_eq!(output.matches("xxxxxxxxxx").count(), 100_000);
            Ok::<_, io::Error>(true)
        })?;
        if !done {
            return Ok(());
        }
    }
    Ok(())
}

#[test]
fn openssl_s_client_goes_on_over_tls_after_starttls() -> io::Result<()> {
    let files = Files::new()?;
    let authority = files.path("authority.pem");
    run(async {
        let acceptor = files.authority.acceptor();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let arguments = ["s_client", "-quiet", "-connect", &address, "-starttls", "smtp"];
        let trust = ["-CAfile", &authority, "-verify_return_error"];
        let arguments = [&arguments[..], &trust[..]].concat();
        let Some(program) = Program::start("openssl", &arguments) else { return Ok(()) };
        let output = runtime::spawn(program.finish(b"QUIT\r\n"));
        let (stream, _) = listener.accept().await?;
        let mut plain = futures::io::BufReader::new(stream);
        plain.write_all(b"220 mail.example at your service\r\n").await?;
        let mut line = String::new();
        while !line.starts_with("STARTTLS") {
            if line.starts_with("EHLO") {
                plain.write_all(b"250-mail.example\r\n250 STARTTLS\r\n").await?;
            }
            line.clear();
            assert!(plain.read_line(&mut line).await? > 0, "it has left");
        }
        plain.write_all(b"220 go ahead\r\n").await?;
        let mut secure = start_tls_server(&acceptor, plain).await?;
        line.clear();
        secure.read_line(&mut line).await?;
        assert_eq!(line, "QUIT\r\n");
        secure.write_all(b"221 goodbye\r\n").await?;
        secure.close().await?;
        let (output, content) = output.await??;
        assert!(content && output.contains("221 goodbye"), "{output}");
        Ok(())
    })
}

#[test]
fn curl_fetches_from_our_server_and_refuses_whom_it_does_not_trust() -> io::Result<()> {
    let files = Files::new()?;
    let trusted = files.path("authority.pem");
    let stranger = files.path("stranger.pem");
    std::fs::write(&stranger, Authority::new().pem())?;
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let listener = TlsListener::new(listener, files.authority.acceptor());
        let server = Server::over(listener).serve(async |mut stream, _peer| {
            let mut line = String::new();
            while stream.read_line(&mut line).await? > 2 {
                line.clear();
            }
            // Without a length: the end of the page is the end that is announced.
            stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").await?;
            stream.write_all(&[b'x'; 1_000_000]).await?;
            stream.shutdown().await
        });
        let _server = server.await?;
        let url = format!("https://localhost:{port}/");
        let resolve = format!("localhost:{port}:127.0.0.1");
        for (roots, welcome) in [(&trusted, true), (&stranger, false)] {
            let arguments = ["-sS", "--max-time", "60", "--resolve", &resolve, "--cacert", roots];
            let arguments = [&arguments[..], &[&url]].concat();
            let Some(program) = Program::start("curl", &arguments) else { return Ok(()) };
            let (output, content) = program.finish(b"").await?;
            assert_eq!(content, welcome, "{}", output.replace('x', ""));
            assert_eq!(output.matches("xxxxxxxxxx").count(), if welcome { 100_000 } else { 0 });
        }
        Ok(())
    })
}
