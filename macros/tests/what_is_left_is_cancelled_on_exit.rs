//! When the function ends, tasks that still run are dropped before its caller goes on.

use std::cell::Cell;
use std::future;
use std::rc::Rc;

use runtime::task::yield_now;

struct Flag(Rc<Cell<bool>>);

impl Drop for Flag {
    fn drop(&mut self) {
        self.0.set(true);
    }
}

fn spawn_a_task_that_never_ends() -> Rc<Cell<bool>> {
    let dropped = Rc::new(Cell::new(false));
    let flag = Flag(Rc::clone(&dropped));
    drop(runtime::spawn(async move {
        let _flag = flag;
        future::pending::<()>().await;
    }));
    dropped
}

#[test]
fn by_a_main_without_options() {
    #[runtime::main]
    async fn main() -> Rc<Cell<bool>> {
        let dropped = spawn_a_task_that_never_ends();
        yield_now().await;
        assert!(!dropped.get());
        dropped
    }
    assert!(main().get());
}

#[test]
fn by_a_main_with_options() {
    #[runtime::main(spin = false)]
    async fn main() -> Rc<Cell<bool>> {
        let dropped = spawn_a_task_that_never_ends();
        yield_now().await;
        assert!(!dropped.get());
        dropped
    }
    assert!(main().get());
}
