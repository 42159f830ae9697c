/* Loaded before the C library: while the file named by FSYNC_FAILS_IF exists, every fsync fails as
 * it does on a broken disk. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int broken(void) {
    const char *name = getenv("FSYNC_FAILS_IF");
    return name != NULL && access(name, F_OK) == 0;
}

int fsync(int file) {
    if (broken()) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fsync, file);
}

int fdatasync(int file) {
    if (broken()) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, file);
}
