//! A group for which there are not descriptors enough. The limit belongs to the process, so this test is
//! alone.
#![cfg(unix)]

use std::io;
use std::sync::Arc;

use runtime::LoopGroup;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

#[test]
fn a_lack_of_descriptors_is_an_error_and_leaves_no_thread() -> io::Result<()> {
    let maximum = getrlimit(Resource::Nofile).maximum;
    let limit = |current| setrlimit(Resource::Nofile, Rlimit { current: Some(current), maximum });
    limit(24)?;
    let witness = Arc::new(());
    let kept = witness.clone();
    let group = LoopGroup::builder().loops(64).configure(move |_, builder| {
        let _ = &kept;
        builder
    });
    let error = group.build().expect_err("64 loops need more than 24 descriptors");
    assert_eq!(error.raw_os_error(), Some(rustix::io::Errno::MFILE.raw_os_error()), "{error}");
    assert_eq!(Arc::strong_count(&witness), 1);

    limit(256)?;
    // What they had is there again.
    let group = LoopGroup::builder().loops(4).build()?;
    assert_eq!(group.run(|_| async {}).len(), 4);
    Ok(())
}
