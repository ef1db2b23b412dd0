//! Lua 5.4: a function that is called from Rust with a table.

use super::beside::{self, Fact, facts};
use super::programs::Condition;
use super::runner::{Outcome, Show};
use dealflow::value::Fields;
use mlua::{Function, Lua, Table};

const NAME: &str = "Lua 5.4";

fn record(lua: &Lua, deal: &Fields) -> mlua::Result<Table> {
    let table = lua.create_table_with_capacity(0, deal.len())?;
    for (name, fact) in facts(deal) {
        match fact {
            Fact::Text(text) => table.raw_set(name, text)?,
            Fact::Number(number) => table.raw_set(name, number)?,
        }
    }
    Ok(table)
}

fn function(lua: &Lua, code: &str) -> mlua::Result<Function> {
    lua.load(code).eval()
}

pub(crate) fn condition(show: Show<'_>) -> Outcome {
    let lua = Lua::new();
    let code =
        r#"return function(deal) return deal.stage == "Invoice" and deal.amount > 10000 and deal.score >= 50 end"#;
    let holds = function(&lua, code)?;
    let ours = Condition::new()?;
    let ready = record(&lua, &ours.deal)?;
    let anew = || record(&lua, &ours.deal).and_then(|record| holds.call(record)).unwrap_or(false);
    beside::condition(show, NAME, &ours, || holds.call(&ready).unwrap_or(false), anew)
}

pub(crate) fn counting(show: Show<'_>) -> Outcome {
    let lua = Lua::new();
    let count = function(&lua, "return function() local i = 0; while i < 10000 do i = i + 1 end return i end")?;
    beside::counting(show, NAME, || count.call(()).unwrap_or(-1))
}

pub(crate) fn calls(show: Show<'_>) -> Outcome {
    let code = "local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end return fib";
    let lua = Lua::new();
    let fib = function(&lua, code)?;
    beside::calls(show, NAME, || fib.call(20).unwrap_or(-1))
}
