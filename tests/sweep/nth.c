/* Loaded before the C library: counts calls that write, over all threads, and strikes at the n-th.
 *
 * SWEEP_CALLS  the calls that count, as "write,pwrite64"
 * SWEEP_AT     the call that is struck, from 1 on
 * SWEEP_DOES   before, after, torn: the process is killed before the call, after it, or when half
 *              of it is done; ENOSPC, EIO: the call fails, and so do SWEEP_FOR calls from there.
 *              Failures count calls on files only.
 * Calls on anything but files and sockets, as by which threads wake each other, never count.
 * SWEEP_MARK   a file that is written to when a call is struck
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum does { NOTHING, BEFORE, AFTER, TORN, FAILS };

static atomic_long count;
static const char *calls = "";
static long at, during = 1;
static enum does does = NOTHING;
static int failure;

__attribute__((constructor)) static void read_environment(void) {
    const char *text = getenv("SWEEP_CALLS");
    if (text != NULL) calls = text;
    if ((text = getenv("SWEEP_AT")) != NULL) at = atol(text);
    if ((text = getenv("SWEEP_FOR")) != NULL) during = atol(text);
    if ((text = getenv("SWEEP_DOES")) == NULL) return;
    if (strcmp(text, "before") == 0) does = BEFORE;
    if (strcmp(text, "after") == 0) does = AFTER;
    if (strcmp(text, "torn") == 0) does = TORN;
    if (strcmp(text, "ENOSPC") == 0) { does = FAILS; failure = ENOSPC; }
    if (strcmp(text, "EIO") == 0) { does = FAILS; failure = EIO; }
}

static int is_counted(const char *call) {
    size_t length = strlen(call);
    for (const char *rest = calls; *rest != '\0';) {
        size_t word = strcspn(rest, ",");
        if (word == length && strncmp(rest, call, length) == 0) return 1;
        rest += word + (rest[word] == ',');
    }
    return 0;
}

static int is_concerned(int file) {
    struct stat status;
    if (syscall(SYS_fstat, file, &status) != 0) return 0;
    return S_ISREG(status.st_mode) || (does != FAILS && S_ISSOCK(status.st_mode));
}

static void mark(void) {
    const char *name = getenv("SWEEP_MARK");
    if (name == NULL) return;
    int file = (int)syscall(SYS_openat, AT_FDCWD, name, O_CREAT | O_WRONLY | O_APPEND, 0600);
    syscall(SYS_write, file, "struck\n", 7);
    syscall(SYS_close, file);
}

static enum does strike(const char *call, int file) {
    if (does == NOTHING || !is_counted(call) || !is_concerned(file)) return NOTHING;
    long number = atomic_fetch_add(&count, 1) + 1;
    if (number < at || number >= at + (does == FAILS ? during : 1)) return NOTHING;
    mark();
    return does;
}

static void end(void) {
    syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
    for (;;) pause();
}

/* A call of `size` bytes, of which half are written when it is torn. */
#define STRUCK(call, file, size, made)                                  \
    enum does struck = strike(call, file);                              \
    if (struck == FAILS) { errno = failure; return -1; }                \
    if (struck == BEFORE) end();                                        \
    if (struck == TORN) size /= 2;                                      \
    long result = made;                                                 \
    if (struck == AFTER || struck == TORN) end();                       \
    return result

ssize_t write(int file, const void *bytes, size_t size) {
    STRUCK("write", file, size, syscall(SYS_write, file, bytes, size));
}

ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t place) {
    STRUCK("pwrite64", file, size, syscall(SYS_pwrite64, file, bytes, size, place));
}

ssize_t pwrite(int file, const void *bytes, size_t size, off_t place) {
    STRUCK("pwrite64", file, size, syscall(SYS_pwrite64, file, bytes, size, place));
}

ssize_t writev(int file, const struct iovec *parts, int size) {
    STRUCK("writev", file, size, syscall(SYS_writev, file, parts, size));
}

ssize_t send(int socket, const void *bytes, size_t size, int flags) {
    STRUCK("sendto", socket, size, syscall(SYS_sendto, socket, bytes, size, flags, NULL, 0));
}

ssize_t sendto(int socket, const void *bytes, size_t size, int flags,
               const struct sockaddr *to, socklen_t length) {
    STRUCK("sendto", socket, size, syscall(SYS_sendto, socket, bytes, size, flags, to, length));
}

int fsync(int file) {
    int nothing = 0;
    STRUCK("fsync", file, nothing, syscall(SYS_fsync, file));
}

int fdatasync(int file) {
    int nothing = 0;
    STRUCK("fdatasync", file, nothing, syscall(SYS_fdatasync, file));
}

int ftruncate64(int file, off64_t size) {
    STRUCK("ftruncate", file, size, syscall(SYS_ftruncate, file, size));
}

int ftruncate(int file, off_t size) {
    STRUCK("ftruncate", file, size, syscall(SYS_ftruncate, file, size));
}
