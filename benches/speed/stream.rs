//! The whole engine over a stream of events, as `dealflow run` feeds it: timers between them, commits in groups.

use super::clock::{Spent, better, once};
use super::floor::upserts;
use super::random::Random;
use super::runner::{Outcome, Show};
use super::session::{Session, event, folder};
use super::table::{Figure, Row};
use super::values::{MONDAY, pln};
use dealflow::engine::{Event, EventKind, Record};
use dealflow::host::sqlite::Durability;
use dealflow::value::{Moment, Ref, Value};
use std::collections::BTreeMap;
use std::hint::black_box;

const SCRIPT: &str = r#"
rule "Invoice" on deal stage "Invoice" if deal.amount > 10000 PLN <
  notify chat $legal "{deal.title}: {deal.amount}";
  wait until lead.status in [Won] or 3d {
    case reached { comment deal "signed off"; }
    case final { log "lost"; }
    case timeout { message user "mona" "No answer on {deal.title}" as alarm; }
  }
>
rule "Large" on deal changed amount if deal.amount >= 50000 PLN and deal.priority != High { set deal.priority = High; }
rule "Won" on deal won { post "Won: {deal.title}" "for {deal.amount}" to everybody; }
rule "Lost" on deal lost { comment deal "lost after {days_between(deal.created_at, now)} days"; }
rule "Follow up" on lead created one at a time { wait until lead.status != "New" or 2d; log "{lead.title}: {lead.status}"; }
"#;

const EVENTS: u32 = 20_000;
const ROUNDS: u32 = 3;

/// In memory and on disk.
pub(crate) fn measure(show: Show<'_>) -> Outcome {
    let events = events()?;
    let folder = folder()?;
    let mut best = None;
    for round in 0..ROUNDS {
        let file = |name: &str| folder.path().join(format!("{name}{round}.db"));
        let mut memory = Session::in_memory(SCRIPT)?;
        let mut sqlite = Session::in_file(SCRIPT, &file("ours"), Durability::Full, 512)?;
        let (applied, by_hand) = once(|| apply(&events));
        black_box(applied);
        let new =
            [feed(&mut memory, &events)?, by_hand, feed(&mut sqlite, &events)?, upserts(&file("floor"), &events, 512)?];
        if memory.counters() != sqlite.counters() || memory.counters().failed > 0 {
            return Err(format!("not the same: {:?} {:?}", memory.counters(), sqlite.counters()).into());
        }
        best = Some(better(best, new));
    }
    let [memory, by_hand, sqlite, upserts] = best.ok_or("no round")?;
    let speed = |spent: Spent| Figure::new(f64::from(EVENTS) / spent.wall.as_secs_f64(), "/s");
    show(Row::new(
        "20,000 events, 5 rules, in memory",
        speed(memory),
        "no rules: records in a BTreeMap",
        speed(by_hand),
    ))?;
    show(Row::new(
        "20,000 events, 5 rules, sqlite, fsync",
        speed(sqlite),
        "no rules: an upsert by hand for each",
        speed(upserts),
    ))
}

/// A life of deals and leads, ten minutes an event.
fn events() -> Outcome<Vec<Event>> {
    let mut random = Random(3);
    let mut all = Vec::new();
    for next in 0..EVENTS {
        let at = Moment(MONDAY.0 + i64::from(next) * 600_000);
        let old = random.below(next.max(1));
        let amount = pln((1 + random.below(80)) * 1000)?;
        let title = Value::text(&format!("Machine for customer {next}"));
        let update = |kind, field, value| event(at, EventKind::Update, kind, old, &[(field, value)]);
        all.push(match if next == 0 { 0 } else { random.below(8) } {
            0 => event(at, EventKind::Create, "lead", next, &[("title", title), ("amount", amount)]),
            1 => {
                let lead = Value::Ref(Ref::new("lead", &old.to_string()));
                event(at, EventKind::Create, "deal", next, &[("title", title), ("amount", amount), ("lead", lead)])
            }
            2 | 3 => update("deal", "amount", amount),
            4 | 5 => {
                update("deal", "stage", Value::text(random.pick(&["Proposal", "Invoice", "Delivery", "Won", "Lost"])))
            }
            _ => update("lead", "status", Value::text(random.pick(&["In progress", "Qualified", "Won", "Junk"]))),
        });
    }
    Ok(all)
}

fn feed(session: &mut Session, events: &[Event]) -> Outcome<Spent> {
    let (done, spent) = once(|| {
        for event in events {
            session.fire_before(event.at)?;
            session.deliver(event)?;
        }
        session.commit()
    });
    done.map(|()| spent)
}

/// The records that come of the events, without any rule.
fn apply(events: &[Event]) -> BTreeMap<Ref, Record> {
    let mut records = BTreeMap::<Ref, Record>::new();
    for event in events {
        let Some(of) = &event.about else { continue };
        let record = records.entry(of.clone()).or_default();
        for (field, value) in &event.fields {
            record.set(field, value.clone());
        }
    }
    records
}
