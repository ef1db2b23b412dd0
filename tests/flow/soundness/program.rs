//! Rules with expressions of all kinds, most of them well typed.

use crate::recovery::random::Random;

/// What the generator wants of an expression; now and then something else is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Int,
    Decimal,
    Money,
    Text,
    Bool,
    Date,
    Moment,
    Time,
    Length,
    Texts,
    Ints,
    User,
}

const KINDS: [Kind; 12] = [
    Kind::Int,
    Kind::Decimal,
    Kind::Money,
    Kind::Text,
    Kind::Bool,
    Kind::Date,
    Kind::Moment,
    Kind::Time,
    Kind::Length,
    Kind::Texts,
    Kind::Ints,
    Kind::User,
];

/// Functions that expressions call.
pub(super) const FUNCTIONS: &str = r"
fn later($m: datetime, $by: duration) -> datetime { return $m + $by; }
fn clock($m: datetime?) -> time? { return time($m); }
fn half($n: decimal) -> decimal { return $n / 2; }
fn named($n: text, $t: text?) -> text { if $t is empty { return $n; } return $t; }
fn first_of($all: list of text) -> text? { return first($all); }
";

/// A rule whose variables hold what was worked out, before and after a wait.
pub(super) fn rule(random: &mut Random) -> String {
    let clause = if random.below(3) == 0 { format!("if {} ", expr(random, Kind::Bool, 2)) } else { String::new() };
    let (a, b) = (any(random, 3), any(random, 3));
    let body = match random.below(6) {
        0 => {
            let kind = KINDS[random.below(12)];
            let field = maybe(random, kind);
            format!(
                "if {field} is not empty {{ let $a = {a}; let $b = {field}; wait 1d; let $c = {b}; wait 1d; log \"{{$a}}{{$b}}{{$c}}\"; }}"
            )
        }
        1 => format!(
            "if {} {{ let $a = {a}; wait 1d; log \"{{$a}}\"; }} else {{ let $b = {b}; wait 1d; log \"{{$b}}\"; }}",
            expr(random, Kind::Bool, 2)
        ),
        3 | 4 => {
            // A list that is empty at first, and used before it is filled.
            let (kind, part) = if random.below(2) == 0 { (Kind::Texts, "upper($e)") } else { (Kind::Ints, "($e + 1)") };
            let list = expr(random, kind, 2);
            format!(
                "let $a = []; let $n = 0; while $n < 2 {{ for $e in $a {{ let $b = {part}; log \"{{$b}}\"; }} let $c = first($a); wait 1d; log \"{{$c}}\"; set $a = {list}; set $n = $n + 1; }} log \"{{$a}}\";"
            )
        }
        2 => format!(
            "let $a = {a}; if {} {{ stop; }} let $b = {b}; wait 1d; log \"{{$a}}{{$b}}\";",
            expr(random, Kind::Bool, 2)
        ),
        _ => format!("let $a = {a}; let $b = {b}; wait 1d; let $c = $a; wait 1d; log \"{{$a}}{{$b}}{{$c}}\";"),
    };
    format!("on deal updated {clause}{{ {body} }}\n")
}

fn any(random: &mut Random, depth: usize) -> String {
    let kind = KINDS[random.below(12)];
    expr(random, kind, depth)
}

fn one_of(random: &mut Random, all: &[&str]) -> String {
    all[random.below(all.len())].to_owned()
}

/// A field that may be missing.
fn maybe(random: &mut Random, kind: Kind) -> String {
    let all: &[&str] = match kind {
        Kind::Int => &["deal.whole", "company?.employees", "lead?.score"],
        Kind::Decimal => &["deal.part", "deal.discount", "deal.probability"],
        Kind::Money => &["deal.amount", "lead?.amount", "company?.revenue"],
        Kind::Text => &["deal.comments", "deal.source", "deal.site", "lead?.title", "client?.name", "deal.owner.email"],
        Kind::Bool => &["deal.flag", "lead?.repeat"],
        Kind::Date => &["deal.due", "deal.close_date", "contact?.birthday"],
        Kind::Moment => &["deal.moment", "lead?.created_at"],
        Kind::Time => &["deal.hour"],
        Kind::Length => &["deal.length"],
        Kind::Texts => &["deal.tags", "contact?.phones", "lead?.emails"],
        Kind::Ints => &["deal.numbers"],
        Kind::User => &["deal.created_by", "lead?.owner"],
    };
    one_of(random, all)
}

/// What is never missing.
fn leaf(random: &mut Random, kind: Kind) -> String {
    let all: &[&str] = match kind {
        Kind::Int => &["0", "7", "deal.score", "deal.must_whole"],
        Kind::Decimal => &["2.5", "15%", "3"],
        Kind::Money => &["100 PLN", "7 EUR", "0.5 PLN"],
        Kind::Text => &["\"x\"", "deal.title", "deal.owner.name", "deal.stage", "deal.priority", "deal.id"],
        Kind::Bool => &["true", "deal.must_flag", "(deal.stage == \"Won\")", "(deal.priority in [Low, High])"],
        Kind::Date => &["today", "2026-03-05"],
        Kind::Moment => &["now", "deal.created_at", "2026-03-05T09:00"],
        Kind::Time => &["09:00", "23:30"],
        Kind::Length => &["3d", "2h30min", "1mo", "5wd", "8wh"],
        Kind::Texts => &["[\"a\", \"b\"]", "[deal.title]", "[\"\"]", "[]"],
        Kind::Ints => &["[1, 2, 3]", "[deal.score]", "[]"],
        Kind::User => &["deal.owner", "user \"anna\"", "deal.owner.manager", "deal.owner.department.head"],
    };
    one_of(random, all)
}

/// An expression that probably has the kind; `depth` is how deep it may be.
fn expr(random: &mut Random, kind: Kind, depth: usize) -> String {
    let kind = if random.below(25) == 0 { KINDS[random.below(12)] } else { kind };
    if depth == 0 || random.below(5) == 0 {
        return match random.below(4) {
            0 => maybe(random, kind),
            // A day where a moment is wanted.
            1 if kind == Kind::Moment => leaf(random, Kind::Date),
            _ => leaf(random, kind),
        };
    }
    if random.below(6) == 0 {
        let (first, second) = (maybe(random, kind), expr(random, kind, depth - 1));
        return format!("({first} default {second})");
    }
    let template = template(random, kind);
    fill(random, template, depth - 1)
}

/// Forms with a letter for each part: `I D M T B Y` (day) `O` (moment) `H` (hour) `L` `S` (texts) `N` (ints) `U`, `*` any.
#[rustfmt::skip]
fn template(random: &mut Random, kind: Kind) -> &'static str {
    let all: &[&str] = match kind {
        Kind::Int => &[
            "(@I + @I)", "(@I - @I)", "(@I * @I)", "(-(@I))", "len(@T)", "len(@S)", "min(@I, @I)",
            "max(@N)", "sum(@N)", "abs(@I)", "days_between(@Y, @Y)", "days_between(@O, @Y)",
            "round(@D)", "random(@I, @I)", "first(@N)",
        ],
        Kind::Decimal => &[
            "(@D + @I)", "(@D * @D)", "(@I / @I)", "(@M / @M)", "avg(@D, @I)", "avg(@N)",
            "round(@D, 1)", "(-(@D))", "half(@D)", "half(@I)", "max(@D, @I)", "abs(@D)",
        ],
        Kind::Money => &[
            "(@M + @M)", "(@M - @M)", "(@M * @D)", "(@I * @M)", "(@M / @D)", "(-(@M))",
            "exchange(@M, EUR)", "max(@M, @M)", "sum(@M, @M)", "sum(deal.prices)", "round(@M, 1)",
            "first(deal.prices)",
        ],
        Kind::Text => &[
            "upper(@T)", "lower(@T)", "trim(@T)", "replace(@T, \"a\", @T)", "join(@S, \", \")",
            "print(@*)", "first(@S)", "last(split(@T, \",\"))", "\"a {@T} b\"", "\"{@*}\"",
            "format(@Y, \"long\")", "format(@O, \"time\")", "format(@Y, \"time\")", "\"{@M:0.00}\"",
            "format(@I, \"0.0\")", "named(@T, @T)", "first_of(@S)",
        ],
        Kind::Bool => &[
            "(@I < @D)", "(@M >= @M)", "(@T == @T)", "(@Y <= @O)", "(@O > @O)", "(@L < @L)",
            "(@H < @H)", "(@B and @B)", "(@B or @B)", "(not @B)", "(@T in @S)", "(@I in @N)",
            "(@S contains @T)", "(@T contains @T)", "(@T starts with @T)", "(@M between @M and @M)",
            "(@* is empty)", "(@U == @U)", "is_working_day(@Y)", "is_working_time(@O)",
            "(@U in deal.people)", "(deal.stage in [Won, Lost])",
        ],
        Kind::Date => &[
            "(@Y + 3d)", "(@Y - 1mo)", "date(@O)", "add_working_days(@Y, @I)", "first(deal.days)",
            "max(@Y, @Y)", "(@Y + @L)",
        ],
        Kind::Moment => &[
            "(@O + @L)", "(@O - @L)", "at(@Y, @H)", "at(@O, @H)", "start_of(@O, \"month\")",
            "later(@O, @L)", "later(@Y, @L)",
        ],
        Kind::Time => &["time(@O)", "clock(@O)", "clock(@Y)", "min(@H, @H)"],
        Kind::Length => &["(@L + @L)", "(@Y - @Y)", "(@O - @O)", "(@O - @Y)", "(@L * @I)", "(-(@L))", "sum(@L, @L)"],
        Kind::Texts => &["[@T, @T]", "split(@T, \",\")", "[@T, deal.title]"],
        Kind::Ints => &["[@I, @I]", "[1, @I]"],
        Kind::User => &["first(deal.people)", "first(deal.owner.department.members)", "last(chat \"Legal\".members)"],
    };
    all[random.below(all.len())]
}

fn fill(random: &mut Random, template: &str, depth: usize) -> String {
    let mut parts = template.split('@');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let kind = match part.as_bytes()[0] {
            b'I' => Kind::Int,
            b'D' => Kind::Decimal,
            b'M' => Kind::Money,
            b'T' => Kind::Text,
            b'B' => Kind::Bool,
            b'Y' => Kind::Date,
            b'O' => Kind::Moment,
            b'H' => Kind::Time,
            b'L' => Kind::Length,
            b'S' => Kind::Texts,
            b'N' => Kind::Ints,
            b'U' => Kind::User,
            _ => KINDS[random.below(12)],
        };
        out.push_str(&expr(random, kind, depth));
        out.push_str(&part[1..]);
    }
    out
}
