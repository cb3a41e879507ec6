//! The requests of one client in a segment, without the rest of it. Which segments to look into is
//! said by the session.

use engine::attribute::client_key_of;
use engine::{Address, Batch, ClientKey, Request, Texts};
use shared::ApplicationSettings;

use super::decode::{Frames, Pick, Sender};
use crate::store::bytes::Malformed;

/// Whose requests are read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Whose {
    /// The client.
    pub(crate) client: ClientKey,
    /// Where all of its requests come from; `None` if a session key groups them.
    pub(crate) address: Option<Address>,
}

/// The requests of one client in a segment, without their sizes and the time they took, and without
/// what settings would say of them. Reading them takes a fraction of the time that reading the
/// segment takes.
#[derive(Debug)]
pub(crate) struct ClientRequests {
    batch: Batch,
    rows: Vec<u32>,
}

impl ClientRequests {
    /// Reads those of a client; `None` where the segment must be read as a whole, because what
    /// settings say of its requests is found there.
    pub(crate) fn decode(
        bytes: &[u8],
        settings: &ApplicationSettings,
        whose: Whose,
    ) -> Result<Option<Self>, Malformed> {
        let frames = Frames::read(bytes)?;
        if *settings != ApplicationSettings::default() || frames.has_facts() {
            return Ok(None);
        }
        let mut pick = OfClient {
            whose,
            last: None,
            rows: Vec::new(),
        };
        let batch = frames.decode(&mut pick)?;
        let rows = pick.rows;
        Ok(Some(Self { batch, rows }))
    }

    /// What the requests' texts are in.
    pub(crate) fn batch(&self) -> &Batch {
        &self.batch
    }

    /// The requests with their rows in the segment.
    pub(crate) fn requests(&self) -> impl Iterator<Item = (u32, &Request)> {
        self.rows.iter().copied().zip(&self.batch.requests)
    }
}

/// Picks the requests of one client.
struct OfClient {
    whose: Whose,
    /// Who was asked about last; mostly it is the same again.
    last: Option<(Sender, bool)>,
    rows: Vec<u32>,
}

impl Pick for OfClient {
    const IN_FULL: bool = false;

    fn wants(&mut self, texts: &Texts, sender: Sender) -> bool {
        match self.last {
            Some((last, is_wanted)) if last == sender => is_wanted,
            _ => {
                let key = sender.session_key;
                let is_elsewhere = match self.whose.address {
                    Some(address) => key != 0 || address != sender.address,
                    None => key == 0,
                };
                let client = || {
                    let user_agent = texts.get(sender.user_agent);
                    client_key_of(key, sender.address, user_agent)
                };
                let is_wanted = !is_elsewhere && client() == self.whose.client;
                self.last = Some((sender, is_wanted));
                is_wanted
            }
        }
    }

    fn took(&mut self, row: usize) {
        // A segment has fewer rows than `MAX_ROWS`.
        self.rows.push(row as u32);
    }
}
