//! `find` over more records than fit a page, on both stores; and that a condition which names what a field refers to is
//! answered by the store's index.

use super::script::script;
use super::world::tell;
use dealflow::ir::dump;
use serde_json::json;

const FINDS: &str = r#"rule "Finds" on deal stage "Invoice" {
  let $all = find deal $d;
  let $large = find deal $d where $d.amount > 0 PLN order by $d.amount desc limit 3;
  log "{count($all)}: {map($d in $large: $d.title)}";
  let $same = find deal $d where $d.amount is not empty and $d.contact == deal.contact order by $d.title limit 2;
  let $early = find deal $d where $d.contact == deal.contact limit 1001;
  log "{map($d in $same: $d.title)}, {count($early)}";
}"#;

#[test]
fn a_search_goes_on_from_page_to_page() {
    let story = tell(&script(FINDS), |world| {
        world.create("contact c", json!({"name": "Jan"}));
        for n in 0..2100 {
            let amount = if n % 2 == 0 { json!(format!("{} PLN", (n * 7919) % 2100)) } else { json!(null) };
            let contact = if n % 7 == 0 { json!(null) } else { json!("c") };
            world.create(&format!("deal {n}"), json!({"title": format!("D{n}"), "amount": amount, "contact": contact}));
        }
        world.lines.clear();
        world.update("deal 5", json!({"stage": "Invoice"}));
    });
    let said: Vec<&str> = story.lines().filter_map(|line| Some(line.split_once("log text=")?.1)).collect();
    assert_eq!(said, ["\"2100: D1742, D1384, D1026\"", "\"D10, D100, 1001\""]);
}

#[test]
fn what_refers_to_something_is_found_by_the_index() {
    let way = |cond: &str| {
        let rules = script(&format!(
            "on deal created {{ let $found = find deal $d where {cond}; for $d in $found {{ log \"x\"; stop; }} }}"
        ));
        let text = dump(&rules[0]);
        let code = |line: &str| line.split(" // ").next().unwrap().to_owned();
        let line = text.lines().map(code).find(|line| line.contains("= find ")).unwrap();
        line.split_once("= find ")
            .unwrap()
            .1
            .split([' '])
            .take_while(|w| !matches!(*w, "is" | "behind"))
            .collect::<Vec<_>>()
            .join(" ")
    };
    for (cond, wanted) in [
        ("$d.contact == deal.contact", "deal whose contact"),
        ("deal.contact == $d.contact", "deal whose contact"),
        ("$d.title == \"x\" and ($d.amount > 5 PLN and $d.owner == user \"anna\")", "deal whose owner"),
        // Here the others have to be looked at as well.
        ("$d.contact == deal.contact or $d.title == \"x\"", "deal"),
        ("not ($d.contact == deal.contact)", "deal"),
        ("$d.contact != deal.contact", "deal"),
        ("$d.lead?.contact == deal.contact", "deal"),
        ("$d.title == deal.title", "deal"),
        ("$d.contact == $d.lead?.contact", "deal"),
    ] {
        assert_eq!(way(cond), wanted, "{cond}");
    }
}
