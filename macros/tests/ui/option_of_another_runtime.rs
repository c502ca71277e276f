#[runtime::main(flavor = "current_thread")]
async fn main() {
    threads();
}

#[runtime::main(flavor = "multi_thread", worker_threads = 4)]
async fn threads() {}
