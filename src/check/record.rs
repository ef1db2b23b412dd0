//! Fields of records that scripts write: `set deal.field = …`, `create deal with …`, and members of chats.

use super::action::Args;
use super::context::{Checker, error_expr};
use super::facts::path_key;
use super::typed::{Act, Expr, ExprKind, Stmt, StmtKind};
use crate::catalog;
use crate::diagnostics::{Code, one_of};
use crate::schema::{Entity, EntityId, Type};
use crate::source::Span;
use crate::syntax::ast::{self, ExprKind as Ast};
use crate::value::{Name, Value};
use std::collections::BTreeSet;

impl Checker<'_> {
    /// `set a.x = 1, a.y = 2, $v = 3;`: assignments to one record are one change.
    pub(super) fn set(&mut self, span: Span, assigns: &[ast::Assign], out: &mut Vec<Stmt>) {
        let mut rest = assigns;
        while let Some(first) = rest.first() {
            let Ast::Field { base, .. } = &first.target.kind else {
                rest = rest.get(1..).unwrap_or(&[]);
                if first.target.kind == Ast::Var {
                    out.extend(self.set_variable(&first.target, &first.value).map(|kind| Stmt { span, kind }));
                } else if first.target.kind != Ast::Error {
                    self.not_settable(first.target.span);
                }
                continue;
            };
            let record = self.text_of(base.span);
            let same = |a: &&ast::Assign| match &a.target.kind {
                Ast::Field { base, .. } => base.span.of(self.text) == record,
                _ => false,
            };
            let n = rest.iter().take_while(same).count();
            let (group, tail) = rest.split_at(n);
            rest = tail;
            out.extend(self.set_fields(base, group).map(|act| Stmt { span, kind: StmtKind::Act(act, None) }));
        }
    }

    fn not_settable(&mut self, span: Span) {
        let text = self.text_of(span);
        let diagnostic = self
            .error(Code::E0306, span, format!("`{text}` cannot be given a value"))
            .label("neither a field nor a variable")
            .help("set a field, as in `set deal.amount = …`, or a variable, as in `set $x = …`");
        self.report(diagnostic);
    }

    fn set_fields(&mut self, base: &ast::Expr, group: &[ast::Assign]) -> Option<Act> {
        let action = catalog::action("set")?;
        let record = self.expr(base, None);
        let id = match record.ty.present() {
            Type::Error => return None,
            Type::Entity(_) if record.ty.is_optional() => {
                self.may_be_missing(&record);
                return None;
            }
            Type::Entity(id) => *id,
            other => {
                let ty = self.type_name(other);
                let diagnostic = self
                    .error(Code::E0306, base.span, format!("a field of {ty} cannot be set"))
                    .label(format!("this is {ty}"))
                    .help("only records of the CRM have fields that a script can set");
                self.report(diagnostic);
                return None;
            }
        };
        let key = path_key(&record);
        let mut args = Args { given: vec![("record".into(), record)], entity: Some(id), broken: false };
        let fields = group.iter().filter_map(|assign| match &assign.target.kind {
            Ast::Field { name, .. } => Some((*name, &assign.value)),
            _ => None,
        });
        self.fields(id, fields, &mut args);
        self.stage_fits(id, &mut args);
        if let Some(key) = key {
            self.learn(&key, &args.given);
        }
        (!args.broken).then_some(Act { action, args: args.given })
    }

    /// A field that was just given a value is there; one that was given a value that may be missing may be missing.
    fn learn(&mut self, record: &str, given: &[(Name, Expr)]) {
        for (name, value) in given.iter().skip(1) {
            let key = format!("{record}.{name}");
            self.facts.retain(|fact| *fact != key && !fact.starts_with(&format!("{key}.")));
            if !value.ty.is_optional() {
                self.facts.push(key);
            }
        }
    }

    /// Names and values of fields of one entity.
    pub(super) fn fields<'e>(
        &mut self,
        id: EntityId,
        fields: impl Iterator<Item = (Span, &'e ast::Expr)>,
        args: &mut Args,
    ) {
        let mut seen: Vec<(&str, Span)> = Vec::new();
        for (name, value) in fields {
            let field = self.text_of(name);
            if let Some((_, first)) = seen.iter().find(|(n, _)| *n == field) {
                let diagnostic = self
                    .error(Code::E0209, name, format!("`{field}` is given twice"))
                    .label("a second time")
                    .because(self.file, *first, "first here")
                    .help("remove one of them");
                self.report(diagnostic);
                args.broken = true;
                continue;
            }
            seen.push((field, name));
            let value = self.field_value(id, name, value);
            args.broken |= value.ty == Type::Error;
            args.given.push((field.into(), value));
        }
    }

    fn field_value(&mut self, id: EntityId, name: Span, value: &ast::Expr) -> Expr {
        let field = self.text_of(name);
        let Some(entity) = self.entity(id) else { return error_expr(name) };
        let Some(found) = entity.field(field) else {
            let diagnostic = self.no_field(entity, name, true);
            self.report(diagnostic);
            return error_expr(name);
        };
        self.note_field(name, id, &found.ty);
        if found.read_only {
            let diagnostic = self
                .error(Code::E0306, name, format!("`{}.{field}` cannot be set", entity.name))
                .label("kept by the CRM itself")
                .help("leave it out");
            self.report(diagnostic);
            return error_expr(name);
        }
        let wanted = found.read_type();
        let value = self.expect(value, &wanted);
        if self.other_currency(entity, found, &value) { error_expr(value.span) } else { value }
    }

    /// Reports fields that a new record must have and does not get.
    pub(super) fn required_fields(&mut self, action: &ast::Action, id: EntityId, args: &mut Args) {
        let Some(entity) = self.entity(id) else { return };
        let missing: Vec<&str> = entity
            .fields
            .iter()
            .filter(|f| entity.must_be_given(f))
            .filter(|f| args.given.iter().all(|(name, _)| *name != f.name))
            .map(|f| &*f.name)
            .collect();
        if missing.is_empty() || args.broken {
            return;
        }
        args.broken = true;
        let first = missing.first().copied().unwrap_or_default();
        let names = missing.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ");
        let add =
            if action.with.is_empty() { format!("add `with {first}: …`") } else { format!("add `, {first}: …`") };
        let diagnostic = self
            .error(Code::E0404, Self::start_of(action), format!("a new {} needs its {names}", entity.name))
            .label("a required field without a default is missing")
            .help(add);
        self.report(diagnostic);
    }

    /// A stage that is written out must be one of the pipeline that is written out beside it.
    pub(super) fn stage_fits(&mut self, id: EntityId, args: &mut Args) {
        let Some(entity) = self.entity(id) else { return };
        let constant = |ty: &Type| {
            args.given.iter().find_map(|(_, value)| match &value.kind {
                ExprKind::Const(Value::Text(name)) if value.ty == *ty => Some((name.clone(), value.span)),
                _ => None,
            })
        };
        if let (Some((stage, span)), Some((pipeline, _))) = (constant(&Type::Stage(id)), constant(&Type::Pipeline(id)))
            && entity.find_stage(Some(&pipeline), &stage).is_none()
        {
            args.broken = true;
            self.wrong_pipeline(span, entity, &pipeline, &stage);
        }
    }

    /// Reports a stage of another pipeline.
    pub(super) fn wrong_pipeline(&mut self, span: Span, entity: &Entity, pipeline: &str, stage: &str) {
        let stages = entity.pipeline(pipeline).into_iter().flat_map(|p| &p.stages);
        let known = one_of(stages.map(|s| &*s.name), 10);
        let has = |p: &&crate::schema::Pipeline| p.stages.iter().any(|s| &*s.name == stage);
        let own = one_of(entity.pipelines.iter().filter(has).map(|p| &*p.name), 4);
        let diagnostic = self
            .error(Code::E0203, span, format!("pipeline `{pipeline}` has no stage `{stage}`"))
            .label(format!("a stage of {own}"))
            .help(format!("the stages of `{pipeline}` are {known}"));
        self.report(diagnostic);
    }

    /// A chat needs two people; reported where that can be counted now.
    pub(super) fn enough_members(&mut self, args: &mut Args) {
        let Some((_, members)) = args.given.iter().find(|(name, _)| &**name == "members") else { return };
        let span = members.span;
        let mut people = BTreeSet::new();
        if self.count_people(members, &mut people) && people.len() < 2 {
            args.broken = true;
            let diagnostic = self
                .error(Code::E0406, span, "a chat needs at least two people")
                .label(format!("this is {}", people.len()))
                .help("add somebody, as in `[deal.owner, deal.owner.manager]`, or write with `message` to one person");
            self.report(diagnostic);
        }
    }

    /// Collects the people; false when it depends on the record.
    fn count_people(&self, expr: &Expr, people: &mut BTreeSet<Name>) -> bool {
        match &expr.kind {
            ExprKind::List(items) => items.iter().all(|item| self.count_people(item, people)),
            ExprKind::Const(Value::Ref(who)) => {
                match &*who.kind {
                    "user" => {
                        people.insert(who.id.clone());
                    }
                    "role" => people.extend(self.schema.roles.get(&who.id).into_iter().flat_map(|r| r.members.clone())),
                    "department" => people.extend(
                        self.schema
                            .users
                            .iter()
                            .filter(|(_, u)| u.department.as_ref() == Some(&who.id))
                            .map(|(id, _)| id.clone()),
                    ),
                    _ => people.extend(self.schema.users.keys().cloned()),
                }
                true
            }
            ExprKind::Field(..) | ExprKind::Local(_) if expr.ty == Type::User => {
                // Somebody, unknown who: at least one person more if nobody else is there.
                people.insert(path_key(expr).unwrap_or_default().into());
                true
            }
            _ => false,
        }
    }
}
