//! Thousands of descriptors have callbacks, and each is called for itself.
#![cfg(target_os = "linux")]

mod support;

use std::cell::Cell;
use std::rc::Rc;

use runtime::Runtime;
use runtime::reactor::{add_reader, remove_reader};
use runtime::task::yield_now;
use rustix::event::{EventfdFlags, eventfd};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use support::fds::settled;

const MANY: usize = 5000;

#[test]
fn thousands_are_served_and_removed() {
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.unwrap_or(u64::MAX).min(MANY as u64 + 100);
    setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: limit.maximum }).unwrap();
    // What the system grants, but for a few that the loop and the test itself need.
    let many = MANY.min(wanted as usize - 50);

    let rt = Runtime::new().unwrap();
    rt.block_on(async {
        let total = Rc::new(Cell::new(0));
        let flags = EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK;
        let events: Vec<_> = (0..many).map(|_| Rc::new(eventfd(0, flags).unwrap())).collect();
        for source in &events {
            let (total, reading) = (total.clone(), source.clone());
            add_reader(&**source, move || {
                assert_eq!(rustix::io::read(&*reading, &mut [0; 8]), Ok(8));
                total.set(total.get() + 1);
            })
            .unwrap();
        }
        settled().await;
        assert_eq!(total.get(), 0);
        for round in 1..=3 {
            for source in &events {
                rustix::io::write(&**source, &1_u64.to_ne_bytes()).unwrap();
            }
            while total.get() < round * many {
                yield_now().await;
            }
            settled().await;
            assert_eq!(total.get(), round * many);
        }
        // One half is removed, the other is left to the end of the loop.
        for source in &events[..many / 2] {
            assert!(remove_reader(&**source));
            assert_eq!(Rc::strong_count(source), 1);
        }
    });
    drop(rt);
}
