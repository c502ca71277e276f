#[runtime::test(seed = "seven")]
async fn text() {}

#[runtime::test(seed)]
async fn nothing() {}

#[runtime::test(seeds = 7)]
async fn one() {}

#[runtime::test(seed = 1, seeds = 0..7)]
async fn both() {}

fn main() {
    text();
    nothing();
    one();
    both();
}
