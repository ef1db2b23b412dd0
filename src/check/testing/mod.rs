//! Tests: `test "name" { given … set … when … advance … expect … }`.
//!
//! Their statements are a list of steps; a step's values are ordinary expressions. A test stands outside of the rules, as
//! a person before the CRM: what it does is done by people, and it names every record by a variable. Inside of
//! `for any deal { … }` the record is `deal`, as in a rule.

mod expect;
mod happen;
mod map;
mod points;
mod reply;

pub use points::{Point, points};

use super::action::Args;
use super::context::{Checker, Root};
use super::typed::{Act, Expr, Local, LocalId, StmtKind};
use crate::catalog::Action;
use crate::diagnostics::{Code, did_you_mean, one_of};
use crate::schema::{EntityId, Type};
use crate::source::{FileId, Span};
use crate::syntax::ast::{self, Rhs, StmtKind as Ast};
use crate::value::Name;

/// A checked test. `E` is what stands for a value: an expression, or the number of the function that works it out.
#[derive(Clone, Debug)]
pub struct Test<E = Expr> {
    /// Its file.
    pub file: FileId,
    /// The whole test in its file.
    pub span: Span,
    /// The place of its name.
    pub name_span: Span,
    /// Its name.
    pub name: Name,
    /// Its steps, in order.
    pub steps: Vec<Step<E>>,
    /// All variables; a [`LocalId`] is an index into it.
    pub locals: Vec<Local>,
}

/// One step of a test.
#[derive(Clone, Debug)]
pub struct Step<E = Expr> {
    /// The statement.
    pub span: Span,
    /// What it does.
    pub kind: StepKind<E>,
}

/// The kinds of step.
#[derive(Clone, Debug)]
pub enum StepKind<E = Expr> {
    /// A record that is there from the beginning: no rule notices how it came.
    Given {
        /// The variable that names it.
        keep: LocalId,
        /// Its entity.
        entity: Name,
        /// The fields that are given.
        fields: Vec<(Name, E)>,
    },
    /// The moment at which the test begins.
    At(E),
    /// A variable gets a value.
    Let(LocalId, E),
    /// A person does something.
    Act(Deed<E>, Option<LocalId>),
    /// Something happens that the catalogue names.
    When {
        /// What.
        event: Name,
        /// The record it is about.
        about: Option<E>,
        /// The employee.
        by: Option<E>,
        /// The payload.
        payload: Vec<(Name, E)>,
    },
    /// Somebody says what a run asked.
    Reply(Reply<E>),
    /// Time passes: a period, or until a moment.
    Advance(E),
    /// Something is looked at.
    Expect(Expected<E>),
    /// The steps hold for every record of an entity.
    ForAny {
        /// The entity.
        entity: Name,
        /// The fields that are not left to chance.
        fields: Vec<(Name, E)>,
        /// The steps.
        body: Vec<Step<E>>,
    },
}

/// What somebody says to a run that asked.
#[derive(Clone, Debug)]
pub struct Reply<E = Expr> {
    /// What.
    pub said: Said<E>,
    /// Who says it.
    pub by: E,
    /// The record that the run is about; any without.
    pub about: Option<E>,
    /// In these words.
    pub text: Option<E>,
}

/// What can be said.
#[derive(Clone, Debug)]
pub enum Said<E = Expr> {
    /// Yes.
    Approved,
    /// No.
    Rejected,
    /// The answer to a question.
    Answered,
    /// Somebody else is to say it: this employee.
    Delegated(E),
}

/// What is expected.
#[derive(Clone, Debug)]
pub enum Expected<E = Expr> {
    /// An action was done, or was not.
    Action {
        /// How often, and when.
        how: How,
        /// The action and those of its arguments that count.
        deed: Deed<E>,
        /// The argument that contains a text, and the text.
        contains: Option<(Name, E)>,
    },
    /// Nothing was done but what was expected before.
    Nothing,
    /// How runs are.
    Runs {
        /// Their state.
        state: RunState,
        /// The name of the rule they are of; of any without.
        rule: Option<Name>,
        /// Until when they wait at most.
        until: Option<E>,
    },
    /// A condition.
    Holds {
        /// The condition.
        condition: E,
        /// What it compares, if it does.
        sides: Option<(E, E)>,
    },
}

/// An action with arguments.
#[derive(Clone, Debug)]
pub struct Deed<E = Expr> {
    /// What the catalogue says of it.
    pub action: &'static Action,
    /// The arguments given, by name.
    pub args: Vec<(Name, E)>,
}

impl From<Act> for Deed {
    fn from(act: Act) -> Self {
        Self { action: act.action, args: act.args }
    }
}

/// How often an action is expected, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// At least once.
    Some,
    /// Not at all.
    None,
    /// After what was expected before.
    Then,
    /// This many times.
    Times(u32),
}

/// How a run can be expected to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// It sleeps.
    Waiting,
    /// It came to its end.
    Finished,
    /// It made a mistake.
    Failed,
    /// It was cancelled.
    Cancelled,
    /// An effect was refused, and it waits for a person.
    Parked,
}

impl RunState {
    /// All states, in the order of help texts.
    pub const ALL: &[Self] = &[Self::Waiting, Self::Finished, Self::Failed, Self::Cancelled, Self::Parked];

    /// The word after `expect`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Parked => "parked",
        }
    }
}

impl Checker<'_> {
    /// Checks a test.
    pub(super) fn test(&mut self, span: Span, name: &ast::Text, body: &ast::Block) -> Test {
        self.begin(Root::Test, Type::Error);
        // A test is about what is there: nobody has to prove it.
        self.lenient = true;
        (self.in_test, self.any) = (true, false);
        let name_span = name.span;
        let name = self.constant_text(name).unwrap_or_else(|| {
            let diagnostic = self
                .error(Code::E0801, name.span, "the name of a test must be written out")
                .label("this text has a placeholder")
                .help("write what the test shows, such as `\"the manager hears after three days\"`");
            self.report(diagnostic);
            String::new()
        });
        self.scopes.push(Vec::new());
        let steps = self.steps(body, false);
        self.scopes.pop();
        Test { file: self.file, span, name_span, name: name.into(), steps, locals: std::mem::take(&mut self.locals) }
    }

    fn steps(&mut self, body: &ast::Block, inside: bool) -> Vec<Step> {
        let mut steps = Vec::with_capacity(body.stmts.len());
        for stmt in &body.stmts {
            let kinds = self.step(stmt, inside, steps.is_empty() && !inside);
            steps.extend(kinds.into_iter().map(|kind| Step { span: stmt.span, kind }));
        }
        steps
    }

    fn step(&mut self, stmt: &ast::Stmt, inside: bool, first: bool) -> Vec<StepKind> {
        match &stmt.kind {
            Ast::Given { name, what } => self.given(*name, what).into_iter().collect(),
            Ast::GivenAt(at) => {
                if !first {
                    let diagnostic = self
                        .error(Code::E0801, at.span, "the beginning of a test is said first")
                        .label("time passes from the first statement on")
                        .help("put `given at …` first, or let time pass with `advance`");
                    self.report(diagnostic);
                }
                vec![StepKind::At(self.expect(at, &Type::DateTime))]
            }
            Ast::Let(binding) => self.test_let(binding).into_iter().collect(),
            Ast::Set(assigns) => {
                let mut out = Vec::new();
                self.set(stmt.span, assigns, &mut out);
                let steps = out.into_iter().map(|stmt| match stmt.kind {
                    StmtKind::Act(act, keep) => Some(StepKind::Act(act.into(), keep)),
                    StmtKind::Assign(id, value) => Some(StepKind::Let(id, value)),
                    // `set` makes nothing else.
                    _ => None,
                });
                steps.flatten().collect()
            }
            Ast::Action(action) => {
                self.action(action).map(|(act, _)| StepKind::Act(act.into(), None)).into_iter().collect()
            }
            Ast::When { what, with } => self.when(what, with).into_iter().collect(),
            Ast::Advance(by) => vec![StepKind::Advance(self.advance(by))],
            Ast::Expect(expect) => self.expected(expect).map(StepKind::Expect).into_iter().collect(),
            Ast::ForAny { entity, with, body } => {
                if inside || std::mem::replace(&mut self.any, true) {
                    self.not_in_a_test(stmt.span, "for any");
                }
                self.for_any(*entity, with, body).into_iter().collect()
            }
            Ast::Error => Vec::new(),
            Ast::If(_)
            | Ast::Match { .. }
            | Ast::Case(_)
            | Ast::For { .. }
            | Ast::While { .. }
            | Ast::Break
            | Ast::Continue
            | Ast::Parallel(_)
            | Ast::Race(_)
            | Ast::Branch(_)
            | Ast::Try(_)
            | Ast::Undo(_)
            | Ast::Do(_)
            | Ast::Start(_)
            | Ast::Return(_)
            | Ast::Stop
            | Ast::Wait(_)
            | Ast::Migrate(_)
            | Ast::Assert(_) => {
                let word = self.text_of(stmt.span).split(|c: char| !c.is_alphanumeric()).next().unwrap_or("this");
                self.not_in_a_test(stmt.span, word);
                Vec::new()
            }
        }
    }

    /// `$d = deal with title: "ACME"`
    fn given(&mut self, name: Span, what: &ast::Action) -> Option<StepKind> {
        let found = self.some_entity(what.verb);
        for extra in what.head.iter().map(|e| e.span).chain(what.preps.iter().map(|p| p.prep)) {
            let diagnostic = self
                .error(Code::E0403, extra, "a record is given by its fields")
                .label("one too many")
                .help("write them after `with`, as in `given $d = deal with title: \"ACME\", amount: 100 PLN`");
            self.report(diagnostic);
        }
        let Some(id) = found else {
            self.declare(name, Type::Error);
            return None;
        };
        let fields = self.given_fields(id, &what.with);
        let keep = self.declare(name, Type::Entity(id));
        let entity = self.entity(id)?.name.clone();
        Some(StepKind::Given { keep, entity, fields: fields? })
    }

    fn given_fields(&mut self, id: EntityId, with: &[ast::Named]) -> Option<Vec<(Name, Expr)>> {
        let mut args = Args { given: Vec::new(), entity: Some(id), broken: false };
        self.fields(id, with.iter().map(|named| (named.name, &named.value)), &mut args);
        self.stage_fits(id, &mut args);
        (!args.broken).then_some(args.given)
    }

    pub(in crate::check) fn some_entity(&mut self, span: Span) -> Option<EntityId> {
        let name = self.text_of(span);
        if let Some(id) = self.schema.entity_id(name) {
            return Some(id);
        }
        let names = || self.schema.entities.iter().map(|entity| &*entity.name);
        let diagnostic = self.error(Code::E0201, span, format!("there is no kind of record called `{name}`"));
        let diagnostic = match did_you_mean(name, names()) {
            Some(near) => {
                diagnostic.label(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near)
            }
            None => diagnostic.label("unknown entity"),
        };
        self.report(diagnostic.help(format!("there are {}", one_of(names(), 10))));
        None
    }

    fn test_let(&mut self, binding: &ast::Let) -> Option<StepKind> {
        match &binding.value {
            Rhs::Expr(e) => {
                let value = self.expr(e, None);
                let id = self.declare(binding.name, value.ty.clone());
                Some(StepKind::Let(id, value))
            }
            Rhs::Action(action) => {
                let found = self.action(action);
                let (act, ty) = found.map_or((None, Type::Error), |(act, ty)| (Some(act), ty.unwrap_or(Type::Error)));
                let id = self.declare(binding.name, ty);
                act.map(|act| StepKind::Act(act.into(), Some(id)))
            }
            Rhs::Find(_) | Rhs::Wait(_) | Rhs::Start(_) => {
                self.not_in_a_test(binding.name, "this");
                self.declare(binding.name, Type::Error);
                None
            }
        }
    }

    fn advance(&mut self, by: &ast::Expr) -> Expr {
        let value = self.expr(by, None);
        match value.ty.present() {
            Type::Duration | Type::Date | Type::DateTime | Type::Error => value,
            _ => self.must_fit(value, &Type::Duration),
        }
    }

    /// `for any deal with stage: "Proposal" { … }`
    fn for_any(&mut self, entity: Span, with: &[ast::Named], body: &ast::Block) -> Option<StepKind> {
        let id = self.some_entity(entity)?;
        let fields = self.given_fields(id, with);
        let root = std::mem::replace(&mut self.root, Root::Record(id));
        let event = std::mem::replace(&mut self.event, Type::Record(Vec::new().into()));
        let body = self.scoped(Vec::new(), |c| c.steps(body, true));
        (self.root, self.event) = (root, event);
        let entity = self.entity(id)?.name.clone();
        Some(StepKind::ForAny { entity, fields: fields?, body })
    }

    /// Reports a statement of tests in a rule.
    pub(super) fn only_in_tests(&mut self, span: Span, word: &str) {
        let diagnostic = self
            .error(Code::E0507, self.first_words(span, word), format!("`{word}` belongs in a test"))
            .label("a rule cannot do this")
            .help("put it into a test of its own: `test \"what it shows\" { … }`");
        self.report(diagnostic);
    }

    fn not_in_a_test(&mut self, span: Span, word: &str) {
        let help = match word {
            "wait" => "let time pass with `advance 3d`, and say that a run sleeps with `expect waiting`",
            "for any" => "one `for any` is enough; give other records with `given`",
            _ => "a test goes straight on: it gives records, does something, lets time pass, and expects",
        };
        let diagnostic = self
            .error(Code::E0507, self.first_words(span, word), format!("`{word}` cannot stand in a test"))
            .label("a test cannot do this")
            .help(help);
        self.report(diagnostic);
    }

    fn first_words(&self, span: Span, word: &str) -> Span {
        let text = self.text_of(span);
        let len = if text.starts_with(word) { word.len() } else { text.len() };
        Span::new(span.start, span.start.saturating_add(u32::try_from(len).unwrap_or(0)))
    }
}
