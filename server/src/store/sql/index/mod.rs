//! Keeps the indexes in step with the tables. Whoever writes holds the writer until the index
//! says the same as the tables do, so a search after a write sees it. An index that is not
//! loaded, or that was left behind, is read anew by the first search that needs it.

mod load;

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use engine::Effects;
use shared::SessionId;

use self::load::{Reader, Which};
use super::applications::{Shown, shown};
use super::{StoreError, TenantStore, stored};
use crate::store::Commit;
use crate::store::database::{Connection, Writer, query_as};
use crate::store::index::{Index, Link};

impl TenantStore {
    /// Reads what searches need of every application, so that the first one does not wait.
    pub async fn warm_index(&self) -> Result<(), StoreError> {
        for shown in self.list_shown().await? {
            self.index_of(&shown).await?;
        }
        Ok(())
    }

    /// Forgets what searches read, so that the next one reads the tables.
    #[cfg(test)]
    pub(crate) async fn forget_index(&self) {
        for shown in self.list_shown().await.unwrap() {
            self.shared.searched.forget(shown.judgement.number);
        }
    }

    /// Whether the index of every application is loaded and says what the tables do.
    #[cfg(test)]
    pub(crate) async fn is_index_in_step(&self) -> bool {
        let shown = self.list_shown().await.unwrap();
        let indexes = &self.shared.searched;
        shown
            .iter()
            .all(|it| indexes.get(it.judgement.number, it.revision).is_some())
    }

    /// The applications and the judgements that are shown of them, as they are now.
    pub(super) async fn list_shown(&self) -> Result<Vec<Shown>, StoreError> {
        let mut view = self.read().await?;
        shown(&mut view, self.tenant, &[]).await
    }

    /// The index of a judgement of the tenant.
    pub(super) async fn index_of(&self, shown: &Shown) -> Result<Arc<RwLock<Index>>, StoreError> {
        let judgement = shown.judgement.number;
        let indexes = &self.shared.searched;
        if let Some(index) = indexes.get(judgement, shown.revision)
            && read(&index).marks() >= shown.marks
        {
            return Ok(index);
        }
        // Whoever is writing brings the index up to date before it lets go of the writer.
        let mut writer = self.shared.database.writer().await;
        let mut view = writer.look(self.scope()).await?;
        let (revision, marks) = self.revision(&mut view, judgement).await?;
        if let Some(index) = indexes.get(judgement, revision) {
            if read(&index).marks() < marks {
                let excepted = Reader::new(&mut view, self.tenant, judgement)
                    .excepted()
                    .await?;
                write(&index).mark_excepted(&excepted, marks);
            }
            return Ok(index);
        }
        let index = self.load(&mut view, judgement, marks).await?;
        Ok(indexes.put(judgement, revision, index))
    }

    /// How often the judgement changed, and its attacks' marks.
    async fn revision(
        &self,
        connection: &mut Connection,
        judgement: i64,
    ) -> Result<(i64, i64), StoreError> {
        let row: Option<(i64, i64)> =
            query_as("SELECT revision, marks FROM judgement WHERE tenant_id = $1 AND number = $2")
                .bind(self.tenant)
                .bind(judgement)
                .fetch_optional(connection)
                .await?;
        Ok(row.unwrap_or_default())
    }

    async fn load(
        &self,
        connection: &mut Connection,
        judgement: i64,
        marks: i64,
    ) -> Result<Index, StoreError> {
        let started = std::time::Instant::now();
        let mut index = Index::default();
        let book = &*self.shared.addresses();
        let mut reader = Reader::new(connection, self.tenant, judgement);
        index.put_endpoints(&reader.endpoints(0).await?);
        index.put_agents(&reader.agents(0).await?);
        reader
            .attacks(Which::All, |attacks| index.put_attacks(book, attacks))
            .await?;
        reader
            .sessions(Which::All, |sessions| index.put_sessions(book, sessions))
            .await?;
        let mut provisional = Vec::new();
        reader
            .links(Which::All, |links, of_preview| {
                index.set_links(links.iter().map(|(id, link)| (*id, link)));
                provisional.extend(of_preview);
            })
            .await?;
        index.note_provisional_links(provisional);
        index.note_marks(marks);
        tracing::debug!(
            judgement,
            sessions = index.session_count(),
            weight_bytes = index.weight(),
            duration_ms = started.elapsed().as_millis() as u64,
            "an index was loaded"
        );
        Ok(index)
    }

    /// Brings the index of the judgement that was committed to from `before` to `revision`.
    pub(super) async fn follow_commit(
        &self,
        writer: &mut Writer,
        commit: &Commit,
        before: i64,
        revision: i64,
    ) {
        let judgement = commit.judgement.number;
        let indexes = &self.shared.searched;
        let Some(index) = indexes.get_to_change(judgement, before) else {
            return;
        };
        match self.change(writer, &index, commit).await {
            Ok(()) => {
                let weight = read(&index).weight();
                indexes.advance(judgement, revision, weight);
            }
            Err(error) => {
                tracing::warn!(judgement, %error, "an index is read anew");
                indexes.forget(judgement);
            }
        }
    }

    /// Reads again what the commit may have changed.
    async fn change(
        &self,
        writer: &mut Writer,
        index: &RwLock<Index>,
        commit: &Commit,
    ) -> Result<(), StoreError> {
        let mut view = writer.look(self.scope()).await?;
        let said = || std::iter::once(&commit.effects).chain(&commit.preview);
        let book = &*self.shared.addresses();
        let (linked, (newest_endpoint, newest_agent)) = {
            let index = read(index);
            (index.provisional_links(), index.newest_names())
        };
        let mut reader = Reader::new(&mut view, self.tenant, commit.judgement.number);
        let mut described = said().flat_map(|effects| &effects.endpoints);
        let folded = described.any(|endpoint| endpoint.folded_into.is_some());
        let endpoints = reader
            .endpoints(if folded { 0 } else { newest_endpoint })
            .await?;
        let agents = reader.agents(newest_agent).await?;
        let (mut attacks, mut sessions) = (Vec::new(), Vec::new());
        reader
            .attacks(Which::These(&attack_ids(said())), |read| {
                attacks.extend(read);
            })
            .await?;
        let ended = || said().flat_map(|effects| &effects.sessions).map(|it| it.id);
        // Those that are over may be in a block by now.
        let (over, rows): (Vec<_>, Vec<_>) =
            commit.effects.sessions.iter().partition(|it| it.is_over);
        sessions.extend(reader.over(over).await?);
        let previewed = commit.preview.iter().flat_map(|preview| &preview.sessions);
        let rows = rows.into_iter().chain(previewed);
        let session_ids = distinct(rows.map(|session| session.id.0));
        reader
            .sessions(Which::These(&session_ids), |read| {
                sessions.extend(read);
            })
            .await?;
        let of_attacks = said().flat_map(|effects| &effects.attack_sessions);
        let relinked = linked
            .into_iter()
            .chain(of_attacks.map(|it| it.session))
            .chain(ended());
        let relinked = distinct(relinked.map(|session| session.0));
        let mut links = Vec::new();
        let mut provisional = Vec::new();
        reader
            .links(Which::These(&relinked), |read, of_preview| {
                links.extend(read);
                provisional.extend(of_preview);
            })
            .await?;
        let mut index = write(index);
        index.remove_provisional();
        index.put_endpoints(&endpoints);
        index.put_agents(&agents);
        index.put_attacks(book, attacks);
        index.put_sessions(book, sessions);
        let none = Link::default();
        let unlinked = relinked.iter().map(|id| (SessionId(*id as u64), &none));
        index.set_links(unlinked);
        index.set_links(links.iter().map(|(id, link)| (*id, link)));
        index.note_provisional_links(provisional);
        Ok(())
    }

    /// Takes out of the index what retention removed.
    pub(super) fn follow_retention(&self, judgement: i64, revision: i64, ended: (i64, i64)) {
        let indexes = &self.shared.searched;
        if let Some(index) = indexes.get_to_change(judgement, revision - 1) {
            let weight = {
                let mut index = write(&index);
                index.remove_sessions_between(ended.0, ended.1);
                index.weight()
            };
            indexes.advance(judgement, revision, weight);
        }
    }

    /// Reads the judgement that is shown from now on, if the one before was searched.
    pub(super) async fn follow_switch(&self, writer: &mut Writer, before: Option<i64>, now: i64) {
        let indexes = &self.shared.searched;
        let Some(before) = before.filter(|before| *before != now && indexes.is_loaded(*before))
        else {
            return;
        };
        indexes.forget(before);
        let loaded = async {
            let mut view = writer.look(self.scope()).await?;
            let (revision, marks) = self.revision(&mut view, now).await?;
            Ok::<_, StoreError>((revision, self.load(&mut view, now, marks).await?))
        };
        match loaded.await {
            Ok((revision, index)) => {
                indexes.put(now, revision, index);
            }
            Err(error) => {
                tracing::warn!(judgement = now, %error, "an index will be read by the next search");
            }
        }
    }
}

/// A look at an index; a writer that panicked left nothing half done that a search minds.
pub(super) fn read(index: &RwLock<Index>) -> RwLockReadGuard<'_, Index> {
    index.read().unwrap_or_else(PoisonError::into_inner)
}

fn write(index: &RwLock<Index>) -> std::sync::RwLockWriteGuard<'_, Index> {
    index.write().unwrap_or_else(PoisonError::into_inner)
}

/// The attacks of which the effects say something that searches see.
fn attack_ids<'a>(said: impl Iterator<Item = &'a Effects>) -> Vec<i64> {
    let ids = said.flat_map(|effects| {
        let attacks = effects.attacks.iter().map(|attack| attack.id.0);
        let addresses = effects.attack_addresses.iter();
        attacks.chain(addresses.map(|(attack, _)| attack.0))
    });
    distinct(ids)
}

/// Each identifier once, ascending, as the database keeps it.
fn distinct(ids: impl Iterator<Item = u64>) -> Vec<i64> {
    let mut ids: Vec<i64> = ids.map(stored).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
