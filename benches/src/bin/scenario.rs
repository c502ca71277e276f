//! Runs one scenario on one runtime and prints one JSON object.

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    benches::cli::main(benches::cli::Program::Scenario)
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("the benchmarks need Linux");
}
