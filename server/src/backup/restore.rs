//! Restoring a backup into an empty data directory: checked to the last byte and brought up to
//! date before it is there.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use super::manifest::{FORM, Listed, Manifest, StoredIn};
use super::stage::copy_hashed;
use super::{BackupError, MANIFEST, at};
use crate::aside::aside;
use crate::ingest::admit::{DIRECTORY as ADMITTED, leave_gap};
use crate::store::Store;

/// The largest manifest that is read.
const MAX_MANIFEST: u64 = 16 << 20;

/// Restores the backup `from` as the data directory `data`, which must be empty or not there.
///
/// # Errors
/// If it is no whole backup, or of a later version; `data` is as it was then.
pub async fn restore(from: &Path, data: &Path) -> Result<Manifest, BackupError> {
    let (folder, data) = &whole(data).map_err(at(data))?;
    ensure_empty(data)?;
    let mut room = tempfile::Builder::new();
    let room = room.prefix(".botscope-restore-").tempdir_in(folder);
    let room = room.map_err(at(folder))?;
    let (source, there) = (from.to_owned(), room.path().to_owned());
    let manifest = aside(move || unpack(&source, &there)).await?;
    if manifest.database == StoredIn::Archive {
        // Brings its tables up to date, or says that they are of a version to come.
        Store::open(room.path()).await?.close().await?;
    }
    let admitted = room.path().join(ADMITTED);
    if admitted.is_dir() {
        // The database has seen more of it than the archive.
        leave_gap(&admitted).map_err(at(&admitted))?;
    }
    ensure_empty(data)?;
    // Takes the place of an empty directory.
    let place = room.keep();
    if let Err(error) = fs::rename(&place, data) {
        let failed = at(data)(error);
        fs::remove_dir_all(&place).map_err(at(&place))?;
        return Err(failed);
    }
    // Its name lasts, too.
    let folder_file = File::open(folder).map_err(at(folder))?;
    folder_file.sync_all().map_err(at(folder))?;
    Ok(manifest)
}

/// A directory that is there or not, by its whole path, and the folder that it lies in, which is
/// made if need be.
fn whole(data: &Path) -> io::Result<(PathBuf, PathBuf)> {
    let data = match data.canonicalize() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let data = std::path::absolute(data)?;
            let (folder, name) = (data.parent(), data.file_name());
            let named = folder.zip(name).ok_or(io::ErrorKind::InvalidFilename)?;
            fs::create_dir_all(named.0)?;
            named.0.canonicalize()?.join(named.1)
        }
        found => found?,
    };
    let folder = data.parent().ok_or(io::ErrorKind::InvalidFilename)?;
    Ok((folder.to_owned(), data))
}

fn ensure_empty(data: &Path) -> Result<(), BackupError> {
    match fs::read_dir(data) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(BackupError::NotEmpty(data.to_owned())),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(at(data)(error)),
    }
}

/// Unpacks all of it into `to` and holds it against the manifest.
fn unpack(from: &Path, to: &Path) -> Result<Manifest, BackupError> {
    let file = File::open(from).map_err(at(from))?;
    let packed = zstd::stream::read::Decoder::new(file).map_err(at(from))?;
    let mut archive = tar::Archive::new(packed);
    let mut entries = archive.entries().map_err(at(from))?;
    let damaged = |what: &str| BackupError::Damaged(what.to_owned());
    let first = entries.next().ok_or_else(|| damaged("it is empty"))?;
    let first = first.map_err(|error| BackupError::Unsuitable(error.to_string()))?;
    let manifest = read_manifest(first)?;
    for listed in &manifest.files {
        let path = listed.path.as_str();
        let entry = entries.next().ok_or_else(|| damaged("it ends too early"))?;
        let entry = entry.map_err(|error| damaged(&error.to_string()))?;
        let is_listed = entry.path().is_ok_and(|found| found == Path::new(path));
        if !is_listed || !entry.header().entry_type().is_file() || !is_inside(path) {
            return Err(damaged(&format!("another file is where {path} should be")));
        }
        put(entry, listed, to)?;
    }
    match entries.next() {
        None => Ok(manifest),
        Some(_) => Err(damaged("more is in it than it says")),
    }
}

fn read_manifest(entry: impl Read) -> Result<Manifest, BackupError> {
    let mut text = Vec::new();
    let read = entry.take(MAX_MANIFEST).read_to_end(&mut text);
    read.map_err(|error| BackupError::Damaged(error.to_string()))?;
    #[derive(serde::Deserialize)]
    struct Form {
        form: u32,
    }
    let unsuitable = |error: serde_json::Error| {
        BackupError::Unsuitable(format!("its {MANIFEST} cannot be read: {error}"))
    };
    let Form { form } = serde_json::from_slice(&text).map_err(unsuitable)?;
    if form != FORM {
        return Err(BackupError::Unsuitable(format!("it has form {form}")));
    }
    serde_json::from_slice(&text).map_err(unsuitable)
}

/// Whether a path leads nowhere but into the directory.
fn is_inside(path: &str) -> bool {
    let mut parts = Path::new(path).components();
    !path.is_empty() && parts.all(|part| matches!(part, Component::Normal(_)))
}

fn put(entry: impl Read, listed: &Listed, to: &Path) -> Result<(), BackupError> {
    let place = to.join(&listed.path);
    if let Some(folder) = place.parent() {
        fs::create_dir_all(folder).map_err(at(folder))?;
    }
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&place).map_err(at(&place))?;
    // One byte more than it says would be too much.
    let entry = entry.take(listed.bytes + 1);
    let (bytes, sha256) = copy_hashed(entry, &mut file).map_err(at(&place))?;
    if bytes != listed.bytes || sha256 != listed.sha256 {
        let what = format!("{} is not what was written", listed.path);
        return Err(BackupError::Damaged(what));
    }
    file.sync_all().map_err(at(&place))
}
