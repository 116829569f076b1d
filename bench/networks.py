"""python -m bench.networks [--quick]: what networks cost, written to bench/results/networks.json (not with --quick).

1. How many recorded payloads each adapter reads in a second, by one process: `split`, then `read` of what it gave. Of the
   network's own `payloads/`, which every adapter has, so that the figures stand beside each other.
2. What an account that is asked now and then costs while nothing happens: memory (Pss, PostgreSQL included), threads and
   connections to the database with no account and with 500 on one installation, after each was asked once.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from hark.ops import django_setup

from .cpu import PROC
from .installation import ROOT, Installation, remove
from .memory import tree, tree_mib

ACCOUNTS, QUICK_ACCOUNTS = 500, 60
ROUND_SECONDS = 300  # until every account was asked once
SETTLE_SECONDS = 10.0


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="bench.networks", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a look in seconds, not a figure")
    parser.add_argument("--reading-only", action="store_true")
    parser.add_argument("--connect", nargs=2, metavar=("COUNT", "URL"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.connect:
        connect(int(asked.connect[0]), asked.connect[1])
        return 0
    django_setup.load()
    found: dict[str, Any] = {"payloads_per_second": reading(0.2 if asked.quick else 2.0)}
    if not asked.reading_only:
        found["idle"] = idle(QUICK_ACCOUNTS if asked.quick else ACCOUNTS)
    if not asked.quick and not asked.reading_only:
        (Path(__file__).parent / "results" / "networks.json").write_text(json.dumps(found, indent=1) + "\n")
    grew = found.get("idle", {}).get("grew", [])
    for line in grew:
        print(f"WRONG: {line}")
    return 1 if grew else 0


# Reading ----------------------------------------------------------------------------------------------


def reading(seconds: float) -> dict[str, float]:
    """Payloads a second, by network. What can't be read counts as well: it costs the same."""
    from hark.channels.registry import all_networks

    found = {}
    for network in sorted(all_networks(), key=lambda one: one.slug):
        found[network.slug] = round(_rate(network, seconds))
        print(f"  {network.slug:16} {found[network.slug]:>10,} payloads/s", flush=True)
    return found


def _rate(network: Any, seconds: float) -> float:
    from hark.channels import contract
    from hark.channels.base import Skipped, Unreadable

    account, bodies = contract.account(network), [body for _, body in contract.bodies(network)]
    began, count = time.perf_counter(), 0
    while (spent := time.perf_counter() - began) < seconds or not count:
        for body in bodies:
            try:
                for envelope in network.split(body):
                    network.read(envelope.raw, account)
            except (Skipped, Unreadable):
                pass
        count += len(bodies)
    return count / spent if spent else 0.0


# Idle accounts ----------------------------------------------------------------------------------------


class Quiet(BaseHTTPRequestHandler):
    """A review site where nobody says anything."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None: ...


def idle(accounts: int) -> dict[str, Any]:
    """With no account and with so many: what the installation holds, and what each account adds."""
    site = ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="hark-bench-networks-") as made:
        Path(made).chmod(0o755)
        hark = Installation(Path(made) / "hark")
        hark.variables["HARK_ALLOW_PRIVATE"] = "localhost"
        try:
            hark.start()
            hark.desks(1, 1)
            before = _held(hark)
            command = [
                sys.executable,
                "-m",
                "bench.networks",
                "--connect",
                str(accounts),
                f"http://localhost:{site.server_port}",
            ]
            subprocess.run(command, cwd=ROOT, env=hark.variables, check=True, timeout=300)
            began = time.monotonic()
            while hark.one(
                "SELECT count(*) FROM channels_account WHERE channel = 'google_business' AND last_seen_at IS NULL"
            ):
                if time.monotonic() - began > ROUND_SECONDS:
                    raise TimeoutError("some account was never asked")
                time.sleep(0.5)
            asked = time.monotonic() - began
            after = _held(hark)
        finally:
            hark.stop()
            remove(hark.folder)
            site.shutdown()
    each = (after["mib"] - before["mib"]) * 1024 / accounts
    grew = [
        f"{name} grew from {before[name]} to {after[name]}"
        for name, most in (
            ("connections", 4),
            ("threads", 40),
        )  # pools fill up; an account each would be hundreds
        if after[name] - before[name] > most
    ]
    print(
        f"  {accounts} accounts, each asked once within {asked:.0f} s: {before} → {after}, {each:.0f} KiB an account",
        flush=True,
    )
    return {
        "accounts": accounts,
        "none": before,
        "all": after,
        "kib_per_account": round(each, 1),
        "grew": grew,
    }


def _held(hark: Installation) -> dict[str, Any]:
    time.sleep(SETTLE_SECONDS)
    pids = [pid for root in hark.pids() for pid in tree(root)]
    return {
        "mib": round(sum(tree_mib(root) for root in hark.pids()), 1),
        "threads": sum(_threads(pid) for pid in pids),
        "connections": hark.one("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
        - 1,
    }


def _threads(pid: int) -> int:
    try:
        return len(list((PROC / str(pid) / "task").iterdir()))
    except OSError:
        return 0


def connect(count: int, url: str) -> None:
    """So many places of the first brand, asked at once and then once an hour. Runs with the installation's environment."""
    django_setup.load()
    from hark.brands.models import Brand
    from hark.channels import actions

    brand = Brand.objects.order_by("pk")[0]
    for number in range(count):
        fields = {
            "external_id": f"accounts/1/locations/{number}", "handle": f"Place {number}",
            "settings": {"server": url, "poll_seconds": 3600}, "credentials": {"access": "token"},
        }  # fmt: skip
        actions.connect(brand, "google_business", fields)


if __name__ == "__main__":
    sys.exit(main())
