//! Events in, effects out: rules, waits, timers, re-entry and lifetimes over a store.
