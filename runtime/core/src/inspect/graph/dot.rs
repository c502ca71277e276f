//! A graph in the language of Graphviz.

use std::fmt::Write;

use super::{Graph, NodeKind};

pub(super) fn digraph(graph: &Graph) -> String {
    let mut text = String::from("digraph tasks {\n    rankdir=LR;\n    node [shape=box];\n");
    // Writing to a string does not fail.
    for (index, node) in graph.nodes.iter().enumerate() {
        let mut label = node.to_string();
        if let Some(state) = node.state {
            let _ = write!(label, "\n{state}");
        }
        if let Some(location) = node.location {
            let _ = write!(label, "\n{location}");
        }
        let shape = match node.kind {
            NodeKind::Main(_) => ", shape=doubleoctagon",
            NodeKind::Task(_) => "",
            NodeKind::Group(_) => ", shape=folder",
            NodeKind::Resource => ", shape=diamond",
        };
        let color = if node.cycle.is_some() { ", color=red" } else { "" };
        let _ = writeln!(text, "    n{index} [label={}{shape}{color}];", Quoted(&label));
        for &edge in &node.edges {
            let same = node.cycle.is_some() && node.cycle == graph.nodes[edge].cycle;
            let color = if same { " [color=red]" } else { "" };
            let _ = writeln!(text, "    n{index} -> n{edge}{color};");
        }
        for (number, leaf) in node.leaves.iter().enumerate() {
            let name = format!("l{index}_{number}");
            let label = leaf.to_string();
            let _ = writeln!(text, "    {name} [label={}, shape=plaintext];", Quoted(&label));
            let _ = writeln!(text, "    n{index} -> {name};");
        }
    }
    text.push_str("}\n");
    text
}

/// A string in quotes, in which nothing but what is meant ends it.
struct Quoted<'a>(&'a str);

impl std::fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_char('"')?;
        for character in self.0.chars() {
            match character {
                '"' => f.write_str("\\\"")?,
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                other => f.write_char(other)?,
            }
        }
        f.write_char('"')
    }
}
