"""One process below the supervisor: forked, watched, started again when it dies."""

import ctypes
import gc
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
# A fork costs next to nothing, and while web waits its turn the door is shut: five seconds at most (G1).
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 3.0
STEADY_SECONDS = 5  # who ran that long is forgiven earlier falls: it does its work again


@dataclass
class Child:
    """A process by name, and what is known of its present and past lives."""

    name: str
    run: Callable[[], None]
    dies_with: signal.Signals  # what it gets when the supervisor is killed
    pid: int | None = None
    started_at: float = 0.0
    start_again_at: float | None = None
    pause_seconds: float = field(default=FIRST_PAUSE_SECONDS)

    def start(self) -> None:
        """Fork. The child keeps the modules already loaded, so that it starts at once and shares their memory."""
        sys.stdout.flush()
        sys.stderr.flush()
        parent = os.getpid()
        self.started_at, self.start_again_at = time.monotonic(), None
        pid = os.fork()
        if pid:
            self.pid = pid
            return
        code = 1
        try:
            _become_child(self.name, parent, self.dies_with)
            self.run()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except KeyboardInterrupt:
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def fell(self) -> float:
        """It died: note when to start it again; the seconds until then, doubling with each quick death."""
        self.pid = None
        if time.monotonic() - self.started_at > STEADY_SECONDS:
            self.pause_seconds = FIRST_PAUSE_SECONDS
        pause = self.pause_seconds
        self.start_again_at = time.monotonic() + pause
        self.pause_seconds = min(pause * 2, LONGEST_PAUSE_SECONDS)
        return pause

    def is_due(self) -> bool:
        return (
            self.pid is None and self.start_again_at is not None and time.monotonic() >= self.start_again_at
        )

    def send(self, number: signal.Signals) -> None:
        """To the child and whatever it started: it leads a process group of its own."""
        if self.pid is None:
            return
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            pass
        except PermissionError:  # macOS says so of a zombie
            pass


def _become_child(name: str, parent: int, dies_with: signal.Signals) -> None:
    os.setpgid(0, 0)  # Ctrl-C at the terminal is for the supervisor, who stops us in order
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGALRM):
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, set())
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(PR_SET_PDEATHSIG, int(dies_with), 0, 0, 0)
        libc.prctl(PR_SET_NAME, f"hark {name}".encode(), 0, 0, 0)
    if os.getppid() != parent:  # it died before we could ask to be told
        os._exit(1)
    gc.enable()


def how_it_ended(status: int) -> str:
    """A wait status in words."""
    if os.WIFSIGNALED(status):
        return f"was killed by {signal.Signals(os.WTERMSIG(status)).name}"
    return f"ended with code {os.WEXITSTATUS(status)}"
