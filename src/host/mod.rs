//! Where the engine's memory is kept: in memory (tests, simulation) or in one SQLite file.

pub mod memory;
pub mod sqlite;

pub use memory::MemoryStore;
pub use sqlite::SqliteStore;
