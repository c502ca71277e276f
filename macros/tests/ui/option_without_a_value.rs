#[runtime::main(debug)]
async fn main() {
    called();
    empty();
}

#[runtime::main(start_paused(true))]
async fn called() {}

#[runtime::main(thread_name = , debug = true)]
async fn empty() {}
