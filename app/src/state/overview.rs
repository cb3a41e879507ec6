//! What the store holds, for the pages that need to say so.

use leptos::prelude::*;
use shared::Overview;

use super::clock::use_set_server_time;
use super::effect::effect;
use super::live::use_live;
use super::remote::{Meanwhile, Remote, use_remote};
use crate::api;

/// Fetches the overview, again whenever something changed, and sets the console's clock by it.
pub fn use_overview() -> Remote<Overview> {
    let set_server_time = use_set_server_time();
    let live = use_live();
    let overview = use_remote(Meanwhile::Keep, || (), |()| api::overview());
    overview.follow(live.revision, || true);
    effect(move || {
        overview.value.with(|overview| {
            if let Some(overview) = overview {
                set_server_time(overview.now);
                live.notice(&overview.applications);
            }
        });
    });
    overview
}
