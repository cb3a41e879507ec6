//! The addresses of an application. Nearly all have one client, of which nothing must be kept
//! but who it is; the others are measured as one actor ([`Neighbors`]). Not who is found to be a
//! bot there: that is the engine's.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::actor::Neighbors;
use crate::effects::ClientKey;
use crate::request::Address;
use crate::resting::Resting;

/// Addresses by their block.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Addresses {
    alone: FxHashMap<Address, ClientKey>,
    shared: Resting<Address, Neighbors>,
}

impl Addresses {
    /// How many.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        self.alone.len() + self.shared.len()
    }

    /// The client of an address that has only one.
    #[must_use]
    pub(crate) fn alone(&self, block: &Address) -> Option<ClientKey> {
        self.alone.get(block).copied()
    }

    /// Notes the first client of an address.
    pub(crate) fn begin(&mut self, block: Address, client: ClientKey) {
        self.alone.insert(block, client);
    }

    /// An address with several clients, or with an attack of its own.
    #[must_use]
    pub(crate) fn get(&self, block: &Address) -> Option<&Neighbors> {
        self.shared.get(block)
    }

    /// The same, to be changed.
    #[must_use]
    pub(crate) fn get_mut(&mut self, block: &Address) -> Option<&mut Neighbors> {
        self.shared.get_mut(block)
    }

    /// Makes an address one that is looked at as a whole. Says whether it was not before.
    pub(crate) fn share(&mut self, block: Address, last_at: i64) -> bool {
        if self.shared.contains_key(&block) {
            return false;
        }
        let clients = self.alone.remove(&block).into_iter().collect();
        self.shared.get_or_insert_with(block, || Neighbors {
            clients,
            last_at,
            ..Neighbors::default()
        });
        true
    }

    /// Notes that one that is looked at as a whole moved in the minute that begins at `minute`.
    pub(crate) fn moved(&mut self, block: Address, minute: i64) {
        self.shared.moved(block, minute);
    }

    /// Lets those rest that are silent.
    pub(crate) fn rest(&mut self, minute: i64) {
        self.shared.rest(minute);
    }

    /// Measures those anew that are no part of an attack.
    pub(crate) fn start_over(&mut self) {
        for block in self.shared.outlined(|()| true) {
            let neighbors = self.shared.get_mut(&block);
            if let Some(neighbors) = neighbors.filter(|it| it.attack.is_none()) {
                neighbors.start_over();
            }
        }
    }

    /// Forgets a client that was forgotten, if it was the only one of its address.
    pub(crate) fn forget_client(&mut self, block: &Address, client: ClientKey) {
        if self.alone.get(block) == Some(&client) {
            self.alone.remove(block);
        }
    }

    /// Forgets an address.
    pub(crate) fn forget(&mut self, block: &Address) {
        self.shared.remove(block);
    }
}
