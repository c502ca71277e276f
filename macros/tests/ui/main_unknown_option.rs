#[runtime::main(start_pausd = true)]
async fn main() {}
