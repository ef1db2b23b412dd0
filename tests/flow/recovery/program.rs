//! Right scripts of any size from a seed: every construct of the language, laid out as people do.

use super::random::Random;
use std::fmt::Write;

/// How a script spells its blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Spelling {
    Braces,
    Angles,
    /// Each block for itself.
    Mixed,
}

/// A script and where its items begin.
pub(super) struct Program {
    pub(super) text: String,
    pub(super) items: Vec<usize>,
}

struct Writer<'r> {
    random: &'r mut Random,
    spelling: Spelling,
    out: String,
    indent: usize,
    loops: usize,
}

/// A script of about so many bytes.
pub(super) fn program(random: &mut Random, spelling: Spelling, bytes: usize) -> Program {
    let mut writer = Writer { random, spelling, out: String::new(), indent: 0, loops: 0 };
    let mut items = Vec::new();
    while writer.out.len() < bytes {
        items.push(writer.out.len());
        writer.item();
        writer.out.push('\n');
    }
    Program { text: writer.out, items }
}

impl<'r> Writer<'r> {
    fn one<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.random.below(from.len())]
    }

    fn maybe(&mut self, percent: usize) -> bool {
        self.random.below(100) < percent
    }

    fn line(&mut self, text: &str) {
        let indent = "  ".repeat(self.indent);
        let comment = if self.maybe(4) { "  // as agreed" } else { "" };
        writeln!(self.out, "{indent}{text}{comment}").unwrap();
    }

    /// `head { … }` and what follows the block on its last line, over several lines.
    fn block(&mut self, head: &str, after: &str, body: &mut dyn FnMut(&mut Self)) {
        self.block_from(head, false, after, body);
    }

    /// The same; the head may stand after what closes the block before.
    fn block_from(&mut self, head: &str, joined: bool, after: &str, body: &mut dyn FnMut(&mut Self)) {
        let (open, close) = self.marks();
        if joined {
            writeln!(self.out, " {head} {open}").unwrap();
        } else {
            let indent = "  ".repeat(self.indent);
            let gap = if head.is_empty() { "" } else { " " };
            writeln!(self.out, "{indent}{head}{gap}{open}").unwrap();
        }
        self.indent += 1;
        body(self);
        self.indent -= 1;
        write!(self.out, "{}{close}{after}", "  ".repeat(self.indent)).unwrap();
    }

    fn marks(&mut self) -> (&'static str, &'static str) {
        let angle = match self.spelling {
            Spelling::Braces => false,
            Spelling::Angles => true,
            Spelling::Mixed => self.maybe(50),
        };
        if angle { ("<", ">") } else { ("{", "}") }
    }

    fn item(&mut self) {
        match self.random.below(20) {
            0 => self.constants(),
            1 | 2 => self.function(),
            3 | 4 => self.test(),
            5 => {
                let trigger = self.trigger();
                let statement = self.simple();
                let (open, close) = self.marks();
                self.line(&format!("on {trigger} {open} {statement} {close}"));
            }
            6 | 7 => {
                let schedule = self.one(&["monday at 09:00", "1h", "\"0 9 * * MON-FRI\"", "day at 17:30"]).to_owned();
                self.body(&format!("every {schedule}"));
            }
            _ => self.rule(),
        }
    }

    fn constants(&mut self) {
        for name in ["$limit", "$partners", "$period"] {
            let value = self.value(1);
            self.line(&format!("const {name} = {value};"));
        }
        self.line("use \"lib/legal.flow\";");
    }

    fn function(&mut self) {
        if self.maybe(50) {
            self.body("fn big($d: deal, $names: list of text, $due: date?) -> bool");
        } else {
            self.body("flow onboarding($c: contact, $days: int)");
        }
    }

    fn test(&mut self) {
        let indent = self.indent;
        self.block("test \"the manager hears of it\"", "\n", &mut |w| {
            w.line("given $d = deal with title: \"ACME\", amount: 12000 PLN, stage: \"Proposal\";");
            w.line("set $d.stage = \"Invoice\";");
            for _ in 0..w.random.below(4) {
                let line = w.one(&[
                    "expect create chat \"Invoice: ACME\";",
                    "expect notify chat with type: important;",
                    "advance 3d;",
                    "expect message user \"mona\" \"No answer on ACME in three days\";",
                    "expect no send sms;",
                    "expect $d.stage == \"Lost\";",
                    "assert $d.amount > 500 PLN;",
                ]);
                w.line(line);
            }
            w.line("expect finished;");
        });
        assert_eq!(indent, self.indent);
    }

    fn rule(&mut self) {
        if self.maybe(25) {
            self.line("/// What the team has agreed on in spring.");
        }
        let trigger = self.trigger();
        if self.maybe(50) {
            let name = self.one(&["Large invoice", "Follow up", "Tell legal", "Zadzwoń"]);
            self.line(&format!("rule \"{name}\""));
        }
        self.line(&format!("on {trigger}"));
        if self.maybe(60) {
            let condition = self.condition(2);
            self.line(&format!("if {condition}"));
        }
        if self.maybe(20) {
            let condition = self.condition(1);
            self.line(&format!("while {condition}"));
        }
        if self.maybe(40) {
            let clause = self.one(&["once per deal", "once per client in 7d", "each time", "one at a time", "restart"]);
            self.line(clause);
        }
        if self.maybe(15) {
            self.line("from user, api");
        }
        self.body("");
    }

    fn body(&mut self, head: &str) {
        let count = 3 + self.random.below(7);
        self.block(head, "\n", &mut |w| w.statements(count, 0));
    }

    fn trigger(&mut self) -> String {
        self.one(&[
            "deal created",
            "deal created or updated",
            "deal changed amount, close_date",
            "deal changed amount from 5 to 9",
            "deal stage \"Invoice\"",
            "deal stage \"Invoice\" in pipeline \"Sales\"",
            "lead status Won",
            "deal score increased",
            "60d before deal.close_date at 09:00",
            "contact.birthday yearly",
            "call missed",
            "email clicked [\"link\"]",
            "email opened and unreplied for 2d",
            "facebook post or comment, like",
            "form submitted \"Callback\"",
            "webhook \"erp\"",
            "manual \"button\"",
        ])
        .to_owned()
    }

    fn statements(&mut self, count: usize, depth: usize) {
        for _ in 0..count {
            if depth < 3 && self.maybe(35) {
                self.compound(depth + 1);
            } else {
                let statement = self.simple();
                self.line(&statement);
            }
            if self.maybe(8) {
                self.out.push('\n');
            }
        }
    }

    fn inner(&mut self, depth: usize) -> impl FnMut(&mut Self) + use<'r> {
        let count = 1 + self.random.below(3);
        move |w| w.statements(count, depth)
    }

    fn compound(&mut self, depth: usize) {
        match self.random.below(10) {
            0..4 => self.if_(depth),
            4 => self.wait_cases(depth),
            5 => self.match_(depth),
            6 => {
                let head = match self.random.below(3) {
                    0 => format!("while {}", self.condition(1)),
                    1 => "for $person in [user \"anna\", user \"jan\", deal.owner]".to_owned(),
                    _ => "for $x in company.deals".to_owned(),
                };
                let mut body = self.inner(depth);
                self.loops += 1;
                self.block(&head, "\n", &mut body);
                self.loops -= 1;
            }
            7 => {
                let head = self.one(&["parallel", "race"]);
                let loops = std::mem::take(&mut self.loops);
                self.block(head, "\n", &mut |w| {
                    for _ in 0..2 {
                        let mut body = w.inner(depth + 1);
                        w.block("branch", "\n", &mut body);
                    }
                });
                self.loops = loops;
            }
            8 => {
                let mut body = self.inner(depth);
                self.block("try", "", &mut body);
                if self.maybe(50) {
                    self.out.push_str(" retry 5 times pausing 10min");
                }
                let mut body = self.inner(depth);
                self.block_from("else $error", true, "\n", &mut body);
            }
            _ => {
                self.line("remove client from audience \"VIP\" of google;");
                self.block("undo", "\n", &mut |w| w.line("add client to audience \"VIP\" of google;"));
            }
        }
    }

    fn if_(&mut self, depth: usize) {
        let condition = self.condition(2);
        if self.maybe(20) {
            let statement = self.simple();
            let (open, close) = self.marks();
            return self.line(&format!("if {condition} {open} {statement} {close}"));
        }
        let otherwise = self.random.below(10);
        let mut body = self.inner(depth);
        self.block(&format!("if {condition}"), if otherwise < 5 { "\n" } else { "" }, &mut body);
        if otherwise >= 8 {
            let condition = self.condition(1);
            let mut body = self.inner(depth);
            self.block_from(&format!("else if {condition}"), true, "", &mut body);
        }
        if otherwise >= 5 {
            let mut body = self.inner(depth);
            self.block_from("else", true, "\n", &mut body);
        }
    }

    fn wait_cases(&mut self, depth: usize) {
        let head = self
            .one(&[
                "wait until lead.status in [Won] or 3d",
                "let $how = wait until deal.amount > 500 PLN or 2d",
                "wait for approval of deal.discount by deal.owner.manager or 1d",
            ])
            .to_owned();
        self.block(&head, "\n", &mut |w| {
            for case in ["case reached", "case timeout", "case else"] {
                w.case(case, depth);
            }
        });
    }

    fn case(&mut self, head: &str, depth: usize) {
        if self.maybe(40) {
            let statement = self.simple();
            let (open, close) = self.marks();
            self.line(&format!("{head} {open} {statement} {close}"));
        } else {
            let mut body = self.inner(depth + 1);
            self.block(head, "\n", &mut body);
        }
    }

    fn match_(&mut self, depth: usize) {
        let subject = self.path();
        self.block(&format!("match {subject}"), "\n", &mut |w| {
            w.case("case Low, \"In progress\"", depth);
            w.case("case High", depth);
            w.case("case else", depth);
        });
    }

    fn simple(&mut self) -> String {
        match self.random.below(14) {
            0..6 => self.action(),
            6 | 7 => format!("set {} = {};", self.path(), self.value(2)),
            8 => format!("set {} = {}, {} = {};", self.path(), self.value(1), self.path(), self.value(1)),
            9 => format!("let {} = {};", self.variable(), self.value(2)),
            10 => {
                let order = if self.maybe(50) { " order by $d.amount desc limit 50" } else { "" };
                format!("let $list = find deal $d where {}{order};", self.condition(1))
            }
            11 => self.wait(),
            12 => self
                .one(&[
                    "do big(deal, [], null);",
                    "start onboarding(contact, 3);",
                    "let $run = start onboarding(contact, 5);",
                    "let $room = create chat \"{deal.title}\" with members: [deal.owner, user \"jan\"];",
                ])
                .to_owned(),
            _ if self.loops > 0 => self.one(&["break;", "continue;", "return;", "stop;"]).to_owned(),
            _ => self.one(&["return $x;", "return;", "stop;", "stop;"]).to_owned(),
        }
    }

    fn wait(&mut self) -> String {
        match self.random.below(4) {
            0 => format!("wait {};", self.one(&["3d", "2h30min", "5wd"])),
            1 => "wait until 2026-12-24T09:00;".to_owned(),
            2 => format!("wait until {} or 2d;", self.condition(1)),
            _ => self
                .one(&[
                    "wait for activity from client or 2d \"offer sent\";",
                    "wait for email opened from contact or 2d;",
                    "let $a = wait for answer \"Which discount?\" from deal.owner or 2d;",
                ])
                .to_owned(),
        }
    }

    fn action(&mut self) -> String {
        let text = self.text();
        match self.random.below(14) {
            0 => format!("notify chat $legal {text};"),
            1 => format!("notify deal.owner {text} as important;"),
            2 => format!("message deal.owner.manager {text} at now + 3d as alarm;"),
            3 => format!("comment deal {text};"),
            4 => format!("log {text};"),
            5 => format!("post \"Won\" {text} to [department \"Sales\", $user] with attach: deal.files;"),
            6 => format!("create task {text} for deal.owner with due: {}, priority: High;", self.value(1)),
            7 => "move deal to \"Won\" by $user;".to_owned(),
            8 => format!("send email to client, $contact {text} \"Yours\" from sender \"sales\" with format: html;"),
            9 => format!("send sms to client {text} via provider \"smsapi\";"),
            10 => "assign deal to least busy of department \"Sales\";".to_owned(),
            11 => "convert lead to deal, contact in pipeline \"Sales\" with keep_activities: false;".to_owned(),
            12 => "schedule call \"Subject\" from 2026-12-24T09:00 to 2026-12-24T10:00 with remind: 15min;".to_owned(),
            _ => format!("invoke webhook \"erp\" with body: {{ id: deal.id, sum: {} }};", self.value(1)),
        }
    }

    fn text(&mut self) -> String {
        self.one(&[
            "\"Please have a look\"",
            "\"{deal.title} for {deal.amount}\"",
            "\"It's {count(company.deals)} deals by {deal.close_date:long} now\"",
            "\"\"",
            "\"{deal.owner.name default \"nobody\"} <or> somebody\"",
        ])
        .to_owned()
    }

    fn variable(&mut self) -> &'static str {
        self.one(&["$x", "$sum", "$points", "$termin"])
    }

    fn path(&mut self) -> String {
        self.one(&["deal.amount", "lead.status", "deal.owner.manager", "deal?.lead.score", "contact.notes", "$d.stage"])
            .to_owned()
    }

    fn condition(&mut self, depth: usize) -> String {
        if depth > 0 && self.maybe(40) {
            let (a, b) = (self.condition(depth - 1), self.condition(depth - 1));
            return match self.random.below(5) {
                0 | 1 => format!("{a} and {b}"),
                2 | 3 => format!("{a} or {b}"),
                _ => format!("not ({a}) and ({b})"),
            };
        }
        let path = self.path();
        match self.random.below(9) {
            0..4 => {
                let op = self.one(&["<", ">", "==", "!=", "<=", ">="]);
                format!("{path} {op} {}", self.value(1))
            }
            4 => format!("{path} in [Won, \"In progress\"]"),
            5 => format!("{path} is not empty"),
            6 => format!("{path} between 5 and {}", self.value(0)),
            7 => format!("{path} not contains \"x\""),
            _ => format!("count($d in company.deals where $d.amount > {}) > 2", self.value(0)),
        }
    }

    fn value(&mut self, depth: usize) -> String {
        if depth > 0 && self.maybe(30) {
            let (a, b) = (self.value(depth - 1), self.value(depth - 1));
            return match self.random.below(6) {
                0 => format!("{a} + {b}"),
                1 => format!("{a} * ({b} - 1)"),
                2 => format!("max({a}, {b})"),
                3 => format!("[{a}, {b}]"),
                4 => format!("{} default {b}", self.path()),
                _ => format!("{{ first: {a}, second: {b} }}"),
            };
        }
        match self.random.below(12) {
            0..3 => self.path(),
            3 => self.variable().to_owned(),
            4 => "user \"anna\"".to_owned(),
            5 => self.text(),
            6 => "round(deal.amount, 2)".to_owned(),
            _ => self
                .one(&["500 PLN", "10_000", "12.5", "15%", "3d", "2026-12-24", "09:00", "High", "true", "null"])
                .to_owned(),
        }
    }
}
