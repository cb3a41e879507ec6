//! Which endpoints stored requests asked for. They are not stored with the requests, since
//! later folds change them: the engine folds each path anew, and the store says what became
//! of the result.

use engine::{EndpointKey, EndpointRecord, TextId};
use rustc_hash::FxHashMap;
use shared::ApplicationId;

use crate::store::{RequestRow, StoreError, TenantStore};

/// The endpoints of the requests that were noted.
#[derive(Default)]
pub(super) struct Endpoints {
    /// By segment and the texts of method, host and path, each worked out once.
    keys: FxHashMap<(u64, TextId, TextId, TextId), EndpointKey>,
    records: FxHashMap<EndpointKey, EndpointRecord>,
}

impl Endpoints {
    /// Notes the endpoint of a request, not folded yet.
    pub(super) fn note(&mut self, row: &RequestRow) -> EndpointKey {
        let records = &mut self.records;
        *self.keys.entry(texts(row)).or_insert_with(|| {
            let request = row.request();
            let method = row.text(request.method);
            let host = row.text(request.host);
            let endpoint = engine::attribute::endpoint(method, host, row.text(request.path));
            let key = endpoint.key;
            records.entry(key).or_insert(endpoint);
            key
        })
    }

    /// Replaces what was noted by what it was folded into.
    pub(super) async fn resolve(
        &mut self,
        store: &TenantStore,
        application: ApplicationId,
    ) -> Result<(), StoreError> {
        let keys: Vec<EndpointKey> = self.records.keys().copied().collect();
        let known = store.find_endpoints(application, &keys).await?;
        self.records.extend(known);
        Ok(())
    }

    /// What a noted endpoint's template is now.
    pub(super) fn template(&self, key: EndpointKey) -> &str {
        self.records.get(&key).map_or("", |known| &known.template)
    }

    /// The endpoint of a request, if it was noted.
    pub(super) fn of(&self, row: &RequestRow) -> Option<&EndpointRecord> {
        self.records.get(self.keys.get(&texts(row))?)
    }
}

fn texts(row: &RequestRow) -> (u64, TextId, TextId, TextId) {
    let request = row.request();
    (row.id().segment, request.method, request.host, request.path)
}
