//! The lease: exactly one engine acts, and a late one finds that out before it does harm.

use rusqlite::{Connection, OptionalExtension, params};
use rustix::process::{Pid, test_kill_process};

/// How long a lease lives without renewal, in milliseconds.
pub const LIFE_MS: i64 = 15_000;
/// How often it is renewed, in milliseconds.
pub const RENEW_MS: u64 = 5_000;

/// The lease row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Counts takeovers; writes of an older epoch are refused.
    pub epoch: i64,
    /// Id of the engine process that holds it.
    pub holder: String,
    /// Its process id.
    pub pid: i64,
    /// Its host name.
    pub host: String,
    /// Its version.
    pub version: String,
    /// When it took the lease.
    pub started: i64,
    /// Until when it holds; 0 once released.
    pub expires: i64,
    /// Whether it was asked to stop.
    pub stopping: bool,
}

impl Lease {
    /// Says whether the holder may still act.
    #[must_use]
    pub const fn is_live(&self, now: i64) -> bool {
        self.expires > now
    }
}

impl Lease {
    /// Says whether the holder is certainly gone: it ran on this host, and its process is no more.
    ///
    /// A killed process stays as a zombie until its parent asks after it, and in a container nobody may ever ask, so a
    /// zombie counts as gone.
    #[must_use]
    pub fn is_orphaned(&self, host: &str) -> bool {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        self.host == host
            && pid.is_some_and(|pid| {
                test_kill_process(pid) == Err(rustix::io::Errno::SRCH) || is_zombie(pid)
            })
    }
}

/// Names this host.
#[must_use]
pub fn host() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}

/// Reads the state of a process where the system tells it (Linux); the name before it may hold any character.
fn is_zombie(pid: Pid) -> bool {
    let stat =
        std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
    let state = stat
        .rsplit_once(')')
        .and_then(|(_, rest)| rest.trim_start().chars().next());
    matches!(state, Some('Z' | 'X'))
}

/// Who wants the lease.
#[derive(Debug, Clone)]
pub struct Claimant<'a> {
    /// Id of the engine process.
    pub holder: &'a str,
    /// Its process id.
    pub pid: i64,
    /// Its host name.
    pub host: &'a str,
    /// Its version.
    pub version: &'a str,
}

/// Reads the lease row.
///
/// # Errors
/// Whatever SQLite says.
pub fn read(db: &Connection) -> rusqlite::Result<Option<Lease>> {
    db.prepare_cached("SELECT epoch, holder, pid, host, version, started, expires, stopping FROM lease WHERE one = 1")?
        .query_row([], |row| {
            Ok(Lease {
                epoch: row.get(0)?,
                holder: row.get(1)?,
                pid: row.get(2)?,
                host: row.get(3)?,
                version: row.get(4)?,
                started: row.get(5)?,
                expires: row.get(6)?,
                stopping: row.get(7)?,
            })
        })
        .optional()
}

/// Takes the lease if it is free, returning the new epoch; otherwise returns who holds it.
///
/// `is_dead` says whether a holder on this host is certainly gone, so that a killed engine is replaced at once.
/// Call inside an immediate transaction.
///
/// # Errors
/// Whatever SQLite says.
pub fn take(
    db: &Connection,
    now: i64,
    claimant: &Claimant<'_>,
    is_dead: impl FnOnce(&Lease) -> bool,
) -> rusqlite::Result<Result<i64, Lease>> {
    let held = read(db)?;
    let epoch = held.as_ref().map_or(0, |lease| lease.epoch) + 1;
    if let Some(lease) = held.filter(|lease| lease.is_live(now))
        && !is_dead(&lease)
    {
        return Ok(Err(lease));
    }
    db.execute(
        "INSERT OR REPLACE INTO lease (one, epoch, holder, pid, host, version, started, expires, stopping)
         VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, 0)",
        params![epoch, claimant.holder, claimant.pid, claimant.host, claimant.version, now, now + LIFE_MS],
    )?;
    Ok(Ok(epoch))
}

/// Renews the lease; `false` means it belongs to someone else now.
///
/// # Errors
/// Whatever SQLite says.
pub fn renew(db: &Connection, now: i64, epoch: i64, holder: &str) -> rusqlite::Result<bool> {
    let rows = db
        .prepare_cached("UPDATE lease SET expires = ?1 WHERE one = 1 AND epoch = ?2 AND holder = ?3 AND expires > 0")?
        .execute(params![now + LIFE_MS, epoch, holder])?;
    Ok(rows == 1)
}

/// Gives the lease back.
///
/// # Errors
/// Whatever SQLite says.
pub fn release(db: &Connection, epoch: i64, holder: &str) -> rusqlite::Result<()> {
    db.execute(
        "UPDATE lease SET expires = 0 WHERE one = 1 AND epoch = ?1 AND holder = ?2",
        params![epoch, holder],
    )?;
    Ok(())
}

/// Says whether this epoch still holds, whatever the clock says: the fence before each batch of writes.
///
/// # Errors
/// Whatever SQLite says.
pub fn is_mine(db: &Connection, epoch: i64, holder: &str) -> rusqlite::Result<bool> {
    db.prepare_cached(
        "SELECT 1 FROM lease WHERE one = 1 AND epoch = ?1 AND holder = ?2 AND expires > 0",
    )?
    .exists(params![epoch, holder])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn db() -> Connection {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(include_str!("migrations/0001-first.sql"))
            .unwrap();
        db
    }

    const fn claimant(holder: &str) -> Claimant<'_> {
        Claimant {
            holder,
            pid: 7,
            host: "gpu1",
            version: "0",
        }
    }

    #[test]
    fn a_second_engine_waits_its_turn() {
        let db = db();
        assert_eq!(take(&db, 1_000, &claimant("a"), |_| false).unwrap(), Ok(1));
        let held = take(&db, 2_000, &claimant("b"), |_| false)
            .unwrap()
            .unwrap_err();
        assert_eq!(held.holder, "a");
        assert_eq!(
            take(&db, 1_000 + LIFE_MS + 1, &claimant("b"), |_| false).unwrap(),
            Ok(2)
        );
    }

    #[test]
    fn a_late_engine_is_fenced() {
        let db = db();
        assert_eq!(take(&db, 0, &claimant("a"), |_| false).unwrap(), Ok(1));
        assert_eq!(take(&db, 20_000, &claimant("b"), |_| false).unwrap(), Ok(2));
        assert!(!renew(&db, 20_001, 1, "a").unwrap());
        assert!(!is_mine(&db, 1, "a").unwrap());
        assert!(is_mine(&db, 2, "b").unwrap());
    }

    #[test]
    fn a_killed_engine_is_replaced_at_once() {
        let db = db();
        assert_eq!(take(&db, 0, &claimant("a"), |_| false).unwrap(), Ok(1));
        assert_eq!(
            take(&db, 1, &claimant("b"), |lease| lease.pid == 7).unwrap(),
            Ok(2)
        );
    }

    #[test]
    fn a_killed_engine_that_nobody_buried_is_gone() {
        use rustix::process::{WaitId, WaitIdOptions, waitid};
        let mut child = std::process::Command::new("sleep")
            .arg("600")
            .spawn()
            .unwrap();
        let lease = Lease {
            epoch: 1,
            holder: "a".into(),
            pid: i64::from(child.id()),
            host: host(),
            version: "0".into(),
            started: 0,
            expires: i64::MAX,
            stopping: false,
        };
        assert!(!lease.is_orphaned(&host()));
        child.kill().unwrap();
        let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        waitid(
            WaitId::Pid(pid),
            WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
        )
        .unwrap();
        assert!(lease.is_orphaned(&host()), "a zombie");
        assert!(!lease.is_orphaned("another host"));
        child.wait().unwrap();
        assert!(lease.is_orphaned(&host()), "no process at all");
    }
}
