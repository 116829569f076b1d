"""Where wrk is not installed: the same load by asyncio. Slower, so the figures say which client made them."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from .harness import percentile


def send_all(path: Path, port: int, size: int, count: int, connections: int) -> dict[str, float]:
    """Send each request of the file once; answers, refused, broken, seconds, p50_ms, p99_ms as signed.lua gives them."""
    data = path.read_bytes()
    return asyncio.run(_send(memoryview(data), port, size, iter(range(count)), connections))


async def _send(
    data: memoryview, port: int, size: int, numbers: object, connections: int
) -> dict[str, float]:
    took: list[float] = []
    found = {"answers": 0, "refused": 0, "broken": 0}

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in numbers:  # type: ignore[attr-defined]
            began = time.perf_counter()
            writer.write(bytes(data[number * size : (number + 1) * size]))
            try:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
                )
                await reader.readexactly(int(length.split(b":")[1]))
            except (OSError, asyncio.IncompleteReadError, StopIteration):
                found["broken"] += 1
                break
            took.append((time.perf_counter() - began) * 1000)
            found["answers"] += 1
            found["refused"] += not head.startswith(b"HTTP/1.1 2")
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    return found | {
        "seconds": time.perf_counter() - began,
        "p50_ms": percentile(took, 0.5),
        "p99_ms": percentile(took, 0.99),
    }
