"""What each process runs. They share the database and nothing else; the supervisor forks them, `hark run` runs one."""

import errno
import os
import socket
from collections.abc import Callable
from pathlib import Path

from hark.ops.environment import Environment
from hark.ops.errors import OpsError

LISTENING = "0A"  # in /proc/net/tcp
GIVES_WAY = 10  # steps of nice: a ninth of the share of a process that gives way to nobody
# Longer than a proxy in front keeps a line to us (nginx 60 s, Caddy 2 minutes): else it sends into one that we just ended.
# https://nginx.org/en/docs/http/ngx_http_upstream_module.html and https://caddyserver.com/docs/caddyfile/directives/reverse_proxy
LINE_RESTS_SECONDS = 130
STREAMS_END_SECONDS = 3  # how long an open live stream may delay the stop of the web process


def web(env: Environment, listening: socket.socket | None) -> None:
    """Hooks, live topics and pages on one port, until SIGTERM."""
    import uvicorn

    from hark.channels.doorman import Doorman

    config = uvicorn.Config(
        "hark.config.asgi:application",
        loop="uvloop",
        http=Doorman,
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=bool(env.proxies),  # nobody may claim another address in a header but the proxies named
        forwarded_allow_ips=list(env.proxies),
        timeout_keep_alive=LINE_RESTS_SECONDS,
        timeout_graceful_shutdown=STREAMS_END_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[listening or listen(env)])


def worker(env: Environment, listening: socket.socket | None) -> None:
    """Arrival, outbox, clocks: rows claimed in batches. Where processors are short, the open door comes first."""
    os.nice(GIVES_WAY)
    from hark.journeys.worker import main

    main()


def jobs(env: Environment, listening: socket.socket | None) -> None:
    """Discrete work: back-fills, mail, what happens every so often; and the probe and the samples beside it."""
    from procrastinate.contrib.django import app

    from hark.ops import upkeep

    upkeep.start()
    with app.replace_connector(app.connector.get_worker_connector()) as running:
        running.run_worker(concurrency=4, shutdown_graceful_timeout=5, delete_jobs="successful")


def collectors(env: Environment, listening: socket.socket | None) -> None:
    """One supervised task for each streaming or polling account."""
    from hark.channels.collectors import main

    main()


PROCESSES: dict[str, Callable[[Environment, socket.socket | None], None]] = {
    "web": web,
    "collectors": collectors,
    "worker": worker,
    "jobs": jobs,
}


def listen(env: Environment) -> socket.socket:
    """The one listening socket. Bound before anything else starts, so that a taken port is said at once."""
    family = socket.AF_INET6 if ":" in env.host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((env.host, env.port))
        listening.listen(2048)
    except OSError as error:
        listening.close()
        raise OpsError(_why_not(env, error)) from error
    return listening


def _why_not(env: Environment, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {env.port} on {env.host} is taken{_by_whom(env.port)}. "
            f"Stop that, or choose another port: HARK_PORT={env.port + 1 if env.port < 65535 else 8000} make run"
        )
    if error.errno == errno.EACCES:
        return f"This user may not listen on port {env.port}. Choose one above 1023 with HARK_PORT."
    return f"Can't listen on {env.host}:{env.port} (HARK_HOST, HARK_PORT): {error.strerror or error}."


def _by_whom(port: int) -> str:
    """Which process listens there, where the system lets us know."""
    inodes = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        if table.exists():
            rows = [line.split() for line in table.read_text().splitlines()[1:]]
            here = [row for row in rows if row[3] == LISTENING and int(row[1].rpartition(":")[2], 16) == port]
            inodes |= {f"socket:[{row[9]}]" for row in here}
    for folder in Path("/proc").glob("[0-9]*/fd"):
        try:
            if any(str(link.readlink()) in inodes for link in folder.iterdir()):
                name = (folder.parent / "comm").read_text().strip()
                return f" by process {folder.parent.name} ({name})"
        except OSError:
            continue
    return ""
