//! Files that are written as a whole: the old content stays until the new one is complete.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process;

/// How a path is written.
enum Way {
    /// A new file takes this one's place.
    Replace(PathBuf),
    /// A device, a FIFO, or a link to nothing yet: nothing may take its place.
    Through,
}

/// Checks that the path can be written, without a change.
pub(crate) fn try_path(path: &Path) -> io::Result<()> {
    match way(path)? {
        Way::Replace(place) => {
            let beside = beside(&place);
            File::create_new(&beside).and_then(|_| fs::remove_file(&beside))
        }
        Way::Through => match fs::metadata(path) {
            // Without a reader, opening it would wait for one.
            Ok(found) if is_fifo(&found) => Ok(()),
            Ok(_) => OpenOptions::new().write(true).open(path).map(drop),
            Err(_) => Ok(()),
        },
    }
}

/// Writes the content.
pub(crate) fn write(path: &Path, content: &str) -> io::Result<()> {
    let place = match way(path)? {
        Way::Replace(place) => place,
        Way::Through => return fs::write(path, content),
    };
    let beside = beside(&place);
    let written = File::create_new(&beside)
        .and_then(|mut file| {
            file.write_all(content.as_bytes())?;
            match fs::metadata(&place) {
                Ok(old) => file.set_permissions(old.permissions()),
                Err(_) => Ok(()),
            }
        })
        .and_then(|()| fs::rename(&beside, &place));
    if written.is_err() {
        _ = fs::remove_file(&beside);
    }
    written
}

fn way(path: &Path) -> io::Result<Way> {
    match fs::metadata(path) {
        // A link stays a link: the file that it leads to is replaced.
        Ok(found) if found.is_file() => path.canonicalize().map(Way::Replace),
        Ok(found) if found.is_dir() => Err(ErrorKind::IsADirectory.into()),
        Ok(_) => Ok(Way::Through),
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        Err(_) if path.symlink_metadata().is_ok() => Ok(Way::Through),
        Err(_) => Ok(Way::Replace(path.to_owned())),
    }
}

#[cfg(unix)]
fn is_fifo(found: &fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;

    found.file_type().is_fifo()
}

#[cfg(not(unix))]
fn is_fifo(_: &fs::Metadata) -> bool {
    false
}

/// The file that is written first. No other process has the same.
fn beside(path: &Path) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".new-{}", process::id()));
    beside.into()
}
