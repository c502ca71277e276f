//! Who awaits what, as a graph.

mod cycles;
mod dot;
mod text;

use std::collections::HashMap;
use std::fmt;
use std::panic::Location;

use crate::task::Id;

use super::{Awaits, Snapshot, TaskInfo, TaskState};

/// Who awaits what, as a graph; see [`Handle::graph`](crate::Handle::graph).
///
/// An edge leads from whoever waits to what it waits for. Its [`Display`](fmt::Display) is the text tree of
/// [`to_text`](Graph::to_text).
///
/// # Examples
///
/// ```
/// runtime::run(async {
///     let worker = runtime::task::Builder::new().name("worker").spawn(std::future::pending::<()>());
///     let boss = runtime::task::Builder::new().name("boss").spawn(worker);
///     runtime::task::yield_now().await;
///     println!("{}", runtime::Handle::current().graph().unwrap());
///     // main future [running], run at src/main.rs:1:1
///     // task 2 `boss` [waiting], spawned at src/main.rs:3:56
///     // └─ task 1 `worker` [waiting], spawned at src/main.rs:2:58
///     //    └─ something unknown
///     drop(boss);
/// });
/// ```
#[derive(Debug, Clone)]
pub struct Graph {
    nodes: Vec<Node>,
    cycles: Vec<Cycle>,
}

/// Somebody who waits, or is waited for.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Where it was made, if that is known.
    pub location: Option<&'static Location<'static>>,
    /// What it is doing; `None` if it is no task.
    pub state: Option<TaskState>,
    /// What it waits for that is a node itself: indices into [`Graph::nodes`].
    pub edges: Vec<usize>,
    /// What else it waits for.
    pub leaves: Vec<Awaits>,
    /// The cycle that it is part of: an index into [`Graph::cycles`].
    pub cycle: Option<usize>,
}

/// What a [`Node`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NodeKind {
    /// The main future.
    Main(Id),
    /// A task.
    Task(Id),
    /// A group of tasks, by its number.
    Group(u64),
    /// What the program has [named](crate::task::awaiting); its name is that of the node.
    Resource,
}

/// Nodes that wait for each other in a circle.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Cycle {
    /// Indices into [`Graph::nodes`].
    pub nodes: Vec<usize>,
    /// Whether nothing outside of the circle is known that could end it: all of its tasks wait, and for nothing
    /// else that is known.
    ///
    /// That makes a deadlock likely, not certain. Of a task for which something is known, it is not known
    /// whether it waits for something unknown besides: one that waits by `select!` for a join of the circle, or
    /// for a channel of a foreign crate, looks as if it waited for the join alone. Give names to such waits
    /// ([`awaiting`](crate::task::awaiting)).
    pub is_deadlock: bool,
}

impl Graph {
    /// The graph of a snapshot.
    pub fn new(snapshot: &Snapshot) -> Graph {
        let mut nodes = Vec::with_capacity(snapshot.tasks.len() + 1);
        nodes.extend(snapshot.main.iter().map(|main| task_node(NodeKind::Main(main.id), main)));
        nodes.extend(snapshot.tasks.iter().map(|task| task_node(NodeKind::Task(task.id), task)));
        let mut groups = HashMap::new();
        for group in &snapshot.groups {
            groups.insert(group.number, nodes.len());
            nodes.push(Node::new(NodeKind::Group(group.number)));
        }
        let tasks: HashMap<Id, usize> = nodes
            .iter()
            .enumerate()
            .filter_map(|(index, node)| match node.kind {
                NodeKind::Main(id) | NodeKind::Task(id) => Some((id, index)),
                _ => None,
            })
            .collect();
        for group in &snapshot.groups {
            let members = group.members.iter().filter_map(|id| tasks.get(id).copied());
            nodes[groups[&group.number]].edges = members.collect();
        }
        let mut resources: HashMap<&str, usize> = HashMap::new();
        let waiting = snapshot.main.iter().chain(&snapshot.tasks);
        for (index, task) in waiting.enumerate() {
            for awaits in &task.awaits {
                let edge = match awaits {
                    Awaits::Task(id) => tasks.get(id).copied(),
                    Awaits::Group(number) => groups.get(number).copied(),
                    Awaits::Resource(name) => Some(*resources.entry(name).or_insert_with(|| {
                        let name = Some(String::from(&**name));
                        nodes.push(Node { name, ..Node::new(NodeKind::Resource) });
                        nodes.len() - 1
                    })),
                    _ => None,
                };
                match edge {
                    Some(edge) => nodes[index].edges.push(edge),
                    None => nodes[index].leaves.push(awaits.clone()),
                }
            }
        }
        for (name, holders) in &snapshot.held {
            if let Some(&index) = resources.get(&**name) {
                nodes[index].edges =
                    holders.iter().filter_map(|id| tasks.get(id).copied()).collect();
            }
        }
        let cycles = cycles::find(&mut nodes);
        Graph { nodes, cycles }
    }

    /// Everybody: the main future first, if there is one, then the tasks, the oldest first, then groups of tasks,
    /// then what the program has named and somebody waits for.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The circles in which nodes wait for each other.
    pub fn cycles(&self) -> &[Cycle] {
        &self.cycles
    }

    /// Those among the [cycles](Graph::cycles) that nothing known can end from outside: likely
    /// [deadlocks](Cycle::is_deadlock).
    pub fn deadlocks(&self) -> impl Iterator<Item = &Cycle> {
        self.cycles.iter().filter(|cycle| cycle.is_deadlock)
    }

    /// A tree for people: whoever is not awaited at the margin, and what each one awaits below it.
    ///
    /// What several await is drawn out once, and mentioned where it comes again. Members of a cycle say so.
    pub fn to_text(&self) -> String {
        text::tree(self)
    }

    /// The graph in the language of Graphviz: `dot -Tsvg`. Cycles are red.
    pub fn to_dot(&self) -> String {
        dot::digraph(self)
    }
}

impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

impl Node {
    fn new(kind: NodeKind) -> Node {
        Node {
            kind,
            name: None,
            location: None,
            state: None,
            edges: Vec::new(),
            leaves: Vec::new(),
            cycle: None,
        }
    }
}

/// What a node is called in a line of text.
impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            NodeKind::Main(_) => f.write_str("main future")?,
            NodeKind::Task(id) => write!(f, "task {id}")?,
            NodeKind::Group(number) => write!(f, "group {number}")?,
            NodeKind::Resource => f.write_str("resource")?,
        }
        match &self.name {
            Some(name) => write!(f, " `{}`", name.escape_debug()),
            None => Ok(()),
        }
    }
}

fn task_node(kind: NodeKind, task: &TaskInfo) -> Node {
    Node {
        name: task.name.as_deref().map(str::to_owned),
        location: Some(task.location),
        state: Some(task.state),
        ..Node::new(kind)
    }
}
