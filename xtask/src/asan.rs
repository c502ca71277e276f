//! `cargo xtask asan`: the tests of the core, of signals and of children where every use of freed memory is
//! seen, and every leak.
//!
//! AddressSanitizer if there is a nightly toolchain, which it needs; else valgrind's memcheck, which needs
//! none but is slower, and not for children: it knows no pidfds. The executor's free lists, which would hide a use after free, are off under
//! `cfg(asan)`.

use xshell::{Shell, cmd};

use crate::Result;

/// Options of `cargo xtask asan`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Valgrind although there is a nightly toolchain.
    #[arg(long)]
    valgrind: bool,
    /// Only this file of the core's tests, such as `stress`; may be given several times.
    #[arg(long)]
    test: Vec<String>,
}

/// What is in the names of tests that leak on purpose, or because they misuse guards. They run by themselves.
const LEAKING: [&str; 5] = [
    "forgotten",
    "out_of_order",
    "outlive_a_turn",
    "given_away_once_while",
    "drop_the_runtime_while",
];

/// Runs the command.
pub(crate) fn run(arguments: Arguments) -> Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let tests = match arguments.test.as_slice() {
        [] => vec!["--lib".to_owned(), "--tests".to_owned()],
        names => names.iter().flat_map(|name| ["--test".to_owned(), name.clone()]).collect(),
    };
    let has = |program: &str| {
        let version = program.split(' ');
        cmd!(shell, "env {version...}").quiet().ignore_stdout().ignore_stderr().run().is_ok()
    };
    if !arguments.valgrind && has("rustc +nightly --version") {
        println!("AddressSanitizer, by the nightly toolchain");
        under_sanitizer(&shell, &tests, arguments.test.is_empty())
    } else if has("valgrind --version") {
        println!("memcheck, by valgrind");
        under_valgrind(&shell, &tests, arguments.test.is_empty())
    } else {
        Err("neither a nightly toolchain (`rustup toolchain install nightly`) nor valgrind (Debian: \
             `apt install valgrind`) is here"
            .into())
    }
}

fn under_sanitizer(shell: &Shell, tests: &[String], with_others: bool) -> Result<()> {
    let rustc = cmd!(shell, "rustc +nightly -vV").quiet().read()?;
    let host = rustc.lines().find_map(|line| line.strip_prefix("host: "));
    // With an explicit target the flags are not for build scripts and procedural macros, which could not be
    // loaded.
    let target = host.ok_or("rustc does not say what its host is")?;
    let _flags = shell.push_env("RUSTFLAGS", "-Zsanitizer=address --cfg asan");
    let _target = shell.push_env("CARGO_TARGET_DIR", "target/asan");
    let cargo = || {
        cmd!(
            shell,
            "cargo +nightly test --no-fail-fast --package runtime-core --target {target} {tests...} --"
        )
    };
    cargo().args(all_but_leaking()).run()?;
    let _options = shell.push_env("ASAN_OPTIONS", "detect_leaks=0");
    cargo().args(LEAKING).run()?;
    if with_others {
        // The children that these fork off end without giving anything back, so leaks are not looked for.
        let packages = ["--package", "runtime-signal", "--package", "runtime-process"];
        cmd!(shell, "cargo +nightly test --no-fail-fast {packages...} --target {target} --tests")
            .run()?;
    }
    Ok(())
}

fn under_valgrind(shell: &Shell, tests: &[String], with_signals: bool) -> Result<()> {
    let rustc = cmd!(shell, "rustc -vV").quiet().read()?;
    let host = rustc.lines().find_map(|line| line.strip_prefix("host: "));
    let target = host.ok_or("rustc does not say what its host is")?;
    let runner = format!("CARGO_TARGET_{}_RUNNER", target.replace('-', "_").to_uppercase());
    let _flags = shell.push_env("RUSTFLAGS", "--cfg asan");
    let _target = shell.push_env("CARGO_TARGET_DIR", "target/valgrind");
    // Some fifty times slower than the processor: the stress tests do with less.
    let _stress = std::env::var_os("RUNTIME_STRESS")
        .is_none()
        .then(|| shell.push_env("RUNTIME_STRESS", "0.005"));
    let valgrind = "valgrind --quiet --error-exitcode=9 --fair-sched=yes";
    let cargo = || cmd!(shell, "cargo test --no-fail-fast --package runtime-core {tests...} --");
    {
        let leaks = "--leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite";
        let _runner = shell.push_env(&runner, format!("{valgrind} {leaks}"));
        // It needs a limit of descriptors that valgrind refuses to set.
        let limits = ["--skip", "without_a_descriptor"];
        cargo().args(all_but_leaking()).args(limits).run()?;
    }
    let _runner = shell.push_env(&runner, valgrind);
    cargo().args(LEAKING).run()?;
    if with_signals {
        // As above: what a forked child forgets on purpose would count as a leak.
        cmd!(shell, "cargo test --no-fail-fast --package runtime-signal --tests").run()?;
    }
    Ok(())
}

fn all_but_leaking() -> impl Iterator<Item = &'static str> {
    LEAKING.into_iter().flat_map(|word| ["--skip", word])
}
