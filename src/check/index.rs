//! What every name in a script stands for. The checker notes it as it goes, where somebody asks for it; editors look it
//! up by place.

use super::context::Checker;
use crate::schema::{EntityId, Type};
use crate::source::{FileId, Span};
use crate::value::Name;

/// A name in a script.
#[derive(Clone, Debug, PartialEq)]
pub struct Use {
    /// Where it stands.
    pub span: Span,
    /// What it stands for.
    pub symbol: Symbol,
    /// The type of the value that it names; an error type where it names none.
    pub ty: Type,
    /// Whether this is where a name of the script is declared.
    pub declares: bool,
}

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Symbol {
    /// A variable of a rule or function, by where it is declared.
    Variable(FileId, Span),
    /// A constant of a script.
    Constant(Name),
    /// A function of a script, by where it is declared.
    Function(FileId, Span),
    /// A `$name` of the workspace.
    Binding(Name),
    /// A kind of record.
    Entity(Name),
    /// `event`, `now`, `today`, `client`.
    Root(Name),
    /// A field of an entity.
    Field(Name, Name),
    /// A member of something that is no record, such as an event or a person.
    Member(Name),
    /// A stage of an entity.
    Stage(Name, Name),
    /// A pipeline of an entity.
    Pipeline(Name, Name),
    /// An option of a field of an entity.
    Choice(Name, Name, Name),
    /// How a wait ended.
    Outcome(Name),
    /// A thing of the workspace by its kind and name: `user "anna"`.
    Thing(Name, Name),
    /// An action, by its name in the catalogue.
    Action(&'static str),
    /// A parameter of an action.
    Parameter(&'static str, &'static str),
    /// A function of the language.
    Builtin(&'static str),
    /// A named event.
    Event(&'static str),
}

impl Checker<'_> {
    /// Notes what a name stands for.
    pub(super) fn note(&mut self, span: Span, ty: &Type, symbol: impl FnOnce() -> Symbol) {
        if let Some(index) = &mut self.index {
            index.push(Use { span, symbol: symbol(), ty: ty.clone(), declares: false });
        }
    }

    /// Notes where a name is declared.
    pub(super) fn note_declared(&mut self, span: Span, ty: &Type, symbol: impl FnOnce() -> Symbol) {
        if let Some(index) = &mut self.index {
            index.push(Use { span, symbol: symbol(), ty: ty.clone(), declares: true });
        }
    }

    /// Notes a field of an entity.
    pub(super) fn note_field(&mut self, span: Span, entity: EntityId, ty: &Type) {
        let entity = self.entity(entity).map_or_else(|| "".into(), |e| e.name.clone());
        let field = self.text_of(span);
        self.note(span, ty, || Symbol::Field(entity, field.into()));
    }

    /// Notes a name that can begin a path.
    pub(super) fn note_root(&mut self, span: Span, ty: &Type) {
        let name = self.text_of(span);
        let known = self.schema.entity_id(name).is_some();
        self.note(span, ty, || if known { Symbol::Entity(name.into()) } else { Symbol::Root(name.into()) });
    }

    /// Notes a member of an enumeration.
    pub(super) fn note_member(&mut self, span: Span, ty: &Type, member: &Name) {
        let name = |id: EntityId| self.entity(id).map_or_else(|| "".into(), |e| e.name.clone());
        let symbol = match ty.present() {
            Type::Stage(id) => Symbol::Stage(name(*id), member.clone()),
            Type::Pipeline(id) => Symbol::Pipeline(name(*id), member.clone()),
            Type::Enum(id, field) => {
                let field = self.entity(*id).and_then(|e| e.get(*field)).map(|f| f.name.clone());
                Symbol::Choice(name(*id), field.unwrap_or_else(|| "".into()), member.clone())
            }
            _ => Symbol::Outcome(member.clone()),
        };
        self.note(span, ty, || symbol);
    }
}
