//! Every example runs to its end and says what it is meant to say.

use crate::program::Example;

fn output(name: &'static str, arguments: &[&str]) -> String {
    Example::start(name, arguments).output()
}

#[test]
fn hello_says_hello() {
    assert_eq!(output("hello", &[]), "hello, world\n");
}

#[test]
fn timers_goes_through_all_its_scenes() {
    let output = output("timers", &[]);
    for scene in ["late", "barks", "tick 4", "Skip"] {
        assert!(output.contains(scene), "{scene:?} is missing in:\n{output}");
    }
}

#[test]
fn blocking_names_the_job_that_is_left_behind() {
    let output = output("blocking", &[]);
    assert!(output.contains("the-only-one"), "{output}");
    assert!(
        output.contains("1 blocking job left running") && output.contains("blocking.rs:"),
        "{output}"
    );
}

#[test]
fn rayon_computes_for_the_loop_and_stops_when_told() {
    let output = output("rayon", &[]);
    assert!(output.contains("add up to 454396537, said by rayon-"), "{output}");
    assert!(output.contains("blocking-0 read this program, and rayon-"), "{output}");
    assert!(output.contains("the search was called off: true"), "{output}");
}

#[test]
fn call_soon_says_hello_and_stops() {
    assert_eq!(output("call_soon", &[]), "hello, world\n");
}

#[test]
fn display_date_ends_after_five_dates_at_most() {
    let output = output("display_date", &["--interval", "0.01"]);
    let dates = output.lines().count();
    assert!((1..=5).contains(&dates), "{output}");
    assert!(output.lines().all(|date| date.contains(", ") && date.contains(':')), "{output}");
}

#[test]
fn watch_fd_receives_what_was_sent() {
    let output = output("watch_fd", &[]);
    assert!(output == "received: abc\n" || output.contains("only Unix"), "{output}");
}

#[test]
fn embed_runs_everything_and_costs_nothing_when_idle() {
    let output = output("embed", &["--idle", "0.1"]);
    if output.contains("only Unix") {
        return;
    }
    for scene in ["ticks five times", "echoes over TCP", "woken by another thread"] {
        assert!(output.contains(scene), "{scene:?} is missing in:\n{output}");
    }
    assert!(output.contains("nothing happens: 1 round(s) of poll, 0 turn(s)"), "{output}");
}

#[test]
fn custom_selector_injects_faults_that_nobody_notices() {
    let output = output("custom_selector", &["--clients", "4", "--messages", "100"]);
    let summaries: Vec<_> = output.lines().filter(|line| line.contains("waits")).collect();
    assert!(!summaries.is_empty(), "{output}");
    for summary in &summaries {
        // A fault of each kind has been injected.
        assert!(![" 0 waits", " 0 events"].iter().any(|none| summary.contains(none)), "{output}");
        assert!(!summary.contains(" 0 delayed"), "{output}");
    }
    let outcome = "400 messages were echoed, each as it was sent";
    assert_eq!(output.matches(outcome).count(), summaries.len(), "{output}");
}

#[test]
fn service_lets_a_request_finish_and_knows_which_one_failed() {
    let output = output("service", &[]);
    let in_order =
        ["client: \"at once\"", "client: \"a moment\"", "client: \"slowly\"", "no task left"];
    let mut rest = &output[..];
    for what in in_order {
        let Some(place) = rest.find(what) else { panic!("{what:?} is missing in:\n{output}") };
        rest = &rest[place..];
    }
    for what in [
        "request 1: answered",
        "request 2: there is a bug in here",
        "client: no answer",
        "request 3: computed on another thread",
        "request 3: answered",
        "stopped, with 1 failure(s)",
        "no blocking job left running",
    ] {
        assert!(output.contains(what), "{what:?} is missing in:\n{output}");
    }
}

#[test]
fn crawler_finds_its_site_and_stays_within_its_limits() {
    let output = output("crawler", &[]);
    let line = |page: &str| output.lines().find(|line| line.contains(page)).unwrap_or_default();
    assert!(line("/0 ").contains(" 200 "), "{output}");
    assert!(line("/11?from=3").contains("TimedOut"), "{output}");
    let summary = output.lines().last().unwrap();
    assert!(summary.contains(" of 2 host(s), "), "{output}");
    let (_, busiest) = summary.split_once("at most ").unwrap();
    let busiest: u32 = busiest.split(' ').next().unwrap().parse().unwrap();
    assert!((2..=8).contains(&busiest), "{output}");
    assert_eq!(self::output("crawler", &["--pages", "5"]).matches("http://").count(), 5);
}

#[test]
fn graceful_shutdown_waits_then_asks_then_drops() {
    let output = output("graceful_shutdown", &[]);
    for what in [
        "no new connections, and 300ms",
        "to the quick client: done",
        "to the quick client: goodbye",
        "the grace is over: who is still busy",
        "to the slow client: sorry, the grace is over",
        "the sulky client is alone",
        "not all have finished: the task group was cancelled: the grace is over",
    ] {
        assert!(output.contains(what), "{what:?} is missing in:\n{output}");
    }
    assert!(!output.contains("to the sulky client"), "{output}");
}

#[test]
fn policy_limits_live_tasks_to_ten() {
    let expected = "\
by default:         100 tasks done, 100 alive at once
at most ten:        100 tasks done, 10 alive at once
by default again:   100 tasks done, 100 alive at once
";
    assert_eq!(output("policy", &[]), expected);
}

#[test]
fn cores_answers_on_every_loop() {
    let options = ["--loops", "2", "--connections", "64", "--requests", "10", "--work", "1"];
    let output = output("cores", &options);
    if output.contains("only Unix") {
        return;
    }
    assert!(output.contains("640 requests, "), "{output}");
    let answered: Vec<u32> =
        output.lines().filter_map(|line| line.split_once(" answered ")?.1.parse().ok()).collect();
    assert_eq!(answered.len(), 2, "{output}");
    assert_eq!(answered.iter().sum::<u32>(), 640, "{output}");
    // Where the system deals connections out at all, 64 of them do not all go to one.
    let deals = cfg!(target_os = "linux");
    assert!(!deals || answered.iter().all(|&count| count > 0), "{output}");
}

#[test]
fn cores_compares_one_loop_with_many() {
    let options = ["--measure", "--rounds", "1", "--seconds", "1", "--loops", "2"];
    let output = output("cores", &options);
    assert!(output.contains("times as many") || output.contains("only Unix"), "{output}");
}

#[test]
fn task_factory_logs_limits_delays_and_measures() {
    let output = output("task_factory", &[]);
    assert!(output.contains(": download\n") && output.contains(": idle\n"), "{output}");
    assert!(output.contains("at most 2 ran at the same time"), "{output}");
    assert!(output.contains("1000 rounds of the urgent one, 250 of the idle one"), "{output}");
    for measure in ["5 tasks, 20 polls", "1 tasks, 250 polls", "1 tasks, 1001 polls"] {
        assert!(output.contains(measure), "{measure:?} is missing in:\n{output}");
    }
}

#[test]
fn custom_source_counts_expirations() {
    let output = output("custom_source", &[]);
    assert!(
        output.contains("expirations, all at once") || output.contains("only Linux"),
        "{output}"
    );
}

#[test]
fn echo_shows_a_table_and_sums_up() {
    let output =
        output("echo", &["--load", "--connections", "4", "--seconds", "1", "--size", "100"]);
    assert!(output.contains("echoes/s") && output.contains("of 100 bytes a second"), "{output}");
}

#[test]
fn echo_protocol_serves_the_load_of_echo() {
    let mut server = Example::start("echo_protocol", &[]);
    let line = server.line_with("echo server on ");
    let address = line.trim().trim_start_matches("echo server on ");
    let output = output("echo", &["--connect", address, "--connections", "2", "--seconds", "1"]);
    assert!(output.contains("2 connections:"), "{output}");
}

#[test]
fn echo_puts_a_load_on_a_server_that_runs_elsewhere() {
    let mut server = Example::start("echo", &["--listen", "127.0.0.1:0"]);
    let line = server.line_with("echo server on ");
    let address = line.trim_start_matches("echo server on ").split(',').next().expect("an address");
    let output = output("echo", &["--connect", address, "--connections", "2", "--seconds", "1"]);
    assert!(output.contains("2 connections:"), "{output}");
}

#[test]
fn every_program_with_options_explains_them() {
    assert!(output("echo", &["--help"]).contains("--connections <N>"));
    assert!(output("chat", &["--help"]).contains("--connect <ADDR>"));
    let cores = output("cores", &["--help"]);
    assert!(cores.contains("--loops <N>") || cores.contains("only Unix"), "{cores}");
}
