//! The Redis server, asked by a client of our own and by the real ones.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Command;

use crate::program::Example;

fn start() -> (Example, u16) {
    let mut server = Example::start("redis", &["--listen", "127.0.0.1:0"]);
    let line = server.line_with("listening on");
    let port = line.trim_end().rsplit(':').next().and_then(|port| port.parse().ok());
    (server, port.expect("a port"))
}

fn connect(port: u16) -> TcpStream {
    TcpStream::connect(("127.0.0.1", port)).expect("the server listens")
}

/// Sends what it is given, and has the server say all it has to say.
fn exchange(port: u16, said: &[u8]) -> String {
    let mut stream = connect(port);
    stream.write_all(said).expect("the server reads");
    stream.write_all(b"QUIT\r\n").expect("the server reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the server answers");
    answer.strip_suffix("+OK\r\n").expect("the farewell").to_owned()
}

fn shut_down(server: Example, port: u16) {
    connect(port).write_all(b"SHUTDOWN\r\n").expect("the server reads");
    let output = server.output();
    assert!(output.contains("no connection left"), "{output}");
}

#[test]
fn redis_shows_its_commands() {
    let output = Example::start("redis", &[]).output();
    for what in ["INCRBY visits 41               :42", "WRONGTYPE", "no connection left"] {
        assert!(output.contains(what), "{what:?} is missing in:\n{output}");
    }
}

#[test]
fn redis_answers_a_pipeline_in_order_however_it_is_cut() {
    let (server, port) = start();
    let pipeline = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$2\r\n\r\n\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\n\
                    *1\r\n$4\r\nPING\r\nINCR n\r\n*2\r\n$3\r\nGET\r\n$1\r\nb\r\n";
    let expected = "+OK\r\n$2\r\n\r\n\r\n+PONG\r\n:1\r\n$-1\r\n";
    assert_eq!(exchange(port, pipeline.as_bytes()), expected);
    // A byte at a time, of which each answer may be waited for.
    let mut stream = connect(port);
    stream.set_nodelay(true).expect("TCP has it");
    for byte in pipeline.bytes() {
        stream.write_all(&[byte]).expect("the server reads");
    }
    let expected = expected.replace(":1", ":2");
    let mut answer = vec![0; expected.len()];
    stream.read_exact(&mut answer).expect("the server answers");
    assert_eq!(String::from_utf8_lossy(&answer), expected);
    drop(stream);
    shut_down(server, port);
}

#[test]
fn redis_refuses_what_is_malformed_and_serves_on() {
    let (server, port) = start();
    let malformed: [&[u8]; 5] = [
        b"*1000000000\r\n",
        b"*x\r\n",
        b"*1\r\n$-7\r\n",
        b"*2\r\n*2\r\n*2\r\n*2\r\n",
        b"*1\r\n$1\r\nxyz",
    ];
    for said in malformed {
        let mut stream = BufReader::new(connect(port));
        stream.get_ref().write_all(said).expect("the server reads");
        let mut line = String::new();
        stream.read_line(&mut line).expect("the server answers");
        assert!(line.starts_with("-ERR Protocol error: "), "{said:?}: {line}");
        assert!(!matches!(stream.read(&mut [0]), Ok(1)), "the connection is closed");
    }
    assert_eq!(exchange(port, b"*0\r\n\r\n*-1\r\nPING\r\n"), "+PONG\r\n");
    let refused = exchange(port, b"GET\r\nFOO\r\nSET a x\r\nINCR a\r\nSET a x EX\r\nLPOP a\r\n");
    let kinds: Vec<_> = refused.lines().map(|line| line.split(' ').next()).collect();
    let err = Some("-ERR");
    assert_eq!(kinds, [err, err, Some("+OK"), err, err, Some("-WRONGTYPE")]);
    shut_down(server, port);
}

#[test]
fn redis_takes_a_large_value_and_lets_keys_expire() {
    let (server, port) = start();
    let value = "v".repeat(5 << 20);
    let set = format!("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n${}\r\n{value}\r\n", value.len());
    assert_eq!(exchange(port, set.as_bytes()), "+OK\r\n");
    let got = exchange(port, b"GET k\r\n");
    assert!(got == format!("${}\r\n{value}\r\n", value.len()), "{} bytes", got.len());
    let set = b"SET a 1 PX 1\r\nSET b 2 PX 600000\r\nTTL b\r\nPERSIST b\r\nTTL b\r\nTTL c\r\n";
    assert_eq!(exchange(port, set), "+OK\r\n+OK\r\n:600\r\n:1\r\n:-1\r\n:-2\r\n");
    while exchange(port, b"EXISTS a\r\n") != ":0\r\n" {}
    // A key that has been set anew has nothing to do with the time that it had.
    assert_eq!(exchange(port, b"SET a 1 PX 1\r\nSET a 2\r\nTTL a\r\n"), "+OK\r\n+OK\r\n:-1\r\n");
    assert_eq!(exchange(port, b"GET a\r\n"), "$1\r\n2\r\n");
    shut_down(server, port);
}

/// Runs a client; `None`, with a line that says so, where there is none.
fn run(program: &str, port: u16, arguments: &[&str]) -> Option<String> {
    let port = port.to_string();
    let output = Command::new(program).args(["-p", &port]).args(arguments).output();
    let Ok(output) = output else {
        println!("skipped: this machine has no {program}");
        return None;
    };
    assert!(output.status.success(), "{program} {arguments:?}: {output:?}");
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn redis_answers_the_real_client() {
    let (server, port) = start();
    for (words, answer) in [
        ("set greeting hello", "OK"),
        ("get greeting", "hello"),
        ("incrby visits 7", "7"),
        ("rpush list a b c", "3"),
        ("lrange list 0 -1", "a\nb\nc"),
        ("del greeting list nothing", "2"),
        ("mset a 1 b 2", "OK"),
        ("mget a nothing b", "1\n\n2"),
    ] {
        let words: Vec<_> = words.split(' ').collect();
        let Some(output) = run("redis-cli", port, &words) else { break };
        assert_eq!(output.trim_end_matches('\n'), answer, "{words:?}");
    }
    shut_down(server, port);
}

#[test]
fn redis_stands_the_real_benchmark() {
    let (server, port) = start();
    let tests = "ping_inline,ping_mbulk,set,get,incr,lpush,rpush,lpop,rpop,lrange_100,mset";
    let options = ["-t", tests, "-n", "2000", "-c", "20", "-P", "8", "--csv"];
    if let Some(output) = run("redis-benchmark", port, &options) {
        for test in ["PING_INLINE", "SET", "GET", "LRANGE_100", "MSET"] {
            assert!(output.contains(test), "{test} is missing in:\n{output}");
        }
        assert!(!output.contains("ERR"), "{output}");
    }
    shut_down(server, port);
}
