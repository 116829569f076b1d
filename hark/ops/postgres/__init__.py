"""The embedded PostgreSQL: the programs of a wheel, run by a small manager of ours. Needs no Django.

`place.py` says where and as whom, `programs.py` finds the binaries, `cluster.py` starts and stops.
Why so: docs/adr/0001-embedded-postgresql.md.
"""

from hark.ops.postgres.cluster import end_at_once, is_headless, is_running, start, stop
from hark.ops.postgres.place import dsn

__all__ = ["dsn", "end_at_once", "is_headless", "is_running", "start", "stop"]
