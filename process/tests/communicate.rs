//! Input and output of a child as a whole.

#![cfg(unix)]

use std::io;
use std::process::Stdio;

use futures::poll;
use runtime::process::Command;

mod common;

use common::selectors::{self, run};
use common::shell_that_says;
use common::watchers::on_each_watcher;

on_each_watcher!(
    huge_outputs_come_by_both_pipes_at_once,
    huge_input_goes_in_while_huge_output_comes_out,
    a_child_that_reads_nothing_is_no_error,
    a_child_that_reads_some_of_it_is_no_error,
    input_needs_a_pipe,
    what_is_not_piped_comes_out_empty,
    output_is_captured_and_input_is_empty_by_default,
    output_heeds_what_was_said,
    a_command_runs_again_as_it_was,
    output_after_the_childs_end_is_not_lost,
    cancelling_leaves_the_child_and_the_rest_of_its_output,
);

const HUGE: usize = 4 << 20;

fn piped(line: &str) -> Command {
    let mut command = Command::shell(line);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn huge_outputs_come_by_both_pipes_at_once() -> io::Result<()> {
    run(async {
        let line = format!("head -c {HUGE} /dev/zero >&2 & head -c {HUGE} /dev/zero; wait; exit 9");
        let output = piped(&line).spawn()?.wait_with_output().await?;
        assert_eq!((output.stdout.len(), output.stderr.len()), (HUGE, HUGE));
        assert_eq!(output.status.code(), Some(9));
        Ok(())
    })
}

fn huge_input_goes_in_while_huge_output_comes_out() -> io::Result<()> {
    run(async {
        let input: Vec<u8> = (0..HUGE).map(|n| (n % 251) as u8).collect();
        let output = piped("tee /dev/stderr").spawn()?.communicate(&input).await?;
        assert!(output.stdout == input && output.stderr == input);
        Ok(())
    })
}

fn a_child_that_reads_nothing_is_no_error() -> io::Result<()> {
    run(async {
        let output = piped("exec <&-; echo done").spawn()?.communicate(vec![0; HUGE]).await?;
        assert_eq!(output.stdout, b"done\n");
        assert!(output.status.success());
        Ok(())
    })
}

fn a_child_that_reads_some_of_it_is_no_error() -> io::Result<()> {
    run(async {
        let output = piped("head -c 100000").spawn()?.communicate(vec![b'x'; HUGE]).await?;
        assert_eq!(output.stdout, vec![b'x'; 100_000]);
        Ok(())
    })
}

fn input_needs_a_pipe() -> io::Result<()> {
    run(async {
        let mut child = Command::new("cat").stdin(Stdio::null()).spawn()?;
        let error = child.communicate("for nobody").await.expect_err("no pipe");
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert!(child.communicate("").await?.status.success());
        Ok(())
    })
}

fn what_is_not_piped_comes_out_empty() -> io::Result<()> {
    run(async {
        let mut command = Command::shell("echo out; echo err >&2");
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let output = command.spawn()?.wait_with_output().await?;
        assert_eq!((&output.stdout[..], &output.stderr[..]), (&b""[..], &b"err\n"[..]));
        Ok(())
    })
}

fn output_is_captured_and_input_is_empty_by_default() -> io::Result<()> {
    run(async {
        let output = Command::shell("cat; echo out; echo err >&2").output().await?;
        assert_eq!((&output.stdout[..], &output.stderr[..]), (&b"out\n"[..], &b"err\n"[..]));
        Ok(())
    })
}

fn output_heeds_what_was_said() -> io::Result<()> {
    run(async {
        let mut command = Command::shell("echo out; echo err >&2");
        let output = command.stdout(Stdio::null()).output().await?;
        assert_eq!((&output.stdout[..], &output.stderr[..]), (&b""[..], &b"err\n"[..]));
        Ok(())
    })
}

fn a_command_runs_again_as_it_was() -> io::Result<()> {
    run(async {
        let mut command = Command::shell("echo out");
        assert_eq!(command.output().await?.stdout, b"out\n");
        assert_eq!(command.output().await?.stdout, b"out\n");
        // Once its output has been captured the command is what it was: its streams are inherited.
        let child = command.spawn()?;
        assert!(child.stdin.is_none() && child.stdout.is_none() && child.stderr.is_none());
        assert!(child.wait_with_output().await?.stdout.is_empty());
        Ok(())
    })
}

fn output_after_the_childs_end_is_not_lost() -> io::Result<()> {
    run(async {
        let mut child = piped("echo last words").spawn()?;
        child.wait().await?;
        assert_eq!(child.wait_with_output().await?.stdout, b"last words\n");
        Ok(())
    })
}

fn cancelling_leaves_the_child_and_the_rest_of_its_output() -> io::Result<()> {
    run(async {
        let mut child = shell_that_says("true", "cat >/dev/null; echo rest").await?;
        {
            // More than one turn of the loop lets a task write.
            let input = vec![0; 64 << 20];
            let mut talk = Box::pin(child.communicate(&input));
            assert!(poll!(talk.as_mut()).is_pending());
        }
        assert!(child.stdin.is_none());
        assert_eq!(child.wait_with_output().await?.stdout, b"rest\n");
        Ok(())
    })
}
