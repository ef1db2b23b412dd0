//! A `crm.toml` of any size.

use super::random::Random;

/// A `crm.toml` of about so many bytes.
pub(crate) fn schema(bytes: usize, seed: u64) -> String {
    let mut random = Random(seed);
    let mut text = String::with_capacity(bytes + 4096);
    let mut number = 0;
    while text.len() < bytes {
        number += 1;
        let (user, kind) =
            (random.pick(&["mona", "anna", "jan"]), random.pick(&["money", "text", "date", "list of text"]));
        let block = format!(
            "# Number {number}
[users.{user}{number}]
name = \"Person {number}\"\nemail = \"{user}{number}@example.com\"\nmanager = \"{user}\"\ndepartment = \"Sales\"

[entities.project{number}]
label = \"Project {number}\"
stages = [\"Planned\", \"Running\", {{ name = \"Done\", kind = \"success\" }}]
fields.deal = \"deal\"
fields.value = {{ type = \"{kind}\", label = \"Value {number}\", required = true }}
fields.size = {{ options = [\"Small\", \"Large\"], default = \"Small\" }}

"
        );
        text.push_str(&block);
    }
    text
}
