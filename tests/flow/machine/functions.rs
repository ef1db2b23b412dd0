//! Every function's and format's examples, and the cases at their borders.

use super::workspace::{env, schema, split, value};
use dealflow::catalog::{self, Env, FORMATS, FnType};
use dealflow::value::Value;

/// Calls `name(literal, …)`.
fn eval(source: &str, env: &Env<'_>) -> Result<Value, String> {
    let (name, args) = source.strip_suffix(')').unwrap().split_once('(').unwrap();
    let spec = catalog::function(name).unwrap_or_else(|| panic!("no function `{name}`"));
    let args: Vec<Value> = split(args).iter().map(|arg| value(arg, env.schema)).collect();
    catalog::call(spec.func, &args, env)
}

/// The literal and the result must be the same to a script: `3` is `3.0`.
fn check(source: &str, gives: &str, env: &Env<'_>) {
    let found = eval(source, env).unwrap_or_else(|message| panic!("{source}: {message}"));
    let wanted = value(gives, env.schema);
    assert_eq!(catalog::equal(&found, &wanted, env.schema), Some(true), "{source} gave {found}, not {wanted}");
}

#[test]
fn examples_hold() {
    let schema = schema();
    let env = env(&schema);
    for spec in catalog::functions() {
        assert!(!spec.examples.is_empty(), "`{}` has no example", spec.name);
        for example in spec.examples {
            assert!(example.source.starts_with(&format!("{}(", spec.name)), "{}", example.source);
            check(example.source, example.gives, &env);
        }
    }
    for format in FORMATS {
        let (source, gives) = format.example;
        assert_eq!(catalog::formatted(&value(source, &schema), format.name, &env).as_deref(), Ok(gives), "{source}");
    }
}

#[test]
fn the_table_is_in_the_order_of_the_numbers() {
    for (number, spec) in catalog::functions().iter().enumerate() {
        assert_eq!(spec.func as usize, number, "{}", spec.name);
        assert_eq!(catalog::function(spec.name).unwrap().func, spec.func, "`{}` is declared twice", spec.name);
        let optional = spec.params.iter().skip_while(|p| p.required);
        assert!(optional.clone().all(|p| !p.required), "`{}`: optional parameters come last", spec.name);
        let spread = |ty| matches!(ty, FnType::Spread(_));
        let before_last = spec.params.iter().rev().skip(1);
        assert!(before_last.clone().all(|p| !spread(p.ty)), "`{}`: only the last is a spread", spec.name);
    }
}

#[test]
fn borders() {
    let schema = schema();
    let env = env(&schema);
    let cases = [
        ("upper(null)", "null"),
        ("len(\"\")", "0"),
        ("replace(\"aaa\", \"a\", \"\")", "\"\""),
        ("split(\"a\", \"\")", "[\"a\"]"),
        ("join([], \",\")", "\"\""),
        ("print([1, user \"anna\", null])", "\"1, Anna Nowak, —\""),
        ("print(user \"bob\")", "\"bob\""),
        ("print(0.10)", "\"0.1\""),
        ("print(12000 PLN)", "\"12000 PLN\""),
        ("print(1.005 PLN)", "\"1.005 PLN\""),
        ("print(1y2mo)", "\"1 year 2 months\""),
        ("print(36h)", "\"1 day 12 hours\""),
        ("print(5wd)", "\"5 working days\""),
        ("print(0d)", "\"0 minutes\""),
        ("format(null, \"long\")", "\"—\""),
        ("round(1.005, 2)", "1.01"),
        ("round(-0.5)", "-1"),
        ("min(null, null)", "null"),
        ("max(2026-03-02, 2026-03-02T00:01)", "2026-03-02T00:01"),
        ("sum(1, 0.5)", "1.5"),
        ("sum(1d, 2h)", "1d2h"),
        ("exchange(1 PLN, EUR)", "0.25 EUR"),
        ("days_between(2026-03-28, 2026-03-30)", "2"),
        ("at(2026-03-29, 02:30)", "2026-03-29T03:00"),
        ("add_working_days(2026-03-07, 1)", "2026-03-10"),
        ("add_working_days(2026-03-09, -1)", "2026-03-06"),
        ("add_working_days(2026-03-08, -1)", "2026-03-05"),
        ("start_of(2024-02-29, \"year\")", "2024-01-01"),
        ("end_of(2024-02-01, \"month\")", "2024-02-29"),
        ("end_of(2026-12-31, \"week\")", "2027-01-03"),
    ];
    for (source, gives) in cases {
        check(source, gives, &env);
    }
}

#[test]
fn mistakes() {
    let schema = schema();
    let env = env(&schema);
    let cases = [
        ("upper(5)", "`upper` cannot be used on `5`"),
        ("upper()", "`upper` was called with 0 arguments"),
        ("abs(-9223372036854775808)", "`abs` of `-9223372036854775808` is too large"),
        ("sum(1 PLN, 1 EUR)", "`1 PLN` and `1 EUR` cannot be added: use `exchange(…, PLN)` first"),
        ("sum(\"a\", \"b\")", "`sum` cannot be used on `\"a\"`, `\"b\"`"),
        ("min(1, \"a\")", "`\"a\"` and `1` cannot be compared"),
        ("min(1 PLN, 1 USD)", "there is no rate to compare `1 USD` with `1 PLN`"),
        ("exchange(1 PLN, USD)", "there is no rate to exchange `1 PLN` to USD"),
        ("exchange(1 PLN, \"zloty\")", "`zloty` is not a currency: write its three letters, such as `EUR`"),
        ("random(2, 1)", "`random` has nothing to choose from between 2 and 1"),
        ("round(1.5, 99)", "`round` cannot round to 99 decimal places"),
        ("start_of(2026-03-02, \"hour\")", "`start_of` cannot be used on `2026-03-02`, `\"hour\"`"),
        ("format(5, \"long\")", "`5` cannot be shown as `long`"),
        ("format(5, \"longer\")", "there is no format `longer`"),
        ("add_working_days(2026-03-02, 99999999999)", "`add_working_days` cannot count 99999999999 days"),
    ];
    for (source, message) in cases {
        assert_eq!(eval(source, &env), Err(message.to_owned()), "{source}");
    }
}

#[test]
fn large_results_are_refused_before_they_are_built() {
    let schema = schema();
    let env = env(&schema);
    let long = Value::text(&"a".repeat(1 << 20));
    let call = |name: &str, args: &[Value]| catalog::call(catalog::function(name).unwrap().func, args, &env);
    assert_eq!(
        call("replace", &[long.clone(), Value::text("a"), long.clone()]),
        Err("the result of `replace` is too large".to_owned())
    );
    let many = Value::list(vec![Value::Int(1); 1000]);
    assert_eq!(call("join", &[many, long]), Err("the result of `join` is too large".to_owned()));
}

#[test]
fn random_is_even_and_repeatable() {
    let schema = schema();
    let func = catalog::function("random").unwrap().func;
    let draw = |seed: u64| {
        let env = Env { seed, ..env(&schema) };
        match catalog::call(func, &[Value::Int(1), Value::Int(6)], &env) {
            Ok(Value::Int(n)) => usize::try_from(n).unwrap(),
            other => panic!("{other:?}"),
        }
    };
    let mut counts = [0; 7];
    (0..6000).for_each(|seed| counts[draw(seed)] += 1);
    assert_eq!(counts[0], 0);
    assert!(counts[1..].iter().all(|n| (850..1150).contains(n)), "{counts:?}");
    assert_eq!(draw(7), draw(7));
    let all = catalog::call(func, &[Value::Int(i64::MIN), Value::Int(i64::MAX)], &env(&schema));
    assert!(all.is_ok());
}
