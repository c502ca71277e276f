//! Many children.
//!
//! One test, alone in its process: it counts children and descriptors.

#![cfg(target_os = "linux")]

use std::io;
use std::process::Stdio;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use runtime::process::{Child, Command};

mod common;

use common::selectors::{on, run};
use common::watchers::ALL;

const AT_ONCE: usize = 1000;
const SHORT: usize = 500;

#[test]
fn no_child_and_no_descriptor_is_left_of_many() -> io::Result<()> {
    for watcher in ALL {
        println!("{}", watcher.module);
        on(watcher, come_and_go)?;
    }
    Ok(())
}

fn come_and_go() -> io::Result<()> {
    run(async {
        Command::new("true").status().await?;
        let before = common::descriptors()?;
        at_once().await?;
        one_after_the_other().await?;
        assert_eq!(common::descriptors()?, before);
        io::Result::Ok(())
    })?;
    assert_eq!(common::children()?, []);
    Ok(())
}

/// They all wait for the end of one pipe.
async fn at_once() -> io::Result<()> {
    let mut gate = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let entrance = gate.stdout.take().expect("it is piped").into_owned_fd()?;
    let mut children: Vec<Child> = Vec::new();
    for number in 0..AT_ONCE {
        let line = format!("read line; exit {}", number % 100);
        let mut command = Command::shell(line);
        children.push(command.stdin(entrance.try_clone()?).spawn()?);
    }
    drop(entrance);
    assert!(common::children()?.len() > AT_ONCE);
    assert!(gate.wait().await?.success());
    let mut ends: FuturesUnordered<_> = children
        .iter_mut()
        .enumerate()
        .map(|(number, child)| async move { io::Result::Ok((number, child.wait().await?)) })
        .collect();
    let mut count = 0;
    while let Some(end) = ends.next().await {
        let (number, status) = end?;
        assert_eq!(status.code(), Some((number % 100) as i32));
        count += 1;
    }
    assert_eq!(count, AT_ONCE);
    Ok(())
}

async fn one_after_the_other() -> io::Result<()> {
    let mut command = Command::new("true");
    for _ in 0..SHORT {
        assert!(command.status().await?.success());
    }
    Ok(())
}
