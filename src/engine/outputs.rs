//! Where results go and what they are called.

use std::path::{Path, PathBuf};

use crate::store::job::Job;

/// Longest name made from a title, in characters.
const LONGEST: usize = 48;

/// The folder of a job's results: `OUTPUT/PROJECT/SHOT`, or `OUTPUT/loose/DAY` for a job of no shot.
pub(super) fn folder(output: &Path, job: &Job) -> PathBuf {
    let project = job
        .project
        .as_deref()
        .map_or_else(|| "loose".to_owned(), plain);
    let day = jiff::Timestamp::from_millisecond(job.created).map_or_else(
        |_| "undated".to_owned(),
        |at| at.strftime("%Y-%m-%d").to_string(),
    );
    let shot = job.shot.as_deref().map_or(day, plain);
    output.join(project).join(shot)
}

/// The name of a job's `index`-th result, without its ending: title, end of the id, attempt.
pub(super) fn stem(job: &Job, index: usize) -> String {
    let title = plain(&job.name);
    let tail = tail(&job.id);
    let more = if index == 0 {
        String::new()
    } else {
        format!("-{}", index + 1)
    };
    format!("{title}-{tail}-a{}{more}", job.attempt)
}

/// The last eight characters of an id: its random part, short enough to say aloud.
pub(super) fn tail(id: &str) -> &str {
    id.get(id.len().saturating_sub(8)..).unwrap_or(id)
}

/// Keeps letters (Hangul too) and digits, turns the rest into single dashes.
fn plain(text: &str) -> String {
    let mut name = String::new();
    for c in crate::core::text::nfc(text).chars() {
        if c.is_alphanumeric() {
            name.push(c);
        } else if !name.ends_with('-') && !name.is_empty() {
            name.push('-');
        }
        if name.chars().count() >= LONGEST {
            break;
        }
    }
    let name = name.trim_end_matches('-');
    if name.is_empty() {
        "untitled".to_owned()
    } else {
        name.to_owned()
    }
}

/// Moves a finished file to its name, never over another file.
///
/// A file of the same content that lies there already, from a collection that was cut off after the move, is taken as
/// it is. Otherwise a number is added.
///
/// # Errors
/// What the system says.
pub(super) fn settle(
    from: tempfile::TempPath,
    wanted: &Path,
    hash: &blake3::Hash,
) -> std::io::Result<PathBuf> {
    let mut from = from;
    let ending = wanted
        .extension()
        .map(|e| format!(".{}", e.to_string_lossy()))
        .unwrap_or_default();
    let stem = wanted
        .file_stem()
        .map(|s| s.to_string_lossy().into_owned())
        .unwrap_or_default();
    for n in 1..1_000 {
        let place = if n == 1 {
            wanted.to_owned()
        } else {
            wanted.with_file_name(format!("{stem}-{n}{ending}"))
        };
        match from.persist_noclobber(&place) {
            Ok(()) => {
                if let Some(folder) = place.parent() {
                    std::fs::File::open(folder)?.sync_all()?;
                }
                return Ok(place);
            }
            Err(refused) if refused.error.kind() == std::io::ErrorKind::AlreadyExists => {
                if same(&place, hash)? {
                    return Ok(place);
                }
                from = refused.path;
            }
            Err(refused) => return Err(refused.error),
        }
    }
    Err(std::io::Error::new(
        std::io::ErrorKind::AlreadyExists,
        "a thousand files of this name lie there already",
    ))
}

fn same(path: &Path, hash: &blake3::Hash) -> std::io::Result<bool> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(std::fs::File::open(path)?)?;
    Ok(hasher.finalize() == *hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_becomes_a_name_that_stays_in_its_folder() {
        for (title, name) in [
            ("비 오는 골목", "비-오는-골목"),
            ("../../etc/passwd", "etc-passwd"),
            ("a\x1b[2J\nb", "a-2J-b"),
            ("///", "untitled"),
        ] {
            assert_eq!(plain(title), name);
        }
    }

    #[test]
    fn a_result_is_never_written_over_another() {
        let folder = tempfile::tempdir().unwrap();
        let wanted = folder.path().join("clip.mp4");
        let put = |text: &str| {
            let mut file = tempfile::NamedTempFile::new_in(folder.path()).unwrap();
            std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
            settle(
                file.into_temp_path(),
                &wanted,
                &blake3::hash(text.as_bytes()),
            )
            .unwrap()
        };
        assert_eq!(put("one"), wanted);
        assert_eq!(put("two"), folder.path().join("clip-2.mp4"));
        assert_eq!(
            put("one"),
            wanted,
            "a collection that was cut off finds its own file"
        );
    }
}
