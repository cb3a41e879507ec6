//! Writing a backup: copies of everything, then one archive of them, which is there as a whole
//! or not at all.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use shared::Timestamp;
use tar::{EntryType, Header};

use super::manifest::{FORM, Manifest, StoredIn};
use super::stage::Stage;
use super::{BackupError, MANIFEST, at};
use crate::aside::aside;
use crate::store::{DATABASE, copy_database};

/// zstd's usual level: the database is compressed already for the most part.
const LEVEL: i32 = 3;

/// Backs up the data directory `data` into the file `to`, which must not be there yet. The
/// database is left out where it is elsewhere.
///
/// # Errors
/// If anything cannot be read or written; nothing is left of the backup then.
pub async fn back_up(
    data: &Path,
    database: StoredIn,
    to: &Path,
    now: Timestamp,
) -> Result<Manifest, BackupError> {
    let has_database = data.join(DATABASE).is_file();
    if !data.is_dir() || (database == StoredIn::Archive && !has_database) {
        return Err(BackupError::Empty(data.to_owned()));
    }
    if to.exists() {
        return Err(BackupError::Taken(to.to_owned()));
    }
    // Where the archive is wanted there is room for it, and so for what goes into it.
    let folder = match to.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => Path::new(".").to_owned(),
    };
    let folder = folder.canonicalize().map_err(at(&folder))?;
    if folder.starts_with(data.canonicalize().map_err(at(data))?) {
        return Err(BackupError::Inside(to.to_owned()));
    }
    let mut room = tempfile::Builder::new();
    let room = room.prefix(".botscope-backup-").tempdir_in(&folder);
    let room = room.map_err(at(&folder))?;
    let (source, copies) = (data.to_owned(), room.path().to_owned());
    let mut stage = aside(move || {
        let mut stage = Stage::new(&copies);
        stage.copy_directory(&source)?;
        Ok::<_, BackupError>(stage)
    })
    .await?;
    // Only now: what was judged since is in it.
    if database == StoredIn::Archive {
        copy_database(data, &stage.place(DATABASE)).await?;
    }
    let to = to.to_owned();
    aside(move || {
        if database == StoredIn::Archive {
            stage.take_up(DATABASE)?;
        }
        let manifest = Manifest {
            form: FORM,
            botscope: env!("CARGO_PKG_VERSION").to_owned(),
            made_at: now.to_string(),
            database,
            files: std::mem::take(&mut stage.files),
        };
        write(&manifest, &stage, &folder, &to, now)?;
        drop(room);
        Ok(manifest)
    })
    .await
}

fn write(
    manifest: &Manifest,
    stage: &Stage,
    folder: &Path,
    to: &Path,
    now: Timestamp,
) -> Result<(), BackupError> {
    // Nobody else may read it: whoever can has everybody's secrets.
    let target = tempfile::NamedTempFile::new_in(folder).map_err(at(folder))?;
    let written = fill(manifest, stage, target.as_file(), now);
    written.map_err(at(to))?;
    target.as_file().sync_all().map_err(at(to))?;
    let kept = target.persist_noclobber(to);
    kept.map_err(|error| match error.error.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Taken(to.to_owned()),
        _ => at(to)(error.error),
    })?;
    // Its name lasts, too.
    let folder_file = File::open(folder).map_err(at(folder))?;
    folder_file.sync_all().map_err(at(folder))
}

fn fill(manifest: &Manifest, stage: &Stage, target: &File, now: Timestamp) -> io::Result<()> {
    let packed = zstd::stream::write::Encoder::new(target, LEVEL)?;
    let mut archive = tar::Builder::new(packed);
    let text = serde_json::to_vec_pretty(manifest).map_err(io::Error::other)?;
    let mut head = head(text.len() as u64, now);
    archive.append_data(&mut head, MANIFEST, &text[..])?;
    for listed in &manifest.files {
        let file = File::open(stage.place(&listed.path))?;
        let mut head = self::head(listed.bytes, now);
        archive.append_data(&mut head, &listed.path, file)?;
    }
    archive.into_inner()?.finish()?.flush()
}

fn head(bytes: u64, now: Timestamp) -> Header {
    let mut head = Header::new_gnu();
    head.set_entry_type(EntryType::Regular);
    head.set_mode(0o600);
    head.set_size(bytes);
    head.set_mtime(u64::try_from(now.0 / 1_000).unwrap_or(0));
    head
}
