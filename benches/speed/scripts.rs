//! Scripts of any size, as people write them.

use super::random::Random;
use std::fmt::Write;

/// The rules that scripts are made of. `@n` is the rule's number, the other `@` words are chosen at random.
const RULES: &[&str] = &[
    r#"/// Legal reads every large invoice before it goes out.
rule "Large invoice to legal @n"
on deal stage @stage in pipeline "Sales"      // trigger
if deal.amount > @amount PLN                       // condition, read when the trigger fires
while deal.stage == @stage                    // lifetime: the run is cancelled when this turns false
once per deal                                    // re-entry policy
{
  let $room = create chat "Invoice: {deal.title}" with members: [deal.owner, user @user, user "piotr"];
  set deal.chat = $room;
  notify chat $room "{deal.title}: {deal.amount}, due {deal.close_date}" as important;

  wait until lead.status in [Won] or @period {
    case reached { comment deal "Lead won, legal has signed off"; }
    case final   { move deal to "Lost"; }
    case timeout { message user @user "No answer on {deal.title} in time, please call" as alarm; }
  }
}
"#,
    r#"// A lead that nobody has called is handed on.
rule "Follow up @n"
on lead created
if lead.source in ["Website", "Partner", "Event"] and lead.score >= @number
{
  assign lead to user @user;
  wait until lead.status != "New" or @period;
  if lead.status == "New" {
    message lead.owner "Call {lead.title} today: nobody has done it since {lead.created_at}" as alarm;
    set lead.priority = High, lead.comments = "nobody called in time";
  } else if lead.score < @number and not (lead.amount > @amount PLN) {
    log "{lead.title} is in progress";
  }
}
"#,
    r#"rule "Invoice in chat @n" on deal stage @stage <
  notify chat @chat "{deal.title} for {deal.amount} is at {deal.stage}";
  wait until lead.status in [Won] or @period;
>
"#,
    r#"/* Money first: what is large is looked at by the head of sales,
   what is small goes its way. */
rule "Priority by size @n"
on deal changed amount, probability
if deal.amount > 0 PLN and deal.stage not in [Won, Lost]
one at a time
from user, api
{
  let $chance = deal.probability default 0.5;
  let $points = deal.score + @number * 2 - (deal.score / 10);
  match deal.priority {
    case Low, Normal {
      if $chance > 0.75 and deal.amount >= @amount EUR {
        set deal.priority = High, deal.comments = "{deal.title}: {$points} points";
      }
    }
    case else { notify user @user "Have a look at {deal.title}"; }
  }
}
"#,
    r#"rule "Tell the team @n"
on deal won
{
  for $person in [user "anna", user "jan", user @user] {
    message $person "We won {deal.title}, {deal.amount} from {deal.source}!";
  }
  post "Won: {deal.title}" "{deal.owner.name} has won it after {days_between(deal.created_at, now)} days" to everybody;
}

on deal lost from user { comment deal "Lost at {deal.amount} after {deal.score} points, number @n"; }
"#,
    r#"rule "Reminder before payment @n"
on 3d before deal.payment_date at 09:00
if deal.stage != "Won" and deal.amount is not empty
{
  let $step = 0;
  while $step < 3 {
    set $step = $step + 1;
    notify deal.owner "{deal.title} is due, reminder {$step} of 3";
    wait @period;
  }
  create deal in pipeline "Sales" with title: "Second try: {deal.title}", amount: @amount PLN, priority: High;
}
"#,
];

/// Rules without end, each followed by an empty line; no two of them have the same name.
pub(crate) fn rules(seed: u64) -> impl Iterator<Item = String> {
    let mut random = Random(seed);
    (1..).map(move |number| {
        let at = random.below(u32::try_from(RULES.len()).unwrap_or(1));
        filled(RULES.get(at as usize).copied().unwrap_or_default(), number, &mut random)
    })
}

/// A script of about so many bytes.
pub(crate) fn script(bytes: usize, seed: u64) -> String {
    let mut text = String::with_capacity(bytes + 4096);
    for rule in rules(seed) {
        text.push_str(&rule);
        if text.len() >= bytes {
            break;
        }
    }
    text
}

fn filled(template: &str, number: u32, random: &mut Random) -> String {
    let mut text = String::with_capacity(template.len() + 64);
    let stage = random.pick(&["\"New\"", "\"Proposal\"", "\"Invoice\"", "\"Delivery\""]);
    let mut parts = template.split('@');
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_lowercase());
        let word = part.strip_suffix(rest).unwrap_or(part);
        let number = match word {
            "n" => number,
            "number" => random.below(100),
            "amount" => (1 + random.below(90)) * 1000,
            _ => 0,
        };
        match word {
            "n" | "number" | "amount" => write!(text, "{number}").unwrap_or_default(),
            "stage" => text.push_str(stage),
            "user" => text.push_str(random.pick(&["\"mona\"", "\"anna\"", "\"jan\""])),
            "chat" => text.push_str(random.pick(&["$legal", "$sales", "\"Legal\""])),
            "period" => text.push_str(random.pick(&["3d", "2h30min", "1w", "5wd"])),
            other => text.push_str(other),
        }
        text.push_str(rest);
    }
    text.push('\n');
    text
}
