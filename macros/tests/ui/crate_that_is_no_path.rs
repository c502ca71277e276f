#[runtime::main(crate = "my crate")]
async fn main() {
    call();
    number();
}

#[runtime::main(crate = path())]
async fn call() {}

#[runtime::main(crate = 1)]
async fn number() {}
