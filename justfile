# What a developer does often. `just` lists it.

_default:
    @just --list

# everything CI runs
ci:
    ./test

# fast feedback while writing
check:
    cargo clippy --all-targets -- -D warnings

# accept changed snapshots: read the diff before you commit it
bless:
    cargo run --quiet -- reference --output reference
    INSTA_UPDATE=always cargo test --test flow
    git diff --stat tests src reference

# every figure beside its baseline
bench *ARGS:
    cargo bench -- {{ARGS}}
