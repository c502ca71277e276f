//! Weighs what only waits: one scenario on one runtime, one JSON object.

#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: benches::alloc::Counting = benches::alloc::Counting;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    benches::cli::main(benches::cli::Program::Memory)
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("the benchmarks need Linux");
}
