//! The graph of who awaits what: its shape, its circles, and the languages it speaks.

use std::cell::RefCell;
use std::future::pending;
use std::rc::Rc;
use std::time::Duration;

use runtime_core::inspect::{Graph, NodeKind};
use runtime_core::task::{self, JoinHandle, yield_now};
use runtime_core::time::timeout;
use runtime_core::{Handle, run, spawn};

type Slot = Rc<RefCell<Option<JoinHandle<()>>>>;

fn named(name: &str) -> task::Builder<'_> {
    task::Builder::new().name(name)
}

fn graph() -> Graph {
    Handle::current().graph().unwrap()
}

/// So many tasks, of which each awaits the next and the last one the first.
async fn circle(length: usize) -> Slot {
    let last = Slot::default();
    let taken = last.clone();
    let mut task = named("first").spawn(async move {
        let last = taken.take().expect("it is set before the first poll");
        last.await.unwrap();
    });
    for _ in 1..length {
        task = spawn(async move { task.await.unwrap() });
    }
    last.replace(Some(task));
    yield_now().await;
    last
}

/// The tree without the places in the source, which change with the line.
fn shape(graph: &Graph) -> Vec<String> {
    let text = graph.to_text();
    let lines = text.lines().map(|line| line.split(", spawned at").next().unwrap());
    lines.filter(|line| !line.starts_with("main future")).map(String::from).collect()
}

#[test]
fn the_tree_shows_what_each_task_awaits() {
    run(async {
        let leaf = named("leaf").spawn(pending::<()>());
        let leaf_id = leaf.id();
        let root = named("root").spawn(timeout(Duration::from_secs(3600), leaf));
        yield_now().await;
        let lines = shape(&graph());
        assert_eq!(lines[0], format!("task {} `root` [waiting]", root.id()));
        assert!(lines[1].starts_with("├─ timer in 3") && lines[1].ends_with('s'), "{lines:?}");
        assert_eq!(lines[2], format!("└─ task {leaf_id} `leaf` [waiting]"));
        assert_eq!(lines[3], "   └─ something unknown");
        assert_eq!(lines.len(), 4);
    });
}

#[test]
fn tasks_that_await_each_other_are_a_deadlock() {
    run(async {
        for length in [2, 3, 10] {
            let _keep = circle(length).await;
            let graph = graph();
            let circle = graph.deadlocks().find(|cycle| cycle.nodes.len() == length);
            let circle = circle.expect("all of them wait, and for nothing else");
            for &node in &circle.nodes {
                let cycle = graph.nodes()[node].cycle.map(|cycle| &graph.cycles()[cycle]);
                assert_eq!(cycle.unwrap().nodes, circle.nodes);
            }
        }
        let graph = graph();
        assert_eq!(graph.cycles().len(), 3);
        let text = graph.to_text();
        assert_eq!(text.matches("(likely deadlock").count(), 2 + 3 + 10 + 3, "{text}");
        assert_eq!(text.matches(", see above").count(), 3, "{text}");
    });
}

#[test]
fn a_circle_that_a_timer_can_end_is_no_deadlock() {
    run(async {
        let last = Slot::default();
        let taken = last.clone();
        let first = spawn(async move {
            let last = taken.take().unwrap();
            drop(timeout(Duration::from_secs(3600), last).await);
        });
        last.replace(Some(spawn(async move { first.await.unwrap() })));
        yield_now().await;
        let graph = graph();
        assert_eq!((graph.cycles().len(), graph.deadlocks().count()), (1, 0));
        assert!(graph.to_text().contains("(cycle 1)"));
    });
}

#[test]
fn a_circle_that_only_a_request_to_end_can_end_is_a_deadlock() {
    run(async {
        let last = Slot::default();
        let taken = last.clone();
        let first = spawn(async move {
            let last = taken.take().unwrap();
            futures::future::select(std::pin::pin!(task::cancelled()), last).await;
        });
        last.replace(Some(spawn(async move { first.await.unwrap() })));
        yield_now().await;
        let graph = graph();
        assert_eq!(graph.deadlocks().count(), 1, "{graph}");
        assert!(graph.to_text().contains("a request to end"), "{graph}");
    });
}

#[test]
fn a_circle_of_which_a_member_is_ready_is_no_deadlock() {
    run(async {
        let last = Slot::default();
        let taken = last.clone();
        let first = spawn(async move { taken.take().unwrap().await.unwrap() });
        let abort = first.abort_handle();
        last.replace(Some(spawn(async move { first.await.unwrap() })));
        yield_now().await;
        assert_eq!(graph().deadlocks().count(), 1);
        abort.abort();
        assert_eq!((graph().cycles().len(), graph().deadlocks().count()), (1, 0));
        yield_now().await;
        assert!(graph().cycles().is_empty());
    });
}

#[test]
fn a_task_that_awaits_itself_is_a_circle() {
    run(async {
        let _keep = circle(2).await;
        let (sender, receiver) = futures::channel::oneshot::channel::<JoinHandle<()>>();
        let member = Slot::default();
        let taken = member.clone();
        // It awaits itself.
        let narcissus = spawn(async move { taken.take().unwrap().await.unwrap() });
        let id = narcissus.id();
        member.replace(Some(narcissus));
        let outside = spawn(async move { drop(receiver.await) });
        yield_now().await;
        let graph = graph();
        let cycle = |id| {
            let node = graph.nodes().iter().find(|node| node.kind == NodeKind::Task(id));
            node.unwrap().cycle
        };
        assert!(cycle(id).is_some_and(|cycle| graph.cycles()[cycle].is_deadlock));
        assert_eq!(cycle(outside.id()), None);
        assert_eq!(graph.deadlocks().count(), 2);
        drop(sender);
    });
}

#[test]
fn a_long_chain_takes_no_stack_and_little_text() {
    const LENGTH: usize = 10_000;
    run(async {
        let mut task = spawn(pending::<()>());
        for _ in 1..LENGTH {
            task = spawn(async move { task.await.unwrap() });
        }
        yield_now().await;
        let graph = graph();
        assert_eq!(graph.nodes().len(), LENGTH + 1);
        assert!(graph.cycles().is_empty());
        let text = graph.to_text();
        assert_eq!(text.matches("[waiting]").count(), LENGTH + (LENGTH - 1) / 32);
        assert!(text.len() < 400 * LENGTH, "{}", text.len());
        assert!(graph.to_dot().len() < 400 * LENGTH);
    });
}

#[test]
fn the_main_future_is_a_node() {
    run(async {
        let (sender, receiver) = futures::channel::oneshot::channel();
        let child = spawn(async move {
            yield_now().await;
            sender.send(graph()).ok().unwrap();
        });
        child.await.unwrap();
        let graph = receiver.await.unwrap();
        assert!(matches!(graph.nodes()[0].kind, NodeKind::Main(_)));
        assert_eq!(graph.nodes()[0].edges, [1]);
        assert!(graph.to_text().starts_with("main future [waiting]"), "{graph}");
    });
}

#[test]
fn names_cannot_break_the_languages() {
    run(async {
        let name = "a \"quoted\"\nname \\ with } and `";
        let _task = named(name).spawn(pending::<()>());
        yield_now().await;
        let graph = graph();
        assert_eq!(graph.to_text().lines().count(), 3, "{graph}");
        let dot = graph.to_dot();
        let label = dot.lines().find(|line| line.contains("quoted")).unwrap();
        assert!(label.trim_end().ends_with("];"), "{label}");
        assert_eq!(dot.lines().count(), 3 + 2 + 2 + 1, "{dot}");
    });
}

#[cfg(feature = "inspect")]
#[test]
fn json_says_the_same() {
    run(async {
        let name = "\u{1} \"x\"";
        let child = named(name).spawn(pending::<()>());
        let child_id = child.id();
        let parent = spawn(child);
        yield_now().await;
        let snapshot = Handle::current().snapshot(Duration::ZERO).unwrap();
        let json: serde_json::Value = serde_json::from_str(&snapshot.to_json()).unwrap();
        let tasks = json["tasks"].as_array().unwrap();
        assert_eq!(tasks[0]["name"], name);
        assert_eq!(tasks[0]["awaited_by"][0]["id"], parent.id().number());
        assert_eq!(tasks[1]["awaits"][0]["id"], child_id.number());
        assert_eq!(tasks[1]["polls"], serde_json::Value::Null);
        assert_eq!(json["metrics"]["live_tasks"], 2);
        let graph: serde_json::Value = serde_json::from_str(&graph().to_json()).unwrap();
        assert_eq!(graph["nodes"][2]["edges"][0], 1);
    });
}
