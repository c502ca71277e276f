//! Addresses of Unix sockets: paths, abstract names, none.

#![cfg(unix)]

use std::io;

use runtime::net::{UnixListener, UnixStream};

mod common;

use common::folder::Folder;
use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    a_path_is_told_on_both_sides,
    a_pair_has_no_names,
    what_cannot_be_a_path_is_refused_with_the_path_and_the_limit,
    who_is_not_there_is_named,
    #[cfg(target_os = "linux")]
    abstract_names_round_trip_zeros_included,
    #[cfg(target_os = "linux")]
    the_peer_of_an_accept_may_be_a_path_or_an_abstract_name,
    #[cfg(target_os = "linux")]
    an_unnamed_address_gets_a_name_of_the_systems_choice,
);

fn a_path_is_told_on_both_sides() -> io::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path("s");
    run(async {
        let listener = UnixListener::bind(&path)?;
        assert_eq!(listener.local_addr()?.as_pathname(), Some(&*path));
        let client = UnixStream::connect(&path).await?;
        let (server, peer) = listener.accept().await?;
        assert!(peer.is_unnamed(), "{peer:?}");
        assert!(client.local_addr()?.is_unnamed());
        assert_eq!(client.peer_addr()?.as_pathname(), Some(&*path));
        assert_eq!(server.local_addr()?.as_pathname(), Some(&*path));
        assert!(server.peer_addr()?.is_unnamed());
        Ok(())
    })
}

fn a_pair_has_no_names() -> io::Result<()> {
    run(async {
        let (one, other) = UnixStream::pair()?;
        assert!(one.local_addr()?.is_unnamed() && other.peer_addr()?.is_unnamed());
        Ok(())
    })
}

fn what_cannot_be_a_path_is_refused_with_the_path_and_the_limit() -> io::Result<()> {
    run(async {
        let long = format!("/tmp/{}", "x".repeat(200));
        for error in [
            UnixListener::bind(&long).expect_err("too long"),
            UnixStream::connect(&long).await.expect_err("too long"),
        ] {
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
            let text = error.to_string();
            assert!(text.contains(&long) && text.contains("has 205 bytes"), "{text}");
            #[cfg(target_os = "linux")]
            assert!(text.contains("takes 107 at most"), "{text}");
        }
        for path in ["", "a\0b", "\0abstract"] {
            let error = UnixListener::bind(path).expect_err("no path");
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
            let error = UnixStream::connect(path).await.expect_err("no path");
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        }
        Ok(())
    })
}

fn who_is_not_there_is_named() -> io::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path("s");
    run(async {
        let error = UnixStream::connect(&path).await.expect_err("no file");
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(error.to_string().contains(path.to_str().expect("ASCII")), "{error}");
        drop(UnixListener::bind(&path)?);
        let error = UnixStream::connect(&path).await.expect_err("nobody listens");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        std::fs::remove_file(&path)?;
        std::fs::write(&path, "a file")?;
        let error = UnixStream::connect(&path).await.expect_err("no socket");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        let error = UnixListener::bind(folder.path("no/such/folder")).expect_err("no folder");
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        Ok(())
    })
}

/// Names of this process and test, so that nobody else can have taken them.
#[cfg(target_os = "linux")]
fn abstract_address(name: &[u8]) -> io::Result<runtime::net::unix::SocketAddr> {
    use std::os::linux::net::SocketAddrExt;

    let module = selectors::choice().module;
    let prefix = format!("{} {module} ", std::process::id());
    runtime::net::unix::SocketAddr::from_abstract_name([prefix.as_bytes(), name].concat())
}

#[cfg(target_os = "linux")]
fn abstract_names_round_trip_zeros_included() -> io::Result<()> {
    use std::os::linux::net::SocketAddrExt;

    run(async {
        for name in [&b"plain"[..], b"\0leading", b"in\0side", b"trailing\0\0", b"\xff\xfe"] {
            let address = abstract_address(name)?;
            let listener = UnixListener::bind_addr(&address)?;
            let client = UnixStream::connect_addr(&address).await?;
            let (server, _) = listener.accept().await?;
            for told in [listener.local_addr()?, client.peer_addr()?, server.local_addr()?] {
                assert_eq!(told.as_abstract_name(), address.as_abstract_name());
            }
        }
        // A name that differs in a trailing zero only is another.
        let _listener = UnixListener::bind_addr(&abstract_address(b"other")?)?;
        let error = UnixStream::connect_addr(&abstract_address(b"other\0")?).await;
        let error = error.expect_err("nobody has that name");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        let error = UnixListener::bind_addr(&abstract_address(b"other")?).expect_err("taken");
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        Ok(())
    })
}

#[cfg(target_os = "linux")]
fn the_peer_of_an_accept_may_be_a_path_or_an_abstract_name() -> io::Result<()> {
    use std::ffi::OsStr;
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::ffi::OsStrExt;

    use socket2::{Domain, SockAddr, Socket, Type};

    let folder = Folder::new()?;
    let (path, own) = (folder.path("s"), folder.path("client"));
    run(async {
        let listener = UnixListener::bind(&path)?;
        let client = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        client.bind(&SockAddr::unix(&own)?)?;
        client.connect(&SockAddr::unix(&path)?)?;
        let (stream, peer) = listener.accept().await?;
        assert_eq!(peer.as_pathname(), Some(&*own));
        assert_eq!(stream.peer_addr()?.as_pathname(), Some(&*own));

        let name = abstract_address(b"cli\0ent\0")?;
        let name = name.as_abstract_name().expect("abstract");
        let client = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        client.bind(&SockAddr::unix(OsStr::from_bytes(&[b"\0", name].concat()))?)?;
        client.connect(&SockAddr::unix(&path)?)?;
        let (_, peer) = listener.accept().await?;
        assert_eq!(peer.as_abstract_name(), Some(name));
        Ok(())
    })
}

#[cfg(target_os = "linux")]
fn an_unnamed_address_gets_a_name_of_the_systems_choice() -> io::Result<()> {
    use std::os::linux::net::SocketAddrExt;

    run(async {
        let unnamed = runtime::net::unix::SocketAddr::from_pathname("")?;
        let listener = UnixListener::bind_addr(&unnamed)?;
        let chosen = listener.local_addr()?;
        assert_eq!(chosen.as_abstract_name().map(<[u8]>::len), Some(5));
        UnixStream::connect_addr(&chosen).await?;
        Ok(())
    })
}
