//! Each file of `tests/config/bad/` says in its first lines which messages a person reads; the rest of it still loads.

use std::fs;
use std::path::Path;

use rushes::config::{Lang, Layer, Reach, assemble};

/// A file begins with `# expect: LINE: message` for each fault, `# project` if it lies in a project folder, and
/// `# nothing loads` if it is no TOML at all. Every other one holds `lang = "ko"`, which must have been taken.
#[test]
fn every_bad_file_is_explained_and_the_rest_of_it_loads() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config/bad");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() > 10, "the bad files are there");
    let (mut said, mut expected) = (Vec::new(), Vec::new());
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let name = file.file_name().unwrap().to_str().unwrap();
        let before = expected.len();
        expected.extend(
            text.lines()
                .filter_map(|line| line.strip_prefix("# expect: "))
                .map(|message| format!("{name}:{message}")),
        );
        assert!(expected.len() > before, "{name} says what it expects");
        let loads = !text.contains("# nothing loads");
        let reach = if text.contains("# project") {
            Reach::Project
        } else {
            Reach::User
        };
        let layer = Layer {
            name: name.to_owned(),
            text,
            reach,
        };
        let loaded = assemble(&[layer], []);
        said.extend(loaded.faults.iter().map(ToString::to_string));
        let lang = if loads { Lang::Korean } else { Lang::Auto };
        assert_eq!(loaded.config.lang, lang, "{name}");
    }
    assert_eq!(said, expected);
}
