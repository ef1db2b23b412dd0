//! The import map as data; the format is described in [`super`].

use crate::schema::Type;
use crate::source::Span;
use crate::value::{Moment, Name};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// An import map.
#[derive(Debug, Default)]
pub(super) struct Map {
    /// What the events say of their origin; nothing when `None`.
    pub origin: Option<String>,
    pub sources: Vec<Source>,
}

/// How the rows of one kind of file become records.
#[derive(Debug)]
pub(super) struct Source {
    /// The file's name; without it the source takes any file.
    pub file: Option<String>,
    pub entity: Name,
    pub id: Input,
    pub by: Option<Input>,
    /// Columns with the moment of creation, the first that is filled counts.
    pub created: Vec<Column>,
    /// When rows without any date were made.
    pub undated: Option<Moment>,
    /// The stage that a record has before its first step.
    pub stage: Option<Input>,
    /// The column that tells the stage after the last step.
    pub ends_in: Option<Column>,
    /// How dates are written, unless a field says otherwise.
    pub format: Option<Format>,
    /// What stands before the decimals.
    pub decimal: char,
    pub separator: u8,
    pub fields: Vec<MappedField>,
    /// For a column, what its values are called in the workspace.
    pub values: BTreeMap<String, BTreeMap<String, String>>,
    pub steps: Vec<Step>,
}

/// A field of the record and what it is made of.
#[derive(Debug)]
pub(super) struct MappedField {
    pub name: Name,
    pub ty: Type,
    pub input: Input,
}

/// Something that happened to the record on a date of its row.
#[derive(Debug)]
pub(super) struct Step {
    pub at: Column,
    pub stage: Option<Input>,
    /// Fields that get their value only now.
    pub set: Vec<Name>,
    /// The step counts only if these columns have one of these values.
    pub when: Vec<(Column, Vec<String>)>,
}

/// A column of the file.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub name: String,
    pub span: Span,
}

/// Where a value comes from.
#[derive(Clone, Debug, Default)]
pub(super) struct Input {
    /// Texts with columns in them; the first whose columns are all filled counts.
    pub texts: Vec<Vec<Piece>>,
    /// The value itself, when no column is asked.
    pub constant: Option<Json>,
    /// The value for rows without one.
    pub default: Option<Json>,
    pub currency: Option<String>,
    pub format: Option<Format>,
    /// What separates several values.
    pub split: Option<String>,
}

/// How dates are written.
#[derive(Clone, Debug)]
pub(super) struct Format {
    /// As the map says it.
    pub written: String,
    /// As chrono says it.
    pub code: String,
}

/// A part of a text.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    Text(String),
    Column(Column),
}

impl Source {
    /// Every column that the map names.
    pub(super) fn columns(&self) -> impl Iterator<Item = &Column> {
        let inputs = [Some(&self.id), self.by.as_ref(), self.stage.as_ref()].into_iter().flatten();
        let inputs = inputs.chain(self.fields.iter().map(|field| &field.input));
        let inputs = inputs.chain(self.steps.iter().filter_map(|step| step.stage.as_ref()));
        let in_texts = inputs.flat_map(|input| input.texts.iter().flatten()).filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Column(column) => Some(column),
        });
        let in_steps =
            self.steps.iter().flat_map(|step| std::iter::once(&step.at).chain(step.when.iter().map(|(c, _)| c)));
        in_texts.chain(in_steps).chain(&self.created).chain(&self.ends_in)
    }
}
