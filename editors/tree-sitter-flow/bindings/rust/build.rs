//! Compiles the parser and its scanner.

fn main() {
    let mut build = cc::Build::new();
    build.include("src").std("c11").flag_if_supported("-Wno-unused");
    for file in ["src/parser.c", "src/scanner.c"] {
        build.file(file);
        println!("cargo:rerun-if-changed={file}");
    }
    println!("cargo:rerun-if-changed=src/words.h");
    build.compile("tree-sitter-flow");
}
