//! From diagnostics to text: terminal reports, single lines, JSON.
