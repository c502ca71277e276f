//! The command line of both programs: one scenario on one runtime, in a process of its own.

use std::{process::ExitCode, time::Duration};

use clap::{Parser, Subcommand};

use crate::{
    clock,
    peer::Peer,
    plan::Plan,
    report::{Metrics, Record},
    runtimes,
    scenarios::{self, Scenario},
    tcp::{Load, Place},
};

/// Runs one scenario on one runtime and prints one JSON object.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Arguments {
    /// The runtime; `--list` names them.
    #[arg(long, required_unless_present = "list")]
    runtime: Option<String>,
    /// The scenario; `--list` names them.
    #[arg(long, required_unless_present = "list")]
    scenario: Option<String>,
    /// Runs just one batch of so many operations.
    #[arg(long)]
    ops: Option<u64>,
    /// Takes a fifth of the usual time.
    #[arg(long)]
    quick: bool,
    /// Prints the runtimes and scenarios of this build as JSON.
    #[arg(long)]
    list: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Is the load generator of a scenario with sockets.
    #[command(hide = true)]
    Load {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        load: Load,
    },
}

/// Which scenarios a program has.
#[derive(Clone, Copy, Debug)]
pub enum Program {
    /// Times and counts.
    Scenario,
    /// Weighs, with the counting allocator.
    Memory,
}

impl Program {
    fn scenarios(self) -> &'static [&'static str] {
        match self {
            Self::Scenario => scenarios::TIMED,
            Self::Memory => scenarios::WEIGHED,
        }
    }

    fn find<P: Peer>(self, scenario: &str) -> Option<Scenario> {
        match self {
            Self::Scenario => scenarios::find::<P>(scenario),
            Self::Memory => scenarios::find_weighed::<P>(scenario),
        }
    }
}

/// Does what the command line says.
pub fn main(program: Program) -> ExitCode {
    let arguments = Arguments::parse();
    clock::die_with_parent();
    if let Some(Command::Load { place, load }) = arguments.command {
        load.run(&place);
        return ExitCode::SUCCESS;
    }
    let (Some(runtime), Some(scenario)) = (&arguments.runtime, &arguments.scenario) else {
        let list =
            serde_json::json!({ "runtimes": runtimes::NAMES, "scenarios": program.scenarios() });
        println!("{list}");
        return ExitCode::SUCCESS;
    };
    let plan = Plan {
        ops: arguments.ops,
        batch: Duration::from_millis(if arguments.quick { 10 } else { 40 }),
        batches: if arguments.quick { 3 } else { 5 },
        share: if arguments.quick { 5 } else { 1 },
    };
    match runtimes::with(runtime, Run { program, plan, runtime, scenario }) {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => {
            eprintln!("{complaint}; --list names what there is");
            ExitCode::from(2)
        }
    }
}

/// A run that only lacks its runtime.
pub(crate) struct Run<'a> {
    program: Program,
    plan: Plan,
    runtime: &'a str,
    scenario: &'a str,
}

impl Run<'_> {
    /// Runs on a runtime.
    pub(crate) fn on<P: Peer>(self) -> Result<(), String> {
        let Some(scenario) = self.program.find::<P>(self.scenario) else {
            return Err(format!("{} has no scenario {:?}", self.runtime, self.scenario));
        };
        let (runtime, name) = (self.runtime.to_owned(), self.scenario.to_owned());
        let print = move |metrics: Metrics| {
            Record { scenario: &name, runtime: &runtime, metrics }.print();
        };
        match scenario {
            Scenario::Timed(run) => print(run(self.plan)),
            Scenario::Served(serve) => serve(self.plan, Box::new(print)),
        }
        Ok(())
    }
}
