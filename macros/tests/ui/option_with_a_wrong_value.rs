#[runtime::main(start_paused = "yes")]
async fn main() {
    number();
    text();
    duration();
    switch();
}

#[runtime::main(max_blocking_threads = "4")]
async fn number() {}

#[runtime::main(thread_name = 4)]
async fn text() {}

#[runtime::main(thread_keep_alive = 10)]
async fn duration() {}

#[runtime::main(spin = 50)]
async fn switch() {}
