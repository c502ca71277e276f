//! Circles: the strongly connected components of a graph, by Tarjan's algorithm, without recursion, for a
//! chain of tasks may be long.

use super::{Awaits, Cycle, Node, TaskState};

/// What is known of a node while the search is on.
#[derive(Clone, Copy, Default)]
struct Visit {
    /// When it was found, from 1; zero before.
    found: usize,
    /// The earliest node that it is known to lead to, of those on the stack.
    low: usize,
    stacked: bool,
}

/// Finds the cycles, and marks their nodes.
pub(super) fn find(nodes: &mut [Node]) -> Vec<Cycle> {
    let mut visits = vec![Visit::default(); nodes.len()];
    let mut cycles = Vec::new();
    let mut stack = Vec::new();
    let mut time = 0;
    for start in 0..nodes.len() {
        if visits[start].found != 0 {
            continue;
        }
        // Nodes on the path, and which of its edges each takes next.
        let mut path = vec![(start, 0)];
        while let Some((node, edge)) = path.last_mut() {
            let node = *node;
            if *edge == 0 {
                time += 1;
                visits[node] = Visit { found: time, low: time, stacked: true };
                stack.push(node);
            }
            let next = nodes[node].edges.get(*edge).copied();
            *edge += 1;
            match next {
                Some(next) if visits[next].found == 0 => path.push((next, 0)),
                Some(next) if visits[next].stacked => {
                    visits[node].low = visits[node].low.min(visits[next].found);
                }
                Some(_) => {}
                None => {
                    path.pop();
                    let Visit { found, low, .. } = visits[node];
                    if let Some(&(before, _)) = path.last() {
                        visits[before].low = visits[before].low.min(low);
                    }
                    if low == found {
                        let begin = stack.iter().rposition(|&member| member == node);
                        let members = stack.split_off(begin.unwrap_or(stack.len()));
                        members.iter().for_each(|&member| visits[member].stacked = false);
                        cycles.extend(cycle(nodes, members, cycles.len()));
                    }
                }
            }
        }
    }
    cycles
}

/// Makes a cycle of a component, if it is one.
fn cycle(nodes: &mut [Node], mut members: Vec<usize>, number: usize) -> Option<Cycle> {
    let first = *members.first()?;
    if members.len() == 1 && !nodes[first].edges.contains(&first) {
        return None;
    }
    members.sort_unstable();
    for &member in &members {
        nodes[member].cycle = Some(number);
    }
    // Whoever is asked to end may do so, as any task may be aborted: that is no way out by itself.
    let is_no_way_out = |leaf: &Awaits| *leaf == Awaits::Cancellation;
    let is_stuck = |node: &Node| {
        matches!(node.state, None | Some(TaskState::Waiting))
            && node.leaves.iter().all(is_no_way_out)
            && node.edges.iter().all(|&edge| nodes[edge].cycle == Some(number))
    };
    let is_deadlock = members.iter().all(|&member| is_stuck(&nodes[member]));
    Some(Cycle { nodes: members, is_deadlock })
}
