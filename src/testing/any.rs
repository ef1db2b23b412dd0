//! `for any deal { … }`: the test is run with many records that the schema allows, always the same for the same test. One
//! with which it fails is made plainer as long as the test still fails.

use super::session::Session;
use super::{Function, Report, Stop, World, tell};
use crate::engine::cover::Seen;
use crate::ir::TestPlan;
use crate::schema::{Entity, Field, Schema, Type};
use crate::value::{Moment, Money, Name, Period, Ref, Value};
use proptest::collection::vec;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof};
use proptest::strategy::{BoxedStrategy, Union};
use proptest::test_runner::{RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};
use std::cell::RefCell;

/// The fields of a record.
pub(super) type Fields = Vec<(Name, Value)>;

/// How many plainer records are tried.
const SHRINKS: u32 = 400;

/// Letters that break careless code, beside ordinary ones.
const LETTERS: &[char] = &['a', 'b', 'Z', '0', ' ', '"', '{', '\'', '<', 'ż', '漢', '\n'];

/// Runs the test with many records.
pub(super) fn run(world: &World, plan: &TestPlan, entity: &Name, fixed: &[(Name, Function)]) -> Report {
    let seen = RefCell::new(Seen::default());
    let cases = RefCell::new(0);
    let once = |fields: &Fields| -> Result<(), Stop> {
        let mut session = Session::new(world, plan, Some(fields.clone()), false);
        let ended = session.steps();
        seen.borrow_mut().add(session.seen());
        ended
    };
    // What is fixed may name variables of the steps before; it is the same in every case.
    let mut first = Session::new(world, plan, Some(Fields::new()), false);
    let fixed = first.fixed(fixed);
    let fixed = match fixed {
        Ok(fixed) => fixed,
        Err(stop) => {
            let failure = Some(tell(world, plan, Some(&Fields::new()), &stop));
            return Report { failure, seen: first.seen(), cases: 0 };
        }
    };
    let Some(shape) = world.schema.entity(entity) else {
        return Report { failure: None, seen: first.seen(), cases: 0 };
    };
    let strategy = record(&world.schema, shape, &fixed, first.now());
    let config = ProptestConfig {
        cases: world.cases,
        failure_persistence: None,
        max_shrink_iters: SHRINKS,
        ..ProptestConfig::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed(world.seed, &plan.test.name));
    let last = RefCell::new(None);
    let ran = TestRunner::new_with_rng(config, rng).run(&strategy, |fields| {
        *cases.borrow_mut() += 1;
        once(&fields).map_err(|stop| {
            let why = stop.message.clone();
            *last.borrow_mut() = Some(stop);
            TestCaseError::fail(why)
        })
    });
    let failure = match ran {
        Ok(()) => None,
        Err(TestError::Fail(_, fields)) => last.take().map(|stop| tell(world, plan, Some(&fields), &stop)),
        Err(TestError::Abort(why)) => {
            let stop = Stop::broken(plan.test.name_span, why.message().to_owned(), "no records could be made");
            Some(tell(world, plan, None, &stop))
        }
    };
    Report { failure, seen: seen.into_inner(), cases: cases.into_inner() }
}

fn seed(number: u64, name: &str) -> [u8; 32] {
    Sha256::new().chain_update(number.to_le_bytes()).chain_update(name).finalize().into()
}

/// Records of an entity in which these fields are fixed.
fn record(schema: &Schema, entity: &Entity, fixed: &Fields, now: Moment) -> BoxedStrategy<Fields> {
    let known = |name: &str| fixed.iter().any(|(n, _)| &**n == name);
    let stage = entity.stage_name().filter(|stage| !known(stage));
    let pipeline = entity.pipeline_field().map(|field| field.name.clone());
    let mut parts: Vec<BoxedStrategy<Fields>> = vec![Just(fixed.clone()).boxed()];
    if let Some(stage) = stage {
        let places = places(entity, stage, pipeline.as_ref(), fixed);
        if !places.is_empty() {
            parts.push(Union::new(places.into_iter().map(Just)).boxed());
        }
    }
    for field in &entity.fields {
        let own = stage == Some(&field.name) || entity.stage_name() == Some(&field.name);
        if field.read_only || known(&field.name) || own || pipeline.as_ref() == Some(&field.name) {
            continue;
        }
        let Some(values) = values(schema, field, &field.ty, now) else { continue };
        let name = field.name.clone();
        let one = values.prop_map(move |value| vec![(name.clone(), value)]).boxed();
        let always = entity.must_be_given(field) || entity.get(entity.title).is_some_and(|t| t.name == field.name);
        parts.push(if always { one } else { prop_oneof![Just(Fields::new()), one].boxed() });
    }
    parts.prop_map(|parts| parts.into_iter().flatten().collect()).boxed()
}

/// The stages that a record can stand in, each with its pipeline.
fn places(entity: &Entity, stage: &Name, pipeline: Option<&Name>, fixed: &Fields) -> Vec<Fields> {
    let wanted = pipeline.and_then(|name| fixed.iter().find(|(n, _)| n == name)).map(|(_, value)| value);
    let fits = |name: &Name| wanted.is_none_or(|wanted| *wanted == Value::Text(name.clone()));
    let of = |pipelines: &crate::schema::Pipeline| {
        let at = |name: &Name| (stage.clone(), Value::Text(name.clone()));
        let way =
            pipeline.filter(|_| wanted.is_none()).map(|field| (field.clone(), Value::Text(pipelines.name.clone())));
        let stages = pipelines.stages.iter().map(|s| std::iter::once(at(&s.name)).chain(way.clone()).collect());
        stages.collect::<Vec<Fields>>()
    };
    entity.pipelines.iter().filter(|p| fits(&p.name)).flat_map(of).collect()
}

/// The values of a type, the plainest first; `None` for what is left empty.
fn values(schema: &Schema, field: &Field, ty: &Type, now: Moment) -> Option<BoxedStrategy<Value>> {
    let calendar = &schema.calendar;
    let today = calendar.date_of(now);
    let one_of = |all: Vec<Value>| (!all.is_empty()).then(|| Union::new(all.into_iter().map(Just)).boxed());
    let refs = |kind: &str, names: Vec<&Name>| names.into_iter().map(|name| Value::Ref(Ref::new(kind, name))).collect();
    match ty {
        Type::Text => Some(text().prop_map(|text| Value::text(&text)).boxed()),
        Type::Int => Some(prop_oneof![0i64..10, -1_000_000i64..1_000_000].prop_map(Value::Int).boxed()),
        Type::Decimal => Some(amount().prop_map(Value::Decimal).boxed()),
        Type::Money => {
            let currency = field.currency.unwrap_or(schema.base_currency);
            Some(amount().prop_map(move |amount| Value::Money(Money { amount, currency })).boxed())
        }
        Type::Bool => Some(any::<bool>().prop_map(Value::Bool).boxed()),
        Type::Date => {
            let near = (0i64..800).prop_map(move |days| {
                let day = today.checked_add_signed(chrono::TimeDelta::days(days - 400));
                Value::Date(day.unwrap_or(today))
            });
            Some(near.boxed())
        }
        Type::DateTime => {
            let near = (0i64..1_000_000)
                .prop_map(move |minutes| Value::DateTime(Moment(now.0 + (minutes - 500_000) * 60_000)));
            Some(near.boxed())
        }
        Type::Duration => Some((1i32..60).prop_map(|days| Value::Period(Period { days, ..Period::ZERO })).boxed()),
        Type::Enum(..) => one_of(field.options.iter().map(|option| Value::Text(option.name.clone())).collect()),
        Type::User => one_of(refs("user", schema.users.keys().collect())),
        Type::Department => one_of(refs("department", schema.departments.keys().collect())),
        Type::Role => one_of(refs("role", schema.roles.keys().collect())),
        Type::Chat => one_of(refs("chat", schema.chats.keys().collect())),
        Type::Email => one_of(["a@example.com", "żółw+1@example.org"].map(Value::text).to_vec()),
        Type::Phone => one_of(["+48 22 123 45 67", "+1 202 555 0142"].map(Value::text).to_vec()),
        Type::Url => one_of(["https://example.com", "https://example.com/?a=1&b=ż"].map(Value::text).to_vec()),
        Type::List(item) => {
            let one = values(schema, field, item, now)?;
            Some(vec(one, 0..3).prop_map(Value::list).boxed())
        }
        // Links stay empty: a test that needs one gives it.
        Type::Error
        | Type::Run
        | Type::Null
        | Type::Never
        | Type::Time
        | Type::File
        | Type::Template
        | Type::Pipeline(_)
        | Type::Stage(_)
        | Type::Outcome
        | Type::Entity(_)
        | Type::Record(_)
        | Type::Optional(_) => None,
    }
}

fn text() -> impl Strategy<Value = String> {
    let letter = (0..LETTERS.len()).prop_map(|at| LETTERS.get(at).copied().unwrap_or('a'));
    vec(letter, 1..12).prop_map(|letters| letters.into_iter().collect())
}

fn amount() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        (0i64..100).prop_map(Decimal::from),
        (0i64..1_000_000).prop_map(Decimal::from),
        (0i64..100_000_000).prop_map(|cents| Decimal::new(cents, 2)),
    ]
}
