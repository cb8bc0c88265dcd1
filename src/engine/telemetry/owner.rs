//! Which worker a process is: the one whose port it listens on.
//!
//! A worker on this machine is a process with a listening socket. `/proc/net/tcp` names the socket's inode, and
//! `/proc/PID/fd` of that process, or of the one that started it, links to it. Best effort: other users' descriptors
//! cannot be read, a worker in a container listens elsewhere, and systems without `/proc` tell nothing.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long an answer is believed while the processes and the workers stay the same.
const BELIEVED: Duration = Duration::from_secs(30);
/// Bytes read of one file below `/proc`.
const MOST_BYTES: u64 = 8 << 20;
/// Open files of one process that are looked at.
const MOST_FILES: usize = 65_536;
/// How many parents of a process may be the one that listens.
const GENERATIONS: usize = 4;

/// A worker that is reached on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Local {
    /// Its name.
    pub(super) worker: String,
    /// The port it listens on.
    pub(super) port: u16,
}

/// Finds workers by process, and remembers.
#[derive(Debug)]
pub(super) struct Owners {
    proc: PathBuf,
    known: Option<Known>,
}

#[derive(Debug)]
struct Known {
    at: Instant,
    pids: Vec<u32>,
    locals: Vec<Local>,
    workers: HashMap<u32, String>,
}

impl Owners {
    /// Looks below a folder that is, or is made like, `/proc`.
    pub(super) fn new(proc: impl Into<PathBuf>) -> Self {
        Self {
            proc: proc.into(),
            known: None,
        }
    }

    /// Says which of these processes are workers.
    pub(super) fn of(&mut self, mut pids: Vec<u32>, locals: &[Local]) -> HashMap<u32, String> {
        if pids.is_empty() || locals.is_empty() {
            return HashMap::new();
        }
        pids.sort_unstable();
        pids.dedup();
        if let Some(known) = &self.known
            && known.pids == pids
            && known.locals == locals
            && known.at.elapsed() < BELIEVED
        {
            return known.workers.clone();
        }
        let workers = self.find(&pids, locals);
        self.known = Some(Known {
            at: Instant::now(),
            pids,
            locals: locals.to_vec(),
            workers: workers.clone(),
        });
        workers
    }

    /// Reads the name of a process as the kernel keeps it: at most 15 bytes.
    pub(super) fn name(&self, pid: u32) -> Option<String> {
        text(&self.proc.join(pid.to_string()).join("comm"))
    }

    fn find(&self, pids: &[u32], locals: &[Local]) -> HashMap<u32, String> {
        let sockets: HashMap<u64, &str> = ["net/tcp", "net/tcp6"]
            .iter()
            .filter_map(|table| text(&self.proc.join(table)))
            .flat_map(|table| listening(&table))
            .filter_map(|(port, inode)| {
                let local = locals.iter().find(|local| local.port == port)?;
                Some((inode, local.worker.as_str()))
            })
            .collect();
        if sockets.is_empty() {
            return HashMap::new();
        }
        pids.iter()
            .filter_map(|pid| Some((*pid, self.worker(*pid, &sockets)?)))
            .collect()
    }

    /// Looks for a worker's socket among the files of a process and of those that started it.
    fn worker(&self, pid: u32, sockets: &HashMap<u64, &str>) -> Option<String> {
        let ancestry = std::iter::successors(Some(pid), |pid| self.parent(*pid));
        ancestry
            .take(1 + GENERATIONS)
            .find_map(|pid| self.listener(pid, sockets))
    }

    fn listener(&self, pid: u32, sockets: &HashMap<u64, &str>) -> Option<String> {
        let files = fs::read_dir(self.proc.join(pid.to_string()).join("fd")).ok()?;
        files.take(MOST_FILES).flatten().find_map(|file| {
            let target = fs::read_link(file.path()).ok()?;
            let inode = socket(target.to_str()?)?;
            sockets.get(&inode).map(|worker| (*worker).to_owned())
        })
    }

    fn parent(&self, pid: u32) -> Option<u32> {
        parent(&text(&self.proc.join(pid.to_string()).join("stat"))?).filter(|pid| *pid > 1)
    }
}

fn text(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    File::open(path)
        .ok()?
        .take(MOST_BYTES)
        .read_to_end(&mut bytes)
        .ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Reads the listening sockets of `/proc/net/tcp`: port and inode.
fn listening(table: &str) -> Vec<(u16, u64)> {
    const LISTEN: &str = "0A";
    table
        .lines()
        .filter_map(|line| {
            let mut fields = line.split_ascii_whitespace();
            let (_, port) = fields.nth(1)?.rsplit_once(':')?;
            let port = u16::from_str_radix(port, 16).ok()?;
            let is_listening = fields.nth(1)? == LISTEN;
            let inode = fields.nth(5)?.parse().ok()?;
            is_listening.then_some((port, inode))
        })
        .collect()
}

/// Reads the inode of a link such as `socket:[4711]`.
fn socket(target: &str) -> Option<u64> {
    target
        .strip_prefix("socket:[")?
        .strip_suffix(']')?
        .parse()
        .ok()
}

/// Reads the parent from `/proc/PID/stat`; the name before it stands in parentheses and may hold some itself.
fn parent(stat: &str) -> Option<u32> {
    let (_, after) = stat.rsplit_once(')')?;
    after.split_ascii_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    const TCP: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1FFC 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0000000000000000 100 0 0 10 0
   1: 0100007F:1FFC 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 4712 1 0000000000000000 20 4 30 10 -1
   2: garbage
   3: 00000000000000000000000000000000:1FFD 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 5000 1 0 100 0 0 10 0
";

    /// A `/proc` with these processes: id, parent, sockets.
    fn proc(processes: &[(u32, u32, &[u64])]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("net")).unwrap();
        fs::write(root.path().join("net/tcp"), TCP).unwrap();
        for (pid, parent, sockets) in processes {
            let folder = root.path().join(pid.to_string());
            fs::create_dir_all(folder.join("fd")).unwrap();
            fs::write(folder.join("stat"), format!("{pid} (a) b)) S {parent} 1 1")).unwrap();
            symlink("/dev/null", folder.join("fd/0")).unwrap();
            for (n, inode) in sockets.iter().enumerate() {
                symlink(
                    format!("socket:[{inode}]"),
                    folder.join(format!("fd/{}", n + 3)),
                )
                .unwrap();
            }
        }
        root
    }

    fn locals() -> [Local; 2] {
        [("gpu0", 8188), ("gpu1", 8189)].map(|(worker, port)| Local {
            worker: worker.into(),
            port,
        })
    }

    #[test]
    fn only_listening_sockets_count_and_odd_lines_are_passed_over() {
        assert_eq!(listening(TCP), [(8188, 4711), (8189, 5000)]);
    }

    #[test]
    fn a_process_is_the_worker_whose_port_it_or_its_parent_listens_on() {
        let root = proc(&[
            (10, 1, &[4711]),
            (11, 10, &[]),
            (20, 1, &[4712, 5000]),
            (30, 1, &[4712]),
        ]);
        let mut owners = Owners::new(root.path());
        let workers = owners.of(vec![30, 20, 11, 10, 99, 10], &locals());
        let found = |pid| workers.get(&pid).map(String::as_str);
        assert_eq!(
            [10, 11, 20, 30, 99].map(found),
            [Some("gpu0"), Some("gpu0"), Some("gpu1"), None, None]
        );
    }

    #[test]
    fn a_ring_of_parents_ends() {
        let root = proc(&[(10, 11, &[]), (11, 10, &[])]);
        assert!(Owners::new(root.path()).of(vec![10], &locals()).is_empty());
    }

    #[test]
    fn another_process_is_looked_for_at_once() {
        let root = proc(&[(10, 1, &[4711]), (20, 1, &[5000])]);
        let mut owners = Owners::new(root.path());
        assert_eq!(owners.of(vec![10], &locals()).len(), 1);
        assert_eq!(owners.of(vec![10, 20], &locals()).len(), 2);
    }

    #[test]
    fn a_system_without_proc_tells_nothing() {
        let mut owners = Owners::new("/nonexistent");
        assert!(owners.of(vec![1, 2], &locals()).is_empty());
        assert_eq!(owners.name(1), None);
    }
}
