//! Pipelines with stages, and statuses.
//!
//! `[[entities.deal.pipelines]]` for several; `stages = […]` (or `statuses = […]`, where there is but one list) right in
//! the entity for one. Every list of stages says which of them are final.

use super::Loader;
use crate::schema::document::{Entry, Named, Node};
use crate::schema::{EntityId, FieldId, Pipeline, Stage, StageKind, builtin};
use crate::source::Span;

pub(super) const KEYS: &[&str] = &["name", "stages", "success", "failure", "rules_only"];
const STAGE: &[&str] = &["name", "kind", "rules_only"];

impl Loader {
    pub(super) fn stages(&mut self, id: EntityId, entity: &Entry, keys: &[Entry]) {
        let key = |name: &str| keys.iter().find(|key| key.key == name);
        let lists = [key("pipelines"), key("stages"), key("statuses")];
        let mut given = lists.into_iter().flatten();
        let Some(list) = given.next() else {
            for lost in [key("success"), key("failure"), key("rules_only")].into_iter().flatten() {
                let help = "put it beside `stages` or `statuses`";
                self.reader.bad(lost.span, format!("`{}` without stages", lost.key), help);
            }
            return;
        };
        for second in given {
            let message = format!("`{}` has both `{}` and `{}`", entity.key, list.key, second.key);
            self.reader.bad(second.span, message, "keep one of them");
        }
        let statuses = list.key == "statuses";
        if !self.stage_fields(id, entity, list, statuses) {
            return;
        }
        let pipelines = if list.key == "pipelines" {
            self.pipelines(&list.value)
        } else {
            let name = self.schema.get(id).map(|e| builtin::pipelines(&e.name)).unwrap_or_default();
            let name = name.into_iter().next().map_or_else(|| entity.key.as_str().into(), |p| p.name);
            let stages = self.stage_list(&list.value, &|name| key(name), list.span);
            vec![Pipeline { name, stages, place: self.place(list.span) }]
        };
        if let Some(entity) = self.schema.entities.get_mut(id.0 as usize) {
            entity.pipelines = pipelines;
        }
    }

    /// Makes sure that the entity has fields for what is declared; `false` when it has others.
    fn stage_fields(&mut self, id: EntityId, entry: &Entry, list: &Entry, statuses: bool) -> bool {
        let Some(entity) = self.schema.entities.get_mut(id.0 as usize) else { return false };
        if let Some(name) = entity.stage_name() {
            if (**name == *"status") == statuses {
                return true;
            }
            let right = if statuses { "stages" } else { "statuses" };
            let message = format!("`{}` has {right}, not {}", entry.key, list.key);
            self.reader.bad(list.span, message, format!("write `{right} = [\"New\", …]`"));
            return false;
        }
        let next = |entity: &crate::schema::Entity| u16::try_from(entity.fields.len()).unwrap_or(u16::MAX);
        if !statuses {
            let at = FieldId(next(entity));
            entity.fields.push(builtin::stage_field("pipeline", "pipeline", id, at));
        }
        let at = FieldId(next(entity));
        entity.fields.push(builtin::stage_field(if statuses { "status" } else { "stage" }, "stage", id, at));
        entity.stage = Some(at);
        true
    }

    fn pipelines(&mut self, node: &Node) -> Vec<Pipeline> {
        let mut pipelines: Vec<Pipeline> = Vec::new();
        for item in self.reader.list(node, "`pipelines`") {
            let entries = self.reader.table(item, "a pipeline");
            let key = |name: &str| entries.iter().find(|entry| entry.key == name);
            for entry in entries.iter().filter(|entry| !KEYS.contains(&entry.key.as_str())) {
                self.reader.unknown_key(entry, "a pipeline", KEYS);
            }
            let Some(name) = key("name").and_then(|entry| self.reader.text(&entry.value, "`name`")) else {
                if key("name").is_none() {
                    self.reader.bad(item.span, "a pipeline without a name", "add `name = \"Sales\"`");
                }
                continue;
            };
            if let Some(known) = pipelines.iter().find(|p| *p.name == *name.text) {
                let first = known.place.map(|(_, span)| span);
                let message = format!("pipeline `{}` is there twice", name.text);
                self.reader.twice(name.span, first, message, "give one of them another name");
                continue;
            }
            let stages = if let Some(list) = key("stages") {
                self.stage_list(&list.value, &|name| key(name), name.span)
            } else {
                let message = format!("pipeline `{}` has no stages", name.text);
                self.reader.bad(name.span, message, "add `stages = [\"New\", \"Won\", \"Lost\"]`");
                Vec::new()
            };
            pipelines.push(Pipeline { name: name.text.into(), stages, place: self.place(name.span) });
        }
        pipelines
    }

    fn stage_list<'n>(&mut self, list: &Node, key: &dyn Fn(&str) -> Option<&'n Entry>, owner: Span) -> Vec<Stage> {
        let reported = self.reader.found.len();
        let mut stages: Vec<Stage> = Vec::new();
        for item in self.reader.list(list, "`stages`") {
            let Some((name, kind, rules_only)) = self.stage(item) else { continue };
            if let Some(known) = stages.iter().find(|stage| *stage.name == *name.text) {
                let first = known.place.map(|(_, span)| span);
                let message = format!("stage `{}` is there twice", name.text);
                self.reader.twice(name.span, first, message, "give one of them another name");
                continue;
            }
            stages.push(Stage { name: name.text.into(), kind, rules_only, place: self.place(name.span) });
        }
        for (ends, kind) in [(key("success"), StageKind::Success), (key("failure"), StageKind::Failure)] {
            if let Some(ends) = ends {
                self.mark(&mut stages, ends, kind);
            }
        }
        if let Some(only) = key("rules_only") {
            self.rules_only(&mut stages, only);
        }
        self.people_can_begin(&stages);
        // With a mistake among them it may be the final one that is missing.
        let clear = reported == self.reader.found.len();
        if clear && stages.is_empty() {
            self.reader.bad(
                list.span,
                "there are no stages",
                "name them in their order, such as `[\"New\", \"Won\", \"Lost\"]`",
            );
        }
        if clear && !stages.is_empty() && !stages.iter().any(|stage| stage.kind.is_final()) {
            let help = "add `success = [\"Won\"]` and `failure = [\"Lost\"]` with stages of the list";
            self.reader.bad(owner, "none of these stages is final", help);
        }
        stages
    }

    /// `rules_only = ["Approved"]`: people and other systems cannot put a record into these.
    fn rules_only(&mut self, stages: &mut [Stage], only: &Entry) {
        for name in self.reader.texts(&only.value, "`rules_only`") {
            match stages.iter_mut().find(|stage| *stage.name == *name.text) {
                Some(stage) => stage.rules_only = true,
                None => self.not_among(name, stages),
            }
        }
    }

    /// A new record begins in the first stage.
    fn people_can_begin(&mut self, stages: &[Stage]) {
        if let Some(first) = stages.first().filter(|stage| stage.rules_only) {
            let message = format!("new records begin in `{}`, so people must be able to put them there", first.name);
            let span = first.place.map_or_else(Span::default, |(_, span)| span);
            self.reader.bad(span, message, "take it out of `rules_only`, or put another stage first");
        }
    }

    fn not_among(&mut self, name: Named<'_>, stages: &[Stage]) {
        let message = format!("`{}` is not one of these stages", name.text);
        self.reader.unknown(name, message, stages.iter().map(|stage| &*stage.name));
    }

    /// `"Won"` or `{ name = "Won", kind = "success", rules_only = true }`.
    fn stage<'n>(&mut self, item: &'n Node) -> Option<(Named<'n>, StageKind, bool)> {
        let Some(name) = item.get("name") else {
            return self.reader.text(item, "a stage").map(|name| (name, StageKind::Open, false));
        };
        let (mut kind, mut rules_only) = (StageKind::Open, false);
        for entry in self.reader.table(item, "a stage") {
            match entry.key.as_str() {
                "name" => {}
                "kind" => {
                    let Some(word) = self.reader.text(&entry.value, "`kind`") else { continue };
                    match word.text {
                        "open" => kind = StageKind::Open,
                        "success" => kind = StageKind::Success,
                        "failure" => kind = StageKind::Failure,
                        other => {
                            let message = format!("there is no kind of stage `{other}`");
                            self.reader.unknown(word, message, ["open", "success", "failure"]);
                        }
                    }
                }
                "rules_only" => rules_only = self.reader.flag(&entry.value, "`rules_only`") == Some(true),
                _ => self.reader.unknown_key(entry, "a stage", STAGE),
            }
        }
        self.reader.text(name, "`name`").map(|name| (name, kind, rules_only))
    }

    /// Gives the stages of `success` or `failure` their kind.
    fn mark(&mut self, stages: &mut [Stage], ends: &Entry, kind: StageKind) {
        for name in self.reader.texts(&ends.value, &format!("`{}`", ends.key)) {
            match stages.iter_mut().find(|stage| *stage.name == *name.text) {
                Some(stage) if stage.kind.is_final() && stage.kind != kind => {
                    let message = format!("stage `{}` cannot be both success and failure", name.text);
                    self.reader.bad(name.span, message, "remove it from one of the two");
                }
                Some(stage) => stage.kind = kind,
                None => self.not_among(name, stages),
            }
        }
    }
}
