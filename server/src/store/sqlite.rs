//! SQLite: one file, one writer, many readers.

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    time::Duration,
};

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement,
    sqlx::{
        self, Connection, SqliteConnection,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
    },
};

use tokio_util::sync::CancellationToken;

use super::{Inner, Location, Result, RowSecurity, StoreError};

/// Older libraries could corrupt the file when the write-ahead log was reset.
const OLDEST_SOUND: [u32; 3] = [3, 51, 3];

const READERS: u32 = 4;

/// Of a new file. Profiles have a hundred thousand bytes or so: in the usual pages of 4 KiB each would be written and
/// checked in thirty parts. A file that is there keeps the size it has.
const PAGE_BYTES: u32 = 16 << 10;

/// Of the one connection that writes: negative, so KiB.
const WRITER_CACHE: &str = "-16384";

/// What SQLite does before it calls a commit done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Waits for the disk: an acknowledged batch outlives a power cut.
    Full,
    /// Outlives the end of the process, not that of the machine. For benchmarks.
    Normal,
}

impl Durability {
    fn pragma(self) -> SqliteSynchronous {
        match self {
            Self::Full => SqliteSynchronous::Full,
            Self::Normal => SqliteSynchronous::Normal,
        }
    }

    /// What `pragma synchronous` answers.
    fn level(self) -> i32 {
        match self {
            Self::Full => 2,
            Self::Normal => 1,
        }
    }
}

pub(super) async fn open(path: &str, location: &Location) -> Result<Inner> {
    let path = Path::new(path.strip_prefix("//").unwrap_or(path));
    if is_in_memory(path) {
        return Err(StoreError::Unsuitable(format!(
            "the database `sqlite:{}` is in memory, and would be gone when the server ends; name a file, such as \
             `sqlite:data/driftsiren.db`",
            path.display()
        )));
    }
    let locks = lock(path)?;
    let writer = connect(path, location.durability, 1, false).await?;
    check(&writer, location.durability).await?;
    let reader = connect(path, location.durability, READERS, true).await?;
    check_reader(&reader).await?;
    Ok(Inner {
        writer,
        reader,
        _locks: locks,
        row_security: RowSecurity::Absent,
        lost: CancellationToken::new(),
        folder: Some(folder_of(path)),
    })
}

fn folder_of(path: &Path) -> PathBuf {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

/// Whether SQLite would take the path for no file at all.
fn is_in_memory(path: &Path) -> bool {
    let text = path.to_string_lossy();
    text.is_empty() || text.starts_with(":memory:") || text.contains("mode=memory")
}

/// Makes folder and file, for their owner alone, and keeps other servers away from them.
///
/// The file beside the database is locked first. Where SQLite's own locks are of another kind (everywhere but on Windows)
/// the database itself is locked as well: it may have a second name.
fn lock(path: &Path) -> Result<Vec<File>> {
    let unsuitable = |what: &str, error: &dyn std::fmt::Display| {
        StoreError::Unsuitable(format!("cannot {what} for the database {}: {error}", path.display()))
    };
    let taken = |lock: File| match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(StoreError::Unsuitable(format!(
            "another server has the database {} open; stop it, or use PostgreSQL for several servers",
            path.display()
        ))),
        Err(TryLockError::Error(error)) => Err(unsuitable("take the lock file", &error)),
    };
    let folder = folder_of(path);
    private::make_folder(&folder).map_err(|error| unsuitable("make the folder", &error))?;
    let beside = |end: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    let lock = private::open(&beside(".lock")).map_err(|error| unsuitable("make the lock file", &error))?;
    let mut locks = vec![taken(lock)?];
    // SQLite gives the files beside it the rights that this one has.
    let file = private::open(path).map_err(|error| unsuitable("make the file", &error))?;
    if cfg!(not(windows)) {
        locks.push(taken(file)?);
    }
    for end in ["-wal", "-shm"] {
        private::restrict(&beside(end)).map_err(|error| unsuitable("restrict the files", &error))?;
    }
    Ok(locks)
}

/// Files that only the account of the server may read: they hold hashes of passwords.
mod private {
    use std::{
        fs::{self, File},
        io,
        path::Path,
    };

    /// Makes a folder, unless it is there: one that is there keeps the rights it has.
    pub fn make_folder(folder: &Path) -> io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)
    }

    /// Opens a file, made if it is not there.
    pub fn open(path: &Path) -> io::Result<File> {
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        restrict(path)?;
        Ok(file)
    }

    /// Takes a file's rights away from everybody but its owner.
    pub fn restrict(path: &Path) -> io::Result<()> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let metadata = match fs::metadata(path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                other => other?,
            };
            let mode = metadata.permissions().mode() & 0o7777;
            if mode & 0o077 != 0 {
                fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o700))?;
            }
        }
        #[cfg(not(unix))]
        let _ = path;
        Ok(())
    }
}

async fn connect(path: &Path, durability: Durability, n: u32, is_reader: bool) -> Result<DatabaseConnection> {
    let path = path.to_owned();
    let mut options = ConnectOptions::new("sqlite::memory:");
    options
        .max_connections(n)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(10))
        .idle_timeout(None::<Duration>)
        .max_lifetime(None::<Duration>)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_pool_opts(|options| options.after_release(|connection, _| Box::pin(is_clean(connection))))
        .map_sqlx_sqlite_opts(move |_| {
            let options = SqliteConnectOptions::new()
                .filename(&path)
                .page_size(PAGE_BYTES)
                .create_if_missing(!is_reader)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(durability.pragma())
                .busy_timeout(Duration::from_secs(5))
                .foreign_keys(true);
            if is_reader {
                options.pragma("query_only", "on")
            } else {
                // What a statement could have to take back is a few pages: no file is made for it each time.
                options.pragma("temp_store", "memory").pragma("cache_size", WRITER_CACHE)
            }
        });
    Ok(Database::connect(options).await?)
}

/// Whether a connection may be used again.
///
/// SQLite ends a transaction by itself when the disk is full. The driver's own rollback then fails, and it goes on
/// counting a transaction that is none: the next one would become a savepoint, and its commit would keep nothing.
async fn is_clean(connection: &mut SqliteConnection) -> sqlx::Result<bool> {
    // A beginning that nobody waited for is taken back by the driver itself.
    if !connection.is_in_transaction() {
        return Ok(true);
    }
    // Behind this answer lies the rollback that was asked for before.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

/// Asks the database itself what holds, because a setting that was not taken is silent.
async fn check(writer: &DatabaseConnection, durability: Durability) -> Result<()> {
    let version: String = value(writer, "select sqlite_version()").await?;
    if !is_sound(&version) {
        return Err(StoreError::Unsuitable(format!(
            "SQLite is {version}, need 3.51.3 or later: older ones can corrupt the file"
        )));
    }
    let mode: String = value(writer, "pragma journal_mode").await?;
    let synchronous: i32 = value(writer, "pragma synchronous").await?;
    let foreign_keys: i32 = value(writer, "pragma foreign_keys").await?;
    let busy_timeout: i32 = value(writer, "pragma busy_timeout").await?;
    let wanted = [
        ("journal_mode", mode, "wal".to_owned()),
        ("synchronous", synchronous.to_string(), durability.level().to_string()),
        ("foreign_keys", foreign_keys.to_string(), "1".to_owned()),
        ("busy_timeout", busy_timeout.to_string(), "5000".to_owned()),
    ];
    match wanted.iter().find(|(_, is, must)| is != must) {
        None => Ok(()),
        Some((name, is, must)) => Err(StoreError::Unsuitable(format!(
            "SQLite has `{name}` at {is} and would not change it to {must}; is the file on a network disk?"
        ))),
    }
}

/// A reader that could write would do so beside the one writer.
async fn check_reader(reader: &DatabaseConnection) -> Result<()> {
    let query_only: i32 = value(reader, "pragma query_only").await?;
    if query_only == 1 {
        return Ok(());
    }
    Err(StoreError::Unsuitable(format!("SQLite has `query_only` at {query_only} and would not change it to 1")))
}

async fn value<T: sea_orm::TryGetable>(connection: &DatabaseConnection, sql: &str) -> Result<T> {
    let row = connection.query_one_raw(Statement::from_string(DbBackend::Sqlite, sql)).await?;
    Ok(row.ok_or(StoreError::NotFound)?.try_get_by_index(0)?)
}

fn is_sound(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    let version = [(); 3].map(|()| parts.next().unwrap_or(0));
    version >= OLDEST_SOUND
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::is_sound;

    #[rstest]
    #[case("3.51.3", true)]
    #[case("3.52.0", true)]
    #[case("3.51.2", false)]
    #[case("3.46.0", false)]
    #[case("nonsense", false)]
    fn libraries_that_corrupt_are_refused(#[case] version: &str, #[case] expected: bool) {
        assert_eq!(is_sound(version), expected);
    }
}
