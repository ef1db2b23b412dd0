//! Enumerations: stages, pipelines, select fields, outcomes, and the names of their members.

use super::context::{Checker, error_expr};
use super::typed::{Expr, ExprKind};
use crate::diagnostics::{Code, did_you_mean, one_of};
use crate::schema::{Place, Type};
use crate::source::Span;
use crate::value::{Name, Value};

/// The outcomes of waits, as members of `Type::Outcome`.
pub(super) const OUTCOMES: [&str; 6] = ["reached", "final", "activity", "timeout", "approved", "rejected"];

impl Checker<'_> {
    /// Whether the type is a closed list of names.
    #[expect(clippy::unused_self, reason = "one family of questions, asked the same way")]
    pub(super) fn has_members(&self, ty: &Type) -> bool {
        matches!(ty.present(), Type::Stage(_) | Type::Pipeline(_) | Type::Enum(..) | Type::Outcome)
    }

    /// Name, label and place of every member.
    pub(super) fn members(&self, ty: &Type) -> Vec<(Name, String, Place)> {
        match ty.present() {
            Type::Stage(id) => self.entity(*id).map_or_else(Vec::new, |entity| {
                let mut all: Vec<(Name, String, Place)> = Vec::new();
                for stage in entity.pipelines.iter().flat_map(|p| &p.stages) {
                    if all.iter().all(|(name, ..)| *name != stage.name) {
                        all.push((stage.name.clone(), stage.name.to_string(), stage.place));
                    }
                }
                all
            }),
            Type::Pipeline(id) => self.entity(*id).map_or_else(Vec::new, |entity| {
                entity.pipelines.iter().map(|p| (p.name.clone(), p.name.to_string(), p.place)).collect()
            }),
            Type::Enum(entity, field) => {
                let field = self.entity(*entity).and_then(|e| e.get(*field));
                field.map_or_else(Vec::new, |f| {
                    f.options.iter().map(|o| (o.name.clone(), o.label.clone(), f.place)).collect()
                })
            }
            Type::Outcome => OUTCOMES.iter().map(|n| (Name::from(*n), (*n).to_owned(), None)).collect(),
            _ => Vec::new(),
        }
    }

    pub(super) fn find_member(&self, ty: &Type, name: &str) -> Option<Name> {
        self.members(ty).into_iter().find(|(n, ..)| &**n == name).map(|(n, ..)| n)
    }

    /// The member `name` of the enumeration `ty`, or a report.
    pub(super) fn member(&mut self, span: Span, name: &str, ty: &Type) -> Expr {
        let ty = ty.present().clone();
        if let Some(found) = self.find_member(&ty, name) {
            return Expr { span, ty, kind: ExprKind::Const(Value::Text(found)) };
        }
        let members = self.members(&ty);
        let (code, what) = self.what_is_it(&ty);
        let by_label = members.iter().find(|(_, label, _)| label.to_lowercase() == name.to_lowercase());
        let near = by_label
            .map(|(n, ..)| n.to_string())
            .or_else(|| self.by_other_label(&ty, name))
            .or_else(|| did_you_mean(name, members.iter().map(|(n, ..)| &**n)).map(str::to_owned));
        let mut diagnostic = self.error(code, span, format!("there is no {what} `{name}`"));
        diagnostic = match &near {
            Some(near) => {
                let quoted = self.text_of(span).starts_with('"') || near.contains(|c: char| !c.is_alphanumeric());
                let text = if quoted { format!("\"{near}\"") } else { near.clone() };
                diagnostic.label(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, text)
            }
            None => diagnostic.label("not one of its values"),
        };
        if let Some((file, place)) = members.iter().find_map(|(.., place)| *place) {
            diagnostic = diagnostic.because(file, place, "they are declared here");
        }
        let known = one_of(members.iter().map(|(n, ..)| &**n), 10);
        self.report(diagnostic.help(format!("it can be {known}")));
        error_expr(span)
    }

    /// The option that is called so in another language.
    fn by_other_label(&self, ty: &Type, name: &str) -> Option<String> {
        let Type::Enum(entity, field) = ty else { return None };
        let field = self.entity(*entity)?.get(*field)?;
        let called = |label: &String| label.to_lowercase() == name.to_lowercase();
        field.options.iter().find(|option| option.labels.iter().any(called)).map(|option| option.name.to_string())
    }

    fn what_is_it(&self, ty: &Type) -> (Code, String) {
        let entity = |id| self.entity(id).map_or_else(String::new, |e| e.name.to_string());
        match ty {
            Type::Stage(id) => {
                let word = self.entity(*id).and_then(|e| e.stage_name().cloned()).unwrap_or_else(|| "stage".into());
                (Code::E0203, format!("{} {word}", entity(*id)))
            }
            Type::Pipeline(id) => (Code::E0204, format!("{} pipeline", entity(*id))),
            Type::Enum(id, field) => {
                let field = self.entity(*id).and_then(|e| e.get(*field)).map_or("", |f| &*f.name);
                (Code::E0208, format!("value of `{}.{field}`", entity(*id)))
            }
            _ => (Code::E0208, "outcome of a wait".to_owned()),
        }
    }
}
