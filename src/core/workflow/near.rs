//! The nearest existing word, for messages that say what was probably meant.

use super::model_rules::is_weights;

/// Counts the single-letter edits (insert, delete, replace, swap of neighbours) between two words.
#[must_use]
pub fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], k: usize| row.get(k).copied().unwrap_or(usize::MAX / 2);
            let mut best = (at(&last, j) + usize::from(x != y))
                .min(at(&last, j + 1) + 1)
                .min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(a.len())
}

/// Lists up to `limit` of the candidates that look like `word`, best first.
///
/// Case, separators, folders and the endings of model files are ignored, so that `wan2.2/vae.safetensors` finds `Wan2_2_VAE.safetensors`.
/// A candidate that shares nothing with the word is left out.
#[must_use]
pub fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    limit: usize,
) -> Vec<String> {
    let folded = fold(word);
    let mut scored: Vec<(usize, &str)> = candidates
        .into_iter()
        .take(MOST_CANDIDATES)
        .filter_map(|candidate| score(&folded, candidate).map(|score| (score, candidate)))
        .collect();
    scored.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.cmp(b.1)));
    scored.dedup_by(|a, b| a.1 == b.1);
    scored
        .into_iter()
        .take(limit)
        .map(|(_, candidate)| candidate.to_owned())
        .collect()
}

/// Bounds the work that a hostile list of names can cause.
const MOST_CANDIDATES: usize = 20_000;
/// Longest name compared letter by letter; longer ones are cut.
const LONGEST: usize = 96;

fn fold(word: &str) -> String {
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
    let name = match name.rsplit_once('.') {
        Some((stem, _)) if is_weights(name) => stem,
        _ => name,
    };
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .take(LONGEST)
        .collect()
}

/// Scores likeness, smaller is better; `None` when it is not worth showing.
fn score(folded: &str, candidate: &str) -> Option<usize> {
    let other = fold(candidate);
    if folded.is_empty() || other.is_empty() {
        return None;
    }
    let (short, long) = (folded.len().min(other.len()), folded.len().max(other.len()));
    let contained = short >= 3 && (other.contains(folded) || folded.contains(&other));
    if !contained && long > short * 3 {
        return None;
    }
    let edits = distance(folded, &other);
    let allowed = (long * 2 / 5).max(2);
    if contained {
        Some(edits.min(allowed))
    } else {
        (edits <= allowed).then_some(edits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swap_of_neighbours_is_one_edit() {
        assert_eq!(distance("wdith", "width"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("한글", "한굴"), 1);
    }

    #[test]
    fn a_model_in_another_folder_or_spelling_is_found() {
        let have = [
            "wan_2.1_vae.safetensors",
            "sub/wan2.2_vae.safetensors",
            "ae.safetensors",
        ];
        assert_eq!(
            nearest("Wan2_2_VAE.safetensors", have, 1),
            ["sub/wan2.2_vae.safetensors"]
        );
    }

    #[test]
    fn a_word_that_resembles_nothing_has_no_neighbour() {
        assert!(nearest("quality", ["width", "height"], 3).is_empty());
    }
}
