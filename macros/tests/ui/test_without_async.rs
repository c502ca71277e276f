#[runtime::test]
fn reads() {}

fn main() {}
