//! Generates the parser from `grammar/flow.lalrpop`, and makes it quick.
//!
//! Half of the time of a table-driven parser goes into its stack of symbols. What lalrpop generates moves a symbol as a
//! whole, as wide as the widest, whenever it is put there or taken away, and the processor waits each time for what it
//! has just written. So three things are changed in the generated text: the driver (`src/syntax/drive.rs` says why), how a
//! symbol is taken from the stack, and that the choice of a reduction is a part of the driver's loop. Should a new version
//! of lalrpop write something else there, the build says so.

#![expect(clippy::disallowed_methods, reason = "a build script reads and writes files")]

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    lalrpop::Configuration::new().emit_rerun_directives(true).process_dir("grammar")?;
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let generated = fs::read_to_string(out.join("flow.rs"))?;
    fs::write(out.join("parser.rs"), quick(&generated)?)?;
    Ok(())
}

const DRIVER: &str = "__state_machine::Parser::drive(";
const POP: &str = "match __symbols.pop() {";
/// The functions between the driver and the tables.
const INLINED: [&str; 2] = ["fn reduce(", "fn __reduce<"];

/// The generated text with the three changes.
fn quick(generated: &str) -> Result<String, String> {
    for place in INLINED.iter().chain([&DRIVER]) {
        if generated.matches(place).count() != 1 {
            return Err(format!("the parser that lalrpop generates does not have `{place}` once"));
        }
    }
    let mut out = String::with_capacity(generated.len());
    let mut lines = generated.lines();
    let mut function = "";
    while let Some(line) = lines.next() {
        let text = line.trim();
        if text == POP {
            let case = lines.next().ok_or("the parser that lalrpop generates ends in a function")?;
            out.push_str(&pop(function, case)?);
            continue;
        }
        if text.starts_with(") -> ") {
            function = text;
        }
        if INLINED.contains(&text) {
            out.push_str("#[inline(always)]\n");
        }
        out.push_str(&line.replace(DRIVER, "crate::syntax::drive::drive(").replace("#[inline]", "#[inline(always)]"));
        out.push('\n');
    }
    Ok(out)
}

/// Takes a symbol from the stack: `Some((l, Variant(value), r)) => …` of a function `) -> (u32, Type, u32)`. What is plain
/// data, or has an empty value to leave in its place, is taken out of the symbol, which then holds nothing that must be
/// dropped; so it need not be moved.
fn pop(function: &str, case: &str) -> Result<String, String> {
    let unknown = || format!("lalrpop generates a way to take a symbol that is not known here: `{function} … {case}`");
    let kind = function.strip_prefix(") -> (u32, ").and_then(|kind| kind.strip_suffix(", u32)")).ok_or_else(unknown)?;
    let pattern = case.trim().strip_prefix("Some((__l, ").ok_or_else(unknown)?;
    let variant = pattern.strip_suffix("(__v), __r)) => (__l, __v, __r),").ok_or_else(unknown)?;
    let leave = "core::mem::forget(__symbols.pop());";
    let plain = ["()", "bool", "u32", "BinaryOp", "Span", "Option<Span>", "Token", "Option<Token>"].contains(&kind);
    let hollow = kind == "Expr"
        || kind == "ExprKind"
        || ["Vec<", "alloc::vec::Vec<", "Option<"].iter().any(|start| kind.starts_with(start));
    Ok(if plain {
        format!("match __symbols.last() {{ Some(&(__l, {variant}(__v), __r)) => {{ {leave} (__l, __v, __r) }}\n")
    } else if hollow {
        let taken = "(*__l, core::mem::take(__v), *__r)";
        format!(
            "match __symbols.last_mut() {{ Some((__l, {variant}(__v), __r)) => {{ let all = {taken}; {leave} all }}\n"
        )
    } else {
        format!("{POP}\n{case}\n")
    })
}
