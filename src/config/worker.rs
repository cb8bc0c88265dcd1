//! What a worker may be called and where it may be.

use crate::core::text::scrub;

/// Checks what a worker may be called: letters, digits, `.`, `_`, `-`, at most 64.
///
/// # Errors
/// A sentence for a person.
pub(crate) fn worker_name(name: &str) -> Result<(), String> {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
    if name.is_empty() {
        Err("a worker needs a name".to_owned())
    } else if name.chars().count() > 64 || !name.chars().all(fits) {
        Err(format!(
            "{name:?} is no name for a worker: use up to 64 letters, digits, . _ -"
        ))
    } else {
        Ok(())
    }
}

/// Checks a worker's address: http or https, a host, and no password in it.
///
/// # Errors
/// A sentence for a person, which does not repeat the address if a password may be in it.
pub(crate) fn worker_url(url: &str) -> Result<(), String> {
    let rest = url
        .strip_prefix("http://")
        .or_else(|| url.strip_prefix("https://"));
    let Some(rest) = rest else {
        return Err("a worker needs a url that begins with http:// or https://".to_owned());
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.contains('@') {
        Err("a url may not hold a password: use headers = { Authorization = \"@FILE\" }".to_owned())
    } else if host.is_empty() || url.chars().any(|c| c.is_whitespace() || c.is_control()) {
        Err(format!("{:?} is no address", scrub(url)))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_with_a_password_is_refused_without_repeating_it() {
        let said = worker_url("http://me:hunter2@gpu1:8188").unwrap_err();
        assert!(!said.contains("hunter2"), "{said}");
        for (url, fine) in [
            ("http://gpu1:8188", true),
            ("https://gpu.example/comfy", true),
            ("gpu1:8188", false),
            ("ftp://gpu1", false),
            ("http://", false),
            ("http://a b", false),
        ] {
            assert_eq!(worker_url(url).is_ok(), fine, "{url}");
        }
    }
}
