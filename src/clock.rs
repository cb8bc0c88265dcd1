//! The wall clock, read at the edges only; the core gets time as an argument.

/// Reads the time in milliseconds since 1970 UTC, the unit of the store.
#[must_use]
pub fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// Writes a stored time as RFC 3339 UTC with milliseconds, the form of the JSON contract.
#[must_use]
pub fn rfc3339(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| String::new(), |at| format!("{at:.3}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_the_contract_says() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(1_790_000_000_120), "2026-09-21T14:13:20.120Z");
    }
}
