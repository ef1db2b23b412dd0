//! Random rules, as values that the model understands and as the text that the compiler gets.

use super::random::Random;
use std::fmt::Write as _;

/// The stages of a deal; the last two are final.
pub(super) const STAGES: [&str; 5] = ["New", "Proposal", "Invoice", "Won", "Lost"];

/// Whether a stage is final.
pub(super) fn is_final(stage: usize) -> bool {
    stage >= 3
}

/// What sets a rule off.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum When {
    Created,
    Entered(usize),
    Size,
    Points,
}

/// What happens when it fires again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Entry {
    Each,
    Once,
    One,
    Restart,
}

/// A statement.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Do {
    /// A comment with what the deal is like now.
    Say,
    /// The same; if it is refused, again after an hour, twice, and then a line in the journal.
    Try,
    /// One point more.
    Gain,
    /// Another stage.
    Stage(usize),
    /// A period of hours.
    Sleep(i64),
    /// One of these stages, with a limit of hours; then the outcome goes to the journal.
    Until(Vec<usize>, Option<i64>),
}

/// A rule.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rule {
    pub(super) name: String,
    pub(super) when: When,
    /// `if deal.size > …`
    pub(super) over: Option<i64>,
    /// `while deal.stage == …`
    pub(super) during: Option<usize>,
    pub(super) entry: Entry,
    pub(super) body: Vec<Do>,
}

impl Rule {
    /// Any rule that cannot set itself off: only those about new deals change the stage, and only those that are not
    /// about points give any.
    pub(super) fn any(name: String, random: &mut Random) -> Self {
        let stage = random.below(STAGES.len());
        let when = random.pick(&[When::Created, When::Entered(stage), When::Entered(stage), When::Size, When::Points]);
        let during = match when {
            When::Entered(stage) if random.once_in(2) => Some(stage),
            When::Created if random.once_in(4) => Some(0),
            When::Created | When::Entered(_) | When::Size | When::Points => None,
        };
        let body = (0..=random.below(5)).map(|_| Do::any(&when, random)).collect();
        let over = random.once_in(3).then(|| i64::try_from(random.below(6)).unwrap());
        let entry = random.pick(&[Entry::Each, Entry::Each, Entry::Once, Entry::One, Entry::Restart]);
        Self { name, when, over, during, entry, body }
    }

    /// Whether a run that sleeps at this statement looks at the stage.
    pub(super) fn waits_at(&self, statement: usize) -> bool {
        matches!(self.body.get(statement), Some(Do::Until(..)))
    }

    /// The rule as it stands in a script.
    pub(super) fn text(&self) -> String {
        let mut text = format!("rule \"{}\"\n", self.name);
        match self.when {
            When::Created => writeln!(text, "on deal created"),
            When::Entered(stage) => writeln!(text, "on deal stage {}", STAGES[stage]),
            When::Size => writeln!(text, "on deal changed size"),
            When::Points => writeln!(text, "on deal changed points"),
        }
        .unwrap();
        if let Some(over) = self.over {
            writeln!(text, "if deal.size > {over}").unwrap();
        }
        if let Some(stage) = self.during {
            writeln!(text, "while deal.stage == {}", STAGES[stage]).unwrap();
        }
        text += match self.entry {
            Entry::Each => "",
            Entry::Once => "once per deal\n",
            Entry::One => "one at a time\n",
            Entry::Restart => "restart\n",
        };
        text += "{\n";
        for (at, step) in self.body.iter().enumerate() {
            writeln!(text, "  {}", step.text(at)).unwrap();
        }
        text + "}\n"
    }
}

impl Do {
    fn any(when: &When, random: &mut Random) -> Self {
        let stage = random.below(STAGES.len());
        let hours = 1 + i64::try_from(random.below(9)).unwrap();
        let gain = if *when == When::Points { Self::Say } else { Self::Gain };
        let stages = (0..STAGES.len()).filter(|_| random.once_in(2)).collect::<Vec<_>>();
        let stages = if stages.is_empty() { vec![stage] } else { stages };
        let limit = (!random.once_in(3)).then_some(hours);
        let change = if *when == When::Created { Self::Stage(stage) } else { Self::Say };
        random.pick(&[Self::Say, Self::Try, gain, change, Self::Sleep(hours), Self::Until(stages, limit)])
    }

    fn text(&self, at: usize) -> String {
        let say = format!("comment deal \"{at}: {{deal.stage}} {{deal.size}} {{deal.points}}\";");
        match self {
            Self::Say => say,
            Self::Try => format!("try {{ {say} }} retry 2 times pausing 1h else {{ log \"{at}: given up\"; }}"),
            Self::Gain => "set deal.points = (deal.points default 0) + 1;".to_owned(),
            Self::Stage(stage) => format!("set deal.stage = {};", STAGES[*stage]),
            Self::Sleep(hours) => format!("wait {hours}h;"),
            Self::Until(stages, limit) => {
                let stages = stages.iter().map(|stage| STAGES[*stage]).collect::<Vec<_>>().join(", ");
                let limit = limit.map_or(String::new(), |hours| format!(" or {hours}h"));
                format!("let $how{at} = wait until deal.stage in [{stages}]{limit};\n  log \"{at}: {{$how{at}}}\";")
            }
        }
    }
}
