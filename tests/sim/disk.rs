//! The disk under `SQLite`: a VFS around the system's own that fills up, refuses to synchronise,
//! stays locked by somebody else, or dies with its process in the middle of a write.
//!
//! It becomes the default of this process. A folder that was [`mount`]ed is under control; files
//! elsewhere pass through. Synchronising costs nothing here: only processes die, never the machine.
#![allow(unsafe_code, reason = "a VFS of SQLite is a table of C functions")]

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, Once, OnceLock};

use libsqlite3_sys as ffi;

/// Where the system's own file begins behind ours, in bytes.
const REAL_OFFSET: usize = 64;
/// A page's worth of a write, in bytes: frames of the log are counted by it.
const PAGE_BYTES: c_int = 4096;
/// The name of the VFS.
const NAME: &CStr = c"interdict-sim";
/// The lock that a writer of a write-ahead log takes.
const WRITE_LOCK: c_int = 0;

/// What is to go wrong, and what has.
#[derive(Debug, Default)]
struct State {
    dead: bool,
    kill_in: Option<u32>,
    full_in: Option<u32>,
    sync_in: Option<u32>,
    locked: bool,
    happened: Happened,
}

/// What has gone wrong since the last look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Happened {
    /// The process died in a write.
    pub(crate) killed: u64,
    /// A write found no room.
    pub(crate) full: u64,
    /// The disk did not synchronise.
    pub(crate) unsynced: u64,
    /// Another held the lock for longer than one waits.
    pub(crate) locked: u64,
}

/// One folder of files.
#[derive(Debug, Default)]
pub(crate) struct Disk(Mutex<State>);

impl Disk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// From now on nothing reaches the files any more.
    pub(crate) fn die(&self) {
        self.state().dead = true;
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.state().dead
    }

    /// The process dies in the n-th page written to the log, which is written by half.
    pub(crate) fn kill_in(&self, pages: u32) {
        self.state().kill_in = Some(pages);
    }

    /// The n-th page written to the log finds no room.
    pub(crate) fn full_in(&self, pages: u32) {
        self.state().full_in = Some(pages);
    }

    /// The n-th synchronisation fails.
    pub(crate) fn unsynced_in(&self, times: u32) {
        self.state().sync_in = Some(times);
    }

    /// Another process holds the writer's lock, or lets it go.
    pub(crate) fn hold_lock(&self, held: Held) {
        self.state().locked = held == Held::ByAnother;
    }

    /// Nothing is to go wrong any more.
    pub(crate) fn heal(&self) {
        let mut state = self.state();
        *state = State { dead: state.dead, happened: state.happened, ..State::default() };
    }

    /// What has gone wrong since the last look.
    pub(crate) fn happened(&self) -> Happened {
        std::mem::take(&mut self.state().happened)
    }
}

/// Who has the writer's lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// Another process.
    ByAnother,
    /// Nobody.
    ByNobody,
}

static MOUNTED: Mutex<BTreeMap<PathBuf, Arc<Disk>>> = Mutex::new(BTreeMap::new());

thread_local! {
    /// This thread waits for a lock that is only said to be held: it need not really wait.
    static WAITS_IN_VAIN: Cell<bool> = const { Cell::new(false) };
}

/// Puts a folder under control.
pub(crate) fn mount(folder: &Path) -> Arc<Disk> {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(install);
    let disk = Arc::new(Disk::default());
    MOUNTED.lock().unwrap().insert(folder.to_owned(), Arc::clone(&disk));
    disk
}

/// Lets go of a folder; files that are still open stay under control.
pub(crate) fn unmount(folder: &Path) {
    MOUNTED.lock().unwrap().remove(folder);
}

fn disk_of(name: *const c_char) -> Option<Arc<Disk>> {
    if name.is_null() {
        return None;
    }
    // SAFETY: SQLite passes a string that ends with zero.
    let name = unsafe { CStr::from_ptr(name) };
    let folder = Path::new(name.to_str().ok()?).parent()?;
    MOUNTED.lock().unwrap().get(folder).cloned()
}

#[repr(C)]
struct File {
    base: ffi::sqlite3_file,
    /// Of [`Arc::into_raw`]; null outside mounted folders.
    disk: *const Disk,
    is_log: bool,
}

const _: () = assert!(size_of::<File>() <= REAL_OFFSET);

type AnyFile = *mut ffi::sqlite3_file;
type AnyVfs = *mut ffi::sqlite3_vfs;

/// The system's own file, and its functions.
unsafe fn real(file: AnyFile) -> (AnyFile, &'static ffi::sqlite3_io_methods) {
    // SAFETY: `open` asked SQLite for this much room, and the file behind ours is open.
    unsafe {
        let real: AnyFile = file.cast::<u8>().add(REAL_OFFSET).cast();
        (real, &*(*real).pMethods)
    }
}

/// Our part of a file.
unsafe fn ours(file: AnyFile) -> (Option<&'static Disk>, bool) {
    // SAFETY: `open` wrote it, and the disk lives until `close`.
    unsafe {
        let file = file.cast::<File>();
        ((*file).disk.as_ref(), (*file).is_log)
    }
}

fn real_vfs() -> AnyVfs {
    struct Real(AnyVfs);
    // SAFETY: a VFS is registered once and stays; its functions may be called from any thread.
    unsafe impl Send for Real {}
    // SAFETY: as above.
    unsafe impl Sync for Real {}
    static REAL: OnceLock<Real> = OnceLock::new();
    // SAFETY: asks for the system's own VFS by name.
    REAL.get_or_init(|| Real(unsafe { ffi::sqlite3_vfs_find(c"unix".as_ptr()) })).0
}

fn install() {
    // SAFETY: SQLite copies nothing: the structure is leaked and so lives as long as the process.
    unsafe {
        ffi::sqlite3_initialize();
        let real = real_vfs();
        let mut vfs = std::ptr::read(real);
        vfs.zName = NAME.as_ptr();
        vfs.szOsFile += c_int::try_from(REAL_OFFSET).unwrap();
        vfs.pNext = std::ptr::null_mut();
        vfs.xOpen = Some(open);
        vfs.xDelete = Some(delete);
        vfs.xSleep = Some(sleep);
        let vfs = Box::leak(Box::new(vfs));
        assert_eq!(ffi::sqlite3_vfs_register(vfs, 1), ffi::SQLITE_OK, "a VFS can be added");
    }
}

unsafe extern "C" fn open(
    _: AnyVfs,
    name: *const c_char,
    file: AnyFile,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    let disk = disk_of(name);
    // SAFETY: SQLite gives `szOsFile` bytes, which `install` made large enough for both.
    unsafe {
        (*file).pMethods = std::ptr::null();
        if disk.as_ref().is_some_and(|disk| disk.is_dead()) {
            return ffi::SQLITE_CANTOPEN;
        }
        let real: AnyFile = file.cast::<u8>().add(REAL_OFFSET).cast();
        let vfs = real_vfs();
        let opened = (*vfs).xOpen.unwrap()(vfs, name, real, flags, out);
        if opened == ffi::SQLITE_OK {
            let is_log = flags & ffi::SQLITE_OPEN_WAL != 0;
            let disk = disk.map_or(std::ptr::null(), Arc::into_raw);
            let base = ffi::sqlite3_file { pMethods: &raw const METHODS };
            file.cast::<File>().write(File { base, disk, is_log });
        }
        opened
    }
}

unsafe extern "C" fn delete(_: AnyVfs, name: *const c_char, sync: c_int) -> c_int {
    if disk_of(name).is_some_and(|disk| disk.is_dead()) {
        return ffi::SQLITE_IOERR_DELETE;
    }
    let vfs = real_vfs();
    // SAFETY: passed on as it came.
    unsafe { (*vfs).xDelete.unwrap()(vfs, name, sync) }
}

unsafe extern "C" fn sleep(_: AnyVfs, microseconds: c_int) -> c_int {
    if WAITS_IN_VAIN.get() {
        return microseconds;
    }
    let vfs = real_vfs();
    // SAFETY: passed on as it came.
    unsafe { (*vfs).xSleep.unwrap()(vfs, microseconds) }
}

unsafe extern "C" fn close(file: AnyFile) -> c_int {
    // SAFETY: the file is open, and SQLite closes it once.
    unsafe {
        let (real, methods) = real(file);
        let closed = methods.xClose.unwrap()(real);
        let disk = (*file.cast::<File>()).disk;
        if !disk.is_null() {
            drop(Arc::from_raw(disk));
        }
        (*file).pMethods = std::ptr::null();
        closed
    }
}

unsafe extern "C" fn read(file: AnyFile, to: *mut c_void, bytes: c_int, at: i64) -> c_int {
    // SAFETY: passed on as it came.
    unsafe {
        if ours(file).0.is_some_and(Disk::is_dead) {
            return ffi::SQLITE_IOERR_READ;
        }
        let (real, methods) = real(file);
        methods.xRead.unwrap()(real, to, bytes, at)
    }
}

/// Whether a countdown has come to its end.
fn is_due(countdown: &mut Option<u32>) -> bool {
    let due = *countdown == Some(0);
    *countdown = if due { None } else { countdown.map(|left| left - 1) };
    due
}

unsafe extern "C" fn write(file: AnyFile, from: *const c_void, bytes: c_int, at: i64) -> c_int {
    // SAFETY: passed on as it came, or less of it.
    unsafe {
        let (disk, is_log) = ours(file);
        let (real, methods) = real(file);
        let write = methods.xWrite.unwrap();
        let Some(disk) = disk else { return write(real, from, bytes, at) };
        let mut state = disk.state();
        if state.dead {
            return ffi::SQLITE_IOERR_WRITE;
        }
        if is_log && bytes == PAGE_BYTES {
            if is_due(&mut state.kill_in) {
                state.dead = true;
                state.happened.killed += 1;
                write(real, from, bytes / 2, at);
                return ffi::SQLITE_IOERR_WRITE;
            }
            if is_due(&mut state.full_in) {
                state.happened.full += 1;
                return ffi::SQLITE_FULL;
            }
        }
        // The lock is held, so that nothing is written once the disk is dead.
        write(real, from, bytes, at)
    }
}

unsafe extern "C" fn truncate(file: AnyFile, size: i64) -> c_int {
    // SAFETY: passed on as it came.
    unsafe {
        let (real, methods) = real(file);
        let truncate = methods.xTruncate.unwrap();
        let Some(disk) = ours(file).0 else { return truncate(real, size) };
        let state = disk.state();
        if state.dead { ffi::SQLITE_IOERR_TRUNCATE } else { truncate(real, size) }
    }
}

unsafe extern "C" fn sync(file: AnyFile, flags: c_int) -> c_int {
    // SAFETY: passed on as it came.
    unsafe {
        let (disk, is_log) = ours(file);
        let Some(disk) = disk else {
            let (real, methods) = real(file);
            return methods.xSync.unwrap()(real, flags);
        };
        let mut state = disk.state();
        if state.dead {
            return ffi::SQLITE_IOERR_FSYNC;
        }
        if is_log && is_due(&mut state.sync_in) {
            state.happened.unsynced += 1;
            return ffi::SQLITE_IOERR_FSYNC;
        }
        ffi::SQLITE_OK
    }
}

unsafe extern "C" fn shm_lock(file: AnyFile, offset: c_int, n: c_int, flags: c_int) -> c_int {
    // SAFETY: passed on as it came.
    unsafe {
        let (disk, _) = ours(file);
        let (real, methods) = real(file);
        let exclusive = flags == ffi::SQLITE_SHM_LOCK | ffi::SQLITE_SHM_EXCLUSIVE;
        if let Some(disk) = disk.filter(|_| offset == WRITE_LOCK && n == 1 && exclusive) {
            let mut state = disk.state();
            WAITS_IN_VAIN.set(state.locked);
            if state.locked {
                state.happened.locked += 1;
                return ffi::SQLITE_BUSY;
            }
        }
        methods.xShmLock.unwrap()(real, offset, n, flags)
    }
}

/// Functions that pass on what they are given.
macro_rules! passed_on {
    ($($name:ident => $method:ident($($argument:ident: $of:ty),*) -> $answer:ty;)*) => {$(
        unsafe extern "C" fn $name(file: AnyFile $(, $argument: $of)*) -> $answer {
            // SAFETY: passed on as it came.
            unsafe {
                let (real, methods) = real(file);
                methods.$method.unwrap()(real $(, $argument)*)
            }
        }
    )*};
}

passed_on! {
    file_size => xFileSize(size: *mut i64) -> c_int;
    lock => xLock(level: c_int) -> c_int;
    unlock => xUnlock(level: c_int) -> c_int;
    check_reserved_lock => xCheckReservedLock(out: *mut c_int) -> c_int;
    file_control => xFileControl(op: c_int, argument: *mut c_void) -> c_int;
    sector_size => xSectorSize() -> c_int;
    device_characteristics => xDeviceCharacteristics() -> c_int;
    shm_map => xShmMap(page: c_int, size: c_int, extend: c_int, out: *mut *mut c_void) -> c_int;
    shm_barrier => xShmBarrier() -> ();
    shm_unmap => xShmUnmap(delete: c_int) -> c_int;
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};
