//! "Did you mean": the nearest of the names that would have been right.

use strsim::damerau_levenshtein;

/// How many letters one name must share with the beginning of another to be meant by it.
const BEGINS: usize = 5;

/// The candidate nearest to `wrong`, if it is near enough to be meant: the same but for case and punctuation, or at
/// most a third of the longer name's letters away; else the only one that begins with the other.
pub fn did_you_mean<'c>(wrong: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let folded = fold(wrong);
    let candidates: Vec<&str> = candidates.into_iter().filter(|candidate| *candidate != wrong).collect();
    let near = candidates
        .iter()
        .copied()
        .filter_map(|candidate| {
            let other = fold(candidate);
            let distance = damerau_levenshtein(&folded, &other);
            let limit = folded.chars().count().max(other.chars().count()) / 3;
            (distance == 0 || distance <= limit).then_some((distance, candidate))
        })
        .min_by_key(|&(distance, candidate)| (distance, candidate))
        .map(|(_, candidate)| candidate);
    let begins = |candidate: &&str| {
        let other = fold(candidate);
        let shared = folded.starts_with(&other) || other.starts_with(&folded);
        shared && folded.chars().count().min(other.chars().count()) >= BEGINS
    };
    near.or_else(|| {
        let mut found = candidates.into_iter().filter(begins);
        found.next().filter(|_| found.next().is_none())
    })
}

fn fold(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

/// "`a`, `b` or `c`"; after `most` names it ends with "and N more".
pub fn one_of<'n>(names: impl IntoIterator<Item = &'n str>, most: usize) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let shown: Vec<String> = names.iter().take(most).map(|n| format!("`{n}`")).collect();
    if names.len() > most {
        return format!("{} and {} more", shown.join(", "), names.len() - most);
    }
    match shown.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let table = [
            ("Invioce", vec!["Invoice", "Delivery"], Some("Invoice"), "two letters swapped"),
            ("close date", vec!["close_date", "closed"], Some("close_date"), "punctuation does not count"),
            ("Amount", vec!["amount"], Some("amount"), "case does not count"),
            ("xyz", vec!["amount", "title"], None, "nothing near"),
            ("attachments", vec!["attach", "address"], Some("attach"), "one begins with the other"),
            ("document_title", vec!["document", "document_tit"], Some("document_tit"), "the nearest counts first"),
            ("documents_were_sent", vec!["document", "documents"], None, "which of the two is not known"),
            ("dealing", vec!["deal"], None, "four letters say too little"),
            ("ab", vec!["ac"], None, "one of two letters is more than a third"),
        ];
        for (wrong, names, expected, why) in table {
            assert_eq!(did_you_mean(wrong, names), expected, "{why}");
        }
    }
}
