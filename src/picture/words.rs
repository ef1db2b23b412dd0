//! Expressions, triggers and actions in words.

use crate::catalog::{self, ActionOp, Env, ParamType, Slot};
use crate::check::typed::{Act, Change, Each, Expr, ExprKind, Find, How, Local, Op, Repeat, Trigger};
use crate::schema::{Schedule, Schema, Type};
use crate::value::{Moment, Period, Ref, Value};

/// The longest text of a message that is shown whole, in letters.
const MOST: usize = 110;

/// Says things of one rule.
pub(super) struct Words<'a> {
    pub(super) schema: &'a Schema,
    pub(super) locals: &'a [Local],
    /// The names of the functions of scripts.
    pub(super) functions: &'a [Option<crate::check::typed::Function>],
}

impl Words<'_> {
    /// "the amount of the deal is more than 10000 PLN"
    pub(super) fn expr(&self, e: &Expr) -> String {
        match &e.kind {
            ExprKind::Error => "…".to_owned(),
            ExprKind::Const(value) => self.value(value, &e.ty),
            ExprKind::Local(id) => {
                self.locals.get(usize::from(id.0)).map_or_else(|| "…".to_owned(), |local| local.name.to_string())
            }
            ExprKind::Record => self.the(&e.ty),
            ExprKind::Event => "the event".to_owned(),
            ExprKind::Now => "now".to_owned(),
            ExprKind::Today => "today".to_owned(),
            ExprKind::Field(base, name) => self.field(e, base, name),
            ExprKind::Not(inner) => self.not(inner),
            ExprKind::Neg(inner) => format!("−{}", self.expr(inner)),
            ExprKind::And(a, b) => format!("{} and {}", self.expr(a), self.expr(b)),
            ExprKind::Or(a, b) => format!("{} or {}", self.expr(a), self.expr(b)),
            ExprKind::Default(..) => self.either(e),
            ExprKind::IsEmpty(inner) => format!("{} is empty", self.expr(inner)),
            ExprKind::Binary(op, a, b) => self.binary(*op, a, b, false),
            ExprKind::Call(func, args) => self.call(func.name(), args),
            ExprKind::Invoke(id, args) => {
                let function = self.functions.get(usize::from(id.0)).and_then(Option::as_ref);
                self.call(function.map_or("…", |f| &f.name), args)
            }
            ExprKind::List(items) => listed(&items.iter().map(|item| self.expr(item)).collect::<Vec<_>>(), "and"),
            ExprKind::Text(parts) => format!("“{}”", shortened(&self.text(parts))),
            ExprKind::Format(inner, _) => self.expr(inner),
            ExprKind::Each(each) => self.each(each),
            ExprKind::Find(find) => self.find(find),
            ExprKind::Named(members) => {
                let members = members.iter().map(|(name, value)| format!("{name} {}", self.expr(value)));
                listed(&members.collect::<Vec<_>>(), "and")
            }
        }
    }

    /// "how many of the tags of the deal where $tag is “vip”"
    fn each(&self, each: &Each) -> String {
        let list = self.expr(&each.list);
        let part = each.part.as_ref().map(|part| self.expr(part));
        let at = part.as_ref().map_or_else(String::new, |part| format!(" where {part}"));
        match each.how {
            How::Count => format!("how many of {list}{at}"),
            How::Any => format!("any of {list}{at}"),
            How::All => format!("all of {list}{at}"),
            How::Filter => format!("those of {list}{at}"),
            How::Sort => format!("{list}{at}, in order"),
            How::SortBy => format!("{list}, in the order of {}", part.unwrap_or_default()),
            How::Map => format!("{} of each of {list}", part.unwrap_or_default()),
        }
    }

    /// "the first 5 deals where the amount of $d is more than 5 PLN, the largest amount of $d first"
    fn find(&self, find: &Find) -> String {
        let at = find.cond.as_ref().map_or_else(String::new, |cond| format!(" where {}", self.expr(cond)));
        let first = find.limit.as_ref().map_or_else(|| "all".to_owned(), |n| format!("the first {}", self.expr(n)));
        let order = find.order.as_ref().map_or_else(String::new, |(key, down)| {
            format!(", the {} {} first", if *down { "largest" } else { "smallest" }, self.expr(key))
        });
        format!("{first} of kind {}{at}{order}", find.entity)
    }

    /// "the owner of the deal, else Mona Wolska"; the customer of a record is a contact or a company.
    fn either(&self, e: &Expr) -> String {
        let mut parts = Vec::new();
        self.alternatives(e, &mut parts);
        let mut seen = std::collections::BTreeSet::new();
        parts.retain(|part| seen.insert(part.clone()));
        match parts.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["the contact", "the company", rest @ ..] => {
                std::iter::once(&"the client").chain(rest).copied().collect::<Vec<_>>().join(", else ")
            }
            all => all.join(", else "),
        }
    }

    fn alternatives(&self, e: &Expr, parts: &mut Vec<String>) {
        if let ExprKind::Default(a, b) = &e.kind {
            self.alternatives(a, parts);
            self.alternatives(b, parts);
        } else {
            parts.push(self.expr(e));
        }
    }

    /// A text with its placeholders in brackets; what is read from the rule's own record or event goes without saying so.
    fn text(&self, parts: &[Expr]) -> String {
        let part = |part: &Expr| {
            let own = match &part.kind {
                ExprKind::Const(Value::Text(text)) => return text.to_string(),
                ExprKind::Format(inner, _) => &**inner,
                _ => part,
            };
            match &own.kind {
                ExprKind::Field(base, name) if matches!(base.kind, ExprKind::Record | ExprKind::Event) => {
                    format!("[{}]", self.label(base, name))
                }
                _ => format!("[{}]", self.expr(own)),
            }
        };
        parts.iter().map(part).collect()
    }

    fn value(&self, value: &Value, ty: &Type) -> String {
        match (value, ty.present()) {
            (Value::Missing, _) => "nothing".to_owned(),
            (Value::Text(text), Type::Text) => format!("“{}”", shortened(text)),
            (Value::Period(period), _) => period_words(*period),
            (Value::Ref(of), _) => self.reference(of),
            (Value::List(items), ty) => {
                let item = if let Type::List(item) = ty { item } else { ty };
                listed(&items.iter().map(|one| self.value(one, item)).collect::<Vec<_>>(), "and")
            }
            (other, _) => catalog::human(other, &Env { now: Moment::default(), schema: self.schema, seed: 0 }),
        }
    }

    fn reference(&self, of: &Ref) -> String {
        match &*of.kind {
            "user" => self.schema.users.get(&of.id).map_or_else(|| of.id.to_string(), |user| user.name.clone()),
            "everybody" => "everybody".to_owned(),
            kind => format!("the {kind} {}", of.id),
        }
    }

    /// "the deal"
    fn the(&self, ty: &Type) -> String {
        format!("the {}", self.schema.type_name(ty.present()))
    }

    /// What people call a field.
    fn label(&self, base: &Expr, name: &str) -> String {
        let field = self.schema.entity_of(&base.ty).and_then(|entity| entity.field(name));
        field.map_or_else(|| name.replace('_', " "), |field| lower(&field.label))
    }

    fn field(&self, e: &Expr, base: &Expr, name: &str) -> String {
        let label = self.label(base, name);
        // What a record links to is known by its own name.
        let links = matches!(e.ty.present(), Type::Entity(_)) && base.ty.present() != e.ty.present();
        if links { format!("the {label}") } else { format!("the {label} of {}", self.expr(base)) }
    }

    fn not(&self, inner: &Expr) -> String {
        match &inner.kind {
            ExprKind::IsEmpty(inner) => format!("{} is not empty", self.expr(inner)),
            ExprKind::Binary(op @ (Op::In | Op::Contains | Op::StartsWith | Op::EndsWith), a, b) => {
                self.binary(*op, a, b, true)
            }
            _ => format!("not: {}", self.expr(inner)),
        }
    }

    fn binary(&self, op: Op, a: &Expr, b: &Expr, not: bool) -> String {
        let left = self.expr(a);
        if op == Op::In {
            let items: Option<Vec<String>> = match &b.kind {
                ExprKind::List(items) => Some(items.iter().map(|item| self.expr(item)).collect()),
                ExprKind::Const(Value::List(items)) => {
                    let item = if let Type::List(item) = b.ty.present() { item } else { &b.ty };
                    Some(items.iter().map(|one| self.value(one, item)).collect())
                }
                _ => None,
            };
            let is = if not { "is not" } else { "is" };
            return match items {
                Some(items) => format!("{left} {is} {}", listed(&items, "or")),
                None => format!("{left} {is} in {}", self.expr(b)),
            };
        }
        let word = match (op, not) {
            (Op::Eq, _) => "is",
            (Op::Ne, _) => "is not",
            (Op::Lt, _) => "is less than",
            (Op::Le, _) => "is at most",
            (Op::Gt, _) => "is more than",
            (Op::Ge, _) => "is at least",
            (Op::In, _) => "is in",
            (Op::Contains, false) => "contains",
            (Op::Contains, true) => "does not contain",
            (Op::StartsWith, false) => "starts with",
            (Op::StartsWith, true) => "does not start with",
            (Op::EndsWith, false) => "ends with",
            (Op::EndsWith, true) => "does not end with",
            (Op::Add, _) => "+",
            (Op::Sub, _) => "−",
            (Op::Mul, _) => "×",
            (Op::Div, _) => "÷",
        };
        format!("{left} {word} {}", self.expr(b))
    }

    fn call(&self, name: &str, args: &[Expr]) -> String {
        let args: Vec<String> = args.iter().map(|arg| self.expr(arg)).collect();
        let name = name.replace('_', " ");
        if args.is_empty() { name } else { format!("{name} ({})", args.join(", ")) }
    }

    /// "When a deal enters the stage Invoice"
    pub(super) fn trigger(&self, trigger: &Trigger) -> String {
        let label = |entity: &str, field: &str| {
            let found = self.schema.entity(entity).and_then(|e| e.field(field));
            found.map_or_else(|| field.replace('_', " "), |field| lower(&field.label))
        };
        match trigger {
            Trigger::Record { entity, what } => {
                let one = article(entity);
                match what {
                    Change::Created => format!("When {one} is made"),
                    Change::Updated => format!("When {one} changes"),
                    Change::Saved => format!("When {one} is made or changes"),
                    Change::Deleted => format!("When {one} is removed"),
                    Change::Fields { fields, from, to } => {
                        let fields: Vec<String> =
                            fields.iter().map(|field| format!("the {}", label(entity, field))).collect();
                        let side = |word: &str, value: &Option<Value>| {
                            value
                                .as_ref()
                                .map_or_else(String::new, |v| format!(" {word} {}", self.value(v, &Type::Error)))
                        };
                        let (from, to) = (side("from", from), side("to", to));
                        format!("When {} of {one} changes{from}{to}", listed(&fields, "or"))
                    }
                    Change::Stage { stages, pipeline } => {
                        let stages: Vec<String> = stages.iter().map(ToString::to_string).collect();
                        let pipeline = pipeline.as_ref().map_or_else(String::new, |p| format!(" in the pipeline {p}"));
                        let stage = self.schema.entity(entity).and_then(|e| e.stage_name()).map_or("stage", |s| s);
                        format!("When {one} enters the {stage} {}{pipeline}", listed(&stages, "or"))
                    }
                    Change::Closed { success: true, failure: false } => format!("When {one} is won"),
                    Change::Closed { success: false, failure: true } => format!("When {one} is lost"),
                    Change::Closed { .. } => format!("When {one} is closed, won or lost"),
                }
            }
            Trigger::Unreplied { opened, after } => {
                let what = if *opened { "is opened and" } else { "is" };
                format!("When an e-mail {what} not replied to for {}", period_words(*after))
            }
            Trigger::Every(schedule) => every(schedule),
            Trigger::Flow { name, params: _ } => format!("When “{}” is started", name.replace('_', " ")),
            Trigger::Date { entity, field, offset, before, at, repeat } => {
                let far = match (*offset == Period::ZERO, before) {
                    (true, _) => "On".to_owned(),
                    (false, true) => format!("{} before", period_words(*offset)),
                    (false, false) => format!("{} after", period_words(*offset)),
                };
                let at = at.map_or_else(String::new, |at| format!(", at {}", at.format("%H:%M")));
                let again = match repeat {
                    Repeat::Once => "",
                    Repeat::Monthly => ", every month",
                    Repeat::Yearly => ", every year",
                };
                format!("{far} the {} of {}{at}{again}", label(entity, field), article(entity))
            }
            Trigger::Event { name } => {
                let summary = catalog::event_spec(name).map(|spec| spec.summary.trim_end_matches('.'));
                summary.map_or_else(|| format!("When this happens: {name}"), str::to_owned)
            }
        }
    }

    /// "Message Mona Wolska: “no answer”, as alarm"
    pub(super) fn action(&self, act: &Act) -> String {
        let record = || act.arg("record").map(|e| self.expr(e)).unwrap_or_default();
        if act.action.op == ActionOp::Set {
            let fields: Vec<(String, String)> = self.fields(act).collect();
            if let [(label, value)] = fields.as_slice() {
                return format!("Set the {label} of {} to {value}", record());
            }
            let fields: Vec<String> = fields.iter().map(|(label, value)| format!("the {label} to {value}")).collect();
            return format!("Set in {}: {}", record(), listed(&fields, "and"));
        }
        if act.action.op == ActionOp::Move {
            let stage = act.arg("stage").map(|e| self.expr(e)).unwrap_or_default();
            return format!("Move {} to {stage}", record());
        }
        if act.action.op == ActionOp::Create {
            let entity = match act.arg("entity").map(|e| &e.kind) {
                Some(ExprKind::Const(Value::Text(name))) => article(name),
                _ => "a record".to_owned(),
            };
            let fields: Vec<String> = self.fields(act).map(|(label, value)| format!("{label} {value}")).collect();
            let with = if fields.is_empty() { String::new() } else { format!(" with {}", listed(&fields, "and")) };
            return format!("Make {entity}{with}");
        }
        self.plain_action(act)
    }

    /// The words of the action itself, with the texts behind a colon.
    fn plain_action(&self, act: &Act) -> String {
        let mut out = upper(act.action.verb);
        let mut texts = Vec::new();
        let mut named = Vec::new();
        for slot in act.action.head {
            match slot {
                Slot::Word(word) => out = format!("{out} {word}"),
                Slot::Arg(param) => {
                    let Some(value) = act.arg(param.name) else { continue };
                    let words = self.expr(value);
                    if param.ty == ParamType::Text {
                        texts.push(words);
                    } else {
                        let words = words.trim_start_matches("the chat ");
                        out = format!("{out} {words}");
                    }
                }
            }
        }
        let mut placed: Vec<&str> =
            act.action.head.iter().filter_map(|s| if let Slot::Arg(p) = s { Some(p.name) } else { None }).collect();
        for prep in act.action.preps {
            for param in prep.params() {
                placed.push(param.name);
                if let Some(value) = act.arg(param.name) {
                    // A word of the catalogue is no text.
                    let words = match (&value.kind, param.ty) {
                        (ExprKind::Const(Value::Text(word)), ParamType::Choice(_)) => word.to_string(),
                        _ => self.expr(value),
                    };
                    named.push(format!("{} {words}", prep.prep));
                }
            }
        }
        for (name, value) in act.args.iter().filter(|(name, _)| !placed.contains(&&**name)) {
            named.push(format!("{}: {}", name.replace('_', " "), self.expr(value)));
        }
        if !texts.is_empty() {
            out = format!("{out}: {}", texts.join(" "));
        }
        if !named.is_empty() {
            out = format!("{out}, {}", named.join(", "));
        }
        out
    }

    /// The fields of `create` and `set` with their labels and values.
    fn fields<'w>(&'w self, act: &'w Act) -> impl Iterator<Item = (String, String)> + 'w {
        let entity = act.args.iter().find_map(|(name, e)| match (&**name, &e.kind, e.ty.present()) {
            ("record", _, Type::Entity(id)) => self.schema.get(*id),
            ("entity", ExprKind::Const(Value::Text(name)), _) => self.schema.entity(name),
            _ => None,
        });
        let own = |name: &str| matches!(name, "record" | "entity" | "by" | "pipeline");
        act.args.iter().filter(move |(name, _)| !own(name)).map(move |(name, e)| {
            let label = entity.and_then(|entity| entity.field(name)).map(|field| lower(&field.label));
            (label.unwrap_or_else(|| name.replace('_', " ")), self.expr(e))
        })
    }
}

/// "3 days", "2 hours and 30 minutes"
pub(super) fn period_words(period: Period) -> String {
    let Period { months, days, minutes, work_days, work_minutes } = period;
    let mut parts = Vec::new();
    let mut add = |n: i32, one: &str, many: &str| {
        if n != 0 {
            parts.push(format!("{n} {}", if n == 1 { one } else { many }));
        }
    };
    add(months / 12, "year", "years");
    add(months % 12, "month", "months");
    if days % 7 == 0 {
        add(days / 7, "week", "weeks");
    } else {
        add(days, "day", "days");
    }
    add(minutes / 60, "hour", "hours");
    add(minutes % 60, "minute", "minutes");
    add(work_days, "working day", "working days");
    add(work_minutes / 60, "working hour", "working hours");
    add(work_minutes % 60, "working minute", "working minutes");
    if parts.is_empty() { "no time".to_owned() } else { listed(&parts, "and") }
}

/// "a, b and c"
fn listed(items: &[String], word: &str) -> String {
    match items {
        [] => "nothing".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {word} {last}", first.join(", ")),
    }
}

fn article(entity: &str) -> String {
    let vowel = entity.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {entity}", if vowel { "an" } else { "a" })
}

fn lower(label: &str) -> String {
    let mut letters = label.chars();
    let (first, rest) = (letters.next(), letters.as_str());
    // An abbreviation stays as it is.
    if rest.starts_with(char::is_uppercase) {
        return label.to_owned();
    }
    first.into_iter().flat_map(char::to_lowercase).chain(rest.chars()).collect()
}

fn upper(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next();
    first.into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MOST {
        return line;
    }
    let start: String = line.chars().take(MOST).collect();
    format!("{}…", start.trim_end())
}

/// "Every Monday, at 09:00"
fn every(schedule: &Schedule) -> String {
    let (days, working, at) = match schedule {
        Schedule::Period(period) => return format!("Every {}", period_words(*period)),
        Schedule::Cron(line) => return format!("By the line of cron {line}"),
        Schedule::Days { days, working, at } => (*days, *working, at),
    };
    let names = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    let chosen = names.iter().enumerate().filter(|(bit, _)| days & (1 << bit) != 0);
    let chosen: Vec<String> = chosen.map(|(_, name)| (*name).to_owned()).collect();
    let days = match (chosen.len() == names.len(), working) {
        (true, true) => "working day".to_owned(),
        (true, false) => "day".to_owned(),
        (false, _) => listed(&chosen, "and"),
    };
    let at: Vec<String> = at.iter().map(|at| at.format("%H:%M").to_string()).collect();
    format!("Every {days}, at {}", listed(&at, "and"))
}
