//! Lines of logs from a sender without a protocol of its own: one on this machine, or one that
//! speaks syslog. Bodies of HTTP are taken where HTTP is.

use std::net::IpAddr;
use std::sync::Arc;

use shared::Ingested;

use super::{Inlet, Intake, IntakeError, Repeat};
use crate::ingest::admit::{BatchId, Receipt};
use crate::ingest::body::{BodyError, DecodedBody, Reading, decode_body, find_kept, reject_future};
use crate::ingest::health::Received;
use crate::ingest::reject::Rejects;

/// Lines, and who sent them.
#[derive(Debug)]
pub struct Lines<'l> {
    /// What the sender is called.
    pub sender: &'l str,
    /// Where it is, if it is one.
    pub address: Option<IpAddr>,
    /// How the lines came.
    pub format: &'l str,
    /// What the sender calls them.
    pub name: Option<BatchId>,
    /// What could not be taken on the way.
    pub lost: Rejects,
    /// The lines, with line breaks between them.
    pub bytes: Arc<[u8]>,
}

impl Intake {
    /// Takes lines into an application: they are on the disk when it returns.
    ///
    /// # Errors
    /// If nothing of them was taken; they may be sent again.
    pub async fn take_lines(
        &self,
        inlet: &Arc<Inlet>,
        lines: Lines<'_>,
    ) -> Result<Ingested, IntakeError> {
        let taken = self.decode_and_admit(inlet, lines).await;
        if let Err(IntakeError::Full(_) | IntakeError::Busy(_)) = &taken {
            let key = (inlet.tenant_id(), inlet.id());
            self.counters().slowed(key, self.now());
        }
        taken
    }

    async fn decode_and_admit(
        &self,
        inlet: &Arc<Inlet>,
        lines: Lines<'_>,
    ) -> Result<Ingested, IntakeError> {
        let sent = lines.bytes.len();
        let room = self.reserve(inlet, sent).await?;
        let turn = match lines.name {
            None => None,
            Some(name) => match inlet.recognise(name).await {
                Repeat::New(turn) => Some(turn),
                Repeat::Known(receipt) => return Ok(answer_of(receipt)),
            },
        };
        if inlet.is_to_look() {
            let bytes = Arc::clone(&lines.bytes);
            let kept = aside(move || find_kept(&bytes, None)).await?;
            inlet.names(&kept).await?;
        }
        let (names, now) = (inlet.names(&[]).await?, self.now());
        let bytes = Arc::clone(&lines.bytes);
        let decoded = aside(move || {
            let reading = Reading::new(&names.fields, &names.protection);
            let mut decoded = decode_body(&bytes, None, &reading)?;
            reject_future(&mut decoded, now);
            Ok::<_, BodyError>(decoded)
        });
        // Lines are too many, or too long.
        let decoded = decoded.await?.map_err(|_| IntakeError::TooLarge)?;
        let DecodedBody {
            batch,
            mut rejects,
            answer,
            ..
        } = decoded;
        let receipt = Receipt {
            accepted: small(answer.accepted),
            rejected: small(answer.rejected),
        };
        self.admit(batch, receipt, turn, now, room).await?;
        rejects.merge(lines.lost);
        let key = (inlet.tenant_id(), inlet.id());
        self.counters().record(
            key,
            &Received {
                sender: lines.sender,
                address: lines.address,
                format: lines.format,
                accepted: answer.accepted,
                rejects: &rejects,
                bytes: sent as u64,
                at: now,
            },
        );
        Ok(answer)
    }
}

/// Runs what takes a while where nobody else waits for it. Where a decoder panics, fewer lines may
/// be sent, until it is known over which.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, IntakeError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| IntakeError::TooLarge)
}

fn answer_of(receipt: Receipt) -> Ingested {
    Ingested {
        accepted: receipt.accepted.into(),
        rejected: receipt.rejected.into(),
        errors: Vec::new(),
    }
}

fn small(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
