use super::{Names, complete};
use crate::source::FileId;

const WORKSPACE: &str = r#"
[users.anna]
name = "Anna Nowak"
[users.leo]
name = "Leo Wolny"
[chats.Legal]
members = ["anna", "leo"]
binding = "legal"
[entities.lead]
statuses = ["New", "In progress", "Won"]
success = ["Won"]
"#;

/// The first candidates at the end of the text.
fn at_end(text: &str) -> (usize, Vec<String>) {
    let (schema, found) = crate::schema::load(FileId::default(), WORKSPACE);
    assert_eq!(found, []);
    let found = complete(text, text.len(), Names { schema: &schema, variables: &[], prompt: true, items: false });
    (found.start, found.candidates.into_iter().map(|c| c.insert).collect())
}

#[test]
fn candidates_fit_their_place() {
    let table: [(&str, usize, &[&str]); 24] = [
        ("deal.am", 5, &["amount"]),
        ("deal.owner.ma", 11, &["manager"]),
        ("noti", 0, &["notify"]),
        ("notify ch", 7, &["chat"]),
        ("notify chat $le", 12, &["$legal"]),
        ("notify chat \"Le", 13, &["Legal\""]),
        ("notify user \"an", 13, &["anna\""]),
        ("notify chat $legal \"x\" as im", 26, &["important"]),
        ("notify chat $legal \"x\" fr", 23, &["from"]),
        ("set lead.status = Wo", 18, &["Won"]),
        ("set lead.status = In", 18, &["\"In progress\"", "invoice"]),
        ("lead.status in [New, W", 21, &["Won"]),
        ("on deal cr", 8, &["created"]),
        ("on call mi", 8, &["missed"]),
        ("on lead status \"W", 16, &["Won\""]),
        ("on deal stage \"Inv", 15, &["Invoice\""]),
        ("create deal with tit", 17, &["title:"]),
        ("log \"{deal.am", 11, &["amount"]),
        ("let $x = roun", 9, &["round("]),
        ("let $x = find de", 14, &["deal"]),
        ("let $x = find deal $d whe", 22, &["where"]),
        ("let $x = find deal $d where $d.am", 31, &["amount"]),
        ("let $x = find lead $d where $d.status == Wo", 41, &["Won"]),
        ("let $x = find deal $d where $d.amount > 5 PLN or", 46, &["order by", "order"]),
    ];
    for (text, start, expected) in table {
        let (found, candidates) = at_end(text);
        assert_eq!(found, start, "{text}");
        assert_eq!(candidates, expected, "{text}");
    }
}

#[test]
fn every_cut_of_a_script_has_an_answer() {
    let text = "rule \"Ä\" on deal stage \"Invoice\" if deal.amount > 5 PLN { notify chat $legal \"{deal.title} \" as important; }";
    for (at, _) in text.char_indices() {
        let (start, _) = at_end(&text[..at]);
        assert!(start <= at, "{at}");
    }
}
