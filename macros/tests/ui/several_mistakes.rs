#[runtime::main(flavor = "current_thread", debug = "on", spin = false)]
fn main() {}
