"""The worker, to be killed: loaded once and forked again after every death, as the supervisor does, but at once.

python -m tests.torture.sender FD      writes the process id of each life to that file descriptor, one a line

Only the waits are shorter than in the product: how long a call may take, and how long a network is left alone that
can't be reached or names no time. HARK_LEASE_SECONDS must stay longer than three calls.
"""

from __future__ import annotations

import os
import signal
import sys

CALL_SECONDS = 1.2
WAIT_SECONDS = 4.0


def main() -> None:
    from hark.ops import django_setup
    from hark.ops.child import Child

    django_setup.load()
    import atproto_client.utils  # noqa: F401  what the first reply would load
    import httpx
    from django.db import connections

    from hark.channels.networks.bluesky import api, failures
    from hark.journeys import worker
    from hark.web import outbound

    outbound.TIMEOUT = httpx.Timeout(CALL_SECONDS)
    api.UNKNOWN_WAIT_SECONDS = WAIT_SECONDS
    failures.UNREACHED_WAIT_SECONDS = 1.0
    connections.close_all()
    sender = Child("worker", worker.main, signal.SIGKILL)
    while True:
        sender.start()
        os.write(int(sys.argv[1]), b"%d\n" % (sender.pid or 0))
        os.waitpid(sender.pid or 0, 0)


if __name__ == "__main__":
    main()
