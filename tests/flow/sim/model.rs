//! What should happen, said a second time and in another way: no programs, no stored runs, no store.
//!
//! It knows the rules as values, and walks over them.

use super::rules::{Do, Entry, Rule, STAGES, When, is_final};
use super::schedule::{Schedule, What};
use dealflow::engine::Order;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// When a timer fires, and its place among those of one moment.
type Key = (i64, u64);

#[derive(Clone, Debug, Default)]
struct Deal {
    stage: usize,
    size: i64,
    points: i64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Field {
    Stage,
    Size,
    Points,
}

/// A change of a deal that has to be served.
struct Change {
    deal: usize,
    made: bool,
    fields: Vec<Field>,
    /// The stage right after it.
    to: usize,
}

/// What a run is at.
#[derive(Clone, Copy, Debug, PartialEq)]
enum At {
    /// It goes on with the statement.
    Working,
    /// In the wait of its statement since then: a period, a condition, or the pause before trying again.
    Asleep { since: i64, until: Option<i64> },
    /// At a comment that was refused.
    Parked,
    /// In a wait, held by a person.
    Paused { since: i64, until: Option<i64> },
}

#[derive(Clone, Debug)]
struct Run {
    rule: usize,
    deal: usize,
    statement: usize,
    /// How often the statement was tried.
    tries: u32,
    effects: u32,
    at: At,
    timer: Option<Key>,
}

/// The world as it should be.
pub(super) struct Model<'a> {
    rules: &'a [Rule],
    schedule: &'a Schedule,
    now: i64,
    deals: BTreeMap<usize, Deal>,
    runs: BTreeMap<u64, Run>,
    next_run: u64,
    timers: BTreeMap<Key, u64>,
    next_timer: u64,
    done_once: BTreeSet<(usize, usize)>,
    taken: BTreeSet<usize>,
    queue: VecDeque<Change>,
    lines: Vec<String>,
}

impl<'a> Model<'a> {
    /// What should happen, a line for each thing.
    pub(super) fn tell(rules: &'a [Rule], schedule: &'a Schedule) -> Vec<String> {
        let mut model = Self {
            rules,
            schedule,
            now: i64::MIN,
            deals: BTreeMap::new(),
            runs: BTreeMap::new(),
            next_run: 1,
            timers: BTreeMap::new(),
            next_timer: 1,
            done_once: BTreeSet::new(),
            taken: BTreeSet::new(),
            queue: VecDeque::new(),
            lines: Vec::new(),
        };
        for (number, item) in schedule.items.iter().enumerate() {
            model.timers_before(item.at);
            model.item(number, item.at);
        }
        model.timers_before(i64::MAX);
        model.lines
    }

    fn say(&mut self, what: &str) {
        let now = self.now;
        self.lines.push(format!("{now} {what}"));
    }

    fn timers_before(&mut self, end: i64) {
        while let Some((&key, &run)) = self.timers.first_key_value().filter(|((at, _), _)| *at < end) {
            self.timers.remove(&key);
            self.now = self.now.max(key.0);
            self.runs.get_mut(&run).unwrap().timer = None;
            self.wait_over(run, "timeout");
            self.serve();
        }
    }

    fn item(&mut self, number: usize, at: i64) {
        let origin = self.schedule.origin(number);
        let what = self.schedule.items[origin].what.clone();
        if let What::Order(order) = what {
            if origin == number {
                self.order(order);
                self.serve();
            }
            return;
        }
        self.now = self.now.max(at);
        if !self.taken.insert(origin) {
            return self.say("ignored");
        }
        match what {
            What::Create { deal, stage, size } => {
                self.deals.insert(deal, Deal { stage, size, points: 0 });
                self.queue.push_back(Change { deal, made: true, fields: vec![Field::Stage, Field::Size], to: stage });
            }
            What::Update { deal, stage, size } => {
                let record = self.deals.get_mut(&deal).unwrap();
                let (to, length) = (stage.unwrap_or(record.stage), size.unwrap_or(record.size));
                let changed = [(Field::Stage, to != record.stage), (Field::Size, length != record.size)];
                let fields = changed.into_iter().filter(|(_, changed)| *changed).map(|(field, _)| field).collect();
                let change = Change { deal, made: false, fields, to };
                (record.stage, record.size) = (to, length);
                if change.fields.is_empty() {
                    return self.say("ignored");
                }
                self.queue.push_back(change);
            }
            What::Again(_) | What::Order(_) => unreachable!(),
        }
        self.serve();
    }

    fn order(&mut self, order: Order) {
        let fits = |run: &Run| match order {
            Order::Cancel => true,
            Order::Pause => matches!(run.at, At::Asleep { .. }),
            Order::Resume => matches!(run.at, At::Paused { .. }),
            Order::Retry | Order::Skip => run.at == At::Parked,
        };
        let Some((&id, _)) = self.runs.iter().find(|(_, run)| fits(run)) else { return };
        self.say(&format!("run {id}: {}", order.name()));
        match order {
            Order::Cancel => self.cancel(id, "Order"),
            Order::Pause => {
                self.stop_timer(id);
                let run = self.runs.get_mut(&id).unwrap();
                if let At::Asleep { since, until } = run.at {
                    run.at = At::Paused { since, until };
                }
                self.ends_with_its_time(id);
            }
            Order::Retry | Order::Skip | Order::Resume if self.ends_with_its_time(id) => {}
            Order::Retry => {
                self.runs.get_mut(&id).unwrap().effects -= 1;
                self.work(id);
            }
            Order::Skip => {
                self.runs.get_mut(&id).unwrap().statement += 1;
                self.work(id);
            }
            Order::Resume => {
                let run = self.runs.get_mut(&id).unwrap();
                let At::Paused { since, until } = run.at else { unreachable!() };
                run.at = At::Asleep { since, until };
                let asleep = (since, until);
                self.look(id);
                // It fell asleep anew, which is told.
                if matches!(self.runs.get(&id), Some(Run { at: At::Asleep { since: s, until: u }, .. }) if (*s, *u) == asleep)
                {
                    self.say(&format!("run {id}: sleeps until {:?}", asleep.1));
                }
            }
        }
    }

    /// Serves changes, each after the one that caused it.
    fn serve(&mut self) {
        while let Some(change) = self.queue.pop_front() {
            let rules = self.rules;
            let concerned = |run: &Run| run.deal == change.deal && change.fields.contains(&Field::Stage);
            let looks = |run: &Run| matches!(run.at, At::Asleep { .. }) && rules[run.rule].waits_at(run.statement);
            let woken = self.runs.iter().filter(|(_, run)| concerned(run));
            let woken = woken.map(|(&id, run)| (id, rules[run.rule].during.is_some(), looks(run))).collect::<Vec<_>>();
            for (id, lifetime, looks) in woken {
                if !self.runs.contains_key(&id) || (lifetime && self.ends_with_its_time(id)) {
                    continue;
                }
                if looks {
                    self.look(id);
                }
            }
            for (at, rule) in rules.iter().enumerate() {
                let fits = match rule.when {
                    When::Created => change.made,
                    When::Entered(stage) => change.fields.contains(&Field::Stage) && change.to == stage,
                    When::Size => !change.made && change.fields.contains(&Field::Size),
                    When::Points => !change.made && change.fields.contains(&Field::Points),
                };
                if fits {
                    self.set_off(at, change.deal);
                }
            }
        }
    }

    fn set_off(&mut self, rule: usize, deal: usize) {
        let (name, record) = (&self.rules[rule].name, &self.deals[&deal]);
        let Rule { over, during, entry, .. } = self.rules[rule];
        let running = self.runs.iter().find(|(_, run)| run.rule == rule && run.deal == deal).map(|(&id, _)| id);
        let refused = if over.is_some_and(|over| record.size <= over) {
            Some("Condition")
        } else if entry == Entry::Once && self.done_once.contains(&(rule, deal)) {
            Some("Once")
        } else if entry == Entry::One && running.is_some() {
            Some("Busy")
        } else if during.is_some_and(|stage| record.stage != stage) {
            Some("Lifetime")
        } else {
            None
        };
        if let Some(why) = refused {
            return self.say(&format!("{name} of {deal}: {why}"));
        }
        if entry == Entry::Once {
            self.done_once.insert((rule, deal));
        }
        if let (Entry::Restart, Some(old)) = (entry, running) {
            self.cancel(old, "Restart");
        }
        let id = self.next_run;
        self.next_run += 1;
        let run = Run { rule, deal, statement: 0, tries: 0, effects: 0, at: At::Working, timer: None };
        self.runs.insert(id, run);
        self.say(&format!("run {id}: {name} of {deal}"));
        self.work(id);
    }

    /// Goes on with a run until it sleeps or is over.
    fn work(&mut self, id: u64) {
        loop {
            let run = self.runs.get_mut(&id).unwrap();
            run.at = At::Working;
            let Some(step) = self.rules[run.rule].body.get(run.statement) else {
                self.runs.remove(&id);
                return self.say(&format!("run {id}: ended"));
            };
            let now = self.now;
            let sleep = |until| At::Asleep { since: now, until };
            match step {
                Do::Say => {
                    if self.refused(id) {
                        self.runs.get_mut(&id).unwrap().at = At::Parked;
                        if !self.ends_with_its_time(id) {
                            self.say(&format!("run {id}: parked"));
                        }
                        return;
                    }
                    self.comment(id);
                }
                Do::Try => {
                    if self.refused(id) {
                        let run = self.runs.get_mut(&id).unwrap();
                        run.tries += 1;
                        if run.tries <= 2 {
                            run.at = sleep(Some(now + 60));
                            return self.sleep(id);
                        }
                        run.tries = 0;
                        let at = run.statement;
                        self.effect(id, &format!("log {at}: given up"));
                    } else {
                        self.comment(id);
                        self.runs.get_mut(&id).unwrap().tries = 0;
                    }
                }
                Do::Gain => {
                    let deal = run.deal;
                    let record = self.deals.get_mut(&deal).unwrap();
                    record.points += 1;
                    let (points, to) = (record.points, record.stage);
                    self.effect(id, &format!("set {points}"));
                    self.queue.push_back(Change { deal, made: false, fields: vec![Field::Points], to });
                }
                Do::Stage(to) => {
                    let (deal, to) = (run.deal, *to);
                    let record = self.deals.get_mut(&deal).unwrap();
                    let changed = record.stage != to;
                    record.stage = to;
                    self.effect(id, &format!("set {}", STAGES[to]));
                    if changed {
                        let change = Change { deal, made: false, fields: vec![Field::Stage], to };
                        self.queue.push_back(change);
                    }
                }
                Do::Sleep(hours) => {
                    run.at = sleep(Some(now + hours * 60));
                    return self.sleep(id);
                }
                Do::Until(_, limit) => {
                    run.at = sleep(limit.map(|hours| now + hours * 60));
                    return self.look_first(id);
                }
            }
            self.runs.get_mut(&id).unwrap().statement += 1;
        }
    }

    /// Whether the comment that comes now is refused, which is told, and takes a number.
    fn refused(&mut self, id: u64) -> bool {
        let refused = self.schedule.refuses(self.now);
        if refused {
            let run = self.runs.get_mut(&id).unwrap();
            run.effects += 1;
            let number = run.effects;
            self.say(&format!("run {id}: #{number} refused"));
        }
        refused
    }

    fn comment(&mut self, id: u64) {
        let run = &self.runs[&id];
        let Deal { stage, size, points } = self.deals[&run.deal];
        let points = if points == 0 { "—".to_owned() } else { points.to_string() };
        let text = format!("comment {}: {} {size} {points}", run.statement, STAGES[stage]);
        self.effect(id, &text);
    }

    fn effect(&mut self, id: u64, what: &str) {
        let run = self.runs.get_mut(&id).unwrap();
        run.effects += 1;
        let number = run.effects;
        self.say(&format!("run {id}: #{number} {what}"));
    }

    /// The outcome of the condition that a run waits for, as far as it has one.
    fn outcome(&self, id: u64) -> Option<&'static str> {
        let run = &self.runs[&id];
        let Do::Until(stages, _) = &self.rules[run.rule].body[run.statement] else { return None };
        let stage = self.deals[&run.deal].stage;
        if stages.contains(&stage) {
            return Some("reached");
        }
        is_final(stage).then_some("final")
    }

    /// A run comes to a condition.
    fn look_first(&mut self, id: u64) {
        match self.outcome(id) {
            Some(outcome) => self.wait_over(id, outcome),
            None => self.sleep(id),
        }
    }

    /// A run looks again at what it waits for.
    fn look(&mut self, id: u64) {
        if let Some(outcome) = self.outcome(id) {
            self.stop_timer(id);
            return self.wait_over(id, outcome);
        }
        let At::Asleep { since, until } = self.runs[&id].at else { unreachable!() };
        if until.is_some_and(|until| until < self.now || (since == self.now && until == self.now)) {
            self.stop_timer(id);
            return self.wait_over(id, "timeout");
        }
        let had = self.runs[&id].timer.is_some();
        if self.ends_with_its_time(id) {
            return;
        }
        if !had {
            self.start_timer(id, until);
        }
    }

    /// The wait of a run is over.
    fn wait_over(&mut self, id: u64, outcome: &str) {
        let run = &self.runs[&id];
        let at = run.statement;
        match &self.rules[run.rule].body[at] {
            Do::Until(..) => {
                self.runs.get_mut(&id).unwrap().statement += 1;
                self.effect(id, &format!("log {at}: {outcome}"));
            }
            Do::Sleep(_) => self.runs.get_mut(&id).unwrap().statement += 1,
            // After the pause it is tried again.
            Do::Try => {}
            Do::Say | Do::Gain | Do::Stage(_) => unreachable!(),
        }
        self.work(id);
    }

    /// A run falls asleep, unless its time is over.
    fn sleep(&mut self, id: u64) {
        let At::Asleep { until, .. } = self.runs[&id].at else { unreachable!() };
        if self.ends_with_its_time(id) {
            return;
        }
        self.start_timer(id, until);
        self.say(&format!("run {id}: sleeps until {until:?}"));
    }

    fn start_timer(&mut self, id: u64, until: Option<i64>) {
        let Some(at) = until else { return };
        let key = (at, self.next_timer);
        self.next_timer += 1;
        self.timers.insert(key, id);
        self.runs.get_mut(&id).unwrap().timer = Some(key);
    }

    fn stop_timer(&mut self, id: u64) {
        if let Some(key) = self.runs.get_mut(&id).unwrap().timer.take() {
            self.timers.remove(&key);
        }
    }

    /// Cancels a run whose `while` clause does not hold.
    fn ends_with_its_time(&mut self, id: u64) -> bool {
        let run = &self.runs[&id];
        let stage = self.deals[&run.deal].stage;
        let over = self.rules[run.rule].during.is_some_and(|during| during != stage);
        if over {
            self.cancel(id, "Lifetime");
        }
        over
    }

    fn cancel(&mut self, id: u64, why: &str) {
        self.stop_timer(id);
        self.runs.remove(&id);
        self.say(&format!("run {id}: cancelled, {why}"));
    }
}
