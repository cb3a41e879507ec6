//! The console: pages → components → `ui`, `chart` → `state` → `api` → `shared`. Client-side
//! rendered, compiled to WASM. What can be decided without a browser is plain functions over
//! plain data, tested natively. Nothing here judges requests: the server does.

#![expect(
    unreachable_pub,
    reason = "components are expanded to public items whatever their own visibility"
)]

pub mod api;
pub mod chart;
pub mod components;
pub mod format;
pub mod math;
pub mod pages;
pub mod shell;
pub mod state;
pub mod ui;
