"""Addresses that lead inside, written in every way that somebody has tried; and a resolver of our own that lies."""

from __future__ import annotations

import ipaddress
import itertools
import random
import socket
import threading
from typing import Any

PUBLIC = "93.184.216.34"
TARGETS = (
    "127.0.0.1",
    "127.8.7.6",
    "10.1.2.3",
    "172.16.5.4",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.7",
    "0.0.0.0",
)
SIX = (
    "::1",
    "::",
    "fe80::1",
    "fe80::1%lo",
    "fe80::1%25lo",
    "fd00:ec2::254",
    "fc00::1",
    "fec0::1",
    "ff02::1",
    "5f00::1",
)
ALLOWED = "allowed.test"  # HARK_ALLOW_PRIVATE names it: a server of one's own, which may still lie
NAMES = {
    "public.test": [PUBLIC],
    ALLOWED: ["10.9.8.7"],
    "private.test": ["10.1.2.3"],
    "loopback.test": ["127.0.0.1"],
    "metadata.test": ["169.254.169.254"],
    "metadata.google.internal": ["169.254.169.254"],
    "mixed.test": [PUBLIC, "10.1.2.3"],
    "mixed-six.test": [PUBLIC, "::1"],
    "six.test": ["fd00:ec2::254"],
    "mapped.test": ["::ffff:127.0.0.1"],
    "nat64.test": ["64:ff9b::7f00:1"],
    "own-nat64.test": ["64:ff9b:1::a9fe:a9fe"],
    "translated.test": ["::ffff:0:127.0.0.1"],
    "site.test": ["fec0::1"],
}
LOCAL = ("localhost", "localhost.", "LOCALHOST", "foo.localhost", "ip6-localhost", "ip6-loopback")
REBINDS = "rebind.test"  # public when it is asked first, private ever after
INSIDE = [
    ipaddress.ip_network(one)
    for one in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/3", "2001::/32", "2001:db8::/32", "2002::/16",
    )
]  # fmt: skip
GLOBAL_SIX = ipaddress.ip_network("2000::/3")


def is_inside(address: str) -> bool:
    """Whether nobody outside should be able to lead us there. Judged apart from the product's own rule."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    return any(ip in net for net in INSIDE if net.version == ip.version) or (
        ip.version == 6 and ip not in GLOBAL_SIX
    )


class Resolver:
    """In the place of socket.getaddrinfo. Numbers are read by the system's own, in all the forms that it takes."""

    def __init__(self) -> None:
        self.real = socket.getaddrinfo
        self.asked: set[str] = set()
        self.lock = threading.Lock()

    def __call__(self, host: Any, port: Any, *args: Any, **options: Any) -> list[Any]:
        name = (host.decode() if isinstance(host, bytes) else str(host)).lower().rstrip(".")
        if name.endswith(REBINDS):
            with self.lock:
                first = name not in self.asked
                self.asked.add(name)
            found = [PUBLIC if first else "127.0.0.1"]
        elif name in NAMES:
            found = NAMES[name]
        elif name.endswith((".test", ".app", ".directory", ".example")):
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        else:
            return self.real(host, port, *args, **options)
        answers = [self.real(one, port, *args, **options) for one in found]
        return list(itertools.chain.from_iterable(answers))


def hosts(chance: random.Random) -> str:
    """One host that leads inside."""
    kind = chance.randrange(8)
    if kind == 0:
        return chance.choice([*NAMES, *LOCAL])
    if kind == 1:
        return f"n{chance.randrange(10**6)}.{REBINDS}"
    if kind == 2:
        return f"[{chance.choice(SIX)}]"
    target = ipaddress.IPv4Address(chance.choice(TARGETS))
    if kind == 3:
        return f"[{chance.choice(_dressed(target))}]"
    return chance.choice(_spelled(chance, target))


def _dressed(target: ipaddress.IPv4Address) -> list[str]:
    """An IPv4 address inside an IPv6 one."""
    high, low = int(target) >> 16, int(target) & 0xFFFF
    return [
        f"::ffff:{target}", f"::ffff:{high:x}:{low:x}", f"0:0:0:0:0:ffff:{high:x}:{low:x}", f"::{target}", f"::ffff:0:{target}",
        f"64:ff9b::{target}", f"64:ff9b:1::{high:x}:{low:x}", f"2002:{high:x}:{low:x}::1",
        f"2001:0:{high:x}:{low:x}::{0xFFFF ^ high:x}:{0xFFFF ^ low:x}",
    ]  # fmt: skip


def _spelled(chance: random.Random, target: ipaddress.IPv4Address) -> list[str]:
    one, two, three, four = target.packed
    plain = str(target)
    fullwidth = plain.translate({ord(digit): 0xFF10 + number for number, digit in enumerate("0123456789")})
    circled = "".join("⓪①②③④⑤⑥⑦⑧⑨"[int(char)] if char.isdigit() else char for char in plain)
    mixed = ".".join(chance.choice([str(part), f"0{part:o}", f"0x{part:x}"]) for part in target.packed)
    return [
        plain, f"{plain}.", str(int(target)), hex(int(target)), f"0{int(target):o}", mixed, fullwidth, circled,
        f"{one}.{int(target) & 0xFFFFFF}", f"{one}.{two}.{three * 256 + four}", f"0x{one:x}.0x{two:x}.0x{three:x}.0x{four:x}",
        f"0{one:o}.0{two:o}.0{three:o}.0{four:o}", f"{one:03}.{two:03}.{three:03}.{four:03}", plain.replace(".", "。"),
        plain.replace(".", "．"), f"{one}%2e{two}%2e{three}%2e{four}", f"{plain}%00.public.test", f"{one}.{two}..{four}",
        f"{plain}.nip.test",
    ]  # fmt: skip


def url(chance: random.Random, ports: tuple[int, ...]) -> str:
    """A whole address: mostly one that a client would follow, else one that it should stumble over."""
    host, port = hosts(chance), chance.choice(ports)
    scheme = chance.choice(["https", "https", "https", "https", "http", "HTTPS", "wss", "ws"])
    at = chance.choice([f"{host}:{port}", f"{host}:{port}", host])
    odd = [
        f"{scheme}://user:pw@{at}/", f"{scheme}://public.test@{at}/", f"{scheme}://public.test:443@{at}/", f"{scheme}:{at}/",
        f"{scheme}://{at}\\@public.test/", f"{scheme}://public.test\\@{at}/", f"{scheme}://public.test#@{at}/", f"//{at}/",
        f"{scheme}:/\\{at}/", f"{scheme}:///{at}/", f" {scheme}://{at}/", f"{scheme}://{at}/\r\nX: y", f"{scheme}\t://{at}/",
        f"{scheme}://{host}:0/", f"{scheme}://{host}:99999/", f"{scheme}://{host}:-1/", f"{scheme}://{host}:²/",
        f"file://{at}/etc/passwd", f"gopher://{at}/_x", f"ftp://{at}/", f"dict://{at}/", f"ldap://{at}/", f"data:,{at}",
        f"jar:{scheme}://{at}!/", f"unix://{at}/run.sock", f"http+unix://{at}/", f"javascript:{at}", at, "https://", "\0", "",
    ]  # fmt: skip
    if chance.random() < 0.3:
        return chance.choice(odd)
    return f"{scheme}://{at}{chance.choice(['/', '', '/latest/meta-data/', '/?a=b', '/%2e%2e/'])}"
