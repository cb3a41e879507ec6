//! Numbers of either sign in as few bytes as they need: what very many actors keep of their past.
//! Not the varints of a snapshot, which are postcard's.

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

/// A number takes no more bytes.
const LONGEST: usize = 10;

/// A number, seven bits a byte; small ones of either sign are short.
fn encode(number: i64, room: &mut [u8; LONGEST]) -> &[u8] {
    let (mut left, mut length) = ((number << 1 ^ number >> 63) as u64, 0);
    while left >= 0x80 {
        room[length] = left as u8 | 0x80;
        left >>= 7;
        length += 1;
    }
    room[length] = left as u8;
    &room[..=length]
}

/// Appends a number.
pub(crate) fn write_number(number: i64, bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(encode(number, &mut [0; LONGEST]));
}

/// Reads what [`write_number`] wrote; zeros where there is nothing, of a damaged snapshot.
pub(crate) fn read_number(bytes: &mut &[u8]) -> i64 {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let [byte] = take(bytes);
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// The next bytes; zeros where there are none, of a damaged snapshot.
pub(crate) fn take<const N: usize>(bytes: &mut &[u8]) -> [u8; N] {
    let Some((taken, rest)) = bytes.split_first_chunk::<N>() else {
        *bytes = &[];
        return [0; N];
    };
    *bytes = rest;
    *taken
}

/// Different numbers, ascending: of each how far it is from the one before, mostly in a byte.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ascending {
    #[serde(with = "as_bytes")]
    bytes: SmallVec<[u8; 16]>,
    last: u64,
}

impl Ascending {
    /// Adds a number that may be there; mostly it is the last one or beyond it.
    pub(crate) fn add(&mut self, number: u64) {
        if !self.bytes.is_empty() && number <= self.last {
            if number < self.last {
                self.add_before(number);
            }
            return;
        }
        let further = number.wrapping_sub(self.last) as i64;
        self.bytes
            .extend_from_slice(encode(further, &mut [0; LONGEST]));
        self.last = number;
    }

    fn add_before(&mut self, number: u64) {
        let mut numbers: Vec<u64> = self.iter().collect();
        if let Err(place) = numbers.binary_search(&number) {
            numbers.insert(place, number);
            *self = Self::default();
            numbers.into_iter().for_each(|number| self.add(number));
        }
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        let (mut rest, mut last) = (&self.bytes[..], 0u64);
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            last = last.wrapping_add(read_number(&mut rest) as u64);
            Some(last)
        })
    }
}

/// Bytes written at once, not one by one.
mod as_bytes {
    use serde::{Deserialize, Deserializer, Serializer};
    use serde_bytes::ByteBuf;
    use smallvec::SmallVec;

    type Bytes = SmallVec<[u8; 16]>;

    pub(super) fn serialize<S: Serializer>(bytes: &Bytes, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Bytes, D::Error> {
        ByteBuf::deserialize(from).map(|bytes| Bytes::from_slice(&bytes))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_are_read_as_they_were_written(numbers: Vec<i64>) {
            let mut bytes = Vec::new();
            numbers.iter().for_each(|number| write_number(*number, &mut bytes));
            let mut rest = &bytes[..];
            for number in numbers {
                prop_assert_eq!(read_number(&mut rest), number);
            }
            prop_assert!(rest.is_empty());
        }

        #[test]
        fn ascending_numbers_are_a_set_in_whatever_order_they_come(
            near in prop::collection::vec(0u64..40, 0..60),
            far: Vec<u64>,
        ) {
            let mut ascending = Ascending::default();
            let all = || near.iter().chain(&far).copied();
            all().for_each(|number| ascending.add(number));
            let expected: BTreeSet<u64> = all().collect();
            prop_assert!(ascending.iter().eq(expected));
        }
    }
}
