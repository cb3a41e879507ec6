//! What the engine is told besides requests, as bytes of the log: exceptions as lines, the rest
//! packed.

use engine::Input;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{LEVEL, MAX_FRAME, SegmentKind};
use crate::store::bytes::{Malformed, Reader};
use crate::store::frame;

/// What kind of segment an input is, and its bytes; `None` for what is not logged like this.
pub(super) fn encode(input: &Input) -> Option<(SegmentKind, Vec<u8>)> {
    match input {
        Input::Exceptions(exceptions) => {
            let lines = exceptions.iter().map(|network| network.to_string());
            let bytes = lines.collect::<Vec<_>>().join("\n").into_bytes();
            Some((SegmentKind::Exceptions, bytes))
        }
        Input::Origins(origins) => Some((SegmentKind::Origins, pack(origins))),
        Input::OriginChecks(checks) => Some((SegmentKind::OriginChecks, pack(checks))),
        Input::Requests { .. } | Input::Attributed(_) | Input::Advance(_) => None,
    }
}

/// Reads what [`encode`] wrote; `kind` as it is stored.
pub(crate) fn decode(kind: i64, bytes: &[u8]) -> Result<Input, Malformed> {
    match kind {
        1 => {
            let text = std::str::from_utf8(bytes).map_err(|_| Malformed)?;
            let networks = text.lines().map(|line| line.parse().map_err(|_| Malformed));
            Ok(Input::Exceptions(networks.collect::<Result<_, _>>()?))
        }
        2 => unpack(bytes).map(Input::Origins),
        3 => unpack(bytes).map(Input::OriginChecks),
        _ => Err(Malformed),
    }
}

fn pack(value: &impl Serialize) -> Vec<u8> {
    let plain = postcard::to_allocvec(value).expect("plain values can be written");
    let mut bytes = Vec::new();
    frame::put(&mut bytes, &plain, LEVEL);
    bytes
}

fn unpack<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Malformed> {
    let plain = frame::take(Reader(bytes), MAX_FRAME as u64)?;
    postcard::from_bytes(&plain).map_err(|_| Malformed)
}

#[cfg(test)]
mod tests {
    use engine::{Address, OriginCheck, Origins, Published};
    use shared::Timestamp;

    use super::*;

    fn check(input: &Input) {
        let (kind, bytes) = encode(input).unwrap();
        let read = decode(kind as i64, &bytes).unwrap();
        assert_eq!(format!("{read:?}"), format!("{input:?}"));
        for end in 0..bytes.len() {
            // Cut anywhere it is an error or something shorter, never a panic.
            let _either = decode(kind as i64, &bytes[..end]);
        }
    }

    #[test]
    fn what_was_told_is_read_back() {
        let networks = || ["192.0.2.0/28", "2001:db8::/64"].map(|it| it.parse().unwrap());
        check(&Input::Exceptions(networks().into_iter().collect()));
        let published = Published {
            as_of: Some(Timestamp(1_790_000_000_000)),
            networks: networks().into_iter().collect(),
        };
        check(&Input::Origins(Origins(
            [("googlebot".to_owned(), published)].into(),
        )));
        check(&Input::OriginChecks(vec![OriginCheck {
            crawler: "yandexbot".to_owned(),
            address: Address(7),
            at: Timestamp(1),
            is_its: true,
        }]));
        assert!(decode(9, b"").is_err());
    }
}
