//! The whole session as bytes: scripts, records, sleeping runs, variables, clock.
//!
//! Layout: the magic `DFSN`, one byte of format version, the contents in postcard's form, and the CRC-32 (little endian) of
//! everything before it. Types are kept by name, so that they survive a change of the schema's numbers.

use super::rules::{Item, compile, joined};
use super::session::{Host, Place, Session};
use super::variables::parse_type;
use crate::check::Known;
use crate::engine::RunId;
use crate::host::memory::MemoryStore;
use crate::pipeline::Texts;
use crate::source::FileId;
use crate::value::{Name, Ref, Value, append};
use serde::{Deserialize, Serialize};

const MAGIC: [u8; 4] = *b"DFSN";
/// The version that is written and read.
const VERSION: u8 = 2;
const CHECKSUM: usize = 4;

/// What is written down.
#[derive(Serialize, Deserialize)]
struct Saved {
    /// Names and texts of the workspace's files.
    files: Vec<(String, String)>,
    /// Which of them is the schema.
    schema: Option<u32>,
    /// Which are scripts, in order.
    scripts: Vec<u32>,
    items: Vec<(String, String)>,
    /// Name, type, value.
    variables: Vec<(Name, String, Value)>,
    /// What sleeping runs of the prompt will hand out: name and type.
    lets: Vec<(RunId, Vec<(Name, String)>)>,
    current: Option<Ref>,
    trace: bool,
    store: MemoryStore,
}

impl Session {
    /// `:snapshot`
    pub(super) fn snapshot(&mut self, path: &str, host: &mut dyn Host) -> Result<String, String> {
        let Place::Memory(store) = &self.place else { return Err(only_memory()) };
        let name = |ty| self.schema.type_name(ty);
        let saved = Saved {
            files: self.texts.sources.iter().map(|(_, f)| (f.name.to_string(), f.text.to_string())).collect(),
            schema: self.texts.schema.map(|id| id.0),
            scripts: self.texts.scripts.iter().map(|id| id.0).collect(),
            items: self.items.iter().map(|item| (item.key.clone(), item.text.clone())).collect(),
            variables: self.variables.values().map(|k| (k.name.clone(), name(&k.ty), k.value.clone())).collect(),
            lets: self
                .lets
                .iter()
                .map(|(run, lets)| (*run, lets.iter().map(|(n, ty)| (n.clone(), name(ty))).collect()))
                .collect(),
            current: self.current.clone(),
            trace: self.trace,
            store: (**store).clone(),
        };
        let bytes = seal(&saved)?;
        host.write(path, &bytes)?;
        Ok(format!("wrote the session to {path}\n"))
    }

    /// `:restore`
    pub(super) fn restore(&mut self, path: &str, host: &mut dyn Host) -> Result<String, String> {
        if !matches!(self.place, Place::Memory(_)) {
            return Err(only_memory());
        }
        let saved = unseal(&host.read(path)?).map_err(|why| format!("`{path}` {why}"))?;
        let mut texts = Texts::default();
        for (name, text) in &saved.files {
            texts.sources.add(name, text);
        }
        texts.schema = saved.schema.map(FileId);
        texts.scripts = saved.scripts.into_iter().map(FileId).collect();
        let items: Vec<Item> = saved.items.into_iter().map(|(key, text)| Item { key, text }).collect();
        let (compiled, _) = compile(&texts, &joined(&items));
        (self.texts, self.items) = (texts, items);
        self.take_over(&compiled);
        let ty = |text: &str| parse_type(&self.schema, text);
        let variables = saved
            .variables
            .into_iter()
            .filter_map(|(name, type_name, value)| Some((name.clone(), Known { name, ty: ty(&type_name)?, value })));
        let variables = variables.collect();
        let lets = saved
            .lets
            .into_iter()
            .map(|(run, lets)| (run, lets.into_iter().filter_map(|(name, text)| Some((name, ty(&text)?))).collect()));
        let lets = lets.collect();
        (self.variables, self.lets) = (variables, lets);
        (self.current, self.trace, self.day) = (saved.current, saved.trace, None);
        self.place = Place::Memory(Box::new(saved.store));
        let sleeping = self.store().meta().counters.waiting;
        let sleep = if sleeping == 1 { "1 run sleeps".to_owned() } else { format!("{sleeping} runs sleep") };
        Ok(format!("{}, {sleep}; it is {} now\n", self.at_work(), self.moment(self.now())))
    }
}

fn only_memory() -> String {
    "a session over a store is kept by the store itself: copy its file".to_owned()
}

fn seal(saved: &Saved) -> Result<Vec<u8>, String> {
    let mut head = MAGIC.to_vec();
    head.push(VERSION);
    let mut bytes = append(saved, head).map_err(|e| format!("the session cannot be written down: {e}"))?;
    let checksum = crc32fast::hash(&bytes);
    bytes.extend(checksum.to_le_bytes());
    Ok(bytes)
}

/// The contents, or what is wrong with the file.
fn unseal(bytes: &[u8]) -> Result<Saved, String> {
    let Some(rest) = bytes.strip_prefix(&MAGIC) else {
        return Err("is not a session that was written down by `:snapshot`".to_owned());
    };
    match rest.first() {
        Some(&VERSION) => {}
        Some(other) => return Err(format!("was written in format {other}, but only format {VERSION} is known")),
        None => return Err("is damaged: it ends too early".to_owned()),
    }
    let whole = bytes.split_last_chunk::<CHECKSUM>();
    let whole = whole.filter(|(body, sum)| crc32fast::hash(body) == u32::from_le_bytes(**sum));
    let Some((body, _)) = whole else { return Err("is damaged: its checksum does not fit".to_owned()) };
    let payload = body.get(MAGIC.len() + 1..).unwrap_or(&[]);
    postcard::from_bytes(payload).map_err(|e| format!("cannot be read: {e}"))
}
