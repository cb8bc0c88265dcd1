//! File names from a worker, made safe for our folders.

use std::path::PathBuf;

use crate::comfy::wire::OutputFile;
use crate::core::text::{nfc, scrub};

/// Longest name made, in bytes; file systems allow 255 and callers add to it.
const LONGEST: usize = 150;
/// Longest extension kept when a name is cut.
const LONGEST_EXTENSION: usize = 16;

/// Makes a file name of what a worker calls its file, or none if nothing usable is left.
///
/// The result is one component: both separators cut, never `..`, absolute or a drive, no control characters, no
/// character Windows refuses, no name Windows reserves, NFC, at most 150 bytes with the extension kept.
#[must_use]
pub fn safe_name(file: &OutputFile) -> Option<PathBuf> {
    let base = file.filename.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = scrub(&nfc(base))
        .chars()
        .map(|c| {
            if matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*') || is_invisible(c) {
                '_'
            } else {
                c
            }
        })
        .collect();
    let clean = clean.trim().trim_end_matches(['.', ' ']);
    if clean.trim_start_matches('.').is_empty() {
        return None;
    }
    let mut name = String::new();
    if clean.starts_with(['.', '-', '~']) || is_reserved(clean) {
        name.push('_');
    }
    name.push_str(clean);
    Some(PathBuf::from(shorten(&name)))
}

/// Characters that show nothing and so can make two names look alike.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{ad}' | '\u{fff9}'..='\u{fffc}')
}

/// Names that are devices on Windows, with any extension.
fn is_reserved(name: &str) -> bool {
    let stem = name
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_end()
        .to_ascii_uppercase();
    let numbered = |prefix: &str| {
        stem.strip_prefix(prefix).is_some_and(|rest| {
            let mut digits = rest.chars();
            matches!(digits.next(), Some('0'..='9' | '¹' | '²' | '³')) && digits.next().is_none()
        })
    };
    matches!(
        stem.as_str(),
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$"
    ) || numbered("COM")
        || numbered("LPT")
}

fn shorten(name: &str) -> String {
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if extension.len() <= LONGEST_EXTENSION => {
            (stem, format!(".{extension}"))
        }
        _ => (name, String::new()),
    };
    let room = LONGEST - extension.len();
    let mut kept = String::new();
    for c in stem.chars() {
        if kept.len() + c.len_utf8() > room {
            break;
        }
        kept.push(c);
    }
    kept + &extension
}

#[cfg(test)]
mod tests {
    use std::path::Component;

    use super::*;

    fn safe(name: &str) -> Option<String> {
        let file = OutputFile {
            filename: name.to_owned(),
            subfolder: "../..".into(),
            ..OutputFile::default()
        };
        safe_name(&file).map(|path| path.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_name_never_leaves_its_folder() {
        for (given, made) in [
            ("lab_00001_.mp4", Some("lab_00001_.mp4")),
            ("../../../etc/passwd", Some("passwd")),
            ("..\\..\\windows\\system32\\a.dll", Some("a.dll")),
            ("/etc/shadow", Some("shadow")),
            ("C:evil.mp4", Some("C_evil.mp4")),
            ("a.mp4:stream", Some("a.mp4_stream")),
            ("..", None),
            (".", None),
            ("...", None),
            ("", None),
            ("   ", None),
            ("dir/", None),
            (".bashrc", Some("_.bashrc")),
            ("-rf", Some("_-rf")),
            ("a\u{1b}[2J\r\nb.png", Some("a[2J  b.png")),
            ("gpj.\u{202e}exe", Some("gpj.exe")),
            ("nul", Some("_nul")),
            ("COM1.mp4", Some("_COM1.mp4")),
            ("com10.mp4", Some("com10.mp4")),
            ("trailing. . .", Some("trailing")),
            ("quo\"te*?.png", Some("quo_te__.png")),
            ("кадр ✓_00001_.png", Some("кадр ✓_00001_.png")),
            ("a+b&c=d#e%20f.png", Some("a+b&c=d#e%20f.png")),
            ("\0", None),
        ] {
            assert_eq!(safe(given).as_deref(), made, "{given:?}");
        }
    }

    #[test]
    fn a_name_without_end_is_cut_and_keeps_its_extension() {
        let made = safe(&format!("{}.mp4", "비".repeat(400))).unwrap();
        assert!(made.len() <= LONGEST && made.ends_with("비.mp4"), "{made}");
        assert!(safe(&"x".repeat(9000)).unwrap().len() <= LONGEST);
        assert!(safe(&format!("a.{}", "y".repeat(9000))).unwrap().len() <= LONGEST);
    }

    proptest::proptest! {
        #[test]
        fn no_name_becomes_more_than_one_plain_component(name in "\\PC{0,40}|[./\\\\:a\\x00-\\x1f]{0,40}") {
            let file = OutputFile { filename: name, ..OutputFile::default() };
            if let Some(path) = safe_name(&file) {
                let parts: Vec<_> = path.components().collect();
                proptest::prop_assert_eq!(parts.len(), 1);
                proptest::prop_assert!(matches!(parts[0], Component::Normal(_)));
            }
        }
    }
}
