//! The clock and the source of ids: the only place that asks the system for either.
//!
//! Everything below the edge takes a time in milliseconds since 1970 UTC and ids as text, as the store keeps them.

use jiff::Timestamp;
use uuid::Uuid;

/// Reads the clock, in milliseconds since 1970 UTC.
#[must_use]
pub fn now() -> i64 {
    Timestamp::now().as_millisecond()
}

/// Makes a new id: `UUIDv7`, so that ids sort by age.
#[must_use]
pub fn new_id() -> String {
    Uuid::now_v7().to_string()
}

/// Writes a stored time as RFC 3339 in UTC with milliseconds; a time no calendar has becomes the nearest one.
#[must_use]
pub fn rfc3339(ms: i64) -> String {
    let edge = if ms < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    };
    let time = Timestamp::from_millisecond(ms).unwrap_or(edge);
    format!("{time:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_with_milliseconds_in_utc() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339(1_763_733_600_007), "2025-11-21T14:00:00.007Z");
        assert!(rfc3339(i64::MAX).starts_with("9999-"));
    }

    #[test]
    fn a_later_id_sorts_after_an_earlier_one() {
        let ids: Vec<String> = (0..100).map(|_| new_id()).collect();
        assert!(ids.is_sorted());
    }
}
