//! Customer-match files: what the networks publish about them, as golden files.

use dealflow::channel::audience::{Member, Network, email, file, phone};

#[test]
fn addresses_and_phones_are_normalised_as_each_network_asks() {
    for (text, google, meta) in [
        (" Jane.Doe@Gmail.com ", Some("janedoe@gmail.com"), Some("jane.doe@gmail.com")),
        ("Jane.Doe@Example.COM", Some("jane.doe@example.com"), Some("jane.doe@example.com")),
        ("John_Smith@gmail.com", Some("john_smith@gmail.com"), Some("john_smith@gmail.com")),
        ("nobody", None, None),
        ("@example.com", None, None),
        ("a@b@c.example", None, None),
    ] {
        assert_eq!(email(Network::Google, text).as_deref(), google, "{text}");
        assert_eq!(email(Network::Meta, text).as_deref(), meta, "{text}");
    }
    for (text, google, meta) in [
        ("+1 (650) 555-1212", Some("+16505551212"), Some("16505551212")),
        ("0048 600 100 200", Some("+48600100200"), Some("48600100200")),
        ("600 100 200", None, None),
        ("+48 ext. five", None, None),
        ("+0 600 100 200", None, None),
    ] {
        assert_eq!(phone(Network::Google, text).as_deref(), google, "{text}");
        assert_eq!(phone(Network::Meta, text).as_deref(), meta, "{text}");
    }
}

#[test]
fn the_files_have_hashes_only() {
    let member = |emails: &[&str], phones: &[&str]| Member {
        emails: emails.iter().map(|&s| s.to_owned()).collect(),
        phones: phones.iter().map(|&s| s.to_owned()).collect(),
    };
    // `test@example.com` and its hash stand in Google's own documentation.
    let members = [
        member(&["test@example.com"], &["+1 650 555 1212"]),
        member(&["Jane.Doe@gmail.com", "jane@acme.example"], &["+48 600-100-200"]),
        member(&["TEST@example.com"], &["+16505551212"]),
        member(&["nobody"], &[]),
    ];
    let (google, meta) = (file(Network::Google, &members), file(Network::Meta, &members));
    assert!(google.contains("973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b"));
    insta::assert_snapshot!(format!("google\n{google}\nmeta\n{meta}"));
}
