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

# the extensions in Neovim, Emacs and VS Code
editors:
    cargo build
    editors/test.sh install
    editors/test.sh

# the picture in the page of the extension, as the test took it
picture: editors
    cp target/editors/squiggle.png editors/vscode/images/squiggle.png
