"""The settings of the embedded PostgreSQL, written anew at each start. An operator's own go to local.conf."""

import os
from pathlib import Path

MB = 1024 * 1024


def text(sockets: Path) -> str:
    """hark.conf: durable always; sized for the machine; no statement of anybody's in a log."""
    memory = _memory_mb()
    values = {
        "listen_addresses": "",
        "unix_socket_directories": _quoted_path(sockets),
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "shared_buffers": f"{min(max(memory // 8, 64), 1024)}MB",
        "effective_cache_size": f"{max(memory // 2, 128)}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": f"{min(max(memory // 16, 64), 512)}MB",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        "jit": "off",  # costs more than it gives on queries of milliseconds
        "idle_in_transaction_session_timeout": "10min",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        "logging_collector": "on",
        "log_directory": "log",
        "log_filename": "postgresql-%a.log",
        "log_truncate_on_rotation": "on",
        "log_rotation_age": "1d",
        "log_rotation_size": "0",
        # A statement or a DETAIL line holds what customers wrote: keep them out of files.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_checkpoints": "off",
    }
    lines = [f"{name} = {_quoted(value)}" for name, value in values.items()]
    return "\n".join(["# Written by Hark at each start. Put your own settings into local.conf.", *lines, ""])


INCLUDES = "\ninclude 'hark.conf'\ninclude_if_exists 'local.conf'\n"


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _quoted_path(path: Path) -> str:
    return (
        '"' + str(path).replace('"', '""') + '"'
    )  # it is a list: commas and spaces need quotes of their own


def _memory_mb() -> int:
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MB
    try:  # the limit of a container, where there is one
        limit = int(Path("/sys/fs/cgroup/memory.max").read_text())
    except (OSError, ValueError):
        return total
    return min(total, limit // MB)
