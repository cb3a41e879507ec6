//! The routes of privacy: what is hashed and masked, and what was erased.

use gloo_net::http::Request;
use js_sys::Array;
use shared::{Erasure, FoundTraces, Page, Privacy, Retention, RetentionState};
use wasm_bindgen::JsValue;

use super::{Answer, body, get, write};

/// What is hashed and masked.
pub fn privacy() -> impl Future<Output = Answer<Privacy>> + use<> {
    get("privacy", &[])
}

/// Sets it.
pub fn save_privacy(privacy: &Privacy) -> impl Future<Output = Answer<Privacy>> + use<> {
    let fields: Array = privacy.hashed_fields.iter().map(JsValue::from).collect();
    let roles = privacy.masks_addresses_for.iter();
    let roles: Array = roles.map(|role| JsValue::from(role.as_str())).collect();
    let set = body(&[
        ("hashes_session_keys", privacy.hashes_session_keys.into()),
        ("hashed_fields", fields.into()),
        ("masks_addresses_for", roles.into()),
    ]);
    write(Request::put, "privacy", &set)
}

/// How long things are kept, and what came of it last.
pub fn retention() -> impl Future<Output = Answer<RetentionState>> + use<> {
    get("retention", &[])
}

/// Sets how long.
pub fn save_retention(
    retention: &Retention,
) -> impl Future<Output = Answer<RetentionState>> + use<> {
    let limits = retention.limits();
    let mut set: Vec<(&str, JsValue)> = { limits.iter() }
        .map(|(name, days, _)| (*name, JsValue::from(*days)))
        .collect();
    set.push(("includes_imported", retention.includes_imported.into()));
    write(Request::put, "retention", &body(&set))
}

/// How much is stored of somebody: `kind` is `address` or `user`. Asks for one part after the other
/// as long as `is_wanted` says so.
pub async fn traces(
    kind: String,
    subject: String,
    is_wanted: impl Fn() -> bool,
) -> Answer<FoundTraces> {
    let mut found = FoundTraces::default();
    loop {
        let cursor = found.next_cursor.take();
        let params = [(&*kind, Some(&*subject)), ("cursor", cursor.as_deref())];
        found.add(get("privacy/traces", &params).await?);
        if found.next_cursor.is_none() || !is_wanted() {
            return Ok(found);
        }
    }
}

/// Erases somebody's traces.
pub fn erase(kind: &str, subject: &str) -> impl Future<Output = Answer<Erasure>> + use<> {
    let whose = body(&[(kind, subject.into())]);
    write(Request::post, "privacy/erasures", &whose)
}

/// What was erased, the newest first.
pub fn erasures(cursor: Option<&str>) -> impl Future<Output = Answer<Page<Erasure>>> + use<> {
    get("privacy/erasures", &[("cursor", cursor)])
}
