//! What few of very many actors have: where there is none it takes a pointer's room, and reads as
//! what it would be without anything counted.

use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What can be there or not.
pub(crate) trait Absent: Clone + PartialEq + 'static {
    /// What it is where nothing was counted.
    const ABSENT: &'static Self;
}

/// A value that mostly is [`Absent::ABSENT`]. It is written as the value itself is.
#[derive(Debug, Clone)]
pub(crate) struct Seldom<T>(Option<Box<T>>);

impl<T> Default for Seldom<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Absent> PartialEq for Seldom<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Absent> Deref for Seldom<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_deref().unwrap_or(T::ABSENT)
    }
}

impl<T: Absent> Seldom<T> {
    /// The value, to be counted in: from now on it is there.
    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.0.get_or_insert_with(|| Box::new(T::ABSENT.clone()))
    }

    /// Merges what is there of another one.
    pub(crate) fn merge(&mut self, other: &Self, merge: impl FnOnce(&mut T, &T)) {
        if let Some(other) = &other.0 {
            merge(self.get_mut(), other);
        }
    }
}

impl<T: Absent + Serialize> Serialize for Seldom<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

impl<'de, T: Absent + Deserialize<'de>> Deserialize<'de> for Seldom<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = T::deserialize(deserializer)?;
        Ok(Self((value != *T::ABSENT).then(|| Box::new(value))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Counted {
        a: u64,
        b: u64,
    }

    impl Absent for Counted {
        const ABSENT: &'static Self = &Self { a: 0, b: 0 };
    }

    #[test]
    fn what_was_never_counted_reads_as_nothing_and_is_equal_to_it() {
        let (nothing, mut touched) = (Seldom::<Counted>::default(), Seldom::<Counted>::default());
        assert_eq!(*nothing, Counted { a: 0, b: 0 });
        touched.get_mut();
        assert_eq!(nothing, touched);
    }

    #[test]
    fn it_is_written_as_the_value_is_and_read_with_room_only_where_there_is_one() {
        let mut some = Seldom::<Counted>::default();
        some.get_mut().b = 300;
        for value in [some, Seldom::default()] {
            let bytes = postcard::to_stdvec(&value).unwrap();
            assert_eq!(bytes, postcard::to_stdvec(&*value).unwrap());
            let read: Seldom<Counted> = postcard::from_bytes(&bytes).unwrap();
            assert_eq!(read, value);
            assert_eq!(read.0.is_some(), value.b == 300);
        }
    }

    #[test]
    fn only_what_is_there_is_merged() {
        let (mut one, mut other) = (Seldom::<Counted>::default(), Seldom::<Counted>::default());
        let add = |one: &mut Counted, other: &Counted| one.a += other.a;
        one.merge(&other, add);
        assert!(one.0.is_none());
        other.get_mut().a = 2;
        one.merge(&other, add);
        one.merge(&other, add);
        assert_eq!(one.a, 4);
    }
}
