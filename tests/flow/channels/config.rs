//! `dealflow.toml`: what is wrong in it is told with its place, and secrets are never shown.

use dealflow::channel::load;
use dealflow::diagnostics::render;
use dealflow::source::Sources;

fn env(name: &str) -> Option<String> {
    (name == "SECRET").then(|| "s3cret".to_owned())
}

#[test]
fn mistakes_are_told_with_their_place() {
    insta::glob!("../../data/channels", "E0707_*.toml", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        let mut sources = Sources::default();
        let file = sources.add("dealflow.toml", &text);
        let (_, found) = load(file, &text, &env);
        insta::assert_snapshot!(render::plain(&found, &sources));
    });
}

#[test]
fn a_new_workspace_declares_its_channels_in_comments() {
    let text = include_str!("../../../src/cli/template/dealflow.toml");
    let mut sources = Sources::default();
    let file = sources.add("dealflow.toml", text);
    assert_eq!(load(file, text, &env), load(file, "", &env));
    // Without the comment signs it is right, but for the variables that nobody has set.
    let plain =
        |line: &str| line.strip_prefix("# ").filter(|l| l.starts_with('[') || l.contains(" = ")).map(str::to_owned);
    let text: Vec<String> = text.lines().filter_map(plain).collect();
    assert!(text.len() > 20);
    let text = text.join("\n");
    let (config, found) = load(file, &text, &|_| Some("s3cret".to_owned()));
    assert!(found.is_empty(), "{found:?}");
    assert!(config.email.is_some() && !config.sms.is_empty() && !config.webhooks.is_empty());
    assert!(!format!("{config:?}").contains("s3cret"));
}
