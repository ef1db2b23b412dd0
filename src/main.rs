//! The `dealflow` command; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    dealflow::cli::main()
}
