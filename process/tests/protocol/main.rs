//! Children by callbacks.
#![cfg(unix)]

#[path = "../common/mod.rs"]
mod common;
mod recorder;

use std::cell::RefCell;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Stdio;
use std::rc::Rc;

use runtime::process::Command;
use runtime::process::protocol::{subprocess_exec, subprocess_shell};
use runtime::task::yield_now;

use common::selectors::{self, builder, run};
use common::watchers::on_each_watcher;
use recorder::Log;

on_each_watcher!(
    a_child_is_heard_from_beginning_to_end,
    a_child_is_talked_to,
    what_the_command_says_of_its_streams_holds,
    a_command_that_fails_calls_nothing,
    closing_kills_the_child,
    a_close_in_connection_made_ends_it,
    signals_end_the_child,
    a_pipe_outlives_the_child_that_handed_it_on,
    a_child_that_closes_its_input_is_noticed,
    input_that_nobody_reads_is_an_error,
    input_that_waits_to_be_written_can_be_given_up,
    what_makes_no_sense_for_a_pipe_panics,
    a_closed_output_is_read_no_more,
    reading_can_be_paused,
    what_there_is_room_for_is_written_at_once,
    a_write_that_fails_closes_the_input,
    writing_pauses_above_the_mark_and_resumes_below,
    without_transports_the_input_is_closed,
    a_callback_that_panics_ends_the_child,
    a_closing_loop_is_the_end,
    a_lot_passes_in_both_directions,
);

fn a_child_is_heard_from_beginning_to_end() -> io::Result<()> {
    run(async {
        let log = Log::new();
        let transport = subprocess_shell(|| log.protocol(), "echo out; echo err >&2; exit 3")?;
        assert_eq!(log.events(), ["made"]);
        assert_eq!(transport.returncode(), None);
        assert_eq!(log.end().await, "lost");
        let mut events = log.events();
        events.sort();
        let expected = ["data 1", "data 2", "exited", "lost", "made"];
        assert_eq!(events[..5], expected);
        assert_eq!(events[5..], ["pipe 0 lost", "pipe 1 lost", "pipe 2 lost"]);
        assert_eq!((log.received(1), log.received(2)), (b"out\n".to_vec(), b"err\n".to_vec()));
        assert_eq!(transport.returncode(), Some(3));
        assert!(transport.pid() > 0 && transport.is_closing());
        Ok(())
    })
}

fn a_child_is_talked_to() -> io::Result<()> {
    run(async {
        let log = Log::new().reacting(|event, transport| {
            let stdin = transport.pipe_transport(0).expect("it is piped");
            match event {
                "made" => stdin.write(b"ping"),
                "data 1" => stdin.write_eof(),
                _ => {}
            }
        });
        let transport = subprocess_exec(|| log.protocol(), &mut Command::new("cat"))?;
        assert_eq!(log.end().await, "lost");
        assert_eq!(log.received(1), b"ping");
        assert_eq!(transport.returncode(), Some(0));
        Ok(())
    })
}

fn what_the_command_says_of_its_streams_holds() -> io::Result<()> {
    run(async {
        let log = Log::new();
        let mut command = Command::shell("cat; echo lost; echo found >&2");
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let transport = subprocess_exec(|| log.protocol(), &mut command)?;
        assert!(transport.pipe_transport(0).is_none() && transport.pipe_transport(1).is_none());
        assert_eq!(transport.pipe_transport(2).map(|pipe| pipe.fd()), Some(2));
        assert!(transport.pipe_transport(3).is_none() && transport.pipe_transport(-1).is_none());
        log.end().await;
        assert_eq!((log.received(1), log.received(2)), (vec![], b"found\n".to_vec()));
        assert_eq!(log.count("pipe 0 lost") + log.count("pipe 1 lost"), 0);
        Ok(())
    })
}

fn a_command_that_fails_calls_nothing() {
    run(async {
        let log = Log::new();
        let failed = subprocess_exec(|| log.protocol(), &mut Command::new("no/such/program"));
        assert_eq!(failed.expect_err("there is none").kind(), io::ErrorKind::NotFound);
        yield_now().await;
        assert!(log.events().is_empty());
    });
}

fn closing_kills_the_child() -> io::Result<()> {
    run(async {
        let log = Log::new();
        let transport = subprocess_shell(|| log.protocol(), "trap '' TERM; cat")?;
        transport.pipe_transport(0).expect("it is piped").write(&[0; 1 << 20]);
        transport.close();
        assert!(transport.is_closing());
        assert_eq!(log.end().await, "lost");
        assert_eq!(log.events()[..4], ["made", "pipe 0 lost", "pipe 1 lost", "pipe 2 lost"]);
        assert_eq!(transport.returncode(), Some(-9));
        Ok(())
    })
}

fn a_close_in_connection_made_ends_it() -> io::Result<()> {
    run(async {
        let log = Log::new().reacting(|event, transport| {
            if event == "made" {
                transport.close();
            }
        });
        subprocess_exec(|| log.protocol(), &mut Command::new("cat"))?;
        assert_eq!(log.end().await, "lost");
        assert_eq!(log.count("exited"), 1);
        Ok(())
    })
}

fn signals_end_the_child() -> io::Result<()> {
    run(async {
        let signals: [(i32, fn(&runtime::process::protocol::SubprocessTransport) -> _); 3] = [
            (-9, |transport| transport.kill()),
            (-15, |transport| transport.terminate()),
            (-2, |transport| transport.send_signal(2)),
        ];
        for (code, signal) in signals {
            let log = Log::new();
            let transport = subprocess_exec(|| log.protocol(), &mut Command::new("cat"))?;
            signal(&transport)?;
            assert_eq!(log.end().await, "lost");
            assert_eq!(transport.returncode(), Some(code));
            // There is nobody left to be hit.
            signal(&transport)?;
        }
        Ok(())
    })
}

fn a_pipe_outlives_the_child_that_handed_it_on() -> io::Result<()> {
    run(async {
        let log = Log::new();
        // The grandchild says something when its input ends, the child is gone by then.
        let line = "exec 3<&0; (cat <&3; echo late) & exit 0";
        let transport = subprocess_shell(|| log.protocol(), line)?;
        log.until(|log| log.count("exited") == 1).await;
        assert_eq!(transport.returncode(), Some(0));
        let stdin = transport.pipe_transport(0).expect("it is piped");
        assert!(!stdin.is_closing());
        stdin.write(b"and ");
        stdin.write_eof();
        assert_eq!(log.end().await, "lost");
        assert_eq!(log.received(1), b"and late\n");
        Ok(())
    })
}

fn a_child_that_closes_its_input_is_noticed() -> io::Result<()> {
    run(async {
        let log = Log::new();
        let transport = subprocess_shell(|| log.protocol(), "exec <&-; exec sleep 1000")?;
        log.until(|log| log.count("pipe 0 lost") == 1).await;
        assert_eq!(transport.returncode(), None);
        assert!(transport.pipe_transport(0).expect("it was piped").is_closing());
        transport.kill()?;
        assert_eq!(log.end().await, "lost");
        Ok(())
    })
}

fn input_that_nobody_reads_is_an_error() -> io::Result<()> {
    run(async {
        let log = Log::new();
        let transport = subprocess_exec(|| log.protocol(), &mut Command::new("true"))?;
        transport.pipe_transport(0).expect("it is piped").write(&[0; 1 << 20]);
        assert_eq!(log.end().await, "lost");
        assert_eq!(log.count("pipe 0 lost: BrokenPipe"), 1);
        Ok(())
    })
}

fn input_that_waits_to_be_written_can_be_given_up() -> io::Result<()> {
    run(async {
        let log = Log::new();
        let transport = subprocess_exec(|| log.protocol(), Command::new("sleep").arg("1000"))?;
        let stdin = transport.pipe_transport(0).expect("it is piped");
        stdin.write(&[0; 1 << 20]);
        stdin.write_eof();
        // The child does not read, and there is nothing more to be heard of the pipe by itself.
        for _ in 0..10 {
            yield_now().await;
        }
        assert_eq!(log.count("pipe 0 lost"), 0);
        stdin.abort();
        assert_eq!(stdin.write_buffer_size(), 0);
        log.until(|log| log.count("pipe 0 lost") == 1).await;
        stdin.abort();
        transport.pipe_transport(1).expect("it is piped").abort();
        log.until(|log| log.count("pipe 1 lost") == 1).await;
        transport.kill()?;
        assert_eq!(log.end().await, "lost");
        Ok(())
    })
}

fn what_makes_no_sense_for_a_pipe_panics() -> io::Result<()> {
    run(async {
        let log = Log::new();
        let transport = subprocess_exec(|| log.protocol(), &mut Command::new("cat"))?;
        let pipe = |fd| transport.pipe_transport(fd).expect("it is piped");
        let panics = |call: &dyn Fn()| catch_unwind(AssertUnwindSafe(call)).is_err();
        for fd in [1, 2] {
            assert!(panics(&|| pipe(fd).write(b"?")) && panics(&|| pipe(fd).write_eof()));
            assert!(panics(&|| pipe(fd).set_write_buffer_limits(None, None)));
            assert_eq!((pipe(fd).write_buffer_size(), pipe(fd).is_writing_paused()), (0, false));
            assert!(pipe(fd).is_reading() && !pipe(fd).is_closing());
        }
        assert!(panics(&|| pipe(0).pause_reading()) && panics(&|| pipe(0).resume_reading()));
        assert!(!pipe(0).is_reading());
        // None of it has changed anything.
        pipe(0).write(b"as before");
        pipe(0).write_eof();
        assert_eq!(log.end().await, "lost");
        assert_eq!(log.received(1), b"as before");
        Ok(())
    })
}

fn a_closed_output_is_read_no_more() -> io::Result<()> {
    run(async {
        let log = Log::new().reacting(|event, transport| {
            if event == "data 1" {
                transport.pipe_transport(1).expect("it is piped").close();
            }
        });
        let transport = subprocess_exec(|| log.protocol(), &mut Command::new("yes"))?;
        assert_eq!(log.end().await, "lost");
        assert_eq!((log.count("data 1"), log.count("pipe 1 lost")), (1, 1));
        assert!(!transport.pipe_transport(1).expect("it was piped").is_reading());
        assert!(transport.returncode().is_some_and(|code| code != 0));
        Ok(())
    })
}

fn reading_can_be_paused() -> io::Result<()> {
    run(async {
        let log = Log::new().reacting(|event, transport| {
            let stdout = transport.pipe_transport(1).expect("it is piped");
            match event {
                "made" => stdout.pause_reading(),
                "exited" => stdout.resume_reading(),
                _ => {}
            }
        });
        let mut command = Command::new("echo");
        let transport = subprocess_exec(|| log.protocol(), command.arg("hello"))?;
        assert!(!transport.pipe_transport(1).expect("it is piped").is_reading());
        assert_eq!(log.end().await, "lost");
        let events = log.events();
        let place = |event| events.iter().position(|other| other == event);
        assert!(place("exited") < place("data 1"), "{events:?}");
        assert_eq!(log.received(1), b"hello\n");
        Ok(())
    })
}

fn what_there_is_room_for_is_written_at_once() -> io::Result<()> {
    run(async {
        let log = Log::new().reacting(|event, transport| {
            if event == "made" {
                let stdin = transport.pipe_transport(0).expect("it is piped");
                stdin.write(b"first, ");
                assert_eq!(stdin.write_buffer_size(), 0);
            }
        });
        let transport = subprocess_exec(|| log.protocol(), &mut Command::new("cat"))?;
        let stdin = transport.pipe_transport(0).expect("it is piped");
        stdin.write(b"second");
        assert_eq!(stdin.write_buffer_size(), 0);
        // No turn of the loop has come in between, and now there is no room.
        stdin.write(&[b'.'; 1 << 20]);
        let left = stdin.write_buffer_size();
        assert!(left > 0);
        stdin.write(b"last");
        assert_eq!(stdin.write_buffer_size(), left + 4);
        stdin.write_eof();
        assert_eq!(log.end().await, "lost");
        let received = log.received(1);
        assert!(received.starts_with(b"first, second.") && received.ends_with(b".last"));
        assert_eq!(received.len(), 7 + 6 + (1 << 20) + 4);
        Ok(())
    })
}

fn a_write_that_fails_closes_the_input() -> io::Result<()> {
    run(async {
        let log = Log::new();
        let transport = subprocess_shell(|| log.protocol(), "exec <&-; echo; exec sleep 1000")?;
        let stdin = transport.pipe_transport(0).expect("it is piped");
        // Nobody but the child has the other end, yet a program that another test starts may, for a moment.
        while !stdin.is_closing() {
            stdin.write(b"?");
            yield_now().await;
        }
        stdin.write(b"thrown away");
        assert_eq!(stdin.write_buffer_size(), 0);
        transport.kill()?;
        assert_eq!(log.end().await, "lost");
        Ok(())
    })
}

fn writing_pauses_above_the_mark_and_resumes_below() -> io::Result<()> {
    run(async {
        let log = Log::new();
        // It reads when it is told to.
        let transport = subprocess_shell(
            || log.protocol(),
            "trap 'cat >/dev/null; exit' USR1; echo; while :; do sleep 0.01; done",
        )?;
        log.until(|log| log.count("data 1") == 1).await;
        let stdin = transport.pipe_transport(0).expect("it is piped");
        stdin.set_write_buffer_limits(Some(1000), None);
        stdin.write(&[0; 1 << 20]);
        assert!(stdin.is_writing_paused() && stdin.write_buffer_size() > 0);
        log.until(|log| log.count("pause") == 1).await;
        assert_eq!(log.count("resume"), 0);
        transport.send_signal(rustix::process::Signal::USR1.as_raw())?;
        log.until(|log| log.count("resume") == 1).await;
        assert!(stdin.write_buffer_size() <= 250);
        stdin.write_eof();
        assert_eq!(log.end().await, "lost");
        assert_eq!((log.count("pause"), log.count("resume")), (1, 1));
        Ok(())
    })
}

fn without_transports_the_input_is_closed() -> io::Result<()> {
    run(async {
        let log = Log::new();
        let transport = subprocess_exec(|| log.protocol(), &mut Command::new("cat"))?;
        let stdin = transport.pipe_transport(0).expect("it is piped");
        drop(transport);
        log.forget_transport();
        stdin.write(b"last words");
        drop(stdin);
        assert_eq!(log.end().await, "lost");
        assert_eq!(log.received(1), b"last words");
        Ok(())
    })
}

fn a_callback_that_panics_ends_the_child() -> io::Result<()> {
    let told = Rc::new(RefCell::new(Vec::new()));
    let heard = told.clone();
    let builder = builder().exception_handler(move |context| {
        heard.borrow_mut().push(context.message().to_owned());
    });
    builder.build()?.block_on(async {
        for callback in ["made", "data 1", "pipe 0 lost", "exited"] {
            let log = Log::new().reacting(move |event, transport| {
                assert!(event != callback, "as it should");
                if event == "made" {
                    transport.pipe_transport(0).expect("it is piped").write(b"?");
                }
                if event == "data 1" {
                    transport.pipe_transport(0).expect("it is piped").write_eof();
                }
            });
            subprocess_exec(|| log.protocol(), &mut Command::new("cat"))?;
            assert_eq!(log.end().await, "lost: Other", "{callback}");
        }
        assert_eq!(told.borrow().len(), 4);
        assert!(told.borrow()[0].contains("connection_made"), "{told:?}");
        Ok(())
    })
}

fn a_closing_loop_is_the_end() -> io::Result<()> {
    let log = Log::new();
    let runtime = builder().build()?;
    runtime.block_on(async {
        let mut command = Command::new("cat");
        subprocess_exec(|| log.protocol(), command.kill_on_drop(true)).map(drop)
    })?;
    runtime.close().map_err(io::Error::other)?;
    let lost = |fd| format!("pipe {fd} lost: ConnectionAborted");
    let expected = ["made".into(), lost(0), lost(1), lost(2), "lost: ConnectionAborted".into()];
    assert_eq!(log.events(), expected);
    Ok(())
}

fn a_lot_passes_in_both_directions() -> io::Result<()> {
    run(async {
        let log = Log::new();
        let data: Vec<u8> = (0_u32..1 << 20).flat_map(u32::to_ne_bytes).collect();
        let transport = subprocess_exec(|| log.protocol(), &mut Command::new("cat"))?;
        let stdin = transport.pipe_transport(0).expect("it is piped");
        stdin.write(&data);
        stdin.write_eof();
        assert_eq!(log.end().await, "lost");
        assert!(log.received(1) == data);
        Ok(())
    })
}
