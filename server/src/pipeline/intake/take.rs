//! What was sent, on its way into the log: recognised if it was sent before, decoded, admitted and
//! counted. The same for whatever a sender speaks; how its bytes came is not known here.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use engine::Batch;
use shared::{Ingested, Timestamp};

use super::{BatchTurn, Handed, Inlet, Intake, IntakeError, Repeat, Room};
use crate::ingest::admit::{BatchId, Receipt, Record};
use crate::ingest::body::{BodyError, DecodedBody, Reading, decode_body, find_kept, reject_future};
use crate::ingest::health::Received;
use crate::ingest::reject::Rejects;
use crate::store::{EncodedSegment, weigh};

/// What was sent, and by whom.
#[derive(Debug, Clone)]
pub struct Sent {
    /// What the sender is called.
    pub sender: String,
    /// Where it is, if it is one.
    pub address: Option<IpAddr>,
    /// What it speaks, for who looks at how traffic arrives; otherwise the records' format says
    /// more.
    pub protocol: Option<&'static str>,
    /// What it calls this.
    pub name: Option<BatchId>,
    /// What could not be taken on the way.
    pub lost: Rejects,
    /// All of it, as it came.
    pub bytes: Bytes,
    /// Its `Content-Encoding`.
    pub encoding: Option<String>,
    /// When it came.
    pub arrived: Timestamp,
}

impl Intake {
    /// Takes what `decode` makes of `sent`: it is on the disk when this returns. `decode` may say
    /// something besides, which is not known of what was sent before. Whoever does not wait for
    /// the end changes nothing.
    ///
    /// # Errors
    /// If nothing of it was taken; it may be sent again.
    pub async fn take<T: Send + 'static>(
        &self,
        room: Room,
        sent: Sent,
        decode: impl FnOnce(&[u8], Option<&str>, &Reading<'_>) -> Result<(DecodedBody, T), BodyError>
        + Send
        + 'static,
    ) -> Result<(Ingested, Option<T>), IntakeError> {
        let intake = self.clone();
        let taking = async move { intake.take_here(room, sent, decode).await };
        self.0.tasks.spawn(taking).await.map_err(fault)?
    }

    /// Takes lines of logs, of a sender that has no protocol around them.
    ///
    /// # Errors
    /// As [`Intake::take`], or if there is no room.
    pub async fn take_lines(
        &self,
        inlet: &Arc<Inlet>,
        sent: Sent,
    ) -> Result<Ingested, IntakeError> {
        let room = self.reserve(inlet, sent.bytes.len()).await?;
        let decode = |bytes: &[u8], encoding: Option<&str>, reading: &Reading<'_>| {
            decode_body(bytes, encoding, reading).map(|decoded| (decoded, ()))
        };
        let (answer, _) = self.take(room, sent, decode).await?;
        Ok(answer)
    }

    async fn take_here<T: Send + 'static>(
        &self,
        mut room: Room,
        sent: Sent,
        decode: impl FnOnce(&[u8], Option<&str>, &Reading<'_>) -> Result<(DecodedBody, T), BodyError>
        + Send
        + 'static,
    ) -> Result<(Ingested, Option<T>), IntakeError> {
        let inlet = Arc::clone(room.inlet());
        let Sent {
            sender,
            address,
            protocol,
            name,
            lost,
            bytes,
            encoding,
            arrived,
        } = sent;
        let size = bytes.len() as u64;
        let turn = match name {
            None => None,
            Some(name) => match inlet.recognise(name).await {
                Repeat::New(turn) => Some(turn),
                Repeat::Known(receipt) => return Ok((answer_of(receipt), None)),
            },
        };
        let kept = match inlet.is_to_look() {
            false => Vec::new(),
            true => {
                let (bytes, encoding) = (bytes.clone(), encoding.clone());
                try_aside(move || find_kept(&bytes, encoding.as_deref())).await?
            }
        };
        let names = inlet.names(&kept).await?;
        // Each takes as much memory as a body may have.
        let place = self.0.decoding.acquire().await;
        let decoded = try_aside(move || {
            let reading = Reading::new(&names.fields, &names.protection);
            let (mut decoded, said) = decode(&bytes, encoding.as_deref(), &reading)?;
            reject_future(&mut decoded, arrived);
            let payload = encode(&decoded.batch);
            decoded.batch.trim();
            Ok::<_, BodyError>((decoded, payload, said))
        });
        let (decoded, payload, said) = decoded.await??;
        drop(place);
        room.resize(weigh(&decoded.batch));
        let DecodedBody {
            batch,
            format,
            mut rejects,
            answer,
        } = decoded;
        let receipt = Receipt {
            accepted: small(answer.accepted),
            rejected: small(answer.rejected),
        };
        self.admit(batch, payload, receipt, turn, arrived, room)
            .await?;
        let format = match (protocol, format) {
            (Some(protocol), _) => protocol.to_owned(),
            (None, Some(format)) => format.to_string(),
            (None, None) => "unknown".to_owned(),
        };
        rejects.merge(lost);
        let received = Received {
            sender: &sender,
            address,
            format: &format,
            accepted: answer.accepted,
            rejects: &rejects,
            bytes: size,
            at: arrived,
        };
        self.counters().record(inlet.key(), &received);
        Ok((answer, Some(said)))
    }

    /// Admits `batch`, which is `payload`: durable when it returns, in the console a little later.
    /// Whoever sends it again under the name of `turn` is told of it.
    ///
    /// # Errors
    /// If it was not written; nothing of it is there then.
    pub(super) async fn admit(
        &self,
        batch: Batch,
        payload: Vec<u8>,
        receipt: Receipt,
        turn: Option<BatchTurn>,
        arrived: Timestamp,
        room: Room,
    ) -> Result<(), IntakeError> {
        let inlet = Arc::clone(room.inlet());
        let name = turn.as_ref().map(BatchTurn::name);
        if batch.requests.is_empty() {
            if let Some(name) = name {
                inlet.know(name, receipt);
            }
            return Ok(());
        }
        let (tenant, application) = inlet.key();
        let record = Record {
            tenant,
            application,
            batch: name,
            receipt,
            payload,
        };
        let handed = Handed {
            inlet,
            batch,
            room,
            arrived,
            turn,
        };
        self.0.log.append(record, handed).await?;
        Ok(())
    }
}

/// Requests as the log has them.
pub(super) fn encode(batch: &Batch) -> Vec<u8> {
    EncodedSegment::new(0, batch).bytes
}

/// Runs what takes a while where nobody else waits for it.
async fn try_aside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, IntakeError> {
    tokio::task::spawn_blocking(work).await.map_err(fault)
}

/// A panic in a decoder: this is refused, the server goes on.
fn fault(error: tokio::task::JoinError) -> IntakeError {
    IntakeError::Fault(error.to_string())
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
