//! `add_reader` and `add_writer` call a closure as long as a descriptor is ready, and not otherwise.
#![cfg(unix)]

mod support;

use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::rc::Rc;

use runtime::reactor::{AsyncFd, add_reader, add_writer, remove_reader, remove_writer};
use runtime::task::yield_now;
use support::DropLog;
use support::fds::{Count, fill, pair, read_byte, settled};
use support::selectors::{self, builder, on_each_selector, run};

on_each_selector!(
    a_reader_is_called_while_data_is_left_and_not_otherwise,
    a_callback_that_reads_nothing_is_called_again_but_lets_others_run,
    it_is_called_at_most_once_a_pass,
    a_writer_is_called_while_there_is_room_and_not_otherwise,
    a_descriptor_can_have_both,
    a_second_callback_replaces_the_first,
    removing_drops_the_callback_at_once,
    a_peer_that_hangs_up_calls_both,
    the_reader_of_a_pipe_hears_of_its_end,
    what_can_not_be_watched_is_an_error_and_the_callback_is_dropped,
    what_has_a_callback_can_not_be_registered,
    each_loop_has_its_own_callbacks,
    hundreds_of_descriptors_are_served_alike,
);

fn a_reader_is_called_while_data_is_left_and_not_otherwise() {
    run(async {
        let (ours, theirs) = pair();
        let ours = Rc::new(ours);
        let received = Rc::new(RefCell::new(Vec::new()));
        let (stream, bytes) = (ours.clone(), received.clone());
        add_reader(&*ours, move || bytes.borrow_mut().extend(read_byte(&stream))).unwrap();
        settled().await;
        assert!(received.borrow().is_empty());
        for text in ["one", "two", "three"] {
            (&theirs).write_all(text.as_bytes()).unwrap();
            while received.borrow().len() < text.len() {
                yield_now().await;
            }
            settled().await;
            assert_eq!(received.take(), text.as_bytes());
        }
        assert!(remove_reader(&*ours));
    });
}

fn a_callback_that_reads_nothing_is_called_again_but_lets_others_run() {
    run(async {
        let (ours, theirs) = pair();
        (&theirs).write_all(b"left alone").unwrap();
        let calls = Count::default();
        let counted = calls.clone();
        add_reader(&ours, move || counted.up()).unwrap();
        // Timers, tasks and other descriptors go on meanwhile.
        settled().await;
        while calls.get() < 10 {
            runtime::time::sleep(std::time::Duration::from_micros(1)).await;
        }
        assert!(remove_reader(&ours));
        let until_now = calls.get();
        settled().await;
        assert_eq!(calls.get(), until_now);
    });
}

fn it_is_called_at_most_once_a_pass() {
    run(async {
        let (ours, theirs) = pair();
        (&theirs).write_all(b"left alone").unwrap();
        let calls = Count::default();
        let counted = calls.clone();
        add_reader(&ours, move || counted.up()).unwrap();
        for _ in 0..1000 {
            let before = calls.get();
            yield_now().await;
            assert!(calls.get() - before <= 1);
        }
        assert!(calls.get() > 1);
    });
}

fn a_writer_is_called_while_there_is_room_and_not_otherwise() {
    run(async {
        let (ours, theirs) = pair();
        let calls = Count::default();
        let counted = calls.clone();
        fill(&ours);
        add_writer(&ours, move || counted.up()).unwrap();
        settled().await;
        assert_eq!(calls.get(), 0);
        while (&theirs).read(&mut [0; 4096]).is_ok() {}
        while calls.get() < 3 {
            yield_now().await;
        }
        fill(&ours);
        let until_now = calls.get();
        settled().await;
        // An event that came before there was no room left.
        assert!(calls.get() <= until_now + 1);
        let until_now = calls.get();
        settled().await;
        assert_eq!(calls.get(), until_now);
    });
}

fn a_descriptor_can_have_both() {
    run(async {
        let (ours, theirs) = pair();
        let ours = Rc::new(ours);
        let (reads, writes) = (Count::default(), Count::default());
        let (stream, counted) = (ours.clone(), reads.clone());
        add_reader(&*ours, move || {
            read_byte(&stream);
            counted.up();
        })
        .unwrap();
        let counted = writes.clone();
        add_writer(&*ours, move || counted.up()).unwrap();
        while writes.get() < 3 {
            yield_now().await;
        }
        assert_eq!(reads.get(), 0);
        (&theirs).write_all(b"x").unwrap();
        while reads.get() < 1 {
            yield_now().await;
        }
        // Each is removed by itself, and the other goes on.
        assert!(remove_writer(&*ours));
        let until_now = writes.get();
        (&theirs).write_all(b"yz").unwrap();
        while reads.get() < 3 {
            yield_now().await;
        }
        settled().await;
        assert_eq!((reads.get(), writes.get()), (3, until_now));
        let counted = writes.clone();
        add_writer(&*ours, move || counted.up()).unwrap();
        assert!(remove_reader(&*ours));
        while writes.get() < until_now + 2 {
            yield_now().await;
        }
        assert!(remove_writer(&*ours));
        assert!(!remove_writer(&*ours) && !remove_reader(&*ours));
    });
}

fn a_second_callback_replaces_the_first() {
    run(async {
        let (ours, theirs) = pair();
        let log = DropLog::new();
        let (first, second) = (Count::default(), Count::default());
        let (witness, counted) = (log.local_witness(), first.clone());
        add_reader(&ours, move || {
            let _witness = &witness;
            counted.up();
        })
        .unwrap();
        (&theirs).write_all(b"x").unwrap();
        while first.get() == 0 {
            yield_now().await;
        }
        let counted = second.clone();
        add_reader(&ours, move || counted.up()).unwrap();
        log.assert_dropped_here(1);
        let until_now = first.get();
        while second.get() < 2 {
            yield_now().await;
        }
        assert_eq!(first.get(), until_now);
        assert!(remove_reader(&ours));
        assert!(!remove_reader(&ours));
    });
}

fn removing_drops_the_callback_at_once() {
    let log = DropLog::new();
    run(async {
        let (ours, _theirs) = pair();
        let witness = log.local_witness();
        add_writer(&ours, move || {
            let _witness = &witness;
        })
        .unwrap();
        assert_eq!(log.count(), 0);
        assert!(remove_writer(&ours));
        log.assert_dropped_here(1);
    });
}

fn a_peer_that_hangs_up_calls_both() {
    run(async {
        let (ours, theirs) = pair();
        fill(&ours);
        let (reads, writes) = (Count::default(), Count::default());
        let (reader, writer) = (reads.clone(), writes.clone());
        add_reader(&ours, move || reader.up()).unwrap();
        add_writer(&ours, move || writer.up()).unwrap();
        settled().await;
        assert_eq!((reads.get(), writes.get()), (0, 0));
        drop(theirs);
        while reads.get() < 2 || writes.get() < 2 {
            yield_now().await;
        }
    });
}

fn the_reader_of_a_pipe_hears_of_its_end() {
    run(async {
        let (reader, writer) = rustix::pipe::pipe().unwrap();
        let calls = Count::default();
        let counted = calls.clone();
        add_reader(&reader, move || counted.up()).unwrap();
        settled().await;
        assert_eq!(calls.get(), 0);
        drop(writer);
        while calls.get() < 2 {
            yield_now().await;
        }
        assert!(remove_reader(&reader));
    });
}

fn what_can_not_be_watched_is_an_error_and_the_callback_is_dropped() {
    let log = DropLog::new();
    let refused = |fd: i32| {
        let witness = log.witness();
        add_reader(&fd, move || {
            let _witness = &witness;
        })
        .unwrap_err()
    };
    let outside = refused(0);
    assert!(outside.to_string().contains("there is no reactor running"), "{outside}");
    assert!(!remove_reader(&0));
    run(async {
        let registered = AsyncFd::new(pair().0).unwrap();
        assert_eq!(refused(registered.as_raw_fd()).kind(), io::ErrorKind::AlreadyExists);
        for nobody in [-1, i32::MAX] {
            let error = refused(nobody);
            assert_eq!(error.raw_os_error(), Some(rustix::io::Errno::BADF.raw_os_error()));
            assert!(!remove_reader(&nobody));
        }
    });
    log.assert_dropped_here(4);
}

fn what_has_a_callback_can_not_be_registered() {
    run(async {
        let (ours, theirs) = pair();
        let calls = Count::default();
        let counted = calls.clone();
        add_reader(&ours, move || counted.up()).unwrap();
        let error = AsyncFd::new(ours.as_fd()).map(drop).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        (&theirs).write_all(b"x").unwrap();
        while calls.get() < 2 {
            yield_now().await;
        }
        assert!(remove_reader(&ours));
        drop(AsyncFd::new(ours).unwrap().readable().await.unwrap());
    });
}

fn each_loop_has_its_own_callbacks() {
    let (ours, theirs) = pair();
    let (one, two) = (builder().build().unwrap(), builder().build().unwrap());
    let calls = [Count::default(), Count::default()];
    for (rt, count) in [&one, &two].into_iter().zip(&calls) {
        let (_entered, count) = (rt.enter(), count.clone());
        add_reader(&ours, move || count.up()).unwrap();
    }
    (&theirs).write_all(b"x").unwrap();
    one.block_on(async {
        while calls[0].get() < 2 {
            yield_now().await;
        }
        assert!(remove_reader(&ours));
        assert!(!remove_reader(&ours));
    });
    assert_eq!(calls[1].get(), 0);
    two.block_on(async {
        while calls[1].get() < 2 {
            yield_now().await;
        }
    });
    let until_now = calls[0].get();
    one.block_on(settled());
    assert_eq!(calls[0].get(), until_now);
}

fn hundreds_of_descriptors_are_served_alike() {
    run(async {
        let pairs: Vec<_> = (0..300).map(|_| pair()).collect();
        let calls: Vec<_> = pairs.iter().map(|_| Count::default()).collect();
        for ((ours, theirs), count) in pairs.iter().zip(&calls) {
            let count = count.clone();
            add_reader(ours, move || count.up()).unwrap();
            (&*theirs).write_all(b"left alone").unwrap();
        }
        while calls.iter().any(|count| count.get() < 3) {
            yield_now().await;
        }
        let most = calls.iter().map(Count::get).max();
        assert!(most <= Some(50), "some are called {most:?} times before all are three times");
        assert!(pairs.iter().all(|(ours, _)| remove_reader(ours)));
    });
}

#[cfg(target_os = "linux")]
#[test]
fn epoll_refuses_regular_files() {
    runtime::run(async {
        let file = std::fs::File::open("Cargo.toml").unwrap();
        let refused = add_reader(&file, || ()).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
        assert!(!remove_reader(&file));
    });
}

#[cfg(target_os = "linux")]
#[test]
fn an_eventfd_is_read_when_it_counts() {
    use rustix::event::{EventfdFlags, eventfd};

    for selector in [selectors::MIO, selectors::POLL] {
        selectors::on(selector, || {
            run(async {
                let events = Rc::new(eventfd(0, EventfdFlags::CLOEXEC).unwrap());
                let (total, source) = (Rc::new(RefCell::new(0)), events.clone());
                let sum = total.clone();
                // It blocks, and would block the loop if it were read in vain.
                add_reader(&*events, move || {
                    let mut count = [0; 8];
                    assert_eq!(rustix::io::read(&*source, &mut count), Ok(8));
                    *sum.borrow_mut() += u64::from_ne_bytes(count);
                })
                .unwrap();
                for number in 1..=10_u64 {
                    assert_eq!(rustix::io::write(&*events, &number.to_ne_bytes()), Ok(8));
                    while *total.borrow() < number * (number + 1) / 2 {
                        yield_now().await;
                    }
                    settled().await;
                }
                assert!(remove_reader(&*events));
            });
        });
    }
}
