//! What holds for every text: reading never fails, and the spelling of blocks does not matter.

use dealflow::source::FileId;
use dealflow::syntax::token::{NOUNS, VERBS, WORDS};
use dealflow::syntax::{dump, parse};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// An expression; comparisons are frequent, and some break their line where it is allowed.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("deal.amount".to_owned()),
        Just("lead?.status".to_owned()),
        Just("$x".to_owned()),
        Just("500 PLN".to_owned()),
        Just("Won".to_owned()),
        Just("3d".to_owned()),
        Just("user \"anna\"".to_owned()),
        Just("\"a {deal.amount < 3} b\"".to_owned()),
        Just("deal.stop".to_owned()),
        Just("wait.amount".to_owned()),
        Just("at(\"09:00\")".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let op = prop::sample::select(vec![
            " < ",
            "\n< ",
            " > ",
            " >\n",
            "<",
            ">",
            " <= ",
            " == ",
            " in ",
            " and ",
            " or ",
            " + ",
            " - ",
            " default ",
        ]);
        prop_oneof![
            (inner.clone(), op, inner.clone()).prop_map(|(a, op, b)| format!("({a}){op}({b})")),
            (prop::sample::select(vec!["deal.a", "b", "$c"]), prop::sample::select(vec![" < ", " > ", " >\n"]))
                .prop_map(|(a, op)| format!("{a}{op}deal.limit")),
            inner.clone().prop_map(|a| format!("not ({a})")),
            prop::collection::vec(inner.clone(), 0..3).prop_map(|all| format!("[{}]", all.join(", "))),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|all| format!("max({})", all.join(", "))),
            inner.prop_map(|a| format!("{{ stop: {a}, b: 1 }}")),
        ]
    })
}

/// Statements with `⟦` and `⟧` for the marks of blocks.
fn statements() -> impl Strategy<Value = String> {
    let simple = prop_oneof![
        Just("stop;".to_owned()),
        Just("notify chat $legal \"...\";".to_owned()),
        expression().prop_map(|e| format!("set deal.x = {e};")),
        expression().prop_map(|e| format!("let $y = {e};")),
        expression().prop_map(|e| format!("wait until {e} or 3d;")),
        expression().prop_map(|e| format!("create task \"T\" for deal.owner with due: {e}, to: 1;")),
        Just("wait for email opened from contact or 2d;".to_owned()),
        Just("let $l = find deal $d where $d.amount < limit limit 5;".to_owned()),
    ];
    simple.prop_recursive(4, 32, 4, |inner| {
        let block = prop::collection::vec(inner, 0..4).prop_map(|all| format!("⟦{}⟧", all.join(" ")));
        prop_oneof![
            (expression(), block.clone()).prop_map(|(e, b)| format!("if {e} {b}")),
            (expression(), block.clone(), block.clone()).prop_map(|(e, a, b)| format!("if {e} {a} else {b}")),
            (expression(), block.clone()).prop_map(|(e, b)| format!("while {e} {b}")),
            (expression(), block.clone()).prop_map(|(e, b)| format!("for $i in {e} {b}")),
            (block.clone(), block.clone()).prop_map(|(a, b)| format!("race ⟦branch {a} branch {b}⟧")),
            (block.clone(), block.clone()).prop_map(|(a, b)| format!("try {a} retry 5 times pausing 2h else $e {b}")),
            (expression(), block.clone()).prop_map(|(e, b)| format!("wait until {e} ⟦case timeout {b}⟧")),
            (expression(), block).prop_map(|(e, b)| format!("match {e} ⟦case A, \"B c\" {b} case else ⟦⟧⟧")),
        ]
    })
}

pub(super) fn program() -> impl Strategy<Value = String> {
    let rule = (expression(), prop::collection::vec(statements(), 0..4))
        .prop_map(|(e, all)| format!("on deal stage \"Invoice\" if {e} once per deal ⟦{}⟧\n", all.join(" ")));
    let bare =
        prop::collection::vec(statements(), 0..4).prop_map(|all| format!("on deal created ⟦{}⟧\n", all.join(" ")));
    prop::collection::vec(prop_oneof![rule, bare], 1..4).prop_map(|items| items.concat())
}

/// Writes the marks of blocks, `choices` saying which kind each block gets.
pub(super) fn spell(text: &str, choices: &[bool], tight: bool) -> String {
    let mut open = Vec::new();
    let mut next = choices.iter().cycle();
    let mut out = String::new();
    for letter in text.chars() {
        let mark = match letter {
            '⟦' => {
                let angle = next.next().copied().unwrap_or(false);
                open.push(angle);
                if angle { "<" } else { "{" }
            }
            '⟧' => {
                if open.pop().unwrap_or(false) {
                    ">"
                } else {
                    "}"
                }
            }
            other => {
                out.push(other);
                continue;
            }
        };
        out += if tight { "" } else { " " };
        out += mark;
        out += if tight { "" } else { " " };
    }
    out
}

fn read(text: &str) -> String {
    let parse = parse(text, FileId(0));
    let told: Vec<String> =
        parse.diagnostics.iter().map(|d| format!("{} {} {:?}", d.code, d.message, d.span())).collect();
    assert!(told.is_empty(), "{told:?}\nin: {text}");
    dump::tree(&parse.file, text)
}

/// Marks, literals, and letters that begin something.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    "<", ">", "{", "}", "(", ")", "[", "]", ";", ",", ".", "?.", ":", "=", "==", "!=", "<=", ">=", "+", "-", "*",
    "/", "&&", "||", "!", "?", "->", "\n", "\n", "  ", "\"", "\"a\"", "\"{b}\"", "\"{", "}\"", "\"\"\"", "'", "\\",
    "//", "/*", "*/", "/// d\n", "$x", "name", "x", "deal", "1", "2.5", "3d", "3m", "10 PLN", "15%", "09:00",
    "2026-12-24", "2026-02-30", "2026-12-24T09:00", "once", "per", "each time", "one at a time", "restart", "order",
    "limit", "desc", "times", "pausing", "ж", "担", "€", "\u{feff}", "\r\n", "a: ", "{ a: 1 }",
];

/// Pieces of scripts, in any order.
fn soup() -> impl Strategy<Value = String> {
    let mut pieces: Vec<&str> = VERBS.iter().chain(NOUNS).copied().chain(WORDS.iter().map(|(word, _)| *word)).collect();
    pieces.extend(PIECES);
    let piece = prop_oneof![9 => prop::sample::select(pieces).prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)];
    let gap = prop::sample::select(vec![" ", " ", ""]);
    prop::collection::vec((piece, gap), 0..120)
        .prop_map(|all| all.into_iter().map(|(piece, gap)| piece + gap).collect::<String>())
}

/// Operators by how loosely they bind; those of one line bind to the left.
const LEVELS: &[&[&str]] = &[&["or"], &["and"], COMPARE, &["default"], &["+", "-"], &["*", "/"]];
const COMPARE: &[&str] = &["==", "!=", "in", "not contains", "starts with", "<="];

/// What these levels make of operands and the operators between them, as trees are shown.
fn bound(operands: &[&str], operators: &[&str]) -> String {
    let level = |op: &str| LEVELS.iter().position(|level| level.contains(&op));
    match (0..operators.len()).rev().min_by_key(|&at| level(operators[at])) {
        None => operands[0].to_owned(),
        Some(at) => {
            let (left, right) = (bound(&operands[..=at], &operators[..at]), &operands[at + 1..]);
            format!("({left} {} {})", operators[at], bound(right, &operators[at + 1..]))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, rng_seed: RngSeed::Fixed(57), ..ProptestConfig::default() })]

    #[test]
    fn spelling_of_blocks_does_not_matter(
        text in program(), choices in prop::collection::vec(any::<bool>(), 1..40), tight: bool
    ) {
        let braces = read(&spell(&text, &[false], false));
        prop_assert_eq!(&braces, &read(&spell(&text, &[true], tight)), "{}", spell(&text, &[true], tight));
        prop_assert_eq!(&braces, &read(&spell(&text, &choices, tight)), "{}", spell(&text, &choices, tight));
    }

    /// The grammar writes the levels out for each kind of operand; here they are a table.
    #[test]
    fn operators_bind_as_their_levels_say(
        operands in prop::collection::vec(prop::sample::select(vec!["a", "$x.y", "3d", "f(b)", "[c]", "\"t\""]), 9),
        operators in prop::collection::vec(prop::sample::select(LEVELS.concat()), 0..9)
    ) {
        let mut compared = false;
        let operators: Vec<&str> = operators.into_iter().map(|op| {
            // Comparisons are not chained.
            let op = if compared && COMPARE.contains(&op) { "or" } else { op };
            compared = COMPARE.contains(&op) || compared && !["or", "and"].contains(&op);
            op
        }).collect();
        let operands = &operands[..=operators.len()];
        let rest: Vec<&str> = operators.iter().zip(&operands[1..]).flat_map(|(op, operand)| [*op, *operand]).collect();
        let tree = read(&format!("const $a = {} {};", operands[0], rest.join(" ")));
        prop_assert_eq!(tree.trim_end(), format!("const $a = {}", bound(operands, &operators)));
    }

    #[test]
    fn reading_never_fails(text in soup()) {
        let parse = parse(&text, FileId(0));
        let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
        for diagnostic in &parse.diagnostics {
            for label in &diagnostic.labels {
                prop_assert!(label.span.start <= label.span.end && label.span.end <= end, "{:?} in {:?}", diagnostic, text);
                prop_assert!(text.is_char_boundary(label.span.start as usize), "{:?} in {:?}", diagnostic, text);
                prop_assert!(text.is_char_boundary(label.span.end as usize), "{:?} in {:?}", diagnostic, text);
            }
        }
        let _ = dump::tree(&parse.file, &text);
    }

    /// One letter taken out of a right script: nothing breaks, and the rest of the file is still read.
    #[test]
    fn one_slip_stays_local(text in program(), at in 0usize..4000) {
        let whole = spell(&text, &[false], false).replace("; ", ";\n").replace(" } ", " }\n");
        let at = at % whole.len().max(1);
        if whole.is_char_boundary(at) && whole.is_char_boundary(at + 1) {
            let slip = format!("{}{}\non lead created {{ log \"after\"; }}\n", &whole[..at], &whole[at + 1..]);
            let parse = parse(&slip, FileId(0));
            prop_assert!(dump::tree(&parse.file, &slip).contains("log | \"after\""), "{}", slip);
            prop_assert!(whole.as_bytes()[at] == b'"' || parse.diagnostics.len() <= 8, "{:?}\n{}", parse.diagnostics, slip);
        }
    }
}
