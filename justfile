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

# each fuzz target for so many seconds (see fuzz/README.md)
fuzz SECONDS="600":
    for target in lexer parser format check; do \
        mkdir -p fuzz/corpus/$target; \
        RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none $target fuzz/corpus/$target tests/data -- \
            -max_total_time={{SECONDS}} -dict=fuzz/flow.dict || exit 1; \
    done
    mkdir -p fuzz/corpus/stored
    RUSTC_BOOTSTRAP=1 cargo fuzz run --sanitizer none stored fuzz/corpus/stored tests/data/stored -- -max_total_time={{SECONDS}}

# the extensions in Neovim, Emacs and VS Code
editors:
    cargo build
    editors/test.sh install
    editors/test.sh

# the picture in the page of the extension, as the test took it
picture: editors
    cp target/editors/squiggle.png editors/vscode/images/squiggle.png
