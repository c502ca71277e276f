//! More can be said of a child than of one that is merely spawned.

use std::cell::Cell;
use std::convert::Infallible;
use std::future::pending;
use std::panic::Location;
use std::rc::Rc;

use runtime::task::{Priority, TaskGroup, yield_now};

#[test]
fn children_can_be_given_all_particulars() {
    runtime::run(async {
        let here = Location::caller();
        let result = TaskGroup::<Infallible>::run(async |group| {
            let order = Rc::new(Cell::new(0));
            let turn = || {
                let order = order.clone();
                async move { Ok(order.replace(order.get() + 1)) }
            };
            let low = group.build_task().priority(Priority::Low).location(here).spawn(turn());
            let normal = group.spawn(turn());
            let eager = group.build_task().eager(true).spawn(turn());
            assert!(eager.is_finished());
            assert_eq!((low.priority(), low.location()), (Priority::Low, here));
            assert_eq!(group.len(), 2);
            Ok([eager.await.unwrap(), normal.await.unwrap(), low.await.unwrap()])
        });
        assert_eq!(result.await.unwrap(), [0, 1, 2]);
    });
}

#[test]
fn an_eager_child_that_fails_at_once_ends_the_group() {
    runtime::run(async {
        let result = TaskGroup::run(async |group| {
            group.spawn(pending::<Result<(), &str>>());
            let child = group.build_task().eager(true).spawn(async { Err::<(), _>("deliberate") });
            assert!(group.is_ending());
            yield_now().await;
            unreachable!("{child:?}");
            #[allow(unreachable_code)]
            Ok(())
        });
        assert_eq!(result.await.unwrap_err().to_string(), "the task group failed: deliberate");
    });
}
