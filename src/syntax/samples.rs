//! Scripts with every construct of the language, for the tests in this folder.

/// The scripts.
pub(super) const ALL: [&str; 9] = [
    include_str!("../../tests/data/syntax/01_users_line.flow"),
    include_str!("../../tests/data/syntax/02_large_rule.flow"),
    include_str!("../../tests/data/syntax/03_angle_blocks.flow"),
    include_str!("../../tests/data/syntax/04_waits.flow"),
    include_str!("../../tests/data/syntax/05_test_item.flow"),
    include_str!("../../tests/data/syntax/06_triggers.flow"),
    include_str!("../../tests/data/syntax/07_statements.flow"),
    include_str!("../../tests/data/syntax/08_expressions.flow"),
    include_str!("../../tests/data/syntax/09_actions.flow"),
];
