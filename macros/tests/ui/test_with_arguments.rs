#[runtime::test]
async fn reads(count: usize) {
    let _ = count + 1;
}

fn main() {}
