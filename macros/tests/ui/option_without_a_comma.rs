#[runtime::main(debug = true spin = false)]
async fn main() {}
