//! Times as people read them: what moves counts, what stands still has a date.

/// Writes how long something took or has taken: `0:07`, `12:30`, `3:05:00`.
pub(super) fn span(ms: i64) -> String {
    let seconds = ms.max(0) / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// Writes seconds still to go.
#[expect(clippy::cast_possible_truncation, reason = "clamped to a year")]
pub(super) fn left(seconds: f64) -> String {
    span((seconds.clamp(0.0, 31_536_000.0) * 1000.0) as i64)
}

/// Writes a moment: `14:03` on the day it is looked at, `11-21` before; `zone` is local time minus UTC.
pub(super) fn moment(at: i64, now: i64, zone: i64) -> String {
    const DAY: i64 = 86_400_000;
    let (at, now) = (at.saturating_add(zone), now.saturating_add(zone));
    if at.div_euclid(DAY) == now.div_euclid(DAY) {
        let minutes = at.rem_euclid(DAY) / 60_000;
        return format!("{:02}:{:02}", minutes / 60, minutes % 60);
    }
    let (_, month, day) = civil(at.div_euclid(DAY));
    format!("{month:02}-{day:02}")
}

/// Writes a moment to the second: `14:03:07`.
pub(super) fn second(at: i64, zone: i64) -> String {
    let seconds = at.saturating_add(zone).rem_euclid(86_400_000) / 1000;
    format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

/// Year, month and day of a day counted from 1970-01-01 (Howard Hinnant's `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days.clamp(-1_000_000_000, 1_000_000_000) + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (
        yoe + era * 400 + i64::from(month <= 2),
        month,
        doy - (153 * mp + 2) / 5 + 1,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short_and_right() {
        assert_eq!(
            [span(7_000), span(750_000), span(11_100_000)],
            ["0:07", "12:30", "3:05:00"]
        );
        let noon = 1_763_726_400_000; // 2025-11-21 12:00 UTC
        assert_eq!(moment(noon - 60_000, noon, 0), "11:59");
        assert_eq!(moment(noon - 60_000, noon, 9 * 3_600_000), "20:59");
        assert_eq!(moment(noon - 86_400_000, noon, 0), "11-20");
        assert_eq!(second(noon + 7_000, 0), "12:00:07");
        assert_eq!(civil(0), (1970, 1, 1));
        for edge in [i64::MIN, i64::MAX] {
            moment(edge, 0, 0);
        }
    }
}
