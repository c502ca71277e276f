#[runtime::main(debug)]
async fn main() {
    called();
    empty();
}

#[runtime::main(start_paused(true))]
async fn called() {}

#[runtime::main(thread_name = , spin = false)]
async fn empty() {}
