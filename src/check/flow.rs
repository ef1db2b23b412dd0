//! Flows: sub-workflows that run by themselves, and the places that start them.

use super::context::{Checker, Root};
use super::index::Symbol;
use super::library::Signature;
use super::typed::{Expr, ExprKind, Op, Origin, Reentry, Rule, Start, Trigger};
use crate::diagnostics::{Code, did_you_mean, one_of};
use crate::schema::Type;
use crate::source::Span;
use crate::syntax::ast::{self, Arg};
use crate::value::{Name, Value};

/// The field of a run that says what became of it.
const STATE: &str = "state";
/// Its value as long as it goes on.
const RUNNING: &str = "running";

impl Checker<'_> {
    /// Checks a flow. It is a rule that nothing sets off but `start`.
    pub(super) fn flow(&mut self, span: Span, flow: &ast::Function) -> Option<Rule> {
        if let Some(result) = &flow.result {
            let diagnostic = self
                .error(Code::E0506, result.span, "a flow gives nothing back")
                .label("it goes on by itself, and nobody waits for a value")
                .help("leave the type out, or write a function with `fn` and call it with `do` or `let`");
            self.report(diagnostic);
        }
        let flows = self.flows;
        let signature = flows.iter().find(|s| s.file == self.file && s.span == flow.name)?;
        self.begin(Root::Flow, Type::Error);
        // A type that was written is one mistake: the values of `return` are not more of them.
        self.result.clone_from(&signature.result);
        let (file, at) = (self.file, flow.name);
        self.note_declared(at, &Type::Run, || Symbol::Function(file, at));
        self.note_types(&flow.params);
        let body = self.scoped(Vec::new(), |c| {
            for (param, (_, ty)) in flow.params.iter().zip(&signature.params) {
                c.declare(param.name, ty.clone());
            }
            c.statements(&flow.body.stmts)
        });
        let params = u16::try_from(signature.params.len()).unwrap_or(u16::MAX);
        Some(Rule {
            file: self.file,
            span,
            name: None,
            title: format!("flow {}", signature.name),
            trigger: Trigger::Flow { name: signature.name.clone(), params },
            condition: None,
            lifetime: None,
            reentry: Reentry::EachTime,
            origins: vec![Origin::Rule],
            body,
            locals: std::mem::take(&mut self.locals),
        })
    }

    /// `start name(args)`
    pub(super) fn start(&mut self, call: &ast::Expr) -> Option<Start> {
        let ast::ExprKind::Call(called) = &call.kind else { return None };
        let ast::Call { name, args } = &**called;
        let word = self.text_of(*name);
        let flows = self.flows;
        let Some(signature) = self.startable.get(word).and_then(|id| flows.get(usize::from(id.0))) else {
            self.no_flow(*name, word);
            return None;
        };
        let (file, at) = (signature.file, signature.span);
        self.note(*name, &Type::Run, || Symbol::Function(file, at));
        let args = self.flow_arguments(call.span, signature, args)?;
        Some(Start { file: signature.file, name: signature.name.clone(), args, keep: None })
    }

    fn no_flow(&mut self, span: Span, word: &str) {
        let diagnostic = self.error(Code::E0207, span, format!("there is no flow `{word}`"));
        let names: Vec<&str> = self.startable.keys().copied().collect();
        let diagnostic = match did_you_mean(word, names.iter().copied()) {
            Some(near) => {
                diagnostic.label(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near)
            }
            None => diagnostic.label("unknown flow"),
        };
        let help = if self.functions.contains_key(word) {
            format!("`{word}` is a function: call it with `do {word}(…);`")
        } else if names.is_empty() {
            format!("write it in this file, as in `flow {word}($d: deal) {{ … }}`, or `use` the file that has it")
        } else {
            format!("flows are {}", one_of(names, 12))
        };
        self.report(diagnostic.help(help));
    }

    fn flow_arguments(&mut self, span: Span, signature: &Signature, args: &[Arg]) -> Option<Vec<(Name, Expr)>> {
        let (name, wanted) = (&signature.name, &signature.params);
        let plain: Vec<&ast::Expr> = args
            .iter()
            .filter_map(|arg| match arg {
                Arg::Plain(e) => Some(e),
                Arg::Where(..) | Arg::Each(..) => None,
            })
            .collect();
        if plain.len() != wanted.len() || plain.len() != args.len() {
            let diagnostic = self
                .error(Code::E0305, span, format!("`{name}` takes {} values, not {}", wanted.len(), args.len()))
                .label(if plain.len() < wanted.len() { "too few" } else { "too many" })
                .because(signature.file, signature.span, "its parameters are declared here")
                .help("give one value for each parameter");
            self.report(diagnostic);
            return None;
        }
        let typed = plain.into_iter().zip(wanted).map(|(e, (name, ty))| (name.clone(), self.expect(e, ty)));
        let typed: Vec<(Name, Expr)> = typed.collect();
        typed.iter().all(|(_, e)| e.ty != Type::Error).then_some(typed)
    }
}

/// `wait for $run`: until it does not go on any more.
pub(super) fn until_over(run: Expr) -> Expr {
    let span = run.span;
    let text = |kind| Box::new(Expr { span, ty: Type::Text, kind });
    let state = text(ExprKind::Field(Box::new(run), STATE.into()));
    let running = text(ExprKind::Const(Value::text(RUNNING)));
    Expr { span, ty: Type::Bool, kind: ExprKind::Binary(Op::Ne, state, running) }
}
