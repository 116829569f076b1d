/* A bad machine, preloaded before Hark's processes.
   Disk: fsync and fdatasync of PostgreSQL give EIO while the file named by HARK_TORTURE_FSYNC is there; each refusal adds
   a byte to the file of that name with ".log".
   Clock: the time of day is ahead by the seconds in the file named by HARK_TORTURE_CLOCK, a long, as it stands at the
   moment. No lock is taken, so that a process may be killed anywhere. The monotonic clock is right, as on any machine. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int is_postgres;
static volatile const long *ahead;

/* At once: later PostgreSQL writes over the name it was started by. */
__attribute__((constructor)) static void look(void) {
    is_postgres = !strcmp(program_invocation_short_name, "postgres");
    const char *name = getenv("HARK_TORTURE_CLOCK");
    int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *found = mmap(NULL, sizeof(long), PROT_READ, MAP_SHARED, file, 0);
    if (found != MAP_FAILED) ahead = found;
    close(file);
}

static int fails(void) {
    const char *name = getenv("HARK_TORTURE_FSYNC");
    if (!name || !is_postgres || access(name, F_OK)) return 0;
    char path[4096];
    snprintf(path, sizeof path, "%s.log", name);
    int log = open(path, O_WRONLY | O_APPEND);
    if (log >= 0) {
        if (write(log, "x", 1) < 0) perror("fsync log");
        close(log);
    }
    errno = EIO;
    return 1;
}

int fsync(int file) { return fails() ? -1 : (int)syscall(SYS_fsync, file); }
int fdatasync(int file) { return fails() ? -1 : (int)syscall(SYS_fdatasync, file); }

int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(clock, now);
    if (!failed && ahead && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += *ahead;
    return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec exact;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &exact)) return -1;
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *also) {
    struct timespec exact;
    if (clock_gettime(CLOCK_REALTIME, &exact)) return -1;
    if (also) *also = exact.tv_sec;
    return exact.tv_sec;
}
