//! Many actors, of which few move at a time. Those that moved lately are kept as they are; the
//! others rest as bytes, a third as large, and are taken up again when somebody asks for them.
//! Writing and reading them takes longer than most of what is asked of them, so that none rests
//! while there are few. Whether one rests changes nothing that can be asked of it. Not when one is
//! forgotten: that is the engine's.

use std::collections::VecDeque;
use std::hash::Hash;
use std::ops::Index;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;
use serde::de::DeserializeOwned;
use serde::ser::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_bytes::{ByteBuf, Bytes};
use shared::Timestamp;

/// One rests after this much silence, in milliseconds: when its visit is over, so that it is laid to
/// rest once, and not taken up again for its end. And more than the minute that the peak rate looks
/// back, so that this minute need not be kept.
const REST_MS: i64 = 31 * Timestamp::MINUTE;
/// So many are kept as they are, however long they are silent: some ten megabytes.
const AWAKE: usize = 8_192;
/// So many that rest may have been looked at before they are all closed again.
const LOOKED_AT: usize = 4_096;
/// Room for one, written, that has not moved much.
const USUAL_BYTES: usize = 512;

/// What can rest.
pub(crate) trait Rests: Clone + Serialize + DeserializeOwned {
    /// What can be asked of all of them, resting or not.
    type Outline: std::fmt::Debug + Copy + Default + Serialize + DeserializeOwned;
    /// What it is written with first, so that this can be read without the rest.
    type Head: DeserializeOwned;

    /// That.
    fn outline(&self) -> Self::Outline;
    /// And that.
    fn head(&self) -> Self::Head;
    /// When it moved last.
    fn last_at(&self) -> i64;
    /// Lets go of what is only needed within a minute.
    fn settle(&mut self);
}

/// Counts also what is only looked at.
#[derive(Debug, Default)]
struct Counter(AtomicUsize);

impl Clone for Counter {
    fn clone(&self) -> Self {
        Self(AtomicUsize::new(self.0.load(Ordering::Relaxed)))
    }
}

/// Actors by key.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound = "K: Copy + Eq + Hash + Serialize + DeserializeOwned, T: Rests")]
pub(crate) struct Resting<K, T: Rests> {
    slots: FxHashMap<K, Slot<T>>,
    /// Who moved when, oldest first: once for each minute in which it did. By minutes, which a copy
    /// shares.
    #[serde(with = "by_minute")]
    moved: VecDeque<(i64, Arc<Vec<K>>)>,
    /// Who was resting and was changed all the same.
    disturbed: Vec<K>,
    /// How many that rest were looked at.
    #[serde(skip)]
    looked_at: Counter,
    /// Whether there are so many that those rest who are silent.
    #[serde(skip)]
    is_crowded: bool,
}

impl<K, T: Rests> Default for Resting<K, T> {
    fn default() -> Self {
        Self {
            slots: FxHashMap::default(),
            moved: VecDeque::new(),
            disturbed: Vec::new(),
            looked_at: Counter::default(),
            is_crowded: false,
        }
    }
}

/// One of them: at least one of both is there. If both are, they say the same.
///
/// A copy shares both until one of the two changes, so that a whole crowd is copied in a moment.
#[derive(Debug, Clone)]
struct Slot<T: Rests> {
    resting: Option<Arc<[u8]>>,
    open: OnceLock<Arc<T>>,
    /// As it was when it was laid to rest.
    outline: T::Outline,
}

impl<T: Rests> Slot<T> {
    fn new(actor: T) -> Self {
        Self {
            resting: None,
            outline: actor.outline(),
            open: OnceLock::from(Arc::new(actor)),
        }
    }

    fn get(&self, looked_at: &Counter) -> &T {
        self.open.get_or_init(|| {
            looked_at.0.fetch_add(1, Ordering::Relaxed);
            Arc::new(self.read())
        })
    }

    fn head(&self) -> T::Head {
        let open = self.open.get();
        open.map_or_else(|| self.read(), |actor| actor.head())
    }

    /// Reads the actor, or its head.
    fn read<V: DeserializeOwned>(&self) -> V {
        let bytes = self.resting.as_deref().unwrap_or_default();
        postcard::from_bytes(bytes).expect("what was written can be read")
    }

    /// The actor, to be changed: what rests is not true any more.
    fn get_mut(&mut self) -> &mut T {
        if self.open.get().is_none() {
            self.open = OnceLock::from(Arc::new(self.read()));
        }
        self.resting = None;
        Arc::make_mut(self.open.get_mut().expect("opened above"))
    }

    fn rest(&mut self, room: &mut Vec<u8>) {
        let actor = self.get_mut();
        actor.settle();
        let outline = actor.outline();
        let bytes = write(actor, room);
        *self = Self {
            resting: Some(bytes),
            open: OnceLock::new(),
            outline,
        };
    }

    fn outline(&self) -> T::Outline {
        let open = self.open.get();
        open.map_or(self.outline, |actor| actor.outline())
    }
}

fn write<T: Serialize>(actor: &T, room: &mut Vec<u8>) -> Arc<[u8]> {
    room.clear();
    let bytes = postcard::to_extend(actor, std::mem::take(room));
    *room = bytes.expect("every actor can be written");
    room.as_slice().into()
}

impl<K: Copy + Eq + Hash + Ord, T: Rests> Resting<K, T> {
    /// How many.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether one is there.
    #[must_use]
    pub(crate) fn contains_key(&self, key: &K) -> bool {
        self.slots.contains_key(key)
    }

    /// One of them.
    #[must_use]
    pub(crate) fn get(&self, key: &K) -> Option<&T> {
        let slot = self.slots.get(key)?;
        Some(slot.get(&self.looked_at))
    }

    /// One of them, to be changed.
    #[must_use]
    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut T> {
        let slot = self.slots.get_mut(key)?;
        if slot.resting.is_some() {
            self.disturbed.push(*key);
        }
        Some(slot.get_mut())
    }

    /// One that may be new, to be changed.
    pub(crate) fn get_or_insert_with(&mut self, key: K, new: impl FnOnce() -> T) -> &mut T {
        let slot = self.slots.entry(key).or_insert_with(|| Slot::new(new()));
        if slot.resting.is_some() {
            self.disturbed.push(key);
        }
        slot.get_mut()
    }

    /// Takes one out.
    pub(crate) fn remove(&mut self, key: &K) -> Option<T> {
        let mut slot = self.slots.remove(key)?;
        slot.get_mut();
        slot.open.into_inner().map(Arc::unwrap_or_clone)
    }

    /// The outline of one.
    #[must_use]
    pub(crate) fn outline(&self, key: &K) -> Option<T::Outline> {
        Some(self.slots.get(key)?.outline())
    }

    /// Lets one go of which nothing is asked any more but its head.
    pub(crate) fn forget(&mut self, key: &K) -> Option<T::Head> {
        Some(self.slots.remove(key)?.head())
    }

    /// Looks at one once, without keeping it open.
    pub(crate) fn look<V>(&self, key: K, look: impl FnOnce(&T) -> V) -> Option<V> {
        let slot = self.slots.get(&key)?;
        Some(match slot.open.get() {
            Some(actor) => look(actor),
            None => look(&slot.read()),
        })
    }

    /// Those with such an outline, ascending.
    #[must_use]
    pub(crate) fn outlined(&self, wanted: impl Fn(T::Outline) -> bool) -> Vec<K> {
        let mut found: Vec<K> = Vec::new();
        for (key, slot) in &self.slots {
            if wanted(slot.outline()) {
                found.push(*key);
            }
        }
        found.sort_unstable();
        found
    }

    /// Notes that one moved in the minute that begins at `minute`.
    pub(crate) fn moved(&mut self, key: K, minute: i64) {
        match self.moved.back_mut() {
            Some((last, keys)) if *last == minute => Arc::make_mut(keys).push(key),
            _ => self.moved.push_back((minute, Arc::new(vec![key]))),
        }
    }

    /// Lets those rest that were silent for long enough by the minute that begins at `minute`.
    pub(crate) fn rest(&mut self, minute: i64) {
        let mut room = Vec::new();
        if !self.is_crowded && self.slots.len() > AWAKE {
            self.is_crowded = true;
            for slot in self.slots.values_mut() {
                if slot.resting.is_none() && is_silent(slot.get(&self.looked_at), minute) {
                    slot.rest(&mut room);
                }
            }
        }
        self.is_crowded &= self.slots.len() > AWAKE / 2;
        while let Some((moved, keys)) = self.moved.pop_front() {
            if moved + REST_MS > minute {
                self.moved.push_front((moved, keys));
                break;
            }
            for key in keys.iter() {
                self.rest_one(*key, minute, &mut room);
            }
        }
        for key in std::mem::take(&mut self.disturbed) {
            self.rest_one(key, minute, &mut room);
        }
        let looked_at = self.looked_at.0.get_mut();
        if *looked_at > LOOKED_AT {
            *looked_at = 0;
            for slot in self.slots.values_mut() {
                if slot.resting.is_some() {
                    slot.open.take();
                }
            }
        }
    }

    /// Lets one rest unless it moved lately. Where there are few it only settles.
    fn rest_one(&mut self, key: K, minute: i64, room: &mut Vec<u8>) {
        if let Some(slot) = self.slots.get_mut(&key)
            && is_silent(slot.get(&self.looked_at), minute)
        {
            if self.is_crowded {
                slot.rest(room);
            } else {
                slot.get_mut().settle();
            }
        }
    }
}

/// Whether one has not moved lately, in the minute that begins at `minute`.
fn is_silent(actor: &impl Rests, minute: i64) -> bool {
    let last_at = actor.last_at();
    last_at - last_at.rem_euclid(Timestamp::MINUTE) + REST_MS <= minute
}

impl<K: Copy + Eq + Hash + Ord, T: Rests> Index<&K> for Resting<K, T> {
    type Output = T;

    fn index(&self, key: &K) -> &T {
        self.get(key).expect("one that is there")
    }
}

/// Who moved is written without being copied.
mod by_minute {
    use std::collections::VecDeque;
    use std::sync::Arc;

    use serde::de::DeserializeOwned;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    type Moved<K> = VecDeque<(i64, Arc<Vec<K>>)>;

    pub(super) fn serialize<K: Serialize, S: Serializer>(
        moved: &Moved<K>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(moved.iter().map(|(minute, keys)| (minute, &**keys)))
    }

    pub(super) fn deserialize<'de, K: DeserializeOwned, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Moved<K>, D::Error> {
        let minutes = Vec::<(i64, Vec<K>)>::deserialize(deserializer)?.into_iter();
        let moved = minutes.map(|(minute, keys)| (minute, Arc::new(keys)));
        Ok(moved.collect())
    }
}

impl<T: Rests> Serialize for Slot<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.open.get(), &self.resting) {
            (Some(actor), None) => {
                let room = Vec::with_capacity(USUAL_BYTES);
                let bytes = postcard::to_extend(&**actor, room).map_err(Error::custom)?;
                (actor.outline(), Bytes::new(&bytes)).serialize(serializer)
            }
            (_, resting) => {
                let bytes = resting.as_deref().unwrap_or_default();
                (self.outline, Bytes::new(bytes)).serialize(serializer)
            }
        }
    }
}

impl<'de, T: Rests> Deserialize<'de> for Slot<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (outline, bytes) = <(T::Outline, ByteBuf)>::deserialize(deserializer)?;
        Ok(Self {
            resting: Some(bytes.into_vec().into()),
            open: OnceLock::new(),
            outline,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Sleeper {
        at: i64,
        name: String,
    }

    impl Rests for Sleeper {
        type Outline = usize;
        type Head = i64;

        fn outline(&self) -> usize {
            self.name.len()
        }

        fn head(&self) -> i64 {
            self.at
        }

        fn last_at(&self) -> i64 {
            self.at
        }

        fn settle(&mut self) {}
    }

    fn sleepers() -> Resting<u64, Sleeper> {
        let mut sleepers = Resting::default();
        for key in 0..9u64 {
            let at = key as i64 * Timestamp::MINUTE;
            let name = "x".repeat(key as usize);
            sleepers.get_or_insert_with(key, || Sleeper { at, name });
            sleepers.moved(key, at);
        }
        sleepers
    }

    /// The same where there are many others.
    fn crowded() -> Resting<u64, Sleeper> {
        let mut sleepers = sleepers();
        for key in 0..AWAKE as u64 {
            sleepers.get_or_insert_with(1_000 + key, || Sleeper {
                at: 99 * Timestamp::MINUTE,
                name: String::new(),
            });
        }
        sleepers
    }

    fn resting(sleepers: &Resting<u64, Sleeper>) -> usize {
        let slots = sleepers.slots.values();
        slots.filter(|slot| slot.resting.is_some()).count()
    }

    #[test]
    fn who_was_silent_long_enough_rests_and_is_the_same_when_asked_for() {
        let (mut rested, awake) = (crowded(), sleepers());
        rested.rest(4 * Timestamp::MINUTE + REST_MS);
        assert_eq!(resting(&rested), 5);
        for key in 0..9 {
            assert_eq!(rested.get(&key), awake.get(&key));
            assert_eq!(rested.look(key, Clone::clone), awake.get(&key).cloned());
        }
        assert_eq!(rested.outlined(|length| length > 3), [4, 5, 6, 7, 8]);
    }

    #[test]
    fn none_rests_while_there_are_few_and_all_that_are_silent_do_once_there_are_many() {
        let mut sleepers = sleepers();
        sleepers.rest(4 * Timestamp::MINUTE + REST_MS);
        assert_eq!(resting(&sleepers), 0);
        for key in 0..AWAKE as u64 {
            sleepers.get_or_insert_with(1_000 + key, || Sleeper {
                at: 99 * Timestamp::MINUTE,
                name: String::new(),
            });
        }
        sleepers.rest(5 * Timestamp::MINUTE + REST_MS);
        assert_eq!(resting(&sleepers), 6);
    }

    #[test]
    fn a_copy_shares_what_neither_changes() {
        let mut sleepers = sleepers();
        let mut copy = sleepers.clone();
        copy.get_mut(&2).unwrap().name = "changed".into();
        sleepers.get_mut(&3).unwrap().name = "also".into();
        assert_eq!((&*sleepers[&2].name, &*copy[&2].name), ("xx", "changed"));
        assert_eq!((&*sleepers[&3].name, &*copy[&3].name), ("also", "xxx"));
        let shared = |key: u64| {
            let of = |all: &Resting<u64, Sleeper>| Arc::clone(all.slots[&key].open.get().unwrap());
            Arc::ptr_eq(&of(&sleepers), &of(&copy))
        };
        assert!(shared(4) && !shared(2) && !shared(3));
    }

    #[test]
    fn who_was_changed_while_it_rested_rests_again() {
        let mut sleepers = crowded();
        sleepers.rest(4 * Timestamp::MINUTE + REST_MS);
        sleepers.get_mut(&2).unwrap().name = "changed".into();
        assert_eq!(resting(&sleepers), 4);
        sleepers.rest(4 * Timestamp::MINUTE + REST_MS);
        assert_eq!(resting(&sleepers), 5);
        assert_eq!(sleepers[&2].name, "changed");
        assert_eq!(sleepers.outlined(|length| length == 7), [2, 7]);
    }

    #[test]
    fn of_who_is_forgotten_the_head_is_told_whether_it_rests_or_not() {
        let mut sleepers = crowded();
        sleepers.rest(4 * Timestamp::MINUTE + REST_MS);
        assert_eq!(sleepers.outline(&3), Some(3));
        assert_eq!(sleepers.forget(&3), Some(3 * Timestamp::MINUTE));
        assert_eq!(sleepers.forget(&7), Some(7 * Timestamp::MINUTE));
        assert!(!sleepers.contains_key(&3) && sleepers.forget(&3).is_none());
    }

    #[test]
    fn a_snapshot_holds_those_that_rest_and_those_that_do_not() {
        let mut sleepers = crowded();
        sleepers.rest(4 * Timestamp::MINUTE + REST_MS);
        let bytes = postcard::to_stdvec(&sleepers).unwrap();
        let read = postcard::from_bytes::<Resting<u64, Sleeper>>;
        let mut restored = read(&bytes).unwrap();
        assert_eq!(restored.len(), 9 + AWAKE);
        assert_eq!(restored.remove(&8), sleepers.remove(&8));
        assert_eq!(restored.get(&1), sleepers.get(&1));
        for cut in [40, bytes.len() - 1] {
            assert!(read(&bytes[..cut]).is_err());
        }
    }
}
