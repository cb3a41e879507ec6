//! One record of the log: what was admitted, whose it is, and what its sender was told. How it
//! lies in a file; not which file.
//!
//! ```text
//! length of the rest (4 bytes) · its CRC-32 (4 bytes)
//! position, tenant, application (8 bytes each)
//! batch (16 bytes; zeros without one) · accepted, rejected (4 bytes each)
//! payload (the rest)
//! ```
//!
//! All numbers are little-endian.

use shared::{ApplicationId, TenantId};

/// Names a batch of a sender, so that it is recognised when it is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BatchId(pub [u8; 16]);

/// What a sender was told of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Receipt {
    /// Records that are requests.
    pub accepted: u32,
    /// Records that are not.
    pub rejected: u32,
}

/// What is admitted at once: all of it or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Whose it is.
    pub tenant: TenantId,
    /// Which application's.
    pub application: ApplicationId,
    /// What its sender calls it, if anything.
    pub batch: Option<BatchId>,
    /// What its sender is told.
    pub receipt: Receipt,
    /// The requests, encoded.
    pub payload: Vec<u8>,
}

/// Length and checksum.
const FRAME: usize = 8;

/// What stands before the payload.
const HEAD: usize = 48;

/// No payload is longer; guards against allocating what a damaged length asks for.
pub(super) const MAX_PAYLOAD: usize = 64 * 1024 * 1024;

impl Record {
    /// Bytes that it takes in a file.
    #[cfg(test)]
    pub(super) fn size(&self) -> usize {
        FRAME + HEAD + self.payload.len()
    }

    /// Appends it, as the one at `position`, to `out`.
    pub(super) fn write(&self, position: u64, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&[0; FRAME]);
        out.extend_from_slice(&position.to_le_bytes());
        out.extend_from_slice(&self.tenant.0.to_le_bytes());
        out.extend_from_slice(&self.application.0.to_le_bytes());
        out.extend_from_slice(&self.batch.map_or([0; 16], |batch| batch.0));
        out.extend_from_slice(&self.receipt.accepted.to_le_bytes());
        out.extend_from_slice(&self.receipt.rejected.to_le_bytes());
        out.extend_from_slice(&self.payload);
        let body = &out[start + FRAME..];
        let length = u32::try_from(body.len()).expect("a payload has at most 64 MiB");
        let sum = crc32fast::hash(body);
        out[start..start + 4].copy_from_slice(&length.to_le_bytes());
        out[start + 4..start + FRAME].copy_from_slice(&sum.to_le_bytes());
    }

    /// Reads the record that `bytes` begin with: its position, itself and how many bytes it
    /// takes. `None` if there is none, or none that is whole.
    pub(super) fn read(bytes: &[u8]) -> Option<(u64, Self, usize)> {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let (sum, rest) = rest.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*length) as usize;
        if !(HEAD..=HEAD + MAX_PAYLOAD).contains(&length) {
            return None;
        }
        let body = rest.get(..length)?;
        if crc32fast::hash(body) != u32::from_le_bytes(*sum) {
            return None;
        }
        let mut body = body;
        let position = u64::from_le_bytes(take(&mut body)?);
        let record = Self {
            tenant: TenantId(u64::from_le_bytes(take(&mut body)?)),
            application: ApplicationId(u64::from_le_bytes(take(&mut body)?)),
            batch: Some(take(&mut body)?)
                .filter(|batch| *batch != [0; 16])
                .map(BatchId),
            receipt: Receipt {
                accepted: u32::from_le_bytes(take(&mut body)?),
                rejected: u32::from_le_bytes(take(&mut body)?),
            },
            payload: body.to_vec(),
        };
        Some((position, record, FRAME + length))
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        Record {
            tenant: TenantId(7),
            application: ApplicationId(u64::MAX),
            batch: Some(BatchId([3; 16])),
            receipt: Receipt {
                accepted: 2,
                rejected: 1,
            },
            payload: b"requests".to_vec(),
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut bytes = Vec::new();
        record().write(41, &mut bytes);
        assert_eq!(bytes.len(), record().size());
        let without = Record {
            batch: None,
            ..record()
        };
        without.write(42, &mut bytes);
        let (position, read, size) = Record::read(&bytes).unwrap();
        assert_eq!((position, read, size), (41, record(), record().size()));
        let (position, read, _) = Record::read(&bytes[size..]).unwrap();
        assert_eq!((position, read), (42, without));
    }

    #[test]
    fn one_that_is_cut_off_or_damaged_anywhere_is_none() {
        let mut bytes = Vec::new();
        record().write(41, &mut bytes);
        for length in 0..bytes.len() {
            assert!(Record::read(&bytes[..length]).is_none(), "{length} bytes");
        }
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x10;
            assert!(Record::read(&damaged).is_none(), "byte {at}");
        }
    }
}
