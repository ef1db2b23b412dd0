//! From a checked rule to its chart.

use super::words::{Words, period_words};
use super::{Arm, Chart, Node, Split, Step, ends};
use crate::check::Checked;
use crate::check::typed::{Expr, ExprKind, FnId, Reentry, Rule, Stmt, StmtKind, Try, Wait, WaitKind};
use crate::schema::Schema;
use crate::value::{Period, Value};

/// The charts of all rules, in their order.
pub fn charts(checked: &Checked, schema: &Schema) -> Vec<Chart> {
    checked.rules.iter().map(|rule| chart(rule, checked, schema)).collect()
}

fn chart(rule: &Rule, checked: &Checked, schema: &Schema) -> Chart {
    let words = Words { schema, locals: &rule.locals, functions: &checked.functions };
    let start: Vec<String> = clauses(rule, checked, schema)
        .into_iter()
        .flat_map(|(about, lines)| {
            let about = match about {
                "trigger" | "again" => String::new(),
                about => format!("{about} "),
            };
            lines.into_iter().map(move |line| format!("{about}{line}"))
        })
        .collect();
    let mut nodes = vec![Node::Step(Step::Start, start.join("\n"))];
    nodes.extend(Builder { words }.body(&rule.body));
    if !ends(&nodes) {
        nodes.push(end());
    }
    Chart { title: rule.title.clone(), nodes }
}

/// The trigger and the clauses of a rule in words, each with what it is; always the same ones in the same order.
pub(super) fn clauses(rule: &Rule, checked: &Checked, schema: &Schema) -> Vec<(&'static str, Vec<String>)> {
    let words = Words { schema, locals: &rule.locals, functions: &checked.functions };
    let again = match &rule.reentry {
        Reentry::EachTime => Vec::new(),
        Reentry::Once { per, within } => {
            let within = within.map_or_else(String::new, |period| format!(" within {}", period_words(period)));
            vec![format!("once for {}{within}", words.expr(per))]
        }
        Reentry::OneAtATime => vec!["not while an earlier one goes on".to_owned()],
        Reentry::Restart => vec!["an earlier one that goes on is ended".to_owned()],
    };
    vec![
        ("trigger", vec![words.trigger(&rule.trigger)]),
        ("only if", rule.condition.iter().map(|e| words.expr(e)).collect()),
        ("as long as", rule.lifetime.iter().map(|e| words.expr(e)).collect()),
        ("again", again),
    ]
}

fn end() -> Node {
    Node::Step(Step::End, "End".to_owned())
}

struct Builder<'a> {
    words: Words<'a>,
}

impl Builder<'_> {
    fn body(&self, body: &[Stmt]) -> Vec<Node> {
        body.iter().flat_map(|stmt| self.stmt(stmt)).collect()
    }

    fn arm(&self, label: impl Into<String>, body: &[Stmt]) -> Arm {
        Arm { label: label.into(), nodes: self.body(body) }
    }

    fn stmt(&self, stmt: &Stmt) -> Vec<Node> {
        match &stmt.kind {
            StmtKind::Assign(id, value) => {
                let name = self.local(id.0);
                vec![Node::Step(Step::Value, format!("{name} is {}", self.words.expr(value)))]
            }
            StmtKind::Act(act, keep) => {
                let kept = keep.map_or_else(String::new, |id| format!(" — this is {}", self.local(id.0)));
                let step = Node::Step(Step::Action, format!("{}{kept}", self.words.action(act)));
                // `move` ends the run.
                if act.action.op == crate::catalog::ActionOp::Move { vec![step, end()] } else { vec![step] }
            }
            StmtKind::If(cond, then, otherwise) => {
                let arms = vec![self.arm("yes", then), self.arm("no", otherwise)];
                vec![Node::Split { split: Split::Decision, text: question(&self.words.expr(cond)), arms }]
            }
            StmtKind::Match { subject, cases, otherwise } => {
                let label =
                    |values: &[Expr]| values.iter().map(|v| self.words.expr(v)).collect::<Vec<_>>().join(" or ");
                let mut arms: Vec<Arm> = cases.iter().map(|(values, body)| self.arm(label(values), body)).collect();
                arms.push(self.arm("anything else", otherwise));
                arms.retain(|arm| !arm.nodes.is_empty() || arm.label != "anything else");
                vec![Node::Split { split: Split::Decision, text: question(&self.words.expr(subject)), arms }]
            }
            StmtKind::For(id, list, body) => {
                let text = format!("For each {} of {}", self.local(id.0), self.words.expr(list));
                vec![Node::Frame(text, self.body(body))]
            }
            StmtKind::While(cond, body) => {
                vec![Node::Frame(format!("As long as {}", self.words.expr(cond)), self.body(body))]
            }
            StmtKind::Break => vec![Node::Step(Step::Value, "Leave the loop".to_owned())],
            StmtKind::Continue => vec![Node::Step(Step::Value, "Go on with the next one".to_owned())],
            StmtKind::Wait(wait) => vec![self.wait(wait)],
            StmtKind::Do { function, args, keep: _ } => {
                vec![Node::Step(Step::Action, self.call(*function, args))]
            }
            StmtKind::Start(start) => {
                let args: Vec<String> = start.args.iter().map(|(_, arg)| self.words.expr(arg)).collect();
                let with = if args.is_empty() { "nothing".to_owned() } else { args.join(", ") };
                let text = format!("Start “{}” by itself with {with}", start.name.replace('_', " "));
                vec![Node::Step(Step::Action, text)]
            }
            StmtKind::Branches { race, branches } => {
                let arms = branches.iter().map(|branch| self.arm("", &branch.body)).collect();
                let text = if *race {
                    "At the same time, until the first is done"
                } else {
                    "At the same time, until all are done"
                };
                vec![Node::Split { split: Split::Together, text: text.to_owned(), arms }]
            }
            StmtKind::Try(tried) => vec![self.try_(tried)],
            // What is taken back when the run fails is no part of its way.
            StmtKind::Undo { .. } => Vec::new(),
            StmtKind::Assert(cond, _) => {
                vec![Node::Step(Step::Value, format!("It fails unless {}", self.words.expr(cond)))]
            }
            StmtKind::Return(_) | StmtKind::Stop => vec![end()],
        }
    }

    fn local(&self, id: u16) -> String {
        self.words.locals.get(usize::from(id)).map_or_else(String::new, |local| local.name.to_string())
    }

    fn call(&self, function: FnId, args: &[Expr]) -> String {
        let name = self.words.functions.get(usize::from(function.0)).and_then(Option::as_ref);
        let name = name.map_or_else(|| "a function".to_owned(), |f| f.name.replace('_', " "));
        let args: Vec<String> = args.iter().map(|arg| self.words.expr(arg)).collect();
        format!("Do “{name}” with {}", if args.is_empty() { "nothing".to_owned() } else { args.join(", ") })
    }

    fn try_(&self, tried: &Try) -> Node {
        let times = tried.times.as_ref().map(|n| format!(", again up to {} times", self.words.expr(n)));
        let pausing = tried.pausing.as_ref().map(|p| format!(", {} apart", self.words.expr(p)));
        let text = format!("Try this{}{}", times.unwrap_or_default(), pausing.unwrap_or_default());
        let otherwise = tried.otherwise.as_deref().unwrap_or(&[]);
        let arms = vec![self.arm("", &tried.body), self.arm("when it does not work", otherwise)];
        Node::Split { split: Split::Try, text, arms }
    }

    fn wait(&self, wait: &Wait) -> Node {
        let limit = wait.limit.as_ref().map(|limit| self.time(limit));
        let what = match &wait.kind {
            WaitKind::Time(e) if matches!(e.kind, ExprKind::Const(Value::Period(_))) => {
                format!("Wait {}", self.words.expr(e))
            }
            WaitKind::Time(e) => format!("Wait until {}", self.words.expr(e)),
            WaitKind::Until { cond, .. } => format!("Wait until {}", self.words.expr(cond)),
            WaitKind::Event { name, about } => {
                let what = match &**name {
                    "activity" => "an activity of the customer".to_owned(),
                    name => name.to_owned(),
                };
                let from = about.first().map(|e| format!(" from {}", self.words.expr(e))).unwrap_or_default();
                format!("Wait for {what}{from}")
            }
            WaitKind::Ask(ask) => {
                let people: Vec<String> = ask.people.iter().map(|e| self.words.expr(e)).collect();
                let people = people.join(if ask.all { " and " } else { " or " });
                let question = self.words.expr(&ask.question);
                if ask.approval {
                    format!("Wait until {people} approves {question}")
                } else {
                    format!("Wait for an answer of {people} to {question}")
                }
            }
        };
        let text = match &limit {
            Some(limit) => format!("{what}, or {limit}"),
            None => what,
        };
        let kept = wait.outcome.map_or_else(String::new, |id| format!(" — how it ends is {}", self.local(id.0)));
        if wait.cases.is_empty() {
            return Node::Step(Step::Wait, format!("{text}{kept}"));
        }
        let label = |outcomes: &[&'static str]| {
            outcomes.iter().map(|o| outcome(o, limit.as_deref())).collect::<Vec<_>>().join(" or ")
        };
        let mut arms: Vec<Arm> = wait.cases.iter().map(|(outcomes, body)| self.arm(label(outcomes), body)).collect();
        let handled = |outcome: &&'static str| wait.cases.iter().any(|(outcomes, _)| outcomes.contains(outcome));
        let rest: Vec<&'static str> = wait.possible.iter().copied().filter(|outcome| !handled(outcome)).collect();
        if !rest.is_empty() {
            arms.push(self.arm(label(&rest), &wait.otherwise));
        }
        Node::Split { split: Split::Wait, text, arms }
    }

    /// "3 days" or a moment.
    fn time(&self, e: &Expr) -> String {
        match &e.kind {
            ExprKind::Const(Value::Period(period)) if *period != Period::ZERO => {
                format!("{} at most", period_words(*period))
            }
            _ => format!("until {} at most", self.words.expr(e)),
        }
    }
}

fn outcome(name: &str, limit: Option<&str>) -> String {
    match name {
        "reached" => "it happened".to_owned(),
        "final" => "it is closed otherwise".to_owned(),
        "activity" => "the customer did something".to_owned(),
        "timeout" => match limit.and_then(|limit| limit.strip_suffix(" at most")) {
            Some(limit) if !limit.starts_with("until ") => format!("nothing for {limit}"),
            _ => "the time is over".to_owned(),
        },
        other => other.to_owned(),
    }
}

fn question(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}?", letters.as_str())
}
