//! Generates the parser from `grammar/flow.lalrpop`, and does nothing else.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    lalrpop::Configuration::new().emit_rerun_directives(true).process_dir("grammar")
}
