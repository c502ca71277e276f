//! The files of listeners: which are replaced, which are removed, and which are left alone.

#![cfg(unix)]

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::os::unix::net;

use futures::FutureExt;
use runtime::net::{UnixListener, UnixStream};

mod common;

use common::folder::Folder;
use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    the_file_is_removed_on_request_only,
    a_file_that_has_taken_the_place_is_left_alone,
    a_stale_socket_is_replaced,
    a_live_listener_is_not_replaced_and_not_disturbed,
    a_socket_that_does_not_listen_yet_is_not_replaced,
    a_datagram_socket_is_not_replaced,
    a_file_of_another_kind_is_not_replaced,
    a_listener_given_away_leaves_its_file,
    a_relative_path_means_the_same_file_to_the_end,
);

fn the_file_is_removed_on_request_only() -> io::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path("s");
    run(async {
        drop(UnixListener::bind(&path)?);
        assert!(path.exists());
        drop(UnixListener::bind(&path)?.unlink_on_drop(true).unlink_on_drop(false));
        assert!(path.exists());
        let listener = UnixListener::bind(&path)?.unlink_on_drop(true);
        // Changing the permissions makes it no other file.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        drop(listener);
        assert!(!path.exists());
        Ok(())
    })
}

fn a_file_that_has_taken_the_place_is_left_alone() -> io::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path("s");
    run(async {
        let listener = UnixListener::bind(&path)?.unlink_on_drop(true);
        fs::remove_file(&path)?;
        let other = net::UnixListener::bind(&path)?;
        drop(listener);
        assert!(UnixStream::connect(&path).await.is_ok());
        drop(other);

        let listener = UnixListener::bind(&path)?.unlink_on_drop(true);
        fs::remove_file(&path)?;
        fs::write(&path, "precious")?;
        drop(listener);
        assert_eq!(fs::read_to_string(&path)?, "precious");
        Ok(())
    })
}

fn a_stale_socket_is_replaced() -> io::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path("s");
    drop(net::UnixListener::bind(&path)?);
    assert!(fs::symlink_metadata(&path)?.file_type().is_socket());
    run(async {
        let listener = UnixListener::bind(&path)?;
        let _client = UnixStream::connect(&path).await?;
        listener.accept().await?;
        Ok(())
    })
}

fn a_live_listener_is_not_replaced_and_not_disturbed() -> io::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path("s");
    run(async {
        let listener = UnixListener::bind(&path)?;
        let error = UnixListener::bind(&path).expect_err("in use");
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        assert!(error.to_string().contains(path.to_str().expect("ASCII")), "{error}");
        // Looking whether it is alive has not connected to it.
        assert!(listener.accept().now_or_never().is_none());
        let _client = UnixStream::connect(&path).await?;
        listener.accept().await?;
        Ok(())
    })
}

fn a_socket_that_does_not_listen_yet_is_not_replaced() -> io::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path("s");
    let bound = socket2::Socket::new(socket2::Domain::UNIX, socket2::Type::STREAM, None)?;
    bound.bind(&socket2::SockAddr::unix(&path)?)?;
    run(async {
        let error = UnixListener::bind(&path).expect_err("in use");
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        Ok(())
    })
}

fn a_datagram_socket_is_not_replaced() -> io::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path("s");
    let datagrams = net::UnixDatagram::bind(&path)?;
    run(async {
        let error = UnixListener::bind(&path).expect_err("in use");
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        // Nor has anything been sent to it.
        datagrams.set_nonblocking(true)?;
        let error = datagrams.recv(&mut [0]).expect_err("empty");
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        Ok(())
    })
}

fn a_file_of_another_kind_is_not_replaced() -> io::Result<()> {
    let folder = Folder::new()?;
    let (file, link, subfolder) = (folder.path("f"), folder.path("l"), folder.path("d"));
    fs::write(&file, "precious")?;
    drop(net::UnixListener::bind(folder.path("stale"))?);
    symlink(folder.path("stale"), &link)?;
    fs::create_dir(&subfolder)?;
    run(async {
        for path in [&file, &link, &subfolder] {
            let error = UnixListener::bind(path).expect_err("in the way");
            assert_eq!(error.kind(), io::ErrorKind::AddrInUse, "{error}");
        }
        Ok::<_, io::Error>(())
    })?;
    assert_eq!(fs::read_to_string(&file)?, "precious");
    assert!(fs::symlink_metadata(&link)?.file_type().is_symlink() && subfolder.is_dir());
    Ok(())
}

fn a_listener_given_away_leaves_its_file() -> io::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path("s");
    run(async {
        let listener = UnixListener::bind(&path)?.unlink_on_drop(true);
        let listener = listener.into_std()?;
        assert!(path.exists());
        let listener = UnixListener::from_std(listener)?.unlink_on_drop(true);
        drop(listener);
        assert!(path.exists());
        Ok(())
    })
}

fn a_relative_path_means_the_same_file_to_the_end() -> io::Result<()> {
    let folder = Folder::new()?;
    let here = std::env::current_dir()?;
    let path = folder.path("s");
    // As many steps up as it takes; changing the directory would change it for the tests beside this one.
    let mut relative: std::path::PathBuf = here.components().skip(1).map(|_| "..").collect();
    relative.extend(path.components().skip(1));
    if relative.as_os_str().len() > 100 {
        println!("skipped: the working directory is too deep for the path of a socket");
        return Ok(());
    }
    run(async {
        let listener = UnixListener::bind(&relative)?.unlink_on_drop(true);
        assert!(path.exists());
        drop(listener);
        assert!(!path.exists());
        Ok(())
    })
}
