//! Entry point: parse, hooks, go.

use std::process::ExitCode;

fn main() -> ExitCode {
    rushes::cli::main()
}
