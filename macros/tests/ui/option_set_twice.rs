#[runtime::main(spin = false, thread_name = "w", spin = true)]
async fn main() {}
