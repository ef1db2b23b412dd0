//! Functions of scripts: their bodies, and the places that call them.

use super::context::{Checker, Root, error_expr};
use super::index::Symbol;
use super::library::Signature;
use super::stmt::ends;
use super::typed::{Expr, ExprKind, FnId, Function, StmtKind};
use crate::catalog;
use crate::diagnostics::Code;
use crate::schema::Type;
use crate::source::Span;
use crate::syntax::ast::{self, Arg};

impl Checker<'_> {
    fn signature(&self, id: FnId) -> Option<&Signature> {
        self.signatures.get(usize::from(id.0))
    }

    /// Notes which function a name calls.
    pub(super) fn note_call(&mut self, name: Span, id: FnId) {
        let Some(signature) = self.signature(id) else { return };
        let (file, at, ty) = (signature.file, signature.span, signature.result.clone());
        self.note(name, &ty.unwrap_or(Type::Error), || Symbol::Function(file, at));
    }

    /// Notes the entities that the types of parameters name.
    pub(super) fn note_types(&mut self, params: &[ast::Param]) {
        for param in params {
            let name = self.text_of(param.ty.name);
            if let Some(id) = self.schema.entity_id(name) {
                self.note(param.ty.name, &Type::Entity(id), || Symbol::Entity(name.into()));
            }
        }
    }

    /// Checks the body of a function.
    pub(super) fn function(&mut self, span: Span, function: &ast::Function, signature: &Signature) -> Function {
        self.begin(Root::Function, Type::Error);
        self.result.clone_from(&signature.result);
        let (file, at) = (self.file, function.name);
        let ty = signature.result.clone().unwrap_or(Type::Error);
        self.note_declared(at, &ty, || Symbol::Function(file, at));
        self.note_types(&function.params);
        let body = self.scoped(Vec::new(), |c| {
            for (name, (_, ty)) in function.params.iter().zip(&signature.params) {
                c.declare(name.name, ty.clone());
            }
            c.statements(&function.body.stmts)
        });
        if signature.result.is_some() && !body.last().is_some_and(ends) {
            let name = self.text_of(function.name);
            let diagnostic = self
                .error(Code::E0506, function.name, format!("`{name}` may end without giving its value"))
                .label("not every way through it ends in `return`")
                .help("put a `return …;` at its end, and into every branch that ends it");
            self.report(diagnostic);
        }
        Function {
            file: self.file,
            span,
            name: self.text_of(function.name).into(),
            params: u16::try_from(signature.params.len()).unwrap_or(u16::MAX),
            body,
            locals: std::mem::take(&mut self.locals),
        }
    }

    /// `return;`, `return x;`
    pub(super) fn return_(&mut self, span: Span, value: Option<&ast::Expr>) -> Option<Expr> {
        match (value, self.result.clone(), self.root) {
            (Some(value), Some(wanted), _) => Some(self.expect(value, &wanted)),
            (None, Some(wanted), _) => {
                let ty = self.type_name(&wanted);
                let diagnostic = self
                    .error(Code::E0506, span, format!("this function gives {ty} back"))
                    .label("no value here")
                    .help("write `return …;` with the value");
                self.report(diagnostic);
                None
            }
            (Some(value), None, root) => {
                let (what, help) = match root {
                    Root::Function => {
                        ("this function gives nothing back", "write its type after its parameters, as in `-> int`")
                    }
                    Root::Flow => ("a flow gives nothing back", "write `return;` or `stop;`"),
                    Root::None | Root::Test | Root::Record(_) | Root::Event => {
                        ("a rule gives nothing back", "write `return;` or `stop;`")
                    }
                };
                let diagnostic =
                    self.error(Code::E0115, value.span, what).label("nobody would get this value").help(help);
                self.report(diagnostic);
                None
            }
            (None, None, _) => None,
        }
    }

    /// Whether the whole expression is a call of a script's function.
    pub(super) fn calls_function(&self, e: &ast::Expr) -> bool {
        matches!(&e.kind, ast::ExprKind::Call(call) if self.functions.contains_key(self.text_of(call.name)))
    }

    /// `let $x = f(…);`
    pub(super) fn keep_result(&mut self, name: Span, e: &ast::Expr) -> Option<StmtKind> {
        let called = self.do_(e);
        let result =
            called.as_ref().and_then(|(id, _)| self.signature(*id)).map(|s| (s.name.clone(), s.result.clone()));
        let ty = match result {
            Some((_, Some(ty))) => ty,
            Some((called, None)) => {
                self.gives_nothing(e.span, &called);
                Type::Error
            }
            None => Type::Error,
        };
        let id = self.declare(name, ty);
        let (function, args) = called?;
        Some(StmtKind::Do { function, args, keep: Some(id) })
    }

    fn gives_nothing(&mut self, span: Span, name: &str) {
        let diagnostic = self
            .error(Code::E0301, span, format!("`{name}` gives nothing back"))
            .label("no value here")
            .help(format!("write `do {name}(…);`, or give it a result with `-> type` and `return …;`"));
        self.report(diagnostic);
    }

    /// `f(…)` as a statement: the function may wait and act.
    pub(super) fn do_(&mut self, e: &ast::Expr) -> Option<(FnId, Vec<Expr>)> {
        let ast::ExprKind::Call(call) = &e.kind else {
            if e.kind != ast::ExprKind::Error {
                let diagnostic = self
                    .error(Code::E0207, e.span, "`do` calls a function")
                    .label("this is no call")
                    .help("write the function with its arguments, as in `do remind(deal);`");
                self.report(diagnostic);
            }
            return None;
        };
        let ast::Call { name, args } = &**call;
        let word = self.text_of(*name);
        let Some(&id) = self.functions.get(word) else {
            if catalog::function(word).is_some() {
                let diagnostic = self
                    .error(Code::E0207, e.span, format!("`{word}` only works out a value"))
                    .label("nobody would get it")
                    .help(format!("keep it with `let $x = {};`", self.text_of(e.span)));
                self.report(diagnostic);
            } else {
                self.unknown_function(e.span, *name);
            }
            return None;
        };
        self.note_call(*name, id);
        let args = self.arguments(e.span, id, args)?;
        if self.call_waits(*name) {
            self.time_passes(e.span);
        }
        Some((id, args))
    }

    /// `f(…)` inside an expression: the function must be pure and give something back.
    pub(super) fn invoke(&mut self, span: Span, id: FnId, args: &[Arg]) -> Expr {
        let Some(signature) = self.signature(id) else { return error_expr(span) };
        let (name, effects, result) = (signature.name.clone(), signature.effects, signature.result.clone());
        if !effects.is_pure() {
            let what = match (effects.waits, effects.acts) {
                (true, _) => "waits",
                (false, true) => "acts",
                (false, false) => "looks for records",
            };
            let call = self.text_of(span);
            let diagnostic = self
                .error(Code::E0505, span, format!("`{name}` {what}, so it cannot stand inside an expression"))
                .label("a value that is worked out on the spot is needed here")
                .help(format!("call it before, with `let $x = {call};` or `do {call};`"));
            self.report(diagnostic);
            return error_expr(span);
        }
        let Some(ty) = result else {
            self.gives_nothing(span, &name);
            return error_expr(span);
        };
        match self.arguments(span, id, args) {
            Some(args) => Expr { span, ty, kind: ExprKind::Invoke(id, args) },
            None => error_expr(span),
        }
    }

    /// The arguments of a call, one for each parameter.
    pub(super) fn arguments(&mut self, span: Span, id: FnId, args: &[Arg]) -> Option<Vec<Expr>> {
        let signature = self.signature(id)?;
        let (name, file, place) = (signature.name.clone(), signature.file, signature.span);
        let wanted: Vec<Type> = signature.params.iter().map(|(_, ty)| ty.clone()).collect();
        if args.len() != wanted.len() {
            let diagnostic = self
                .error(Code::E0305, span, format!("`{name}` takes {} values, not {}", wanted.len(), args.len()))
                .label(if args.len() < wanted.len() { "too few" } else { "too many" })
                .because(file, place, "its parameters are declared here")
                .help("give one value for each parameter");
            self.report(diagnostic);
            return None;
        }
        let mut typed = Vec::with_capacity(args.len());
        for (arg, ty) in args.iter().zip(&wanted) {
            match arg {
                Arg::Plain(e) => typed.push(self.expect(e, ty)),
                Arg::Where(e, _) | Arg::Each(e, _) => {
                    let diagnostic = self
                        .error(Code::E0305, e.span, format!("`{name}` takes values, not the elements of a list"))
                        .label("not understood here")
                        .help("give one value for each parameter");
                    self.report(diagnostic);
                    return None;
                }
            }
        }
        typed.iter().all(|e| e.ty != Type::Error).then_some(typed)
    }
}
