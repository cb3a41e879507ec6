//! What holds of requests that arrive while they happen, however they came: what may name their
//! sessions is looked for, and what is of another time is none.

use shared::{Ingested, KeySource, RejectReason, RejectedRecord, Timestamp};

use super::DecodedBody;
use super::encoding::unpack_head;
use crate::ingest::decode::{FieldMap, FormatChoice, sniff};

/// How far a sender's clock may be ahead.
const AHEAD_MS: i64 = 10 * Timestamp::MINUTE;

/// How much of a body is looked at for what may name sessions.
const HEAD_BYTES: usize = 64 * 1024;

/// What in a body may name sessions, users and roles, besides what is known to.
pub(crate) fn find_kept(body: &[u8], encoding: Option<&str>) -> Vec<KeySource> {
    let head = unpack_head(body, encoding, HEAD_BYTES);
    sniff(&head, FormatChoice::Auto, &FieldMap::default()).kept
}

/// Takes out what is still to come: it would be waited for, and what is really new would come too
/// late.
pub(crate) fn reject_future(decoded: &mut DecodedBody, now: Timestamp) {
    let DecodedBody {
        batch,
        rejects,
        answer,
        ..
    } = decoded;
    let latest = now.plus(AHEAD_MS);
    let mut record = 0;
    batch.requests.retain(|request| {
        let at = Timestamp(request.at);
        record += 1;
        if at <= latest {
            return true;
        }
        let example = at.to_string();
        rejects.record(RejectReason::InFuture, example.as_bytes());
        answer.accepted -= 1;
        answer.rejected += 1;
        if answer.errors.len() < Ingested::MAX_ERRORS {
            answer.errors.push(RejectedRecord {
                record,
                reason: RejectReason::InFuture,
                example,
            });
        }
        false
    });
}
