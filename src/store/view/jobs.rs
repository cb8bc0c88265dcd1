//! The job list: cut by an index before a row is read.

use rusqlite::{Connection, Row, ToSql};

use super::{
    JobOrder, JobRow, Page, Progress, Window, like, line, maybe_line, phase, signed, size,
};
use crate::core::job::Phase;

/// The list order: what runs, what waits, what went wrong, what is done.
const ORDER: [Phase; 13] = [
    Phase::Running,
    Phase::Collecting,
    Phase::Sending,
    Phase::Waiting,
    Phase::Claimed,
    Phase::Cancelling,
    Phase::Lost,
    Phase::Queued,
    Phase::Blocked,
    Phase::Held,
    Phase::Failed,
    Phase::Done,
    Phase::Cancelled,
];

pub(super) const COLUMNS: &str =
    "job.seq, job.id, job.name, job.phase, job.since, job.why, job.worker,
  job.workflow, job.project, job.shot, job.batch, job.priority, job.created, job.started, job.ended,
  progress.node, progress.class, progress.value, progress.max, progress.overall, progress.eta_s";

const FROM: &str = "FROM job LEFT JOIN progress ON progress.job = job.id
  AND job.phase IN ('running', 'collecting', 'cancelling')";

const MATCHES: &str = "(job.name LIKE ?1 ESCAPE '\\' OR job.phase LIKE ?1 ESCAPE '\\'
  OR job.shot LIKE ?1 ESCAPE '\\' OR job.worker LIKE ?1 ESCAPE '\\'
  OR job.workflow LIKE ?1 ESCAPE '\\' OR job.batch LIKE ?1 ESCAPE '\\')";

/// Counts jobs by phase, from the index alone.
pub(super) fn counts(conn: &Connection) -> rusqlite::Result<[u64; 13]> {
    let mut counts = [0; 13];
    let mut ask = conn.prepare_cached("SELECT phase, count(*) FROM job GROUP BY phase")?;
    let mut rows = ask.query([])?;
    while let Some(row) = rows.next()? {
        let found = phase(&row.get::<_, String>(0)?);
        let slot = Phase::ALL
            .iter()
            .zip(&mut counts)
            .find(|(known, _)| **known == found);
        if let Some((_, slot)) = slot {
            *slot = row.get::<_, i64>(1)?.unsigned_abs();
        }
    }
    Ok(counts)
}

/// Reads one window of the list.
pub(super) fn page(
    conn: &Connection,
    window: &Window,
    order: JobOrder,
    counts: &[u64; 13],
) -> rusqlite::Result<Page<JobRow>> {
    if !window.filter.trim().is_empty() {
        return filtered(conn, window, order);
    }
    let total = counts.iter().sum::<u64>();
    let total = usize::try_from(total).unwrap_or(usize::MAX);
    let top = window.top.min(total.saturating_sub(window.count));
    let rows = match order {
        JobOrder::Phase => by_phase(conn, top, window.count, counts)?,
        JobOrder::Newest => {
            let sql = format!(
                "SELECT {COLUMNS} {FROM} WHERE job.seq IN
                   (SELECT seq FROM job ORDER BY seq DESC LIMIT ?1 OFFSET ?2)
                 ORDER BY job.seq DESC"
            );
            select(conn, &sql, &[&signed(window.count), &signed(top)])?
        }
        JobOrder::Batch => {
            let sql = format!(
                "SELECT {COLUMNS} {FROM} ORDER BY job.batch IS NULL, job.batch DESC, job.seq
                 LIMIT ?1 OFFSET ?2"
            );
            select(conn, &sql, &[&signed(window.count), &signed(top)])?
        }
    };
    Ok(Page { total, top, rows })
}

fn by_phase(
    conn: &Connection,
    top: usize,
    count: usize,
    counts: &[u64; 13],
) -> rusqlite::Result<Vec<JobRow>> {
    let mut rows = Vec::new();
    let mut skip = top;
    for wanted in ORDER {
        let held = Phase::ALL
            .iter()
            .zip(counts)
            .find(|(known, _)| **known == wanted);
        let held = held.map_or(0, |(_, held)| usize::try_from(*held).unwrap_or(usize::MAX));
        if skip >= held {
            skip -= held;
            continue;
        }
        let room = count.saturating_sub(rows.len());
        if room == 0 {
            break;
        }
        let (index, inner, outer) = if wanted == Phase::Queued {
            (
                "job_queue",
                "priority DESC, place",
                "job.priority DESC, job.place",
            )
        } else {
            ("job_phase", "seq DESC", "job.seq DESC")
        };
        let sql = format!(
            "SELECT {COLUMNS} {FROM} WHERE job.seq IN
               (SELECT seq FROM job INDEXED BY {index} WHERE phase = '{}' ORDER BY {inner} LIMIT ?1 OFFSET ?2)
             ORDER BY {outer}",
            wanted.word()
        );
        rows.extend(select(conn, &sql, &[&signed(room), &signed(skip)])?);
        skip = 0;
    }
    Ok(rows)
}

fn filtered(conn: &Connection, window: &Window, order: JobOrder) -> rusqlite::Result<Page<JobRow>> {
    let pattern = like(&window.filter);
    let total = conn
        .prepare_cached(&format!("SELECT count(*) FROM job WHERE {MATCHES}"))?
        .query_row([&pattern], |row| row.get(0))
        .map(size)?;
    let top = window.top.min(total.saturating_sub(window.count));
    let by = match order {
        JobOrder::Phase => {
            "CASE job.phase WHEN 'running' THEN 0 WHEN 'done' THEN 9 WHEN 'cancelled' THEN 10
               WHEN 'failed' THEN 8 WHEN 'held' THEN 7 WHEN 'blocked' THEN 6 WHEN 'queued' THEN 5
               ELSE 1 END, job.seq DESC"
        }
        JobOrder::Newest => "job.seq DESC",
        JobOrder::Batch => "job.batch IS NULL, job.batch DESC, job.seq",
    };
    let sql = format!("SELECT {COLUMNS} {FROM} WHERE {MATCHES} ORDER BY {by} LIMIT ?2 OFFSET ?3");
    let rows = select(conn, &sql, &[&pattern, &signed(window.count), &signed(top)])?;
    Ok(Page { total, top, rows })
}

fn select(conn: &Connection, sql: &str, values: &[&dyn ToSql]) -> rusqlite::Result<Vec<JobRow>> {
    conn.prepare_cached(sql)?.query_map(values, row)?.collect()
}

/// Reads a row of [`COLUMNS`].
pub(super) fn row(row: &Row<'_>) -> rusqlite::Result<JobRow> {
    let progress = match row.get::<_, Option<f64>>("overall")? {
        None => None,
        Some(overall) => Some(Progress {
            node: maybe_line(row, "node")?,
            class: maybe_line(row, "class")?,
            value: row.get("value")?,
            max: row.get("max")?,
            overall,
            eta_s: row.get("eta_s")?,
        }),
    };
    Ok(JobRow {
        seq: row.get("seq")?,
        id: row.get("id")?,
        name: line(row, "name")?,
        phase: phase(&row.get::<_, String>("phase")?),
        since: row.get("since")?,
        why: maybe_line(row, "why")?,
        worker: maybe_line(row, "worker")?,
        workflow: line(row, "workflow")?,
        project: maybe_line(row, "project")?,
        shot: maybe_line(row, "shot")?,
        batch: maybe_line(row, "batch")?,
        priority: row.get("priority")?,
        created: row.get("created")?,
        started: row.get("started")?,
        ended: row.get("ended")?,
        progress,
    })
}

/// Reads one job by id.
pub(super) fn one(conn: &Connection, id: &str) -> rusqlite::Result<Option<JobRow>> {
    let sql = format!("SELECT {COLUMNS} {FROM} WHERE job.id = ?1");
    Ok(select(conn, &sql, &[&id])?.into_iter().next())
}

/// Reads where a few jobs stand.
pub(super) fn told(
    conn: &Connection,
    ids: &[String],
) -> rusqlite::Result<Vec<(String, String, Phase)>> {
    let mut told = Vec::new();
    for id in ids {
        if let Some(job) = one(conn, id)? {
            told.push((job.id, job.name, job.phase));
        }
    }
    Ok(told)
}
