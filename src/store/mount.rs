//! What kind of filesystem a folder is on.
//!
//! SQLite's write-ahead log needs memory shared between programs and locks that hold; no network filesystem
//! promises either (<https://www.sqlite.org/wal.html>, "all processes must be on the same host computer").

use std::path::{Path, PathBuf};

/// A filesystem, as far as the store cares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A disk of this machine, by name where it is known, such as `ext4`.
    Local(String),
    /// Shared between machines, by name, such as `NFS`.
    Network(String),
    /// The system did not say.
    Unknown,
}

impl Kind {
    /// Names it for a person.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Local(name) | Self::Network(name) => name,
            Self::Unknown => "an unknown filesystem",
        }
    }

    /// Says whether a store may live there.
    #[must_use]
    pub const fn holds_a_store(&self) -> bool {
        match self {
            Self::Local(_) | Self::Unknown => true,
            Self::Network(_) => false,
        }
    }
}

/// Filesystems shared between machines, by the magic number `statfs` gives (`linux/magic.h` and the projects' own).
const NETWORK: &[(u32, &str)] = &[
    (0x6969, "NFS"),
    (0x517b, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB"),
    (0x0bd0_0bd0, "Lustre"),
    (0x4750_4653, "GPFS"),
    (0x0102_1997, "9p"),
    (0x00c3_6400, "Ceph"),
    (0x1983_0326, "BeeGFS"),
    (0x5346_414f, "AFS"),
    (0x7375_7245, "Coda"),
    (0x7461_636f, "OCFS2"),
    (0x0116_1970, "GFS2"),
    (0x2003_0528, "OrangeFS"),
    (0x786f_4256, "a VirtualBox shared folder"),
    (0xbacb_acbc, "a VMware shared folder"),
];

/// Filesystems of one machine, for the report of `doctor`.
const LOCAL: &[(u32, &str)] = &[
    (0xef53, "ext4"),
    (0x5846_5342, "xfs"),
    (0x9123_683e, "btrfs"),
    (0x2fc1_2fc1, "zfs"),
    (0x0102_1994, "tmpfs"),
    (0x794c_7630, "overlayfs"),
    (0xf2f5_2010, "f2fs"),
    (0xca45_1a4e, "bcachefs"),
    (0x5346_544e, "ntfs"),
    (0x4d44, "vfat"),
];

/// The magic number of every FUSE filesystem; the mount table tells which one it is.
const FUSE: u32 = 0x6573_5546;

/// FUSE filesystems that are a network underneath.
const FUSE_NETWORK: &[&str] = &[
    "sshfs",
    "glusterfs",
    "s3fs",
    "rclone",
    "ceph",
    "ceph-fuse",
    "juicefs",
    "gcsfuse",
    "goofys",
    "davfs",
    "davfs2",
    "curlftpfs",
    "smbnetfs",
    "moosefs",
    "mfs",
    "lizardfs",
    "seaweedfs",
    "weed",
    "grpcfuse",
    "osxfs",
    "gvfsd-fuse",
    "beegfs",
    "dfs",
    "alluxio",
];

/// Says what the folder is on; of one that is not there yet, its nearest parent.
#[must_use]
pub fn kind(path: &Path) -> Kind {
    let Some(there) = path.ancestors().find(|part| part.exists()) else {
        return Kind::Unknown;
    };
    read(there)
}

/// Offers a folder for a store on a disk of this machine; `None` where none was found.
///
/// The folder is named after the user and not made.
#[must_use]
pub fn offer() -> Option<PathBuf> {
    let name = format!("rushes-{}", rustix::process::getuid().as_raw());
    ["/scratch", "/local", "/var/tmp"]
        .into_iter()
        .map(Path::new)
        .find(|folder| {
            let writable = rustix::fs::access(*folder, rustix::fs::Access::WRITE_OK).is_ok();
            writable && matches!(kind(folder), Kind::Local(_))
        })
        .map(|folder| folder.join(name))
}

#[cfg(target_os = "linux")]
fn read(path: &Path) -> Kind {
    let Ok(stat) = rustix::fs::statfs(path) else {
        return Kind::Unknown;
    };
    let Ok(magic) = u32::try_from(stat.f_type & 0xffff_ffff) else {
        return Kind::Unknown;
    };
    if magic == FUSE {
        let table = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        let real = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        return fuse(&table, &real);
    }
    by_magic(magic)
}

#[cfg(not(target_os = "linux"))]
fn read(_path: &Path) -> Kind {
    Kind::Unknown
}

fn by_magic(magic: u32) -> Kind {
    let named = |list: &[(u32, &str)]| {
        list.iter()
            .find(|(number, _)| *number == magic)
            .map(|(_, name)| (*name).to_owned())
    };
    named(NETWORK).map_or_else(
        || Kind::Local(named(LOCAL).unwrap_or_else(|| format!("filesystem {magic:#x}"))),
        Kind::Network,
    )
}

/// Reads from the mount table (`proc_pid_mountinfo(5)`) which FUSE filesystem holds `path`.
fn fuse(table: &str, path: &Path) -> Kind {
    let holder = table
        .lines()
        .filter_map(|line| {
            let (front, back) = line.split_once(" - ")?;
            let point = front.split(' ').nth(4)?.replace("\\040", " ");
            let kind = back.split(' ').next()?;
            path.starts_with(&point).then_some((point.len(), kind))
        })
        .max_by_key(|(length, _)| *length)
        .map(|(_, kind)| kind);
    let Some(kind) = holder else {
        return Kind::Unknown;
    };
    let name = kind.strip_prefix("fuse.").unwrap_or(kind);
    if FUSE_NETWORK.contains(&name) {
        Kind::Network(name.to_owned())
    } else {
        Kind::Local(kind.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn network_filesystems_are_known_by_their_number() {
        for (magic, name) in [
            (0x6969, "NFS"),
            (0xff53_4d42, "CIFS"),
            (0x0bd0_0bd0, "Lustre"),
            (0x4750_4653, "GPFS"),
        ] {
            let kind = by_magic(magic);
            assert_eq!(kind, Kind::Network(name.to_owned()));
            assert!(!kind.holds_a_store());
        }
        assert_eq!(by_magic(0xef53), Kind::Local("ext4".to_owned()));
        assert!(by_magic(0x1234_5678).holds_a_store());
    }

    #[test]
    fn a_fuse_mount_is_judged_by_what_is_behind_it() {
        let table = "22 1 254:0 / / rw - ext4 /dev/vda rw\n\
                     40 22 0:50 / /mnt/far rw,nosuid - fuse.sshfs host: rw\n\
                     41 22 0:51 / /mnt/near\\040disk rw shared:7 - fuse.ntfs-3g /dev/sdb rw\n";
        let far = fuse(table, Path::new("/mnt/far/rushes"));
        assert_eq!(far, Kind::Network("sshfs".to_owned()));
        let near = fuse(table, Path::new("/mnt/near disk/rushes"));
        assert_eq!(near, Kind::Local("fuse.ntfs-3g".to_owned()));
        assert_eq!(fuse("", Path::new("/x")), Kind::Unknown);
    }

    #[test]
    fn a_folder_that_is_not_there_yet_is_judged_by_its_parent() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("a/b/c");
        assert_eq!(kind(&deep), kind(folder.path()));
    }
}
