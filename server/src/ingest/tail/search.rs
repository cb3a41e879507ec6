//! A file that is called something else now: rotation renames it, copies it, and packs what it
//! copied. Looked for beside the path, and known by its number and its first bytes.

use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

use super::file::{Found, open};
use super::position::{Position, read_head};

/// How many files beside the path are looked at.
const MAX_SIBLINGS: usize = 10_000;

/// How much of a packed file is unpacked, at most.
const MAX_UNPACKED: u64 = 8 * 1024 * 1024 * 1024;

/// The file of `position`, wherever it is beside `path` now.
pub(super) fn find(path: &Path, position: &Position) -> Option<Found> {
    let is_it = |found: &Found| {
        let head = read_head(&found.file);
        let is_known = head.is_ok_and(|head| position.fingerprint.is_of(&head));
        is_known && found.metadata.len() >= position.offset
    };
    let same = |found: &Found| position.has_number_of(&found.metadata) && is_it(found);
    if let Some(found) = look_at(path.to_owned()).filter(same) {
        return Some(found);
    }
    let beside = siblings(path);
    let mut numbered = beside.iter().filter_map(|path| look_at(path.clone()));
    numbered.find(same).or_else(|| find_copy(path, position))
}

/// What was copied from the file of `position` before that was emptied. The copy has all of it.
pub(super) fn find_copy(path: &Path, position: &Position) -> Option<Found> {
    if position.fingerprint.is_empty() {
        return None;
    }
    let mut rotated = siblings(path);
    rotated.retain(|sibling| is_rotated(sibling, path));
    for sibling in rotated {
        let is_packed = sibling.extension() == Some(OsStr::new("gz"));
        let Some(found) = look_at(sibling) else {
            continue;
        };
        let known = if is_packed {
            unpack(found, position).ok().flatten()
        } else {
            Some(found)
        };
        let is_it = |found: &Found| {
            let head = read_head(&found.file);
            head.is_ok_and(|head| position.fingerprint.is_of(&head))
                && found.metadata.len() >= position.end()
        };
        if let Some(found) = known.filter(is_it) {
            return Some(found);
        }
    }
    None
}

/// Files that were at `path` after the one that is at `last` now and before the one that is there: the rest of
/// what was rotated while nobody looked. The oldest first.
pub(super) fn find_between(path: &Path, last: &Path, metadata: &Metadata) -> Vec<Found> {
    if last == path {
        return Vec::new();
    }
    let Ok(since) = metadata.modified() else {
        return Vec::new();
    };
    let mut rotated = siblings(path);
    rotated.retain(|sibling| {
        is_rotated(sibling, path) && sibling.extension() != Some(OsStr::new("gz"))
    });
    let mut between: Vec<_> = rotated
        .into_iter()
        .filter_map(look_at)
        .filter_map(|sibling| Some((sibling.metadata.modified().ok()?, sibling)))
        .filter(|(at, sibling)| *at > since && sibling.path != last)
        .collect();
    between.sort_by_key(|(at, _)| *at);
    between.into_iter().map(|(_, sibling)| sibling).collect()
}

fn look_at(path: PathBuf) -> Option<Found> {
    let file = open(&path).ok()??;
    let metadata = file.metadata().ok()?;
    metadata.is_file().then_some(Found {
        path,
        file,
        metadata,
    })
}

/// The files in the folder of `path`, without `path` itself.
fn siblings(path: &Path) -> Vec<PathBuf> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    let paths = files
        .map(|entry| entry.path())
        .filter(|other| other != path);
    paths.take(MAX_SIBLINGS).collect()
}

/// Whether `sibling` is named like what rotation makes of `path`: `access.log.1`,
/// `access.log-20260301.gz`, `access-2026-03-01.log`.
pub(super) fn is_rotated(sibling: &Path, path: &Path) -> bool {
    let name = |path: &Path| Some(path.file_name()?.to_str()?.to_owned());
    let (Some(sibling), Some(own)) = (name(sibling), name(path)) else {
        return false;
    };
    let sibling = sibling.strip_suffix(".gz").unwrap_or(&sibling);
    let is_number = |rest: &str| {
        let is_part = |byte: u8| byte.is_ascii_digit() || b".-_T:".contains(&byte);
        rest.bytes().any(|byte| byte.is_ascii_digit()) && rest.bytes().all(is_part)
    };
    if sibling.strip_prefix(own.as_str()).is_some_and(is_number) {
        return true;
    }
    let Some((stem, ending)) = own.rsplit_once('.') else {
        return false;
    };
    let rest = sibling.strip_prefix(stem);
    let rest = rest.and_then(|rest| rest.strip_suffix(ending)?.strip_suffix('.'));
    rest.is_some_and(is_number)
}

/// The plain bytes of a packed file, in a file without a name, if it is that of `position`.
fn unpack(found: Found, position: &Position) -> io::Result<Option<Found>> {
    let mut plain = flate2::read::MultiGzDecoder::new(&found.file);
    let mut head = vec![0; position.fingerprint_bytes()];
    plain.read_exact(&mut head)?;
    if !position.fingerprint.is_of(&head) {
        return Ok(None);
    }
    let mut file: File = tempfile::tempfile()?;
    io::copy(
        &mut io::Cursor::new(head).chain(plain).take(MAX_UNPACKED),
        &mut file,
    )?;
    file.rewind()?;
    Ok(Some(Found {
        metadata: file.metadata()?,
        path: found.path,
        file,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rotation_makes_of_a_name_is_known() {
        let check = |sibling: &str, expected: bool| {
            let path = Path::new("/var/log/access.log");
            assert_eq!(
                is_rotated(&path.with_file_name(sibling), path),
                expected,
                "{sibling}"
            );
        };
        for sibling in [
            "access.log.1",
            "access.log.12.gz",
            "access.log-20260301",
            "access.log-2026-03-01T10:00.gz",
            "access-20260301.log",
            "access.1.log",
        ] {
            check(sibling, true);
        }
        for sibling in [
            "access.log",
            "access.log.json",
            "error.log.1",
            "access.logs",
            "access-shop.log",
        ] {
            check(sibling, false);
        }
    }
}
