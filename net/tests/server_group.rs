//! A server on each loop of a group, all on one address.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use futures::AsyncWriteExt;
use runtime::LoopGroup;
use runtime::group::GroupHandle;
use runtime::net::Server;
use runtime::net::server::ServerHandle;

mod common;

use common::selectors::{self, on_each_selector};

on_each_selector!(every_loop_serves_and_one_thread_ends_them_all,);

const LONG: Duration = Duration::from_secs(600);

/// More than chance needs to find every server.
const MANY: usize = 10_000;

async fn serve(address: SocketAddr) -> io::Result<(ServerHandle, SocketAddr)> {
    let server = Server::builder()
        .bind_addr(address)
        .reuse_port(true)
        .serve(async |mut stream, _| {
            let index = GroupHandle::index().expect("a loop of the group runs this");
            stream.write_all(&[index as u8]).await
        })
        .await?;
    let (handle, address) = (server.handle(), server.local_addrs()[0]);
    // The task keeps it.
    drop(runtime::spawn(async move { server.serve_forever().await }));
    Ok((handle, address))
}

fn every_loop_serves_and_one_thread_ends_them_all() -> io::Result<()> {
    let choice = selectors::choice();
    let group = LoopGroup::builder()
        .loops(3)
        .configure(move |_index, builder| choice.set_up(builder))
        .build()?;
    let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
    let first = group.handle(0).spawn_local(move || serve(anywhere));
    let (first, address) = futures::executor::block_on(first).expect("no panic")?;
    let others = group.run(move |index| async move {
        if index == 0 { Ok(None) } else { serve(address).await.map(Some) }
    });
    let mut servers = vec![first];
    for other in others {
        servers.extend(other.expect("no panic")?.map(|(handle, _)| handle));
    }
    assert_eq!(servers.len(), 3);

    let mut reached = BTreeSet::new();
    for _ in 0..MANY {
        let mut index = [0];
        TcpStream::connect(address)?.read_exact(&mut index)?;
        reached.insert(index[0]);
        if reached.len() == 3 {
            break;
        }
    }
    assert_eq!(reached.into_iter().collect::<Vec<_>>(), [0, 1, 2]);

    servers.iter().for_each(ServerHandle::close);
    for server in &servers {
        let report = futures::executor::block_on(server.wait_closed(None));
        assert!(report.ended_well(), "{report}");
    }
    assert!(TcpStream::connect(address).is_err());
    assert!(group.shutdown(LONG).ended_well());
    Ok(())
}
