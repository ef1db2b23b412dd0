//! Which pipeline a rule speaks of, so that only its stages are offered.

use super::Candidate;
use crate::schema::{Schema, Type};

/// The words that items begin with, at the beginning of a line.
const ITEMS: [&str; 6] = ["on ", "rule ", "every ", "flow ", "fn ", "test "];

/// Leaves out stages of other pipelines than the one that the item names before this place.
pub(super) fn narrowed(before: &str, ty: &Type, schema: &Schema, all: Vec<Candidate>) -> Vec<Candidate> {
    let Type::Stage(id) = ty.present() else { return all };
    let Some(entity) = schema.get(*id).filter(|entity| entity.pipelines.len() > 1) else { return all };
    let named = named(item(before));
    let Some(pipeline) = entity.pipelines.iter().find(|p| named.is_some_and(|name| *p.name == *name)) else {
        return all;
    };
    let is_there = |one: &Candidate| {
        let name = one.insert.trim_matches('"');
        pipeline.stages.iter().any(|stage| *stage.name == *name)
    };
    all.into_iter().filter(is_there).collect()
}

/// The item that ends there, as far as it is typed.
fn item(before: &str) -> &str {
    let begins = |(at, _): &(usize, &str)| {
        let line = before.get(at + 1..).unwrap_or("");
        ITEMS.iter().any(|word| line.starts_with(word))
    };
    let from = before.rmatch_indices('\n').find(begins).map_or(0, |(at, _)| at + 1);
    before.get(from..).unwrap_or(before)
}

/// The last pipeline that is named: `in pipeline "Sales"`, `deal.pipeline == Sales`.
fn named(item: &str) -> Option<&str> {
    let (_, rest) = item.rsplit_once("pipeline")?;
    let rest = rest.trim_start().trim_start_matches("==").trim_start();
    match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').map(|(name, _)| name),
        None => rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().filter(|name| !name.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::{item, named};

    #[test]
    fn the_pipeline_is_the_last_one_that_the_item_names() {
        for (text, found) in [
            ("on deal stage \"X\" in pipeline \"Sales two\" { move deal to ", Some("Sales two")),
            ("on deal created if deal.pipeline == Service and deal.stage == ", Some("Service")),
            ("on deal won in pipeline Sales { }\non deal created { move deal to ", None),
            ("on deal created { set deal.pipeline = ", None),
            ("", None),
        ] {
            assert_eq!(named(item(text)), found, "{text}");
        }
    }
}
