"""Other people's systems, installed from their packages and measured beside Hark: django-helpdesk and Request Tracker.

They get every benefit: the cheapest authentication each offers, no outgoing mail, four preloaded workers, their own full-text
index, warmed up. All live in one PostgreSQL (cluster.py) that a Hark of the same run may share by HARK_DATABASE_URL.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

from ..harness import Run
from .cluster import Cluster
from .helpdesk import Helpdesk
from .peer import NotHere, Peer
from .tracker import Tracker

KINDS: dict[str, type[Peer]] = {"django-helpdesk": Helpdesk, "Request Tracker": Tracker}


@contextmanager
def serving(run: Run, tickets: int, *, index: bool = False) -> Iterator[tuple[Cluster, dict[str, Peer]]]:
    """Their common cluster, and each peer that can be had here, serving at least so many tickets.

    `index` builds Request Tracker's full-text index. A peer that can't be installed is left out and that is said;
    `--set peers=none` leaves out all.
    """
    with ExitStack() as stack:
        cluster = stack.enter_context(Cluster(run.kept / "peers").running())
        found: dict[str, Peer] = {}
        wanted = {} if run.options.get("peers") == "none" else KINDS
        for name, kind in wanted.items():
            try:
                peer = kind(cluster)
                peer.prepare(run.say, tickets, index=index)
            except NotHere as problem:
                run.say(f"{name} is not here: {problem}")
                continue
            found[name] = stack.enter_context(peer.serving())
        yield cluster, found


def pids(peers: Iterable[Peer]) -> list[int]:
    return [peer.pid for peer in peers]
