#[runtime::main(debug = true, spin = false, debug = true)]
async fn main() {}
