#[runtime::main(spin = false thread_name = "w")]
async fn main() {}
