//! Which field of a log is which, by its name: as the servers that people use call it, or as a
//! user says with `--map`. Not the values.

use std::str::FromStr;
use std::sync::Arc;

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

use shared::KeySource;

use super::names::{Field, HEADER_PREFIXES, KEPT_HEADERS, MAPPABLE, NAMES};
use crate::ingest::normalize::{SESSION_NAMES, is_secret_name};

/// What a name stands for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Entry {
    /// The field, and how good this name is for it (0 is best).
    pub(super) field: Option<(Field, u8)>,
    /// The header, as an index into [`KEPT_HEADERS`].
    pub(super) header: Option<u8>,
    /// The kept source, as an index into [`FieldMap::facts`].
    pub(super) fact: Option<u8>,
    /// The names inside, if it is an object.
    pub(super) inside: Option<Scope>,
}

impl Entry {
    /// One that stands for `field`, whatever its name.
    pub(super) fn of(field: Field) -> Self {
        Self {
            field: Some((field, 0)),
            ..Self::default()
        }
    }
}

/// An object of names: an index into [`FieldMap::scopes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scope(usize);

/// The longest name looked at, in bytes.
const MAX_NAME: usize = 64;

type Names = HashMap<Box<[u8]>, Entry, FxBuildHasher>;

/// Which JSON field is which. Names match whatever their case, `-` and `_`; a dot reaches into
/// an object, or is part of the name.
#[derive(Debug, Clone)]
pub struct FieldMap {
    /// Shared, because every body that is sent gets a decoder of its own.
    scopes: Arc<Vec<Names>>,
    facts: Arc<Vec<FactSource>>,
}

/// A source whose values are kept.
#[derive(Debug, Clone)]
pub(super) struct FactSource {
    pub(super) source: KeySource,
    /// The source as it is written.
    pub(super) text: String,
    /// Whether its values are secrets whatever they look like.
    pub(super) is_secret: bool,
}

/// What is wrong with a `--map`.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFieldMap {
    /// Not `field=name`.
    #[error("`{0}` is not `field=name`")]
    NotAPair(String),
    /// No field is called that.
    #[error("there is no field `{0}`; the fields are: {1}")]
    UnknownField(String, String),
}

impl Default for FieldMap {
    fn default() -> Self {
        Self::with_mapping(&[])
    }
}

impl FromStr for FieldMap {
    type Err = InvalidFieldMap;

    /// `field=name,field=name`; an empty name says that the log has no such field.
    fn from_str(text: &str) -> Result<Self, InvalidFieldMap> {
        let mut mapping = Vec::new();
        for pair in text
            .split(',')
            .map(str::trim)
            .filter(|pair| !pair.is_empty())
        {
            let (field, name) = pair
                .split_once('=')
                .ok_or_else(|| InvalidFieldMap::NotAPair(pair.to_owned()))?;
            let (field, name) = (field.trim(), name.trim());
            let known = MAPPABLE.iter().find(|(known, _)| *known == field);
            let Some((_, field)) = known else {
                let all: Vec<_> = MAPPABLE.iter().map(|(name, _)| *name).collect();
                return Err(InvalidFieldMap::UnknownField(
                    field.to_owned(),
                    all.join(", "),
                ));
            };
            mapping.push((*field, name));
        }
        Ok(Self::with_mapping(&mapping))
    }
}

impl FieldMap {
    /// The outermost object.
    pub(super) const ROOT: Scope = Scope(0);

    fn with_mapping(mapping: &[(Field, &str)]) -> Self {
        let mut map = Self {
            scopes: Arc::new(vec![Names::default()]),
            facts: Arc::default(),
        };
        for (index, header) in KEPT_HEADERS.iter().enumerate() {
            let index = u8::try_from(index).expect("few headers are kept");
            for prefix in HEADER_PREFIXES {
                let set = |entry: &mut Entry| entry.header = Some(index);
                map.insert(&format!("{prefix}{header}"), set);
            }
        }
        let is_mapped = |field| mapping.iter().any(|(mapped, _)| *mapped == field);
        for (field, names) in NAMES {
            if !is_mapped(*field) {
                map.insert_all(*field, names.iter().copied());
            }
        }
        for prefix in HEADER_PREFIXES {
            if !is_mapped(Field::Forwarded) {
                map.insert_all(
                    Field::Forwarded,
                    [format!("{prefix}x-forwarded-for").as_str()],
                );
            }
        }
        if !is_mapped(Field::Session) {
            map.insert_all(Field::Session, SESSION_NAMES.iter().copied());
            for name in SESSION_NAMES {
                map.insert_all(Field::Session, [format!("cookie_{name}").as_str()]);
            }
        }
        for (field, name) in mapping.iter().filter(|(_, name)| !name.is_empty()) {
            map.insert(name, |entry| entry.field = Some((*field, 0)));
        }
        map
    }

    /// The same with the values of `sources` kept, as far as they stand in fields.
    #[must_use]
    pub fn keeping(mut self, sources: &[KeySource]) -> Self {
        let mut sources: Vec<&KeySource> = sources.iter().collect();
        sources.sort_unstable();
        sources.dedup();
        for source in sources {
            let names = match source {
                KeySource::Auto | KeySource::User | KeySource::Query(_) => continue,
                // Their fields are known; what is in them is looked for line by line.
                KeySource::Bearer => Vec::new(),
                KeySource::Field(name) => vec![name.clone()],
                KeySource::Cookie(name) => vec![format!("cookie_{name}")],
                KeySource::Header(name) => {
                    let prefixes = HEADER_PREFIXES.iter();
                    prefixes.map(|prefix| format!("{prefix}{name}")).collect()
                }
            };
            let index = u8::try_from(self.facts.len()).expect("few sources are kept");
            for name in names {
                self.insert(&name, |entry| entry.fact = Some(index));
            }
            Arc::make_mut(&mut self.facts).push(FactSource {
                text: source.to_string(),
                is_secret: match source {
                    KeySource::Field(name) | KeySource::Header(name) => is_secret_name(name),
                    _ => true,
                },
                source: source.clone(),
            });
        }
        self
    }

    /// The kept sources, in the order in which they are kept.
    pub(super) fn facts(&self) -> &[FactSource] {
        &self.facts
    }

    /// Which field a path of names leads to.
    pub(super) fn field(&self, path: &[&str]) -> Option<Field> {
        let (last, outer) = path.split_last()?;
        let mut scope = Self::ROOT;
        for name in outer {
            scope = self.find(scope, name)?.inside?;
        }
        self.find(scope, last)?.field.map(|(field, _)| field)
    }

    /// What the header of this name stands for.
    pub(super) fn header(&self, name: &str) -> Option<Entry> {
        self.find(Self::ROOT, &format!("http_{name}"))
    }

    fn insert_all<'n>(&mut self, field: Field, names: impl IntoIterator<Item = &'n str>) {
        for (rank, name) in names.into_iter().enumerate() {
            let rank = u8::try_from(rank).expect("few names a field");
            self.insert(name, |entry| {
                entry.field.get_or_insert((field, rank));
            });
        }
    }

    fn insert(&mut self, name: &str, set: impl Fn(&mut Entry)) {
        let parts: Vec<&str> = name.split('.').collect();
        self.insert_parts(Self::ROOT, &parts, &set);
    }

    /// Enters `a.b.c` as `a.b.c`, `a` → `b.c`, `a.b` → `c`, `a` → `b` → `c`.
    fn insert_parts(&mut self, scope: Scope, parts: &[&str], set: &impl Fn(&mut Entry)) {
        for joined in 1..=parts.len() {
            let name = parts[..joined].join(".");
            let mut folded = [0; MAX_NAME];
            let Some(name) = fold(name.as_bytes(), &mut folded) else {
                continue;
            };
            let next = Scope(self.scopes.len());
            let scopes = Arc::make_mut(&mut self.scopes);
            let entry = scopes[scope.0].entry(name.into()).or_default();
            if joined == parts.len() {
                set(entry);
                continue;
            }
            let inside = *entry.inside.get_or_insert(next);
            if inside == next {
                scopes.push(Names::default());
            }
            self.insert_parts(inside, &parts[joined..], set);
        }
    }

    /// What `name` stands for inside `scope`.
    pub(super) fn find(&self, scope: Scope, name: &str) -> Option<Entry> {
        let mut folded = [0; MAX_NAME];
        let name = fold(name.as_bytes(), &mut folded)?;
        self.scopes[scope.0].get(name).copied()
    }
}

/// Lower case without `-`, `_` and `@`. Traefik's `Duration` stays as it is: it counts
/// nanoseconds, while `duration` never does.
fn fold<'a>(name: &[u8], folded: &'a mut [u8; MAX_NAME]) -> Option<&'a [u8]> {
    if name.len() > MAX_NAME {
        return None;
    }
    if name == b"Duration" {
        folded[..name.len()].copy_from_slice(name);
        return Some(&folded[..name.len()]);
    }
    let mut length = 0;
    for byte in name {
        if !matches!(byte, b'-' | b'_' | b'@') {
            folded[length] = byte.to_ascii_lowercase();
            length += 1;
        }
    }
    Some(&folded[..length])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(map: &FieldMap, path: &[&str]) -> Option<Field> {
        map.field(path)
    }

    #[test]
    fn names_match_in_any_spelling_nested_or_dotted() {
        let map = FieldMap::default();
        assert_eq!(field(&map, &["remoteAddr"]), Some(Field::Address));
        assert_eq!(field(&map, &["@timestamp"]), Some(Field::Time));
        assert_eq!(
            field(&map, &["http", "request", "method"]),
            Some(Field::Method)
        );
        assert_eq!(
            field(&map, &["http", "request.method"]),
            Some(Field::Method)
        );
        assert_eq!(field(&map, &["http.request.method"]), Some(Field::Method));
        assert_eq!(field(&map, &["request"]), Some(Field::RequestLine));
        assert_eq!(field(&map, &["request", "uri"]), Some(Field::Target));
        assert_eq!(field(&map, &["Duration"]), Some(Field::DurationNs));
        assert_eq!(field(&map, &["duration"]), Some(Field::Duration));
        assert_eq!(field(&map, &["PHPSESSID"]), Some(Field::Session));
        assert_eq!(field(&map, &["nothing"]), None);
    }

    #[test]
    fn a_mapping_replaces_the_usual_names_of_its_fields_only() {
        let map: FieldMap = "ip=net.peer, session=,target=where".parse().unwrap();
        assert_eq!(field(&map, &["net", "peer"]), Some(Field::Address));
        assert_eq!(field(&map, &["remote_addr"]), None);
        assert_eq!(field(&map, &["sid"]), None);
        assert_eq!(field(&map, &["where"]), Some(Field::Target));
        assert_eq!(field(&map, &["status"]), Some(Field::Status));
    }

    #[test]
    fn a_wrong_mapping_is_explained() {
        assert_eq!(
            "ip".parse::<FieldMap>().unwrap_err(),
            InvalidFieldMap::NotAPair("ip".to_owned())
        );
        let error = "address=x".parse::<FieldMap>().unwrap_err().to_string();
        assert!(
            error.contains("no field `address`") && error.contains("user_agent"),
            "{error}"
        );
    }
}
