//! The same automations in every language: a rule with a condition, a sum, a branch, and two things to do.

use crate::random::Random;

/// How one language writes a rule. `@id` is its number, the other `@` words are chosen at random.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dialect {
    /// Before all rules.
    pub(crate) head: &'static str,
    pub(crate) rule: &'static str,
    /// After all rules.
    pub(crate) tail: &'static str,
}

pub(crate) const FLOW: Dialect = Dialect {
    head: "",
    rule: r#"// A deal that grows is looked at.
rule "Follow up @id"
on deal updated
if deal.amount > @amount and deal.stage in ["@stage", "Proposal"] and not (deal.score < @number)
{
  let $points = deal.score + @number * 2 - (deal.score / 10);
  if $points > 75 {
    set deal.priority = "High", deal.comments = "has grown, see the offer";
    message user "@user" "Call the customer today: nobody has done it" as alarm;
  } else {
    notify chat "Legal" "a small deal, number @id";
  }
}
"#,
    tail: "",
};

/// Python and Starlark.
pub(crate) const PYTHON: Dialect = Dialect {
    head: "",
    rule: r#"# A deal that grows is looked at.
def follow_up_@id(deal):
    if deal.amount > @amount and deal.stage in ["@stage", "Proposal"] and not (deal.score < @number):
        points = deal.score + @number * 2 - (deal.score // 10)
        if points > 75:
            update(deal, priority = "High", comments = "has grown, see the offer")
            message(user("@user"), "Call the customer today: nobody has done it", kind = "alarm")
        else:
            notify(chat("Legal"), "a small deal, number @id")
"#,
    tail: "",
};

pub(crate) const RHAI: Dialect = Dialect {
    head: "",
    rule: r#"// A deal that grows is looked at.
fn follow_up_@id(deal) {
    if deal.amount > @amount && deal.stage in ["@stage", "Proposal"] && !(deal.score < @number) {
        let points = deal.score + @number * 2 - (deal.score / 10);
        if points > 75 {
            update(deal, #{ priority: "High", comments: "has grown, see the offer" });
            message(user("@user"), "Call the customer today: nobody has done it", "alarm");
        } else {
            notify(chat("Legal"), "a small deal, number @id");
        }
    }
}
"#,
    tail: "",
};

/// Cedar has no statements and no division: the things to do are conditions about the context.
pub(crate) const CEDAR: Dialect = Dialect {
    head: "",
    rule: r#"// A deal that grows is looked at.
@@id("follow up @id")
permit(principal, action == Action::"updated", resource)
when { resource.amount > @amount && ["@stage", "Proposal"].contains(resource.stage) && !(resource.score < @number) }
when {
  if resource.score + @number * 2 - (resource.score * 10) > 75
  then context.priority == "High" && context.comments == "has grown, see the offer" &&
    context.to == User::"@user" && context.text == "Call the customer today: nobody has done it"
  else context.chat == Chat::"Legal" && context.text == "a small deal, number @id"
};
"#,
    tail: "",
};

pub(crate) const NICKEL: Dialect = Dialect {
    head: "{\n",
    rule: r#"# A deal that grows is looked at.
follow_up_@id = fun deal =>
  if deal.amount > @amount && elem deal.stage ["@stage", "Proposal"] && !(deal.score < @number) then
    let points = deal.score + @number * 2 - (deal.score / 10) in
    if points > 75 then [
      update deal { priority = "High", comments = "has grown, see the offer" },
      message (user "@user") "Call the customer today: nobody has done it" 'alarm,
    ] else [
      notify (chat "Legal") "a small deal, number @id",
    ]
  else [],
"#,
    tail: "}\n",
};

/// VRL's parser knows no list membership.
pub(crate) const VRL: Dialect = Dialect {
    head: "",
    rule: r#"# A deal that grows is looked at.
if .amount > @amount && (.stage == "@stage" || .stage == "Proposal") && !(.score < @number) {
  points = .score + @number * 2 - (.score / 10)
  if points > 75 {
    .priority = "High"
    .comments = "has grown, see the offer"
    message("@user", "Call the customer today: nobody has done it", kind: "alarm")
  } else {
    notify("Legal", "a small deal, number @id")
  }
}
"#,
    tail: "",
};

impl Dialect {
    /// A text of about so many bytes, and how many rules it has.
    pub(crate) fn text(&self, bytes: usize) -> (String, u32) {
        let mut random = Random(7);
        let mut text = self.head.to_owned();
        let mut rules = 0;
        while text.len() < bytes {
            rules += 1;
            let rule = self
                .rule
                .replace("@@", "\u{1}")
                .replace("@id", &rules.to_string())
                .replace("@amount", &((1 + random.below(90)) * 1000).to_string())
                .replace("@number", &random.below(100).to_string())
                .replace("@stage", random.pick(&["New", "Invoice", "Delivery"]))
                .replace("@user", random.pick(&["mona", "anna", "jan"]))
                .replace('\u{1}', "@");
            text.push_str(&rule);
        }
        text.push_str(self.tail);
        (text, rules)
    }
}
