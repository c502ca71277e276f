#[runtime::test(paused = true)]
async fn reads() {}

fn main() {}
