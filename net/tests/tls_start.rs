//! A connection that began in plain text goes on over TLS, and nothing that has been read already is lost.

#![cfg(feature = "tls")]

use std::io::{self, ErrorKind};

use futures::io::{BufReader, BufWriter};
use futures::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, future};
use runtime::net::TcpStream;
use runtime::net::tls::{
    TlsAcceptor, TlsConnector, start_tls, start_tls_server, start_tls_server_with, start_tls_with,
};

mod common;
#[path = "common/tls.rs"]
mod tls;

use common::selectors::{self, on_each_selector, run};
use tls::Authority;

on_each_selector!(
    a_mail_is_sent_after_starttls,
    a_hello_that_came_with_the_command_is_not_lost,
    a_hello_that_came_with_the_command_can_be_handed_over,
    readers_may_be_as_small_as_they_like,
    what_a_server_says_in_plain_text_too_late_is_not_taken_for_encrypted,
    the_first_bytes_may_have_been_read_one_by_one,
    plain_text_that_is_smuggled_in_is_not_taken_for_encrypted,
    a_refusal_leaves_the_plain_connection_as_it_is,
);

async fn line(reader: &mut (impl AsyncBufRead + Unpin)) -> io::Result<String> {
    let mut line = String::new();
    reader.read_line(&mut line).await?;
    Ok(line.trim_end().to_owned())
}

async fn say(writer: &mut (impl futures::AsyncWrite + Unpin), text: &str) -> io::Result<()> {
    writer.write_all(format!("{text}\r\n").as_bytes()).await?;
    writer.flush().await
}

/// A mail server that wants TLS before it takes a mail, which it returns.
async fn mail_server(stream: TcpStream, acceptor: TlsAcceptor) -> io::Result<String> {
    let mut plain = BufReader::new(stream);
    say(&mut plain, "220 mail.example at your service").await?;
    loop {
        match line(&mut plain).await?.as_str() {
            "EHLO me" => say(&mut plain, "250-mail.example\r\n250 STARTTLS").await?,
            "STARTTLS" => break,
            _ => say(&mut plain, "530 TLS first").await?,
        }
    }
    say(&mut plain, "220 go ahead").await?;
    let mut secure = start_tls_server(&acceptor, plain).await?;
    assert_eq!(line(&mut secure).await?, "EHLO me");
    say(&mut secure, "250 mail.example").await?;
    assert_eq!(line(&mut secure).await?, "DATA");
    say(&mut secure, "354 speak").await?;
    let mut mail = String::new();
    loop {
        match line(&mut secure).await?.as_str() {
            "." => break,
            text => mail.push_str(text),
        }
    }
    say(&mut secure, "250 taken").await?;
    secure.shutdown().await?;
    Ok(mail)
}

fn a_mail_is_sent_after_starttls() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let (client, server) = common::pair().await?;
        let server = runtime::spawn(mail_server(server, authority.acceptor()));
        let mut plain = BufReader::new(client);
        assert!(line(&mut plain).await?.starts_with("220"));
        say(&mut plain, "MAIL").await?;
        assert!(line(&mut plain).await?.starts_with("530"));
        say(&mut plain, "EHLO me").await?;
        assert_eq!(line(&mut plain).await?, "250-mail.example");
        assert_eq!(line(&mut plain).await?, "250 STARTTLS");
        say(&mut plain, "STARTTLS").await?;
        assert!(line(&mut plain).await?.starts_with("220"));
        let mut secure = start_tls(&authority.connector(), "localhost", plain).await?;
        say(&mut secure, "EHLO me").await?;
        assert!(line(&mut secure).await?.starts_with("250"));
        say(&mut secure, "DATA").await?;
        assert!(line(&mut secure).await?.starts_with("354"));
        say(&mut secure, "a few words").await?;
        say(&mut secure, ".").await?;
        assert!(line(&mut secure).await?.starts_with("250"));
        secure.shutdown().await?;
        assert_eq!(server.await??, "a few words");
        Ok(())
    })
}

/// Sends the command, and the beginning of the handshake with it.
async fn impatient_client(client: TcpStream, connector: TlsConnector) -> io::Result<()> {
    // The command is still in the buffer when the handshake begins, and so goes out in one packet with it.
    let mut plain = BufWriter::new(client);
    plain.write_all(b"STARTTLS\r\n").await?;
    let mut secure = connector.connect("localhost", plain).await?;
    secure.write_all(b"at last\r\n").await?;
    secure.close().await
}

fn a_hello_that_came_with_the_command_is_not_lost() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let (client, server) = common::pair().await?;
        let client = runtime::spawn(impatient_client(client, authority.connector()));
        let mut plain = BufReader::new(server);
        assert_eq!(line(&mut plain).await?, "STARTTLS");
        assert_eq!(plain.buffer().first(), Some(&22), "the hello is in the buffer");
        let mut secure = start_tls_server(&authority.acceptor(), plain).await?;
        assert_eq!(line(&mut secure).await?, "at last");
        client.await?
    })
}

fn a_hello_that_came_with_the_command_can_be_handed_over() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let (client, server) = common::pair().await?;
        let client = runtime::spawn(impatient_client(client, authority.connector()));
        let mut plain = BufReader::new(server);
        assert_eq!(line(&mut plain).await?, "STARTTLS");
        let unread = plain.buffer().to_vec();
        assert!(!unread.is_empty());
        let server = plain.into_inner();
        let mut secure = start_tls_server_with(&authority.acceptor(), unread, server).await?;
        assert_eq!(line(&mut secure).await?, "at last");
        client.await?
    })
}

fn readers_may_be_as_small_as_they_like() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let (client, server) = common::pair().await?;
        let (connector, acceptor) = (authority.connector(), authority.acceptor());
        let client = BufReader::with_capacity(7, client);
        let server = BufReader::with_capacity(1, server);
        let (mut client, mut server) = future::try_join(
            start_tls(&connector, "localhost", client),
            start_tls_server(&acceptor, server),
        )
        .await?;
        let sent = [b'x'; 100_000];
        let mut received = vec![0; sent.len()];
        future::try_join(client.write_all(&sent), server.read_exact(&mut received)).await?;
        future::try_join(server.write_all(&sent), client.read_exact(&mut received)).await?;
        assert!(received == sent);
        Ok(())
    })
}

fn what_a_server_says_in_plain_text_too_late_is_not_taken_for_encrypted() -> io::Result<()> {
    run(async {
        let connector = Authority::new().connector();
        let (client, _server) = common::pair().await?;
        let unread = "250 smuggled in behind the answer\r\n";
        let error = start_tls_with(&connector, "localhost", unread, client).await;
        assert_eq!(error.expect_err("that is no answer").kind(), ErrorKind::InvalidData);
        Ok(())
    })
}

fn the_first_bytes_may_have_been_read_one_by_one() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        for taken in [0, 1, 5, 50] {
            let (client, mut server) = common::pair().await?;
            let connector = authority.connector();
            let client = runtime::spawn(async move {
                let mut client = connector.connect("localhost", client).await?;
                client.write_all(b"hello\n").await?;
                client.close().await
            });
            let mut first = vec![0; taken];
            server.read_exact(&mut first).await?;
            let mut server = start_tls_server_with(&authority.acceptor(), first, server).await?;
            assert_eq!(line(&mut server).await?, "hello");
            client.await??;
        }
        Ok(())
    })
}

fn plain_text_that_is_smuggled_in_is_not_taken_for_encrypted() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let (client, server) = common::pair().await?;
        // Somebody on the way puts a command behind the client's own (CVE-2011-0411).
        let mut client = BufWriter::new(client);
        client.write_all(b"STARTTLS\r\nMAIL FROM:<mallory>\r\n").await?;
        let connector = authority.connector();
        let client = runtime::spawn(async move { connector.connect("localhost", client).await });
        let mut plain = BufReader::new(server);
        assert_eq!(line(&mut plain).await?, "STARTTLS");
        let error = start_tls_server(&authority.acceptor(), plain).await;
        assert_eq!(error.expect_err("that is no hello").kind(), ErrorKind::InvalidData);
        client.await?.expect_err("the server has refused");
        Ok(())
    })
}

fn a_refusal_leaves_the_plain_connection_as_it_is() -> io::Result<()> {
    run(async {
        let (client, server) = common::pair().await?;
        let mut server = BufReader::new(server);
        let mut client = BufReader::new(client);
        say(&mut client, "STARTTLS").await?;
        assert_eq!(line(&mut server).await?, "STARTTLS");
        say(&mut server, "454 not today").await?;
        assert_eq!(line(&mut client).await?, "454 not today");
        // A host that is no name is found out before the stream is touched, which can be lent for that.
        let connector = Authority::new().connector();
        let error = start_tls(&connector, "not a name", &mut client).await;
        assert_eq!(error.expect_err("that is no name").kind(), ErrorKind::InvalidInput);
        say(&mut client, "QUIT").await?;
        assert_eq!(line(&mut server).await?, "QUIT");
        Ok(())
    })
}
