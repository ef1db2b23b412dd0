//! `find`: the records of a kind come page by page from the host; here it is decided which of them count.

use super::super::{BinOp, Op, Reg};
use super::code::{Code, Label};
use crate::check::typed::Find;
use crate::source::Span;
use crate::value::Value;

/// The registers of a search.
struct Search {
    list: Reg,
    /// By what the records found so far are put into order.
    keys: Option<Reg>,
    /// How many are wanted; missing for all.
    most: Reg,
    /// How many are found: where there is no order, the search ends with the last one wanted.
    count: Option<Reg>,
}

impl Code<'_> {
    /// A search, into `dst`. The condition is looked at for each record, also where the store knows a shorter way.
    pub(super) fn find(&mut self, find: &Find, dst: Reg, span: Span) {
        let search = self.begin_search(find, dst);
        let (page, at, flag) = (self.temp(), self.temp(), self.temp());
        let base = self.temp();
        let mut of = vec![Value::Text(find.entity.clone())];
        if let Some((field, to)) = &find.link {
            of.push(Value::Text(field.clone()));
            let target = self.temp();
            self.into(to, target);
        }
        let of = self.constant(&Value::list(of));
        let element = self.element(find.element);
        let (turn, next, done, end) = (self.label(), self.label(), self.label(), self.label());
        self.load(base, &Value::Missing);
        self.place(turn);
        self.at(span);
        self.emit(Op::Find { dst: page, of, base });
        self.load(at, &Value::Int(0));
        self.place(next);
        if let Some(count) = search.count {
            self.emit(Op::Bin { op: BinOp::Ge, dst: flag, a: count, b: search.most });
            self.go_if(flag, end);
        }
        let to = self.to(done);
        self.emit(Op::Next { dst: element, list: page, at, to });
        self.emit(Op::Copy { dst: base, src: element });
        if let Some(cond) = &find.cond {
            self.branch(cond, false, next);
        }
        self.take_found(find, &search, element);
        let to = self.to(next);
        self.emit(Op::Jump { to });
        self.place(done);
        // An empty page is the last one.
        let none = self.temp();
        self.load(none, &Value::Int(0));
        self.emit(Op::Bin { op: BinOp::Eq, dst: flag, a: at, b: none });
        self.go_if(flag, end);
        if find.limit.is_some() {
            self.rank(find, &search, span);
        }
        let to = self.to(turn);
        self.emit(Op::Jump { to });
        self.place(end);
        self.rank(find, &search, span);
    }

    fn begin_search(&mut self, find: &Find, list: Reg) -> Search {
        let most = self.temp();
        match &find.limit {
            Some(limit) => self.into(limit, most),
            None => self.load(most, &Value::Missing),
        }
        let keys = find.order.as_ref().map(|_| self.temp());
        let count = (find.order.is_none() && find.limit.is_some()).then(|| self.temp());
        if let Some(count) = count {
            self.load(count, &Value::Int(0));
        }
        // The limit may be worked out from what was in `list` before.
        for empty in std::iter::once(list).chain(keys) {
            self.load(empty, &Value::list(Vec::new()));
        }
        Search { list, keys, most, count }
    }

    /// A record that is found.
    fn take_found(&mut self, find: &Find, search: &Search, element: Reg) {
        let top = self.top();
        if let (Some(keys), Some((key, _))) = (search.keys, &find.order) {
            let item = self.value(key);
            self.emit(Op::Push { list: keys, item });
        }
        self.emit(Op::Push { list: search.list, item: element });
        if let Some(count) = search.count {
            let one = self.temp();
            self.load(one, &Value::Int(1));
            self.emit(Op::Bin { op: BinOp::Add, dst: count, a: count, b: one });
        }
        self.release(top);
    }

    fn rank(&mut self, find: &Find, search: &Search, span: Span) {
        if let (Some(keys), Some((_, down))) = (search.keys, &find.order) {
            self.at(span);
            self.emit(Op::Rank { list: search.list, keys, most: search.most, down: *down });
        }
    }

    fn go_if(&mut self, a: Reg, label: Label) {
        let to = self.to(label);
        self.emit(Op::JumpIf { a, to });
    }
}
