//! The secret of a data directory, made when it is first needed. Each tenant's key for hashing
//! secrets of requests comes from it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use shared::TenantId;

use crate::ingest::normalize::SecretKey;

const FILE: &str = "secret.key";

/// The key of `tenant` in the data directory `data`.
pub(super) fn tenant_key(data: &Path, tenant: TenantId) -> io::Result<SecretKey> {
    Ok(SecretKey::of_tenant(&secret(data)?, tenant))
}

/// The secret of the data directory `data` itself.
pub(super) fn secret(data: &Path) -> io::Result<[u8; 16]> {
    let path = data.join(FILE);
    match fs::read(&path) {
        Ok(bytes) => {
            return bytes
                .try_into()
                .map_err(|_| io::Error::other(format!("{} is damaged", path.display())));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut secret = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut secret)?;
    // Whole or not at all, whenever the process ends.
    let partial = data.join(format!("{FILE}.new"));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&partial)?;
    file.write_all(&secret)?;
    file.sync_all()?;
    fs::rename(&partial, &path)?;
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_stays_and_differs_between_tenants_and_directories() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let key = |directory: &tempfile::TempDir, tenant| {
            tenant_key(directory.path(), TenantId(tenant)).unwrap().0
        };
        assert_eq!(key(&one, 1), key(&one, 1));
        assert_ne!(key(&one, 1), key(&one, 2));
        assert_ne!(key(&one, 1), key(&other, 1));
    }
}
