//! A graph as a tree of text.

use std::fmt::Write;

use super::{Graph, NodeKind};

/// How deep a tree is drawn; what is deeper gets one of its own.
const DEPTH: usize = 32;

/// Something to be drawn.
struct Item {
    node: usize,
    depth: usize,
    /// Of each level above, whether more follows there.
    last: bool,
}

pub(super) fn tree(graph: &Graph) -> String {
    let mut text = String::new();
    let mut awaited = vec![false; graph.nodes.len()];
    graph.nodes.iter().flat_map(|node| &node.edges).for_each(|&edge| awaited[edge] = true);
    let roots = (0..awaited.len()).filter(|&node| !awaited[node]);
    // Those that are awaited are drawn by then, unless they are in a circle that nobody else leads to.
    let rest = 0..awaited.len();
    let mut drawn = vec![false; graph.nodes.len()];
    for root in roots.chain(rest) {
        if !drawn[root] {
            Tree { graph, text: &mut text, drawn: &mut drawn, later: Vec::new() }.draw(root);
        }
    }
    text
}

struct Tree<'a> {
    graph: &'a Graph,
    text: &'a mut String,
    drawn: &'a mut [bool],
    /// What was too deep.
    later: Vec<usize>,
}

impl Tree<'_> {
    fn draw(mut self, root: usize) {
        self.later.push(root);
        let mut next = 0;
        while let Some(&root) = self.later.get(next) {
            next += 1;
            if !self.drawn[root] {
                self.draw_one(root);
            }
        }
    }

    /// Draws one tree, without recursion.
    fn draw_one(&mut self, root: usize) {
        let mut items = vec![Item { node: root, depth: 0, last: true }];
        // Of each level, whether its line goes on.
        let mut open: Vec<bool> = Vec::new();
        while let Some(Item { node, depth, last }) = items.pop() {
            open.truncate(depth.saturating_sub(1));
            self.indent(&open, depth, last);
            if depth > 0 {
                open.push(!last);
            }
            let known = std::mem::replace(&mut self.drawn[node], true);
            let is_inner = self.line(node, known);
            if known || !is_inner {
                continue;
            }
            if depth == DEPTH {
                self.drawn[node] = false;
                self.later.push(node);
                open.push(false);
                self.indent(&open[..depth], depth + 1, true);
                self.text.push_str("... drawn below\n");
                continue;
            }
            let graph = self.graph;
            let (edges, leaves) = (&graph.nodes[node].edges, &graph.nodes[node].leaves);
            for (index, leaf) in leaves.iter().enumerate() {
                self.indent(&open, depth + 1, edges.is_empty() && index + 1 == leaves.len());
                let _ = writeln!(self.text, "{leaf}");
            }
            for (index, &edge) in edges.iter().enumerate().rev() {
                items.push(Item { node: edge, depth: depth + 1, last: index + 1 == edges.len() });
            }
        }
    }

    fn indent(&mut self, open: &[bool], depth: usize, last: bool) {
        if depth == 0 {
            return;
        }
        for level in 0..depth - 1 {
            let goes_on = open.get(level).copied().unwrap_or(false);
            self.text.push_str(if goes_on { "│  " } else { "   " });
        }
        self.text.push_str(if last { "└─ " } else { "├─ " });
    }

    /// Says what a node is, in one line; `true` if it waits for anything.
    fn line(&mut self, index: usize, known: bool) -> bool {
        let node = &self.graph.nodes[index];
        // Writing to a string does not fail.
        let _ = write!(self.text, "{node}");
        if let Some(state) = node.state {
            let _ = write!(self.text, " [{state}]");
        }
        if let Some(cycle) = node.cycle {
            let what =
                if self.graph.cycles[cycle].is_deadlock { "likely deadlock" } else { "cycle" };
            let _ = write!(self.text, " ({what} {})", cycle + 1);
        }
        match node.location {
            _ if known => self.text.push_str(", see above"),
            Some(location) => {
                let verb = if matches!(node.kind, NodeKind::Main(_)) { "run" } else { "spawned" };
                let _ = write!(self.text, ", {verb} at {location}");
            }
            None => {}
        }
        self.text.push('\n');
        !node.edges.is_empty() || !node.leaves.is_empty()
    }
}
