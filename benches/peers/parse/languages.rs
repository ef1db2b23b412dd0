//! The same rules in every language: a condition, an assignment, a list, a condition inside, a call with named arguments,
//! a text with places for values.

use super::random::Random;

/// How many statements a rule has.
pub(crate) const STATEMENTS: u32 = 6;

/// How a language says a rule. `§` words stand for what differs from rule to rule.
pub(crate) struct Language {
    /// Stands once before all rules, and once after.
    pub(crate) around: (&'static str, &'static str),
    pub(crate) rule: &'static str,
}

pub(crate) const FLOW: Language = Language {
    around: ("", ""),
    rule: r#"rule "Rule §n" on deal updated
if deal.stage == "§stage" and deal.amount > §amount or deal.score >= §score
{
  let $points = deal.score + §hours * 2 - §score;
  let $people = ["§one", "§two", "§three"];
  if $points > §score and deal.title != "§other" {
    create task with title: "Call {deal.title} again", hours: §hours, alarm: true;
  }
  log "{deal.title} is at {deal.stage} with {$points} points";
}

"#,
};

pub(crate) const RHAI: Language = Language {
    around: ("", ""),
    rule: r#"fn rule_§n(deal) {
  if deal.stage == "§stage" && deal.amount > §amount || deal.score >= §score {
    let points = deal.score + §hours * 2 - §score;
    let people = ["§one", "§two", "§three"];
    if points > §score && deal.title != "§other" {
      create_task(#{ title: `Call ${deal.title} again`, hours: §hours, alarm: true });
    }
    log(`${deal.title} is at ${deal.stage} with ${points} points`);
  }
}

"#,
};

pub(crate) const STARLARK: Language = Language {
    around: ("", ""),
    rule: r#"def rule_§n(deal):
  if deal.stage == "§stage" and deal.amount > §amount or deal.score >= §score:
    points = deal.score + §hours * 2 - §score
    people = ["§one", "§two", "§three"]
    if points > §score and deal.title != "§other":
      create_task(title = "Call {} again".format(deal.title), hours = §hours, alarm = True)
    log("{} is at {} with {} points".format(deal.title, deal.stage, points))

"#,
};

pub(crate) const PYTHON: Language = Language {
    around: ("", ""),
    rule: r#"def rule_§n(deal):
  if deal.stage == "§stage" and deal.amount > §amount or deal.score >= §score:
    points = deal.score + §hours * 2 - §score
    people = ["§one", "§two", "§three"]
    if points > §score and deal.title != "§other":
      create_task(title = f"Call {deal.title} again", hours = §hours, alarm = True)
    log(f"{deal.title} is at {deal.stage} with {points} points")

"#,
};

pub(crate) const VRL: Language = Language {
    around: ("", ""),
    rule: r#"if .stage == "§stage" && .amount > §amount || .score >= §score {
  points = .score + §hours * 2 - §score
  people = ["§one", "§two", "§three"]
  if points > §score && .title != "§other" {
    create_task(title: "Call {{ title }} again", hours: §hours, alarm: true)
  }
  log("{{ title }} is at {{ stage }} with {{ points }} points")
}

"#,
};

pub(crate) const NICKEL: Language = Language {
    around: ("{\n", "}\n"),
    rule: r#"rule_§n = fun deal =>
  if deal.stage == "§stage" && deal.amount > §amount || deal.score >= §score then
    let points = deal.score + §hours * 2 - §score in
    let people = ["§one", "§two", "§three"] in
    [
      if points > §score && deal.title != "§other" then
        create_task { title = "Call %{deal.title} again", hours = §hours, alarm = true }
      else
        null,
      log "%{deal.title} is at %{deal.stage} with %{points} points",
    ]
  else
    [],

"#,
};

/// Cedar has conditions only: what others do is what this asks about.
pub(crate) const CEDAR: Language = Language {
    around: ("", ""),
    rule: r#"@id("Rule §n")
permit (principal, action == Action::"update", resource)
when { resource.stage == "§stage" && resource.amount > §amount || resource.score >= §score }
when { context.points == resource.score + §hours * 2 - §score }
when { ["§one", "§two", "§three"].contains(context.person) }
when { context.points > §score && resource.title != "§other" }
when { context.task == { title: "Call again", hours: §hours, alarm: true } }
when { context.log like "* is at * with * points" };

"#,
};

/// So many rules, the same in every language.
pub(crate) fn script(language: &Language, rules: u32) -> String {
    let mut random = Random(1);
    let mut text = language.around.0.to_owned();
    for number in 1..=rules {
        // What differs is drawn before it is written, so that the order of the words does not matter.
        let facts = [
            ("n", number.to_string()),
            ("stage", random.pick(&["New", "Proposal", "Invoice", "Delivery"]).to_owned()),
            ("amount", ((1 + random.below(90)) * 1000).to_string()),
            ("score", random.below(100).to_string()),
            ("hours", (1 + random.below(40)).to_string()),
            ("one", random.pick(&["anna", "mona"]).to_owned()),
            ("two", random.pick(&["jan", "piotr"]).to_owned()),
            ("three", random.pick(&["ewa", "zofia"]).to_owned()),
            ("other", random.pick(&["Trial", "Second try", "Test"]).to_owned()),
        ];
        let mut parts = language.rule.split('§');
        text.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let end = part.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(part.len());
            let (name, rest) = part.split_at(end);
            text.extend(facts.iter().filter(|(fact, _)| *fact == name).map(|(_, value)| value.as_str()));
            text.push_str(rest);
        }
    }
    text.push_str(language.around.1);
    text
}
