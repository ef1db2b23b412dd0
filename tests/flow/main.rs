//! All integration tests, in one binary: a module per area, most of them reading text files of `tests/data`.

#[cfg(test)]
mod engine;
#[cfg(test)]
mod machine;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod syntax;
