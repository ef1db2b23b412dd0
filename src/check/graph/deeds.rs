//! What rules do: their changes of records, with what is known of them.

use super::{FieldOf, Node, World};
use crate::catalog::{ActionOp, DONE_WITH_STAGE, Touch};
use crate::check::facts::path_key;
use crate::check::lint::domain::Domain;
use crate::check::lint::flow::{self, Changes, Observer, Of, Place};
use crate::check::lint::known::Known;
use crate::check::typed::{Act, Expr, ExprKind, Start, Stmt, StmtKind, Wait};
use crate::check::visit;
use crate::schema::{Entity, Filled, Schema, StageKind, Type};
use crate::source::{FileId, Span};
use crate::value::{Name, Value};

/// A change that a rule makes.
#[derive(Debug)]
pub(super) struct Deed<'r> {
    /// Which rule.
    pub(super) rule: usize,
    pub(super) file: FileId,
    pub(super) at: Span,
    /// The kind of record.
    pub(super) entity: Name,
    /// Whether it makes a new record.
    pub(super) creates: bool,
    /// The flow that it starts, instead of a change.
    pub(super) starts: Option<&'r Start>,
    /// The record that is changed, as a path of the rule; nothing for what is no path.
    pub(super) record: String,
    /// The fields and what they get; nothing where the script does not say it.
    pub(super) fields: Vec<(Name, Option<&'r Expr>)>,
    /// The field that keeps what it makes, and the kind of that, where it is refused as long as there is one: a booking.
    pub(super) until_emptied: Option<(FieldOf, Name)>,
    /// The change of a field that it comes with: where that changes nothing, this does not happen.
    pub(super) with: Option<(FieldOf, &'r Expr)>,
    /// What is known of the record afterwards, as `@`.
    pub(super) after: Known,
    /// What was known before.
    pub(super) before: Known,
    /// The conditions on the way, those of the rule's clauses too, with what they are worth there.
    pub(super) guards: Vec<(&'r Expr, bool)>,
    /// All statements of the rule or function that it stands in.
    pub(super) body: &'r [Stmt],
    /// Whether the rule has slept before.
    pub(super) waited: bool,
}

/// Collects the deeds of one rule.
struct Collector<'r> {
    schema: &'r Schema,
    rule: usize,
    found: Vec<Deed<'r>>,
}

impl Deed<'_> {
    /// Whether the record that is changed was made by the same rule, so that it is another one each time.
    pub(super) fn is_fresh(&self) -> bool {
        let Some(id) = self.record.strip_prefix('$').and_then(|id| id.parse::<u16>().ok()) else { return false };
        let makes = |touch: &Touch| matches!(touch, Touch::Makes(_) | Touch::MakesNamed(_));
        let mut fresh = false;
        visit::each_stmt(self.body, &mut |stmt| {
            if let StmtKind::Act(act, Some(keep)) = &stmt.kind {
                fresh |= keep.0 == id && act.action.touches.iter().any(makes);
            }
        });
        fresh
    }
}

impl<'r> Observer<'r> for Collector<'r> {
    fn condition(&mut self, _: Of, _: &'r Expr, _: &Place<'r>) {}
    fn wait(&mut self, _: &'r Stmt, _: &'r Wait, _: &Place<'r>, _: &Known) {}

    fn start(&mut self, stmt: &'r Stmt, start: &'r Start, at: &Place<'r>) {
        self.found.push(Deed { starts: Some(start), ..self.deed(stmt, at) });
    }

    fn act(&mut self, stmt: &'r Stmt, act: &'r Act, at: &Place<'r>) {
        let from = self.found.len();
        match flow::changes(self.schema, act) {
            Some(changes) => self.change(stmt, act, at, changes),
            None => act.action.touches.iter().for_each(|touch| self.touch(stmt, act, at, *touch)),
        }
        if act.action.op == ActionOp::Book {
            let field = booking_field(self.schema, act);
            self.found.iter_mut().skip(from).for_each(|deed| deed.until_emptied.clone_from(&field));
        }
    }
}

impl<'r> Collector<'r> {
    /// Something done there, of which nothing is known yet.
    fn deed(&self, stmt: &'r Stmt, at: &Place<'r>) -> Deed<'r> {
        Deed {
            rule: self.rule,
            file: at.file,
            at: stmt.span,
            entity: Name::default(),
            creates: false,
            record: String::new(),
            starts: None,
            fields: Vec::new(),
            until_emptied: None,
            with: None,
            after: Known::default(),
            before: Known::default(),
            guards: at.guards.clone(),
            body: at.body,
            waited: at.waited,
        }
    }

    /// A change whose values the script says.
    fn change(&mut self, stmt: &'r Stmt, act: &'r Act, at: &Place<'r>, changes: Changes<'r>) {
        let Changes { entity, record, fields } = changes;
        let mut after = at.known.clone();
        flow::changed(self.schema, act, &mut after);
        let path = path_key(record).unwrap_or_default();
        let mut fields: Vec<(Name, Option<&'r Expr>)> = fields.into_iter().map(|(name, e)| (name, Some(e))).collect();
        if fields.is_empty() {
            // Who of several it will be is not known.
            let sets = act
                .action
                .touches
                .iter()
                .filter_map(|touch| if let Touch::Sets(names) = touch { Some(*names) } else { None });
            fields = sets.flatten().map(|name| (Name::from(*name), None)).collect();
        }
        let (after, before) = (after.moved(&path, "@"), at.known.moved(&path, "@"));
        self.found.push(Deed { entity, fields, after, before, record: path, ..self.deed(stmt, at) });
    }

    /// A change that the action makes by itself.
    fn touch(&mut self, stmt: &'r Stmt, act: &'r Act, at: &Place<'r>, touch: Touch) {
        let record = act.arg("record");
        let entity = record.and_then(|e| self.schema.entity_of(&e.ty));
        let set = |c: &mut Self, names: Vec<Name>| {
            let Some(entity) = entity else { return };
            let fields =
                names.into_iter().filter(|name| entity.field(name).is_some()).map(|name| (name, None)).collect();
            let record = record.and_then(path_key).unwrap_or_default();
            c.found.push(Deed { entity: entity.name.clone(), fields, record, ..c.deed(stmt, at) });
        };
        match touch {
            Touch::Makes(entity) => self.makes(stmt, act, at, entity),
            Touch::MakesNamed(param) => {
                for name in act.arg(param).map(names_of).unwrap_or_default() {
                    self.makes(stmt, act, at, &name);
                }
            }
            Touch::Sets(names) => set(self, names.iter().map(|name| Name::from(*name)).collect()),
            Touch::SetsNamed(param) => set(self, act.arg(param).map(names_of).unwrap_or_default()),
            Touch::Ends(kind) => {
                if let Some(entity) = entity {
                    self.ends(stmt, at, entity, kind);
                }
            }
            Touch::EndsOthers(name, kind) => {
                if let Some(entity) = self.schema.entity(name) {
                    self.ends(stmt, at, entity, kind);
                }
            }
            // What the script says of these is told by `flow::changes`.
            Touch::SetsGiven | Touch::Moves => {}
        }
    }

    /// A new record.
    fn makes(&mut self, stmt: &'r Stmt, act: &'r Act, at: &Place<'r>, entity: &str) {
        let Some(entity) = self.schema.entity(entity) else { return };
        let given: Vec<(Name, &'r Expr)> = act
            .args
            .iter()
            .filter(|(name, _)| entity.field(name).is_some())
            .map(|(name, e)| (name.clone(), e))
            .collect();
        // Other actions give their records more than the script says.
        let all = act.action.op == ActionOp::Create;
        let mut after = of_new(self.schema, entity, &given, &at.known, all);
        // What it is about is linked.
        let about = act.arg("about").or_else(|| act.arg("record")).and_then(|e| self.schema.entity_of(&e.ty));
        if let Some(link) = about.and_then(|about| entity.field(&about.name)) {
            after.put(format!("@.{}", link.name), Domain::any(false));
        }
        let fields = given.into_iter().map(|(name, e)| (name, Some(e))).collect();
        self.found.push(Deed { entity: entity.name.clone(), creates: true, fields, after, ..self.deed(stmt, at) });
    }

    /// A record, which may be any of the entity, gets to a stage of this meaning.
    fn ends(&mut self, stmt: &'r Stmt, at: &Place<'r>, entity: &Entity, kind: StageKind) {
        let Some((stage, after)) = ended(entity, kind) else { return };
        let fields = vec![(stage, None)];
        self.found.push(Deed { entity: entity.name.clone(), fields, after, ..self.deed(stmt, at) });
    }
}

/// The field of the stage, and what is known of a record that got to a stage of this meaning.
fn ended(entity: &Entity, kind: StageKind) -> Option<(Name, Known)> {
    let stage = entity.stage_name()?;
    let stages = entity.pipelines.iter().flat_map(|p| &p.stages).filter(|s| s.kind == kind);
    let mut after = Known::default();
    after.put(format!("@.{stage}"), Domain::of(stages.map(|s| Value::Text(s.name.clone())).collect()));
    Some((stage.clone(), after))
}

/// The field of a booking that holds one at a time: with an active one in it another is refused.
fn booking_field(schema: &Schema, act: &Act) -> Option<(FieldOf, Name)> {
    let (entity, name) = (schema.entity_of(&act.arg("record")?.ty)?, names_of(act.arg("field")?).pop()?);
    let kept = schema.entity_of(&entity.field(&name)?.ty)?;
    Some(((entity.name.clone(), name), kept.name.clone()))
}

/// The names that a parameter gives.
fn names_of(e: &Expr) -> Vec<Name> {
    match &e.kind {
        ExprKind::Const(Value::Text(name)) => vec![name.clone()],
        ExprKind::Const(Value::List(items)) => {
            let name = |item: &Value| if let Value::Text(name) = item { Some(name.clone()) } else { None };
            items.iter().filter_map(name).collect()
        }
        ExprKind::List(items) => items.iter().flat_map(names_of).collect(),
        _ => Vec::new(),
    }
}

/// What is known of a new record: what it is given, and its stage; where that is `all`, its defaults, and that the rest
/// is missing.
fn of_new(schema: &Schema, entity: &Entity, fields: &[(Name, &Expr)], known: &Known, all: bool) -> Known {
    let mut after = Known::default();
    for field in &entity.fields {
        let given = fields.iter().find(|(name, _)| *name == field.name);
        let domain = match (given, entity.filled(field), &field.default) {
            (Some((_, e)), ..) => flow::value(schema, known, e),
            (None, Some(Filled::FirstStage), _) => {
                let pipeline = fields.iter().find(|(_, e)| matches!(e.ty.present(), Type::Pipeline(_)));
                let pipeline = pipeline.and_then(|(_, e)| match &e.kind {
                    ExprKind::Const(Value::Text(name)) => Some(&**name),
                    _ => None,
                });
                entity.first_stage(pipeline).map(|s| Domain::of(vec![Value::Text(s.name.clone())]))
            }
            (None, Some(_), _) => None,
            (None, None, _) if !all => None,
            (None, None, Some(default)) => Some(Domain::of(vec![default.clone()])),
            (None, None, None) => Some(Domain::nothing()),
        };
        if let Some(domain) = domain {
            after.put(format!("@.{}", field.name), domain);
        }
    }
    after
}

/// Everything that the rules change, in order.
pub(super) fn deeds<'r>(world: World<'r>, nodes: &[Node]) -> Vec<Deed<'r>> {
    let mut all = Vec::new();
    for (at, (rule, node)) in world.rules.iter().zip(nodes).enumerate() {
        let mut collector = Collector { schema: world.schema, rule: at, found: Vec::new() };
        flow::walk_into(world.schema, rule, node.trigger, world.functions, &mut collector);
        all.append(&mut collector.found);
    }
    done_with_stage(world.schema, &mut all);
    all
}

/// Adds what is done by itself when a stage changes, if any rule makes such records.
fn done_with_stage(schema: &Schema, deeds: &mut Vec<Deed<'_>>) {
    let (kind, flag) = DONE_WITH_STAGE;
    let Some(entity) = schema.entity(kind) else { return };
    let never = |e: &Expr| matches!(e.kind, ExprKind::Const(Value::Bool(false)));
    let says = |(name, value): &(Name, Option<&Expr>)| **name == *flag && !value.is_some_and(never);
    if !deeds.iter().any(|deed| *deed.entity == *kind && deed.fields.iter().any(says)) {
        return;
    }
    let mut more = Vec::new();
    for deed in deeds.iter().filter(|deed| !deed.creates && *deed.entity != *kind) {
        let moved = schema.entity(&deed.entity).and_then(Entity::stage_name);
        let moved = moved.and_then(|stage| deed.fields.iter().find(|(name, _)| name == stage));
        let (Some((field, value)), Some((stage, after))) = (moved, ended(entity, StageKind::Success)) else { continue };
        more.push(Deed {
            entity: entity.name.clone(),
            fields: vec![(stage, None)],
            with: value.map(|value| ((deed.entity.clone(), field.clone()), value)),
            after,
            before: Known::default(),
            record: String::new(),
            until_emptied: None,
            guards: deed.guards.clone(),
            ..*deed
        });
    }
    deeds.append(&mut more);
}
