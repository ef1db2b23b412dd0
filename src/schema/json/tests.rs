use super::*;
use crate::schema::{FieldId, load};
use crate::source::FileId;
use serde_json::json;

fn schema() -> Schema {
    let text = r#"
        [workspace]
        timezone = "Europe/Warsaw"
        currency = "PLN"
        [users.anna]
        name = "Anna Nowak"
        [users.jan]
        name = "Jan Kowalski"
        [users.jan2]
        name = "Jan Kowalski"
        [departments.Sales]
        [chats.Legal]
        [entities.deal.fields]
        product = { options = ["GTX Pro", { name = "Mg", label = "MG Special" }] }
        tags = "list of text"
    "#;
    let (schema, found) = load(FileId(0), text);
    assert!(found.is_empty(), "{found:?}");
    schema
}

/// The type of a field, such as `deal.amount`.
fn field(schema: &Schema, path: &str) -> Type {
    let (entity, field) = path.split_once('.').unwrap();
    schema.entity(entity).unwrap().field(field).unwrap().ty.clone()
}

#[test]
fn every_type_reads_what_people_write() {
    let schema = schema();
    let table = [
        ("deal.title", json!("ACME"), json!("ACME")),
        ("deal.amount", json!(12000), json!({"amount": 12000, "currency": "PLN"})),
        ("deal.amount", json!(0.1), json!({"amount": 0.1, "currency": "PLN"})),
        ("deal.amount", json!("12 000.50 EUR"), json!({"amount": 12000.5, "currency": "EUR"})),
        ("deal.amount", json!("12000"), json!({"amount": 12000, "currency": "PLN"})),
        ("deal.amount", json!({"amount": "7", "currency": "USD"}), json!({"amount": 7, "currency": "USD"})),
        ("deal.probability", json!(0.15), json!(0.15)),
        ("deal.probability", json!("0.1234567890123456789"), json!("0.1234567890123456789")),
        ("deal.score", json!("12"), json!(12)),
        ("deal.score", json!(3.0), json!(3)),
        ("deal.close_date", json!("2026-03-02"), json!("2026-03-02")),
        ("deal.close_date", json!("2026-03-01T23:30:00Z"), json!("2026-03-02")),
        ("deal.created_at", json!("2026-03-02T09:00:00+01:00"), json!("2026-03-02T08:00:00Z")),
        ("deal.created_at", json!("2026-03-02T09:00"), json!("2026-03-02T08:00:00Z")),
        ("deal.created_at", json!("2026-07-02"), json!("2026-07-01T22:00:00Z")),
        ("deal.owner", json!("anna"), json!({"entity": "user", "id": "anna"})),
        ("deal.owner", json!("Anna Nowak"), json!({"entity": "user", "id": "anna"})),
        ("deal.chat", json!("Legal"), json!({"entity": "chat", "id": "Legal"})),
        ("deal.chat", json!({"entity": "chat", "id": "made-1"}), json!({"entity": "chat", "id": "made-1"})),
        ("deal.stage", json!("Invoice"), json!("Invoice")),
        ("deal.stage", json!("invoice"), json!("Invoice")),
        ("lead.status", json!("in progress"), json!("In progress")),
        ("deal.pipeline", json!("Sales"), json!("Sales")),
        ("deal.product", json!("GTX Pro"), json!("GTX Pro")),
        ("deal.product", json!("MG Special"), json!("Mg")),
        ("deal.lead", json!(57), json!({"entity": "lead", "id": "57"})),
        ("deal.lead", json!("L-1"), json!({"entity": "lead", "id": "L-1"})),
        ("deal.lead", json!({"entity": "lead", "id": 57}), json!({"entity": "lead", "id": "57"})),
        ("deal.tags", json!(["a", "b"]), json!(["a", "b"])),
        ("deal.tags", json!("a"), json!(["a"])),
        ("deal.lead", json!(null), json!(null)),
        ("lead.repeat", json!("TRUE"), json!(true)),
        ("contact.phones", json!(["+48 22 123 45 67"]), json!(["+48 22 123 45 67"])),
    ];
    for (path, json, expected) in table {
        let ty = field(&schema, path);
        let value = value_from_json(&schema, &ty, &json).unwrap_or_else(|e| panic!("{path} {json}: {e}"));
        assert_eq!(value_to_json(&value), expected, "{path} {json}");
        let again = value_from_json(&schema, &ty, &value_to_json(&value));
        assert_eq!(again.as_ref(), Ok(&value), "{path} {json}: what is written can be read");
    }
    let at = |ty: &Type, json| value_from_json(&schema, ty, &json).map(|value| value_to_json(&value));
    assert_eq!(at(&Type::Time, json!("09:00")), Ok(json!("09:00")));
    assert_eq!(at(&Type::Duration, json!("2h30min")), Ok(json!("2h30min")));
    assert_eq!(at(&Type::Error, json!({"a": [1, 0.5, null]})), Ok(json!({"a": [1, 0.5, null]})));
}

#[test]
fn what_does_not_fit_is_told_in_the_users_words() {
    let schema = schema();
    let table = [
        ("deal.title", json!(5), "`5` is not a text"),
        ("deal.amount", json!("much"), "`much` is not an amount: write 12000 or \"12000 PLN\""),
        ("deal.amount", json!("12000 PNL"), "there is no currency `PNL`: did you mean `PLN`?"),
        ("deal.score", json!(1.5), "`1.5` is not a whole number"),
        ("deal.close_date", json!("02.03.2026"), "`02.03.2026` is not a date: write it as `2026-03-02`"),
        ("deal.close_date", json!("2026-02-30"), "`2026-02-30` is not a date: write it as `2026-03-02`"),
        ("deal.owner", json!("ana"), "there is no user `ana`: did you mean `anna`?"),
        ("deal.owner", json!("Jan Kowalski"), "more than one user is called `Jan Kowalski`: write `jan` or `jan2`"),
        ("deal.stage", json!("Invioce"), "there is no stage `Invioce`: did you mean `Invoice`?"),
        (
            "lead.status",
            json!("Gone"),
            "there is no status `Gone`: known are `New`, `In progress`, `Interested`, `Qualified`, `Won`, `Lost` or `Junk`",
        ),
        ("deal.product", json!("GTXPor"), "there is no option of `product` `GTXPor`: did you mean `GTX Pro`?"),
        (
            "deal.lead",
            json!({"entity": "deal", "id": "1"}),
            "`{\"entity\":\"deal\",\"id\":\"1\"}` is not a lead: write {\"entity\": \"lead\", \"id\": \"57\"}",
        ),
        ("deal.lead", json!(-1), "`-1` is not the number of a lead"),
        ("lead.repeat", json!("yes"), "`yes` is not `true` or `false`"),
        ("contact.emails", json!(["a@"]), "`a@` is not an e-mail address: write it as `anna@example.com`"),
        ("contact.phones", json!(["n/a"]), "`n/a` is not a phone number: write it as `+48 22 123 45 67`"),
    ];
    for (path, json, expected) in table {
        let found = value_from_json(&schema, &field(&schema, path), &json);
        assert_eq!(found, Err(expected.to_owned()), "{path} {json}");
    }
}

#[test]
fn types_have_names() {
    let schema = schema();
    let names = ["deal.amount", "deal.stage", "lead.status", "deal.lead", "deal.tags", "deal.product", "deal.pipeline"];
    let found = names.map(|path| schema.type_name(&field(&schema, path)));
    let expected =
        ["money", "stage of deal", "status of lead", "lead", "list of text", "product of deal", "pipeline of deal"];
    assert_eq!(found, expected);
    assert_eq!(schema.type_name(&Type::Text.optional()), "text?");
    assert_eq!(schema.type_name(&Type::User.list()), "list of user");
    let deal = schema.entity("deal").unwrap();
    assert_eq!(deal.get(FieldId(0)).map(Field::read_type), Some(Type::Text));
    assert_eq!(deal.fields.iter().filter(|f| deal.must_be_given(f)).map(|f| &*f.name).collect::<Vec<_>>(), ["title"]);
}

use crate::schema::Field;
